"""How agreed obligations are paid, and what a default brings: interest, guarantors, recourse.

Rules this file keeps:
 1. A creditor with an account of its own is paid on the ledger; any other by one payment order at
    a time, whose id is that of the obligation, and whose money stays reserved while it is open.
 2. A default fixes base, start and rate of late interest; each payment of the base turns its
    interest into an obligation of fixed amount. Interest bears no interest.
 3. Guarantors are called in their order: at the default of the debtor as many as it takes, at the
    default of a guarantor the next. A call never exceeds what its guarantor answers for.
 4. What a guarantor pays discharges nobody: the debtor owes it to the guarantor instead, and the
    creditor what of it was owed no more.
 5. Debtor and guarantors owe one amount once: what one of them pays, the others owe no more.

Source: docs/concepts/obligations.md; order of calls and recourse: the parties' own terms.
"""

import msgspec

from xinlian.contracts.context import Context
from xinlian.modules.accounts.keeper import pay_reserved, post, release, reserve
from xinlian.modules.accounts.types import ASSETS
from xinlian.modules.obligations import events
from xinlian.modules.obligations.enforced import bank_did_not_pay
from xinlian.modules.obligations.following import due_now, open_following, owe_back
from xinlian.modules.obligations.keeper import (
    change_awaiting,
    default_after_failed_order,
    payment_ended,
    perform_soon,
    put_obligation,
    record_performance,
    release_part,
)
from xinlian.modules.obligations.life import LATE
from xinlian.modules.obligations.moments import due_moments, obligation_dates
from xinlian.modules.obligations.policy import ORDER_BANKING_DAYS, RATE_UNIT
from xinlian.modules.obligations.redating import date_order_anew
from xinlian.modules.obligations.releases import trim_calls
from xinlian.modules.obligations.types import (
    OBLIGATIONS,
    TERMS,
    Guarantee,
    Obligation,
    ObligationStatus,
    ReleaseReason,
    SourceKind,
    Terms,
    first_terms,
)
from xinlian.modules.policy.keeper import later_banking_day, policy_value, value_in_unit
from xinlian.modules.schedule.keeper import add_item
from xinlian.primitives import RATE_SCALE, half_up_div
from xinlian.primitives.time import china_day

ORDER_HANDLER = 0x0507


def late_interest_minor(base_minor: int, rate_e9_per_day: int, days: int) -> int:
    """Return the interest on an amount paid ``days`` after its due day.

    >>> late_interest_minor(100_000_00, 500_000, 10)
    50000
    """
    return half_up_div(base_minor * rate_e9_per_day * days, RATE_SCALE)


class AgreedSource:
    """Every obligation that has terms, as a source: one creditor, one account or one bank."""

    def on_due(self, context: Context, obligation: bytes) -> None:
        """Nothing to note: the terms say all."""

    def pay(self, context: Context, obligation: bytes, amount_minor: int) -> None:
        """Pay the creditor on the ledger, or order its payment from the bank."""
        terms = TERMS.require(context.state, obligation)
        found = OBLIGATIONS.require(context.state, obligation)
        if not terms.payee_account:
            order_payment(context, obligation, amount_minor)
            return
        if found.is_locked:
            pay_reserved(context, obligation, terms.payee_account, amount_minor, obligation)
        else:
            post(context, terms.payee_account, found.account, amount_minor, obligation)
        paid_minor = terms.ledger_paid_minor + amount_minor
        counted = msgspec.structs.replace(terms, ledger_paid_minor=paid_minor)
        TERMS.put(context.state, counted, obligation)
        count_payment(context, obligation, amount_minor)

    def on_default(self, context: Context, obligation: bytes) -> None:
        """Fix the terms of the default; call who answers for it."""
        found = OBLIGATIONS.require(context.state, obligation)
        terms = TERMS.require(context.state, obligation)
        base_minor = found.payable_minor
        rate_e9 = _late_rate_e9(context, found, terms)
        _fix_default(context, obligation, base_minor, rate_e9)
        if found.source_kind == SourceKind.GUARANTEE_CALL:
            call_guarantors(context, terms.origin, base_minor)
        else:
            call_guarantors(context, obligation, base_minor)

    def is_paying(self, context: Context, obligation: bytes) -> bool:
        """Return whether a bank is executing a payment of this, or of who owes the same."""
        owed = [obligation, *_owing_the_same(context, obligation)]
        return any(OBLIGATIONS.require(context.state, one).awaiting_minor for one in owed)


