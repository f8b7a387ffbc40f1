"""The messages that correct a leaf that was certified for too much."""

from typing import ClassVar, Final

from xinlian.apps.supply_chain.types import MODULE_NO
from xinlian.contracts.fields import Hash, Id, PositiveMinor, TimeMs
from xinlian.contracts.message import Message

_BASE: Final = MODULE_NO * 256
_CONCERNED: Final = "obligor, first supplier"


class ProposeCorrection(Message, frozen=True, tag=_BASE + 67):
    """SC-T18 for a part: a side says that a leaf is for too much; it binds nobody yet."""

    signs: ClassVar[str] = "obligor or first supplier"
    observes: ClassVar[str] = _CONCERNED
    remedy: ClassVar[str] = "supply_chain.ProposeCorrection anew, which takes its place"
    creates_obligation: ClassVar[bool] = False

    leaf: Id
    amount_minor: PositiveMinor
    """By how much it is too much; less than what is outstanding."""
    corrects_root: Hash
    """The document with the mistake: this entry points at it, and nothing is edited."""
    expires_at_ms: TimeMs


class AgreeCorrection(Message, frozen=True, tag=_BASE + 68):
    """SC-T18 for a part: the other side agrees; the entries of the part are reversed."""

    signs: ClassVar[str] = "the side that did not propose"
    observes: ClassVar[str] = _CONCERNED
    remedy: ClassVar[str] = "supply_chain.ProposeCertificate anew"
    creates_obligation: ClassVar[bool] = False

    leaf: Id
    amount_minor: PositiveMinor
    corrects_root: Hash
