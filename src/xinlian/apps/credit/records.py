"""Publishing, superseding and withdrawing credit records; the end of their time.

Rules this file keeps:
 1. A provider is a member, and holds the official role that policy asks of the type; a statement is
    the subject's own.  Nobody else writes, changes or ends a record, whatever authority it has.
 2. A record under consent names one that the subject gave this provider for reporting, of this
    type, and that is in force.  A later version rests on what the first one rested on.
 3. An adverse record is shown until so many months after the day on which its event ended as the
    policy row says that was in force when this version was published.  An event that has not ended
    starts no clock.  The clock ends it; nobody has to act.
 4. An end that was published is never taken back or moved later.
 5. A version takes over the open objection to the one before, and its mark: publishing again ends
    no objection.

Source: docs/concepts/credit.md; 征信业管理条例 13, 16, 29; 民法典 200 to 203 (a period in
years begins with the day after, and ends with the corresponding day).
"""

from typing import Final, NamedTuple

from xinlian.apps.credit import events
from xinlian.apps.credit.errors import (
    DaysUnfit,
    DocumentUnfit,
    EndMoved,
    NotSupersedable,
    PastRetention,
    SubjectUnfit,
)
from xinlian.apps.credit.keeper import (
    check_room,
    end_record,
    hand_over,
    is_contested,
    is_over,
    place,
    require_own,
)
from xinlian.apps.credit.messages import PublishRecord, WithdrawRecord
from xinlian.apps.credit.policy import ADVERSE_MONTHS
from xinlian.apps.credit.record_types import (
    LegalBasis,
    Polarity,
    RecordType,
    role_of_number,
    role_row,
    schema_of,
)
from xinlian.apps.credit.types import (
    MODULE_NO,
    RECORDS,
    USED_ROOTS,
    CreditRecord,
    Mark,
    RecordLife,
    UsedRoot,
)
from xinlian.contracts.context import Context
from xinlian.modules.consent.keeper import check_covers, require_live
from xinlian.modules.consent.types import Purpose
from xinlian.modules.documents.handlers import require_document
from xinlian.modules.members.errors import NotInRole
from xinlian.modules.members.roles import require_role
from xinlian.modules.members.types import PARTIES, PartyKind
from xinlian.modules.policy.dates import happening
from xinlian.modules.policy.keeper import policy_value
from xinlian.modules.schedule.keeper import add_item
from xinlian.primitives.time import add_months, china_day, china_midnight_ms

EXPIRY_HANDLER: Final = MODULE_NO * 256 + 1


class _Before(NamedTuple):
    """The version before, where there is one."""

    record_id: bytes
    record: CreditRecord


def publish_record(context: Context, message: PublishRecord) -> None:
    """Write a record of the acting provider, in the place of the version before."""
    # AUTHORISE
    is_official = _require_provider(context, message)
    before = _version_before(context, message)
    # VALIDATE
    _check_document(context, message)
    _check_days(message, china_day(context.time_ms))
    if before is None:
        _check_consent(context, message)
        check_room(context.state, message.subject, message.record_type)
    else:
        _check_follows(before.record, message)
    # COMPUTE
    expires_at_ms = _expiry_ms(context, message)
    if expires_at_ms and context.time_ms >= expires_at_ms:
        raise PastRetention(str(expires_at_ms))
    record_id = context.new_id("record")
    record = _published(context, message, before, expires_at_ms, is_official=is_official)
    # WRITE
    if before is not None:
        end_record(context, before.record_id, before.record, RecordLife.SUPERSEDED)
    place(context.state, record_id, record)
    if record.objection:
        hand_over(context.state, record.objection, record_id)
    USED_ROOTS.put(context.state, UsedRoot(record_id), message.document_root)
    if expires_at_ms:
        add_item(context.state, expires_at_ms, EXPIRY_HANDLER, record_id)
    # EMIT
    context.emit(_told(record_id, record))


def withdraw_record(context: Context, message: WithdrawRecord) -> None:
    """End a record of the acting provider."""
    # AUTHORISE
    record = require_own(context, message.record)
    # WRITE and EMIT
    end_record(context, message.record, record, RecordLife.WITHDRAWN)


def expire_record(context: Context, record_id: bytes) -> None:
    """Due work: the time of being shown is over."""
    record = RECORDS.require(context.state, record_id)
    if record.is_current and is_over(record, context.time_ms):
        end_record(context, record_id, record, RecordLife.EXPIRED)


