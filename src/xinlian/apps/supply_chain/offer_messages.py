"""The messages about offers of several banks: SC-T6 with one acceptance."""

from typing import Annotated, ClassVar, Final

import msgspec

from xinlian.apps.supply_chain.offer_errors import CallMalformed, OfferMalformed
from xinlian.apps.supply_chain.offer_terms import SEALED_BYTES
from xinlian.apps.supply_chain.offer_types import BANKS_MAX
from xinlian.apps.supply_chain.types import MODULE_NO
from xinlian.contracts.fields import (
    CLASS_KEY,
    AmountMinor,
    BoxKey,
    BoxSecret,
    Flag,
    Id,
    PositiveMinor,
    Sealed,
    TimeMs,
)
from xinlian.contracts.message import Message

_BASE: Final = MODULE_NO * 256
Banks = Annotated[
    tuple[Id, ...],
    msgspec.Meta(min_length=1, max_length=BANKS_MAX, extra={CLASS_KEY: "L"}),
]
_ASKED: Final = "holder and invited banks"


class CallForOffers(Message, frozen=True, tag=_BASE + 120):
    """SC-T6, first step: a holder asks several banks at once; nothing is locked yet."""

    signs: ClassVar[str] = "the holder"
    observes: ClassVar[str] = _ASKED
    remedy: ClassVar[str] = "supply_chain.EndCall"

    leaf: Id
    banks: Banks
    """Who may offer: each once, in ascending order."""
    box_key: BoxKey
    """A key of this call alone: its private key will be published to open all offers."""
    as_pledge: Flag
    """A loan against the leaf; otherwise it is assigned."""
    with_recourse: Flag
    keeps_rest: Flag
    """The part beyond the advance stays the seller's; under a pledge it does anyhow."""
    closes_at_ms: TimeMs
    decides_by_ms: TimeMs
    pays_by_ms: TimeMs

    def validate_basic(self) -> None:
        """Refuse banks that are not each once in order, times out of order, terms at odds."""
        if list(self.banks) != sorted(set(self.banks)):
            raise CallMalformed("name each bank once, in ascending order of their ids")
        if not self.closes_at_ms < self.decides_by_ms < self.pays_by_ms:
            raise CallMalformed("a call closes, then is decided, then is paid")
        if self.as_pledge and (self.with_recourse or self.keeps_rest):
            raise CallMalformed("a pledge is a loan already: neither recourse nor a rest is added")


class SealOffer(Message, frozen=True, tag=_BASE + 121):
    """An invited bank offers under seal, or puts a new offer in place of its earlier one."""

    signs: ClassVar[str] = "an invited bank"
    observes: ClassVar[str] = "holder and this bank; all invited banks once it is opened"
    remedy: ClassVar[str] = "supply_chain.WithdrawOffer, until the call closes"

    call: Id
    sealed: Sealed

    def validate_basic(self) -> None:
        """Refuse a box that is not of the one length that all offers have."""
        if len(self.sealed) != SEALED_BYTES:
            raise OfferMalformed(f"a sealed offer has {SEALED_BYTES} bytes")


class WithdrawOffer(Message, frozen=True, tag=_BASE + 122):
    """A bank takes its offer back, before the call closes."""

    moves_value: ClassVar[bool] = False
    signs: ClassVar[str] = "the bank that offered"
    observes: ClassVar[str] = "holder and this bank"
    remedy: ClassVar[str] = "supply_chain.SealOffer, until the call closes"
    creates_obligation: ClassVar[bool] = False

    call: Id


class OpenOffers(Message, frozen=True, tag=_BASE + 123):
    """The holder opens all offers of a closed call at once, by publishing its private key."""

    moves_value: ClassVar[bool] = False
    signs: ClassVar[str] = "the holder"
    observes: ClassVar[str] = _ASKED
    remedy: ClassVar[str] = "none: what is opened stays opened; supply_chain.EndCall ends the call"
    work: ClassVar[int] = BANKS_MAX

    call: Id
    box_secret: BoxSecret


class AcceptOffer(Message, frozen=True, tag=_BASE + 124):
    """SC-T6: the holder accepts one offer; the leaf is locked for that bank, the others end."""

    signs: ClassVar[str] = "the holder"
    observes: ClassVar[str] = _ASKED
    remedy: ClassVar[str] = "supply_chain.ReleaseLock, until money has moved"

    call: Id
    bank: Id
    advance_minor: PositiveMinor
    discount_minor: AmountMinor
    fee_minor: AmountMinor


class EndCall(Message, frozen=True, tag=_BASE + 125):
    """The holder ends its call; all offers under it end."""

    moves_value: ClassVar[bool] = False
    signs: ClassVar[str] = "the holder"
    observes: ClassVar[str] = _ASKED
    remedy: ClassVar[str] = "supply_chain.CallForOffers anew"
    creates_obligation: ClassVar[bool] = False

    call: Id
