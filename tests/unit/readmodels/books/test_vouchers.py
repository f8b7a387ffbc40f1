"""Vouchers as an accountant reads them: each step of a certificate in each party's books."""

import pytest

from xinlian.readmodels.books.chart import Slot, enterprise_chart
from xinlian.readmodels.books.vouchers import Movement, opening_voucher, step_of, vouchers_of

CHART = enterprise_chart()
SLOT_OF = {account.code: account.slot for account in CHART.accounts}


def books(projected, name, period="2027-Q1"):
    """Return {step: [{slot: debit positive}]} of a party's vouchers in a period."""
    page = projected.model.books.vouchers(projected.told.party(name), period, limit=200)
    found: dict[str, list[dict[Slot, int]]] = {}
    for voucher in page.rows:
        lines: dict[Slot, int] = {}
        for line in voucher.lines:
            slot = SLOT_OF[line.code]
            lines[slot] = lines.get(slot, 0) + line.debit_minor - line.credit_minor
        found.setdefault(voucher.step, []).append(lines)
    return found


@pytest.mark.parametrize("name", ["core", "supplier1", "supplier2", "bank", "settle"])
def test_every_voucher_balances_and_says_what_it_comes_from(projected, name):
    for period in ("2026-11", "2027-03"):
        page = projected.model.books.vouchers(projected.told.party(name), period, limit=200)
        for voucher in page.rows:
            debits = sum(line.debit_minor for line in voucher.lines)
            assert debits == sum(line.credit_minor for line in voucher.lines) > 0
            assert all(0 in (line.debit_minor, line.credit_minor) for line in voucher.lines)
            is_opening = voucher.step == "opening"
            assert voucher.voucher_id == f"{voucher.height}.{voucher.position}"
            assert (voucher.business_object == "") == is_opening


def test_acceptance_turns_an_invoice_into_a_certificate_on_both_sides(paid):
    face = 1_000_000_00
    assert books(paid, "supplier1", "2026-11")["certificate_accepted"] == [
        {Slot.RECEIVABLE_CERTIFICATE: face, Slot.RECEIVABLE_INVOICE: -face},
    ]
    assert books(paid, "core", "2026-11")["certificate_accepted"] == [
        {Slot.PAYABLE_CERTIFICATE: -face, Slot.PAYABLE_INVOICE: face},
    ]


def test_a_transferred_part_pays_the_holders_own_debt(paid):
    part = 226_000_00
    assert books(paid, "supplier1", "2026-11")["claim_transferred"] == [
        {Slot.RECEIVABLE_CERTIFICATE: -part, Slot.PAYABLE_INVOICE: part},
    ]
    assert books(paid, "supplier2", "2026-11")["claim_transferred"] == [
        {Slot.RECEIVABLE_CERTIFICATE: part, Slot.RECEIVABLE_INVOICE: -part},
    ]


def test_finance_is_cash_against_the_claim_with_its_cost(paid):
    rest, discount = 774_000_00, 7_740_00
    assert books(paid, "supplier1", "2026-11")["financed"] == [
        {
            Slot.RECEIVABLE_CERTIFICATE: -rest,
            Slot.CASH: rest - discount,
            Slot.FINANCE_COST: discount,
        },
    ]
    assert books(paid, "bank", "2026-11")["financed"] == [
        {
            Slot.FACTORED_RECEIVABLE: rest,
            Slot.CASH: discount - rest,
            Slot.INTEREST_INCOME: -discount,
        },
    ]


def test_payment_ends_the_claim_on_the_ledger_or_outside(paid):
    part, rest = 226_000_00, 774_000_00
    assert books(paid, "core")["certificate_paid"] == [
        {Slot.CASH: -rest, Slot.PAYABLE_CERTIFICATE: rest},
        {Slot.CASH: -part, Slot.PAYABLE_CERTIFICATE: part},
    ]
    assert books(paid, "bank")["certificate_paid"] == [
        {Slot.CASH: rest, Slot.FACTORED_RECEIVABLE: -rest},
    ]
    assert books(paid, "supplier2")["certificate_paid"] == [
        {Slot.CASH_OUTSIDE: part, Slot.RECEIVABLE_CERTIFICATE: -part},
    ]


