"""What the bank booked is a payment of this trade, from the buyer to the seller.

Rules this file keeps:
 1. Entries that name the contract, an order or an invoice of the file are looked at; a statement's
    other entries are none of the file's business.
 2. Only a booked entry counts (``BOOK``); a reversal or return takes money back.
 3. A party is known by its code or its account; whatever is given must fit.
 4. One payment reported twice (both sides' accounts, camt.054 and camt.053) counts once.
"""

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

from xinlian.apps.supply_chain.checks.canonical import (
    canonical_account,
    canonical_text,
    canonical_uscc,
)
from xinlian.apps.supply_chain.checks.codes import Check
from xinlian.apps.supply_chain.checks.parties import file_currency
from xinlian.apps.supply_chain.checks.report import CheckFailure
from xinlian.apps.supply_chain.checks.tolerances import Tolerances
from xinlian.apps.supply_chain.checks.trade_file import TradeFile
from xinlian.modules.evidence.statements import (
    BankEntryStatement,
    BookedEntry,
    ContractStatement,
    InvoiceStatement,
    OrderStatement,
    TradeParty,
)

BOOKED: Final = "BOOK"


class Payment(NamedTuple):
    """An entry that names the trade, and the report it is in."""

    root: bytes
    report: BankEntryStatement
    entry: BookedEntry
    position: int
    """Of the entry in its report."""

    @property
    def name(self) -> str:
        """How the finding calls it."""
        return f"entry {self.entry.servicer_reference or self.entry.end_to_end_id or 'unnamed'}"


def check_money(file: TradeFile, _: Tolerances) -> Iterator[CheckFailure]:
    """The bank booked a payment of this trade, and it was not taken back.

    Source: docs/concepts/three-flows.md, money.
    """
    reports = file.of(BankEntryStatement)
    if not reports:
        return  # reported as missing where it is needed
    roots = [report.root for report in reports]
    payments = _payments(file)
    if not payments:
        count = sum(len(report.says.entries) for report in reports)
        yield Check.MONEY_UNLINKED.failed(roots, f"{count} entries")
        return
    returned = [payment for payment in payments if _is_returned(payment.entry)]
    for payment in returned:
        yield Check.RETURNED.failed([payment.root], payment.name)
    if not returned and not _booked(payments):
        statuses = ", ".join(sorted({payment.entry.status for payment in payments}))
        yield Check.NOT_BOOKED.failed(roots, f"status {statuses}")


def check_payer_and_payee(file: TradeFile, _: Tolerances) -> Iterator[CheckFailure]:
    """The payer is the buyer and the payee the seller, by code or account as given.

    Source: docs/concepts/three-flows.md, payer account = obligor account.
    """
    parties = file.parties
    for payment in _payments(file):
        if not _is_booked(payment.entry):
            continue  # check_money holds it
        sides = (
            (Check.PAYER_DIFFERS, _payer(payment), parties.buyer_uscc, parties.buyer_accounts),
            (Check.PAYEE_DIFFERS, _payee(payment), parties.seller_uscc, parties.seller_accounts),
        )
        for check, (party, account), uscc, accounts in sides:
            fits = _fits(party, account, uscc, accounts)
            if fits is None:
                yield Check.MONEY_UNIDENTIFIED.failed([payment.root], payment.name)
            elif not fits:
                yield check.failed([payment.root], payment.name)


def check_money_amount(file: TradeFile, _: Tolerances) -> Iterator[CheckFailure]:
    """The booked sum is what the invoices state as prepaid; none stated, it is within their gross.

    Source: docs/concepts/three-flows.md, amount = due; EN 16931 BT-113.
    """
    invoices = file.of(InvoiceStatement)
    booked = _booked(_payments(file))
    currency = file_currency(file)
    for payment in booked:
        if canonical_text(payment.entry.currency) != currency:
            found = f"{payment.name}: {payment.entry.currency}, not {currency}"
            yield Check.CURRENCY_DIFFERS.failed([payment.root], found)
    if not invoices or not booked:
        return
    paid = sum(payment.entry.amount_minor for payment in booked)
    prepaid = sum(invoice.says.prepaid_minor for invoice in invoices)
    gross = sum(invoice.says.gross_minor for invoice in invoices)
    if (prepaid and paid != prepaid) or paid > gross:
        found = f"{paid} booked, {prepaid} stated as prepaid of {gross} (minor units)"
        roots = {payment.root for payment in booked} | {invoice.root for invoice in invoices}
        yield Check.MONEY_AMOUNT.failed(sorted(roots), found)


