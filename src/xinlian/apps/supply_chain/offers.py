"""SC-T6 with several banks: a call, sealed offers, one opening, one acceptance.

Rules this file keeps:
 1. Until a call closes, the banks that it names offer, change and withdraw; afterwards nothing of
    what they sealed changes.
 2. All offers are opened by one message, which publishes the call's private key: every validator
    opens every box itself, so that none can be left out and none be made up.
 3. A box that does not open to terms that the leaf can bear is no offer; it holds up no other.
 4. An opened offer binds its bank until the call ends.  One is accepted, once; it locks the leaf
    through the guards of every request for finance, and the others end.
 5. What was not opened or not accepted in time lapses by the clock; guards compare time
    themselves.
 6. A call locks nothing: its holder may meanwhile split, transfer or finance the leaf, and then no
    acceptance succeeds.

Source: docs/concepts/certificates.md (T6: several asked, one acceptance).
"""

from typing import Final

import msgspec

from xinlian.apps.supply_chain import offer_events as events
from xinlian.apps.supply_chain.errors import NotHolder, WindowClosed, WrongState
from xinlian.apps.supply_chain.financing import request_on_terms, require_askable
from xinlian.apps.supply_chain.keeper import require_movable
from xinlian.apps.supply_chain.messages import RequestFinanceOnTerms
from xinlian.apps.supply_chain.offer_errors import (
    BoxKeyMismatch,
    CallOpen,
    NoOffer,
    NotInvited,
    NotTimeToDecide,
    OfferMismatch,
    UnknownCall,
)
from xinlian.apps.supply_chain.offer_messages import (
    AcceptOffer,
    CallForOffers,
    EndCall,
    OpenOffers,
    SealOffer,
    WithdrawOffer,
)
from xinlian.apps.supply_chain.offer_terms import OfferTerms, box_purpose, open_terms
from xinlian.apps.supply_chain.offer_types import (
    ACCEPTED,
    CALL_OF,
    CALLS,
    INVITED,
    OPENED_OFFERS,
    SEALED_OFFERS,
    AcceptedOffer,
    CallOfLeaf,
    CallStatus,
    FinanceCall,
    InvitedBank,
    OpenedOffer,
    SealedOffer,
)
from xinlian.apps.supply_chain.policy import CALL_DAYS_MAX, LOCK_DAYS_MAX
from xinlian.apps.supply_chain.types import LEAVES
from xinlian.contracts.context import Context
from xinlian.crypto.hpke import box_key_of
from xinlian.ledger.ports import StateView
from xinlian.modules.policy.dates import happening
from xinlian.modules.policy.keeper import policy_value
from xinlian.modules.schedule.keeper import add_item
from xinlian.primitives.time import MS_PER_DAY

CALL_HANDLER: Final = 0x1050
_UNDECIDED: Final = (CallStatus.OPEN, CallStatus.OPENED)


def call_for_offers(context: Context, message: CallForOffers) -> None:
    """Ask several banks for offers on a leaf; nothing is locked."""
    # AUTHORISE
    leaf = require_askable(context, message.leaf, message.banks)
    # VALIDATE
    require_movable(context, message.leaf, leaf)
    standing = CALL_OF.get(context.state, message.leaf)
    if standing is not None and _is_open(CALLS.require(context.state, standing.call), context):
        raise CallOpen(message.leaf.hex())
    _check_times(context, message)
    # COMPUTE
    call_id = context.new_id("call")
    call = FinanceCall(
        leaf=message.leaf,
        holder=context.acting_for,
        box_key=message.box_key,
        as_pledge=message.as_pledge,
        with_recourse=message.with_recourse,
        keeps_rest=message.keeps_rest,
        closes_at_ms=message.closes_at_ms,
        decides_by_ms=message.decides_by_ms,
        pays_by_ms=message.pays_by_ms,
        status=CallStatus.OPEN,
    )
    # WRITE
    CALLS.put(context.state, call, call_id)
    CALL_OF.put(context.state, CallOfLeaf(call_id), message.leaf)
    add_item(context.state, message.decides_by_ms + 1, CALL_HANDLER, call_id)
    for bank in message.banks:
        INVITED.put(context.state, InvitedBank(), call_id, bank)
    # EMIT
    _tell_call(context, call_id, call, message.banks)


