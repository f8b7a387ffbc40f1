"""Refusals about disputes, credit notes and corrections.

Order of precedence within each message, by code; other modules' codes carry their name::

    OpenDispute       62, 5, 65, documents/2, 66, members/not_in_role, 29, 11, 63, 64, 28, 40, 67
    WithdrawDispute   61, 65, 11
    ProposeOutcome    61, 65, 11, 40, 67, 68
    AgreeOutcome      61, 65, 24, 11, 24 (another outcome), 40, 68
    LowerInvoice      69 (kind), 1, documents/2, 7, 70, 69
    ReverseLowering   1, 29, 71, 34
    ProposeCorrection   5, 29, documents/2, 11, 17, 28, 40, 60, 34, 25
    AgreeCorrection   5, 24, 29, 25, 24 (another part), 11, 17, 28, 40, 60, 34
    JudgeDispute      members/not_in_role, documents/2, 44, 61, 29, 11, 40, 67
"""

from typing import ClassVar

from xinlian.apps.supply_chain.errors import CODESPACE
from xinlian.primitives import InvalidTransaction, Rejected, Unauthorised


class LeafDisputed(Rejected):
    """A part of this leaf is disputed: it changes hands, or ends, when the dispute has ended."""

    codespace: ClassVar[str] = CODESPACE
    code: ClassVar[int] = 60
    name: ClassVar[str] = "leaf_disputed"


class UnknownDispute(Rejected):
    """No such dispute."""

    codespace: ClassVar[str] = CODESPACE
    code: ClassVar[int] = 61
    name: ClassVar[str] = "unknown_dispute"


class GroundInvalid(InvalidTransaction):
    """A dispute names one of the grounds on the list."""

    codespace: ClassVar[str] = CODESPACE
    code: ClassVar[int] = 62
    name: ClassVar[str] = "ground_invalid"


class DefenceWaived(Rejected):
    """This defence was waived: by the promise, or against who financed the leaf (SC-T16)."""

    codespace: ClassVar[str] = CODESPACE
    code: ClassVar[int] = 63
    name: ClassVar[str] = "defence_waived"


class DisputedBefore(Rejected):
    """This side disputes the leaf already, or has done so: a court's document opens a second."""

    codespace: ClassVar[str] = CODESPACE
    code: ClassVar[int] = 64
    name: ClassVar[str] = "disputed_before"


class NotDisputing(Unauthorised):
    """Obligor and holder dispute a leaf and settle it; who raised a dispute withdraws it."""

    codespace: ClassVar[str] = CODESPACE
    code: ClassVar[int] = 65
    name: ClassVar[str] = "not_disputing"


class GroundsNotOwn(Unauthorised):
    """Who disputes registers its grounds itself, or names a document that a court registered."""

    codespace: ClassVar[str] = CODESPACE
    code: ClassVar[int] = 66
    name: ClassVar[str] = "grounds_not_own"


class DisputeTooLarge(Rejected):
    """The amount is more than can be disputed, or than is disputed: read the leaf again."""

    codespace: ClassVar[str] = CODESPACE
    code: ClassVar[int] = 67
    name: ClassVar[str] = "dispute_too_large"


class PledgeUncovered(Rejected):
    """What a pledge secures is not given up without its financier: repay or release it first."""

    codespace: ClassVar[str] = CODESPACE
    code: ClassVar[int] = 68
    name: ClassVar[str] = "pledge_uncovered"


class LoweringInvalid(InvalidTransaction):
    """A credit note or outside payment is of one of the two kinds, and within the invoice."""

    codespace: ClassVar[str] = CODESPACE
    code: ClassVar[int] = 69
    name: ClassVar[str] = "lowering_invalid"


class LoweringRecorded(Rejected):
    """This document lowers the invoice already, or was taken back: use another document."""

    codespace: ClassVar[str] = CODESPACE
    code: ClassVar[int] = 70
    name: ClassVar[str] = "lowering_recorded"


class UnknownLowering(Rejected):
    """No such credit note or outside payment is recorded on this invoice, or not any more."""

    codespace: ClassVar[str] = CODESPACE
    code: ClassVar[int] = 71
    name: ClassVar[str] = "unknown_lowering"


class OverOccupied(Rejected):
    """More of the invoice is certified than credit notes leave: reduce or cancel claims first."""

    codespace: ClassVar[str] = CODESPACE
    code: ClassVar[int] = 72
    name: ClassVar[str] = "over_occupied"
