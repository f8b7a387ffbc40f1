"""Whose turn it is on an account: what waits for its money, in order, and how much may be paid.

Rules this file keeps:
 1. Obligations that wait for one account are performed in the order (due time, id). One that cannot
    be paid now holds up those behind it on its due day before its cut-off, and nobody later; one
    whose authority has ended or is used up holds nobody up.
 2. Whether a part may be performed is a term (``PartTerm``); without it an obligation is paid in
    full or not at all.
 3. No debit goes beyond the authority's cap or after its end.
 4. What an authority does not pay, a court's order pays from the accounts that it names, in the
    same turn: whatever is available, in parts too, and never more than the order has left.
"""

from xinlian.contracts.context import Context
from xinlian.modules.accounts.keeper import require_account
from xinlian.modules.obligations.enforced import left_of_order
from xinlian.modules.obligations.life import LATE
from xinlian.modules.obligations.moments import authority_ends_at_ms, current
from xinlian.modules.obligations.ports import ONLY, EnforcementSource, ObligationSource
from xinlian.modules.obligations.types import OBLIGATIONS, WAITING, Obligation, PartTerm
from xinlian.primitives.time import china_day


def source_of(context: Context, obligation: Obligation) -> ObligationSource:
    """Return what an obligation arises from: it knows the creditors and moves the money."""
    return context.ports.require(ObligationSource, obligation.source_kind)


def perform_first(context: Context, account: bytes) -> bool:
    """Perform the first that can be of what waits for an account; return whether it was paid."""
    if not require_account(context.state, account).available_minor:
        return False
    for (_, _, obligation_id), _ in WAITING.scan(context.state, account):
        found = OBLIGATIONS.require(context.state, obligation_id)
        is_paying = source_of(context, found).is_paying(context, obligation_id)
        if is_paying:
            continue
        is_by_authority = found.account == account and _left_of_authority(context, found) > 0
        if is_by_authority and _try_perform(context, obligation_id, found):
            return True
        if _try_enforce(context, account, obligation_id, found):
            return True
        if is_by_authority and _holds_others_up(context, found):
            return False
    return False


def _holds_others_up(context: Context, found: Obligation) -> bool:
    """Return whether what cannot be paid now comes before those behind it all the same."""
    is_its_day = china_day(context.time_ms) <= china_day(found.due_at_ms)
    return is_its_day and not _is_late(context, found)


def _is_late(context: Context, found: Obligation) -> bool:
    cutoff_at_ms = current(context.state, found).cutoff_at_ms
    return found.status in LATE or context.time_ms >= cutoff_at_ms


def _try_perform(context: Context, obligation_id: bytes, found: Obligation) -> bool:
    payable_minor = min(found.payable_minor, _available(context, found))
    may_be_part = found.part_term == PartTerm.ALWAYS or (
        found.part_term == PartTerm.AT_CUTOFF and _is_late(context, found)
    )
    if not payable_minor or (payable_minor < found.payable_minor and not may_be_part):
        return False
    source_of(context, found).pay(context, obligation_id, payable_minor)
    # A source that can pay no part of so little leaves it as it was: the next one is looked at.
    return OBLIGATIONS.require(context.state, obligation_id) != found


def _try_enforce(context: Context, account: bytes, obligation_id: bytes, found: Obligation) -> bool:
    """Pay what a court ordered to be executed from an account, as far as the money goes."""
    left_minor = left_of_order(context, account, obligation_id, found)
    available_minor = require_account(context.state, account).available_minor
    amount_minor = min(left_minor, found.payable_minor, available_minor)
    if amount_minor <= 0:
        return False
    source = context.ports.require(EnforcementSource, ONLY)
    source.pay_by_order(context, obligation_id, account, amount_minor)
    return True


def _available(context: Context, obligation: Obligation) -> int:
    """Return what the authority and its account can pay now."""
    left_minor = _left_of_authority(context, obligation)
    if not left_minor:
        return 0
    account = require_account(context.state, obligation.account)
    return min(account.available_minor, left_minor)


def _left_of_authority(context: Context, obligation: Obligation) -> int:
    """Return what the authority still lets the ledger pay, whether the money is there or not."""
    if not obligation.account:
        return 0
    if context.time_ms > authority_ends_at_ms(context.state, obligation):
        return 0
    used_minor = obligation.performed_minor + obligation.awaiting_minor
    return max(obligation.authority_cap_minor - used_minor, 0)
