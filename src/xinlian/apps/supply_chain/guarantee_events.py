"""What happens to guarantees of a certificate: SC-T10."""

from typing import Final

from xinlian.apps.supply_chain.types import MODULE_NO
from xinlian.contracts.fields import AmountMinor, Count, Hash, Id, TimeMs
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