def seal_offer(context: Context, message: SealOffer) -> None:
    """Keep what a bank offers under seal, in place of what it offered before."""
    # AUTHORISE
    call = _require_call(context.state, message.call)
    _require_invited(context, message.call)
    # VALIDATE
    _require_taking_offers(context, call)
    # WRITE
    bank = context.acting_for
    SEALED_OFFERS.put(context.state, SealedOffer(message.sealed), message.call, bank)
    # EMIT
    context.emit(events.OfferSealed(message.call, bank, message.sealed))


def withdraw_offer(context: Context, message: WithdrawOffer) -> None:
    """Take an offer back before its call closes."""
    # AUTHORISE
    call = _require_call(context.state, message.call)
    _require_invited(context, message.call)
    # VALIDATE
    _require_taking_offers(context, call)
    bank = context.acting_for
    if SEALED_OFFERS.get(context.state, message.call, bank) is None:
        raise NoOffer(bank.hex())
    # WRITE
    SEALED_OFFERS.delete(context.state, message.call, bank)
    # EMIT
    context.emit(events.OfferWithdrawn(message.call, bank))


def open_offers(context: Context, message: OpenOffers) -> None:
    """Open all offers of a closed call together."""
    # AUTHORISE
    call = _require_own_call(context, message.call)
    # VALIDATE
    _require_status(call, CallStatus.OPEN)
    _require_deciding(context, call)
    boxes = [(parts[1], offer) for parts, offer in SEALED_OFFERS.scan(context.state, message.call)]
    if not boxes:
        raise NoOffer("no bank has offered")
    if box_key_of(message.box_secret) != call.box_key:
        raise BoxKeyMismatch(message.call.hex())
    # COMPUTE
    limit_minor = LEAVES.require(context.state, call.leaf).amount_minor
    opened = [
        (bank, _opened(context, message, bank, offer.sealed, limit_minor)) for bank, offer in boxes
    ]
    # WRITE
    changed = msgspec.structs.replace(call, status=CallStatus.OPENED)
    CALLS.put(context.state, changed, message.call)
    for bank, terms in opened:
        SEALED_OFFERS.delete(context.state, message.call, bank)
        if terms is not None:
            OPENED_OFFERS.put(context.state, OpenedOffer(*terms), message.call, bank)
    # EMIT
    context.emit(events.CallOpened(message.call, message.box_secret))
    for bank, terms in opened:
        _tell_opened(context, message.call, bank, terms)


def accept_offer(context: Context, message: AcceptOffer) -> None:
    """Lock the leaf for one bank on the terms that it offered; the others end."""
    # AUTHORISE
    call = _require_own_call(context, message.call)
    # VALIDATE
    _require_status(call, CallStatus.OPENED)
    _require_deciding(context, call)
    offer = OPENED_OFFERS.get(context.state, message.call, message.bank)
    if offer is None:
        raise NoOffer(message.bank.hex())
    terms = OfferTerms(message.advance_minor, message.discount_minor, message.fee_minor)
    if terms != (offer.advance_minor, offer.discount_minor, offer.fee_minor):
        raise OfferMismatch(message.bank.hex())
    # WRITE and EMIT
    request_on_terms(
        context,
        RequestFinanceOnTerms(
            leaf=call.leaf,
            financier=message.bank,
            expires_at_ms=call.pays_by_ms,
            as_pledge=call.as_pledge,
            with_recourse=call.with_recourse,
            keeps_rest=call.keeps_rest,
        ),
    )
    accepted = AcceptedOffer(message.call, terms.advance_minor, terms.kept_minor)
    ACCEPTED.put(context.state, accepted, call.leaf)
    context.emit(events.OfferAccepted(message.call, call.leaf, message.bank, *terms))
    _end(context, message.call, call, CallStatus.ACCEPTED)


def end_call(context: Context, message: EndCall) -> None:
    """End a call before anything was accepted."""
    # AUTHORISE
    call = _require_own_call(context, message.call)
    # VALIDATE
    if not _is_open(call, context):
        raise WrongState("the call has ended")
    # WRITE and EMIT
    _end(context, message.call, call, CallStatus.WITHDRAWN)


def lapse_call(context: Context, call_id: bytes) -> None:
    """Due work: the time of a call is up."""
    call = CALLS.require(context.state, call_id)
    if call.status in _UNDECIDED and context.time_ms > call.decides_by_ms:
        _end(context, call_id, call, CallStatus.LAPSED)


