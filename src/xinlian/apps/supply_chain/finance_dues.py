"""What financier and seller owe each other: pledge loan, recourse, retained part.

Rules this file keeps:
 1. Each is an obligation of its own, with one creditor; none is part of the certificate's.
 2. A pledge loan is due with its certificate; it is late when the orders and entries of banks that
    may bring the certificate's money have had their days.
 3. A retained part is due when the leaf is paid in full; it performs itself from the account that
    the financier disbursed from.
 4. A loan or a recourse has no standing authority: its debtor pays by a message, or the payment of
    the certificate does.
"""

from typing import Final

import msgspec

from xinlian.apps.supply_chain.policy import ORDER_BANKING_DAYS
from xinlian.apps.supply_chain.types import (
    ENCUMBRANCES,
    FINANCE_DUES,
    Certificate,
    FinanceDue,
)
from xinlian.contracts.context import Context
from xinlian.modules.accounts.keeper import post
from xinlian.modules.obligations.keeper import (
    open_due_now,
    open_obligation,
    put_obligation,
    queue_due,
    record_performance,
    release_part,
)
from xinlian.modules.obligations.moments import (
    due_moments,
    next_due_day,
    next_due_moments,
    obligation_dates,
)
from xinlian.modules.obligations.policy import OUTSIDE_BANKING_DAYS
from xinlian.modules.obligations.types import (
    OBLIGATIONS,
    Obligation,
    ObligationStatus,
    ReleaseReason,
    SourceKind,
)
from xinlian.modules.policy.dates import happening
from xinlian.modules.policy.keeper import later_banking_day, policy_value
from xinlian.primitives.time import MS_PER_DAY

RETAINED_YEARS_MAX: Final = 10
"""For so long the financier's account stands for a retained part."""
_DAYS_PER_YEAR: Final = 366


class FinanceDueSource:
    """Debts between financier and seller as the source of obligations."""

    def on_due(self, context: Context, obligation: bytes) -> None:
        """Nothing to note."""

    def pay(self, context: Context, obligation: bytes, amount_minor: int) -> None:
        """Pay a retained part out of the financier's account."""
        due = FINANCE_DUES.require(context.state, obligation)
        giving = OBLIGATIONS.require(context.state, obligation).account
        post(context, due.payee_account, giving, amount_minor, due.leaf)
        record_performance(context, obligation, amount_minor)

    def on_default(self, context: Context, obligation: bytes) -> None:
        """Nothing follows but the credit fact."""

    def is_paying(self, context: Context, obligation: bytes) -> bool:
        """Return False: it is paid in one step."""
        del context, obligation
        return False


def open_loan(
    context: Context,
    certificate: Certificate,
    due: FinanceDue,
    amount_minor: int,
) -> bytes:
    """Open the loan of a pledge; return its id."""
    lent = happening(context.time_ms)
    due_at_ms, _ = due_moments(context, certificate.due_day, lent)
    order_days = policy_value(context.state, ORDER_BANKING_DAYS, lent)
    entry_days = policy_value(context.state, OUTSIDE_BANKING_DAYS, lent)
    banking_days = order_days + entry_days
    last_day = later_banking_day(context.state, certificate.due_day, banking_days)
    loan = msgspec.structs.replace(
        _owed(certificate, due, amount_minor, SourceKind.PLEDGE_LOAN),
        due_day=certificate.due_day,
        due_at_ms=due_at_ms,
        cutoff_at_ms=due_moments(context, last_day, lent)[1],
        cutoff_from_day=certificate.due_day,
        outside_banking_days=banking_days,
    )
    obligation_id = context.derived_id("obligation", due.leaf)
    FINANCE_DUES.put(context.state, due, obligation_id)
    open_obligation(context, obligation_id, loan, due.creditor)
    return obligation_id


def open_retained(
    context: Context,
    certificate: Certificate,
    due: FinanceDue,
    amount_minor: int,
    account: bytes,
) -> bytes:
    """Open what a financier will owe when the leaf is paid; return its id."""
    retained = msgspec.structs.replace(
        _owed(certificate, due, amount_minor, SourceKind.RETAINED_PART),
        due_day=certificate.due_day,
        account=account,
        authority_cap_minor=amount_minor,
        authority_until_ms=context.time_ms + RETAINED_YEARS_MAX * _DAYS_PER_YEAR * MS_PER_DAY,
    )
    obligation_id = context.derived_id("obligation", due.leaf)
    FINANCE_DUES.put(context.state, due, obligation_id)
    open_obligation(context, obligation_id, retained, due.creditor, is_conditional=True)
    return obligation_id


def open_recourse(
    context: Context,
    certificate: Certificate,
    due: FinanceDue,
    amount_minor: int,
) -> bytes:
    """Open what a seller owes its financier after default; return its id."""
    owed = happening(context.time_ms)
    due_at_ms, cutoff_at_ms = next_due_moments(context, owed)
    recourse = msgspec.structs.replace(
        _owed(certificate, due, amount_minor, SourceKind.FINANCE_RECOURSE),
        due_day=next_due_day(context, owed),
        due_at_ms=due_at_ms,
        cutoff_at_ms=cutoff_at_ms,
        cutoff_from_day=next_due_day(context, owed),
        status=ObligationStatus.DUE,
    )
    obligation_id = context.derived_id("obligation", due.leaf)
    FINANCE_DUES.put(context.state, due, obligation_id)
    open_due_now(context, obligation_id, recourse, due.creditor, may_default=True)
    return obligation_id


def leaf_was_paid(context: Context, leaf_id: bytes) -> None:
    """Make a retained part due: its leaf is paid in full."""
    encumbrance = ENCUMBRANCES.get(context.state, leaf_id)
    if encumbrance is None or not encumbrance.retained_obligation:
        return
    obligation_id = encumbrance.retained_obligation
    found = OBLIGATIONS.require(context.state, obligation_id)
    if found.status != ObligationStatus.OPEN:
        return
    dates = obligation_dates(found, context.time_ms)
    due_at_ms, cutoff_at_ms = next_due_moments(context, dates)
    due = msgspec.structs.replace(
        found,
        due_day=next_due_day(context, dates),
        due_at_ms=due_at_ms,
        cutoff_at_ms=cutoff_at_ms,
        cutoff_from_day=next_due_day(context, dates),
    )
    put_obligation(context, obligation_id, due)
    queue_due(context, obligation_id, due)


def release_open(context: Context, obligation_id: bytes, reason: ReleaseReason) -> None:
    """Release what is still open of a debt, if there is one."""
    if not obligation_id:
        return
    open_minor = OBLIGATIONS.require(context.state, obligation_id).open_minor
    if open_minor:
        release_part(context, obligation_id, open_minor, reason)


def _owed(
    certificate: Certificate,
    due: FinanceDue,
    amount_minor: int,
    kind: SourceKind,
) -> Obligation:
    return Obligation(
        debtor=due.debtor,
        asset=certificate.deposit,
        amount_minor=amount_minor,
        performed_minor=0,
        released_minor=0,
        awaiting_minor=0,
        due_day=0,
        due_at_ms=0,
        cutoff_at_ms=0,
        status=ObligationStatus.OPEN,
        source_kind=kind,
        account=b"",
        authority_cap_minor=0,
        authority_until_ms=0,
    )
