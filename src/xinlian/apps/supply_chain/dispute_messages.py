"""The messages about disputes of leaves: SC-T16, SC-T22."""

from typing import ClassVar, Final

from xinlian.apps.supply_chain.dispute_errors import GroundInvalid
from xinlian.apps.supply_chain.dispute_types import Ground
from xinlian.apps.supply_chain.types import MODULE_NO
from xinlian.contracts.fields import AmountMinor, Count, Flag, Hash, Id, PositiveMinor
from xinlian.contracts.message import Message

_BASE: Final = MODULE_NO * 256
_CONCERNED: Final = "obligor, holder, financier, who raised it, the court"


class OpenDispute(Message, frozen=True, tag=_BASE + 60):
    """SC-T16: a side says that an amount of a leaf is not owed; the rest runs on."""

    signs: ClassVar[str] = "obligor or holder of the leaf"
    observes: ClassVar[str] = _CONCERNED
    remedy: ClassVar[str] = "supply_chain.WithdrawDispute"
    creates_obligation: ClassVar[bool] = False

    leaf: Id
    amount_minor: PositiveMinor
    ground: Count
    """1 quality, 2 fraud, 3 identity, 4 before a court."""
    grounds_root: Hash
    """A document that says why: of who disputes, or of the court."""

    def validate_basic(self) -> None:
        """Refuse a ground that is none."""
        if self.ground not in set(Ground):
            raise GroundInvalid(str(self.ground))


class WithdrawDispute(Message, frozen=True, tag=_BASE + 61):
    """SC-T22: who disputes gives it up; what was disputed is owed again."""

    signs: ClassVar[str] = "who raised the dispute"
    observes: ClassVar[str] = _CONCERNED
    remedy: ClassVar[str] = "supply_chain.OpenDispute on a court's document"
    creates_obligation: ClassVar[bool] = False

    dispute: Id


class ProposeOutcome(Message, frozen=True, tag=_BASE + 62):
    """SC-T22, first signature: a side proposes how much of it is not owed; it binds nobody yet."""

    signs: ClassVar[str] = "obligor or holder of the leaf"
    observes: ClassVar[str] = _CONCERNED
    remedy: ClassVar[str] = "supply_chain.ProposeOutcome anew, before the other side agrees"
    creates_obligation: ClassVar[bool] = False

    dispute: Id
    upheld_minor: AmountMinor
    """0 where all of it is owed after all."""
    frees_invoice: Flag
    """Whether what is not owed may be certified again."""


class AgreeOutcome(Message, frozen=True, tag=_BASE + 63):
    """SC-T22, second signature: the other side agrees to the same outcome; the dispute ends."""

    signs: ClassVar[str] = "the side that did not propose"
    observes: ClassVar[str] = _CONCERNED
    remedy: ClassVar[str] = "none: both have signed"
    creates_obligation: ClassVar[bool] = False

    dispute: Id
    upheld_minor: AmountMinor
    frees_invoice: Flag


class JudgeDispute(Message, frozen=True, tag=_BASE + 64):
    """SC-T22: a court decides how much of a dispute is not owed; the dispute ends."""

    signs: ClassVar[str] = "a court that is no party to the claim"
    observes: ClassVar[str] = _CONCERNED
    remedy: ClassVar[str] = "supply_chain.OpenDispute on the document of a higher court"
    creates_obligation: ClassVar[bool] = False
    moves_value: ClassVar[bool] = False
    is_kept_for: ClassVar[bool] = True

    dispute: Id
    amount_minor: PositiveMinor
    """What is disputed: the court names what it decides about."""
    upheld_minor: AmountMinor
    """How much of it is not owed."""
    frees_invoice: Flag
    """Whether what is not owed may be certified again."""
    decision_root: Hash
    """The decision, a document that the court registered itself."""