def _require_provider(context: Context, message: PublishRecord) -> bool:
    """Refuse who may not say this of this subject; return whether an official role says it.

    Raises:
        SubjectUnfit: the subject is nobody of the directory, or the wrong one.
        NotInRole: the provider is no member, or does not hold the role that policy asks.
    """
    subject = PARTIES.get(context.state, message.subject)
    is_own = message.record_type == RecordType.SELF_STATEMENT
    if subject is None or (message.subject == context.acting_for) != is_own:
        raise SubjectUnfit(message.subject.hex())
    if subject.kind == PartyKind.PERSON:
        raise SubjectUnfit("no person is a subject in this version")
    if is_own:
        return False
    provider = PARTIES.require(context.state, context.acting_for)
    if provider.kind != PartyKind.MEMBER:
        raise NotInRole("member")
    dates = happening(context.time_ms)
    role = role_of_number(policy_value(context.state, role_row(message.record_type), dates))
    if role is not None:
        require_role(context.state, context.acting_for, role)
    return role is not None


def _version_before(context: Context, message: PublishRecord) -> _Before | None:
    """Return the version that a message takes the place of; raises as ``require_own``."""
    if not message.previous:
        return None
    return _Before(message.previous, require_own(context, message.previous))


def _check_document(context: Context, message: PublishRecord) -> None:
    """Refuse a document that is not the provider's own of this type, or is of a record already."""
    document = require_document(context.state, message.document_root)
    if document.owner != context.acting_for:
        raise DocumentUnfit("the provider registers the document itself")
    wanted = (schema_of(message.record_type), message.schema_version)
    if (document.schema, document.schema_version) != wanted:
        raise DocumentUnfit(f"its schema is {wanted[0]}, version {wanted[1]}")
    if USED_ROOTS.get(context.state, message.document_root) is not None:
        raise DocumentUnfit("it is of another record already")


def _check_days(message: PublishRecord, today: int) -> None:
    """Refuse days that contradict one another; raises DaysUnfit."""
    if not message.event_day <= message.as_of_day <= today:
        raise DaysUnfit("event, then as-of day, then today")
    if message.end_day and not message.event_day <= message.end_day <= message.as_of_day:
        raise DaysUnfit("an event ends after it began, and not after the as-of day")


def _check_consent(context: Context, message: PublishRecord) -> None:
    """Refuse a report that the subject did not consent to; raises refusals of ``consent``."""
    if message.legal_basis != LegalBasis.CONSENT:
        return
    consent = require_live(context, message.consent, is_reader=True)
    kinds = (message.record_type,)
    check_covers(consent, message.subject, Purpose.CREDIT_REPORTING, kinds, context.time_ms)


def _check_follows(before: CreditRecord, message: PublishRecord) -> None:
    """Refuse a version that is not of the same event and basis.

    Raises:
        NotSupersedable: type, subject, event or basis differ.
        EndMoved: the end that was published is gone, or later.
    """
    same = (before.subject, before.record_type, before.legal_basis, before.consent)
    if same != (message.subject, message.record_type, message.legal_basis, message.consent):
        raise NotSupersedable("subject, type and basis stay")
    if message.event_day != before.event_day:
        raise NotSupersedable("it is of the same event, so its day stays")
    if message.as_of_day < before.as_of_day:
        raise NotSupersedable("a later version is as of the same day or a later one")
    if before.end_day and not 0 < message.end_day <= before.end_day:
        raise EndMoved(str(before.end_day))


def _expiry_ms(context: Context, message: PublishRecord) -> int:
    """Return when an adverse record of an event that has ended is no more shown; 0 for others."""
    if message.polarity != Polarity.ADVERSE or not message.end_day:
        return 0
    months = policy_value(context.state, ADVERSE_MONTHS, happening(context.time_ms))
    return china_midnight_ms(add_months(message.end_day, months) + 1)


def _published(
    context: Context,
    message: PublishRecord,
    before: _Before | None,
    expires_at_ms: int,
    *,
    is_official: bool,
) -> CreditRecord:
    taken_over = before.record if before is not None and is_contested(before.record) else None
    return CreditRecord(
        provider=context.acting_for,
        subject=message.subject,
        record_type=message.record_type,
        schema_version=message.schema_version,
        polarity=message.polarity,
        event_day=message.event_day,
        end_day=message.end_day,
        as_of_day=message.as_of_day,
        amount_minor=message.amount_minor,
        legal_basis=message.legal_basis,
        consent=message.consent,
        law=message.law,
        document_root=message.document_root,
        previous=message.previous,
        published_at_ms=context.time_ms,
        expires_at_ms=expires_at_ms,
        life=RecordLife.CURRENT,
        mark=Mark.NONE if taken_over is None else taken_over.mark,
        objection=b"" if taken_over is None else taken_over.objection,
        is_official=is_official,
        suppressed_from_ms=0 if taken_over is None else taken_over.suppressed_from_ms,
    )


def _told(record_id: bytes, record: CreditRecord) -> events.RecordPublished:
    return events.RecordPublished(
        record_id,
        record.provider,
        record.subject,
        record.record_type,
        record.schema_version,
        record.polarity,
        record.event_day,
        record.end_day,
        record.as_of_day,
        record.amount_minor,
        record.legal_basis,
        record.consent,
        record.law,
        record.document_root,
        record.previous,
        record.expires_at_ms,
        record.is_official,
        record.mark,
        record.objection,
    )
