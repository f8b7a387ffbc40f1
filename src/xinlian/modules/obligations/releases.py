"""Letting go of what is owed: by the creditor, by both, or because another has paid it.

Rules this file keeps:
 1. What is let go bears no late interest: the base is never more than is open and undisputed.
 2. No guarantor owes more than the debtor does, but for what its bank is executing.
"""

import msgspec

from xinlian.contracts.context import Context
from xinlian.modules.obligations.keeper import release_part
from xinlian.modules.obligations.types import OBLIGATIONS, TERMS, ReleaseReason


def let_go(
    context: Context,
    obligation_id: bytes,
    amount_minor: int,
    reason: ReleaseReason,
) -> None:
    """Take an amount off an agreed obligation, and off the base of its late interest."""
    release_part(context, obligation_id, amount_minor, reason)
    left = OBLIGATIONS.require(context.state, obligation_id)
    terms = TERMS.require(context.state, obligation_id)
    base_minor = min(terms.late_base_minor, left.open_minor - left.disputed_minor)
    if base_minor != terms.late_base_minor:
        lessened = msgspec.structs.replace(terms, late_base_minor=base_minor)
        TERMS.put(context.state, lessened, obligation_id)


def trim_calls(context: Context, obligation_id: bytes) -> None:
    """Let no guarantor owe more than the debtor does."""
    owed_minor = max(OBLIGATIONS.require(context.state, obligation_id).payable_minor, 0)
    for guarantee in TERMS.require(context.state, obligation_id).guarantees:
        if not guarantee.claim:
            continue
        claim = OBLIGATIONS.require(context.state, guarantee.claim)
        excess_minor = min(claim.open_minor - owed_minor, claim.open_minor - claim.awaiting_minor)
        if excess_minor > 0:
            let_go(context, guarantee.claim, excess_minor, ReleaseReason.REDUCED)
