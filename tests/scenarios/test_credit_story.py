"""One firm's credit, from a late payment to the day on which nobody may show it any more.

Roles: core owes and is spoken of; supplier1 is owed; utility and court publish; bank asks; the
credit authority publishes a rule. Nobody reports core's late payment: the ledger writes it down.
"""

import pytest

from support.bureau import Bureau
from support.happened import happened
from xinlian.apps.credit.checks import features_of, picture_of, scored_result
from xinlian.apps.credit.events import InquiryAnswered, InquiryDenied
from xinlian.apps.credit.messages import WithdrawRecord
from xinlian.apps.credit.objection_messages import PublishRule
from xinlian.apps.credit.score_messages import GiveScore
from xinlian.apps.credit.scores import GivenScores
from xinlian.modules.consent.messages import RevokeConsent
from xinlian.modules.documents.messages import RegisterDocument
from xinlian.primitives.time import add_months, china_midnight_ms
from xinlian.testing.trade import EVENING_MS, FACE_MINOR, OPENING_MS, Trade

KINDS = ("court_enforcement", "query", "utility_arrears")


@pytest.fixture(scope="module")
def bureau():
    made = Bureau()
    yield made
    made.close()


def shown(bureau):
    """Return what core is shown of itself."""
    asked = bureau.inquiry(*KINDS, purpose="self", subject="core")
    return set(bureau.ask("core", asked).shown)


def pay_late(bureau):
    """Let core's account be empty on the due day, and filled four days later."""
    trade = Trade(bureau.c)
    trade.register()
    trade.certify()
    trade.drain()
    trade.to_due_day(EVENING_MS)
    trade.to_due_day(OPENING_MS, days_later=4)
    trade.credit(2 * FACE_MINOR)


def test_the_story(bureau):
    core = bureau.c["core"].party

    # core pays one debt four days late; the ledger writes default and cure down by itself
    pay_late(bureau)
    assert bureau.standing("core").cured == 1

    # a court lists it by law; a utility reports arrears that ended, under its consent
    ended = bureau.today - 1
    listing = bureau.publish("court", bureau.enforcement(subject=core, end_day=0))
    reporting = bureau.consent("utility", "utility_arrears", subject="core")
    days = {"event_day": ended - 9, "end_day": ended, "as_of_day": bureau.today}
    arrears = bureau.publish("utility", bureau.arrears(reporting, subject=core, **days))

    # core objects to the listing; bank asks under consent and is shown both, one of them marked
    objection = bureau.object_to(listing, by="core")
    consent = bureau.consent("bank", *KINDS, purpose="loan_approval", subject="core", reads_max=2)
    asked = bureau.inquiry(*KINDS, consent=consent, subject="core")
    inquiry = bureau.step("bank", asked).created_id("inquiry")
    (answered,) = happened(bureau.c, InquiryAnswered)
    assert set(answered.shown) == {listing, arrears}
    assert answered.marked == (listing,)

    # its verifier scores what it was shown, with and without the contested listing
    model = bureau.root()
    bureau.step("bank", RegisterDocument(model, "credit.scorecard", 1))
    with bureau.c.engine.application.store.snapshot() as snapshot:
        picture = picture_of(snapshot, inquiry)
    assert features_of(picture) == {
        "activity_months": 0,
        "late_share_bps": 10_000,
        "median_days_late": 4,
        "open_adverse": 1,
        "ended_adverse": 1,
        "court_listings": 1,
        "utility_arrears": 1,
        "hard_queries": 0,
    }
    bureau.step("bank", GiveScore(inquiry, model, *scored_result(picture, b"s" * 32)))
    with bureau.c.engine.application.store.snapshot() as snapshot:
        score = GivenScores().score_of(snapshot, inquiry)
    assert score is not None
    # 600, activity 0, late -70, days late 10, open -30, ended 0, court -60, utility -20, queries 15
    assert (score.points, score.points_uncontested) == (445, 600 - 70 + 10 + 40 + 0 + 40 - 20 + 15)
    assert score.reasons == ("late_share_bps", "court_listings", "open_adverse", "activity_months")
    assert score.binding_points == 615

    # core takes its consent back: the next inquiry is denied, and core sees who tried
    bureau.step("core", RevokeConsent(consent))
    again = bureau.inquiry(*KINDS, consent=consent, subject="core")
    assert bureau.ask("bank", again).denied_as == "revoked"
    (denied,) = happened(bureau.c, InquiryDenied)
    assert (denied.data_subject, denied.inquirer) == (core, bureau.c["bank"].party)

    # the authority publishes a shorter clock; it cannot touch the record itself
    rule_day = bureau.today + 9
    rule = PublishRule("credit.objection_days", 5, china_midnight_ms(rule_day), "第三十六条")
    bureau.step("authority", rule)
    assert bureau.refused("authority", WithdrawRecord(listing)) == "credit/not_provider"

    # nobody answers: after twenty days, not five, the listing goes, and the court missed a duty
    last_day = bureau.objection(objection).due_day
    bureau.to_day(last_day)
    assert shown(bureau) == {listing, arrears}
    bureau.to_day(last_day + 1)
    assert shown(bureau) == {arrears}
    assert bureau.standing("court").duties_missed == 1

    # five years after the arrears ended, the same date is the last on which they are shown
    final_day = add_months(ended, 60)
    bureau.to_day(final_day)
    assert shown(bureau) == {arrears}
    bureau.to_day(final_day + 1)
    assert shown(bureau) == set()
