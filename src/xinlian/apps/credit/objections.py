"""Objections: the mark at once, the provider's clock, and what follows when it runs out.

Rules this file keeps:
 1. The subject alone objects, to a version that is shown, once.  The mark is on it in that block.
 2. The provider answers by the end of the last day that the rules in force **when it was filed**
    allow: so many calendar days, or so many working days by the calendar then published, whichever
    ends first.  Later rules change nothing for it.
 3. *Corrected* needs a correction: a later version, or the record withdrawn, since it was filed.
    *Rejected* takes the mark away. *Unverifiable* leaves a mark of its own, and the record scores
    no more.
 4. When the clock runs out the record is no more shown, and the provider's own standing says that
    it missed a duty: by the schedule, in the block of the deadline.  Only a correction is heard
    then.
 5. Every guard compares the time itself.

Source: docs/concepts/credit.md; 征信业管理条例 article 25; 民法典 articles 200 to 203.
"""

from typing import Final

import msgspec

from xinlian.apps.credit import events
from xinlian.apps.credit.errors import (
    NothingCorrected,
    NotObjectable,
    NotProvider,
    NotSubject,
    ObjectedAlready,
    ObjectionClosed,
)
from xinlian.apps.credit.keeper import (
    mark_record,
    require_live,
    require_objection,
    require_record,
)
from xinlian.apps.credit.objection_messages import Answer, AnswerObjection, FileObjection
from xinlian.apps.credit.policy import OBJECTION_DAYS, OBJECTION_WORKING_DAYS
from xinlian.apps.credit.types import (
    MODULE_NO,
    OBJECTION_TRANSITIONS,
    OBJECTIONS,
    RECORDS,
    CreditRecord,
    Mark,
    Objection,
    ObjectionStatus,
    RecordLife,
)
from xinlian.contracts.context import Context
from xinlian.modules.policy.dates import happening
from xinlian.modules.policy.keeper import later_banking_day, policy_value
from xinlian.modules.schedule.keeper import Slot, add_item, cancel_item
from xinlian.modules.standing.keeper import record_missed_duty
from xinlian.primitives.time import china_day, china_midnight_ms

DEADLINE_HANDLER: Final = MODULE_NO * 256 + 2
_OUTCOMES: Final = {
    str(Answer.CORRECTED): ObjectionStatus.CORRECTED,
    str(Answer.REJECTED): ObjectionStatus.REJECTED,
    str(Answer.UNVERIFIABLE): ObjectionStatus.UNVERIFIABLE,
}


def file_objection(context: Context, message: FileObjection) -> None:
    """Mark a record about the acting subject, and start its provider's clock."""
    # AUTHORISE
    record = require_record(context.state, message.record)
    if record.subject != context.acting_for:
        raise NotSubject(message.record.hex())
    # VALIDATE
    if record.provider == record.subject:
        raise NotObjectable(message.record.hex())
    require_live(record, context.time_ms)
    if record.objection:
        raise ObjectedAlready(record.objection.hex())
    # COMPUTE
    due_day = _last_day(context)
    deadline_ms = china_midnight_ms(due_day + 1)
    objection_id = context.new_id("objection")
    # WRITE
    slot = add_item(context.state, deadline_ms, DEADLINE_HANDLER, objection_id)
    objection = _filed(context, message, record, due_day, slot)
    OBJECTIONS.put(context.state, objection, objection_id)
    mark_record(context.state, message.record, Mark.MARKED, objection_id, deadline_ms)
    # EMIT
    context.emit(
        events.ObjectionFiled(
            objection_id,
            message.record,
            record.subject,
            record.provider,
            message.reason_root,
            due_day,
        ),
    )


def answer_objection(context: Context, message: AnswerObjection) -> None:
    """Close an objection to a record of the acting provider."""
    # AUTHORISE
    objection = require_objection(context.state, message.objection)
    if objection.provider != context.acting_for:
        raise NotProvider(message.objection.hex())
    # VALIDATE
    status = _OUTCOMES[message.answer]
    standing = objection.status_at(context.time_ms)
    if status not in OBJECTION_TRANSITIONS[standing]:
        raise ObjectionClosed(standing.name.lower())
    record = RECORDS.require(context.state, objection.record)
    if status == ObjectionStatus.CORRECTED:
        _require_correction(objection, record)
    # WRITE
    cancel_item(context.state, Slot(objection.item_due_at_ms, objection.item_no))
    answered = msgspec.structs.replace(
        objection,
        status=status,
        answer_root=message.answer_root,
        answered_at_ms=context.time_ms,
    )
    OBJECTIONS.put(context.state, answered, message.objection)
    _unmark(context, message.objection, objection.record, status)
    # EMIT
    context.emit(
        events.ObjectionAnswered(
            message.objection,
            objection.record,
            status,
            message.answer_root,
        ),
    )


def pass_deadline(context: Context, objection_id: bytes) -> None:
    """Due work: the provider did not answer in time."""
    objection = OBJECTIONS.require(context.state, objection_id)
    is_open = objection.status == ObjectionStatus.MARKED
    if not is_open or context.time_ms < objection.item_due_at_ms:
        return
    late = msgspec.structs.replace(objection, status=ObjectionStatus.SUPPRESSED)
    OBJECTIONS.put(context.state, late, objection_id)
    suppressed_from_ms = objection.item_due_at_ms
    record_id = objection.record
    mark_record(context.state, record_id, Mark.SUPPRESSED, objection_id, suppressed_from_ms)
    context.emit(events.ObjectionTimedOut(objection_id, record_id, objection.provider))
    record_missed_duty(context, objection.provider, objection_id, objection.due_day)


def _last_day(context: Context) -> int:
    """Return the last day for an answer to what is filed now."""
    today, dates = china_day(context.time_ms), happening(context.time_ms)
    days = policy_value(context.state, OBJECTION_DAYS, dates)
    working_days = policy_value(context.state, OBJECTION_WORKING_DAYS, dates)
    last_day = today + days
    if not working_days:
        return last_day
    return min(last_day, later_banking_day(context.state, today, working_days))


def _filed(
    context: Context,
    message: FileObjection,
    record: CreditRecord,
    due_day: int,
    slot: Slot,
) -> Objection:
    return Objection(
        record=message.record,
        first_record=message.record,
        subject=record.subject,
        provider=record.provider,
        reason_root=message.reason_root,
        filed_at_ms=context.time_ms,
        due_day=due_day,
        status=ObjectionStatus.MARKED,
        answer_root=b"",
        answered_at_ms=0,
        item_due_at_ms=slot.due_at_ms,
        item_no=slot.sequence_no,
    )


def _require_correction(objection: Objection, record: CreditRecord) -> None:
    """Refuse to call corrected what stands as it stood; raises NothingCorrected."""
    is_replaced = objection.record != objection.first_record
    if not is_replaced and record.life != RecordLife.WITHDRAWN:
        raise NothingCorrected(objection.record.hex())


def _unmark(
    context: Context,
    objection_id: bytes,
    record_id: bytes,
    status: ObjectionStatus,
) -> None:
    """Write what an answer leaves on the record; a corrected version may be contested anew."""
    if status == ObjectionStatus.CORRECTED:
        mark_record(context.state, record_id, Mark.NONE, b"")
    elif status == ObjectionStatus.REJECTED:
        mark_record(context.state, record_id, Mark.NONE, objection_id)
    else:
        mark_record(context.state, record_id, Mark.UNVERIFIABLE, objection_id)
