"""JSON from strangers: bounds, unique keys and exact numbers."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from unit.connectors.samples import json_bytes
from xinlian.connectors.errors import NotJson, TooDeep, TooLarge, TooManyNodes
from xinlian.connectors.json_input import pointer, read_json
from xinlian.connectors.limits import DOCUMENT_BYTES_MAX


@pytest.mark.parametrize(
    ("data", "error"),
    [
        (b"", NotJson),
        (b"{", NotJson),
        (b"{}{}", NotJson),
        (b'{"a":1,"a":2}', NotJson),
        (b'{"a":{"b":1,"b":1}}', NotJson),
        (b'{"a":"\xff"}', NotJson),
        (b"\xff\xfe{\x00}\x00", NotJson),
        (b'{"a":NaN}', NotJson),
        (b'{"a":-Infinity}', NotJson),
        (b'{"a":1e400}', NotJson),
        (b'{"a":1e-400}', NotJson),
        (b'{"a":01}', NotJson),
        (b'{"a":' + b"9" * 41 + b"}", NotJson),
        (b'{"a":0.' + b"9" * 41 + b"}", NotJson),
        (b'{"a":' + b"9" * 10_000 + b"}", NotJson),
        (b'{"a":"\\ud800"}', NotJson),
        (b'{"\\udfff":1}', NotJson),
        (b'{"a":"unfinished', NotJson),
        (b'{"a":"tab\tinside"}', NotJson),
        (b'{"' + b'\\"' * 2_000_000, NotJson),
        (b'{"\\', NotJson),
        (b"[" * 33 + b"]" * 33, TooDeep),
        (b"[" * 100_000, TooDeep),
        (b'{"a":' * 5_000, TooDeep),
        (b"[" + b"0," * 100_000 + b"0]", TooManyNodes),
        (b"[" + b"[]," * 60_000 + b"[]]", TooManyNodes),
        (b" " * (DOCUMENT_BYTES_MAX + 1), TooLarge),
    ],
    ids=lambda value: value.__name__ if isinstance(value, type) else f"{len(value)} bytes",
)
def test_hostile_and_broken_files_are_refused_by_name(data, error):
    with pytest.raises(error):
        read_json(data)


def test_brackets_and_commas_in_text_do_not_count():
    text = "[{," * 200_000 + '\\"'
    assert read_json(json_bytes({"a": text})) == {"a": text}


def test_numbers_are_exact():
    value = read_json(b'{"a":0.1,"b":26.0,"c":9223372036854775808,"d":1E3}')
    assert value == {"a": Decimal("0.1"), "b": Decimal(26), "c": 2**63, "d": Decimal(1000)}
    assert not any(isinstance(number, float) for number in value.values())


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers(-(10**30), 10**30) | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    )
)
def test_what_was_written_is_read(value):
    assert read_json(json_bytes(value)) == value


def test_a_pointer_escapes_what_rfc_6901_says():
    """The examples of RFC 6901 section 5."""
    assert pointer("a/b") == "/a~1b"
    assert pointer("m~n") == "/m~0n"
    assert pointer("foo", 0) == "/foo/0"
    assert pointer() == ""
