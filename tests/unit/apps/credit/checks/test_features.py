"""What a verifier sees is what was shown and counts, at the moment when it was asked."""

import msgspec
import pytest

from support.bureau import SUBJECT, TODAY
from xinlian.apps.credit.checks import Opened, Picture, feature_root, features_of, picture_of
from xinlian.apps.credit.types import Inquiry
from xinlian.crypto.field_proof import verify_disclosure
from xinlian.crypto.field_tree import disclose
from xinlian.modules.documents.messages import CountersignDocument
from xinlian.modules.standing.types import CreditFact, CreditFactKind
from xinlian.primitives.time import MS_PER_DAY

ASKED_MS = 1_000 * MS_PER_DAY
SALT = b"s" * 32


def fact(kind, days_ago=10, days_late=0):
    at_ms = ASKED_MS - days_ago * MS_PER_DAY
    return CreditFact(kind, b"o" * 20, 1, 100, 0, days_late, at_ms)


def picture(*facts, opened=Opened()):  # noqa: B008 - it is immutable
    inquiry = Inquiry(
        b"i" * 20, b"s" * 20, "self", ("five_class",), b"", "", b"r" * 32, ASKED_MS, (), (), (), 0
    )
    return Picture(inquiry, (), tuple(facts), opened)


def test_what_is_not_known_has_no_value():
    assert features_of(picture()) == {"open_adverse": 0, "ended_adverse": 0}


def test_kept_and_late_promises_of_the_last_year():
    kinds = CreditFactKind
    values = features_of(
        picture(
            fact(kinds.DEFAULTED, 800),  # too long ago for the share
            fact(kinds.ON_TIME, 300),
            fact(kinds.ON_TIME, 200),
            fact(kinds.DEFAULTED, 100),
            fact(kinds.CURED, 90, days_late=9),
            fact(kinds.DUTY_MISSED, 5),  # no promise of money
        )
    )
    assert values["activity_months"] == 26
    assert values["late_share_bps"] == 3_333
    assert values["median_days_late"] == 0  # of 0, 0 and 9


def test_a_default_that_was_undone_was_none():
    kinds = CreditFactKind
    values = features_of(picture(fact(kinds.DEFAULTED, 9), fact(kinds.UNDONE, 8)))
    assert (values["late_share_bps"], values["median_days_late"]) == (0, 0)


def test_the_interest_of_a_default_is_no_kept_promise():
    late = fact(CreditFactKind.DEFAULTED)
    interest = msgspec.structs.replace(fact(CreditFactKind.ON_TIME), source_kind=2)
    assert features_of(picture(late, interest))["late_share_bps"] == 10_000


def test_a_missed_duty_alone_tells_nothing_of_promises():
    assert "activity_months" not in features_of(picture(fact(CreditFactKind.DUTY_MISSED)))


def test_opened_documents_add_what_the_ledger_does_not_have():
    values = features_of(picture(opened=Opened(worst_months_overdue=2)))
    assert values["worst_months_overdue"] == 2
    assert "concentration_bps" not in values


@pytest.fixture(scope="module")
def asked(bureau):
    """Two listings, one contested; arrears that go on; praise that is one side's word."""
    listings = [bureau.publish("court", bureau.enforcement()) for _ in range(2)]
    consent = bureau.consent("utility", "utility_arrears")
    bureau.publish("utility", bureau.arrears(consent))
    praise = {
        "record_type": "positive_conduct",
        "polarity": "positive",
        "amount_minor": 0,
        "end_day": TODAY,
    }
    alone, agreed = (bureau.enforcement("bank", **praise) for _ in range(2))
    for record in (alone, agreed):
        bureau.publish("bank", record)
    bureau.step(SUBJECT, CountersignDocument(agreed.document_root))
    bureau.object_to(listings[0])
    kinds = ("court_enforcement", "positive_conduct", "query", "utility_arrears")
    return bureau, bureau.step(SUBJECT, bureau.inquiry(*kinds, purpose="self"))


def test_only_what_is_corroborated_or_consented_counts(asked):
    bureau, signed = asked
    with bureau.c.engine.application.store.snapshot() as snapshot:
        found = picture_of(snapshot, signed.created_id("inquiry"))
    assert len(found.inquiry.shown) == 5
    assert features_of(found) == {
        "court_listings": 2,
        "ended_adverse": 2,
        "hard_queries": 0,
        "open_adverse": 1,
        "positive_conduct": 1,  # what one side alone says is shown and counts for nothing
        "utility_arrears": 1,
    }


def test_what_is_contested_can_be_left_out(asked):
    bureau, signed = asked
    with bureau.c.engine.application.store.snapshot() as snapshot:
        found = picture_of(snapshot, signed.created_id("inquiry"))
    values = features_of(found, with_contested=False)
    assert (values["court_listings"], values["ended_adverse"]) == (1, 1)


def test_a_picture_is_the_same_at_a_later_height(asked):
    bureau, signed = asked
    inquiry = signed.created_id("inquiry")
    with bureau.c.engine.application.store.snapshot() as snapshot:
        before = features_of(picture_of(snapshot, inquiry))
    bureau.publish("court", bureau.enforcement())
    with bureau.c.engine.application.store.snapshot() as snapshot:
        assert features_of(picture_of(snapshot, inquiry)) == before


def test_a_single_feature_is_shown_with_its_proof():
    values = {"court_listings": 2, "late_share_bps": 0}
    root = feature_root(values, SALT)
    proof = disclose("credit.features", 1, values, SALT, [("court_listings",)])
    opened = verify_disclosure(root, proof)
    assert dict(opened.values) == {("court_listings",): 2}
