"""Who is let in is shown what the consent allows; the subject sees who looked and who tried."""

import pytest

from support.bureau import ARTICLE, SUBJECT, TODAY
from support.happened import happened
from xinlian.apps.credit.events import InquiryDenied
from xinlian.apps.credit.inquiries import HARD_WINDOW_DAYS, hard_inquiries
from xinlian.apps.credit.messages import WithdrawRecord
from xinlian.apps.credit.types import INQUIRIES, INQUIRIES_OF, Inquiry
from xinlian.modules.consent.messages import RevokeConsent
from xinlian.modules.consent.types import CONSENTS, READS
from xinlian.primitives.time import MS_PER_DAY

ALL_PUBLIC = ("court_enforcement", "public_penalty")


@pytest.fixture
def listed(fresh):
    """A subject with a court's listing, and arrears that it let the utility report."""
    court = fresh.publish("court", fresh.enforcement())
    consent = fresh.consent("utility", "utility_arrears")
    arrears = fresh.publish("utility", fresh.arrears(consent))
    return fresh, court, arrears


def test_a_lender_under_consent_is_shown_records_of_several_providers_at_once(listed):
    bureau, court, arrears = listed
    consent = bureau.consent(
        "bank", "court_enforcement", "utility_arrears", "query", purpose="loan_approval"
    )
    found = bureau.ask(
        "bank",
        bureau.inquiry("court_enforcement", "utility_arrears", "query", consent=consent),
    )
    assert isinstance(found, Inquiry)
    assert set(found.shown) == {court, arrears}
    assert (found.marked, found.hard_queries) == ((), 0)


def test_it_is_shown_the_types_that_it_asked_for_and_no_more(listed):
    bureau, court, _ = listed
    kinds = ("court_enforcement", "utility_arrears")
    consent = bureau.consent("bank", *kinds, purpose="loan_approval")
    found = bureau.ask("bank", bureau.inquiry("court_enforcement", consent=consent))
    assert found.shown == (court,)


def test_an_inquiry_is_a_read_of_its_consent(listed):
    bureau, _, _ = listed
    consent = bureau.consent("bank", "court_enforcement", purpose="loan_approval")
    asked = bureau.inquiry("court_enforcement", consent=consent)
    bureau.ask("bank", asked)
    with bureau.c.engine.application.store.snapshot() as snapshot:
        ((_, read),) = READS.scan(snapshot, consent)
        assert CONSENTS.require(snapshot, consent).read_count == 1
    assert read.request_root == asked.request_root
    assert read.data_kinds == ("court_enforcement",)


def test_what_a_consent_does_not_allow_is_denied_shown_to_the_subject_and_uses_no_read(listed):
    bureau, _, _ = listed
    now_ms = bureau.c.now_ms()
    kinds = ("court_enforcement",)
    for_loans = bureau.consent("bank", *kinds, purpose="loan_approval", reads_max=1)
    later = bureau.consent("bank", *kinds, purpose="loan_approval", from_ms=now_ms + MS_PER_DAY)
    of_core = bureau.consent("bank", *kinds, purpose="loan_approval", subject="core")
    of_settle = bureau.consent("settle", *kinds, purpose="loan_approval")
    for changes, types, denied_as in (
        ({"consent": for_loans, "purpose": "post_loan"}, kinds, "purpose_outside"),
        ({"consent": for_loans}, ("court_enforcement", "tax_arrears"), "data_outside"),
        ({"consent": later}, kinds, "not_begun"),
        ({"consent": of_core}, kinds, "no_consent"),
        ({"consent": of_settle}, kinds, "no_consent"),
        ({"consent": b"?" * 20}, kinds, "no_consent"),
    ):
        denied = bureau.ask("bank", bureau.inquiry(*types, **changes))
        assert isinstance(denied, InquiryDenied)
        assert denied.denied_as == denied_as
        assert (denied.inquirer, denied.data_subject) == (
            bureau.c["bank"].party,
            bureau.c[SUBJECT].party,
        )
    assert isinstance(bureau.ask("bank", bureau.inquiry(*kinds, consent=for_loans)), Inquiry)
    used_up = bureau.ask("bank", bureau.inquiry(*kinds, consent=for_loans))
    assert used_up.denied_as == "reads_used_up"
    assert len(happened(bureau.c, InquiryDenied)) == 7


def test_after_revocation_the_next_inquiry_is_denied_and_the_earlier_one_stays(listed):
    bureau, court, _ = listed
    consent = bureau.consent("bank", "court_enforcement", purpose="loan_approval")
    asked = bureau.step("bank", bureau.inquiry("court_enforcement", consent=consent))
    bureau.step(SUBJECT, RevokeConsent(consent))
    again = bureau.ask("bank", bureau.inquiry("court_enforcement", consent=consent))
    assert again.denied_as == "revoked"
    with bureau.c.engine.application.store.snapshot() as snapshot:
        earlier = INQUIRIES.require(snapshot, asked.created_id("inquiry"))
    assert earlier.shown == (court,)