def bear_interest(context: Context, obligation_id: bytes, amount_minor: int) -> None:
    """Let an amount that was due before bear late interest from the due day on."""
    found = OBLIGATIONS.require(context.state, obligation_id)
    terms = TERMS.require(context.state, obligation_id)
    rate_e9 = terms.late_rate_e9_per_day
    if not terms.late_base_minor:
        rate_e9 = _late_rate_e9(context, found, terms)
    base_minor = terms.late_base_minor + amount_minor
    _fix_default(context, obligation_id, base_minor, rate_e9)


def _fix_default(
    context: Context,
    obligation_id: bytes,
    base_minor: int,
    rate_e9: int,
) -> None:
    """Fix on what, from which day and by which rate late interest runs."""
    found = OBLIGATIONS.require(context.state, obligation_id)
    terms = TERMS.require(context.state, obligation_id)
    fixed = msgspec.structs.replace(
        terms,
        late_base_minor=base_minor,
        late_rate_e9_per_day=rate_e9,
    )
    TERMS.put(context.state, fixed, obligation_id)
    context.emit(
        events.DefaultFixed(
            obligation_id,
            found.debtor,
            terms.creditor,
            base_minor,
            found.due_day,
            terms.late_row,
            rate_e9,
        ),
    )


def _late_rate_e9(context: Context, found: Obligation, terms: Terms) -> int:
    """Return the rate of the terms' row for a default now, by the date that the row applies by."""
    dates = obligation_dates(found, context.time_ms)
    rate_e9 = value_in_unit(context.state, terms.late_row, RATE_UNIT, dates)
    return terms.late_rate_e9_per_day if rate_e9 is None else rate_e9


def count_payment(
    context: Context,
    obligation_id: bytes,
    amount_minor: int,
    *,
    is_on_time: bool = False,
    is_by_order: bool = False,
) -> None:
    """Count what the creditor has received, and do what follows from it."""
    before = OBLIGATIONS.require(context.state, obligation_id)
    record_performance(
        context, obligation_id, amount_minor, is_on_time=is_on_time, is_by_order=is_by_order
    )
    terms = TERMS.require(context.state, obligation_id)
    if before.status in LATE:
        _fix_interest(context, obligation_id, amount_minor, is_on_time=is_on_time)
        is_rest = not before.payable_minor - amount_minor
        after = OBLIGATIONS.require(context.state, obligation_id)
        if terms.late_base_minor and is_rest and not after.enforced_minor:
            days_late = 0 if is_on_time else max(china_day(context.time_ms) - before.due_day, 0)
            context.emit(
                events.DefaultCured(obligation_id, before.debtor, terms.creditor, days_late),
            )
    elif terms.late_base_minor:
        _fix_interest_before_default(context, obligation_id, is_on_time=is_on_time)
    if before.source_kind == SourceKind.GUARANTEE_CALL:
        _subrogate(context, obligation_id, terms.origin, amount_minor)
    else:
        trim_calls(context, obligation_id)


