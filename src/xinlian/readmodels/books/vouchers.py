"""From movements of value to the vouchers of one party.

Rules this file keeps:
 1. A voucher is one step: the movements of one call, or one piece of due work, for one object.
 2. Every voucher balances: what the movements themselves leave open goes to the account that the
    step says, and where the step is unknown to an account for unclassified items.
 3. These are proposals made from registration books; classification stays the accountant's.

::

    step                    the party that …   Dr                          Cr
    certificate_accepted    is owed            certificate receivable      invoice receivable
                            owes               invoice payable             certificate payable
    claim_transferred       gives the leaf     invoice payable             certificate receivable
                            takes it           certificate receivable      invoice receivable
    financed                sells              cash, finance cost,         certificate receivable
                                               retained part
                            finances           receivable taken            cash, income,
                                                               retained part
    certificate_paid        owes               certificate payable         cash, or outside
                            is paid            cash, or outside            certificate receivable
    interest_fixed / _paid  is owed            interest / cash             income / interest
    deposit_created …       holds              cash                        unclassified
                            is the bank        clearing                    customer deposits

Source: docs/concepts/certificates.md (the ledger's entries); codes: ``chart_cn.json``.
"""

import itertools
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

import msgspec

from xinlian.readmodels.books.chart import Chart, Slot
from xinlian.readmodels.books.rows import VoucherLine, VoucherRow

_DEPOSIT: Final = "deposit"
_CLAIM: Final = "claim"
_INTEREST: Final = "interest"
_ISSUE: Final = "issue"
_DISBURSE: Final = "supply_chain.Disburse"
_ACCEPT_TRANSFER: Final = "supply_chain.AcceptTransfer"
OPENING_ID: Final = "0.0"

_SUSPENSE: Final = (Slot.SUSPENSE_RECEIVABLE, Slot.SUSPENSE_PAYABLE)
_CONTRA: Final = {
    "certificate_accepted": (Slot.PAYABLE_INVOICE, Slot.RECEIVABLE_INVOICE),
    "claim_transferred": (Slot.PAYABLE_INVOICE, Slot.RECEIVABLE_INVOICE),
    "financed": (Slot.RETAINED_RECEIVABLE, Slot.RETAINED_PAYABLE),
    "certificate_paid": (Slot.CASH_OUTSIDE, Slot.CASH_OUTSIDE),
    "interest_fixed": (Slot.FINANCE_COST, Slot.INTEREST_INCOME),
    "interest_paid": (Slot.CASH_OUTSIDE, Slot.CASH_OUTSIDE),
    "opening": (Slot.OPENING, Slot.OPENING),
}
"""By step: where what is left goes when it must be debited, and when it must be credited."""
_MESSAGE_STEPS: Final = {
    "accounts.PostTransfer": "pending_posted",
    "accounts.LinkTransfers": "linked_transfer",
}


class Movement(msgspec.Struct, frozen=True, kw_only=True):
    """A transfer with what surrounds it, as books need it."""

    height: int
    time_ms: int
    position: int
    transaction_id: str
    call_index: int
    message_type: str
    asset_id: str
    asset_kind: str
    asset_issuer: str
    currency: str
    debit_account: str
    debit_owner: str
    debit_class: str
    credit_account: str
    credit_owner: str
    credit_class: str
    amount_minor: int
    purpose: str
    financier: str
    """Who took the leaf that the movement is for by assignment; empty where nobody did."""


class Opening(msgspec.Struct, frozen=True, kw_only=True):
    """A deposit account that genesis opened with money."""

    time_ms: int
    account_id: str
    owner: str
    asset_issuer: str
    currency: str
    opening_minor: int


class _Entry(msgspec.Struct, frozen=True):
    """A line before it has a code: positive amounts are debits."""

    slot: Slot
    sub: str
    counterparty: str
    currency: str
    amount_minor: int


def vouchers_of(
    party: str,
    chart: Chart,
    movements: Iterable[Movement],
) -> Iterator[VoucherRow]:
    """Yield the vouchers of a party from its movements, which come in ledger order."""
    keyed = itertools.groupby(movements, key=lambda m: (m.height, m.transaction_id, m.call_index))
    for _, call in keyed:
        groups: dict[str, list[Movement]] = {}
        for movement in call:
            groups.setdefault(movement.purpose, []).append(movement)
        for group in groups.values():
            yield _voucher(party, chart, group)


def opening_voucher(party: str, chart: Chart, openings: Sequence[Opening]) -> VoucherRow | None:
    """Return the voucher of what genesis opened, or None where it opened nothing."""
    entries: list[_Entry] = []
    for opening in openings:
        amount = opening.opening_minor
        at_bank = (opening.account_id, opening.asset_issuer, opening.currency)
        of_customer = (opening.account_id, opening.owner, opening.currency)
        if opening.owner == party:
            entries.append(_Entry(Slot.CASH, *at_bank, amount))
        if opening.asset_issuer == party:
            entries.append(_Entry(Slot.CUSTOMER_DEPOSITS, *of_customer, -amount))
    if not entries:
        return None
    return VoucherRow(
        height=0,
        time_ms=openings[0].time_ms,
        voucher_id=OPENING_ID,
        position=0,
        transaction_id="",
        call_index=0,
        message_type="",
        step="opening",
        business_object="",
        lines=_lines(chart, [*entries, *_contra("opening", entries)]),
    )


