"""``xinlian replay``: every block again from genesis, the application hash of each compared."""

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import Progress

from xinlian.bootstrap import GenesisState, build_contracts
from xinlian.cli.home import read_file
from xinlian.cli.options import JsonOption
from xinlian.cli.output import CommandRefused, error_console, show
from xinlian.engines.signatures import SignaturesAhead
from xinlian.ledger.application import Application
from xinlian.ledger.genesis import parse_genesis
from xinlian.ledger.header import decode_head
from xinlian.ledger.ports import Store
from xinlian.ledger.read_ahead import ReadAhead
from xinlian.ledger.replay import Difference, ReplayedHeight, replay
from xinlian.ledger.snapshot import SnapshotInvalid, check_signed
from xinlian.storage import LmdbStore, read_manifest, restore_snapshot

DataArgument = Annotated[
    Path,
    typer.Argument(help="节点数据目录 / folder of a stopped node's data", file_okay=False),
]
GenesisOption = Annotated[
    Path,
    typer.Option("--genesis", help="创世文件 / genesis file", dir_okay=False),
]


def replay_chain(
    data: DataArgument,
    genesis: GenesisOption,
    snapshot: Annotated[
        Path | None,
        typer.Option("--from", help="从此快照之后重放 / begin behind this snapshot"),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Compute every block again; exit 1 at the first height that differs, naming in what.

    A node without its first bodies is replayed from a snapshot: what comes before is not checked.
    """
    genesis_bytes = read_file(genesis)
    store = LmdbStore(data, read_only=True)
    try:
        last = _replay_all(store, genesis_bytes, snapshot, as_json=as_json)
        head_height = _head_height(store)
    finally:
        store.close()
    differences = [difference_row(difference) for difference in last.differences]
    if not differences and last.height != head_height:
        missing = Difference("block", "none", f"blocks up to the head {head_height}")
        differences = [difference_row(missing)]
    show(
        {"equal": not differences, "height": last.height, "differences": differences},
        as_json=as_json,
    )
    if differences:
        raise SystemExit(1)


def difference_row(difference: Difference) -> dict[str, object]:
    """Return a difference as commands print it."""
    return difference._asdict()


def _replay_all(
    store: Store,
    genesis_bytes: bytes,
    snapshot: Path | None,
    *,
    as_json: bool,
) -> ReplayedHeight:
    contracts = build_contracts()
    load = GenesisState(parse_genesis(genesis_bytes), contracts)
    last = ReplayedHeight(-1, ())
    is_silent = as_json or not error_console.is_terminal
    with (
        tempfile.TemporaryDirectory(prefix="xinlian-replay-") as folder,
        Progress(console=error_console, disable=is_silent) as progress,
        SignaturesAhead() as signatures,
    ):
        if snapshot is not None:
            _restore_checked(snapshot, genesis_bytes, Path(folder))
        scratch = LmdbStore(Path(folder), durable=False)
        task = progress.add_task("重放 replay", total=_head_height(store) - _head_height(scratch))
        application = Application(scratch, contracts)
        before = ReadAhead(store, application, signatures).before
        heights: Iterator[ReplayedHeight] = replay(store, application, genesis_bytes, load, before)
        try:
            for last in heights:  # noqa: B007 - the last one is the answer
                progress.advance(task)
        finally:
            scratch.close()
    return last


def _restore_checked(snapshot: Path, genesis_bytes: bytes, folder: Path) -> None:
    """Restore a signed snapshot; raises CommandRefused."""
    try:
        manifest = read_manifest(snapshot)
        check_signed(manifest, genesis_bytes)
        restore_snapshot(snapshot, manifest, folder)
    except SnapshotInvalid as invalid:
        raise CommandRefused("storage/snapshot_invalid", str(invalid)) from None


def _head_height(store: Store) -> int:
    head = store.head()
    return -1 if head is None else decode_head(head).header.height
