"""A score is the signed word of who asked, about what it was shown, by a registered model."""

import msgspec
import pytest

from support.bureau import SUBJECT
from xinlian.apps.credit.checks import picture_of, scored_result
from xinlian.apps.credit.errors import ScoreMalformed
from xinlian.apps.credit.score_messages import GiveScore
from xinlian.apps.credit.scores import GivenScores
from xinlian.modules.documents.messages import RegisterDocument
from xinlian.primitives.time import MS_PER_HOUR

KINDS = ("court_enforcement", "query")


@pytest.fixture
def asked(fresh):
    record = fresh.publish("court", fresh.enforcement())
    fresh.object_to(record)
    consent = fresh.consent("bank", *KINDS, purpose="loan_approval")
    inquiry = fresh.step("bank", fresh.inquiry(*KINDS, consent=consent)).created_id("inquiry")
    model = fresh.root()
    fresh.step("bank", RegisterDocument(model, "credit.scorecard", 1))
    return fresh, inquiry, model


def scored(bureau, inquiry, model):
    with bureau.c.engine.application.store.snapshot() as snapshot:
        result = scored_result(picture_of(snapshot, inquiry), b"s" * 32)
    return GiveScore(inquiry, model, *result)


def test_what_the_verifier_computed_enters_as_its_verdict(asked):
    bureau, inquiry, model = asked
    message = scored(bureau, inquiry, model)
    bureau.step("bank", message)
    with bureau.c.engine.application.store.snapshot() as snapshot:
        given = GivenScores().score_of(snapshot, inquiry)
        assert GivenScores().score_of(snapshot, b"?" * 20) is None
    assert given is not None
    assert (given.inquirer, given.subject) == (bureau.c["bank"].party, bureau.c[SUBJECT].party)
    assert (given.points, given.points_uncontested) == (595, 715)
    assert given.binding_points == 715  # what is contested does not alone decide
    assert given.reasons == ("court_listings", "ended_adverse")
    assert bureau.refused("bank", message) == "credit/scored_already"


def test_nobody_scores_what_somebody_else_asked(asked):
    bureau, inquiry, model = asked
    message = scored(bureau, inquiry, model)
    for name in ("settle", "authority", SUBJECT):
        assert bureau.refused(name, message) == "credit/no_inquiry"
    unknown = msgspec.structs.replace(message, inquiry=b"?" * 20)
    assert bureau.refused("bank", unknown) == "credit/no_inquiry"


def test_a_model_is_a_scorecard_of_the_inquirer_or_the_authority(asked):
    bureau, inquiry, model = asked
    message = scored(bureau, inquiry, model)
    root = bureau.root()
    unknown = msgspec.structs.replace(message, model_root=root)
    assert bureau.refused("bank", unknown) == "documents/unknown_document"
    bureau.step("bank", RegisterDocument(root, "contract", 1))
    assert bureau.refused("bank", unknown) == "credit/model_unfit"
    of_settle, of_authority = bureau.root(), bureau.root()
    bureau.step("settle", RegisterDocument(of_settle, "credit.scorecard", 1))
    bureau.step("authority", RegisterDocument(of_authority, "credit.scorecard", 1))
    others = msgspec.structs.replace(message, model_root=of_settle)
    assert bureau.refused("bank", others) == "credit/model_unfit"
    published = msgspec.structs.replace(message, model_root=of_authority)
    assert bureau.refused("bank", published) == "ok"


def test_a_score_is_given_within_a_day(asked):
    bureau, inquiry, model = asked
    message = scored(bureau, inquiry, model)
    bureau.c.advance_to(bureau.c.now_ms() + 25 * MS_PER_HOUR)
    assert bureau.refused("bank", message) == "credit/score_too_late"


def test_where_nothing_is_contested_both_results_are_one(fresh):
    consent = fresh.consent("bank", *KINDS, purpose="loan_approval")
    inquiry = fresh.step("bank", fresh.inquiry(*KINDS, consent=consent)).created_id("inquiry")
    model = fresh.root()
    fresh.step("bank", RegisterDocument(model, "credit.scorecard", 1))
    message = scored(fresh, inquiry, model)
    better = msgspec.structs.replace(message, points_uncontested=message.points + 1)
    assert fresh.refused("bank", better) == "credit/score_malformed"
    assert fresh.refused("bank", message) == "ok"


@pytest.mark.parametrize(
    "changes",
    [
        {"is_sufficient": False},
        {"features_present": 2},
        {"points": 299},
        {"points_uncontested": 0},
        {"reasons": ("a", "a")},
        {"is_sufficient": False, "features_present": 2, "points": 0, "points_uncontested": 0},
    ],
)
def test_a_score_that_contradicts_itself_is_refused(changes):
    whole = GiveScore(
        b"i" * 20,
        b"m" * 32,
        is_sufficient=True,
        points=600,
        points_uncontested=600,
        reasons=("late",),
        features_present=3,
        feature_root=b"f" * 32,
    )
    whole.validate_basic()
    with pytest.raises(ScoreMalformed):
        msgspec.structs.replace(whole, **changes).validate_basic()
