"""The three flows of a trade, as a bank's credit officer would tell it.

Roles: core buys; supplier1 sells, and owes supplier2; bank is asked for money; settle keeps the
accounts.  Each keeps its own documents and shares them; each verifier opens what it was given.
All documents are files of ``examples/``, read by the connectors.
"""

import json
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import msgspec
import pytest
from jsonschema import Draft202012Validator
from stdnum import ean

from xinlian.apps.supply_chain.checks import (
    CheckReport,
    LedgerParties,
    OpenedDocument,
    Purpose,
    TradeFile,
    check_trade,
    find_copies,
)
from xinlian.client.document_store import DocumentStore
from xinlian.connectors import read_document
from xinlian.modules.evidence.grades import FLOWS
from xinlian.modules.evidence.messages import SubmitVerdict
from xinlian.modules.evidence.statements import (
    GoodsEventStatement,
    GoodsReceiptStatement,
    InvoiceStatement,
    Statement,
    schema_of,
)
from xinlian.modules.evidence.types import FactKind, VerdictOutcome
from xinlian.primitives import half_up_div
from xinlian.primitives.time import day_of_iso
from xinlian.testing.consortium import GENESIS_TIME_MS, NAMES, account_number, demo_uscc

EXAMPLES = Path(__file__).parents[2] / "examples"
MAIN = EXAMPLES / "receivable-finance"
SHORT = EXAMPLES / "short-goods"
COPIED = EXAMPLES / "copied-invoice"
FOLDERS = (MAIN, SHORT, COPIED)
OUTCOMES = {"pass": VerdictOutcome.PASS, "hold": VerdictOutcome.HOLD, "block": VerdictOutcome.BLOCK}
Edit = Callable[[str], str]


def case_of(folder: Path) -> dict[str, Any]:
    case: dict[str, Any] = json.loads((folder / "case.json").read_text(encoding="utf-8"))
    return case


def trades_of(folder: Path) -> list[dict[str, Any]]:
    case = case_of(folder)
    return [case["trade"], *([case["transfer"]["trade"]] if "transfer" in case else [])]


def parties_of(folder: Path, trade: Mapping[str, Any]) -> LedgerParties:
    organisations = case_of(folder)["organisations"]
    buyer, seller = organisations[trade["buyer"]], organisations[trade["seller"]]
    return LedgerParties(buyer["uscc"], seller["uscc"], (buyer["account"],), (seller["account"],))


class Desk:
    """One party's desk: its store of documents and its verifier."""

    def __init__(self, folder: Path) -> None:
        self.store = DocumentStore(folder)

    def keep(self, path: Path, edit: Edit = str) -> bytes:
        """Read a file, keep it, and return its root; ``edit`` changes the file first."""
        data = edit(path.read_text(encoding="utf-8")).encode()
        return self.store.add(read_document(data), data).root

    def give(self, other: "Desk", roots: Iterable[bytes]) -> None:
        """Share documents with another desk."""
        for root in roots:
            other.store.import_shared(self.store.share(root))

    def opened(self, roots: Iterable[bytes]) -> tuple[OpenedDocument, ...]:
        return tuple(OpenedDocument(root, self.store.get(root).statement) for root in roots)

    def check(self, folder: Path, trade: Mapping[str, Any], roots: Iterable[bytes]) -> CheckReport:
        """Return what its verifier says; all other invoices of its store are earlier ones."""
        invoices = [
            OpenedDocument(root, invoice)
            for root, invoice in self.store.statements(InvoiceStatement)
        ]
        return check_trade(
            TradeFile(
                parties=parties_of(folder, trade),
                documents=self.opened(roots),
                earlier_invoices=tuple(invoices),
                purpose=Purpose(trade["purpose"]),
                due_day=day_of_iso("2027-03-01"),
            )
        )


@pytest.fixture
def desk(tmp_path):
    """Return the desk of a party by its name, the same one each time."""
    desks: dict[str, Desk] = {}
    return lambda name: desks.setdefault(name, Desk(tmp_path / name))


def keep_all(
    desk: Desk, folder: Path, trade: Mapping[str, Any], edits: Mapping[str, Edit] | None = None
) -> list[bytes]:
    """Keep all documents of a trade at one desk, some of them edited; return their roots."""
    return [
        desk.keep(folder / document["file"], (edits or {}).get(document["file"], str))
        for document in trade["documents"]
    ]


def replacing(old: str, new: str) -> Edit:
    def edit(text: str) -> str:
        assert old in text
        return text.replace(old, new)

    return edit


# The story