def _is_open(call: FinanceCall, context: Context) -> bool:
    """Return whether a call may still be decided, whether or not the clock has ended it."""
    return call.status in _UNDECIDED and context.time_ms <= call.decides_by_ms


def _end(context: Context, call_id: bytes, call: FinanceCall, status: CallStatus) -> None:
    """Write how a call ended, and forget everything under it."""
    CALLS.put(context.state, msgspec.structs.replace(call, status=status), call_id)
    standing = CALL_OF.get(context.state, call.leaf)
    if standing is not None and standing.call == call_id:
        CALL_OF.delete(context.state, call.leaf)
    for (_, bank), _ in list(INVITED.scan(context.state, call_id)):
        INVITED.delete(context.state, call_id, bank)
        SEALED_OFFERS.delete(context.state, call_id, bank)
        OPENED_OFFERS.delete(context.state, call_id, bank)
    context.emit(events.CallEnded(call_id, status))


def _tell_call(
    context: Context,
    call_id: bytes,
    call: FinanceCall,
    banks: tuple[bytes, ...],
) -> None:
    context.emit(
        events.OffersCalled(
            call_id,
            call.leaf,
            call.holder,
            call.box_key,
            call.as_pledge,
            call.with_recourse,
            call.keeps_rest,
            call.closes_at_ms,
            call.decides_by_ms,
            call.pays_by_ms,
        ),
    )
    for bank in banks:
        context.emit(events.BankInvited(call_id, bank))


def _tell_opened(context: Context, call_id: bytes, bank: bytes, terms: OfferTerms | None) -> None:
    if terms is None:
        context.emit(events.OfferUnreadable(call_id, bank))
    else:
        context.emit(events.OfferOpened(call_id, bank, *terms))


def _opened(
    context: Context,
    message: OpenOffers,
    bank: bytes,
    sealed: bytes,
    limit_minor: int,
) -> OfferTerms | None:
    """Return what a bank offered; None where that is nothing, or more than the leaf is worth."""
    purpose = box_purpose(context.chain_id, message.call, bank)
    terms = open_terms(message.box_secret, sealed, purpose)
    return None if terms is None or terms.advance_minor > limit_minor else terms


def _check_times(context: Context, message: CallForOffers) -> None:
    """Refuse a call that is over already, stays open too long, or would lock too long."""
    event = happening(context.time_ms)
    call_days = policy_value(context.state, CALL_DAYS_MAX, event)
    if not context.time_ms < message.closes_at_ms:
        raise WindowClosed("a call closes in the future")
    if message.decides_by_ms > context.time_ms + call_days * MS_PER_DAY:
        raise WindowClosed(f"a call is decided within {call_days} days")
    lock_days = policy_value(context.state, LOCK_DAYS_MAX, event)
    if message.pays_by_ms > message.closes_at_ms + lock_days * MS_PER_DAY:
        raise WindowClosed(f"an offer is paid within {lock_days} days of the close of its call")


def _require_call(state: StateView, call_id: bytes) -> FinanceCall:
    found = CALLS.get(state, call_id)
    if found is None:
        raise UnknownCall(call_id.hex())
    return found


def _require_own_call(context: Context, call_id: bytes) -> FinanceCall:
    call = _require_call(context.state, call_id)
    if call.holder != context.acting_for:
        raise NotHolder(context.acting_for.hex())
    return call


def _require_status(call: FinanceCall, status: CallStatus) -> None:
    if call.status != status:
        raise WrongState(f"the call is {CallStatus(call.status).name.lower()}")


def _require_invited(context: Context, call_id: bytes) -> None:
    if INVITED.get(context.state, call_id, context.acting_for) is None:
        raise NotInvited(context.acting_for.hex())


def _require_taking_offers(context: Context, call: FinanceCall) -> None:
    if call.status != CallStatus.OPEN or context.time_ms > call.closes_at_ms:
        raise WindowClosed(str(call.closes_at_ms))


def _require_deciding(context: Context, call: FinanceCall) -> None:
    """Refuse before a call has closed, and after its time is up; raises NotTimeToDecide."""
    if not call.closes_at_ms < context.time_ms <= call.decides_by_ms:
        raise NotTimeToDecide(f"{call.closes_at_ms} to {call.decides_by_ms}")
