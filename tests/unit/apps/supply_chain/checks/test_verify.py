"""Every mutation of an agreeing trade gives exactly the codes of the rules it breaks."""

import time
from collections.abc import Callable

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from unit.apps.supply_chain.checks.trades import (
    CLEAN,
    GTINS,
    SELLER,
    SIGNED,
    STRANGER,
    UNIT,
    Trade,
    booked_entry,
    clean_trades,
    root_of,
)
from xinlian.apps.supply_chain.checks import Check, OpenedDocument, Purpose, check_trade
from xinlian.modules.evidence.statements import (
    LINES_MAX,
    CreditNoteStatement,
    GoodsQuantity,
    Statement,
    TradeParty,
)
from xinlian.modules.evidence.types import VerdictOutcome

Mutation = Callable[[Trade], Trade]


def resum(trade: Trade) -> Trade:
    """Return the trade with the invoice's sums made to agree with its net again."""
    invoice = trade.invoice
    gross = invoice.net_minor + invoice.tax_minor
    payable = gross - invoice.prepaid_minor
    return trade.but("invoice", gross_minor=gross, payable_minor=payable).but(
        "contract", amount_minor=max(gross, trade.contract.amount_minor)
    )


def price_e6(trade: Trade) -> int:
    """Return the price of the first item."""
    price = trade.order.lines[0].unit_price_e6
    assert price is not None
    return price


def credit_note(trade: Trade) -> CreditNoteStatement:
    return CreditNoteStatement(
        source_format="test",
        source_hash="00" * 32,
        number="HZ-1",
        issue_day=SIGNED + 20,
        seller=trade.invoice.seller,
        buyer=trade.invoice.buyer,
        currency="CNY",
        invoice_numbers=(trade.invoice.number,),
        lines=(),
        net_minor=100_00,
        tax_minor=13_00,
        gross_minor=113_00,
    )


def short_by_one(trade: Trade) -> Trade:
    line, quantity = trade.receipt.lines[0], trade.event.events[0].quantities[0]
    rest = trade.event.events[0].quantities[1:]
    fewer = msgspec.structs.replace(quantity, quantity_e6=quantity.quantity_e6 - UNIT)
    changed = trade.but_line("receipt", quantity_e6=line.quantity_e6 - UNIT)
    return changed.but_event(quantities=(fewer, *rest))


def earlier_invoice(trade: Trade, **changes: object) -> Trade:
    """Return the trade with an earlier, unlike invoice of its contract in the checker's store."""
    fields = {
        "number": "25000000000000000777",
        "order_number": "PO-2025-009",
        "despatch_number": "FH-2025-009",
        "receipt_number": "SH-2025-009",
        "gross_minor": trade.contract.amount_minor - trade.invoice.gross_minor + 1,
        **changes,
    }
    return trade.after("earlier", msgspec.structs.replace(trade.invoice, **fields))


