"""The only code that writes consents and reads.

Rules this file keeps:
 1. Every guard compares consensus time with the consent itself; that its end was not yet written
    down changes nothing.
 2. Revocation works forward: reads that were recorded before stay.
"""

import msgspec

from xinlian.contracts.context import Context
from xinlian.ledger.records import integer_part
from xinlian.modules.consent.errors import (
    ConsentNotBegun,
    ConsentOver,
    ConsentRevoked,
    DataOutside,
    NoConsent,
    PurposeOutside,
    ReadsUsedUp,
)
from xinlian.modules.consent.events import ReadRecorded
from xinlian.modules.consent.types import (
    CONSENTS,
    READS,
    Consent,
    ConsentRead,
    ConsentStatus,
)


def require_live(context: Context, consent_id: bytes, *, is_reader: bool) -> Consent:
    """Return a consent that the acting party gave, or received, and that is not over.

    Raises:
        NoConsent, ConsentRevoked, ConsentOver: in this order.
    """
    found = CONSENTS.get(context.state, consent_id)
    party = None if found is None else (found.reader if is_reader else found.subject)
    if found is None or party != context.acting_for:
        raise NoConsent(consent_id.hex())
    if found.status == ConsentStatus.REVOKED:
        raise ConsentRevoked(consent_id.hex())
    if context.time_ms > found.until_ms:
        raise ConsentOver(consent_id.hex())
    return found


def check_covers(
    consent: Consent,
    subject: bytes,
    purpose: str,
    data_kinds: tuple[str, ...],
    time_ms: int,
) -> None:
    """Refuse what lies outside a live consent, however often it is used.

    Raises:
        NoConsent: it is another subject's.
        ConsentNotBegun, PurposeOutside, DataOutside: in this order.
    """
    if subject != consent.subject:
        raise NoConsent("of another subject")
    if time_ms < consent.from_ms:
        raise ConsentNotBegun(str(consent.from_ms))
    if purpose != consent.purpose:
        raise PurposeOutside(consent.purpose)
    if not set(data_kinds) <= set(consent.data_kinds):
        raise DataOutside(", ".join(consent.data_kinds))


def check_read(consent: Consent, purpose: str, data_kinds: tuple[str, ...], time_ms: int) -> None:
    """Refuse a read that lies outside a live consent.

    Raises:
        ConsentNotBegun, PurposeOutside, DataOutside, ReadsUsedUp: in this order.
    """
    check_covers(consent, consent.subject, purpose, data_kinds, time_ms)
    if consent.reads_in(consent.period_at(time_ms)) >= consent.reads_max:
        raise ReadsUsedUp(str(consent.reads_max))


def write_read(context: Context, consent_id: bytes, consent: Consent, read: ConsentRead) -> int:
    """Append a read that was checked; return its number."""
    read_no = consent.read_count
    period_no = consent.period_at(context.time_ms)
    READS.put(context.state, read, consent_id, integer_part(read_no))
    counted = msgspec.structs.replace(
        consent,
        read_count=read_no + 1,
        period_no=period_no,
        period_reads=consent.reads_in(period_no) + 1,
    )
    CONSENTS.put(context.state, counted, consent_id)
    return read_no


def record_use(
    context: Context,
    consent_id: bytes,
    purpose: str,
    data_kinds: tuple[str, ...],
    request_root: bytes,
) -> int:
    """Record a checked read that is a part of a business's own message; return its number."""
    consent = CONSENTS.require(context.state, consent_id)
    read = ConsentRead(
        reader=consent.reader,
        subject=consent.subject,
        purpose=purpose,
        data_kinds=data_kinds,
        request_root=request_root,
        read_at_ms=context.time_ms,
    )
    read_no = write_read(context, consent_id, consent, read)
    context.emit(
        ReadRecorded(
            consent_id,
            read_no,
            consent.subject,
            consent.reader,
            purpose,
            data_kinds,
            request_root,
        ),
    )
    return read_no


def write_end(context: Context, consent_id: bytes, status: ConsentStatus) -> None:
    """Write that a consent is no more given, and since when."""
    consent = CONSENTS.require(context.state, consent_id)
    ended = msgspec.structs.replace(consent, status=status, ended_at_ms=context.time_ms)
    CONSENTS.put(context.state, ended, consent_id)