def order_payment(
    context: Context,
    obligation_id: bytes,
    amount_minor: int,
    account: bytes = b"",
) -> None:
    """Set the money aside and send the instruction out; its entry will name the obligation.

    Args:
        context: the call.
        obligation_id: what is paid.
        amount_minor: how much of it.
        account: from what, where it is not the obligation's own.
    """
    found = OBLIGATIONS.require(context.state, obligation_id)
    account = account or found.account
    terms = TERMS.require(context.state, obligation_id)
    today = china_day(context.time_ms)
    dates = obligation_dates(found, context.time_ms)
    banking_days = policy_value(context.state, ORDER_BANKING_DAYS, dates)
    ends_on_day = later_banking_day(context.state, today, banking_days)
    expires_at_ms = due_moments(context, ends_on_day, dates)[1]
    if not found.is_locked:
        reserve(context, account, amount_minor, obligation_id)
    ordered = msgspec.structs.replace(
        terms,
        ordered_day=today,
        order_banking_days=banking_days,
        order_expires_at_ms=expires_at_ms,
    )
    TERMS.put(context.state, ordered, obligation_id)
    change_awaiting(context, obligation_id, amount_minor)
    add_item(context.state, expires_at_ms + 1, ORDER_HANDLER, obligation_id)
    context.emit(
        events.ObligationOrdered(
            obligation_id,
            terms.creditor,
            ASSETS.require(context.state, found.asset).issuer,
            account,
            amount_minor,
            expires_at_ms,
        ),
    )


def expire_order(context: Context, obligation_id: bytes) -> None:
    """Due work: an order that the bank did not execute in time ends.

    Locked money is ordered again: its debtor has done all that it could.
    """
    found = OBLIGATIONS.require(context.state, obligation_id)
    if not found.awaiting_minor:
        return
    before = TERMS.require(context.state, obligation_id)
    terms = date_order_anew(context, obligation_id)
    if context.time_ms <= terms.order_expires_at_ms:
        if terms is not before:
            add_item(context.state, terms.order_expires_at_ms + 1, ORDER_HANDLER, obligation_id)
        return
    change_awaiting(context, obligation_id, -found.awaiting_minor)
    bank_did_not_pay(context, obligation_id)
    context.emit(
        events.ObligationOrderEnded(obligation_id, found.awaiting_minor, is_executed=False),
    )
    if found.is_locked:
        perform_soon(context, obligation_id)
        return
    release(context, obligation_id)
    if found.source_kind == SourceKind.GUARANTEE_CALL:
        trim_calls(context, terms.origin)  # what the debtor paid meanwhile is not owed twice
    default_after_failed_order(context, obligation_id)
    look_again(context, obligation_id)


def look_again(context: Context, obligation_id: bytes) -> None:
    """Queue what waited while a bank was executing a payment of this or of the same debt."""
    for one in (obligation_id, *_owing_the_same(context, obligation_id)):
        payment_ended(context, one)


def call_guarantors(context: Context, obligation_id: bytes, amount_minor: int) -> None:
    """Call guarantors that were not called, in their order, until the amount is covered."""
    found = OBLIGATIONS.require(context.state, obligation_id)
    terms = TERMS.require(context.state, obligation_id)
    guarantees = list(terms.guarantees)
    left_minor = min(amount_minor, found.payable_minor)
    for index, guarantee in enumerate(guarantees):
        if not left_minor or guarantee.claim:
            continue
        called_minor = min(left_minor, guarantee.liability_minor)
        claim_id = context.derived_id(f"call-{index}", obligation_id)
        guarantees[index] = msgspec.structs.replace(guarantee, claim=claim_id)
        left_minor -= called_minor
        _open_call(context, obligation_id, guarantees[index], called_minor)
    if tuple(guarantees) == terms.guarantees:
        return
    called = msgspec.structs.replace(terms, guarantees=tuple(guarantees))
    TERMS.put(context.state, called, obligation_id)
    put_obligation(
        context,
        obligation_id,
        msgspec.structs.replace(found, status=ObligationStatus.CALLED),
    )


def _open_call(
    context: Context,
    obligation_id: bytes,
    guarantee: Guarantee,
    amount_minor: int,
) -> None:
    origin = OBLIGATIONS.require(context.state, obligation_id)
    terms = TERMS.require(context.state, obligation_id)
    context.emit(
        events.GuarantorCalled(obligation_id, guarantee.party, guarantee.claim, amount_minor),
    )
    claim = due_now(
        context,
        origin,
        SourceKind.GUARANTEE_CALL,
        guarantee.party,
        amount_minor,
        account=guarantee.account,
        until_ms=guarantee.authority_until_ms,
    )
    called = first_terms(terms.creditor, terms.payee_account, origin=obligation_id)
    open_following(context, guarantee.claim, claim, called)


