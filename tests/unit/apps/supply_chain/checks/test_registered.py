"""What a seller registered is compared with what its invoice says."""

import dataclasses

import pytest

from unit.apps.supply_chain.checks.trades import CLEAN
from xinlian.apps.supply_chain.checks import RegisteredInvoice, Tolerances, check_trade
from xinlian.modules.evidence.statements import InvoiceStatement


def codes(**changes):
    file = CLEAN.file()
    (invoice,) = file.of(InvoiceStatement)
    says = invoice.says
    as_stated = RegisteredInvoice(invoice.root, says.currency, says.gross_minor, says.prepaid_minor)
    registered = dataclasses.replace(as_stated, **changes)
    report = check_trade(dataclasses.replace(file, registered=registered), Tolerances())
    return list(report.codes)


def test_an_invoice_registered_as_it_stands_passes():
    assert codes() == []


@pytest.mark.parametrize(
    "changes", [{"gross_minor": CLEAN.invoice.gross_minor + 1}, {"currency": "USD"}]
)
def test_another_amount_or_currency_is_blocked(changes):
    assert codes(**changes) == ["invoice.registered_differs"]


def test_a_prepayment_that_was_left_out_is_blocked():
    assert CLEAN.invoice.prepaid_minor > 0
    assert codes(paid_minor=CLEAN.invoice.prepaid_minor - 1) == ["invoice.prepayment_hidden"]


def test_what_was_paid_since_is_no_difference():
    assert codes(paid_minor=CLEAN.invoice.prepaid_minor + 1) == []


def test_the_registration_of_another_invoice_says_nothing_about_this_one():
    assert codes(root=b"x" * 32, gross_minor=1) == []
