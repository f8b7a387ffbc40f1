"""The messages about guarantees of a certificate: SC-T10."""

from typing import ClassVar, Final

from xinlian.apps.supply_chain.guarantee_errors import PlaceInvalid
from xinlian.apps.supply_chain.types import MODULE_NO
from xinlian.contracts.fields import Count, Hash, Id, PositiveMinor, TimeMs
from xinlian.contracts.message import Message

_BASE: Final = MODULE_NO * 256
_CONCERNED: Final = "the guarantor, the obligor, the first supplier, every holder"
GUARANTORS_MAX: Final = 3
"""Guarantees of one certificate: a default calls a bounded number."""


class GiveGuarantee(Message, frozen=True, tag=_BASE + 130):
    """SC-T10: a guarantor answers for what a certificate's obligor does not pay in time."""

    signs: ClassVar[str] = "the guarantor, neither obligor nor first supplier"
    observes: ClassVar[str] = _CONCERNED
    remedy: ClassVar[str] = "supply_chain.ReleaseGuarantee by every holder"

    certificate: Id
    order_no: Count
    """Its place among the guarantees, 1 to 3: the lowest is called first."""
    cap_minor: PositiveMinor
    """What the guarantor pays at most."""
    account: Id
    """The guarantor's mirrored account, from which a call is paid without a further signature."""
    until_ms: TimeMs
    """A default after this moment calls nobody, and nothing is taken from the account."""
    deed_root: Hash
    """The letter of guarantee, a document that the guarantor registered itself."""

    def validate_basic(self) -> None:
        """Refuse a place that is none."""
        if not 1 <= self.order_no <= GUARANTORS_MAX:
            raise PlaceInvalid(f"its place is 1 to {GUARANTORS_MAX}")

    def capped_amount_minor(self) -> int:
        """Return what the guarantor answers for."""
        return self.cap_minor


class ReleaseGuarantee(Message, frozen=True, tag=_BASE + 131):
    """SC-T10: one whom a guarantee covers gives it up; it ends when all of them have."""

    signs: ClassVar[str] = "each holder it covers, and the financier of each pledge"
    observes: ClassVar[str] = _CONCERNED
    remedy: ClassVar[str] = "supply_chain.GiveGuarantee anew"
    creates_obligation: ClassVar[bool] = False
    moves_value: ClassVar[bool] = False

    certificate: Id
    order_no: Count


class PayGuarantee(Message, frozen=True, tag=_BASE + 132):
    """SC-T10: a guarantor pays a call by hand, all or a part; it holds what it paid for."""

    signs: ClassVar[str] = "the guarantor that is called"
    observes: ClassVar[str] = _CONCERNED
    remedy: ClassVar[str] = "the obligor's debt to the guarantor, which holds the leaf"
    creates_obligation: ClassVar[bool] = False

    claim: Id
    """The call."""
    amount_minor: PositiveMinor
    from_account: Id

    def capped_amount_minor(self) -> int:
        """Return what is paid."""
        return self.amount_minor
