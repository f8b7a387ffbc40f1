"""Rows of disputes, and what their ends and credit notes do: SC-T16, SC-T22, SC-I3."""

from xinlian.apps.supply_chain import dispute_events as events
from xinlian.apps.supply_chain.dispute_types import DISPUTES, DisputeStatus, Ground
from xinlian.apps.supply_chain.types import Life
from xinlian.ledger.ports import StateView
from xinlian.readmodels.projection.certificates import change_line, require_certificate
from xinlian.readmodels.projection.leaves import lapse_offers, require_leaf
from xinlian.readmodels.projection.writer import Cause, Writer
from xinlian.readmodels.rows import DisputeRow, InvoiceRow
from xinlian.readmodels.text import enum_text, id_text


def dispute_opened(writer: Writer, event: events.DisputeOpened, cause: Cause) -> None:
    """SC-T16: an amount is disputed."""
    del cause
    writer.add(
        DisputeRow(
            **writer.born_changing(),
            dispute_id=id_text("dispute", event.dispute),
            leaf_id=id_text("leaf", event.leaf),
            certificate_id=id_text("cert", event.certificate),
            raised_by=id_text("party", event.raised_by),
            amount_minor=event.amount_minor,
            ground=enum_text(Ground(event.ground)),
            grounds_root=event.grounds_root.hex(),
            ends_at_ms=event.ends_at_ms,
            status=enum_text(DisputeStatus.OPEN),
            proposed_by="",
            proposed_minor=0,
            proposal_frees_invoice=False,
            upheld_minor=0,
            frees_invoice=False,
            ended_by="",
            decision_root="",
        ),
    )


def outcome_proposed(writer: Writer, event: events.OutcomeProposed, cause: Cause) -> None:
    """SC-T22: a side proposes how it ends."""
    del cause
    writer.change(
        _dispute(writer, event.dispute),
        proposed_by=id_text("party", event.proposed_by),
        proposed_minor=event.upheld_minor,
        proposal_frees_invoice=event.frees_invoice,
    )


def dispute_ended(writer: Writer, event: events.DisputeEnded, cause: Cause) -> None:
    """SC-T22: withdrawn, agreed, decided, or its time was up."""
    del cause
    writer.change(
        _dispute(writer, event.dispute),
        status=enum_text(DisputeStatus(event.status)),
        upheld_minor=event.upheld_minor,
        frees_invoice=event.frees_invoice,
        ended_by=id_text("party", event.ended_by),
        decision_root=event.decision_root.hex(),
    )


def leaf_reduced(writer: Writer, event: events.LeafReduced, cause: Cause) -> None:
    """SC-T22: an amount of a leaf is owed no more."""
    del cause
    leaf = require_leaf(writer, event.leaf)
    is_over = event.leaf_outstanding_minor == 0
    writer.change(
        leaf,
        amount_minor=leaf.amount_minor - event.amount_minor,
        outstanding_minor=event.leaf_outstanding_minor,
        life=enum_text(Life(event.life)),
    )
    lapse_offers(writer, leaf.leaf_id)
    certificate = require_certificate(writer, event.certificate)
    is_cured = certificate.life == enum_text(Life.OVERDUE) and (
        event.certificate_outstanding_minor == 0
    )
    writer.change(
        certificate,
        outstanding_minor=event.certificate_outstanding_minor,
        live_leaves=certificate.live_leaves - is_over,
        life=enum_text(Life(event.certificate_life)),
    )
    change_line(
        writer,
        certificate.obligor,
        used_delta_minor=-event.amount_minor,
        overdue_delta=-int(is_cured),
    )


def invoice_lowered(writer: Writer, event: events.InvoiceLowered, cause: Cause) -> None:
    """SC-I3: a credit note or an outside payment, or the end of one."""
    del cause
    invoice = writer.require(InvoiceRow, event.root.hex())
    writer.change(invoice, lowered_minor=event.lowered_minor, over_minor=event.over_minor)


def leaf_overdue(writer: Writer, event: events.LeafOverdue, cause: Cause) -> None:
    """SC-T13: the fresh cut-off of what was disputed passed."""
    del cause
    writer.change(require_leaf(writer, event.leaf), life=enum_text(Life.OVERDUE))


def project_disputes(writer: Writer, state: StateView) -> None:
    """Write the rows of a state whose earlier blocks are not here."""
    for (dispute_id,), dispute in DISPUTES.scan(state):
        writer.add(
            DisputeRow(
                **writer.born_changing(),
                dispute_id=id_text("dispute", dispute_id),
                leaf_id=id_text("leaf", dispute.leaf),
                certificate_id=id_text("cert", dispute.certificate),
                raised_by=id_text("party", dispute.raised_by),
                amount_minor=dispute.amount_minor,
                ground=enum_text(Ground(dispute.ground)),
                grounds_root=dispute.grounds_root.hex(),
                ends_at_ms=dispute.ends_at_ms,
                status=enum_text(DisputeStatus(dispute.status)),
                proposed_by=id_text("party", dispute.proposed_by),
                proposed_minor=dispute.proposed_minor,
                proposal_frees_invoice=dispute.proposal_frees_invoice,
                upheld_minor=dispute.upheld_minor,
                frees_invoice=dispute.frees_invoice,
                ended_by=id_text("party", dispute.ended_by),
                decision_root=dispute.decision_root.hex(),
            ),
        )


def _dispute(writer: Writer, dispute: bytes) -> DisputeRow:
    return writer.require(DisputeRow, id_text("dispute", dispute))