NOBODY = TradeParty("无代码公司", None, None)
MUTATIONS: dict[str, tuple[Mutation, set[Check]]] = {
    "no contract": (lambda t: t.lacking("contract"), {Check.CONTRACT_MISSING}),
    "no order": (lambda t: t.lacking("order"), {Check.ORDER_MISSING}),
    "no despatch": (lambda t: t.lacking("despatch"), {Check.DESPATCH_MISSING}),
    "no receipt": (lambda t: t.lacking("receipt"), {Check.RECEIPT_MISSING}),
    "no invoice": (lambda t: t.lacking("invoice"), {Check.INVOICE_MISSING}),
    "no bank entry": (lambda t: t.lacking("bank"), {Check.BANK_ENTRY_MISSING}),
    "order names no contract": (
        lambda t: t.but("order", contract_number=None),
        {Check.LINK_ORDER},
    ),
    "order of another contract": (
        lambda t: t.but("order", contract_number="HT-2026-002"),
        {Check.LINK_ORDER},
    ),
    "despatch of another order": (
        lambda t: t.but("despatch", order_number="PO-2026-002"),
        {Check.LINK_DESPATCH},
    ),
    "receipt of another despatch": (
        lambda t: t.but("receipt", despatch_number="FH-2026-002"),
        {Check.LINK_RECEIPT},
    ),
    "receipt of another order": (
        lambda t: t.but("receipt", order_number="PO-2026-002"),
        {Check.LINK_RECEIPT},
    ),
    "invoice of another contract": (
        lambda t: t.but("invoice", contract_number="HT-2026-002"),
        {Check.LINK_INVOICE},
    ),
    "invoice of another receipt": (
        lambda t: t.but("invoice", receipt_number="SH-2026-002"),
        {Check.LINK_INVOICE},
    ),
    "invoice that names no goods": (
        lambda t: t.but("invoice", receipt_number=None, despatch_number=None, order_number=None),
        {Check.LINK_INVOICE},
    ),
    "another buyer on the receipt": (
        lambda t: t.but("receipt", buyer=STRANGER),
        {Check.BUYER_DIFFERS},
    ),
    "another seller on the invoice": (
        lambda t: t.but("invoice", seller=STRANGER),
        {Check.SELLER_DIFFERS},
    ),
    "a buyer known by name alone": (
        lambda t: t.but("despatch", buyer=NOBODY),
        {Check.PARTY_UNIDENTIFIED},
    ),
    "another payee": (lambda t: t.but("invoice", payee=STRANGER), {Check.OTHER_PAYEE}),
    "contract in dollars": (
        lambda t: t.but("contract", currency="USD"),
        {Check.CURRENCY_DIFFERS},
    ),
    "order in dollars": (lambda t: t.but("order", currency="USD"), {Check.CURRENCY_DIFFERS}),
    "entry in dollars": (lambda t: t.but_entry(currency="USD"), {Check.CURRENCY_DIFFERS}),
    "no clause on certificates": (
        lambda t: t.but("contract", accepts_certificates=False),
        {Check.NO_CERTIFICATES},
    ),
    "lines do not add up": (
        lambda t: t.but("invoice", lines_net_minor=t.invoice.net_minor + 6, allowances_minor=6),
        {Check.SUM_LINES},
    ),
    "net does not follow": (
        lambda t: resum(t.but("invoice", net_minor=t.invoice.net_minor + 6)),
        {Check.SUM_NET},
    ),
    "gross does not follow": (
        lambda t: t.but(
            "invoice",
            gross_minor=t.invoice.gross_minor + 6,
            payable_minor=t.invoice.payable_minor + 6,
        ).but("contract", amount_minor=t.contract.amount_minor + 6),
        {Check.SUM_GROSS},
    ),
    "payable does not follow": (
        lambda t: t.but("invoice", payable_minor=t.invoice.payable_minor - 6),
        {Check.SUM_PAYABLE},
    ),
    "an illegal rate": (
        lambda t: t.but_line("invoice", tax_rate_e9=170_000_000),
        {Check.TAX_RATE},
    ),
    "tax of another rate": (
        lambda t: resum(t.but("invoice", tax_minor=t.invoice.tax_minor + 31)),
        {Check.TAX_AMOUNT},
    ),
    "a line without rate": (
        lambda t: t.but_line("invoice", tax_rate_e9=None),
        {Check.TAX_UNKNOWN},
    ),
    "invoices beyond the contract": (
        lambda t: t.but("contract", amount_minor=t.invoice.gross_minor - 1),
        {Check.CONTRACT_EXCEEDED},
    ),
    "earlier invoices use the contract up": (earlier_invoice, {Check.CONTRACT_EXCEEDED}),
    "another price": (
        lambda t: t.but_line("order", unit_price_e6=price_e6(t) + 10_000),
        {Check.PRICE_DIFFERS},
    ),
    "a line without price": (
        lambda t: t.but_line("invoice", unit_price_e6=None),
        {Check.PRICE_UNKNOWN},
    ),
    "quantity × price is another amount": (
        lambda t: t.but_line("order", unit_price_e6=price_e6(t) + 10_000).but_line(
            "invoice", unit_price_e6=price_e6(t) + 10_000
        ),
        {Check.LINE_AMOUNT},
    ),
    "a credit note": (lambda t: t.adding("note", credit_note(t)), {Check.CREDITED}),
    "one unit short": (short_by_one, {Check.RECEIVED_SHORT, Check.INVOICED_MORE}),
    "more received than shipped": (
        lambda t: t.but_line("despatch", quantity_e6=t.despatch.lines[0].quantity_e6 - UNIT),
        {Check.RECEIVED_MORE},
    ),
    "one unit rejected": (
        lambda t: t.but_line("receipt", rejected_quantity_e6=UNIT),
        {Check.INVOICED_MORE},
    ),
    "goods invoiced before": (
        lambda t: earlier_invoice(
            t.but("contract", amount_minor=4 * t.contract.amount_minor),
            receipt_number="SH-2026-001",
            gross_minor=t.invoice.gross_minor,
        ),
        {Check.INVOICED_MORE, Check.COPY_NEAR},
    ),
    "another unit": (lambda t: t.but_line("despatch", unit="KGM"), {Check.UNIT_DIFFERS}),
    "a line about nothing": (
        lambda t: t.but(
            "order",
            lines=(
                *t.order.lines,
                msgspec.structs.replace(
                    t.order.lines[0], line_no="99", item_id=None, item_name=" "
                ),
            ),
        ),
        {Check.ITEM_UNIDENTIFIED},
    ),
    "goods shipped instead of received": (
        lambda t: t.but_event(business_step="shipping"),
        {Check.EVENT_NOT_RECEIVING},
    ),
    "the scanner counted more": (
        lambda t: t.but_event(
            quantities=(
                *t.event.events[0].quantities,
                GoodsQuantity(f"gtin:{GTINS[0]}", UNIT, None),
            )
        ),
        {Check.EVENT_DIFFERS},
    ),
    "an event of another order": (
        lambda t: t.but_event(business_transactions=(("po", "PO-2026-002"),)),
        {Check.EVENT_UNLINKED},
    ),
    "damaged on arrival": (
        lambda t: t.but_event(disposition="urn:epcglobal:cbv:disp:damaged"),
        {Check.EVENT_DISPOSITION},
    ),
    "another payer": (lambda t: t.but_entry(debtor=STRANGER), {Check.PAYER_DIFFERS}),
    "another payer's account": (
        lambda t: t.but_entry(debtor_account="99-0001-0004"),
        {Check.PAYER_DIFFERS},
    ),
    "another payee of the entry": (
        lambda t: t.but_entry(creditor=STRANGER),
        {Check.PAYEE_DIFFERS},
    ),
    "a payee nobody knows": (
        lambda t: t.but_entry(creditor=NOBODY, creditor_account=None),
        {Check.MONEY_UNIDENTIFIED},
    ),
    "pending": (lambda t: t.but_entry(status="PDNG"), {Check.NOT_BOOKED}),
    "reversed": (lambda t: t.but_entry(is_reversal=True), {Check.RETURNED}),
    "returned": (lambda t: t.but_entry(is_return=True), {Check.RETURNED}),
    "money for something else": (
        lambda t: t.but_entry(remittance_text="合同 HT-2026-0011 预付款"),
        {Check.MONEY_UNLINKED},
    ),
    "another sum": (
        lambda t: t.but_entry(amount_minor=t.invoice.gross_minor + 1),
        {Check.MONEY_AMOUNT},
    ),
    "ordered before the contract": (
        lambda t: t.but("order", issue_day=SIGNED - 1),
        {Check.DATE_ORDER},
    ),
    "received before despatch": (
        lambda t: t.but("receipt", receipt_day=SIGNED + 9),
        {Check.DATE_ORDER},
    ),
    "invoiced long before": (
        lambda t: t.but("invoice", issue_day=SIGNED - 21),
        {Check.INVOICE_WINDOW},
    ),
    "invoiced long after": (
        lambda t: t.but("invoice", issue_day=SIGNED + 73),
        {Check.INVOICE_WINDOW},
    ),
    "due beyond the term": (
        lambda t: t.but("invoice", due_day=SIGNED + 73),
        {Check.TERM_STRETCHED},
    ),
    "a term of a year": (
        lambda t: t.but("contract", payment_term_days=365),
        {Check.TERM_LONG},
    ),
    "the same invoice again": (
        lambda t: t.after("copy", t.invoice),
        {Check.COPY_EXACT},
    ),
    "the same number on another date": (
        lambda t: t.but("contract", amount_minor=4 * t.contract.amount_minor).after(
            "copy",
            msgspec.structs.replace(
                t.invoice, issue_day=SIGNED, lines=(), despatch_number=None, receipt_number=None
            ),
        ),
        {Check.COPY_NEAR},
    ),
}


