"""Only the provider says what it knows, on a legal basis, until its time is over."""

import msgspec
import pytest

from support.bureau import SUBJECT, TODAY
from xinlian.apps.credit.keeper import is_shown
from xinlian.apps.credit.messages import WithdrawRecord
from xinlian.apps.credit.types import RecordLife
from xinlian.modules.consent.messages import RevokeConsent
from xinlian.modules.documents.messages import RegisterDocument
from xinlian.primitives.time import china_midnight_ms, day_of_iso
from xinlian.testing.trade import SUCCEEDED


def test_a_court_publishes_what_is_public_by_law(bureau):
    record = bureau.record(bureau.publish("court", bureau.enforcement()))
    assert (record.provider, record.subject) == (
        bureau.c["court"].party,
        bureau.c[SUBJECT].party,
    )
    assert (record.law, record.life) == ("cn.credit_regulation.art13", RecordLife.CURRENT)


@pytest.mark.parametrize("name", ["bank", "utility", "regulator", "authority", "supplier2"])
def test_who_is_no_court_lists_nobody_as_a_debtor_under_enforcement(bureau, name):
    assert bureau.refused(name, bureau.enforcement(name)) == "members/not_in_role"


def test_a_participant_provides_no_records(bureau):
    consent = bureau.consent("supplier2", "trade_settlement")
    report = bureau.arrears(consent, "supplier2", record_type="trade_settlement")
    assert bureau.refused("supplier2", report) == "members/not_in_role"


def test_a_member_reports_under_the_subjects_consent_for_reporting(bureau):
    consent = bureau.consent("utility", "utility_arrears")
    record = bureau.record(bureau.publish("utility", bureau.arrears(consent)))
    assert (record.consent, record.expires_at_ms) == (consent, 0)


def test_a_report_outside_the_consent_is_refused_as_a_read_outside_it_is(bureau):
    of_arrears = bureau.consent("utility", "utility_arrears")
    for_loans = bureau.consent("utility", "utility_arrears", purpose="loan_approval")
    of_another = bureau.consent("bank", "utility_arrears")
    of_core = bureau.consent("utility", "utility_arrears", subject="core")
    other = {"record_type": "trade_settlement"}
    for changes, consent, said in (
        (other, of_arrears, "consent/data_outside"),
        ({}, for_loans, "consent/purpose_outside"),
        ({}, of_another, "consent/no_consent"),
        ({}, of_core, "consent/no_consent"),
        ({}, b"?" * 20, "consent/no_consent"),
    ):
        report = bureau.arrears(consent, **changes)
        assert bureau.refused("utility", report) == said
    bureau.step(SUBJECT, RevokeConsent(of_arrears))
    assert bureau.refused("utility", bureau.arrears(of_arrears)) == "consent/revoked"


def test_a_later_version_rests_on_the_first_ones_consent_though_it_was_revoked(bureau):
    """So that a provider can still correct what it reported."""
    consent = bureau.consent("utility", "utility_arrears")
    first = bureau.publish("utility", bureau.arrears(consent))
    bureau.step(SUBJECT, RevokeConsent(consent))
    second = bureau.publish(
        "utility", bureau.arrears(consent, previous=first, end_day=TODAY, amount_minor=1)
    )
    assert bureau.record(first).life == RecordLife.SUPERSEDED
    assert bureau.record(second).previous == first


def test_nobody_but_the_provider_supersedes_or_withdraws_whatever_authority_it_has(bureau):
    record = bureau.publish("court", bureau.enforcement())
    for name in ("authority", "regulator", "core", SUBJECT):
        assert bureau.refused(name, WithdrawRecord(record)) == "credit/not_provider"
    consent = bureau.consent("utility", "utility_arrears")
    arrears = bureau.publish("utility", bureau.arrears(consent))
    edited = bureau.arrears(consent, "authority", previous=arrears, amount_minor=1)
    assert bureau.refused("authority", edited) == "credit/not_provider"
    assert bureau.record(record).life == RecordLife.CURRENT
    assert bureau.record(arrears).amount_minor == 3_200_00


def test_a_withdrawn_record_is_no_more_shown_and_not_withdrawn_again(bureau):
    record = bureau.publish("court", bureau.enforcement())
    bureau.step("court", WithdrawRecord(record))
    assert not is_shown(bureau.record(record), bureau.c.now_ms())
    assert bureau.refused("court", WithdrawRecord(record)) == "credit/not_current"
    assert bureau.refused("court", WithdrawRecord(b"?" * 20)) == "credit/no_record"


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"event_day": TODAY + 1, "as_of_day": TODAY + 1, "end_day": 0}, "credit/days_unfit"),
        ({"event_day": TODAY, "as_of_day": TODAY - 1, "end_day": 0}, "credit/days_unfit"),
        ({"end_day": TODAY - 101}, "credit/days_unfit"),
        ({"end_day": TODAY, "as_of_day": TODAY - 1}, "credit/days_unfit"),
        ({"subject": b"?" * 20}, "credit/subject_unfit"),
        ({"document_root": b"?" * 32}, "documents/unknown_document"),
    ],
)
def test_what_contradicts_itself_is_refused(bureau, changes, said):
    assert bureau.refused("court", bureau.enforcement(**changes)) == said


