"""Calls of guarantors as the source of obligations: what a guarantor owes, and how it is paid.

Rules this file keeps:
 1. A call is paid from the guarantor's account in the block in which it arises, as far as the money
    goes; later at each credit. The guarantor may pay it by hand as well.
 2. One payment at a time is carried out for a certificate, the obligor's or a guarantor's: what the
    one pays the other does not.
 3. Where less is paid than is missing each leaf gets its share, as from the obligor.
 4. A guarantor is not late for leaves that have to wait.
"""

from xinlian.apps.supply_chain.errors import AccountMismatch, AmountNotOwed, WrongState
from xinlian.apps.supply_chain.guarantee_calls import call_guarantors
from xinlian.apps.supply_chain.guarantee_errors import NotGuarantor, UnknownCall
from xinlian.apps.supply_chain.guarantee_messages import PayGuarantee
from xinlian.apps.supply_chain.guarantee_records import CALLS
from xinlian.apps.supply_chain.keeper import require_idle
from xinlian.apps.supply_chain.settlement import discharge_chunk
from xinlian.apps.supply_chain.subrogation import plan, ready_leaves
from xinlian.apps.supply_chain.types import (
    ALLOCATIONS,
    PAYMENTS,
    Allocation,
    Payment,
)
from xinlian.contracts.context import Context
from xinlian.modules.accounts.keeper import require_account, require_lower_bound, reserve
from xinlian.modules.accounts.types import AccountClass
from xinlian.modules.obligations.types import OBLIGATIONS


class CallSource:
    """Calls of guarantors: the creditors are the holders of the leaves."""

    def on_due(self, context: Context, obligation: bytes) -> None:
        """Nothing to note: it is born due."""

    def pay(self, context: Context, obligation: bytes, amount_minor: int) -> None:
        """Fix the allocation, reserve the money, begin to pay; nothing where no part fits."""
        certificate_id = CALLS.require(context.state, obligation).certificate
        shares = plan(context, certificate_id, amount_minor)
        if shares:
            account = OBLIGATIONS.require(context.state, obligation).account
            _begin(context, certificate_id, obligation, account, shares)

    def on_default(self, context: Context, obligation: bytes) -> None:
        """Call those behind the guarantor for what it owes."""
        call_guarantors(context, CALLS.require(context.state, obligation).certificate)

    def is_paying(self, context: Context, obligation: bytes) -> bool:
        """Return whether a payment is being carried out, or every leaf has to wait."""
        certificate_id = CALLS.require(context.state, obligation).certificate
        is_busy = PAYMENTS.get(context.state, certificate_id) is not None
        return is_busy or not ready_leaves(context, certificate_id)


def pay_guarantee(context: Context, message: PayGuarantee) -> None:
    """Pay a call, or a part of it, from an account that the guarantor names."""
    # AUTHORISE
    call = CALLS.get(context.state, message.claim)
    if call is None:
        raise UnknownCall(message.claim.hex())
    claim = OBLIGATIONS.require(context.state, message.claim)
    if claim.debtor != context.acting_for:
        raise NotGuarantor(context.acting_for.hex())
    # VALIDATE
    if not claim.open_minor:
        raise WrongState("nothing of the call is open")
    require_idle(context, call.certificate)
    if message.amount_minor > claim.open_minor:
        raise AmountNotOwed(str(claim.open_minor))
    shares = plan(context, call.certificate, message.amount_minor)
    ready_minor = sum(share_minor for _, share_minor in shares)
    if ready_minor != message.amount_minor:
        raise AmountNotOwed(f"{ready_minor} of it can be paid now: other leaves have to wait")
    account = require_account(context.state, message.from_account)
    if (
        (account.owner, account.asset) != (claim.debtor, claim.asset)
        or account.account_class != AccountClass.HOLDER
        or not account.mirrored
    ):
        raise AccountMismatch("not a mirrored account of the guarantor in the deposit")
    require_lower_bound(context.state, (message.from_account, account), message.amount_minor)
    # WRITE and EMIT
    _begin(context, call.certificate, message.claim, message.from_account, shares)


def _begin(
    context: Context,
    certificate_id: bytes,
    claim_id: bytes,
    account: bytes,
    shares: list[tuple[bytes, int]],
) -> None:
    """Set the money aside and pay the first leaves."""
    amount_minor = sum(share_minor for _, share_minor in shares)
    reserve(context, account, amount_minor, claim_id)
    payment = Payment(amount_minor, context.time_ms, claim_id)
    PAYMENTS.put(context.state, payment, certificate_id)
    for leaf_id, share_minor in shares:
        ALLOCATIONS.put(context.state, Allocation(share_minor), certificate_id, leaf_id)
    discharge_chunk(context, certificate_id)
