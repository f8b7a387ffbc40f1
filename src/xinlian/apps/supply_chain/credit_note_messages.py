"""The messages about what lowers an invoice: SC-I3."""

from typing import ClassVar, Final

from xinlian.apps.supply_chain.credit_note_types import LoweringKind
from xinlian.apps.supply_chain.dispute_errors import LoweringInvalid
from xinlian.apps.supply_chain.types import MODULE_NO
from xinlian.contracts.fields import Count, Hash, PositiveMinor
from xinlian.contracts.message import Message

_BASE: Final = MODULE_NO * 256
_CONCERNED: Final = "seller, buyer, financiers asked on the invoice"


class LowerInvoice(Message, frozen=True, tag=_BASE + 65):
    """SC-I3: an invoice is for less: a credit note, or a payment outside the ledger."""

    signs: ClassVar[str] = "seller, against whose interest it speaks"
    observes: ClassVar[str] = _CONCERNED
    remedy: ClassVar[str] = "supply_chain.ReverseLowering by both sides"
    creates_obligation: ClassVar[bool] = False
    moves_value: ClassVar[bool] = False

    invoice_root: Hash
    document_root: Hash
    """The credit note or the proof of payment, a document that the seller registered itself."""
    kind: Count
    """1 credit note, 2 payment outside the ledger."""
    amount_minor: PositiveMinor

    def validate_basic(self) -> None:
        """Refuse a kind that is none."""
        if self.kind not in set(LoweringKind):
            raise LoweringInvalid(str(self.kind))


class ReverseLowering(Message, frozen=True, tag=_BASE + 66):
    """A correction: what was recorded by mistake counts no more, when both sides say so."""

    signs: ClassVar[str] = "seller and buyer of the invoice, either first"
    observes: ClassVar[str] = _CONCERNED
    remedy: ClassVar[str] = "supply_chain.LowerInvoice by another document"
    creates_obligation: ClassVar[bool] = False

    invoice_root: Hash
    document_root: Hash
    amount_minor: PositiveMinor
    """What was recorded, so that nobody takes back what it has not seen."""
