"""Records, inquiries, objections, scores: rows equal the state's, and each side sees its own."""

import pytest

from support.bureau import ARTICLE, SUBJECT, TODAY, Bureau
from unit.readmodels.conftest import Projected
from unit.readmodels.projection.test_beginning import comparable
from unit.readmodels.stories import Told, open_model, sqlite_address
from xinlian.apps.credit.checks import picture_of, scored_result
from xinlian.apps.credit.messages import WithdrawRecord
from xinlian.apps.credit.objection_messages import PublishRule
from xinlian.apps.credit.score_messages import GiveScore
from xinlian.apps.credit.types import (
    INQUIRIES,
    OBJECTIONS,
    RECORDS,
    SCORES,
    Mark,
    ObjectionStatus,
    RecordLife,
)
from xinlian.ledger.pruning import prune
from xinlian.modules.consent.messages import RevokeConsent
from xinlian.modules.documents.messages import RegisterDocument
from xinlian.primitives import format_id
from xinlian.primitives.time import china_midnight_ms
from xinlian.readmodels.errors import ConsentNotInForce
from xinlian.readmodels.rows import (
    CreditInquiryRow,
    CreditObjectionRow,
    CreditRecordRow,
    PolicyVersionRow,
)
from xinlian.storage import MemoryStore

KINDS = ("court_enforcement", "utility_arrears", "query")
TABLES = ("credit_records", "credit_objections")


@pytest.fixture(scope="module")
def told():
    bureau = Bureau(MemoryStore(history_heights=4))
    told = Told(bureau.c)
    told.ids["late"], told.ids["fixed"], told.ids["taken_back"], told.ids["right"] = (
        bureau.publish("court", bureau.enforcement()) for _ in range(4)
    )
    ended = TODAY - 1_826 + 3
    told.ids["expired"] = bureau.publish(
        "court", bureau.enforcement(event_day=ended, end_day=ended)
    )
    reporting = bureau.consent("utility", "utility_arrears")
    told.ids["arrears"] = bureau.publish("utility", bureau.arrears(reporting))
    told.ids["doubtful"] = bureau.publish("utility", bureau.arrears(reporting))
    bureau.step("court", WithdrawRecord(told.ids["taken_back"]))
    bureau.object_to(told.ids["late"])
    fixing = bureau.object_to(told.ids["fixed"])
    told.ids["newer"] = bureau.publish("court", bureau.enforcement(previous=told.ids["fixed"]))
    bureau.step("court", bureau.answer(fixing, "corrected"))
    bureau.step("court", bureau.answer(bureau.object_to(told.ids["right"]), "rejected"))
    doubted = bureau.object_to(told.ids["doubtful"])
    bureau.step("utility", bureau.answer(doubted, "unverifiable"))
    _ask(bureau, told)
    bureau.step(
        "authority",
        PublishRule("credit.objection_days", 5, china_midnight_ms(TODAY + 9), "第三十六条"),
    )
    bureau.to_day(TODAY + 21)
    yield told
    bureau.close()


def _ask(bureau, told):
    """Ask under two consents, score one answer, and be denied under the one that is revoked."""
    for name in ("kept", "revoked"):
        consent = bureau.consent("bank", *KINDS, purpose="loan_approval")
        told.ids[f"{name} consent"] = consent
        asked = bureau.step("bank", bureau.inquiry(*KINDS, consent=consent))
        told.ids[name] = asked.created_id("inquiry")
    model = bureau.root()
    bureau.step("bank", RegisterDocument(model, "credit.scorecard", 1))
    with told.state() as state:
        result = scored_result(picture_of(state, told.ids["kept"]), b"s" * 32)
    bureau.step("bank", GiveScore(told.ids["kept"], model, *result))
    bureau.step(SUBJECT, RevokeConsent(told.ids["revoked consent"]))
    asked = bureau.inquiry(*KINDS, consent=told.ids["revoked consent"])
    told.ids["denied"] = bureau.step("bank", asked).created_id("inquiry")
    by_law = bureau.inquiry("court_enforcement", purpose="judicial", law=ARTICLE)
    told.ids["judicial"] = bureau.step("court", by_law).created_id("inquiry")


@pytest.fixture(scope="module")
def credit(told, tmp_path_factory):
    model = open_model(sqlite_address(tmp_path_factory.mktemp("credit")), told.consortium)
    model.project(told.store)
    yield Projected(told, model)
    model.close()


def test_records_equal_those_of_the_state(credit):
    with credit.told.state() as state:
        expected = sorted(
            (
                format_id("record", record_id),
                format_id("party", record.provider),
                record.record_type,
                record.end_day,
                format_id("objection", record.objection) if record.objection else "",
                RecordLife(record.life).name.lower(),
                Mark(record.mark).name.lower(),
            )
            for (record_id,), record in RECORDS.scan(state)
        )
    rows = credit.rows(CreditRecordRow)
    assert expected == sorted(
        (
            row.record_id,
            row.provider,
            row.record_type,
            row.end_day,
            row.objection_id,
            row.status,
            row.mark,
        )
        for row in rows
    )
    assert {row.status for row in rows} == {"current", "superseded", "withdrawn", "expired"}
    assert {row.mark for row in rows} == {"none", "unverifiable", "suppressed"}


