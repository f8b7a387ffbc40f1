"""SC-T15: after default a financier asks its money back from who sold it the leaf.

Rules this file keeps:
 1. Only where the financing of that leaf agreed it; without that term there is none.
 2. What may be asked is the advance less what the leaf has been paid; never more.
 3. The leaf stays payable: what the obligor pays lowers the recourse by as much (SC-T14), and ends
    it when the financier has its money.
 4. Who pays the recourse holds the leaf again, free (SC-T15a).
 5. A recourse does not begin while it is disputed how much the leaf is for.
"""

import msgspec

from xinlian.apps.supply_chain import events
from xinlian.apps.supply_chain.assignment import give_back, move_claim
from xinlian.apps.supply_chain.errors import (
    AmountNotOwed,
    NotFinancier,
    NotHolder,
    RecourseNotAgreed,
    WrongState,
)
from xinlian.apps.supply_chain.finance_dues import open_recourse, release_open
from xinlian.apps.supply_chain.financing import check_accounts
from xinlian.apps.supply_chain.holds import require_unheld
from xinlian.apps.supply_chain.keeper import (
    put_leaf,
    require_idle,
    require_leaf,
    require_undisputed,
)
from xinlian.apps.supply_chain.messages import PayRecourse, StartRecourse, WithdrawRecourse
from xinlian.apps.supply_chain.types import (
    CERTIFICATES,
    ENCUMBRANCES,
    LEAVES,
    Encumbrance,
    Finance,
    FinanceDue,
    Leaf,
    Life,
)
from xinlian.contracts.context import Context
from xinlian.modules.accounts.keeper import post
from xinlian.modules.obligations.keeper import record_performance, release_part
from xinlian.modules.obligations.types import OBLIGATIONS, ReleaseReason


def start_recourse(context: Context, message: StartRecourse) -> None:
    """SC-T15: open the seller's obligation to take the advance back."""
    # AUTHORISE
    leaf = require_leaf(context.state, message.leaf)
    if leaf.financier != context.acting_for:
        raise NotFinancier(context.acting_for.hex())
    # VALIDATE
    if (leaf.life, leaf.finance) != (Life.OVERDUE, Finance.ASSIGNED):
        raise WrongState("recourse is for an overdue leaf that is assigned")
    encumbrance = ENCUMBRANCES.require(context.state, message.leaf)
    amount_minor = uncovered_minor(leaf, encumbrance)
    if not encumbrance.with_recourse or not amount_minor:
        raise RecourseNotAgreed(message.leaf.hex())
    require_idle(context, leaf.certificate, leaf.awaiting_minor)
    require_unheld(context, message.leaf, leaf)  # who pays the recourse could not get the leaf
    require_undisputed(message.leaf, leaf)
    # WRITE
    certificate = CERTIFICATES.require(context.state, leaf.certificate)
    due = FinanceDue(leaf.certificate, message.leaf, encumbrance.seller, leaf.financier, b"")
    obligation = open_recourse(context, certificate, due, amount_minor)
    put_leaf(context, message.leaf, msgspec.structs.replace(leaf, life=Life.RECOURSE))
    started = msgspec.structs.replace(encumbrance, obligation=obligation)
    ENCUMBRANCES.put(context.state, started, message.leaf)
    # EMIT
    context.emit(
        events.RecourseStarted(message.leaf, encumbrance.seller, obligation, amount_minor),
    )


def pay_recourse(context: Context, message: PayRecourse) -> None:
    """SC-T15a: the seller pays, and holds the leaf again."""
    # AUTHORISE
    leaf = require_leaf(context.state, message.leaf)
    encumbrance = _require_recourse(context, message.leaf, leaf)
    if encumbrance.seller != context.acting_for:
        raise NotHolder(context.acting_for.hex())
    # VALIDATE
    require_idle(context, leaf.certificate, leaf.awaiting_minor)
    require_unheld(context, message.leaf, leaf)
    amount_minor = OBLIGATIONS.require(context.state, encumbrance.obligation).open_minor
    if message.amount_minor != amount_minor:
        raise AmountNotOwed(str(amount_minor))
    accounts = (message.from_account, message.to_account)
    sides = (encumbrance.seller, leaf.financier)
    check_accounts(context, leaf.certificate, accounts, sides, amount_minor)
    # WRITE
    post(context, message.to_account, message.from_account, amount_minor, message.leaf)
    record_performance(context, encumbrance.obligation, amount_minor)
    move_claim(context, message.leaf, leaf, encumbrance.seller)
    give_back(context, message.leaf, leaf, encumbrance, Life.OVERDUE)
    # EMIT
    context.emit(
        events.RecourseEnded(message.leaf, encumbrance.seller, Finance.NONE, amount_minor),
    )


def withdraw_recourse(context: Context, message: WithdrawRecourse) -> None:
    """SC-T15b: the financier asks no more."""
    # AUTHORISE
    leaf = require_leaf(context.state, message.leaf)
    if leaf.financier != context.acting_for:
        raise NotFinancier(context.acting_for.hex())
    # VALIDATE
    encumbrance = _require_recourse(context, message.leaf, leaf)
    # WRITE and EMIT
    release_open(context, encumbrance.obligation, ReleaseReason.CANCELLED)
    _end(context, message.leaf, leaf, encumbrance)


def lower_recourse(context: Context, leaf_id: bytes) -> None:
    """SC-T14: an open recourse is for no more than the financier still lacks."""
    leaf = LEAVES.require(context.state, leaf_id)
    encumbrance = ENCUMBRANCES.get(context.state, leaf_id)
    if encumbrance is None or leaf.finance != Finance.ASSIGNED or not encumbrance.obligation:
        return
    open_minor = OBLIGATIONS.require(context.state, encumbrance.obligation).open_minor
    left_minor = uncovered_minor(leaf, encumbrance) if leaf.is_live else 0
    if open_minor > left_minor:
        reason = ReleaseReason.REDUCED
        release_part(context, encumbrance.obligation, open_minor - left_minor, reason)
    if not left_minor:
        _end(context, leaf_id, leaf, encumbrance)


def uncovered_minor(leaf: Leaf, encumbrance: Encumbrance) -> int:
    """Return how much of its advance a financier lacks."""
    paid_minor = leaf.discharged_minor + encumbrance.covered_minor
    return max(encumbrance.advance_minor - paid_minor, 0)


def _end(context: Context, leaf_id: bytes, leaf: Leaf, encumbrance: Encumbrance) -> None:
    life = Life.OVERDUE if leaf.life == Life.RECOURSE else leaf.life
    put_leaf(context, leaf_id, msgspec.structs.replace(leaf, life=life))
    ended = msgspec.structs.replace(encumbrance, obligation=b"")
    ENCUMBRANCES.put(context.state, ended, leaf_id)
    context.emit(events.RecourseEnded(leaf_id, leaf.holder, leaf.finance, 0))


def _require_recourse(context: Context, leaf_id: bytes, leaf: Leaf) -> Encumbrance:
    """Return the assignment of a leaf in recourse; raises WrongState."""
    if leaf.life != Life.RECOURSE:
        raise WrongState("no recourse is open for this leaf")
    return ENCUMBRANCES.require(context.state, leaf_id)
