"""SC-T7 as a pledge, and SC-T20: a leaf secures a loan, its holder keeps it.

Rules this file keeps:
 1. The holder stays; the financier is payee of record up to what the pledge secures.
 2. What is secured is the gross advance: the discount is interest that was paid beforehand.
 3. ``loan(leaf)`` shows the loan: Dr financier / Cr holder, reversed by what is paid of it.
 4. When nothing is secured any more the pledge is over by itself, in the same block.
 5. What a bank is bringing to the financier is not paid a second time: no release meanwhile.
"""

import msgspec

from xinlian.apps.supply_chain import events
from xinlian.apps.supply_chain.errors import (
    AmountNotOwed,
    NotFinancier,
    NotHolder,
    WrongState,
)
from xinlian.apps.supply_chain.finance_dues import open_loan
from xinlian.apps.supply_chain.financing import (
    check_accounts,
    end_request,
    pay_advance,
    require_disbursable,
)
from xinlian.apps.supply_chain.holds import require_unheld
from xinlian.apps.supply_chain.keeper import CNY, put_leaf, require_idle, require_leaf
from xinlian.apps.supply_chain.messages import PledgeLeaf, ReleasePledge, RepayPledge
from xinlian.apps.supply_chain.types import (
    ENCUMBRANCES,
    LEAVES,
    Encumbrance,
    Finance,
    FinanceDue,
    Leaf,
)
from xinlian.contracts.context import Context
from xinlian.modules.accounts.keeper import create_asset, open_account, post
from xinlian.modules.accounts.types import AccountClass, AssetKind, account_id, asset_id
from xinlian.modules.obligations.keeper import record_performance


def pledge_leaf(context: Context, message: PledgeLeaf) -> None:
    """SC-T7: lend against a leaf; the money moves in the same message."""
    # AUTHORISE and VALIDATE
    leaf, certificate = require_disbursable(context, message, as_pledge=True)
    # WRITE
    end_request(context, message.leaf, leaf)
    due = FinanceDue(
        leaf.certificate, message.leaf, leaf.holder, leaf.financier, message.from_account
    )
    obligation = open_loan(context, certificate, due, message.advance_minor)
    pledged = msgspec.structs.replace(
        leaf,
        finance=Finance.PLEDGED,
        lock_expires_at_ms=0,
        sequence_no=leaf.sequence_no + 1,
    )
    put_leaf(context, message.leaf, pledged)
    ENCUMBRANCES.put(
        context.state,
        Encumbrance(
            financier=leaf.financier,
            seller=leaf.holder,
            advance_minor=message.advance_minor,
            discount_minor=message.discount_minor,
            register_no=message.register_no,
            disbursed_at_ms=context.time_ms,
            secured_minor=message.advance_minor,
            obligation=obligation,
        ),
        message.leaf,
    )
    loan = create_asset(context.state, AssetKind.LOAN, message.leaf, CNY, 2)
    owing = open_account(context, leaf.holder, loan, AccountClass.ISSUE)
    owed = open_account(context, leaf.financier, loan)
    post(context, owed, owing, message.advance_minor, message.leaf)
    pay_advance(context, message)
    # EMIT
    context.emit(
        events.LeafPledged(
            message.leaf,
            leaf.financier,
            leaf.holder,
            message.advance_minor,
            message.discount_minor,
            message.register_no,
            obligation,
        ),
    )


def release_pledge(context: Context, message: ReleasePledge) -> None:
    """SC-T20: the financier confirms that it was paid outside, and lets the leaf go."""
    # AUTHORISE
    leaf = require_leaf(context.state, message.leaf)
    encumbrance = _require_pledge(context, message.leaf, leaf)
    if leaf.financier != context.acting_for:
        raise NotFinancier(context.acting_for.hex())
    # VALIDATE
    require_idle(context, leaf.certificate, encumbrance.awaiting_minor)
    if leaf.is_live:
        require_unheld(context, message.leaf, leaf)
    if message.amount_minor != encumbrance.secured_minor:
        raise AmountNotOwed(str(encumbrance.secured_minor))
    # WRITE and EMIT
    loan_paid(context, message.leaf, message.amount_minor)


def repay_pledge(context: Context, message: RepayPledge) -> None:
    """SC-T20: the holder pays what is secured, and has its leaf free."""
    # AUTHORISE
    leaf = require_leaf(context.state, message.leaf)
    encumbrance = _require_pledge(context, message.leaf, leaf)
    if leaf.holder != context.acting_for:
        raise NotHolder(context.acting_for.hex())
    # VALIDATE
    require_idle(context, leaf.certificate, encumbrance.awaiting_minor)
    amount_minor = encumbrance.secured_minor
    if message.amount_minor != amount_minor:
        raise AmountNotOwed(str(amount_minor))
    sides = (leaf.holder, leaf.financier)
    accounts = (message.from_account, message.to_account)
    check_accounts(context, leaf.certificate, accounts, sides, amount_minor)
    # WRITE and EMIT
    post(context, message.to_account, message.from_account, amount_minor, message.leaf)
    loan_paid(context, message.leaf, amount_minor)


def loan_paid(context: Context, leaf_id: bytes, amount_minor: int) -> None:
    """Take what the financier was paid off the loan; end the pledge when nothing is left."""
    leaf = LEAVES.require(context.state, leaf_id)
    encumbrance = ENCUMBRANCES.require(context.state, leaf_id)
    loan = asset_id(AssetKind.LOAN, encumbrance.loan_leaf or leaf_id, CNY, 2)
    owing, owed = account_id(leaf.holder, loan), account_id(leaf.financier, loan)
    post(context, owing, owed, amount_minor, leaf_id)
    record_performance(context, encumbrance.obligation, amount_minor)
    secured_minor = encumbrance.secured_minor - amount_minor
    if secured_minor:
        left = msgspec.structs.replace(encumbrance, secured_minor=secured_minor)
        ENCUMBRANCES.put(context.state, left, leaf_id)
        return
    free = msgspec.structs.replace(
        leaf,
        finance=Finance.NONE,
        financier=b"",
        sequence_no=leaf.sequence_no + 1,
    )
    put_leaf(context, leaf_id, free)
    ENCUMBRANCES.delete(context.state, leaf_id)
    context.emit(events.PledgeReleased(leaf_id, encumbrance.financier))


def change_loan_awaiting(context: Context, leaf_id: bytes, payee: bytes, delta_minor: int) -> None:
    """Count what a bank begins or ceases to bring to the financier of a pledge."""
    leaf = LEAVES.require(context.state, leaf_id)
    if not is_financiers_part(leaf, payee):
        return
    found = ENCUMBRANCES.require(context.state, leaf_id)
    changed = msgspec.structs.replace(found, awaiting_minor=found.awaiting_minor + delta_minor)
    ENCUMBRANCES.put(context.state, changed, leaf_id)


def is_financiers_part(leaf: Leaf, payee: bytes) -> bool:
    """Return whether what a payee gets of a leaf pays the loan of its pledge."""
    return leaf.finance == Finance.PLEDGED and payee == leaf.financier


def _require_pledge(context: Context, leaf_id: bytes, leaf: Leaf) -> Encumbrance:
    """Return the pledge of a leaf; raises WrongState without one."""
    if leaf.finance != Finance.PLEDGED:
        raise WrongState("the leaf is not pledged")
    return ENCUMBRANCES.require(context.state, leaf_id)
