"""Messages of the obligations module."""

from typing import ClassVar, Final

from xinlian.contracts.fields import (
    AmountMinor,
    Count,
    Day,
    Flag,
    Hash,
    Id,
    Name,
    OptionalHash,
    OptionalId,
    PositiveMinor,
    TimeMs,
)
from xinlian.contracts.message import Message
from xinlian.crypto.hashing import HASH_BYTES
from xinlian.modules.obligations.errors import TermsInvalid
from xinlian.modules.obligations.types import (
    GRACE_DAYS_MAX,
    MODULE_NO,
    NOTHING,
    GuarantorIds,
    Security,
)
from xinlian.primitives import ID_BYTES

_BASE: Final = MODULE_NO * 256
_PARTIES: Final = "debtor, creditor, guarantors"
_BOTH: Final = "the debtor or the creditor"


class ProposeObligation(Message, frozen=True, tag=_BASE + 1):
    """One side offers a promise to pay; the other accepts it, and so does each guarantor.

    ``account`` is the sender's own: the debtor's is what the promise is performed from, the
    creditor's is where it is paid.
    """

    signs: ClassVar[str] = _BOTH
    observes: ClassVar[str] = _PARTIES
    remedy: ClassVar[str] = "obligations.CancelObligation"

    debtor: Id
    creditor: Id
    asset: Id
    amount_minor: PositiveMinor
    due_day: Day
    """With a condition: the last day on which it may be met."""
    grace_days: Count
    late_row: Name
    """The policy row of late interest, or ``none``."""
    source_root: Hash
    part_performance: Flag
    condition_kind: Name
    """The kind of fact that makes it due, or ``none``: the due day does."""
    condition_grade: Name
    """The least grade that counts, or ``none``."""
    condition_subject: OptionalHash
    """Empty: facts about this obligation itself."""
    security: Count
    guarantors: GuarantorIds
    account: OptionalId
    authority_cap_minor: AmountMinor
    authority_until_ms: TimeMs

    def validate_basic(self) -> None:
        """Refuse terms that contradict one another."""
        _check_lengths(self.account, self.condition_subject)
        if self.debtor == self.creditor:
            raise TermsInvalid("debtor and creditor are the same")
        if self.grace_days > GRACE_DAYS_MAX:
            raise TermsInvalid(f"at most {GRACE_DAYS_MAX} days of grace")
        if self.security not in tuple(Security):
            raise TermsInvalid("no such security")
        if (self.security == Security.GUARANTEE) != bool(self.guarantors):
            raise TermsInvalid("guarantors are named exactly where the security is a guarantee")
        distinct = {self.debtor, self.creditor, *self.guarantors}
        if len(distinct) != len(self.guarantors) + 2:
            raise TermsInvalid("a guarantor is named twice, or is debtor or creditor")
        is_conditional = self.condition_kind != NOTHING
        if is_conditional != (self.condition_grade != NOTHING):
            raise TermsInvalid("a condition names a kind of fact and a grade, or none and none")
        if self.condition_subject and not is_conditional:
            raise TermsInvalid("a subject without a condition")

    def capped_amount_minor(self) -> int:
        """Return what is promised."""
        return self.amount_minor


class AcceptObligation(Message, frozen=True, tag=_BASE + 2):
    """The other side accepts a proposal; ``account`` is the sender's own."""

    signs: ClassVar[str] = "the side that did not propose"
    observes: ClassVar[str] = _PARTIES
    remedy: ClassVar[str] = "obligations.CancelObligation, by both"

    obligation: Id
    amount_minor: PositiveMinor
    """The amount of the proposal, so that the cap of a mandate applies."""
    account: OptionalId
    authority_cap_minor: AmountMinor
    authority_until_ms: TimeMs

    def validate_basic(self) -> None:
        """Refuse an account id of a wrong length."""
        _check_lengths(self.account)

    def capped_amount_minor(self) -> int:
        """Return what is promised."""
        return self.amount_minor


class AcceptGuarantee(Message, frozen=True, tag=_BASE + 3):
    """A named guarantor answers for the debtor, up to an amount, with an authority or without."""

    signs: ClassVar[str] = "the guarantor"
    observes: ClassVar[str] = _PARTIES
    remedy: ClassVar[str] = "obligations.CancelObligation, by debtor and creditor"

    obligation: Id
    amount_minor: PositiveMinor
    account: OptionalId
    authority_until_ms: TimeMs

    def validate_basic(self) -> None:
        """Refuse an account id of a wrong length."""
        _check_lengths(self.account)

    def capped_amount_minor(self) -> int:
        """Return what the guarantor answers for."""
        return self.amount_minor


