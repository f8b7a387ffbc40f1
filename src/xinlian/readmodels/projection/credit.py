"""Rows of credit records, inquiries, objections and scores."""

from typing import Final

from xinlian.apps.credit import events
from xinlian.apps.credit.types import (
    INQUIRIES,
    OBJECTIONS,
    RECORDS,
    SCORES,
    CreditRecord,
    Inquiry,
    Mark,
    ObjectionStatus,
    RecordLife,
    Score,
)
from xinlian.ledger.ports import StateView
from xinlian.readmodels.projection.writer import Cause, Writer
from xinlian.readmodels.rows import (
    CreditInquiryRow,
    CreditObjectionRow,
    CreditRecordRow,
    PolicyVersionRow,
)
from xinlian.readmodels.text import enum_text, id_text

ANSWERED: Final = "answered"
DENIED: Final = "denied"
_NO_SCORE: Final = Score(b"", False, 0, 0, (), 0, b"", 0)  # noqa: FBT003 - a record's field


def record_published(writer: Writer, event: events.RecordPublished, cause: Cause) -> None:
    """A provider published a record; it takes over the objection to the version before."""
    del cause
    record_id = event.credit_record
    _add_record(writer, record_id, event.data_subject, event, RecordLife.CURRENT)
    if event.objection:
        before = _record(writer, event.previous)
        writer.change(before, mark=enum_text(Mark.NONE))
        writer.change(_objection(writer, event.objection), record_id=id_text("record", record_id))


def record_ended(writer: Writer, event: events.RecordEnded, cause: Cause) -> None:
    """It was superseded, withdrawn, or its time was over."""
    del cause
    row = _record(writer, event.credit_record)
    writer.change(row, status=enum_text(RecordLife(event.record_life)))


def inquiry_answered(writer: Writer, event: events.InquiryAnswered, cause: Cause) -> None:
    """Somebody was shown records; the subject sees it."""
    del cause
    _add_inquiry(writer, event.inquiry, event.data_subject, event, None)


def inquiry_denied(writer: Writer, event: events.InquiryDenied, cause: Cause) -> None:
    """Somebody tried and was shown nothing; the subject sees that too."""
    del cause
    writer.add(
        CreditInquiryRow(
            **writer.born_changing(),
            inquiry_id=id_text("inquiry", event.inquiry),
            inquirer=id_text("party", event.inquirer),
            subject=id_text("party", event.data_subject),
            purpose=event.inquiry_purpose,
            record_types=event.record_types,
            consent_id=id_text("consent", event.consent),
            law="",
            request_root=event.request_root.hex(),
            status=DENIED,
            denied_as=event.denied_as,
            shown=(),
            marked=(),
            counted=(),
            hard_queries=0,
            score="",
            points=0,
            points_uncontested=0,
            reasons=(),
            model_root="",
            feature_root="",
        ),
    )


def score_given(writer: Writer, event: events.ScoreGiven, cause: Cause) -> None:
    """An inquirer signed what its scorecard said."""
    del cause
    writer.change(
        writer.require(CreditInquiryRow, id_text("inquiry", event.inquiry)),
        score=_score_text(is_sufficient=event.is_sufficient),
        points=event.points,
        points_uncontested=event.points_uncontested,
        reasons=event.reasons,
        model_root=event.model_root.hex(),
        feature_root=event.feature_root.hex(),
    )


def objection_filed(writer: Writer, event: events.ObjectionFiled, cause: Cause) -> None:
    """A subject contests a record; the mark is on it."""
    del cause
    objection_id = id_text("objection", event.objection)
    record = _record(writer, event.credit_record)
    writer.change(record, mark=enum_text(Mark.MARKED), objection_id=objection_id)
    writer.add(
        CreditObjectionRow(
            **writer.born_changing(),
            objection_id=objection_id,
            record_id=record.record_id,
            subject=id_text("party", event.data_subject),
            provider=id_text("party", event.provider),
            reason_root=event.reason_root.hex(),
            due_day=event.due_day,
            status=enum_text(ObjectionStatus.MARKED),
            answer_root="",
        ),
    )


def objection_answered(writer: Writer, event: events.ObjectionAnswered, cause: Cause) -> None:
    """The provider answered; what that leaves on the record follows."""
    del cause
    status = ObjectionStatus(event.objection_status)
    objection = _objection(writer, event.objection)
    writer.change(objection, status=enum_text(status), answer_root=event.answer_root.hex())
    record = _record(writer, event.credit_record)
    if status == ObjectionStatus.CORRECTED:
        writer.change(record, mark=enum_text(Mark.NONE), objection_id="")
    elif status == ObjectionStatus.REJECTED:
        writer.change(record, mark=enum_text(Mark.NONE))
    else:
        writer.change(record, mark=enum_text(Mark.UNVERIFIABLE))


