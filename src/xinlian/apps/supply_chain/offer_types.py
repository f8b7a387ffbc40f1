"""Calls for offers, the offers under them, and the offer that a lock carries.

Who signs, who answers: the holder calls and opens; each invited bank answers for what it sealed,
from the close of the call until the call ends; whom the holder accepts pays as it offered.

Rules this file keeps:
 1. A leaf has one open call at most, a bank one offer under a call.
 2. What banks sealed is deleted when the call has ended; the call itself stays, with how it ended.
 3. ``TRANSITIONS`` is the whole life of a call.
"""

import enum
from typing import Final

from xinlian.apps.supply_chain.types import MODULE_NO
from xinlian.contracts.fields import AmountMinor, BoxKey, Count, Flag, Id, Sealed, TimeMs
from xinlian.ledger.records import Collection, Record
from xinlian.primitives import ID_BYTES

BANKS_MAX: Final = 8
"""So that opening is bounded: each box costs two multiplications on a curve."""


class CallStatus(enum.IntEnum):
    """Where a call for offers stands."""

    OPEN = 1
    """Banks seal offers until it closes; then the holder opens them."""
    OPENED = 2
    ACCEPTED = 3
    LAPSED = 4
    """Its time was up before an offer was accepted."""
    WITHDRAWN = 5
    """The holder ended it."""


TRANSITIONS: Final = {
    CallStatus.OPEN: frozenset({CallStatus.OPENED, CallStatus.LAPSED, CallStatus.WITHDRAWN}),
    CallStatus.OPENED: frozenset({CallStatus.ACCEPTED, CallStatus.LAPSED, CallStatus.WITHDRAWN}),
    CallStatus.ACCEPTED: frozenset(),
    CallStatus.LAPSED: frozenset(),
    CallStatus.WITHDRAWN: frozenset(),
}


class FinanceCall(Record, frozen=True):
    """A holder's call for offers on a leaf."""

    leaf: Id
    holder: Id
    box_key: BoxKey
    """To which offers are sealed; its private key opens them all."""
    as_pledge: Flag
    with_recourse: Flag
    keeps_rest: Flag
    closes_at_ms: TimeMs
    """Until when banks seal, change and withdraw."""
    decides_by_ms: TimeMs
    """Until when the holder opens and accepts; then everything lapses."""
    pays_by_ms: TimeMs
    """Until when the leaf stays locked for whom the holder accepts."""
    status: Count


class InvitedBank(Record, frozen=True):
    """That a bank may offer under a call; its key names call and bank."""


class SealedOffer(Record, frozen=True):
    """What a bank offers, under seal."""

    sealed: Sealed


class OpenedOffer(Record, frozen=True):
    """What a bank offered; there is none where its box did not open."""

    advance_minor: AmountMinor
    discount_minor: AmountMinor
    fee_minor: AmountMinor


class CallOfLeaf(Record, frozen=True):
    """The call on a leaf that has not ended."""

    call: Id


class AcceptedOffer(Record, frozen=True):
    """What the bank for which a leaf is locked pays, no more and no less."""

    call: Id
    advance_minor: AmountMinor
    kept_minor: AmountMinor
    """Discount and fee, which it keeps back."""

    def fits(self, advance_minor: int, discount_minor: int) -> bool:
        """Return whether a payment is as it was accepted."""
        return (advance_minor, discount_minor) == (self.advance_minor, self.kept_minor)


CALLS: Final = Collection(MODULE_NO, 52, FinanceCall, (ID_BYTES,))
INVITED: Final = Collection(MODULE_NO, 53, InvitedBank, (ID_BYTES, ID_BYTES))
SEALED_OFFERS: Final = Collection(MODULE_NO, 54, SealedOffer, (ID_BYTES, ID_BYTES))
OPENED_OFFERS: Final = Collection(MODULE_NO, 55, OpenedOffer, (ID_BYTES, ID_BYTES))
CALL_OF: Final = Collection(MODULE_NO, 56, CallOfLeaf, (ID_BYTES,))
ACCEPTED: Final = Collection(MODULE_NO, 57, AcceptedOffer, (ID_BYTES,))
"""By leaf, as long as its lock stands."""
