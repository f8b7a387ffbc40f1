import pytest
from hypothesis import given
from hypothesis import strategies as st

from unit.ledger.fakes import TableView
from xinlian.ledger.overlay import Overlay
from xinlian.ledger.records import Collection, Record, integer_part
from xinlian.primitives import InvariantViolation


class Note(Record, frozen=True):
    """A record of the tests."""

    text: str


NOTES = Collection(0x1234, 0xFE, Note, (2, 8))
NEXT = Collection(0x1234, 0xFF, Note, (2,))


def test_a_key_is_module_collection_and_parts_of_fixed_width():
    assert NOTES.key(b"ab", integer_part(1)) == b"\x12\x34\xfeab" + bytes(7) + b"\x01"
    for parts in ((b"ab",), (b"a", integer_part(1)), (b"ab", integer_part(1), b"")):
        with pytest.raises(InvariantViolation, match="key_width"):
            NOTES.key(*parts)


def test_what_must_exist_and_does_not_is_our_bug():
    with pytest.raises(InvariantViolation, match="record_exists"):
        NOTES.require(TableView(), b"ab", integer_part(1))
    assert NOTES.get(TableView(), b"ab", integer_part(1)) is None


@given(st.sets(st.tuples(st.binary(min_size=2, max_size=2), st.integers(0, 2**64 - 1))))
def test_a_scan_gives_exactly_the_keys_that_begin_with_its_parts(entries):
    state = Overlay(TableView())
    for lead, number in entries:
        NOTES.put(state, Note(f"{number}"), lead, integer_part(number))
    NEXT.put(state, Note("another collection"), b"\xff\xff")
    ordered = sorted(entries)
    found = [(lead, int.from_bytes(number, "big")) for (lead, number), _ in NOTES.scan(state)]
    assert found == ordered
    for lead in {b"\x00\x00", b"\xff\xff", *(lead for lead, _ in entries)}:
        within = [record.text for _, record in NOTES.scan(state, lead)]
        assert within == [f"{number}" for key, number in ordered if key == lead]
    for lead, number in ordered[:3]:
        rest = [
            int.from_bytes(part, "big")
            for (_, part), _ in NOTES.scan(state, lead, after=(integer_part(number),))
        ]
        assert rest == [n for key, n in ordered if key == lead and n > number]
