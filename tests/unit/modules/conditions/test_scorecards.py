"""Points, range, too few features, reasons: by hand, and by a second, plainer computation."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xinlian.modules.conditions.scorecards import (
    VALUE_MAX,
    Bin,
    Feature,
    Scorecard,
    ScorecardInvalid,
    check_scorecard,
    score,
)

LATE = Feature("late", (Bin(0, 50), Bin(10, 0), Bin(VALUE_MAX, -70)))
COURT = Feature("court", (Bin(0, 40), Bin(VALUE_MAX, -30)))
AGE = Feature("age", (Bin(11, 0), Bin(VALUE_MAX, 40)))
CARD = Scorecard("card", 1, 600, 300, 900, 2, (AGE, COURT, LATE))


def test_points_are_the_base_and_the_bins_and_reasons_the_most_lost_first():
    said = score(CARD, {"age": 3, "court": 1, "late": 5})
    assert said.points == 600 + 0 - 30 + 0
    assert said.reasons == ("court", "late", "age")  # 70, 50 and 40 lost
    assert score(CARD, {"age": 12, "court": 0, "late": 0}) == (True, 730, (), 3)


def test_ties_go_by_ascending_id():
    tied = CARD._replace(features=(COURT._replace(feature_id="b"), COURT._replace(feature_id="a")))
    assert score(tied, {"a": 1, "b": 1}).reasons == ("a", "b")


def test_the_bounds_of_bins_are_inclusive():
    for value, points in ((0, 50), (1, 0), (10, 0), (11, -70), (VALUE_MAX, -70)):
        assert LATE.points_of(value) == points


def test_too_few_features_are_insufficient_and_never_a_low_score():
    assert score(CARD, {"late": 99}) == (False, 0, (), 1)
    assert score(CARD, {}) == (False, 0, (), 0)
    assert score(CARD, {"unknown": 1, "late": 99}).is_sufficient is False


def test_points_stay_within_the_range():
    narrow = CARD._replace(points_min=599, points_max=601)
    assert score(narrow, {"court": 1, "late": 99}).points == 599
    assert score(narrow, {"court": 0, "late": 0}).points == 601


def test_at_most_four_reasons():
    many = tuple(COURT._replace(feature_id=letter) for letter in "abcdef")
    said = score(CARD._replace(features=many), dict.fromkeys("abcdef", 1))
    assert said.reasons == ("a", "b", "c", "d")


@pytest.mark.parametrize("value", [-1, VALUE_MAX + 1])
def test_a_value_beyond_its_bounds_is_refused(value):
    with pytest.raises(ScorecardInvalid):
        score(CARD, {"age": 1, "late": value})


@pytest.mark.parametrize(
    "card",
    [
        CARD._replace(features=()),
        CARD._replace(features=(LATE, LATE)),
        CARD._replace(features=tuple(LATE._replace(feature_id=str(n)) for n in range(13))),
        CARD._replace(features_min=0),
        CARD._replace(features_min=4),
        CARD._replace(points_min=900),
        CARD._replace(points_min=0),
        CARD._replace(features=(LATE._replace(bins=()),), features_min=1),
        CARD._replace(features=(LATE._replace(bins=(Bin(5, 1),)),), features_min=1),
        CARD._replace(features=(LATE._replace(bins=(Bin(-1, 1), Bin(VALUE_MAX, 1))),)),
        CARD._replace(features=(LATE._replace(bins=(Bin(5, 1), Bin(5, 1))),), features_min=1),
        CARD._replace(features=(LATE._replace(bins=(Bin(VALUE_MAX, 10_001),)),), features_min=1),
    ],
)
def test_a_card_that_contradicts_itself_is_refused(card):
    check_scorecard(CARD)
    with pytest.raises(ScorecardInvalid):
        check_scorecard(card)


values = st.dictionaries(st.sampled_from(("age", "court", "late")), st.integers(0, 20))


@given(values)
def test_a_second_plainer_computation_agrees(given_values):
    tables = {
        "age": lambda v: 0 if v < 12 else 40,
        "court": lambda v: 40 if v == 0 else -30,
        "late": lambda v: 50 if v == 0 else 0 if v < 11 else -70,
    }
    best = {"age": 40, "court": 40, "late": 50}
    said = score(CARD, given_values)
    if len(given_values) < 2:
        assert not said.is_sufficient
        return
    points = {name: tables[name](value) for name, value in given_values.items()}
    assert said.points == 600 + sum(points.values())
    lost = {name: best[name] - got for name, got in points.items() if best[name] > got}
    assert list(said.reasons) == sorted(lost, key=lambda name: (-lost[name], name))


@given(values.filter(lambda found: len(found) > 1))
def test_mending_the_first_reason_raises_the_score(found):
    said = score(CARD, found)
    if said.reasons:
        first = said.reasons[0]
        best = {"age": 12, "court": 0, "late": 0}[first]
        assert score(CARD, {**found, first: best}).points > said.points
