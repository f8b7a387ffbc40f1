"""A part that decides hides failures of the others; without one the failure comes through."""

import pytest

from xinlian.modules.conditions.errors import EvaluationFailed
from xinlian.modules.conditions.language.folds import (
    any_or_all,
    decided_by,
    exactly_one,
    filtering,
    mapping,
)


def true(_):
    return True


def false(_):
    return False


def fails(_):
    raise EvaluationFailed("no result")


@pytest.mark.parametrize(
    ("decides", "left", "right", "result"),
    [
        (True, true, fails, True),
        (True, fails, true, True),
        (True, false, false, False),
        (False, false, fails, False),
        (False, fails, false, False),
        (False, true, true, True),
    ],
)
def test_one_side_decides(decides, left, right, result):
    assert decided_by(decides, left, right)({}) is result


@pytest.mark.parametrize(
    ("decides", "left", "right"),
    [(True, fails, false), (True, false, fails), (False, fails, true), (False, true, fails)],
)
def test_without_a_deciding_side_the_failure_comes_through(decides, left, right):
    with pytest.raises(EvaluationFailed):
        decided_by(decides, left, right)({})


def items(_):
    return (0, 1, 2)


def reciprocal_above(bound):
    def body(scope):
        if scope["x"] == 0:
            raise EvaluationFailed("division by zero")
        return scope["x"] > bound

    return body


def test_elements_decide_like_sides():
    assert any_or_all(True, items, "x", reciprocal_above(1))({}) is True
    assert any_or_all(False, items, "x", reciprocal_above(1))({}) is False
    with pytest.raises(EvaluationFailed):
        any_or_all(True, items, "x", reciprocal_above(2))({})
    with pytest.raises(EvaluationFailed):
        any_or_all(False, items, "x", reciprocal_above(0))({})


def test_the_other_macros_need_every_element():
    def above_zero(scope):
        return scope["x"] > 0

    def double(scope):
        return scope["x"] * 2

    assert filtering(items, "x", above_zero)({}) == (1, 2)
    assert mapping(items, "x", above_zero, double)({}) == (2, 4)
    assert mapping(items, "x", None, double)({}) == (0, 2, 4)
    assert exactly_one(items, "x", above_zero)({}) is False
    assert exactly_one(items, "x", lambda scope: scope["x"] == 2)({}) is True
    for fold in (filtering, exactly_one):
        with pytest.raises(EvaluationFailed):
            fold(items, "x", reciprocal_above(1))({})