def codes_of(trade: Trade, **changes: object) -> set[str]:
    return set(check_trade(trade.file(**changes)).codes)


@pytest.mark.parametrize("name", MUTATIONS)
def test_each_mutation_gives_exactly_its_codes(name):
    mutate, expected = MUTATIONS[name]
    assert codes_of(mutate(CLEAN)) == {check.code for check in expected}


def test_every_code_that_changes_a_verdict_has_a_mutation():
    covered = {check for _, expected in MUTATIONS.values() for check in expected}
    of_the_ledger = {Check.REGISTERED_DIFFERS, Check.PREPAYMENT_HIDDEN}  # test_registered.py
    of_what_is_plausible = {  # test_plausible.py
        Check.PRICE_MEDIAN,
        Check.HANDLING_UNIT_TWICE,
        Check.VEHICLE_TWICE,
        Check.VEHICLE_OVERLOADED,
    }
    assert set(Check) - covered == {Check.TERM_AGREED} | of_the_ledger | of_what_is_plausible


@given(clean_trades())
def test_a_clean_trade_passes(trade):
    report = check_trade(trade.file())
    assert report.codes == ()
    assert report.outcome == VerdictOutcome.PASS
    assert report.missing == ()


@given(clean_trades(), st.sampled_from(sorted(MUTATIONS)))
def test_no_trade_passes_with_a_broken_rule(trade, name):
    mutate, expected = MUTATIONS[name]
    report = check_trade(mutate(trade).file())
    assert {check.code for check in expected} <= set(report.codes)
    assert report.outcome != VerdictOutcome.PASS


