"""What operators give at the edges of their types, and what they cost at most."""

import pytest

from xinlian.modules.conditions.errors import EvaluationFailed
from xinlian.modules.conditions.language.operators import (
    binary_overload,
    comparison_work,
    function_overload,
    index_overload,
    unary_overload,
)
from xinlian.modules.conditions.language.types import (
    BOOL,
    DURATION,
    INT,
    INT_MAX,
    INT_MIN,
    TIMESTAMP,
    TIMESTAMP_NS_MAX,
    ListOf,
    Record,
    Text,
)


def binary(sign, left, right):
    overload = binary_overload(sign, left, right)
    assert overload is not None
    return overload


def function(name, *types):
    overload = function_overload(name, types)
    assert overload is not None
    return overload


@pytest.mark.parametrize(
    ("sign", "left", "right", "result"),
    [
        ("/", -7, 2, -3),
        ("/", 7, -2, -3),
        ("%", -7, 2, -1),
        ("%", 7, -2, 1),
        ("%", INT_MIN, 1, 0),
        ("-", INT_MIN, -1, INT_MIN + 1),
    ],
)
def test_division_goes_towards_zero(sign, left, right, result):
    assert binary(sign, INT, INT).run(left, right) == result


@pytest.mark.parametrize(
    ("sign", "left", "right"),
    [
        ("+", INT_MAX, 1),
        ("-", INT_MIN, 1),
        ("*", 2**32, 2**31),
        ("/", INT_MIN, -1),
        ("%", INT_MIN, -1),
        ("/", 1, 0),
        ("%", 1, 0),
    ],
)
def test_integers_never_wrap(sign, left, right):
    with pytest.raises(EvaluationFailed):
        binary(sign, INT, INT).run(left, right)


def test_the_smallest_integer_has_no_opposite():
    negation = unary_overload("-", INT)
    assert negation is not None
    with pytest.raises(EvaluationFailed):
        negation.run(INT_MIN)


def test_moments_and_spans_stay_within_their_ranges():
    with pytest.raises(EvaluationFailed):
        binary("+", TIMESTAMP, DURATION).run(TIMESTAMP_NS_MAX, 1)
    with pytest.raises(EvaluationFailed):
        binary("-", TIMESTAMP, TIMESTAMP).run(TIMESTAMP_NS_MAX, -TIMESTAMP_NS_MAX)
    with pytest.raises(EvaluationFailed):
        function("timestamp", INT).run(INT_MAX)


@pytest.mark.parametrize("index", [-1, 2])
def test_an_index_lies_in_its_list(index):
    element = index_overload(ListOf(INT, 9), INT)
    assert element is not None
    with pytest.raises(EvaluationFailed):
        element.run((1, 2), index)


def test_comparing_costs_the_longest_values():
    assert comparison_work(INT) == 1
    assert comparison_work(Text(160)) == 11
    assert comparison_work(ListOf(Text(160), 10)) == 111
    assert binary("in", Text(160), ListOf(Text(16), 10)).work == 111
    assert binary("==", Text(16), Text(160)).work == 11
    assert function("contains", Text(160), Text(16)).work == 12


@pytest.mark.parametrize(
    ("sign", "left", "right"),
    [
        ("==", INT, Text(1)),
        ("==", Record("R", {}), Record("R", {})),
        ("in", Record("R", {}), ListOf(Record("R", {}), 1)),
        ("==", ListOf(Record("R", {}), 1), ListOf(Record("R", {}), 1)),
        ("<", ListOf(INT, 1), ListOf(INT, 1)),
        ("+", BOOL, BOOL),
        ("*", DURATION, INT),
        ("in", INT, Text(1)),
    ],
)
def test_what_the_profile_lacks_is_no_overload(sign, left, right):
    assert binary_overload(sign, left, right) is None
