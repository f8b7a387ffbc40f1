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
    types,
)
from xinlian.apps.credit.invariants import INVARIANTS
from xinlian.apps.credit.policy import REQUIRED_ROWS
from xinlian.contracts.registry import Registry

__all__ = ["INVARIANTS", "REQUIRED_ROWS", "register"]


def register(registry: Registry) -> None:
    """Add the business to the registry."""
    registry.add_collections(types.RECORDS, types.CURRENT, types.SHELVES, types.USED_ROOTS)
    registry.add_collections(types.INQUIRIES, types.INQUIRIES_OF, types.OBJECTIONS)
    registry.add_message(messages.PublishRecord, records.publish_record)
    registry.add_message(messages.WithdrawRecord, records.withdraw_record)
    registry.add_message(inquiry_messages.InquireRecords, inquiries.inquire_records)
    registry.add_message(objection_messages.FileObjection, objections.file_objection)
    registry.add_message(objection_messages.AnswerObjection, objections.answer_objection)
    registry.add_message(objection_messages.PublishRule, rules.publish_rule)
    registry.add_events(
        events.RecordPublished,
        events.RecordEnded,
        events.InquiryAnswered,
        events.InquiryDenied,
        events.ObjectionFiled,
        events.ObjectionAnswered,
        events.ObjectionTimedOut,
        events.RulePublished,
    )
    registry.add_scheduled(records.EXPIRY_HANDLER, records.expire_record)
    registry.add_scheduled(objections.DEADLINE_HANDLER, objections.pass_deadline)
