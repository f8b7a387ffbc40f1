import msgspec
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


class Number(Record, frozen=True):
    """Another record, of another shape."""

    number: int


NOTES = Collection(0x1234, 0xFE, Note, (2, 8))
NEXT = Collection(0x1234, 0xFF, Note, (2,))
NUMBERS = Collection(0x1234, 0xFF, Number, (2,))
"""The same keys under the rules of a later version."""


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


KEPT = st.sampled_from((b"aa", b"bb", b"cc"))
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("put"), KEPT, st.sampled_from("xyz")),
        st.tuples(st.just("put raw"), KEPT, st.sampled_from("xyz")),
        st.tuples(st.just("delete"), KEPT),
        st.tuples(st.just("get"), KEPT),
        st.tuples(st.just("mark")),
        st.tuples(st.just("rollback")),
    ),
    max_size=40,
)


def take(state, marks, step, *arguments):
    """Do one step on the state."""
    if step == "put":
        NEXT.put(state, Note(arguments[1]), arguments[0])
    elif step == "put raw":
        state.put(NEXT.key(arguments[0]), msgspec.msgpack.encode(Note(arguments[1])))
    elif step == "delete":
        NEXT.delete(state, arguments[0])
    elif step == "get":
        NEXT.get(state, arguments[0])
    elif step == "mark":
        marks.append(state.mark())
    elif marks:
        state.rollback(marks.pop())


@given(st.dictionaries(KEPT, st.sampled_from("xyz")), STEPS)
def test_a_record_that_was_kept_is_what_its_bytes_decode_to(below, steps):
    stored = {NEXT.key(key): msgspec.msgpack.encode(Note(text)) for key, text in below.items()}
    state = Overlay(TableView(stored))
    marks: list[int] = []
    for step in steps:
        take(state, marks, *step)
        values = {key: state.get(key) for key in state.records}
        assert {k: NEXT.decode(value) for k, value in values.items() if value} == state.records
    scanned = {parts[0]: record for parts, record in NEXT.scan(state)}
    assert {key: NEXT.get(state, key) for key in scanned} == scanned
    assert sum(NEXT.get(state, key) is not None for key in (b"aa", b"bb", b"cc")) == len(scanned)


def test_what_is_read_twice_is_decoded_once_and_again_when_it_changed():
    state = Overlay(TableView({NEXT.key(b"ab"): msgspec.msgpack.encode(Note("below"))}))
    first = NEXT.get(state, b"ab")
    assert NEXT.get(state, b"ab") is first
    mark = state.mark()
    written = Note("written")
    NEXT.put(state, written, b"ab")
    assert NEXT.get(state, b"ab") is written
    state.rollback(mark)
    assert NEXT.get(state, b"ab") == first


def test_a_record_of_another_shape_under_the_same_key_is_decoded_anew():
    state = Overlay(TableView({NEXT.key(b"ab"): msgspec.msgpack.encode(Number(7))}))
    assert NUMBERS.get(state, b"ab") == Number(7)
    with pytest.raises(msgspec.ValidationError):
        NEXT.get(state, b"ab")
