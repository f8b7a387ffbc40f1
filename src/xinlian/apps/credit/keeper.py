"""Which records of a subject are shown, and the only code that writes their places.

Rules this file keeps:
 1. A record is shown while it is current, not suppressed, and before its time is over.  The time is
    compared here: that the ledger has not yet written the end down changes nothing.
 2. The current records of a subject and a type are a bounded shelf.
"""

from collections.abc import Iterator

import msgspec

from xinlian.apps.credit import events
from xinlian.apps.credit.errors import (
    NoObjection,
    NoRecord,
    NotCurrent,
    NotProvider,
    TooManyRecords,
)
from xinlian.apps.credit.record_types import TYPE_NUMBERS, LegalBasis
from xinlian.apps.credit.types import (
    CURRENT,
    OBJECTIONS,
    RECORDS,
    RECORDS_PER_TYPE_MAX,
    SHELVES,
    TYPE_BYTES,
    CreditRecord,
    CurrentRecord,
    Mark,
    Objection,
    RecordLife,
    Shelf,
)
from xinlian.contracts.context import Context
from xinlian.ledger.ports import StateView
from xinlian.ledger.records import WritableState
from xinlian.modules.documents.handlers import require_document


def type_part(record_type: str) -> bytes:
    """Return the key part of a type."""
    return TYPE_NUMBERS[record_type].to_bytes(TYPE_BYTES, "big")


def is_over(record: CreditRecord, time_ms: int) -> bool:
    """Return whether the time of being shown is over."""
    return bool(record.expires_at_ms) and time_ms >= record.expires_at_ms


def is_shown(record: CreditRecord, time_ms: int) -> bool:
    """Return whether an inquiry is answered with this record at a moment."""
    return record.is_current and not is_over(record, time_ms) and not is_suppressed(record, time_ms)


def is_suppressed(record: CreditRecord, time_ms: int) -> bool:
    """Return whether its provider let the time for an answer pass."""
    return bool(record.suppressed_from_ms) and time_ms >= record.suppressed_from_ms


def is_contested(record: CreditRecord) -> bool:
    """Return whether an objection to it has no answer yet."""
    return record.mark in (Mark.MARKED, Mark.SUPPRESSED)


def shown_records(
    state: StateView,
    subject: bytes,
    record_type: str,
    time_ms: int,
) -> Iterator[tuple[bytes, CreditRecord]]:
    """Yield (id, record) of what is shown of a subject and a type, ascending by id."""
    for (_, _, record_id), _ in CURRENT.scan(state, subject, type_part(record_type)):
        record = RECORDS.require(state, record_id)
        if is_shown(record, time_ms):
            yield record_id, record


def counts(state: StateView, record: CreditRecord) -> bool:
    """Return whether a record counts in a score, beside being shown.

    It does under the subject's consent, in an official role, and when the subject countersigned its
    document: the one against whom it speaks, or both sides.  One side alone is uncorroborated.
    """
    if record.mark == Mark.UNVERIFIABLE:
        return False
    if record.is_official or record.legal_basis == LegalBasis.CONSENT:
        return True
    return record.subject in require_document(state, record.document_root).countersigners


def require_record(state: StateView, record_id: bytes) -> CreditRecord:
    """Return a record; raises NoRecord."""
    found = RECORDS.get(state, record_id)
    if found is None:
        raise NoRecord(record_id.hex())
    return found


def require_own(context: Context, record_id: bytes) -> CreditRecord:
    """Return a record of the acting provider that is current and not over.

    Raises:
        NoRecord, NotProvider, NotCurrent: in this order.
    """
    found = require_record(context.state, record_id)
    if found.provider != context.acting_for:
        raise NotProvider(record_id.hex())
    require_live(found, context.time_ms)
    return found


def require_live(record: CreditRecord, time_ms: int) -> None:
    """Refuse a record that is no more current; raises NotCurrent."""
    if is_over(record, time_ms):
        raise NotCurrent(RecordLife.EXPIRED.name.lower())
    if not record.is_current:
        raise NotCurrent(RecordLife(record.life).name.lower())


def check_room(state: StateView, subject: bytes, record_type: str) -> None:
    """Refuse one more current record than a shelf holds; raises TooManyRecords."""
    shelf = SHELVES.get(state, subject, type_part(record_type))
    if shelf is not None and shelf.count >= RECORDS_PER_TYPE_MAX:
        raise TooManyRecords(str(RECORDS_PER_TYPE_MAX))


def place(state: WritableState, record_id: bytes, record: CreditRecord) -> None:
    """Write a new current record."""
    RECORDS.put(state, record, record_id)
    parts = (record.subject, type_part(record.record_type))
    CURRENT.put(state, CurrentRecord(record.provider), *parts, record_id)
    shelf = SHELVES.get(state, *parts)
    SHELVES.put(state, Shelf(1 if shelf is None else shelf.count + 1), *parts)


def require_objection(state: StateView, objection_id: bytes) -> Objection:
    """Return an objection; raises NoObjection."""
    found = OBJECTIONS.get(state, objection_id)
    if found is None:
        raise NoObjection(objection_id.hex())
    return found


def mark_record(
    state: WritableState,
    record_id: bytes,
    mark: Mark,
    objection_id: bytes,
    suppressed_from_ms: int = 0,
) -> None:
    """Write what an objection does to a record."""
    record = RECORDS.require(state, record_id)
    marked = msgspec.structs.replace(
        record,
        mark=mark,
        objection=objection_id,
        suppressed_from_ms=suppressed_from_ms,
    )
    RECORDS.put(state, marked, record_id)


def hand_over(state: WritableState, objection_id: bytes, record_id: bytes) -> None:
    """Let an open objection be to a later version."""
    objection = OBJECTIONS.require(state, objection_id)
    OBJECTIONS.put(state, msgspec.structs.replace(objection, record=record_id), objection_id)


def end_record(
    context: Context,
    record_id: bytes,
    record: CreditRecord,
    life: RecordLife,
) -> None:
    """Write that a current record has ended, and how."""
    parts = (record.subject, type_part(record.record_type))
    CURRENT.delete(context.state, *parts, record_id)
    shelf = SHELVES.require(context.state, *parts)
    SHELVES.put(context.state, Shelf(shelf.count - 1), *parts)
    ended = msgspec.structs.replace(record, life=life)
    if life == RecordLife.SUPERSEDED and is_contested(record):  # the later version bears the mark
        ended = msgspec.structs.replace(ended, mark=Mark.NONE, suppressed_from_ms=0)
    RECORDS.put(context.state, ended, record_id)
    context.emit(events.RecordEnded(record_id, life))