@given(st.sampled_from(sorted(MUTATIONS)), st.permutations(range(7)))
def test_the_order_of_documents_is_irrelevant(name, order):
    trade = MUTATIONS[name][0](CLEAN)
    documents = trade.documents()
    shuffled = [documents[i] for i in order if i < len(documents)]
    rest = [document for document in documents if document not in shuffled]
    assert check_trade(trade.file(documents=(*shuffled, *rest))) == check_trade(trade.file())


def test_trade_evidence_of_a_transfer_needs_no_bank_entry():
    trade = CLEAN.lacking("bank", "event")
    assert codes_of(trade, purpose=Purpose.TRANSFER) == set()
    assert codes_of(trade, purpose=Purpose.FINANCE) == {"bank_entry.missing"}


def test_bank_entries_of_both_accounts_report_one_payment():
    credited = msgspec.structs.replace(
        CLEAN.bank,
        account="99-0001-0003",
        account_owner=SELLER,
        entries=(
            msgspec.structs.replace(
                booked_entry(CLEAN.invoice.prepaid_minor),
                is_credit=True,
                servicer_reference="REF-9",
            ),
        ),
    )
    assert codes_of(CLEAN.adding("credit", credited)) == set()


def test_a_file_of_the_greatest_size_is_checked_in_linear_time():
    lines = tuple(
        msgspec.structs.replace(CLEAN.invoice.lines[0], line_no=str(n), item_id=f"seller:{n}")
        for n in range(LINES_MAX)
    )
    entries = tuple(
        msgspec.structs.replace(CLEAN.bank.entries[0], end_to_end_id=None, servicer_reference=None)
        for _ in range(LINES_MAX)
    )
    large = CLEAN.but("order", lines=lines).but("invoice", lines=lines).but("bank", entries=entries)
    started = time.perf_counter()
    check_trade(large.file())
    assert time.perf_counter() - started < 20  # quadratic work would take minutes


@st.composite
def spliced(draw: st.DrawFn, clean: Statement) -> Statement:
    """Return a statement some of whose fields are those of another, whatever they mean."""
    arbitrary = draw(st.from_type(type(clean)))
    names = draw(st.sets(st.sampled_from(clean.__struct_fields__)))
    return msgspec.structs.replace(clean, **{name: getattr(arbitrary, name) for name in names})


@given(st.data())
def test_no_statement_whatever_ends_in_a_traceback(data):
    documents = tuple(
        OpenedDocument(document.root, data.draw(spliced(document.statement)))
        for document in CLEAN.documents()
    )
    earlier = (OpenedDocument(root_of("earlier"), data.draw(spliced(CLEAN.invoice))),)
    report = check_trade(CLEAN.file(documents=documents, earlier_invoices=earlier))
    assert (report.outcome == VerdictOutcome.PASS) == (report.codes == ())


@pytest.mark.parametrize("day", [-(2**63), -1, 2**63 - 1])
def test_a_day_that_no_calendar_has_is_told_as_a_number(day):
    trade = CLEAN.but("order", issue_day=day).but("invoice", issue_day=day, due_day=day)
    assert "date.invoice_window" in check_trade(trade.file()).codes


def test_a_finding_is_of_bounded_length():
    trade = CLEAN.but("invoice", number="9" * 100_000, gross_minor=0)
    assert max(len(f.found) for f in check_trade(trade.file()).failures) <= 400
