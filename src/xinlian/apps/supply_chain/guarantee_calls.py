"""SC-T10: guarantors are called in their order for what is missing after a default.

Rules this file keeps:
 1. They are called in the block of the default, the lowest place first, each up to its cap; the
    next one only for what those before it do not answer for.
 2. Where a guarantor is in default in its turn, those behind it are called for what it owes.
 3. No guarantor owes more than is missing. What is paid by another, taken off or cancelled lessens
    what the last of them owe first, in the same block.
 4. A default after the end of a guarantee calls nobody.
 5. When the certificate is over, so are its guarantees.
"""

import msgspec

from xinlian.apps.supply_chain.guarantee_events import CallRaised, GuaranteeCalled, GuaranteeEnded
from xinlian.apps.supply_chain.guarantee_records import (
    CALLS,
    CALLS_OF,
    GUARANTEES,
    CallOfGuarantee,
    Guarantee,
    GuaranteeCall,
    GuaranteeStatus,
    calls_of,
    guarantees_of,
    missing_minor,
)
from xinlian.apps.supply_chain.types import CERTIFICATES, PAYMENTS, Life
from xinlian.contracts.context import Context
from xinlian.ledger.records import integer_part
from xinlian.modules.obligations.following import due_now
from xinlian.modules.obligations.keeper import (
    open_due_now,
    payment_ended,
    perform_soon,
    put_obligation,
    release_part,
)
from xinlian.modules.obligations.life import LATE
from xinlian.modules.obligations.types import (
    OBLIGATIONS,
    Obligation,
    ObligationStatus,
    ReleaseReason,
    SourceKind,
)

_OVER = (Life.DISCHARGED, Life.VOID, Life.CANCELLED)


def call_guarantors(context: Context, certificate_id: bytes) -> None:
    """Call guarantors, in their order, until what is missing is answered for."""
    missing = missing_minor(context.state, certificate_id)
    calls = calls_of(context.state, certificate_id)
    left_minor = missing - sum(owed.open_minor for _, _, owed in calls if owed.status not in LATE)
    for order_no, guarantee in list(guarantees_of(context.state, certificate_id)):
        if context.time_ms > guarantee.until_ms:
            continue
        own = [(claim_id, owed) for place, claim_id, owed in calls if place == order_no]
        open_minor = sum(owed.open_minor for _, owed in own)
        performed_minor = sum(owed.performed_minor for _, owed in own)
        free_minor = guarantee.cap_minor - open_minor - performed_minor
        amount_minor = min(left_minor, free_minor, missing - open_minor)
        if amount_minor <= 0:
            continue
        # One open call a guarantee: what follows from all of them stays bounded.
        claim_id, standing = next((one for one in own if one[1].open_minor), (b"", None))
        if standing is None:
            _call(context, certificate_id, order_no, guarantee, amount_minor)
        else:
            _raise(context, certificate_id, order_no, claim_id, standing, amount_minor)
        if standing is None or standing.status not in LATE:
            left_minor -= amount_minor


def follow_certificate(context: Context, certificate_id: bytes) -> None:
    """Let guarantors owe no more than is missing; end their guarantees with the certificate."""
    payment = PAYMENTS.get(context.state, certificate_id)
    if payment is None or not payment.call:
        _trim(context, certificate_id)
    if payment is None:
        look_again(context, certificate_id)
    if CERTIFICATES.require(context.state, certificate_id).life not in _OVER:
        return
    for order_no, guarantee in list(guarantees_of(context.state, certificate_id)):
        end_guarantee(context, certificate_id, order_no, guarantee, GuaranteeStatus.ENDED)


def look_again(context: Context, certificate_id: bytes) -> None:
    """Let what guarantors owe be paid as far as it can be now."""
    for _, claim_id, claim in calls_of(context.state, certificate_id):
        if claim.open_minor:
            payment_ended(context, claim_id)


def end_guarantee(
    context: Context,
    certificate_id: bytes,
    order_no: int,
    guarantee: Guarantee,
    status: GuaranteeStatus,
) -> None:
    """End a guarantee; what is open of its calls is owed no more."""
    for place, claim_id, claim in calls_of(context.state, certificate_id):
        if place == order_no and claim.open_minor:
            release_part(context, claim_id, claim.open_minor, ReleaseReason.REDUCED)
    ended = msgspec.structs.replace(guarantee, status=status)
    GUARANTEES.put(context.state, ended, certificate_id, integer_part(order_no))
    context.emit(GuaranteeEnded(certificate_id, guarantee.guarantor, order_no, status))


def _raise(
    context: Context,
    certificate_id: bytes,
    order_no: int,
    claim_id: bytes,
    owed: Obligation,
    amount_minor: int,
) -> None:
    """Let a guarantor owe more on the call that stands; what is late already is late by more."""
    raised = msgspec.structs.replace(
        owed,
        amount_minor=owed.amount_minor + amount_minor,
        authority_cap_minor=owed.authority_cap_minor + amount_minor,
    )
    put_obligation(context, claim_id, raised)
    perform_soon(context, claim_id)
    context.emit(CallRaised(certificate_id, owed.debtor, order_no, claim_id, amount_minor))


def _trim(context: Context, certificate_id: bytes) -> None:
    """Take off what guarantors owe beyond what is missing, from the last one first."""
    calls = calls_of(context.state, certificate_id)
    left_minor = missing_minor(context.state, certificate_id) if calls else 0
    for _, claim_id, claim in calls:
        excess_minor = max(claim.open_minor - left_minor, 0)
        if excess_minor:
            release_part(context, claim_id, excess_minor, ReleaseReason.REDUCED)
        if claim.status not in LATE:
            left_minor -= claim.open_minor - excess_minor


def _call(
    context: Context,
    certificate_id: bytes,
    order_no: int,
    guarantee: Guarantee,
    amount_minor: int,
) -> None:
    claim_id = context.derived_id(f"call-{order_no}", certificate_id)
    found = OBLIGATIONS.require(context.state, certificate_id)
    called = msgspec.structs.replace(guarantee, status=GuaranteeStatus.CALLED)
    GUARANTEES.put(context.state, called, certificate_id, integer_part(order_no))
    CALLS.put(context.state, GuaranteeCall(certificate_id, order_no), claim_id)
    parts = (certificate_id, integer_part(order_no), claim_id)
    CALLS_OF.put(context.state, CallOfGuarantee(), *parts)
    in_call = msgspec.structs.replace(found, status=ObligationStatus.CALLED)
    put_obligation(context, certificate_id, in_call)
    claim = due_now(
        context,
        found,
        SourceKind.CERTIFICATE_CALL,
        guarantee.guarantor,
        amount_minor,
        account=guarantee.account,
        until_ms=guarantee.until_ms,
    )
    open_due_now(context, claim_id, claim, may_default=True)
    context.emit(
        GuaranteeCalled(certificate_id, guarantee.guarantor, order_no, claim_id, amount_minor),
    )