def test_the_bank_opens_what_the_parties_shared_and_the_trade_passes(desk):
    trade = trades_of(MAIN)[0]
    roots = []
    for document in trade["documents"]:
        owner = desk(document["registered_by"])
        root = owner.keep(MAIN / document["file"])
        owner.give(desk("bank"), [root])
        roots.append(root)
    report: CheckReport = desk("bank").check(MAIN, trade, roots)
    assert report.outcome == VerdictOutcome.PASS
    verdict = SubmitVerdict(roots[4], *report.verdict_fields, GENESIS_TIME_MS + 1)
    verdict.validate_basic()
    assert verdict.document_roots == tuple(sorted(roots))


def test_buyer_seller_and_bank_come_to_the_same_report(desk):
    trade = trades_of(SHORT)[0]
    roots = keep_all(desk("core"), SHORT, trade)
    for name in ("supplier1", "bank"):
        desk("core").give(desk(name), roots)
    reports = [desk(name).check(SHORT, trade, roots) for name in trade["verifiers"]]
    reports.append(desk("bank").check(SHORT, trade, reversed(roots)))
    assert reports == [reports[0]] * 4


def test_the_suppliers_own_debt_is_trade_evidence_for_the_transfer(desk):
    trade = trades_of(MAIN)[1]
    roots = keep_all(desk("supplier2"), MAIN, trade)
    assert desk("supplier2").check(MAIN, trade, roots).outcome == VerdictOutcome.PASS
    as_finance = {**trade, "purpose": "finance"}
    assert desk("supplier2").check(MAIN, as_finance, roots).codes == ("bank_entry.missing",)


def test_short_goods_are_held_and_the_missing_fact_is_named(desk):
    trade = trades_of(SHORT)[0]
    report = desk("bank").check(SHORT, trade, keep_all(desk("bank"), SHORT, trade))
    assert report.outcome == VerdictOutcome.HOLD
    short = next(f for f in report.failures if f.code == "goods.received_short")
    assert "2000 shipped, 1960 received" in short.found
    facts = {fact.code: fact for fact in report.missing}
    assert {fact.flow for fact in facts.values()} == {"goods"}
    assert "收货通知" in facts["goods.received_short"].cure_zh
    assert "add the receipt of the rest" in facts["goods.received_short"].cure_en


def test_the_receipt_of_the_rest_cures_it(desk):
    trade = trades_of(SHORT)[0]
    roots = keep_all(desk("bank"), SHORT, trade)
    bank = desk("bank")
    rest = [
        cable_of(statement) for statement in (bank.store.get(r).statement for r in roots[3:6:2])
    ]
    documents = (
        *bank.opened(roots),
        OpenedDocument(b"\x01" * 32, rest[0]),
        OpenedDocument(b"\x02" * 32, rest[1]),
    )
    report = check_trade(TradeFile(parties_of(SHORT, trade), documents))
    assert report.outcome == VerdictOutcome.PASS


def cable_of(statement: Statement) -> Statement:
    """Return a later receipt, or receiving event, of the 40 cables that were missing."""
    forty = 40_000_000
    if isinstance(statement, GoodsReceiptStatement):
        line = msgspec.structs.replace(statement.lines[2], quantity_e6=forty)
        day = (statement.receipt_day or 0) + 3
        return msgspec.structs.replace(
            statement, number="SH-2026-1127", receipt_day=day, lines=(line,)
        )
    assert isinstance(statement, GoodsEventStatement)
    event = statement.events[0]
    quantity = msgspec.structs.replace(event.quantities[2], quantity_e6=forty)
    later = msgspec.structs.replace(event, quantities=(quantity,), objects=())
    return msgspec.structs.replace(statement, events=(later,))


def test_a_copied_invoice_is_blocked_by_whoever_has_seen_the_first(desk):
    trade = trades_of(COPIED)[0]
    for name in ("bank", "core"):
        first = desk(name).keep(COPIED / trade["earlier_invoices"][0])
        roots = keep_all(desk(name), COPIED, trade)
        report = desk(name).check(COPIED, trade, roots)
        assert report.outcome == VerdictOutcome.BLOCK
        assert report.codes == ("copy.exact",)
        file = TradeFile(parties_of(COPIED, trade), desk(name).opened(roots))
        (copy,) = find_copies(file, desk(name).opened([first]))
        assert (copy.root, copy.earlier_root) == (roots[4], first)