def test_objections_equal_those_of_the_state(credit):
    with credit.told.state() as state:
        expected = sorted(
            (
                format_id("objection", objection_id),
                format_id("record", objection.record),
                objection.due_day,
                ObjectionStatus(objection.status).name.lower(),
                objection.answer_root.hex(),
            )
            for (objection_id,), objection in OBJECTIONS.scan(state)
        )
    rows = credit.rows(CreditObjectionRow)
    assert expected == sorted(
        (row.objection_id, row.record_id, row.due_day, row.status, row.answer_root) for row in rows
    )
    answered = {"corrected", "rejected", "unverifiable", "suppressed"}
    assert {row.status for row in rows} == answered


def test_inquiries_and_scores_equal_those_of_the_state_and_denials_are_told_too(credit):
    with credit.told.state() as state:
        expected = {
            format_id("inquiry", inquiry_id): (
                tuple(format_id("record", one) for one in inquiry.shown),
                tuple(format_id("record", one) for one in inquiry.counted),
                inquiry.hard_queries,
                0 if (score := SCORES.get(state, inquiry_id)) is None else score.points,
            )
            for (inquiry_id,), inquiry in INQUIRIES.scan(state)
        }
    rows = credit.rows(CreditInquiryRow)
    answered = {row.inquiry_id: row for row in rows if row.status == "answered"}
    assert expected == {
        found: (row.shown, row.counted, row.hard_queries, row.points)
        for found, row in answered.items()
    }
    assert answered[credit.told.text("inquiry", "kept")].score == "scored"
    (denied,) = [row for row in rows if row.status == "denied"]
    assert (denied.inquiry_id, denied.denied_as) == (
        credit.told.text("inquiry", "denied"),
        "revoked",
    )


@pytest.mark.parametrize(
    ("name", "records", "asked"),
    [
        (SUBJECT, 8, {"kept", "revoked", "denied", "judicial"}),
        ("court", 6, {"judicial"}),
        ("utility", 2, set()),
        ("bank", 0, {"kept", "revoked", "denied"}),
        ("authority", 0, set()),
        ("supplier2", 0, set()),
    ],
)
def test_the_subject_sees_all_others_their_own(credit, name, records, asked):
    told, model = credit.told, credit.model
    reader = told.party(name)
    assert len(model.credit_records(reader).rows) == records
    found = {row.inquiry_id for row in model.credit_inquiries(reader).rows}
    assert found == {told.text("inquiry", one) for one in asked}
    sees = model.credit_record(reader, told.text("record", "late")) is not None
    assert sees == (name in (SUBJECT, "court"))


def test_an_inquirer_reads_what_answered_while_its_consent_is_in_force(credit):
    told, model = credit.told, credit.model
    kept, revoked = (told.text("inquiry", name) for name in ("kept", "revoked"))
    report = model.credit_report(told.party("bank"), kept)
    shown = {row.record_id for row in report.records}
    assert told.text("record", "newer") in shown
    assert told.text("record", "fixed") not in shown
    with pytest.raises(ConsentNotInForce):
        model.credit_report(told.party("bank"), revoked)
    assert model.credit_report(told.party(SUBJECT), revoked) is not None
    assert model.credit_report(told.party("court"), told.text("inquiry", "judicial")) is not None
    assert model.credit_report(told.party("utility"), kept) is None


def test_a_rule_of_the_authority_is_a_version_of_its_row(credit):
    versions = [row for row in credit.rows(PolicyVersionRow) if row.name == "credit.objection_days"]
    assert [row.value for row in versions] == [20, 5]


def test_a_state_whose_blocks_are_gone_gives_the_same_rows(told, credit, tmp_path):
    head = told.consortium.node.head().header.height
    list(prune(told.store, head))
    begun = open_model(sqlite_address(tmp_path, "begun.db"), told.consortium)
    assert begun.project(told.store) == head
    for table in TABLES:
        assert comparable(begun, table) == comparable(credit.model, table)
    answered = [row for row in credit.rows(CreditInquiryRow) if row.status == "answered"]
    assert len(comparable(begun, "credit_inquiries")) == len(answered)
    begun.close()


def test_who_was_denied_does_not_come_to_know_whom_it_asked_about(tmp_path):
    bureau = Bureau()
    model = open_model(sqlite_address(tmp_path, "denied.db"), bureau.c)
    made_up = bureau.inquiry("court_enforcement", consent=b"?" * 20)
    subject, curious = (bureau.c[name].party for name in (SUBJECT, "supplier2"))
    assert bureau.refused("supplier2", made_up) == "ok"  # applied: denied, and told the subject
    model.project(bureau.c.engine.application.store)
    assert model.party(curious, format_id("party", subject)) is None
    assert model.party(subject, format_id("party", curious)) is not None
    model.close()
    bureau.c.close()