class CancelObligation(Message, frozen=True, tag=_BASE + 4):
    """Anyone ends a proposal; both sides end what binds, the second message does it."""

    signs: ClassVar[str] = _BOTH + "; a guarantor while it is a proposal"
    observes: ClassVar[str] = _PARTIES
    remedy: ClassVar[str] = "obligations.ProposeObligation"
    creates_obligation: ClassVar[bool] = False

    obligation: Id
    amount_minor: PositiveMinor
    """What is open, so that nobody cancels another amount than it has seen."""

    def capped_amount_minor(self) -> int:
        """Return what is given up."""
        return self.amount_minor


class EndAuthority(Message, frozen=True, tag=_BASE + 5):
    """The creditor lets the standing authority go; the debtor alone cannot."""

    signs: ClassVar[str] = "the creditor"
    observes: ClassVar[str] = _PARTIES
    remedy: ClassVar[str] = "obligations.ProposeObligation with a new authority"
    creates_obligation: ClassVar[bool] = False

    obligation: Id


class DisputeObligation(Message, frozen=True, tag=_BASE + 6):
    """The debtor disputes an amount before it is due; the rest runs on."""

    signs: ClassVar[str] = "the debtor"
    observes: ClassVar[str] = _PARTIES
    remedy: ClassVar[str] = "obligations.SettleDispute"
    moves_value: ClassVar[bool] = False
    creates_obligation: ClassVar[bool] = False

    obligation: Id
    amount_minor: PositiveMinor
    """What is disputed beyond what is disputed already."""
    document_root: Hash


class SettleDispute(Message, frozen=True, tag=_BASE + 7):
    """A side gives up its position on a disputed amount.

    From the debtor: the amount is owed again, with a fresh cut-off. From the creditor: it is
    released.
    """

    signs: ClassVar[str] = _BOTH
    observes: ClassVar[str] = _PARTIES
    remedy: ClassVar[str] = "none: a position given up is given up"
    creates_obligation: ClassVar[bool] = False

    obligation: Id
    amount_minor: PositiveMinor

    def capped_amount_minor(self) -> int:
        """Return what is given up."""
        return self.amount_minor


class ForgiveObligation(Message, frozen=True, tag=_BASE + 8):
    """The creditor forgives an amount, the whole or a part."""

    signs: ClassVar[str] = "the creditor"
    observes: ClassVar[str] = _PARTIES
    remedy: ClassVar[str] = "none: what is forgiven is not owed again"
    creates_obligation: ClassVar[bool] = False

    obligation: Id
    amount_minor: PositiveMinor

    def capped_amount_minor(self) -> int:
        """Return what is given up."""
        return self.amount_minor


class DischargeByReceipt(Message, frozen=True, tag=_BASE + 9):
    """The creditor says that it was paid outside the ledger; the bank's entry later matches."""

    signs: ClassVar[str] = "the creditor"
    observes: ClassVar[str] = _PARTIES
    remedy: ClassVar[str] = "obligations.ProposeObligation by the debtor"
    creates_obligation: ClassVar[bool] = False

    obligation: Id
    amount_minor: PositiveMinor
    document_root: Hash

    def capped_amount_minor(self) -> int:
        """Return what is discharged."""
        return self.amount_minor


class ConfirmPayment(Message, frozen=True, tag=_BASE + 10):
    """The bank accepts a payment order (pain.002); it holds up to three banking days."""

    signs: ClassVar[str] = "the bank of the debtor's account"
    observes: ClassVar[str] = _PARTIES + ", the bank"
    remedy: ClassVar[str] = "none needed: an order that is not executed ends"
    moves_value: ClassVar[bool] = False
    creates_obligation: ClassVar[bool] = False

    obligation: Id
    amount_minor: PositiveMinor


def _check_lengths(account: bytes, subject: bytes = b"") -> None:
    if len(account) not in (0, ID_BYTES) or len(subject) not in (0, HASH_BYTES):
        raise TermsInvalid("an id of 20 bytes and a subject of 32 bytes, or empty")
