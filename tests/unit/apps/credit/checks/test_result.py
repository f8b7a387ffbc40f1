"""The card that ships is sound, and its result is given with and without what is contested."""

import pytest

from xinlian.apps.credit.checks import CARD, MODEL_CARD, Opened, Picture, scored_result
from xinlian.apps.credit.types import CreditRecord, Inquiry
from xinlian.modules.conditions.scorecards import check_scorecard

RECORD = b"r" * 20


def contested(*types):
    shown = (RECORD,)
    inquiry = Inquiry(
        b"i" * 20, b"s" * 20, "self", types, b"", "", b"q" * 32, 10**12, shown, shown, shown, 0
    )
    record = CreditRecord(
        b"p" * 20,
        b"s" * 20,
        "court_enforcement",
        1,
        "adverse",
        1,
        2,
        2,
        0,
        "public_by_law",
        b"",
        "cn.credit_regulation.art13",
        b"d" * 32,
        b"",
        1,
        0,
        1,
        1,
        b"o" * 20,
        True,
        0,
    )
    return Picture(inquiry, ((RECORD, record),), (), Opened())


def test_the_card_is_sound_and_says_that_nobody_validated_it():
    check_scorecard(CARD)
    assert len(CARD.features) == 11
    assert (CARD.points_min, CARD.points_max, CARD.features_min) == (300, 900, 3)
    assert MODEL_CARD["validated"] == "no"


def test_with_and_without_what_is_contested():
    said = scored_result(contested("court_enforcement"), b"s" * 32)
    # base 600; a listing that ended: open 0 -> 40, ended 1 -> 0, one listing -> -60
    assert said.points == 600 + 40 + 0 - 60
    # without it: open 0 -> 40, ended 0 -> 20, no listing -> 40
    assert said.points_uncontested == 600 + 40 + 20 + 40
    assert said.reasons == ("court_listings", "ended_adverse")
    assert said.features_present == 3


def test_too_few_features_are_insufficient():
    said = scored_result(contested("five_class"), b"s" * 32)
    assert (said.is_sufficient, said.points, said.points_uncontested) == (False, 0, 0)


@pytest.mark.parametrize("salt", [b"a" * 32, b"b" * 32])
def test_the_root_commits_to_the_features_and_hides_them(salt):
    one = scored_result(contested("court_enforcement"), salt).feature_root
    assert one == scored_result(contested("court_enforcement"), salt).feature_root
    assert one != scored_result(contested("court_enforcement"), b"c" * 32).feature_root
