"""What the check of one claim costs beside a store of few and of many documents.

    python -m bench.verification                1 000 and 10 000 documents
    python -m bench.verification --full         1 000 and 100 000, as the bar has it

Rules this file keeps:
 1. Stores are the product's own, on disk; a case is what a party's verifier does on its own
    machine: it opens the documents, finds the earlier invoices that matter and runs every check.
    Questions to the node are left out: there are as many for a small store.
 2. A case is a trade that the store has just received, of a seller that it knows.  Each seller has
    as many invoices in a large store as in a small one, and there are more sellers.
 3. Processor time; medians over cases.  What the first case of a process costs, which reads every
    invoice once, stands apart.
"""

import argparse
import hashlib
import json
import os
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any, Final

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from bench.hardware import describe
from xinlian.apps.supply_chain.checks import (
    LedgerParties,
    OpenedDocument,
    TradeFile,
    check_trade,
)
from xinlian.client.document_store import DocumentStore
from xinlian.modules.evidence.statements import (
    ContractStatement,
    InvoiceStatement,
    OrderStatement,
    Statement,
    TradeLine,
    TradeParty,
)
from xinlian.primitives.time import day_of_iso
from xinlian.testing.consortium import demo_uscc

VAR: Final = Path(__file__).resolve().parent.parent / "var"
CASES: Final = 100
BAR: Final = 1.2
DOCUMENTS_A_TRADE: Final = 3
TRADES_A_SELLER: Final = 30
FIRST_DAY: Final = day_of_iso("2026-01-01")
BUYER: Final = TradeParty("演示核心企业", demo_uscc(1), None)
NET_MINOR: Final = 600_000_00
TAX_MINOR: Final = NET_MINOR * 13 // 100


class Filler:
    """A store and the trades that come into it, one after the other."""

    def __init__(self, folder: Path) -> None:
        self.store = DocumentStore(folder)
        self._count = 0

    def add_trade(self) -> tuple[TradeParty, list[bytes]]:
        """Keep the next trade; return its seller and the roots of its documents."""
        number, self._count = self._count, self._count + 1
        seller_no = number // TRADES_A_SELLER
        seller = TradeParty(f"供应商{seller_no}", demo_uscc(100 + seller_no), None)
        statements = _trade(number, seller)
        roots = [self.store.add(says, _source(number, says)).root for says in statements]
        return seller, roots

    def check_next(self) -> float:
        """Add a trade and check it; return the processor seconds of the check."""
        seller, roots = self.add_trade()
        begun = time.process_time()
        documents = tuple(OpenedDocument(root, self.store.get(root).statement) for root in roots)
        parties = LedgerParties(str(BUYER.uscc), str(seller.uscc))
        file = TradeFile(parties, documents)
        earlier = self.store.invoices.candidates(file)
        report = check_trade(TradeFile(parties, documents, earlier))
        seconds = time.process_time() - begun
        if any("copy" in failure.code for failure in report.failures):
            raise RuntimeError("a trade was taken for a copy of another")
        return seconds


def _trade(number: int, seller: TradeParty) -> tuple[Statement, ...]:
    seller_no = number // TRADES_A_SELLER
    day = FIRST_DAY + number % 300
    line = TradeLine(
        line_no="1",
        item_id=f"own:{seller_no}-{number % 5}",
        item_name="货物",
        quantity_e6=400 * 10**6,
        unit="EA",
        unit_price_e6=1_500_00 * 10_000,
        net_minor=NET_MINOR,
        tax_rate_e9=130_000_000,
        rejected_quantity_e6=None,
        order_line_no="1",
    )
    known: dict[str, Any] = {
        "source_format": "bench",
        "currency": "CNY",
        "buyer": BUYER,
        "seller": seller,
    }
    contract, order = f"HT-{number}", f"PO-{number}"
    return (
        ContractStatement(
            **known, source_hash=_hash(number, "contract"), number=contract, signed_day=day,
            amount_minor=NET_MINOR + TAX_MINOR, payment_term_days=60, accepts_certificates=True,
            subject_matter="配件",
        ),
        OrderStatement(
            **known, source_hash=_hash(number, "order"), number=order, issue_day=day,
            contract_number=contract, lines=(line,), net_minor=NET_MINOR,
        ),
        InvoiceStatement(
            **known, source_hash=_hash(number, "invoice"), number=_digits(number), type_code="380",
            issue_day=day + 3, due_day=day + 60, payee=None, contract_number=contract,
            order_number=order, despatch_number=f"FH-{number}", receipt_number=f"SH-{number}",
            lines=(line,), lines_net_minor=NET_MINOR, allowances_minor=0, charges_minor=0,
            net_minor=NET_MINOR, tax_minor=TAX_MINOR, gross_minor=NET_MINOR + TAX_MINOR,
            prepaid_minor=0, rounding_minor=0, payable_minor=NET_MINOR + TAX_MINOR,
        ),
    )  # fmt: skip


def _digits(number: int) -> str:
    """Return a number of 20 digits far from every other's, in more than one character."""
    return str(int(_hash(number, "number"), 16))[:20]


def _source(number: int, says: Statement) -> bytes:
    kind = type(says).__name__.removesuffix("Statement").lower()
    return f"{kind} {number}".encode()


def _hash(number: int, kind: str) -> str:
    return hashlib.sha256(f"{kind} {number}".encode()).hexdigest()


def measure(documents: int, folder: Path) -> dict[str, float]:
    """Return milliseconds of the first case and of the middle one beside so many documents."""
    filler = Filler(folder)
    synced, os.fsync = os.fsync, lambda fd: None  # noqa: ARG005 - its place  # filling is not what is measured
    try:
        for _ in range(documents // DOCUMENTS_A_TRADE):
            filler.add_trade()
    finally:
        os.fsync = synced
    filler.store = DocumentStore(folder)
    first = filler.check_next()
    cases = [filler.check_next() for _ in range(CASES)]
    return {
        "documents": documents,
        "first_case_ms": round(first * 1e3, 2),
        "case_ms": round(statistics.median(cases) * 1e3, 2),
        "largest_ms": round(max(cases) * 1e3, 2),
    }


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--full", action="store_true", help="100 000 documents instead of 10 000")
    parser.add_argument("--save", action="store_true", help="write bench/results")
    options = parser.parse_args()
    hardware = describe()
    VAR.mkdir(exist_ok=True)
    found = []
    for documents in (1_000, 99_000 if options.full else 10_000):
        with tempfile.TemporaryDirectory(prefix="verification-", dir=VAR) as name:
            found.append(measure(documents, Path(name)))
    ratio = round(found[1]["case_ms"] / found[0]["case_ms"], 2)
    document = {"hardware": hardware, "stores": found, "ratio": ratio, "bar": BAR}
    text = json.dumps(document, indent=1)
    print(text)
    if options.save:
        results = Path(__file__).resolve().parent / "results"
        (results / "verification.json").write_text(text + "\n", encoding="ascii")


if __name__ == "__main__":
    main()
