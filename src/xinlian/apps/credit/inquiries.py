"""Inquiries: who asks for a subject's records, why, and what answers it.

Rules this file keeps:
 1. Under a consent an inquiry is a read of it: same guards, same count.  Its data kinds are the
    types of the records.
 2. A regulator asks for supervision and a court for its cases, on the article that they name; the
    subject asks for itself.  None of these needs a consent, and all of them are recorded.
 3. What the consent does not allow is denied, not refused: the transaction applies, shows nothing,
    uses no read, and says to the subject who tried, under which consent, for what, and why it was
    denied.  A refused message would leave its trace with the sender alone.
 4. What answers an inquiry is fixed in its block: the current versions that are shown then.
 5. Hard inquiries, of lenders about new credit, are counted over the days before; the present one
    is not among them.

Source: docs/concepts/credit.md; 征信业管理条例 articles 17, 18, 20
and 22.
"""

import itertools
from typing import Final

from xinlian.apps.credit import events
from xinlian.apps.credit.errors import NotSubject, SubjectUnfit, TooManyShown
from xinlian.apps.credit.inquiry_messages import HARD, InquireRecords, InquiryPurpose
from xinlian.apps.credit.keeper import counts, shown_records
from xinlian.apps.credit.record_types import TYPE_RULES, RecordType
from xinlian.apps.credit.types import (
    INQUIRIES,
    INQUIRIES_OF,
    INQUIRY_RECORDS_MAX,
    Inquiry,
    InquiryOfSubject,
    Mark,
)
from xinlian.contracts.context import Context
from xinlian.ledger.ports import StateView
from xinlian.ledger.records import integer_part
from xinlian.modules.consent.keeper import check_covers, check_read, record_use, require_live
from xinlian.modules.members.roles import OfficialRole, require_role
from xinlian.modules.members.types import PARTIES
from xinlian.primitives import ID_BYTES, Rejected
from xinlian.primitives.time import MS_PER_DAY

HARD_WINDOW_DAYS: Final = 90
HARD_COUNT_MAX: Final = 64
"""More are not counted: the worst is reached long before."""
_ROLES: Final = {
    str(InquiryPurpose.SUPERVISION): OfficialRole.REGULATOR,
    str(InquiryPurpose.JUDICIAL): OfficialRole.COURT,
}


def inquire_records(context: Context, message: InquireRecords) -> None:
    """Record an inquiry with what answers it, or that it was denied."""
    # AUTHORISE
    _require_inquirer(context, message)
    # VALIDATE
    denied_as = _denial(context, message)
    # COMPUTE
    inquiry_id = context.new_id("inquiry")
    inquiry = None if denied_as else _answered(context, message)
    # WRITE
    if inquiry is not None:
        _write(context, inquiry_id, inquiry)
    # EMIT
    if inquiry is None:
        context.emit(_denied(context, message, inquiry_id, denied_as))
    else:
        context.emit(_told(inquiry_id, inquiry))


def hard_inquiries(state: StateView, subject: bytes, time_ms: int) -> int:
    """Return how often lenders asked about new credit in the 90 days before, at most 64."""
    since_ms = max(time_ms - HARD_WINDOW_DAYS * MS_PER_DAY, 0)
    after = (integer_part(since_ms), bytes(ID_BYTES))
    entries = INQUIRIES_OF.scan(state, subject, after=after)
    return sum(1 for _ in itertools.islice(entries, HARD_COUNT_MAX))


def _require_inquirer(context: Context, message: InquireRecords) -> None:
    """Refuse who has no part in this purpose.

    Raises:
        SubjectUnfit: nobody of the directory.
        NotSubject: it asks for itself and is another.
        NotInRole: it is no regulator, or no court.
    """
    if PARTIES.get(context.state, message.subject) is None:
        raise SubjectUnfit(message.subject.hex())
    is_subject = message.subject == context.acting_for
    if is_subject != (message.inquiry_purpose == InquiryPurpose.SELF):
        raise NotSubject("for itself the subject asks by the purpose self, and nobody else does")
    role = _ROLES.get(message.inquiry_purpose)
    if role is not None:
        require_role(context.state, context.acting_for, role)


def _denial(context: Context, message: InquireRecords) -> str:
    """Return why the consent does not allow it; empty where it does, or none is needed."""
    if not message.consent:
        return ""
    kinds, now_ms = message.record_types, context.time_ms
    try:
        consent = require_live(context, message.consent, is_reader=True)
        check_covers(consent, message.subject, message.inquiry_purpose, kinds, now_ms)
        check_read(consent, message.inquiry_purpose, kinds, now_ms)
    except Rejected as refusal:
        return refusal.name
    return ""


def _answered(context: Context, message: InquireRecords) -> Inquiry:
    """Return the inquiry with what answers it; raises TooManyShown."""
    shown: list[bytes] = []
    marked: list[bytes] = []
    counted: list[bytes] = []
    for record_type in message.record_types:
        if record_type not in TYPE_RULES:
            continue
        records = shown_records(context.state, message.subject, record_type, context.time_ms)
        for record_id, record in records:
            shown.append(record_id)
            if record.mark != Mark.NONE:
                marked.append(record_id)
            if counts(context.state, record):
                counted.append(record_id)
    if len(shown) > INQUIRY_RECORDS_MAX:
        raise TooManyShown(str(INQUIRY_RECORDS_MAX))
    context.charge(len(shown))
    asks_who_asked = str(RecordType.QUERY) in message.record_types
    if asks_who_asked:
        context.charge(HARD_COUNT_MAX)
    return Inquiry(
        inquirer=context.acting_for,
        subject=message.subject,
        inquiry_purpose=message.inquiry_purpose,
        record_types=message.record_types,
        consent=message.consent,
        law=message.law,
        request_root=message.request_root,
        asked_at_ms=context.time_ms,
        shown=tuple(shown),
        marked=tuple(marked),
        counted=tuple(counted),
        hard_queries=(
            hard_inquiries(context.state, message.subject, context.time_ms) if asks_who_asked else 0
        ),
    )


def _write(context: Context, inquiry_id: bytes, inquiry: Inquiry) -> None:
    """Write an inquiry, and the read of its consent as the consent's own message would."""
    if inquiry.consent:
        kinds = inquiry.record_types
        record_use(context, inquiry.consent, inquiry.inquiry_purpose, kinds, inquiry.request_root)
    INQUIRIES.put(context.state, inquiry, inquiry_id)
    if inquiry.inquiry_purpose in HARD:  # these alone are counted, so that counting is bounded
        moment = integer_part(inquiry.asked_at_ms)
        INQUIRIES_OF.put(context.state, InquiryOfSubject(), inquiry.subject, moment, inquiry_id)


def _told(inquiry_id: bytes, inquiry: Inquiry) -> events.InquiryAnswered:
    return events.InquiryAnswered(
        inquiry_id,
        inquiry.inquirer,
        inquiry.subject,
        inquiry.inquiry_purpose,
        inquiry.record_types,
        inquiry.consent,
        inquiry.law,
        inquiry.request_root,
        inquiry.shown,
        inquiry.marked,
        inquiry.counted,
        inquiry.hard_queries,
    )


def _denied(
    context: Context,
    message: InquireRecords,
    inquiry_id: bytes,
    denied_as: str,
) -> events.InquiryDenied:
    return events.InquiryDenied(
        inquiry_id,
        context.acting_for,
        message.subject,
        message.inquiry_purpose,
        message.record_types,
        message.consent,
        message.request_root,
        denied_as,
    )
