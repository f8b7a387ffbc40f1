"""Obligations that follow from another one: due at once, for a fixed amount.

Rules this file keeps:
 1. They are in the money of what they follow from, and paid as far as money is there.
 2. Interest bears no interest and is never in default; everything else is, after its cut-off.
 3. What a creditor received beyond what was owed, it owes back to who paid it.

Source: docs/concepts/obligations.md; return of what was not owed: Civil Code 985 [unverified].
"""

import msgspec

from xinlian.contracts.context import Context
from xinlian.modules.obligations import events
from xinlian.modules.obligations.keeper import open_due_now
from xinlian.modules.obligations.moments import next_due_day, next_due_moments
from xinlian.modules.obligations.types import (
    OBLIGATIONS,
    TERMS,
    Obligation,
    ObligationStatus,
    PartTerm,
    SourceKind,
    Terms,
    first_terms,
)
from xinlian.modules.policy.dates import dates_of
from xinlian.primitives.time import china_day


def due_now(
    context: Context,
    like: Obligation,
    kind: SourceKind,
    debtor: bytes,
    amount_minor: int,
    *,
    account: bytes = b"",
    until_ms: int = 0,
) -> Obligation:
    """Return an obligation in the same money that is due at once, paid as far as money is there."""
    dates = dates_of(context.time_ms, contract_ms=like.contract_at_ms)
    return Obligation(
        debtor=debtor,
        asset=like.asset,
        amount_minor=amount_minor,
        performed_minor=0,
        released_minor=0,
        awaiting_minor=0,
        due_day=china_day(context.time_ms),
        due_at_ms=context.time_ms,
        cutoff_at_ms=next_due_moments(context, dates)[1],
        status=ObligationStatus.DUE,
        source_kind=kind,
        account=account,
        authority_cap_minor=amount_minor if account else 0,
        authority_until_ms=until_ms if account else 0,
        part_term=PartTerm.ALWAYS,
        cutoff_from_day=next_due_day(context, dates),
        contract_at_ms=like.contract_at_ms,
    )


def open_following(
    context: Context,
    obligation_id: bytes,
    obligation: Obligation,
    terms: Terms,
) -> None:
    """Write an obligation that follows from another, with its terms."""
    TERMS.put(context.state, terms, obligation_id)
    may_default = obligation.source_kind != SourceKind.AGREED_INTEREST
    open_due_now(context, obligation_id, obligation, terms.creditor, may_default=may_default)


def owe_back(context: Context, obligation_id: bytes, amount_minor: int) -> None:
    """Make the creditor of an obligation owe to its debtor what was paid beyond what was owed."""
    overpaid = OBLIGATIONS.require(context.state, obligation_id)
    terms = TERMS.require(context.state, obligation_id)
    surplus_minor = terms.surplus_minor + amount_minor
    TERMS.put(
        context.state,
        msgspec.structs.replace(terms, surplus_minor=surplus_minor),
        obligation_id,
    )
    back_id = context.derived_id("return", obligation_id)
    context.emit(events.SurplusOwedBack(obligation_id, terms.creditor, back_id, amount_minor))
    back = due_now(context, overpaid, SourceKind.RETURN, terms.creditor, amount_minor)
    owed = first_terms(overpaid.debtor, overpaid.account, origin=obligation_id)
    open_following(context, back_id, back, owed)
