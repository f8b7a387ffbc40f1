"""SC-I3: credit notes and outside payments lower an invoice; what is occupied beyond is said.

Rules this file keeps:
 1. What speaks against who says it is never refused for what it leads to: the seller records a
    credit note, or a payment that it got outside the ledger, whatever of the invoice is certified.
 2. No more is taken off an invoice than it is for.
 3. Where more is occupied and paid than is left the invoice is over-occupied: said in the same
    block, with by how much. Nothing new is certified on it, and no financier pays on it while
    policy says so (``supply_chain.over_occupied_stops_finance``); who holds or financed a claim on
    it may ask a court for a freeze. What was promised is paid as before.
 4. It ends when claims on it are cancelled or reduced (SC-T18, SC-T22), or the record is taken
    back.
 5. Corrections reverse: a record made by mistake stays, and a further entry of both sides ends it.

Source: docs/concepts/certificates.md (I3).
"""

import msgspec

from xinlian.apps.supply_chain import dispute_events
from xinlian.apps.supply_chain.credit_note_messages import LowerInvoice, ReverseLowering
from xinlian.apps.supply_chain.credit_note_types import LOWERINGS, Lowering
from xinlian.apps.supply_chain.dispute_errors import (
    LoweringInvalid,
    LoweringRecorded,
    UnknownLowering,
)
from xinlian.apps.supply_chain.errors import AmountNotOwed, NotSupplier, PartiesInvalid
from xinlian.apps.supply_chain.keeper import require_invoice
from xinlian.apps.supply_chain.types import INVOICES, Invoice
from xinlian.contracts.context import Context
from xinlian.modules.documents.handlers import require_document


def lower_invoice(context: Context, message: LowerInvoice) -> None:
    """Write down that an invoice is for less, and whether too much of it is occupied now."""
    # AUTHORISE
    invoice = require_invoice(context.state, message.invoice_root)
    document = require_document(context.state, message.document_root)
    if context.acting_for != invoice.seller or document.owner != invoice.seller:
        raise NotSupplier("the seller says it, by a document that it registered itself")
    # VALIDATE
    if LOWERINGS.get(context.state, message.invoice_root, message.document_root) is not None:
        raise LoweringRecorded(message.document_root.hex())
    left_minor = invoice.gross_minor - invoice.lowered_minor
    if message.amount_minor > left_minor:
        raise LoweringInvalid(f"the invoice is for {left_minor}")
    # WRITE and EMIT
    recorded = Lowering(message.kind, message.amount_minor, context.time_ms)
    _change(context, message, recorded, invoice, message.amount_minor)


def reverse_lowering(context: Context, message: ReverseLowering) -> None:
    """Take back what was recorded by mistake, when both sides say so."""
    # AUTHORISE
    invoice = require_invoice(context.state, message.invoice_root)
    side = context.acting_for
    if side not in (invoice.seller, invoice.buyer):
        raise PartiesInvalid("seller and buyer of the invoice correct it, nobody else")
    # VALIDATE
    found = LOWERINGS.get(context.state, message.invoice_root, message.document_root)
    if found is None or found.is_reversed:
        raise UnknownLowering(message.document_root.hex())
    if message.amount_minor != found.amount_minor:
        raise AmountNotOwed(str(found.amount_minor))
    # WRITE and EMIT
    if found.reversal_asked_by in (b"", side):
        asked = msgspec.structs.replace(found, reversal_asked_by=side)
        LOWERINGS.put(context.state, asked, message.invoice_root, message.document_root)
        context.emit(
            dispute_events.ReversalAsked(message.invoice_root, message.document_root, side),
        )
        return
    taken_back = msgspec.structs.replace(found, is_reversed=True)
    _change(context, message, taken_back, invoice, -found.amount_minor)


def _change(
    context: Context,
    message: LowerInvoice | ReverseLowering,
    record: Lowering,
    invoice: Invoice,
    delta_minor: int,
) -> None:
    """Write a record, and what the invoice is lowered by in all."""
    LOWERINGS.put(context.state, record, message.invoice_root, message.document_root)
    lowered_minor = invoice.lowered_minor + delta_minor
    lowered = msgspec.structs.replace(invoice, lowered_minor=lowered_minor)
    INVOICES.put(context.state, lowered, message.invoice_root)
    context.emit(
        dispute_events.InvoiceLowered(
            message.invoice_root,
            message.document_root,
            record.kind,
            record.amount_minor,
            record.is_reversed,
            lowered_minor,
            lowered.over_minor,
        ),
    )
