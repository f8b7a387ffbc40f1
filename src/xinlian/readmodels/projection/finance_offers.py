"""Rows of calls for offers: SC-T6 with several banks."""

from typing import Final

from xinlian.apps.supply_chain import offer_events as events
from xinlian.apps.supply_chain.offer_types import (
    CALLS,
    INVITED,
    OPENED_OFFERS,
    SEALED_OFFERS,
    CallStatus,
    FinanceCall,
    OpenedOffer,
)
from xinlian.ledger.ports import StateView
from xinlian.readmodels.finance_offer_rights import grant_opened_offers
from xinlian.readmodels.projection.writer import Cause, Writer
from xinlian.readmodels.rows import FinanceCallRow, FinanceOfferRow
from xinlian.readmodels.subjects import finance_offer_id
from xinlian.readmodels.text import enum_text, id_text

_INVITED: Final = "invited"
_SEALED: Final = "sealed"
_OPENED: Final = "opened"
_UNREADABLE: Final = "unreadable"
_ACCEPTED: Final = "accepted"
_ENDED: Final = "ended"


def offers_called(writer: Writer, event: events.OffersCalled, cause: Cause) -> None:
    """A holder asks banks."""
    del cause
    _add_call(writer, event.call, event, CallStatus.OPEN)


def bank_invited(writer: Writer, event: events.BankInvited, cause: Cause) -> None:
    """A bank may offer."""
    del cause
    _add_offer(writer, event.call, event.bank, b"", None)


def offer_sealed(writer: Writer, event: events.OfferSealed, cause: Cause) -> None:
    """It offered, or put a new offer in place of its earlier one."""
    del cause
    row = _offer(writer, event.call, event.bank)
    writer.change(row, sealed=event.sealed.hex(), status=_SEALED)


def offer_withdrawn(writer: Writer, event: events.OfferWithdrawn, cause: Cause) -> None:
    """It took its offer back."""
    del cause
    writer.change(_offer(writer, event.call, event.bank), sealed="", status=_INVITED)


def call_opened(writer: Writer, event: events.CallOpened, cause: Cause) -> None:
    """All were opened; from now on every invited bank reads them."""
    del cause
    row = _call(writer, event.call)
    writer.change(row, status=enum_text(CallStatus.OPENED))
    grant_opened_offers(writer, row.call_id)


def offer_opened(writer: Writer, event: events.OfferOpened, cause: Cause) -> None:
    """What a bank offered."""
    del cause
    writer.change(
        _offer(writer, event.call, event.bank),
        sealed="",
        advance_minor=event.advance_minor,
        discount_minor=event.discount_minor,
        fee_minor=event.fee_minor,
        status=_OPENED,
    )


def offer_unreadable(writer: Writer, event: events.OfferUnreadable, cause: Cause) -> None:
    """A bank's box did not open to terms."""
    del cause
    writer.change(_offer(writer, event.call, event.bank), sealed="", status=_UNREADABLE)


def offer_accepted(writer: Writer, event: events.OfferAccepted, cause: Cause) -> None:
    """The holder accepted it."""
    del cause
    writer.change(_offer(writer, event.call, event.bank), status=_ACCEPTED)


def call_ended(writer: Writer, event: events.CallEnded, cause: Cause) -> None:
    """It ended, and with it whatever was not accepted."""
    del cause
    row = _call(writer, event.call)
    writer.change(row, status=enum_text(CallStatus(event.status)))
    for offer in writer.find(FinanceOfferRow, call_id=row.call_id):
        if offer.status not in (_ACCEPTED, _UNREADABLE):
            writer.change(offer, sealed="", status=_ENDED)


def project_finance_offers(writer: Writer, state: StateView) -> None:
    """Write the rows of a state whose earlier blocks are not here."""
    for (call_id,), call in CALLS.scan(state):
        _add_call(writer, call_id, call, CallStatus(call.status))
        is_opened = call.status == CallStatus.OPENED
        for (_, bank), _ in INVITED.scan(state, call_id):
            box = SEALED_OFFERS.get(state, call_id, bank)
            opened = OPENED_OFFERS.get(state, call_id, bank)
            sealed = b"" if box is None else box.sealed
            _add_offer(writer, call_id, bank, sealed, opened)
        if is_opened:
            grant_opened_offers(writer, id_text("call", call_id))


def _add_call(
    writer: Writer,
    call_id: bytes,
    call: events.OffersCalled | FinanceCall,
    status: CallStatus,
) -> None:
    writer.add(
        FinanceCallRow(
            **writer.born_changing(),
            call_id=id_text("call", call_id),
            leaf_id=id_text("leaf", call.leaf),
            holder=id_text("party", call.holder),
            box_key=call.box_key.hex(),
            as_pledge=call.as_pledge,
            with_recourse=call.with_recourse,
            keeps_rest=call.keeps_rest,
            closes_at_ms=call.closes_at_ms,
            decides_by_ms=call.decides_by_ms,
            pays_by_ms=call.pays_by_ms,
            status=enum_text(status),
        ),
    )


def _add_offer(
    writer: Writer,
    call: bytes,
    bank: bytes,
    sealed: bytes,
    opened: OpenedOffer | None,
) -> None:
    waiting = _SEALED if sealed else _INVITED
    writer.add(
        FinanceOfferRow(
            **writer.born_changing(),
            finance_offer_id=_offer_id(call, bank),
            call_id=id_text("call", call),
            bank=id_text("party", bank),
            sealed=sealed.hex(),
            advance_minor=opened.advance_minor if opened else 0,
            discount_minor=opened.discount_minor if opened else 0,
            fee_minor=opened.fee_minor if opened else 0,
            status=_OPENED if opened else waiting,
        ),
    )


def _call(writer: Writer, call: bytes) -> FinanceCallRow:
    return writer.require(FinanceCallRow, id_text("call", call))


def _offer(writer: Writer, call: bytes, bank: bytes) -> FinanceOfferRow:
    return writer.require(FinanceOfferRow, _offer_id(call, bank))


def _offer_id(call: bytes, bank: bytes) -> str:
    return finance_offer_id(id_text("call", call), id_text("party", bank))
