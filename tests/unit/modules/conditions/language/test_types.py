"""Which types hold which others, and which values fit."""

import pytest

from xinlian.modules.conditions.errors import ValueUnfit
from xinlian.modules.conditions.language.types import (
    BOOL,
    DURATION,
    INT,
    TIMESTAMP,
    TIMESTAMP_NS_MAX,
    ListOf,
    Record,
    Text,
    joined,
    require_fits,
)

NOTE = Record("Note", {"text": Text(3)}, frozenset({"text"}))


@pytest.mark.parametrize(
    ("first", "second", "both"),
    [
        (INT, INT, INT),
        (Text(3), Text(5), Text(5)),
        (ListOf(Text(3), 2), ListOf(Text(5), 1), ListOf(Text(5), 2)),
        (ListOf(None, 0), ListOf(INT, 4), ListOf(INT, 4)),
        (ListOf(INT, 4), ListOf(None, 0), ListOf(INT, 4)),
        (ListOf(INT, 4), ListOf(BOOL, 4), None),
        (INT, TIMESTAMP, None),
        (DURATION, TIMESTAMP, None),
        (NOTE, NOTE, NOTE),
        (NOTE, Record("Note", {"text": Text(4)}), None),
    ],
)
def test_a_joined_type_holds_values_of_both(first, second, both):
    assert joined(first, second) == both


@pytest.mark.parametrize(
    ("declared", "value"),
    [
        (BOOL, True),
        (INT, -(2**63)),
        (TIMESTAMP, TIMESTAMP_NS_MAX),
        (DURATION, 0),
        (Text(2), "中文"),
        (ListOf(NOTE, 1), ({},)),
        (ListOf(NOTE, 1), ({"text": "abc"},)),
    ],
)
def test_values_within_their_type_fit(declared, value):
    require_fits("x", declared, value)


@pytest.mark.parametrize(
    ("declared", "value", "problem"),
    [
        (BOOL, 1, "x: expected a bool"),
        (INT, 2**63, "x: expected a int"),
        (INT, 1.0, "x: expected a int"),
        (INT, False, "x: expected a int"),
        (TIMESTAMP, TIMESTAMP_NS_MAX + 1, "x: expected a timestamp"),
        (Text(2), "abc", "x: expected a string of at most 2"),
        (Text(2), b"a", "x: expected a string"),
        (ListOf(INT, 1), (1, 2), "x: expected a list of at most 1"),
        (NOTE, (), "x: expected a record Note"),
        (ListOf(NOTE, 1), ({"text": 1},), r"x\[0\].text: expected a string"),
    ],
)
def test_other_values_are_named_with_their_place(declared, value, problem):
    with pytest.raises(ValueUnfit, match=problem):
        require_fits("x", declared, value)
