"""SC-T6 to SC-T8: a leaf is locked for a financier, assigned against money, or let go."""

import msgspec

from xinlian.apps.supply_chain import events
from xinlian.apps.supply_chain.errors import (
    AccountMismatch,
    AdvanceInvalid,
    NotFinancier,
    NotHolder,
    Occupied,
    PartiesInvalid,
    TermsMismatch,
    WindowClosed,
    WrongState,
)
from xinlian.apps.supply_chain.finance_dues import open_retained
from xinlian.apps.supply_chain.keeper import (
    CNY,
    claim_account,
    is_locked,
    is_taken,
    put_leaf,
    require_corroborated,
    require_leaf,
    require_movable,
    require_passing_verdict,
)
from xinlian.apps.supply_chain.messages import (
    Disburse,
    PledgeLeaf,
    ReleaseLock,
    RequestFinance,
    RequestFinanceOnTerms,
)
from xinlian.apps.supply_chain.offer_types import ACCEPTED
from xinlian.apps.supply_chain.policy import LOCK_DAYS_MAX
from xinlian.apps.supply_chain.types import (
    ASKED,
    CERTIFICATES,
    ENCUMBRANCES,
    LEAVES,
    REGISTRATIONS,
    REQUESTS,
    AskedFinancier,
    Certificate,
    Encumbrance,
    Finance,
    FinanceDue,
    FinanceRequest,
    Leaf,
)
from xinlian.contracts.context import Context
from xinlian.modules.accounts.keeper import (
    open_account,
    post,
    require_account,
    require_lower_bound,
    require_upper_bound,
)
from xinlian.modules.accounts.types import AccountClass, AssetKind, asset_id
from xinlian.modules.members.keeper import require_party
from xinlian.modules.policy.dates import happening
from xinlian.modules.policy.keeper import policy_value
from xinlian.modules.schedule.keeper import add_item
from xinlian.primitives.time import MS_PER_DAY

LOCK_HANDLER = 0x1002


def request_finance(context: Context, message: RequestFinance) -> None:
    """SC-T6: lock a leaf for one financier: assignment, whole, without recourse."""
    # AUTHORISE, VALIDATE, WRITE and EMIT
    _lock(context, message, FinanceRequest())


def request_on_terms(context: Context, message: RequestFinanceOnTerms) -> None:
    """SC-T6: lock a leaf for one financier, with terms of the holder's choice."""
    # AUTHORISE, VALIDATE, WRITE and EMIT
    terms = FinanceRequest(
        as_pledge=message.as_pledge,
        with_recourse=message.with_recourse,
        keeps_rest=message.keeps_rest,
    )
    _lock(context, message, terms)
    context.emit(
        events.FinanceTermsAsked(
            message.leaf,
            message.financier,
            message.as_pledge,
            message.with_recourse,
            message.keeps_rest,
        ),
    )


def _lock(
    context: Context,
    message: RequestFinance | RequestFinanceOnTerms,
    terms: FinanceRequest,
) -> None:
    # AUTHORISE
    leaf = require_askable(context, message.leaf, (message.financier,))
    # VALIDATE
    require_movable(context, message.leaf, leaf)
    days = policy_value(context.state, LOCK_DAYS_MAX, happening(context.time_ms))
    latest_ms = context.time_ms + days * MS_PER_DAY
    if not context.time_ms < message.expires_at_ms <= latest_ms:
        raise WindowClosed(f"a request expires within {days} days")
    # WRITE
    locked = msgspec.structs.replace(
        leaf,
        finance=Finance.LOCKED,
        financier=message.financier,
        lock_expires_at_ms=message.expires_at_ms,
        sequence_no=leaf.sequence_no + 1,
    )
    put_leaf(context, message.leaf, locked)
    invoice_root = CERTIFICATES.require(context.state, leaf.certificate).invoice_root
    REQUESTS.put(context.state, terms, invoice_root, message.leaf)
    ASKED.put(context.state, AskedFinancier(), invoice_root, message.financier, message.leaf)
    add_item(context.state, message.expires_at_ms + 1, LOCK_HANDLER, message.leaf)
    # EMIT
    context.emit(events.LeafLocked(message.leaf, message.financier, message.expires_at_ms))


