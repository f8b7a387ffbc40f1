"""What holds of credit records at every height."""

from collections import Counter
from collections.abc import Callable, Iterator
from typing import Final

from xinlian.apps.credit.keeper import is_contested, type_part
from xinlian.apps.credit.types import (
    CURRENT,
    INQUIRIES,
    OBJECTIONS,
    RECORDS,
    SHELVES,
    ObjectionStatus,
    RecordLife,
)
from xinlian.ledger.ports import StateView
from xinlian.modules.consent.types import CONSENTS

_OPEN: Final = (ObjectionStatus.MARKED, ObjectionStatus.SUPPRESSED)


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


def marks_are_of_open_objections(state: StateView) -> Iterator[str]:
    """A record is contested exactly while the objection that names it has no answer."""
    for (record_id,), record in RECORDS.scan(state):
        objection = OBJECTIONS.get(state, record.objection) if record.objection else None
        if is_contested(record) and (objection is None or objection.status not in _OPEN):
            yield f"credit record {record_id.hex()} bears the mark of no open objection"
    for (objection_id,), objection in OBJECTIONS.scan(state):
        record = RECORDS.require(state, objection.record)
        is_open = objection.status in _OPEN
        if is_open and (not is_contested(record) or record.objection != objection_id):
            yield f"objection {objection_id.hex()} is open and its record bears no mark"
        if (record.provider, record.subject) != (objection.provider, objection.subject):
            yield f"objection {objection_id.hex()} is to a record of others"


def inquiries_show_what_was_asked(state: StateView) -> Iterator[str]:
    """An inquiry shows records of its subject and of the types that it names, on its basis."""
    for (inquiry_id,), inquiry in INQUIRIES.scan(state):
        for record_id in inquiry.shown:
            record = RECORDS.require(state, record_id)
            is_within = record.record_type in inquiry.record_types
            if record.subject != inquiry.subject or not is_within:
                yield f"inquiry {inquiry_id.hex()} shows what it did not ask for"
        if not set(inquiry.marked) <= set(inquiry.shown):
            yield f"inquiry {inquiry_id.hex()} marks what it does not show"
        consent = CONSENTS.get(state, inquiry.consent) if inquiry.consent else None
        wanted = (inquiry.inquirer, inquiry.subject, inquiry.inquiry_purpose)
        if inquiry.consent and (
            consent is None or wanted != (consent.reader, consent.subject, consent.purpose)
        ):
            yield f"inquiry {inquiry_id.hex()} was answered without a consent to it"


INVARIANTS: Final[tuple[Callable[[StateView], Iterator[str]], ...]] = (
    shelves_hold_what_is_current,
    versions_follow_one_another,
    marks_are_of_open_objections,
    inquiries_show_what_was_asked,
)
