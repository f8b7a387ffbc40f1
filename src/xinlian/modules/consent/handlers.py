"""Handlers of the consent module."""

from typing import Final

from xinlian.contracts.context import Context
from xinlian.contracts.registry import Registry
from xinlian.modules.consent import events
from xinlian.modules.consent.errors import PeriodUnfit, ReaderUnfit, SubjectUnfit
from xinlian.modules.consent.keeper import check_read, require_live, write_end, write_read
from xinlian.modules.consent.messages import GrantConsent, RecordRead, RevokeConsent
from xinlian.modules.consent.types import (
    CONSENT_DAYS_ROW,
    CONSENTS,
    MODULE_NO,
    READS,
    Consent,
    ConsentRead,
    ConsentStatus,
)
from xinlian.modules.members.keeper import require_party
from xinlian.modules.members.types import PARTIES, PartyKind
from xinlian.modules.policy.dates import happening
from xinlian.modules.policy.keeper import policy_value
from xinlian.modules.schedule.keeper import Slot, add_item, cancel_item
from xinlian.primitives.time import MS_PER_DAY

END_HANDLER: Final = MODULE_NO * 256 + 1


def grant_consent(context: Context, message: GrantConsent) -> None:
    """Write a consent of the acting party."""
    # AUTHORISE
    if require_party(context.state, context.acting_for).kind == PartyKind.PERSON:
        raise SubjectUnfit(context.acting_for.hex())
    reader = PARTIES.get(context.state, message.reader)
    if reader is None or reader.is_suspended or message.reader == context.acting_for:
        raise ReaderUnfit(message.reader.hex())
    # VALIDATE
    days = policy_value(context.state, CONSENT_DAYS_ROW, happening(context.time_ms))
    from_ms = max(message.from_ms, context.time_ms)
    if not context.time_ms < message.until_ms <= context.time_ms + days * MS_PER_DAY:
        raise PeriodUnfit(f"a consent ends within {days} days")
    # WRITE
    consent_id = context.new_id("consent")
    slot = add_item(context.state, message.until_ms + 1, END_HANDLER, consent_id)
    consent = _given(context, message, from_ms, slot)
    CONSENTS.put(context.state, consent, consent_id)
    # EMIT
    context.emit(
        events.ConsentGiven(
            consent_id,
            consent.subject,
            consent.reader,
            consent.purpose,
            consent.data_kinds,
            consent.from_ms,
            consent.until_ms,
            consent.reads_max,
            consent.period_days,
            consent.terms_root,
        ),
    )


def _given(context: Context, message: GrantConsent, from_ms: int, slot: Slot) -> Consent:
    return Consent(
        subject=context.acting_for,
        reader=message.reader,
        purpose=message.purpose,
        data_kinds=message.data_kinds,
        from_ms=from_ms,
        until_ms=message.until_ms,
        reads_max=message.reads_max,
        period_days=message.period_days,
        terms_root=message.terms_root,
        status=ConsentStatus.GIVEN,
        given_at_ms=context.time_ms,
        ended_at_ms=0,
        read_count=0,
        period_no=0,
        period_reads=0,
        item_due_at_ms=slot.due_at_ms,
        item_no=slot.sequence_no,
    )


def revoke_consent(context: Context, message: RevokeConsent) -> None:
    """End a consent of the acting party from this block on."""
    # AUTHORISE
    consent = require_live(context, message.consent, is_reader=False)
    # WRITE
    cancel_item(context.state, Slot(consent.item_due_at_ms, consent.item_no))
    write_end(context, message.consent, ConsentStatus.REVOKED)
    # EMIT
    context.emit(events.ConsentTakenBack(message.consent))


def record_read(context: Context, message: RecordRead) -> None:
    """Write down a read of the acting party, for the subject to see."""
    # AUTHORISE
    consent = require_live(context, message.consent, is_reader=True)
    # VALIDATE
    check_read(consent, message.purpose, message.data_kinds, context.time_ms)
    # WRITE
    read = ConsentRead(
        reader=consent.reader,
        subject=consent.subject,
        purpose=message.purpose,
        data_kinds=message.data_kinds,
        request_root=message.request_root,
        read_at_ms=context.time_ms,
    )
    read_no = write_read(context, message.consent, consent, read)
    # EMIT
    context.emit(
        events.ReadRecorded(
            message.consent,
            read_no,
            consent.subject,
            consent.reader,
            message.purpose,
            message.data_kinds,
            message.request_root,
        ),
    )


def end_consent(context: Context, consent_id: bytes) -> None:
    """Due work: write down that the time of a consent is over."""
    consent = CONSENTS.require(context.state, consent_id)
    if consent.status == ConsentStatus.GIVEN and context.time_ms > consent.until_ms:
        write_end(context, consent_id, ConsentStatus.ENDED)
        context.emit(events.ConsentEnded(consent_id))


def register(registry: Registry) -> None:
    """Add the module to the registry."""
    registry.add_collections(CONSENTS, READS)
    registry.add_message(GrantConsent, grant_consent)
    registry.add_message(RevokeConsent, revoke_consent)
    registry.add_message(RecordRead, record_read)
    registry.add_events(
        events.ConsentGiven,
        events.ConsentTakenBack,
        events.ConsentEnded,
        events.ReadRecorded,
    )
    registry.add_scheduled(END_HANDLER, end_consent)
