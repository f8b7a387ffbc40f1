"""The subject contests; the provider's clock runs; nobody answers for it."""

import itertools

import pytest

from support.bureau import SUBJECT, TODAY, Bureau
from support.happened import happened
from xinlian.apps.credit.events import ObjectionTimedOut
from xinlian.apps.credit.messages import WithdrawRecord
from xinlian.apps.credit.objection_messages import FileObjection
from xinlian.apps.credit.types import (
    OBJECTION_TRANSITIONS,
    Mark,
    ObjectionStatus,
    RecordLife,
)
from xinlian.modules.policy.genesis import GenesisRow, GenesisVersion
from xinlian.modules.policy.types import AppliesBy
from xinlian.modules.standing.events import DutyMissed
from xinlian.primitives.time import day_of_iso

LAST_DAY = TODAY + 20


@pytest.fixture
def contested(fresh):
    record = fresh.publish("court", fresh.enforcement())
    return fresh, record, fresh.object_to(record)


def shown(bureau: Bureau):
    asked = bureau.inquiry("court_enforcement", purpose="self")
    found = bureau.ask(SUBJECT, asked)
    return found.shown, found.marked


def test_the_mark_is_on_the_record_at_once(contested):
    bureau, record, objection = contested
    found = bureau.record(record)
    assert (found.mark, found.objection) == (Mark.MARKED, objection)
    assert bureau.objection(objection).due_day == LAST_DAY
    assert shown(bureau) == ((record,), (record,))


def test_only_the_subject_objects_to_what_is_shown_and_once(contested):
    bureau, record, _ = contested
    for name in ("court", "bank", "authority", "supplier2"):
        assert bureau.refused(name, FileObjection(record, b"r" * 32)) == "credit/not_subject"
    again = FileObjection(record, b"r" * 32)
    assert bureau.refused(SUBJECT, again) == "credit/objected_already"
    unknown = FileObjection(b"?" * 20, b"r" * 32)
    assert bureau.refused(SUBJECT, unknown) == "credit/no_record"
    other = bureau.publish("court", bureau.enforcement())
    bureau.step("court", WithdrawRecord(other))
    assert bureau.refused(SUBJECT, FileObjection(other, b"r" * 32)) == "credit/not_current"


def test_a_statement_of_ones_own_is_withdrawn_not_contested(fresh):
    statement = fresh.enforcement(
        SUBJECT,
        record_type="self_statement",
        polarity="neutral",
        amount_minor=0,
        end_day=0,
        legal_basis="own_statement",
        law="",
    )
    own = fresh.publish(SUBJECT, statement)
    assert fresh.refused(SUBJECT, FileObjection(own, b"r" * 32)) == "credit/not_objectable"


@pytest.mark.parametrize("name", ["authority", "regulator", "bank", SUBJECT])
def test_nobody_answers_for_the_provider(contested, name):
    bureau, _, objection = contested
    assert bureau.refused(name, bureau.answer(objection, "rejected")) == "credit/not_provider"


def test_rejected_takes_the_mark_away_and_the_version_is_not_contested_again(contested):
    bureau, record, objection = contested
    bureau.step("court", bureau.answer(objection, "rejected"))
    assert shown(bureau) == ((record,), ())
    assert bureau.refused(SUBJECT, FileObjection(record, b"r" * 32)) == "credit/objected_already"
    again = bureau.answer(objection, "rejected")
    assert bureau.refused("court", again) == "credit/objection_closed"


def test_unverifiable_leaves_a_mark_of_its_own(contested):
    bureau, record, objection = contested
    bureau.step("court", bureau.answer(objection, "unverifiable"))
    assert bureau.record(record).mark == Mark.UNVERIFIABLE
    assert shown(bureau) == ((record,), (record,))


def test_corrected_needs_a_correction(contested):
    bureau, record, objection = contested
    answer = bureau.answer(objection, "corrected")
    assert bureau.refused("court", answer) == "credit/nothing_corrected"
    newer = bureau.publish("court", bureau.enforcement(previous=record, amount_minor=1))
    assert bureau.record(newer).mark == Mark.MARKED  # publishing again ends no objection
    assert bureau.objection(objection).record == newer
    bureau.step("court", bureau.answer(objection, "corrected"))
    assert shown(bureau) == ((newer,), ())
    assert bureau.object_to(newer)  # the corrected version may be wrong again


def test_to_withdraw_is_to_correct(contested):
    bureau, record, objection = contested
    bureau.step("court", WithdrawRecord(record))
    bureau.step("court", bureau.answer(objection, "corrected"))
    assert bureau.objection(objection).status == ObjectionStatus.CORRECTED