def test_a_bank_that_has_not_seen_the_first_cannot_tell(desk):
    trade = trades_of(COPIED)[0]
    roots = keep_all(desk("another bank"), COPIED, trade)
    assert desk("another bank").check(COPIED, trade, roots).outcome == VerdictOutcome.PASS


def test_the_invoice_already_financed_uses_the_contract_up_for_the_next(desk):
    trade = trades_of(MAIN)[0]
    desk("bank").keep(MAIN / "05-invoice.xml")
    next_number = replacing("26990000000000000101", "26990000000000000777")
    roots = keep_all(desk("bank"), MAIN, trade, {"05-invoice.xml": next_number})
    report = desk("bank").check(MAIN, trade, roots)
    assert report.codes == ("contract.exceeded", "copy.near", "goods.invoiced_more")


SUPPLIER1, SUPPLIER2, BANK = demo_uscc(4), demo_uscc(5), demo_uscc(2)


@pytest.mark.parametrize(
    ("told", "file", "old", "new", "outcome", "codes"),
    [
        ("another seller invoices", "05-invoice.xml", SUPPLIER1, SUPPLIER2, "block",
         ("party.seller_differs",)),
        ("goods came for somebody else", "04-receipt-advice.xml", demo_uscc(1), BANK, "block",
         ("party.buyer_differs",)),
        ("the prepayment went elsewhere", "07-prepayment-camt054.xml", SUPPLIER1, SUPPLIER2,
         "block", ("money.payee_differs",)),
        ("the payer's account is a stranger's", "07-prepayment-camt054.xml", "99-0001-0001",
         "99-0001-0004", "block", ("money.payer_differs",)),
        ("a rate of the past", "05-invoice.xml", "<cbc:Percent>13<", "<cbc:Percent>17<", "block",
         ("tax.rate",)),
        ("a legal rate that does not make the tax", "05-invoice.xml", "<cbc:Percent>13<",
         "<cbc:Percent>9<", "block", ("tax.amount",)),
        ("tax is changed after the fact", "05-invoice.xml", "130000.00</cbc:TaxAmount>",
         "130100.00</cbc:TaxAmount>", "block", ("invoice.sum_gross", "tax.amount")),
        ("a price is raised", "02-order.xml", "640.00</cbc:PriceAmount>",
         "639.00</cbc:PriceAmount>", "block", ("price.differs",)),
        ("the contract is for less", "01-contract.json", "1130000.00", "1129999.99", "block",
         ("contract.exceeded",)),
        ("the contract is in dollars", "01-contract.json", '"CNY"', '"USD"', "block",
         ("currency.differs",)),
        ("no certificates were agreed", "01-contract.json", "true", "false", "block",
         ("contract.no_certificates",)),
        ("the order is of another contract", "02-order.xml", "HT-2026-0908", "HT-2026-0909",
         "hold", ("link.order",)),
        ("the event is of another order", "06-receiving-event.json", "-2026-", "-2025-", "hold",
         ("goods.event_unlinked",)),
        ("pallets came damaged", "06-receiving-event.json", "in_progress", "damaged", "hold",
         ("goods.event_disposition",)),
        ("the scanner counted less", "06-receiving-event.json", '"quantity": 500',
         '"quantity": 499', "hold", ("goods.event_differs",)),
        ("goods only left", "06-receiving-event.json", "receiving", "shipping", "hold",
         ("goods.event_not_receiving",)),
        ("the booking is pending", "07-prepayment-camt054.xml", "<Cd>BOOK<", "<Cd>PDNG<", "hold",
         ("money.not_booked",)),
        ("less was prepaid than invoiced", "07-prepayment-camt054.xml", "130000.00", "13000.00",
         "hold", ("money.amount_differs",)),
        ("the money is for something else", "07-prepayment-camt054.xml", "HT-2026-0908",
         "HT-2025-0001", "hold", ("money.unlinked",)),
        ("it arrived before it left", "04-receipt-advice.xml",
         "<cbc:ReceivedDate>2026-11-24", "<cbc:ReceivedDate>2026-11-19", "hold",
         ("term.stretched", "date.order")),
        ("payment is put off", "05-invoice.xml", "2027-03-01", "2027-03-05", "hold",
         ("term.stretched",)),
    ],
)  # fmt: skip
def test_one_falsified_file_is_found_by_name(desk, told, file, old, new, outcome, codes):
    trade = trades_of(MAIN)[0]
    roots = keep_all(desk("bank"), MAIN, trade, {file: replacing(old, new)})
    report = desk("bank").check(MAIN, trade, roots)
    assert (report.outcome, report.codes) == (OUTCOMES[outcome], codes)