def test_a_provider_lists_itself_in_a_statement_only(bureau):
    about_itself = bureau.enforcement(subject=bureau.c["court"].party)
    assert bureau.refused("court", about_itself) == "credit/subject_unfit"
    statement = {
        "record_type": "self_statement",
        "polarity": "neutral",
        "amount_minor": 0,
        "end_day": 0,
        "legal_basis": "own_statement",
        "law": "",
    }
    own = bureau.enforcement(SUBJECT, **statement)
    assert bureau.record(bureau.publish(SUBJECT, own)).record_type == "self_statement"
    of_others = bureau.enforcement("bank", **statement)
    assert bureau.refused("bank", of_others) == "credit/subject_unfit"


def test_a_document_is_the_providers_own_of_the_type_and_of_one_record(bureau):
    others = bureau.document("bank", "court_enforcement")
    of_another_type = bureau.document("court", "public_penalty")
    of_another_version = bureau.document("court", "court_enforcement", 2)
    used = bureau.enforcement()
    bureau.publish("court", used)
    for root in (others, of_another_type, of_another_version, used.document_root):
        again = bureau.enforcement(document_root=root)
        assert bureau.refused("court", again) == "credit/document_unfit"


def test_a_version_is_of_the_same_subject_type_and_basis_and_no_earlier(bureau):
    first = bureau.publish("court", bureau.enforcement())
    other = bureau.enforcement(subject=bureau.c["supplier2"].party, previous=first)
    assert bureau.refused("court", other) == "credit/not_supersedable"
    moved = bureau.enforcement(event_day=TODAY - 50, previous=first)
    assert bureau.refused("court", moved) == "credit/not_supersedable"
    earlier = bureau.enforcement(as_of_day=TODAY - 1, previous=first)
    assert bureau.refused("court", earlier) == "credit/not_supersedable"


def test_an_end_that_was_published_does_not_move_later_or_go(bureau):
    first = bureau.publish("court", bureau.enforcement())
    for end_day in (TODAY, 0):
        moved = bureau.enforcement(previous=first, end_day=end_day)
        assert bureau.refused("court", moved) == "credit/end_moved"
    earlier = bureau.enforcement(previous=first, end_day=TODAY - 11)
    assert bureau.refused("court", earlier) == SUCCEEDED


@pytest.mark.parametrize(
    ("end", "last_shown"),
    [
        ("2021-11-30", "2026-11-30"),
        ("2024-02-29", "2029-02-28"),  # no such day in 2029: the month's last
    ],
)
def test_an_adverse_record_is_shown_for_five_years_after_its_end(bureau, end, last_shown):
    end_day, last_day = day_of_iso(end), day_of_iso(last_shown)
    record = bureau.record(
        bureau.publish("court", bureau.enforcement(event_day=end_day - 9, end_day=end_day))
    )
    after_ms = china_midnight_ms(last_day + 1)
    assert record.expires_at_ms == after_ms
    assert is_shown(record, after_ms - 1)
    assert not is_shown(record, after_ms)


def test_what_ended_longer_ago_is_not_published_any_more(bureau):
    end_day = day_of_iso("2021-11-29")
    late = bureau.enforcement(event_day=end_day - 9, end_day=end_day)
    assert bureau.refused("court", late) == "credit/past_retention"


def test_an_event_that_has_not_ended_starts_no_clock_and_neither_does_a_good_one(bureau):
    assert not bureau.record(bureau.publish("court", bureau.enforcement(end_day=0))).expires_at_ms
    consent = bureau.consent("bank", "positive_conduct")
    good = bureau.arrears(
        consent,
        "bank",
        record_type="positive_conduct",
        polarity="positive",
        amount_minor=0,
        end_day=TODAY - 10,
    )
    assert not bureau.record(bureau.publish("bank", good)).expires_at_ms


def test_it_expires_by_the_clock_and_nobody_acts(fresh):
    ended = day_of_iso("2021-12-02")
    record = fresh.publish("court", fresh.enforcement(event_day=ended - 9, end_day=ended))
    fresh.to_day(day_of_iso("2026-12-02"))
    assert fresh.record(record).life == RecordLife.CURRENT
    fresh.to_day(day_of_iso("2026-12-03"))
    assert fresh.record(record).life == RecordLife.EXPIRED
    again = fresh.enforcement(previous=record, as_of_day=fresh.today)
    assert fresh.refused("court", again) == "credit/not_current"


def test_a_subject_has_as_many_current_records_of_a_type_as_a_shelf_holds(fresh, monkeypatch):
    monkeypatch.setattr("xinlian.apps.credit.keeper.RECORDS_PER_TYPE_MAX", 2)
    first, _ = (fresh.publish("court", fresh.enforcement()) for _ in range(2))
    assert fresh.refused("court", fresh.enforcement()) == "credit/too_many_records"
    newer = fresh.enforcement(previous=first)
    assert fresh.refused("court", newer) == SUCCEEDED


def test_a_document_of_a_record_is_registered_first(bureau):
    root = bureau.root()
    early = bureau.enforcement(document_root=root)
    assert bureau.refused("court", early) == "documents/unknown_document"
    bureau.step("court", RegisterDocument(root, "credit.court_enforcement", 1))
    assert bureau.refused("court", msgspec.structs.replace(early)) == SUCCEEDED
