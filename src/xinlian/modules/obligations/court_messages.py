"""Messages of courts about obligations: decisions of disputes, orders to enforce.

Rules this file keeps:
 1. A court names the debtor and the creditor beside the obligation: an id that was mistaken is
    refused, and nobody is touched whom the case does not concern.
 2. A case stands on the ledger as a commitment to its number, never the number itself.
"""

from typing import ClassVar, Final

from xinlian.contracts.fields import AmountMinor, Hash, Id, PositiveMinor, TimeMs
from xinlian.contracts.message import Message
from xinlian.modules.obligations.errors import TermsInvalid
from xinlian.modules.obligations.types import MODULE_NO, ExecutedAccounts

_BASE: Final = MODULE_NO * 256
_CONCERNED: Final = "debtor, creditor, guarantors, the court"


class DecideDispute(Message, frozen=True, tag=_BASE + 11):
    """A court decides all that is disputed of an obligation.

    What it finds not owed is released. What it finds owed runs on with a fresh cut-off, and with
    late interest from the due day where the cut-off of the terms has passed.
    """

    signs: ClassVar[str] = "a court that is no party to the obligation"
    observes: ClassVar[str] = _CONCERNED
    remedy: ClassVar[str] = "none: what was released is not owed again; the rest may be forgiven"
    creates_obligation: ClassVar[bool] = False
    is_kept_for: ClassVar[bool] = True

    obligation: Id
    debtor: Id
    creditor: Id
    owed_minor: AmountMinor
    """Of what is disputed: the debtor disputed it wrongly."""
    released_minor: AmountMinor
    """Of what is disputed: it is not owed. Both together are what is disputed."""
    case_root: Hash
    """A commitment to the case number; it acts on an obligation once."""
    order_root: Hash
    """A commitment to the court's judgment."""

    def validate_basic(self) -> None:
        """Refuse a decision of nothing."""
        if not self.capped_amount_minor():
            raise TermsInvalid("a decision of no amount")

    def capped_amount_minor(self) -> int:
        """Return what is decided."""
        return self.owed_minor + self.released_minor


class OrderEnforcement(Message, frozen=True, tag=_BASE + 12):
    """A court orders that what is in default be executed from accounts of the debtor.

    Whatever is available on them is moved to the creditor, now and at each later credit, in the
    order in which obligations of an account are performed, until the amount is reached.
    """

    signs: ClassVar[str] = "a court that is no party to the obligation"
    observes: ClassVar[str] = _CONCERNED
    remedy: ClassVar[str] = "obligations.LiftEnforcement; what was moved stays with the creditor"
    creates_obligation: ClassVar[bool] = False
    is_kept_for: ClassVar[bool] = True

    obligation: Id
    debtor: Id
    creditor: Id
    accounts: ExecutedAccounts
    amount_minor: PositiveMinor
    """What is executed at most: no more than is open and undisputed."""
    from_ms: TimeMs
    """Nothing is moved before."""
    case_root: Hash
    """A commitment to the case number; it acts on an obligation once."""
    order_root: Hash
    """A commitment to the court's order."""

    def validate_basic(self) -> None:
        """Refuse an account that is named twice."""
        if len(set(self.accounts)) != len(self.accounts):
            raise TermsInvalid("an account is named twice")

    def capped_amount_minor(self) -> int:
        """Return what is executed at most."""
        return self.amount_minor


class LiftEnforcement(Message, frozen=True, tag=_BASE + 13):
    """A court lifts an order to execute; what a bank is executing is not called back."""

    signs: ClassVar[str] = "the court that ordered it; any court where that is none any more"
    observes: ClassVar[str] = _CONCERNED
    remedy: ClassVar[str] = "obligations.OrderEnforcement under a case of its own"
    creates_obligation: ClassVar[bool] = False
    moves_value: ClassVar[bool] = False
    is_kept_for: ClassVar[bool] = True

    obligation: Id
    order_root: Hash
    """A commitment to the court's decision to lift it."""
