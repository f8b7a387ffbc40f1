"""``xinlian doctor``: what is wrong with a store, down to the first differing key.

Rules this file keeps:
 1. The store is only read; a damaged file is first read by another process, since LMDB may end
    the process that reads it.
 2. Everything that is wrong is listed, the first hundred of it; exit 1 when anything is.
 3. A folder in use is not judged: exit 3.
"""

import itertools
from pathlib import Path
from typing import Annotated, Any, Final

import msgspec
import typer

from xinlian.bootstrap import broken_invariants, build_registry
from xinlian.cli.home import read_file
from xinlian.cli.options import JsonOption
from xinlian.cli.output import EXIT_IN_USE, CommandRefused, error_console, show
from xinlian.cli.replay import DataArgument, GenesisOption
from xinlian.ledger.overlay import COLLECTION_PREFIX_BYTES
from xinlian.ledger.ports import Store, StoreError
from xinlian.ledger.records import Collection
from xinlian.ledger.replay import UNREADABLE
from xinlian.ledger.soundness import Fault, faults, first_differing_key
from xinlian.modules.schedule.types import PARKED
from xinlian.primitives import InvariantViolation
from xinlian.storage import LmdbStore, StoreInUse

FAULTS_SHOWN_MAX: Final = 100


def doctor(
    data: DataArgument,
    genesis: GenesisOption,
    against: Annotated[
        Path | None,
        typer.Option("--against", help="与之比较的另一目录 / another store to compare with"),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Examine a stopped node's store; exit 1 when anything is wrong or differs, 3 when it runs.

    Due work that is parked is listed: it waits for a vote, and is no fault of the store.
    """
    genesis_bytes = read_file(genesis)
    try:
        found, difference, height, parked = _examine(data, genesis_bytes, against)
    except StoreInUse as busy:  # says nothing of the store: neither sound nor at fault
        raise CommandRefused("storage/in_use", str(busy), exit_code=EXIT_IN_USE) from None
    for fault in found:
        error_console.print(
            f"高度 height {fault.height}: {fault.what}: {fault.detail}",
            markup=False,
        )
    for item in parked:
        error_console.print(
            f"搁置的到期工作 parked work {item['number']}: {item['work']} {item['subject']}; "
            "修复后由成员表决重做 once mended, members vote to run it again "
            "(governance.ProposeRetry)",
            markup=False,
        )
    is_sound = not found and difference is None
    report: dict[str, object] = {"sound": is_sound, "height": height}
    report["faults"] = [fault._asdict() for fault in found]
    report["parked"] = parked
    if against is not None:
        report["first_difference"] = difference
    show(report, as_json=as_json)
    if not is_sound:
        raise SystemExit(1)


def _examine(
    data: Path,
    genesis_bytes: bytes,
    against: Path | None,
) -> tuple[list[Fault], dict[str, object] | None, int, list[dict[str, object]]]:
    """Return (faults, first difference, height, parked work)."""
    try:
        store = LmdbStore(data, read_only=True)
    except StoreInUse:
        raise
    except StoreError as error:
        return [Fault(-1, "store", str(error))], None, -1, []
    try:
        found = list(itertools.islice(faults(store, genesis_bytes), FAULTS_SHOWN_MAX))
        with store.snapshot() as snapshot:
            height = snapshot.height
        if not found:
            found = _invariant_faults(store)
        parked = [] if found else _parked(store)
        difference = None if against is None else _difference(store, against)
    finally:
        store.close()
    return found, difference, height, parked


def _parked(store: Store) -> list[dict[str, object]]:
    """Return the due work that failed and waits for a vote, the first hundred of it."""
    handlers = build_registry().scheduled
    with store.snapshot() as snapshot:
        items = itertools.islice(PARKED.scan(snapshot), FAULTS_SHOWN_MAX)
        return [
            {
                "number": int.from_bytes(number, "big"),
                "handler_no": item.handler_no,
                "work": getattr(handlers.get(item.handler_no), "__name__", "unknown"),
                "subject": item.subject.hex(),
            }
            for (number,), item in items
        ]


def _invariant_faults(store: Store) -> list[Fault]:
    with store.snapshot() as snapshot:
        if snapshot.height < 0:
            return [Fault(-1, "head", "the store holds no chain")]
        try:
            broken = broken_invariants(snapshot)
        except (*UNREADABLE, InvariantViolation) as error:
            broken = [str(error)]
        return [Fault(snapshot.height, "invariant", text) for text in broken[:FAULTS_SHOWN_MAX]]


def _difference(store: Store, against: Path) -> dict[str, object] | None:
    """Return the first key at which another store differs, with what both hold."""
    other = LmdbStore(against, read_only=True)
    try:
        with store.snapshot() as left, other.snapshot() as right:
            heights = {"height": left.height, "other_height": right.height}
            found = first_differing_key(left, right)
    finally:
        other.close()
    if found is None:
        return None
    collection = build_registry().collections.get(found.key[:COLLECTION_PREFIX_BYTES])
    return {
        **heights,
        "collection": "unknown" if collection is None else collection.record_type.__name__,
        "key": found.key.hex(),
        "value": _decoded(collection, found.left),
        "other_value": _decoded(collection, found.right),
    }


def _decoded(collection: Collection[Any] | None, value: bytes | None) -> object:
    """Return a record's fields by name; bytes as hexadecimal."""
    if value is None:
        return None
    if collection is None:
        return value.hex()
    try:
        record = collection.decode(value)
    except UNREADABLE:
        return value.hex()
    fields = record.__struct_fields__
    return {name: _plain(getattr(record, name)) for name in fields}


def _plain(value: object) -> object:
    if isinstance(value, bytes):
        return value.hex()
    return msgspec.to_builtins(value, enc_hook=str)