def test_the_subject_sees_itself_without_a_consent(listed):
    bureau, court, arrears = listed
    asked = bureau.inquiry("court_enforcement", "utility_arrears", purpose="self")
    assert set(bureau.ask(SUBJECT, asked).shown) == {court, arrears}
    assert bureau.refused("bank", asked) == "credit/not_subject"


@pytest.mark.parametrize(
    ("name", "purpose", "said"),
    [
        ("regulator", "supervision", "ok"),
        ("court", "judicial", "ok"),
        ("court", "supervision", "members/not_in_role"),
        ("regulator", "judicial", "members/not_in_role"),
        ("bank", "supervision", "members/not_in_role"),
        ("authority", "supervision", "members/not_in_role"),
    ],
)
def test_supervision_and_courts_ask_in_their_role_on_an_article(bureau, name, purpose, said):
    asked = bureau.inquiry(*ALL_PUBLIC, purpose=purpose, law=ARTICLE)
    assert bureau.refused(name, asked) == said


@pytest.mark.parametrize(
    ("types", "changes", "said"),
    [
        (("court_enforcement",), {"purpose": "supervision"}, "credit/inquiry_malformed"),
        (("court_enforcement",), {"purpose": "self", "law": ARTICLE}, "credit/inquiry_malformed"),
        (("court_enforcement",), {}, "credit/inquiry_malformed"),
        (("court_enforcement",), {"purpose": "curiosity"}, "credit/inquiry_malformed"),
        (("court_enforcement",), {"purpose": "credit_reporting"}, "credit/inquiry_malformed"),
        (("activity",), {"purpose": "self"}, "credit/inquiry_malformed"),
        (("medical_history",), {"purpose": "self"}, "credit/forbidden_kind"),
        (("income",), {"purpose": "self"}, "credit/warned_kind"),
    ],
)
def test_a_malformed_inquiry_is_refused(bureau, types, changes, said):
    assert bureau.refused(SUBJECT, bureau.inquiry(*types, **changes)) == said


def test_what_was_withdrawn_or_superseded_or_is_over_is_not_shown(fresh):
    first, other = (fresh.publish("court", fresh.enforcement()) for _ in range(2))
    second = fresh.publish("court", fresh.enforcement(previous=first))
    fresh.step("court", WithdrawRecord(other))
    ended = TODAY - 5 * 365 + 3
    fresh.publish("court", fresh.enforcement(event_day=ended, end_day=ended))
    asked = fresh.inquiry("court_enforcement", purpose="self")
    assert second in fresh.ask(SUBJECT, asked).shown
    assert len(fresh.ask(SUBJECT, fresh.inquiry("court_enforcement", purpose="self")).shown) == 2
    fresh.to_day(TODAY + 10)
    late = fresh.ask(SUBJECT, fresh.inquiry("court_enforcement", purpose="self"))
    assert late.shown == (second,)


def test_inquiries_of_lenders_count_for_ninety_days_and_others_do_not(fresh):
    loans = fresh.consent("bank", "query", purpose="loan_approval")
    watch = fresh.consent("bank", "query", purpose="post_loan")
    for _ in range(2):
        fresh.ask("bank", fresh.inquiry("query", consent=loans))
    fresh.ask("bank", fresh.inquiry("query", consent=watch, purpose="post_loan"))
    fresh.ask(SUBJECT, fresh.inquiry("query", purpose="self"))
    assert fresh.ask("bank", fresh.inquiry("query", consent=loans)).hard_queries == 2
    subject, now_ms = fresh.c[SUBJECT].party, fresh.c.now_ms()
    with fresh.c.engine.application.store.snapshot() as snapshot:
        assert hard_inquiries(snapshot, subject, now_ms) == 3
        much_later_ms = now_ms + HARD_WINDOW_DAYS * MS_PER_DAY + 1
        assert hard_inquiries(snapshot, subject, much_later_ms) == 0


def test_only_what_counts_is_kept_for_counting_so_that_asking_oneself_costs_nobody_time(fresh):
    for _ in range(5):
        fresh.ask(SUBJECT, fresh.inquiry("query", purpose="self"))
    with fresh.c.engine.application.store.snapshot() as snapshot:
        assert list(INQUIRIES_OF.scan(snapshot)) == []


def test_an_inquiry_shows_no_more_than_it_can_hold(fresh, monkeypatch):
    monkeypatch.setattr("xinlian.apps.credit.inquiries.INQUIRY_RECORDS_MAX", 1)
    for _ in range(2):
        fresh.publish("court", fresh.enforcement())
    asked = fresh.inquiry("court_enforcement", purpose="self")
    assert fresh.refused(SUBJECT, asked) == "credit/too_many_shown"
