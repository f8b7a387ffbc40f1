"""Rows of invoices, certificates and issue lines: SC-T1 to SC-T4, and the stop flag."""

from xinlian.apps.supply_chain import events
from xinlian.apps.supply_chain.types import Finance, Life
from xinlian.readmodels.projection.writer import Cause, Writer
from xinlian.readmodels.rows import CertificateRow, InvoiceRow, IssueLineRow, LeafRow
from xinlian.readmodels.text import enum_text, id_text


def invoice_registered(writer: Writer, event: events.InvoiceRegistered, cause: Cause) -> None:
    """An invoice is on the ledger."""
    del cause
    writer.add(
        InvoiceRow(
            **writer.born_changing(),
            root=event.root.hex(),
            seller=id_text("party", event.seller),
            buyer=id_text("party", event.buyer),
            currency=event.currency,
            gross_minor=event.gross_minor,
            occupied_minor=0,
            paid_minor=0,
        ),
    )


def invoice_occupied(writer: Writer, event: events.InvoiceOccupied, cause: Cause) -> None:
    """How much of an invoice is spoken for, and paid, has changed."""
    del cause
    invoice = writer.require(InvoiceRow, event.root.hex())
    occupied = writer.change(
        invoice,
        occupied_minor=event.occupied_minor,
        paid_minor=event.paid_minor,
    )
    if occupied.over_minor != occupied.over_now_minor:
        writer.change(occupied, over_minor=occupied.over_now_minor)


def certificate_proposed(writer: Writer, event: events.CertificateProposed, cause: Cause) -> None:
    """SC-T1: a draft exists."""
    del cause
    writer.add(
        CertificateRow(
            **writer.born_changing(),
            certificate_id=id_text("cert", event.certificate),
            obligor=id_text("party", event.obligor),
            first_holder=id_text("party", event.first_holder),
            proposer=id_text("party", event.proposer),
            deposit=id_text("asset", event.deposit),
            face_minor=event.face_minor,
            invoice_root=event.invoice_root.hex(),
            contract_root=event.contract_root.hex(),
            promise_root="",
            life=enum_text(Life.DRAFT),
            issued_at_ms=0,
            window_ends_at_ms=event.window_ends_at_ms,
            due_day=event.due_day,
            outstanding_minor=0,
            discharged_minor=0,
            account_id="",
            authority_cap_minor=0,
            authority_until_ms=0,
            late_rate_e9_per_day=event.late_rate_e9_per_day,
            interest_fixed_minor=0,
            live_leaves=0,
        ),
    )


def certificate_issued(writer: Writer, event: events.CertificateIssued, cause: Cause) -> None:
    """SC-T2: the obligor has promised, and uses its issue line."""
    del cause
    issued = writer.change(
        require_certificate(writer, event.certificate),
        life=enum_text(Life.OFFERED),
        promise_root=event.promise_root.hex(),
        issued_at_ms=writer.time_ms,
        window_ends_at_ms=event.window_ends_at_ms,
        account_id=id_text("account", event.account),
        authority_cap_minor=event.authority_cap_minor,
        authority_until_ms=event.authority_until_ms,
        late_rate_e9_per_day=event.late_rate_e9_per_day,
    )
    change_line(writer, issued.obligor, used_delta_minor=issued.face_minor)


def certificate_accepted(writer: Writer, event: events.CertificateAccepted, cause: Cause) -> None:
    """SC-T3: the claim exists; its first leaf is the whole."""
    del cause
    certificate = writer.change(
        require_certificate(writer, event.certificate),
        life=enum_text(Life.ACTIVE),
        outstanding_minor=event.amount_minor,
        live_leaves=1,
    )
    writer.add(
        LeafRow(
            **writer.born_changing(),
            leaf_id=id_text("leaf", event.leaf),
            certificate_id=certificate.certificate_id,
            parent="",
            holder=id_text("party", event.holder),
            amount_minor=event.amount_minor,
            discharged_minor=0,
            outstanding_minor=event.amount_minor,
            awaiting_minor=0,
            life=enum_text(Life.ACTIVE),
            finance=enum_text(Finance.NONE),
            hops=0,
            financier="",
            lock_expires_at_ms=0,
        ),
    )


def certificate_voided(writer: Writer, event: events.CertificateVoided, cause: Cause) -> None:
    """SC-T1a or SC-T4: withdrawn, declined or lapsed."""
    del cause
    certificate = require_certificate(writer, event.certificate)
    writer.change(certificate, life=enum_text(Life.VOID))
    if event.was_offered:
        change_line(writer, certificate.obligor, used_delta_minor=-certificate.face_minor)


def stop_flag_changed(writer: Writer, event: events.StopFlagChanged, cause: Cause) -> None:
    """SC-R6, SC-T23: the obligor may not issue, or may again."""
    del cause
    line = writer.require(IssueLineRow, id_text("party", event.obligor))
    writer.change(line, is_stopped=event.is_set, stop_lifts_at_ms=event.lifts_at_ms)


def require_certificate(writer: Writer, certificate: bytes) -> CertificateRow:
    """Return the row of a certificate that earlier events made."""
    return writer.require(CertificateRow, id_text("cert", certificate))


def change_line(
    writer: Writer,
    obligor: str,
    *,
    used_delta_minor: int = 0,
    overdue_delta: int = 0,
) -> None:
    """Change how much of an issue line is in use, and how many certificates are overdue."""
    line = writer.require(IssueLineRow, obligor)
    writer.change(
        line,
        used_minor=line.used_minor + used_delta_minor,
        overdue_certificates=line.overdue_certificates + overdue_delta,
    )
