"""The overlay against a plain dictionary, for every sequence of operations."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from unit.ledger.fakes import TableView
from xinlian.ledger import limits
from xinlian.ledger.overlay import Overlay
from xinlian.primitives import InvariantViolation

PREFIXES = (b"\x00\x01\x01", b"\x00\x01\x02")
keys = st.builds(
    lambda prefix, rest: prefix + rest, st.sampled_from(PREFIXES), st.binary(max_size=2)
)
values = st.binary(max_size=2)
operations = st.lists(
    st.one_of(
        st.tuples(st.just("put"), keys, values),
        st.tuples(st.just("delete"), keys),
        st.tuples(st.just("mark")),
        st.tuples(st.just("rollback")),
        st.tuples(st.just("scan"), st.sampled_from(PREFIXES), st.binary(max_size=1)),
    ),
    max_size=40,
)


def end_of(prefix: bytes) -> bytes:
    return prefix[:2] + bytes((prefix[2] + 1,))


@given(st.dictionaries(keys, values, max_size=12), operations)
def test_it_reads_scans_and_rolls_back_like_a_dictionary(below, steps):
    overlay = Overlay(TableView(below))
    model = dict(below)
    marks: list[tuple[int, dict[bytes, bytes]]] = []
    for step, *arguments in steps:
        if step == "put":
            overlay.put(*arguments)
            model[arguments[0]] = arguments[1]
        elif step == "delete":
            overlay.delete(*arguments)
            model.pop(arguments[0], None)
        elif step == "mark":
            marks.append((overlay.mark(), dict(model)))
        elif step == "rollback" and marks:
            mark, model = marks.pop()
            overlay.rollback(mark)
        elif step == "scan":
            prefix, rest = arguments
            expected = [
                (key, model[key]) for key in sorted(model) if prefix + rest <= key < end_of(prefix)
            ]
            assert list(overlay.scan(prefix + rest, end_of(prefix))) == expected
        for key in {*model, *below}:
            assert overlay.get(key) == model.get(key)
    applied = TableView(below)
    applied.take(overlay.writes())
    assert applied.table == model


def test_a_scan_sees_what_is_written_ahead_of_it_and_not_behind():
    prefix = PREFIXES[0]
    overlay = Overlay(TableView({prefix + b"b": b"1", prefix + b"d": b"1"}))
    seen = []
    for key, _ in overlay.scan(prefix, end_of(prefix)):
        seen.append(key[3:])
        if key.endswith(b"b"):
            overlay.put(prefix + b"a", b"behind")
            overlay.put(prefix + b"c", b"ahead")
            overlay.delete(prefix + b"d")
    assert seen == [b"b", b"c"]


def test_the_state_below_is_never_written():
    below = TableView({b"\x00\x01\x01a": b"1"})
    overlay = Overlay(below)
    overlay.put(b"\x00\x01\x01a", b"2")
    overlay.delete(b"\x00\x01\x01a")
    assert below.table == {b"\x00\x01\x01a": b"1"}
    assert overlay.writes() == {b"\x00\x01\x01a": None}


@pytest.mark.parametrize(
    ("key_bytes", "value_bytes"),
    [(limits.STATE_KEY_BYTES_MAX + 1, 0), (3, limits.STATE_VALUE_BYTES_MAX + 1)],
)
def test_an_entry_beyond_the_ceilings_is_our_bug(key_bytes, value_bytes):
    overlay = Overlay(TableView())
    with pytest.raises(InvariantViolation):
        overlay.put(bytes(key_bytes), bytes(value_bytes))
    assert overlay.writes() == {}


def test_a_range_that_was_found_empty_below_is_not_looked_at_again():
    scans = []

    class Watched(TableView):
        def scan(self, start, end):
            scans.append(start[3:])
            return super().scan(start, end)

    prefix, other = PREFIXES
    overlay = Overlay(Watched({prefix + b"d": b"1", other + b"a": b"1"}))
    found = {
        number: [key[3:] for key, _ in overlay.scan(prefix + number, prefix + number + b"\xff")]
        for number in (b"c", b"b", b"c", b"d", b"f", b"e", b"f", b"g", b"b")
    }
    assert found == {b"b": [], b"c": [], b"d": [b"d"], b"e": [], b"f": [], b"g": []}
    assert scans == [b"c", b"b", b"d", b"f", b"e"]
    overlay.put(prefix + b"ff", b"1")
    assert next(overlay.scan(prefix + b"f", end_of(prefix)))[0] == prefix + b"ff"
    assert next(overlay.scan(prefix + b"b", end_of(prefix)))[0] == prefix + b"d"


def test_growth_since_a_mark_counts_new_entries_and_longer_values_once_and_no_removal():
    prefix = PREFIXES[0]
    overlay = Overlay(TableView({prefix + b"a": b"1234", prefix + b"b": b"12"}))
    overlay.put(prefix + b"c", b"before the mark")
    mark = overlay.mark()
    assert overlay.bytes_grown_since(mark) == 0
    overlay.put(prefix + b"a", b"123456")
    overlay.put(prefix + b"a", b"12345")  # one longer than before
    overlay.delete(prefix + b"b")
    overlay.put(prefix + b"c", b"shorter")
    overlay.put(prefix + b"d", b"123")  # key of 4 and value of 3
    overlay.put(prefix + b"e", b"gone")
    overlay.delete(prefix + b"e")
    assert overlay.bytes_grown_since(mark) == 1 + 7
    assert [key[-1:] for key in overlay.keys_written_since(mark)] == [b"a", b"b", b"c", b"d", b"e"]
    overlay.rollback(mark)
    assert overlay.bytes_grown_since(mark) == 0
    assert overlay.bytes_grown_since(0) == len(prefix) + 1 + len(b"before the mark")
