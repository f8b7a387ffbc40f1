"""SC-T12a: the obligor pays named leaves before they are due, less a discount if one was agreed.

Rules this file keeps:
 1. Amount paid + agreed discount = amount discharged. Without the holder's signature there is no
    discount.
 2. A discount never touches what a pledge secures.
 3. Everybody is paid on the ledger in the same message; a payee without a mirrored account waits
    for the due day.
 4. A held leaf is paid in full, into the account of the court's order: no discount.
 5. A leaf is discharged once: its life ends here, and no later payment finds it. What is disputed
    of it would stay open: the dispute ends first.
"""

from xinlian.apps.supply_chain import events
from xinlian.apps.supply_chain.errors import (
    AccountMismatch,
    AmountNotOwed,
    DiscountNotAgreed,
    NotHolder,
    NotObligor,
    Occupied,
    WindowClosed,
    WrongState,
)
from xinlian.apps.supply_chain.financing import check_accounts
from xinlian.apps.supply_chain.holds import hold_of, payment_was_held, require_unheld
from xinlian.apps.supply_chain.keeper import (
    is_locked,
    require_idle,
    require_leaf,
    require_undisputed,
)
from xinlian.apps.supply_chain.messages import AgreeDiscount, DischargeEarly
from xinlian.apps.supply_chain.payees import Payee, payees_of_record
from xinlian.apps.supply_chain.pledge import is_financiers_part, loan_paid
from xinlian.apps.supply_chain.settlement import discharge
from xinlian.apps.supply_chain.types import (
    CERTIFICATES,
    EARLY_DISCOUNTS,
    ENCUMBRANCES,
    EarlyDiscount,
    Finance,
    Leaf,
    Life,
)
from xinlian.contracts.context import Context
from xinlian.modules.accounts.keeper import post, require_account


def agree_discount(context: Context, message: AgreeDiscount) -> None:
    """Let the obligor pay a leaf early for less, until a time."""
    # AUTHORISE
    leaf = require_leaf(context.state, message.leaf)
    if leaf.holder != context.acting_for:
        raise NotHolder(context.acting_for.hex())
    # VALIDATE
    if leaf.life != Life.ACTIVE:
        raise WrongState(f"the leaf is {Life(leaf.life).name.lower()}")
    if message.expires_at_ms <= context.time_ms:
        raise WindowClosed(str(message.expires_at_ms))
    require_unheld(context, message.leaf, leaf)
    _check_discount(context, message.leaf, leaf, message.discount_minor)
    # WRITE
    agreed = EarlyDiscount(leaf.sequence_no, message.discount_minor, message.expires_at_ms)
    EARLY_DISCOUNTS.put(context.state, agreed, message.leaf)
    # EMIT
    context.emit(
        events.DiscountAgreed(message.leaf, message.discount_minor, message.expires_at_ms),
    )


def discharge_early(context: Context, message: DischargeEarly) -> None:
    """SC-T12a: pay what is outstanding of a leaf, less an agreed discount."""
    # AUTHORISE
    leaf = require_leaf(context.state, message.leaf)
    certificate = CERTIFICATES.require(context.state, leaf.certificate)
    if certificate.obligor != context.acting_for:
        raise NotObligor(context.acting_for.hex())
    # VALIDATE
    if leaf.life != Life.ACTIVE:
        raise WrongState(f"the leaf is {Life(leaf.life).name.lower()}")
    if is_locked(leaf, context.time_ms):
        raise Occupied(message.leaf.hex())
    require_idle(context, leaf.certificate, leaf.awaiting_minor)
    require_undisputed(message.leaf, leaf)
    if message.discount_minor:
        require_unheld(context, message.leaf, leaf)
        _require_agreed(context, message, leaf)
        _check_discount(context, message.leaf, leaf, message.discount_minor)
    # COMPUTE
    amount_minor = leaf.outstanding_minor
    encumbrance = ENCUMBRANCES.get(context.state, message.leaf)
    paid_minor = amount_minor - message.discount_minor
    if message.amount_minor != paid_minor:
        raise AmountNotOwed(str(paid_minor))
    held = hold_of(context, message.leaf, leaf)
    payees = payees_of_record(certificate, leaf, encumbrance, paid_minor, held)
    for payee in payees:
        _check_payee(context, message, leaf, payee)
    # WRITE and EMIT
    EARLY_DISCOUNTS.delete(context.state, message.leaf)
    for payee in payees:
        post(context, payee.account, message.from_account, payee.amount_minor, message.leaf)
        if payee.held is not None:
            payment_was_held(context, payee.held, message.leaf, payee.amount_minor)
        if is_financiers_part(leaf, payee.party):
            loan_paid(context, message.leaf, payee.amount_minor)
    discharge(context, message.leaf, amount_minor, order=b"")
    context.emit(
        events.LeafPaidEarly(message.leaf, leaf.certificate, paid_minor, message.discount_minor),
    )


def _require_agreed(context: Context, message: DischargeEarly, leaf: Leaf) -> None:
    """Refuse a discount that the holder of the leaf as it is has not agreed to, or no longer."""
    agreed = EARLY_DISCOUNTS.get(context.state, message.leaf)
    if (
        agreed is None
        or agreed.leaf_sequence_no != leaf.sequence_no
        or agreed.discount_minor != message.discount_minor
        or context.time_ms > agreed.expires_at_ms
    ):
        raise DiscountNotAgreed(message.leaf.hex())


def _check_discount(context: Context, leaf_id: bytes, leaf: Leaf, discount_minor: int) -> None:
    """Refuse a discount that leaves nothing, or less than a pledge secures."""
    secured_minor = 0
    if leaf.finance == Finance.PLEDGED:
        secured_minor = ENCUMBRANCES.require(context.state, leaf_id).secured_minor
    paid_minor = leaf.outstanding_minor - discount_minor
    if paid_minor <= 0 or paid_minor < secured_minor:
        raise DiscountNotAgreed("the discount leaves too little")


def _check_payee(context: Context, message: DischargeEarly, leaf: Leaf, payee: Payee) -> None:
    accounts = (message.from_account, payee.account)
    owner = payee.party
    if payee.held is not None:
        owner = require_account(context.state, payee.account).owner
    sides = (context.acting_for, owner)
    check_accounts(context, leaf.certificate, accounts, sides, payee.amount_minor)
    if not require_account(context.state, payee.account).mirrored:
        raise AccountMismatch("a payee has no mirrored account")
