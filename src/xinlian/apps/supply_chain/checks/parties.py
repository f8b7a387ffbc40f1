"""Every document is between the ledger's buyer and seller, in one currency."""

from collections.abc import Iterator

from xinlian.apps.supply_chain.checks.canonical import canonical_text, canonical_uscc
from xinlian.apps.supply_chain.checks.codes import Check
from xinlian.apps.supply_chain.checks.report import CheckFailure
from xinlian.apps.supply_chain.checks.tolerances import Tolerances
from xinlian.apps.supply_chain.checks.trade_file import Opened, TradeFile
from xinlian.modules.evidence.statements import (
    ContractStatement,
    CreditNoteStatement,
    DespatchStatement,
    GoodsReceiptStatement,
    InvoiceStatement,
    OrderStatement,
    TradeParty,
)

Bilateral = (
    ContractStatement
    | OrderStatement
    | DespatchStatement
    | GoodsReceiptStatement
    | InvoiceStatement
    | CreditNoteStatement
)
"""Documents between a buyer and a seller."""


def bilateral(file: TradeFile) -> Iterator[Opened[Bilateral]]:
    """Yield the documents that name a buyer and a seller."""
    for document in file.documents:
        if isinstance(document.statement, Bilateral):
            yield Opened(document.root, document.statement)


def check_parties(file: TradeFile, _: Tolerances) -> Iterator[CheckFailure]:
    """Each document's buyer and seller are the ledger's, by unified social credit code.

    Source: docs/concepts/three-flows.md join graph; 2.3 fake trade.
    """
    for document in bilateral(file):
        sides = (
            (Check.BUYER_DIFFERS, document.says.buyer, file.parties.buyer_uscc),
            (Check.SELLER_DIFFERS, document.says.seller, file.parties.seller_uscc),
        )
        for check, party, expected in sides:
            yield from _check_party(document, check, party, expected)


def check_payee(file: TradeFile, _: Tolerances) -> Iterator[CheckFailure]:
    """An invoice that another is to be paid may be assigned already.

    Source: [ours]; UBL PayeeParty is how factoring is written (docs/concepts/three-flows.md).
    """
    for invoice in file.of(InvoiceStatement):
        payee = canonical_uscc(invoice.says.payee)
        if invoice.says.payee is not None and payee != file.parties.seller_uscc:
            found = f"invoice {invoice.says.number}: payee {payee or 'without code'}"
            yield Check.OTHER_PAYEE.failed([invoice.root], found)


def check_currency(file: TradeFile, _: Tolerances) -> Iterator[CheckFailure]:
    """Every document that gives a currency gives the invoice's, or else the contract's.

    Source: docs/concepts/three-flows.md; nothing is converted.
    """
    given = [
        (document.root, document.says.number, canonical_text(document.says.currency))
        for document in bilateral(file)
        if not isinstance(document.says, DespatchStatement | GoodsReceiptStatement)
        and document.says.currency is not None
    ]
    expected = file_currency(file)
    for root, number, currency in given:
        if currency != expected:
            yield Check.CURRENCY_DIFFERS.failed([root], f"{number}: {currency}, not {expected}")


def file_currency(file: TradeFile) -> str | None:
    """Return the currency of the claim: the invoice's, else the contract's."""
    currencies = [
        *(invoice.says.currency for invoice in file.of(InvoiceStatement)),
        *(contract.says.currency for contract in file.of(ContractStatement)),
    ]
    return canonical_text(currencies[0]) if currencies else None


def _check_party(
    document: Opened[Bilateral], check: Check, party: TradeParty, expected: str
) -> Iterator[CheckFailure]:
    uscc = canonical_uscc(party)
    if uscc is None:
        found = f"{document.says.number}: {canonical_text(party.name or 'a party without name')}"
        yield Check.PARTY_UNIDENTIFIED.failed([document.root], found)
    elif uscc != expected:
        yield check.failed([document.root], f"{document.says.number}: {uscc}, not {expected}")