# The folders themselves


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_every_case_comes_to_what_it_says(desk, folder):
    for number, trade in enumerate(trades_of(folder)):
        verifier = desk(f"verifier {number}")
        for earlier in trade["earlier_invoices"]:
            verifier.keep(folder / earlier)
        report = verifier.check(folder, trade, keep_all(verifier, folder, trade))
        expected = trade["expected"]
        assert report.outcome == OUTCOMES[expected["outcome"]]
        assert list(report.codes) == expected["failures"]
        assert [note.code for note in report.notes] == expected["notes"]


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_every_case_has_the_form_that_the_schema_describes(folder):
    schema = json.loads((EXAMPLES / "case.schema.json").read_text(encoding="utf-8"))
    Draft202012Validator.check_schema(schema)
    Draft202012Validator(schema).validate(case_of(folder))


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_every_file_is_named_once_and_is_of_the_kind_that_the_case_says(folder):
    case = case_of(folder)
    named = []
    for trade in trades_of(folder):
        for document in trade["documents"]:
            statement = read_document((folder / document["file"]).read_bytes())
            assert schema_of(statement) == document["kind"]
            assert FactKind(document["kind"]) in FLOWS
            signers = [document["registered_by"], *document["countersigned_by"]]
            assert set(signers) <= set(case["organisations"])
            named.append(document["file"])
        named += trade["earlier_invoices"]
    found = [p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file()]
    assert sorted(named) == sorted(set(found) - {"case.json"})


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_the_organisations_are_those_of_the_demonstration(folder):
    numbers = {name: demo_uscc(number) for number, name in enumerate(NAMES, 1)}
    for name, organisation in case_of(folder)["organisations"].items():
        assert organisation["uscc"] == numbers[name]
        assert organisation["name"] == NAMES[name]
        assert organisation.get("account", account_number(name)) == account_number(name)


def test_the_amounts_of_the_main_case_agree_to_the_fen():
    case = case_of(MAIN)
    certificate, transfer, finance = case["certificate"], case["transfer"], case["finance"]
    invoice = read_document((MAIN / "05-invoice.xml").read_bytes())
    assert isinstance(invoice, InvoiceStatement)
    face = minor(certificate["face"])
    assert (invoice.gross_minor, invoice.payable_minor) == (minor(case["trade"]["gross"]), face)
    assert minor(transfer["amount"]) + minor(finance["amount"]) == face
    days = day_of_iso(certificate["due_date"]) - day_of_iso(case["starts_at"][:10])
    assert days == finance["days"]
    rate_e4 = int(finance["annual_rate"].removeprefix("0."))
    discount = half_up_div(minor(finance["amount"]) * rate_e4 * days, 10_000 * 360)
    assert minor(finance["discount"]) == discount
    assert minor(finance["paid_out"]) == minor(finance["advance"]) - discount


def test_everything_is_delivered_and_invoiced_before_the_ledger_starts():
    starts = day_of_iso(case_of(MAIN)["starts_at"][:10])
    for trade in trades_of(MAIN):
        for document in trade["documents"]:
            statement = read_document((MAIN / document["file"]).read_bytes())
            days = [getattr(statement, name, None) for name in ("issue_day", "signed_day")]
            assert all(day < starts for day in days if day is not None)


def test_every_gtin_has_its_check_digit_and_the_prefix_for_examples():
    for trade in trades_of(MAIN):
        for document in trade["documents"]:
            statement = read_document((MAIN / document["file"]).read_bytes())
            for line in getattr(statement, "lines", ()):
                scheme, _, number = line.item_id.partition(":")
                assert scheme == "gtin"
                assert ean.is_valid(number)
                assert number.startswith("952")


@pytest.mark.parametrize(
    ("folder", "changed"),
    [
        (SHORT, {"04-receipt-advice.xml", "06-receiving-event.json"}),
        (COPIED, {"05-invoice.xml"}),
    ],
    ids=["short-goods", "copied-invoice"],
)
def test_a_variant_differs_from_the_main_case_only_where_it_says(folder, changed):
    names = [document["file"] for document in trades_of(folder)[0]["documents"]]
    differing = {n for n in names if (folder / n).read_bytes() != (MAIN / n).read_bytes()}
    assert differing == changed
    if folder == COPIED:
        first = (folder / "earlier" / "05-invoice.xml").read_bytes()
        assert first == (MAIN / "05-invoice.xml").read_bytes()


def minor(amount: str) -> int:
    whole, _, fraction = amount.partition(".")
    return int(whole) * 100 + int(fraction.ljust(2, "0"))