def test_late_interest_is_fixed_then_paid(late):
    owed = books(late, "core")
    earned = books(late, "supplier1")
    (paid_minor,) = [lines[Slot.CASH] for lines in earned["interest_paid"]]
    assert earned["interest_fixed"] == [
        {Slot.INTEREST_RECEIVABLE: paid_minor, Slot.INTEREST_INCOME: -paid_minor},
    ]
    assert owed["interest_paid"] == [{Slot.CASH: -paid_minor, Slot.INTEREST_PAYABLE: paid_minor}]
    assert owed["interest_fixed"][0] == {
        Slot.INTEREST_PAYABLE: -paid_minor,
        Slot.FINANCE_COST: paid_minor,
    }


def test_the_bank_of_the_deposit_books_its_customers_accounts(late):
    found = books(late, "settle")
    created = found["deposit_created"]
    assert all(lines[Slot.CUSTOMER_DEPOSITS] == -lines[Slot.CLEARING] < 0 for lines in created)
    assert all(lines == {Slot.CUSTOMER_DEPOSITS: 0} for lines in found["transferred"])
    assert found["deposit_removed"] == [
        {Slot.CUSTOMER_DEPOSITS: 226_000_00, Slot.CLEARING: -226_000_00},
    ]


MOVEMENT = Movement(
    height=7,
    time_ms=1,
    position=3,
    transaction_id="t",
    call_index=0,
    message_type="supply_chain.Disburse",
    asset_id="asset_d",
    asset_kind="deposit",
    asset_issuer="party_bank",
    currency="CNY",
    debit_account="account_s",
    debit_owner="party_s",
    debit_class="holder",
    credit_account="account_f",
    credit_owner="party_f",
    credit_class="holder",
    amount_minor=80,
    purpose="leaf_1",
    financier="party_f",
)


def changed(**fields):
    return Movement(**{**{f: getattr(MOVEMENT, f) for f in MOVEMENT.__struct_fields__}, **fields})


def test_an_advance_below_the_claim_leaves_a_retained_part():
    claim = changed(
        position=2,
        asset_kind="claim",
        asset_id="asset_c",
        asset_issuer="cert_1",
        debit_owner="party_f",
        credit_owner="party_s",
        amount_minor=100,
    )
    for party, slot, amount in (
        ("party_s", Slot.RETAINED_RECEIVABLE, 20),
        ("party_f", Slot.RETAINED_PAYABLE, -20),
    ):
        (voucher,) = vouchers_of(party, CHART, [claim, MOVEMENT])
        amounts = {
            SLOT_OF[line.code]: line.debit_minor - line.credit_minor for line in voucher.lines
        }
        assert amounts[slot] == amount
        assert sum(amounts.values()) == 0


def test_an_asset_that_no_rule_knows_still_balances():
    unknown = changed(asset_kind="memo", message_type="some.Message")
    for party in ("party_s", "party_f"):
        (voucher,) = vouchers_of(party, CHART, [unknown])
        assert sum(line.debit_minor - line.credit_minor for line in voucher.lines) == 0


@pytest.mark.parametrize(
    ("fields", "step"),
    [
        ({}, "financed"),
        ({"message_type": "accounts.Transfer"}, "transferred"),
        ({"message_type": "accounts.LinkTransfers"}, "linked_transfer"),
        ({"message_type": "accounts.PostTransfer"}, "pending_posted"),
        ({"message_type": "accounts.BookEntry", "credit_class": "issue"}, "deposit_created"),
        ({"message_type": "accounts.BookEntry", "debit_class": "issue"}, "deposit_removed"),
        ({"asset_kind": "claim", "message_type": "some.Message"}, "claim_moved"),
        ({"asset_kind": "interest", "credit_class": "issue"}, "interest_fixed"),
        ({"asset_kind": "interest", "debit_class": "issue"}, "interest_paid"),
    ],
)
def test_steps_follow_from_asset_side_and_message(fields, step):
    assert step_of([changed(**fields)]) == step


def test_books_that_genesis_did_not_open_have_no_opening():
    assert opening_voucher("party_s", CHART, []) is None
