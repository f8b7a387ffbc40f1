"""A cursor comes back as it went out, and anything else is refused by name."""

import base64

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from xinlian.primitives import AMOUNT_MINOR_MAX
from xinlian.readmodels import CursorInvalid, LimitInvalid
from xinlian.readmodels.cursors import check_key, check_limit, decode_cursor, encode_cursor

HEIGHTS = st.integers(0, AMOUNT_MINOR_MAX)
IDS = st.text("abcdefghijklmnopqrstuvwxyz0123456789_.", max_size=120)


def packed(*values):
    return base64.urlsafe_b64encode(msgspec.json.encode(values)).decode().rstrip("=")


@given(HEIGHTS, IDS)
def test_a_cursor_comes_back_as_it_went_out(height, object_id):
    cursor = encode_cursor("leaves", [height, object_id])
    assert decode_cursor("leaves", [int, str], cursor) == (height, object_id)
    assert set(cursor) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")


@given(st.text(max_size=600))
def test_any_other_text_is_refused(text):
    with pytest.raises(CursorInvalid):
        decode_cursor("leaves", [int, str], text)


@pytest.mark.parametrize(
    "cursor",
    [
        packed("parties", 1, "x"),
        packed("leaves", 1),
        packed("leaves", 1, "x", 2),
        packed("leaves", "1", "x"),
        packed("leaves", 1, 2),
        packed("leaves", -1, "x"),
        packed("leaves", AMOUNT_MINOR_MAX + 1, "x"),
        packed("leaves", True, "x"),
        packed("leaves", 1, "a\0b"),
        packed("leaves", 1, "名"),
        packed("leaves", 1, None),
        packed(),
        packed("leaves", 1, "x" * 201),
        "",
        "====",
        "é",
    ],
)
def test_a_cursor_of_another_list_or_shape_is_refused(cursor):
    with pytest.raises(CursorInvalid) as refusal:
        decode_cursor("leaves", [int, str], cursor)
    assert refusal.value.reference == "readmodels/cursor_invalid"


def test_no_cursor_is_the_beginning():
    assert decode_cursor("leaves", [int, str], None) is None
    assert check_key("leaves", [int, str], None) is None


@pytest.mark.parametrize("limit", [0, -1, 201, 10**30])
def test_a_limit_outside_its_range_is_refused(limit):
    with pytest.raises(LimitInvalid):
        check_limit(limit)


@pytest.mark.parametrize("limit", [1, 200])
def test_both_ends_of_the_range_are_limits(limit):
    assert check_limit(limit) == limit
