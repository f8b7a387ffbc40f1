"""Invoices, certificates and issue lines equal the state's."""

from xinlian.apps.supply_chain.types import CERTIFICATES, INVOICES, LINES, STOP_FLAGS, Life
from xinlian.primitives import format_id
from xinlian.readmodels.rows import CertificateRow, InvoiceRow, IssueLineRow


def test_invoices_equal_those_of_the_state(projected):
    with projected.told.state() as state:
        expected = [
            (
                root.hex(),
                format_id("party", invoice.seller),
                format_id("party", invoice.buyer),
                invoice.currency,
                invoice.gross_minor,
                invoice.occupied_minor,
                invoice.paid_minor,
                invoice.free_minor,
                invoice.registered_at_ms,
            )
            for (root,), invoice in INVOICES.scan(state)
        ]
    assert expected
    assert [
        (
            row.root,
            row.seller,
            row.buyer,
            row.currency,
            row.gross_minor,
            row.occupied_minor,
            row.paid_minor,
            row.free_minor,
            row.time_ms,
        )
        for row in projected.rows(InvoiceRow)
    ] == expected


def certificate_fields(certificate_id, found):
    return (
        format_id("cert", certificate_id),
        format_id("party", found.obligor),
        format_id("party", found.first_holder),
        format_id("party", found.proposer),
        format_id("asset", found.deposit),
        found.face_minor,
        found.invoice_root.hex(),
        found.contract_root.hex(),
        found.promise_root.hex(),
        Life(found.life).name.lower(),
        found.proposed_at_ms,
        found.issued_at_ms,
        found.window_ends_at_ms,
        found.due_day,
        found.outstanding_minor,
        found.discharged_minor,
        format_id("account", found.account) if found.account else "",
        found.authority_cap_minor,
        found.authority_until_ms,
        found.late_rate_e9_per_day,
        found.interest_fixed_minor,
        found.live_leaves,
    )


def certificate_fields_of_row(row):
    return (
        row.certificate_id,
        row.obligor,
        row.first_holder,
        row.proposer,
        row.deposit,
        row.face_minor,
        row.invoice_root,
        row.contract_root,
        row.promise_root,
        row.life,
        row.time_ms,
        row.issued_at_ms,
        row.window_ends_at_ms,
        row.due_day,
        row.outstanding_minor,
        row.discharged_minor,
        row.account_id,
        row.authority_cap_minor,
        row.authority_until_ms,
        row.late_rate_e9_per_day,
        row.interest_fixed_minor,
        row.live_leaves,
    )


def test_certificates_equal_those_of_the_state(projected):
    with projected.told.state() as state:
        expected = sorted(
            certificate_fields(parts[0], found) for parts, found in CERTIFICATES.scan(state)
        )
    rows = projected.rows(CertificateRow)
    assert [certificate_fields_of_row(row) for row in rows] == expected


def test_withdrawn_and_declined_certificates_are_void(paid):
    lives = {row.certificate_id: row.life for row in paid.rows(CertificateRow)}
    assert lives == {
        paid.told.text("cert", "withdrawn"): "void",
        paid.told.text("cert", "declined"): "void",
        paid.told.text("cert", "certificate"): "discharged",
    }


def test_issue_lines_equal_those_of_the_state(projected):
    with projected.told.state() as state:
        expected = [
            (
                format_id("party", obligor),
                line.limit_minor,
                line.used_minor,
                line.overdue_certificates,
                STOP_FLAGS.get(state, obligor) is not None,
                getattr(STOP_FLAGS.get(state, obligor), "lifts_at_ms", 0),
            )
            for (obligor,), line in LINES.scan(state)
        ]
    assert [
        (
            row.obligor,
            row.limit_minor,
            row.used_minor,
            row.overdue_certificates,
            row.is_stopped,
            row.stop_lifts_at_ms,
        )
        for row in projected.rows(IssueLineRow)
    ] == expected
