"""The messages about freeze orders on claims: SC-T17."""

from typing import ClassVar, Final

from xinlian.apps.supply_chain.errors import FreezeScopeInvalid
from xinlian.apps.supply_chain.types import MODULE_NO
from xinlian.contracts.fields import Hash, Id, OptionalId, TimeMs
from xinlian.contracts.message import Message
from xinlian.primitives import ID_BYTES

_BASE: Final = MODULE_NO * 256
_CONCERNED: Final = "holder, obligor, financier, the court, who confirmed it"


class OrderFreeze(Message, frozen=True, tag=_BASE + 40):
    """SC-T17, first signature: a court orders that claims be held; it holds nothing yet."""

    signs: ClassVar[str] = "a court"
    observes: ClassVar[str] = "the court, until it is confirmed"
    remedy: ClassVar[str] = "supply_chain.LiftFreeze"
    creates_obligation: ClassVar[bool] = False
    moves_value: ClassVar[bool] = False
    is_kept_for: ClassVar[bool] = True

    certificate: Id
    leaf: OptionalId
    """The leaf that is held; empty where all of a holder's are."""
    holder: OptionalId
    """Whose leaves of the certificate are held; empty where one leaf is named."""
    case_root: Hash
    """A commitment to the court's case number."""
    order_root: Hash
    """The order, a document that the court registered itself."""
    account: Id
    """Where payments go meanwhile: a deposit account of a licensed keeper of frozen money."""
    expires_at_ms: TimeMs

    def validate_basic(self) -> None:
        """Refuse a scope that is not exactly one leaf or one holder."""
        if sorted((len(self.leaf), len(self.holder))) != [0, ID_BYTES]:
            raise FreezeScopeInvalid("name one leaf, or one holder, and leave the other empty")


class ConfirmFreeze(Message, frozen=True, tag=_BASE + 41):
    """SC-T17, second signature: a member of governance confirms it; from now on it holds."""

    signs: ClassVar[str] = "a member with a vote that is no party to the claim"
    observes: ClassVar[str] = _CONCERNED
    remedy: ClassVar[str] = "supply_chain.LiftFreeze by the court"
    creates_obligation: ClassVar[bool] = False
    moves_value: ClassVar[bool] = False
    is_kept_for: ClassVar[bool] = True

    freeze: Id
    order_root: Hash
    """The order that it has read: it confirms that one and no other."""


class LiftFreeze(Message, frozen=True, tag=_BASE + 42):
    """SC-T17: the court lifts its order, or takes one back that nobody confirmed."""

    signs: ClassVar[str] = "the court that ordered it; any court where that is none any more"
    observes: ClassVar[str] = _CONCERNED
    remedy: ClassVar[str] = "supply_chain.OrderFreeze anew"
    creates_obligation: ClassVar[bool] = False
    moves_value: ClassVar[bool] = False
    is_kept_for: ClassVar[bool] = True

    freeze: Id
    document_root: Hash
    """The court's decision to lift it, a document that it registered itself."""