def objection_timed_out(writer: Writer, event: events.ObjectionTimedOut, cause: Cause) -> None:
    """The provider did not answer in time."""
    del cause
    status = enum_text(ObjectionStatus.SUPPRESSED)
    writer.change(_objection(writer, event.objection), status=status)
    writer.change(_record(writer, event.credit_record), mark=enum_text(Mark.SUPPRESSED))


def rule_published(writer: Writer, event: events.RulePublished, cause: Cause) -> None:
    """The credit authority published a dated value of a policy row."""
    del cause
    writer.log(
        PolicyVersionRow(
            **writer.born(),
            name=event.row,
            effective_from_ms=event.effective_from_ms,
            unit=event.unit,
            value=event.value,
            applies_by=event.applies_by,
            citation=event.citation,
            verified=event.verified,
        ),
    )


def project_credit(writer: Writer, state: StateView) -> None:
    """Write the rows of a state whose earlier blocks are not here; denials are not in a state."""
    for (record_id,), record in RECORDS.scan(state):
        _add_record(writer, record_id, record.subject, record, RecordLife(record.life))
    for (inquiry_id,), inquiry in INQUIRIES.scan(state):
        score = SCORES.get(state, inquiry_id)
        _add_inquiry(writer, inquiry_id, inquiry.subject, inquiry, score)
    for (objection_id,), objection in OBJECTIONS.scan(state):
        writer.add(
            CreditObjectionRow(
                **writer.born_changing(),
                objection_id=id_text("objection", objection_id),
                record_id=id_text("record", objection.record),
                subject=id_text("party", objection.subject),
                provider=id_text("party", objection.provider),
                reason_root=objection.reason_root.hex(),
                due_day=objection.due_day,
                status=enum_text(ObjectionStatus(objection.status)),
                answer_root=objection.answer_root.hex(),
            ),
        )


def _add_record(
    writer: Writer,
    record_id: bytes,
    subject: bytes,
    record: events.RecordPublished | CreditRecord,
    life: RecordLife,
) -> None:
    writer.add(
        CreditRecordRow(
            **writer.born_changing(),
            record_id=id_text("record", record_id),
            provider=id_text("party", record.provider),
            subject=id_text("party", subject),
            record_type=record.record_type,
            schema_version=record.schema_version,
            polarity=record.polarity,
            event_day=record.event_day,
            end_day=record.end_day,
            as_of_day=record.as_of_day,
            amount_minor=record.amount_minor,
            legal_basis=record.legal_basis,
            consent_id=id_text("consent", record.consent),
            law=record.law,
            document_root=record.document_root.hex(),
            previous=id_text("record", record.previous),
            is_official=record.is_official,
            expires_at_ms=record.expires_at_ms,
            status=enum_text(life),
            mark=enum_text(Mark(record.mark)),
            objection_id=id_text("objection", record.objection),
        ),
    )


def _add_inquiry(
    writer: Writer,
    inquiry_id: bytes,
    subject: bytes,
    inquiry: events.InquiryAnswered | Inquiry,
    score: Score | None,
) -> None:
    given = score or _NO_SCORE
    writer.add(
        CreditInquiryRow(
            **writer.born_changing(),
            inquiry_id=id_text("inquiry", inquiry_id),
            inquirer=id_text("party", inquiry.inquirer),
            subject=id_text("party", subject),
            purpose=inquiry.inquiry_purpose,
            record_types=inquiry.record_types,
            consent_id=id_text("consent", inquiry.consent),
            law=inquiry.law,
            request_root=inquiry.request_root.hex(),
            status=ANSWERED,
            denied_as="",
            shown=_records(inquiry.shown),
            marked=_records(inquiry.marked),
            counted=_records(inquiry.counted),
            hard_queries=inquiry.hard_queries,
            score="" if score is None else _score_text(is_sufficient=score.is_sufficient),
            points=given.points,
            points_uncontested=given.points_uncontested,
            reasons=given.reasons,
            model_root=given.model_root.hex(),
            feature_root=given.feature_root.hex(),
        ),
    )


def _score_text(*, is_sufficient: bool) -> str:
    return "scored" if is_sufficient else "insufficient"


def _records(ids: tuple[bytes, ...]) -> tuple[str, ...]:
    return tuple(id_text("record", one) for one in ids)


def _record(writer: Writer, record: bytes) -> CreditRecordRow:
    return writer.require(CreditRecordRow, id_text("record", record))


def _objection(writer: Writer, objection: bytes) -> CreditObjectionRow:
    return writer.require(CreditObjectionRow, id_text("objection", objection))