def require_askable(context: Context, leaf_id: bytes, financiers: tuple[bytes, ...]) -> Leaf:
    """Return a leaf for which its holder, who sends this, may ask these for finance.

    Raises:
        UnknownLeaf, Occupied, NotHolder: it is not its holder's to ask for.
        UnknownParty, PartiesInvalid: one of these does not finance it.
    """
    leaf = require_leaf(context.state, leaf_id)
    if is_taken(leaf, context.time_ms):
        raise Occupied(leaf_id.hex())
    if leaf.holder != context.acting_for:
        raise NotHolder(context.acting_for.hex())
    obligor = CERTIFICATES.require(context.state, leaf.certificate).obligor
    for financier in financiers:
        require_party(context.state, financier)
        if financier in (leaf.holder, obligor):
            raise PartiesInvalid("neither its holder nor its obligor finances a leaf")
    return leaf


def release_lock(context: Context, message: ReleaseLock) -> None:
    """SC-T8: let a locked leaf go."""
    # AUTHORISE
    leaf = require_leaf(context.state, message.leaf)
    if context.acting_for not in (leaf.holder, leaf.financier):
        raise NotHolder(context.acting_for.hex())
    # VALIDATE
    if leaf.finance != Finance.LOCKED:
        raise WrongState("the leaf is not locked")
    # WRITE and EMIT
    unlock(context, message.leaf, leaf)


def end_lock(context: Context, leaf_id: bytes) -> None:
    """Due work: a lock that led to no finance ends."""
    leaf = LEAVES.require(context.state, leaf_id)
    if leaf.finance == Finance.LOCKED and context.time_ms > leaf.lock_expires_at_ms:
        unlock(context, leaf_id, leaf)


def unlock(context: Context, leaf_id: bytes, leaf: Leaf) -> Leaf:
    """Remove a lock; return the leaf without it."""
    free = msgspec.structs.replace(
        leaf,
        finance=Finance.NONE,
        financier=b"",
        lock_expires_at_ms=0,
        sequence_no=leaf.sequence_no + 1,
    )
    put_leaf(context, leaf_id, free)
    end_request(context, leaf_id, leaf)
    context.emit(events.LeafUnlocked(leaf_id))
    return free


def disburse(context: Context, message: Disburse) -> None:
    """SC-T7: claim against money, in one message."""
    # AUTHORISE and VALIDATE
    leaf, _ = require_disbursable(context, message, as_pledge=False)
    # WRITE and EMIT
    assign(context, message, leaf)


def require_disbursable(
    context: Context,
    message: Disburse | PledgeLeaf,
    *,
    as_pledge: bool,
) -> tuple[Leaf, Certificate]:
    """Return a leaf that its financier may pay out on now, as its holder asked, and its root.

    Raises:
        Occupied, NotFinancier: it is financed already, or asked of another.
        TermsMismatch: the holder asked for the other of pledge and assignment.
        LedgerError: see ``check_disbursal``.
    """
    leaf = require_leaf(context.state, message.leaf)
    if leaf.is_financed:
        raise Occupied(message.leaf.hex())
    if leaf.financier != context.acting_for:
        raise NotFinancier(context.acting_for.hex())
    check_disbursal(context, message, leaf)
    certificate = CERTIFICATES.require(context.state, leaf.certificate)
    asked = REQUESTS.require(context.state, certificate.invoice_root, message.leaf)
    if asked.as_pledge != as_pledge:
        raise TermsMismatch("a pledge" if asked.as_pledge else "an assignment")
    return leaf, certificate


