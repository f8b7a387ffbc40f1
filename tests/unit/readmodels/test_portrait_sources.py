"""Every figure of a portrait, at every height that matters, equals one from the raw ledger."""

import pytest

from unit.readmodels.portrait_recomputed import figures
from unit.readmodels.portrait_story import SUBJECT, tell
from unit.readmodels.stories import open_model, sqlite_address
from xinlian.primitives import format_id
from xinlian.readmodels import portrait_sources
from xinlian.readmodels.portrait_figures import FIGURES

HEIGHTS = ("promised", "first paid", "second in default", "second cured", "own in default")


@pytest.fixture(scope="module")
def story():
    told = tell()
    yield told
    told.c.close()


@pytest.fixture(scope="module")
def model(story, tmp_path_factory):
    opened = open_model(sqlite_address(tmp_path_factory.mktemp("portrait")), story.c)
    opened.project(story.store)
    yield opened
    opened.close()


def drawn(story, model, name, height, of=SUBJECT):
    party = story.c[of].party
    portrait = model.portrait(party, format_id("party", party), as_of_height=height)
    return {f.name: (f.value, sorted(f.fact_ids)) for f in portrait.figures}


@pytest.mark.parametrize("of", [SUBJECT, "core", "bank", "supplier2"])
@pytest.mark.parametrize("name", HEIGHTS)
def test_every_figure_and_its_facts_equal_those_of_the_raw_ledger(story, model, name, of):
    height = story.heights[name]
    assert drawn(story, model, name, height, of) == figures(story, story.c[of].party, height)


def test_the_recomputation_has_every_figure(story):
    found = figures(story, story.c[SUBJECT].party, story.heights["promised"])
    assert set(found) == {kind.name for kind in FIGURES}


def test_the_story_says_what_a_banker_would_count_by_hand(story, model):
    portrait = {
        name: {f: value for f, (value, _) in drawn(story, model, name, story.heights[name]).items()}
        for name in HEIGHTS
    }
    begun = portrait["promised"]
    assert (begun["receivables"], begun["receivables_amount"]) == ("4", "75000000")
    assert (begun["buyers"], begun["largest_buyer_share"]) == ("2", "8666")  # 650 of 750
    assert (begun["late_share"], begun["days_to_be_paid"]) == ("", "")  # nothing is decided
    assert begun["corroborated_invoices"] == "3"  # the loose one is none
    late = portrait["second in default"]
    assert late["late_share"] == "3333"  # one of three
    assert late["overdue_amount"] == "20000000"
    cured = portrait["second cured"]
    assert (cured["late_share"], cured["overdue_amount"]) == ("3333", "0")
    assert cured["days_late_max"] == "3"
    assert (late["days_to_be_paid"], cured["days_to_be_paid"]) == ("14", "14")
    assert cured["corroborated_invoices"] == "3"
    own = portrait["own in default"]
    assert own["corroborated_invoices"] == "2"  # what a verifier blocks supports nobody's credit
    assert (own["own_promises"], own["own_late_share"]) == ("2", "5000")
    assert own["own_overdue_amount"] == "7000000"
    assert own["own_cured"] == "0"


def test_the_newest_dealings_are_looked_at_and_the_others_said_to_be_left_out(
    story, model, monkeypatch
):
    monkeypatch.setattr(portrait_sources, "DEALINGS_MAX", 3)
    party = story.c[SUBJECT].party
    height = story.heights["promised"]
    portrait = model.portrait(party, format_id("party", party), as_of_height=height)
    assert portrait.left_out == 1
    counted = {figure.name: figure for figure in portrait.figures}["receivables"]
    assert counted.value == "3"