def step_of(group: Sequence[Movement]) -> str:
    """Return the business step that the movements of one call and object are."""
    message_type = group[0].message_type
    for movement in group:
        if movement.asset_kind == _CLAIM:
            if movement.credit_class == _ISSUE:
                return "certificate_accepted"
            if movement.debit_class == _ISSUE:
                return "certificate_paid"
            if message_type == _DISBURSE:
                return "financed"
            return "claim_transferred" if message_type == _ACCEPT_TRANSFER else "claim_moved"
        if movement.asset_kind == _INTEREST:
            return "interest_fixed" if movement.credit_class == _ISSUE else "interest_paid"
    return _deposit_step(group)


def _deposit_step(group: Sequence[Movement]) -> str:
    """Return the step of movements of deposit alone."""
    first = group[0]
    if first.message_type == _DISBURSE:
        return "financed"
    if first.credit_class == _ISSUE:
        return "deposit_created"
    if first.debit_class == _ISSUE:
        return "deposit_removed"
    return _MESSAGE_STEPS.get(first.message_type, "transferred")


def _voucher(party: str, chart: Chart, group: Sequence[Movement]) -> VoucherRow:
    step = step_of(group)
    own = list(_own_entries(party, group))
    if step == "financed":
        own += _discount(party, group)
    as_bank = list(_bank_entries(party, group))
    entries = [*own, *_contra(step, own), *as_bank, *_contra("", as_bank, bank=True)]
    first = group[0]
    return VoucherRow(
        height=first.height,
        time_ms=first.time_ms,
        voucher_id=f"{first.height}.{first.position}",
        position=first.position,
        transaction_id=first.transaction_id,
        call_index=first.call_index,
        message_type=first.message_type,
        step=step,
        business_object=first.purpose,
        lines=_lines(chart, entries),
    )


def _own_entries(party: str, group: Sequence[Movement]) -> Iterator[_Entry]:
    """Yield the entries of the party's own accounts."""
    for m in group:
        sides = (
            (m.debit_owner, m.debit_class, m.debit_account, m.credit_owner, m.amount_minor),
            (m.credit_owner, m.credit_class, m.credit_account, m.debit_owner, -m.amount_minor),
        )
        for owner, account_class, account, counterparty, amount_minor in sides:
            is_issue = account_class == _ISSUE
            if owner != party or (m.asset_kind == _DEPOSIT and is_issue):
                continue
            slot = _slot(m, is_issue=is_issue, is_financier=party == m.financier)
            sub = account if m.asset_kind == _DEPOSIT else m.asset_issuer
            yield _Entry(slot, sub, counterparty, m.currency, amount_minor)


def _slot(movement: Movement, *, is_issue: bool, is_financier: bool) -> Slot:
    if movement.asset_kind == _DEPOSIT:
        return Slot.CASH
    if movement.asset_kind == _CLAIM:
        if is_issue:
            return Slot.PAYABLE_CERTIFICATE
        return Slot.FACTORED_RECEIVABLE if is_financier else Slot.RECEIVABLE_CERTIFICATE
    if movement.asset_kind == _INTEREST:
        return Slot.INTEREST_PAYABLE if is_issue else Slot.INTEREST_RECEIVABLE
    return Slot.OTHER_ASSET


def _bank_entries(party: str, group: Sequence[Movement]) -> Iterator[_Entry]:
    """Yield what the movements are in the books of the bank whose deposit it is."""
    for m in group:
        if m.asset_kind != _DEPOSIT or m.asset_issuer != party:
            continue
        if m.debit_class != _ISSUE:
            where = (m.debit_account, m.debit_owner, m.currency)
            yield _Entry(Slot.CUSTOMER_DEPOSITS, *where, -m.amount_minor)
        if m.credit_class != _ISSUE:
            where = (m.credit_account, m.credit_owner, m.currency)
            yield _Entry(Slot.CUSTOMER_DEPOSITS, *where, m.amount_minor)


def _discount(party: str, group: Sequence[Movement]) -> Iterator[_Entry]:
    """Yield cost and income of the discount, which the seller pays back out of the advance."""
    for m in group:
        if m.asset_kind != _DEPOSIT or m.debit_owner != m.financier:
            continue
        if party == m.credit_owner:
            yield _Entry(Slot.FINANCE_COST, m.purpose, m.debit_owner, m.currency, m.amount_minor)
        if party == m.debit_owner:
            yield _Entry(
                Slot.INTEREST_INCOME, m.purpose, m.credit_owner, m.currency, -m.amount_minor
            )


def _contra(step: str, entries: Sequence[_Entry], *, bank: bool = False) -> Iterator[_Entry]:
    """Yield what balances entries, for each currency."""
    to_debit, to_credit = (Slot.CLEARING,) * 2 if bank else _CONTRA.get(step, _SUSPENSE)
    for currency in sorted({entry.currency for entry in entries}):
        of_currency = [entry for entry in entries if entry.currency == currency]
        left_minor = -sum(entry.amount_minor for entry in of_currency)
        if left_minor:
            slot = to_debit if left_minor > 0 else to_credit
            first = of_currency[0]
            yield _Entry(slot, first.sub, first.counterparty, currency, left_minor)


def _lines(chart: Chart, entries: Iterable[_Entry]) -> tuple[VoucherLine, ...]:
    return tuple(
        VoucherLine(
            code=chart.of(entry.slot).code,
            name=f"{chart.of(entry.slot).zh} {chart.of(entry.slot).en}",
            sub=entry.sub,
            counterparty=entry.counterparty,
            currency=entry.currency,
            debit_minor=max(entry.amount_minor, 0),
            credit_minor=max(-entry.amount_minor, 0),
        )
        for entry in entries
    )