def assign(context: Context, terms: Disburse, leaf: Leaf) -> None:
    """Give a checked leaf to its financier and the advance to its holder."""
    seller, financier = leaf.holder, leaf.financier
    certificate = CERTIFICATES.require(context.state, leaf.certificate)
    asked = REQUESTS.require(context.state, certificate.invoice_root, terms.leaf)
    retained_minor = leaf.amount_minor - terms.advance_minor if asked.keeps_rest else 0
    retained = b""
    if retained_minor:
        due = FinanceDue(leaf.certificate, terms.leaf, financier, seller, terms.to_account)
        retained = open_retained(context, certificate, due, retained_minor, terms.from_account)
    claim = asset_id(AssetKind.CLAIM, leaf.certificate, CNY, 2)
    assigned = msgspec.structs.replace(
        leaf,
        holder=financier,
        finance=Finance.ASSIGNED,
        lock_expires_at_ms=0,
        sequence_no=leaf.sequence_no + 1,
    )
    put_leaf(context, terms.leaf, assigned)
    end_request(context, terms.leaf, leaf)
    ENCUMBRANCES.put(
        context.state,
        Encumbrance(
            financier=financier,
            seller=seller,
            advance_minor=terms.advance_minor,
            discount_minor=terms.discount_minor,
            register_no=terms.register_no,
            disbursed_at_ms=context.time_ms,
            with_recourse=asked.with_recourse,
            retained_minor=retained_minor,
            retained_obligation=retained,
        ),
        terms.leaf,
    )
    holding = open_account(context, financier, claim)
    giving = claim_account(leaf.certificate, seller)
    post(context, holding, giving, leaf.amount_minor, terms.leaf)
    pay_advance(context, terms)
    context.emit(
        events.LeafAssigned(
            terms.leaf,
            financier,
            seller,
            terms.advance_minor,
            terms.discount_minor,
            terms.register_no,
        ),
    )


def pay_advance(context: Context, terms: Disburse | PledgeLeaf) -> None:
    """Move the gross advance to the holder, and the discount back."""
    post(context, terms.to_account, terms.from_account, terms.advance_minor, terms.leaf)
    if terms.discount_minor:
        post(context, terms.from_account, terms.to_account, terms.discount_minor, terms.leaf)


def check_disbursal(context: Context, message: Disburse | PledgeLeaf, leaf: Leaf) -> None:
    """Refuse an advance on a leaf that is not, or no longer, ready for it."""
    if not is_locked(leaf, context.time_ms):
        raise WindowClosed(str(leaf.lock_expires_at_ms))
    certificate = require_movable(context, message.leaf, leaf)
    require_passing_verdict(context, certificate.invoice_root, leaf.financier)
    require_corroborated(context, certificate.invoice_root)
    if message.advance_minor > leaf.amount_minor:
        raise AdvanceInvalid(str(leaf.amount_minor))
    accepted = ACCEPTED.get(context.state, message.leaf)
    if accepted is not None and not accepted.fits(message.advance_minor, message.discount_minor):
        raise TermsMismatch("the holder accepted another offer than this")
    check_accounts(
        context,
        leaf.certificate,
        (message.from_account, message.to_account),
        (leaf.financier, leaf.holder),
        message.advance_minor - message.discount_minor,
    )


def end_request(context: Context, leaf_id: bytes, leaf: Leaf) -> None:
    """Forget a request that has ended, and the registration that was made for it."""
    invoice_root = CERTIFICATES.require(context.state, leaf.certificate).invoice_root
    REQUESTS.delete(context.state, invoice_root, leaf_id)
    if leaf.financier:
        ASKED.delete(context.state, invoice_root, leaf.financier, leaf_id)
    REGISTRATIONS.delete(context.state, leaf_id)
    ACCEPTED.delete(context.state, leaf_id)


def check_accounts(
    context: Context,
    certificate_id: bytes,
    accounts: tuple[bytes, bytes],
    sides: tuple[bytes, bytes],
    net_minor: int,
) -> None:
    """Refuse accounts that are not those of the two sides, or whose bounds the payment breaks.

    Args:
        context: the call.
        certificate_id: in whose deposit they are.
        accounts: who pays, who is paid.
        sides: the parties that are to own them.
        net_minor: what moves from the one to the other in all.
    """
    from_account, to_account = accounts
    paying = require_account(context.state, from_account)
    paid = require_account(context.state, to_account)
    if (paying.owner, paid.owner) != sides:
        raise AccountMismatch(from_account.hex())
    deposit = CERTIFICATES.require(context.state, certificate_id).deposit
    for account in (paying, paid):
        if account.asset != deposit or account.account_class != AccountClass.HOLDER:
            raise AccountMismatch("not a deposit account of a holder")
    require_lower_bound(context.state, (from_account, paying), net_minor)
    require_upper_bound(context.state, (to_account, paid), net_minor)
