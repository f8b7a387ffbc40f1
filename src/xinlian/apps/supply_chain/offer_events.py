"""Events of calls for offers."""

from typing import Final

from xinlian.apps.supply_chain.types import MODULE_NO
from xinlian.contracts.fields import (
    AmountMinor,
    BoxKey,
    BoxSecret,
    Count,
    Flag,
    Id,
    Sealed,
    TimeMs,
)
from xinlian.contracts.message import Event

_BASE: Final = MODULE_NO * 256


class OffersCalled(Event, frozen=True, tag=_BASE + 120):
    """A holder asks banks for offers on a leaf."""

    call: Id
    leaf: Id
    holder: Id
    box_key: BoxKey
    as_pledge: Flag
    with_recourse: Flag
    keeps_rest: Flag
    closes_at_ms: TimeMs
    decides_by_ms: TimeMs
    pays_by_ms: TimeMs


class BankInvited(Event, frozen=True, tag=_BASE + 121):
    """A bank may offer under a call."""

    call: Id
    bank: Id


class OfferSealed(Event, frozen=True, tag=_BASE + 122):
    """A bank offered under seal; an earlier offer of it under the call is gone."""

    call: Id
    bank: Id
    sealed: Sealed


class OfferWithdrawn(Event, frozen=True, tag=_BASE + 123):
    """A bank took its offer back."""

    call: Id
    bank: Id


class CallOpened(Event, frozen=True, tag=_BASE + 124):
    """All offers of a call were opened together, by the key that is given here."""

    call: Id
    box_secret: BoxSecret


class OfferOpened(Event, frozen=True, tag=_BASE + 125):
    """What a bank offered."""

    call: Id
    bank: Id
    advance_minor: AmountMinor
    discount_minor: AmountMinor
    fee_minor: AmountMinor


class OfferUnreadable(Event, frozen=True, tag=_BASE + 126):
    """A bank's box did not open to terms that the leaf can bear: it has offered nothing."""

    call: Id
    bank: Id


class OfferAccepted(Event, frozen=True, tag=_BASE + 127):
    """The holder accepted a bank's offer; the leaf is locked for it."""

    call: Id
    leaf: Id
    bank: Id
    advance_minor: AmountMinor
    discount_minor: AmountMinor
    fee_minor: AmountMinor


class CallEnded(Event, frozen=True, tag=_BASE + 128):
    """A call has ended: accepted, lapsed or withdrawn; what was not accepted has ended with it."""

    call: Id
    status: Count