def _payments(file: TradeFile) -> list[Payment]:
    """Return the entries that name the trade, reports by root.

    A contract that is not in the file is still the trade's if an order or invoice names it.
    """
    given: list[str | None] = [c.says.number for c in file.of(ContractStatement)]
    for order in file.of(OrderStatement):
        given += [order.says.number, order.says.contract_number]
    for invoice in file.of(InvoiceStatement):
        given += [invoice.says.number, invoice.says.contract_number, invoice.says.order_number]
    numbers = frozenset(canonical_text(number) for number in given if number) - {""}
    if not numbers:
        return []
    alternatives = "|".join(re.escape(number) for number in sorted(numbers))
    pattern = re.compile(rf"(?<![0-9A-Za-z-])(?:{alternatives})(?![0-9A-Za-z-])")
    return [
        Payment(report.root, report.says, entry, index)
        for report in file.of(BankEntryStatement)
        for index, entry in enumerate(report.says.entries)
        if _names_one_of(entry, numbers, pattern)
    ]


def _names_one_of(entry: BookedEntry, numbers: frozenset[str], pattern: re.Pattern[str]) -> bool:
    if any(canonical_text(reference) in numbers for reference in entry.document_numbers):
        return True
    return pattern.search(canonical_text(entry.remittance_text or "")) is not None


def _booked(payments: list[Payment]) -> list[Payment]:
    """Return the booked payments, each once."""
    once: dict[tuple[str, ...], Payment] = {}
    for payment in payments:
        if _is_booked(payment.entry):
            once.setdefault(_identity(payment), payment)
    return list(once.values())


def _identity(payment: Payment) -> tuple[str, ...]:
    entry = payment.entry
    if entry.end_to_end_id is not None:
        return ("e2e", entry.end_to_end_id, str(entry.amount_minor), entry.currency)
    if entry.servicer_reference is not None:
        return ("ref", canonical_account(payment.report.account), entry.servicer_reference)
    return ("entry", payment.root.hex(), str(payment.position))


def _is_booked(entry: BookedEntry) -> bool:
    return entry.status == BOOKED and not _is_returned(entry)


def _is_returned(entry: BookedEntry) -> bool:
    return entry.is_reversal or entry.is_return


def _payer(payment: Payment) -> tuple[TradeParty | None, str | None]:
    """Return who paid: the debtor, or the owner of the account that was debited."""
    entry, report = payment.entry, payment.report
    if not entry.is_credit and entry.debtor_account is None:
        return (entry.debtor or report.account_owner, report.account)
    return (entry.debtor, entry.debtor_account)


def _payee(payment: Payment) -> tuple[TradeParty | None, str | None]:
    """Return who was paid: the creditor, or the owner of the account that was credited."""
    entry, report = payment.entry, payment.report
    if entry.is_credit and entry.creditor_account is None:
        return (entry.creditor or report.account_owner, report.account)
    return (entry.creditor, entry.creditor_account)


def _fits(
    party: TradeParty | None, account: str | None, uscc: str, accounts: tuple[str, ...]
) -> bool | None:
    """Return whether what is given of a party fits, None where nothing comparable is given."""
    given: list[bool] = []
    named = canonical_uscc(party)
    if named is not None:
        given.append(named == uscc)
    if account is not None and accounts:
        known = [canonical_account(candidate) for candidate in accounts]
        given.append(canonical_account(account) in known)
    return all(given) if given else None
