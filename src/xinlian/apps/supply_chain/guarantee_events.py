"""What happens to guarantees of a certificate: SC-T10."""

from typing import Final

from xinlian.apps.supply_chain.types import MODULE_NO
from xinlian.contracts.fields import AmountMinor, Count, Hash, Id, OptionalId, TimeMs
from xinlian.contracts.message import Event

_BASE: Final = MODULE_NO * 256


class GuaranteeGiven(Event, frozen=True, tag=_BASE + 130):
    """SC-T10: a guarantor answers for a certificate, in its place."""

    certificate: Id
    guarantor: Id
    order_no: Count
    cap_minor: AmountMinor
    account: Id
    until_ms: TimeMs
    deed_root: Hash


class GuaranteeReleaseAgreed(Event, frozen=True, tag=_BASE + 131):
    """SC-T10: one whom a guarantee covers gives it up; others are still to agree, or all have."""

    certificate: Id
    order_no: Count
    party: Id


class GuaranteeEnded(Event, frozen=True, tag=_BASE + 132):
    """SC-T10: everybody it covered released a guarantee, or its certificate is over."""

    certificate: Id
    guarantor: Id
    order_no: Count
    status: Count


class GuaranteeCalled(Event, frozen=True, tag=_BASE + 133):
    """SC-T10: the obligor, or a guarantor before it, is in default: this one owes."""

    certificate: Id
    guarantor: Id
    order_no: Count
    claim: Id
    amount_minor: AmountMinor


class LeafTakenOver(Event, frozen=True, tag=_BASE + 134):
    """SC-T10: a guarantor paid a holder and holds what it paid for; the obligor owes as before."""

    leaf: Id
    certificate: Id
    claim: Id
    guarantor: Id
    order_no: Count
    holder: Id
    """Who held it, and was paid."""
    amount_minor: AmountMinor
    taken: Id
    """The leaf of the guarantor: the same one where it paid all of it."""
    rest: OptionalId
    """The leaf of what the holder is still owed; empty where that is nothing."""


class CallRaised(Event, frozen=True, tag=_BASE + 135):
    """SC-T10: more of the certificate is missing: what a guarantor owes already is more by this."""

    certificate: Id
    guarantor: Id
    order_no: Count
    claim: Id
    amount_minor: AmountMinor