@pytest.mark.parametrize("answer", ["", "maybe", "suppressed"])
def test_there_are_three_answers(contested, answer):
    bureau, _, objection = contested
    if answer:
        assert bureau.refused("court", bureau.answer(objection, answer)) == "credit/answer_unfit"
    unknown = bureau.answer(b"?" * 20, "rejected")
    assert bureau.refused("court", unknown) == "credit/no_objection"


def test_when_the_clock_runs_out_the_record_goes_and_the_provider_missed_a_duty(contested):
    bureau, record, objection = contested
    before = bureau.standing("court")
    bureau.to_day(LAST_DAY, minutes=23 * 60)
    assert shown(bureau) == ((record,), (record,))
    bureau.to_day(LAST_DAY + 1)
    assert shown(bureau) == ((), ())
    assert bureau.record(record).mark == Mark.SUPPRESSED
    assert bureau.objection(objection).status == ObjectionStatus.SUPPRESSED
    after = bureau.standing("court")
    assert (before.duties_missed, after.duties_missed) == (0, 1)
    (missed,) = happened(bureau.c, DutyMissed)
    (timed_out,) = happened(bureau.c, ObjectionTimedOut)
    assert (missed.duty_source, missed.due_day) == (objection, LAST_DAY)
    assert timed_out.provider == bureau.c["court"].party


def test_too_late_only_a_correction_is_heard_and_the_missed_duty_stays(contested):
    bureau, record, objection = contested
    bureau.to_day(LAST_DAY + 1)
    for answer in ("rejected", "unverifiable"):
        late = bureau.answer(objection, answer)
        assert bureau.refused("court", late) == "credit/objection_closed"
    again = bureau.enforcement(previous=record, as_of_day=bureau.today)
    newer = bureau.publish("court", again)
    assert shown(bureau) == ((), ())  # to publish again does not bring it back
    bureau.step("court", bureau.answer(objection, "corrected"))
    assert shown(bureau) == ((newer,), ())
    assert bureau.standing("court").duties_missed == 1


def test_an_answer_in_time_stops_the_clock(contested):
    bureau, _, objection = contested
    bureau.step("court", bureau.answer(objection, "rejected"))
    bureau.to_day(LAST_DAY + 2)
    assert bureau.objection(objection).status == ObjectionStatus.REJECTED
    assert bureau.standing("court").duties_missed == 0


def test_a_record_that_expires_meanwhile_still_needs_its_answer(fresh):
    ended = day_of_iso("2021-12-02")
    record = fresh.publish("court", fresh.enforcement(event_day=ended, end_day=ended))
    objection = fresh.object_to(record)
    fresh.to_day(LAST_DAY + 1)
    assert fresh.record(record).life == RecordLife.EXPIRED
    assert fresh.objection(objection).status == ObjectionStatus.SUPPRESSED
    assert fresh.standing("court").duties_missed == 1


def test_the_earlier_of_calendar_and_working_days_counts():
    working = GenesisRow(
        "credit.objection_working_days",
        "banking-day",
        (GenesisVersion(0, 7, AppliesBy.EVENT, "test", verified=False),),
    )
    bureau = Bureau(dated_rows=(working,))
    record = bureau.publish("court", bureau.enforcement())
    objection = bureau.objection(bureau.object_to(record))
    assert objection.due_day == TODAY + 9  # Monday, and seven working days on a Wednesday
    bureau.close()


def test_the_table_of_states_is_the_one_that_the_handlers_keep(contested):
    """Every pair of states that a message could join was tried above; the rest is closed."""
    allowed = {(a, b) for a, found in OBJECTION_TRANSITIONS.items() for b in found}
    ends = {ObjectionStatus.CORRECTED, ObjectionStatus.REJECTED, ObjectionStatus.UNVERIFIABLE}
    for before, after in itertools.product(ObjectionStatus, repeat=2):
        is_answer = before == ObjectionStatus.MARKED and after != ObjectionStatus.MARKED
        is_late = (before, after) == (ObjectionStatus.SUPPRESSED, ObjectionStatus.CORRECTED)
        assert ((before, after) in allowed) == (is_answer or is_late)
    bureau, _, objection = contested
    bureau.step("court", bureau.answer(objection, "unverifiable"))
    for answer in ("corrected", "rejected", "unverifiable"):
        closed = bureau.answer(objection, answer)
        assert bureau.refused("court", closed) == "credit/objection_closed"
    assert bureau.objection(objection).status in ends
