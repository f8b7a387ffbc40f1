"""Damages to the records of social credit, for the tests of its invariants."""

from typing import Any

from xinlian.apps.credit.types import (
    INQUIRIES,
    RECORDS,
    SHELVES,
    CreditRecord,
    Inquiry,
    Mark,
    RecordLife,
    Shelf,
)
from xinlian.ledger.overlay import Overlay

_ID = b"c" * 20


def counted_too_much(state: Overlay) -> None:
    """A shelf that counts a record which is not there."""
    SHELVES.put(state, Shelf(1), b"s" * 20, b"\x07")


def record_of_nobody(**changes: Any) -> CreditRecord:
    """Return a record that ended."""
    fields = {
        "provider": b"p" * 20,
        "subject": b"s" * 20,
        "record_type": "court_enforcement",
        "schema_version": 1,
        "polarity": "adverse",
        "event_day": 1,
        "end_day": 0,
        "as_of_day": 1,
        "amount_minor": 0,
        "legal_basis": "public_by_law",
        "consent": b"",
        "law": "cn.credit_regulation.art13",
        "document_root": b"d" * 32,
        "previous": b"",
        "published_at_ms": 1,
        "expires_at_ms": 0,
        "life": RecordLife.WITHDRAWN,
        "mark": Mark.NONE,
        "objection": b"",
        "is_official": True,
        "suppressed_from_ms": 0,
    }
    return CreditRecord(**(fields | changes))  # type: ignore[arg-type]  # its own fields


def follows_nothing(state: Overlay) -> None:
    """A version of a record that there is none of."""
    RECORDS.put(state, record_of_nobody(previous=b"x" * 20), _ID)


def marked_by_nobody(state: Overlay) -> None:
    """A mark without an objection."""
    RECORDS.put(state, record_of_nobody(mark=Mark.MARKED), _ID)


def shown_out_of_turn(state: Overlay) -> None:
    """An inquiry that marks what it does not show."""
    inquiry = Inquiry(
        b"i" * 20, b"s" * 20, "self", ("query",), b"", "", bytes(32), 1, (), (_ID,), (), 0
    )
    INQUIRIES.put(state, inquiry, _ID)


DAMAGES = {
    "shelves_hold_what_is_current": counted_too_much,
    "versions_follow_one_another": follows_nothing,
    "marks_are_of_open_objections": marked_by_nobody,
    "inquiries_show_what_was_asked": shown_out_of_turn,
}