def _subrogate(context: Context, claim_id: bytes, origin_id: bytes, amount_minor: int) -> None:
    """Let the guarantor stand in the creditor's place for what it paid."""
    claim = OBLIGATIONS.require(context.state, claim_id)
    origin = OBLIGATIONS.require(context.state, origin_id)
    taken_minor = min(amount_minor, origin.open_minor - origin.awaiting_minor)
    if taken_minor:
        release_part(context, origin_id, taken_minor, ReleaseReason.SUBROGATED)
        _fix_interest(context, origin_id, taken_minor)
        trim_calls(context, origin_id)
        recourse = due_now(context, claim, SourceKind.RECOURSE, origin.debtor, taken_minor)
        recourse_id = context.derived_id("recourse", claim_id)
        owed = first_terms(claim.debtor, claim.account, origin=origin_id)
        open_following(context, recourse_id, recourse, owed)
    if amount_minor > taken_minor:
        # The debtor paid while the guarantor's bank was paying too.
        owe_back(context, claim_id, amount_minor - taken_minor)


def _fix_interest(
    context: Context,
    obligation_id: bytes,
    paid_minor: int,
    *,
    is_on_time: bool = False,
) -> None:
    """Turn the interest of a late payment into an obligation that is due at once."""
    found = OBLIGATIONS.require(context.state, obligation_id)
    terms = TERMS.require(context.state, obligation_id)
    base_minor = min(paid_minor, terms.late_base_minor)
    days = 0 if is_on_time else max(china_day(context.time_ms) - found.due_day, 0)
    amount_minor = late_interest_minor(base_minor, terms.late_rate_e9_per_day, days)
    left_of_cap_minor = found.authority_cap_minor - found.amount_minor - terms.interest_fixed_minor
    is_covered = bool(found.account and terms.payee_account) and amount_minor <= left_of_cap_minor
    counted = msgspec.structs.replace(
        terms,
        late_base_minor=terms.late_base_minor - base_minor,
        interest_fixed_minor=terms.interest_fixed_minor + amount_minor,
    )
    TERMS.put(context.state, counted, obligation_id)
    if not amount_minor:
        return
    interest = due_now(
        context,
        found,
        SourceKind.AGREED_INTEREST,
        found.debtor,
        amount_minor,
        account=found.account if is_covered else b"",
        until_ms=found.authority_until_ms,
    )
    interest_id = context.derived_id("interest", obligation_id)
    owed = first_terms(terms.creditor, terms.payee_account, origin=obligation_id)
    open_following(context, interest_id, interest, owed)


def _fix_interest_before_default(
    context: Context,
    obligation_id: bytes,
    *,
    is_on_time: bool,
) -> None:
    """Fix the interest of what a court found owed; what bears none is paid first."""
    found = OBLIGATIONS.require(context.state, obligation_id)
    terms = TERMS.require(context.state, obligation_id)
    bearing_minor = terms.late_base_minor - (found.open_minor - found.disputed_minor)
    if bearing_minor > 0:
        _fix_interest(context, obligation_id, bearing_minor, is_on_time=is_on_time)


def _owing_the_same(context: Context, obligation_id: bytes) -> list[bytes]:
    """Return the other obligations for the same debt: of the debtor, of called guarantors."""
    terms = TERMS.require(context.state, obligation_id)
    kind = OBLIGATIONS.require(context.state, obligation_id).source_kind
    origin_id = terms.origin if kind == SourceKind.GUARANTEE_CALL else obligation_id
    guarantees = TERMS.require(context.state, origin_id).guarantees
    everyone = [origin_id, *(guarantee.claim for guarantee in guarantees if guarantee.claim)]
    return [one for one in everyone if one != obligation_id]
