"""Registration of social credit."""

from xinlian.apps.credit import (
    events,
    inquiries,
    inquiry_messages,
    messages,
    objection_messages,
    objections,
    records,
    rules,
    score_messages,
    scores,
    types,
)
from xinlian.apps.credit.invariants import INVARIANTS
from xinlian.apps.credit.policy import REQUIRED_ROWS
from xinlian.contracts.registry import Registry
from xinlian.modules.conditions.score_ports import ONLY, ScoreVerdicts

__all__ = ["INVARIANTS", "REQUIRED_ROWS", "register"]


def register(registry: Registry) -> None:
    """Add the business to the registry."""
    registry.add_collections(types.RECORDS, types.CURRENT, types.SHELVES, types.USED_ROOTS)
    registry.add_collections(types.INQUIRIES, types.INQUIRIES_OF, types.OBJECTIONS, types.SCORES)
    registry.add_message(messages.PublishRecord, records.publish_record)
    registry.add_message(messages.WithdrawRecord, records.withdraw_record)
    registry.add_message(inquiry_messages.InquireRecords, inquiries.inquire_records)
    registry.add_message(objection_messages.FileObjection, objections.file_objection)
    registry.add_message(objection_messages.AnswerObjection, objections.answer_objection)
    registry.add_message(objection_messages.PublishRule, rules.publish_rule)
    registry.add_message(score_messages.GiveScore, scores.give_score)
    registry.ports.provide(ScoreVerdicts, ONLY, scores.GivenScores())
    registry.add_events(
        events.RecordPublished,
        events.RecordEnded,
        events.InquiryAnswered,
        events.InquiryDenied,
        events.ObjectionFiled,
        events.ObjectionAnswered,
        events.ObjectionTimedOut,
        events.RulePublished,
        events.ScoreGiven,
    )
    registry.add_scheduled(records.EXPIRY_HANDLER, records.expire_record)
    registry.add_scheduled(objections.DEADLINE_HANDLER, objections.pass_deadline)
