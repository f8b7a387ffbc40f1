"""What holds of credit records at every height."""

from collections import Counter
from collections.abc import Callable, Iterator
from typing import Final

from xinlian.apps.credit.keeper import type_part
from xinlian.apps.credit.types import CURRENT, RECORDS, SHELVES, RecordLife
from xinlian.ledger.ports import StateView


def shelves_hold_what_is_current(state: StateView) -> Iterator[str]:
    """A record stands on the shelf of its subject and type exactly while it is current."""
    counts: Counter[tuple[bytes, bytes]] = Counter()
    for (subject, kind, record_id), _ in CURRENT.scan(state):
        counts[subject, kind] += 1
        record = RECORDS.get(state, record_id)
        placed = None if record is None else (record.subject, type_part(record.record_type))
        if record is None or not record.is_current or placed != (subject, kind):
            yield f"credit record {record_id.hex()} stands on a shelf that it is not of"
    for (record_id,), record in RECORDS.scan(state):
        parts = (record.subject, type_part(record.record_type), record_id)
        if record.is_current and CURRENT.get(state, *parts) is None:
            yield f"credit record {record_id.hex()} is current and on no shelf"
    for (subject, kind), shelf in SHELVES.scan(state):
        if shelf.count != counts[subject, kind]:
            yield f"a shelf of {subject.hex()} miscounts its records"


def versions_follow_one_another(state: StateView) -> Iterator[str]:
    """A version names one of the same provider, subject and type that it took the place of."""
    for (record_id,), record in RECORDS.scan(state):
        if not record.previous:
            continue
        before = RECORDS.get(state, record.previous)
        mine = (record.provider, record.subject, record.record_type)
        if (
            before is None
            or before.life != RecordLife.SUPERSEDED
            or mine != (before.provider, before.subject, before.record_type)
        ):
            yield f"credit record {record_id.hex()} follows no version of its own"


INVARIANTS: Final[tuple[Callable[[StateView], Iterator[str]], ...]] = (
    shelves_hold_what_is_current,
    versions_follow_one_another,
)
