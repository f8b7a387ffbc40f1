"""SC-T18: obligor and first supplier take a leaf back together.

Rules this file keeps:
 1. Both sign: one proposes, the other agrees to the same leaf as it was, in time. Either begins.
 2. Only an active leaf that the first supplier itself holds, free of finance, is cancelled; what
    was passed on or financed comes back first (a transfer back, a buy-back, a repaid pledge).
 3. What is cancelled is owed no more: it leaves claim, obligation, invoice and line in one block,
    and counts as cancelled, not as paid (SC-I1).
 4. What a court's order holds, or a side disputes, is not cancelled.
 5. A leaf has one open proposal; a new one takes its place. It ends when the leaf changes.
"""

import msgspec

from xinlian.apps.supply_chain import events
from xinlian.apps.supply_chain.errors import (
    AmountNotOwed,
    Occupied,
    OfferExpired,
    PartiesInvalid,
    UnknownOffer,
    WrongState,
)
from xinlian.apps.supply_chain.financing import end_request
from xinlian.apps.supply_chain.guarantee_calls import follow_certificate
from xinlian.apps.supply_chain.holds import require_unheld
from xinlian.apps.supply_chain.keeper import (
    change_line,
    change_occupation,
    claim_account,
    is_taken,
    put_leaf,
    require_idle,
    require_leaf,
    require_undisputed,
)
from xinlian.apps.supply_chain.messages import AgreeCancellation, ProposeCancellation
from xinlian.apps.supply_chain.types import (
    CANCELLATIONS,
    CERTIFICATES,
    CancellationProposal,
    Certificate,
    Finance,
    Leaf,
    Life,
)
from xinlian.contracts.context import Context
from xinlian.modules.accounts.keeper import post
from xinlian.modules.obligations.keeper import release_part
from xinlian.modules.obligations.types import ReleaseReason


def propose_cancellation(context: Context, message: ProposeCancellation) -> None:
    """Propose to cancel a leaf; nothing moves."""
    # AUTHORISE
    leaf = require_leaf(context.state, message.leaf)
    certificate = CERTIFICATES.require(context.state, leaf.certificate)
    if context.acting_for not in (certificate.obligor, certificate.first_holder):
        raise PartiesInvalid("obligor and first supplier cancel, nobody else")
    # VALIDATE
    require_cancellable(context, certificate, leaf, message.leaf)
    _require_whole(leaf, message.amount_minor)
    if message.expires_at_ms <= context.time_ms:
        raise OfferExpired(str(message.expires_at_ms))
    # WRITE
    proposal = CancellationProposal(leaf.sequence_no, context.acting_for, message.expires_at_ms)
    CANCELLATIONS.put(context.state, proposal, message.leaf)
    # EMIT
    context.emit(
        events.CancellationProposed(
            message.leaf,
            context.acting_for,
            message.amount_minor,
            message.expires_at_ms,
        ),
    )


def agree_cancellation(context: Context, message: AgreeCancellation) -> None:
    """Cancel a leaf that the other side proposed to cancel."""
    # AUTHORISE
    leaf = require_leaf(context.state, message.leaf)
    proposal = CANCELLATIONS.get(context.state, message.leaf)
    if proposal is None:
        raise UnknownOffer(message.leaf.hex())
    certificate = CERTIFICATES.require(context.state, leaf.certificate)
    sides = {certificate.obligor, certificate.first_holder}
    if context.acting_for not in sides - {proposal.proposer}:
        raise PartiesInvalid("the side that did not propose agrees")
    # VALIDATE
    if context.time_ms > proposal.expires_at_ms:
        raise OfferExpired(str(proposal.expires_at_ms))
    if leaf.sequence_no != proposal.leaf_sequence_no:
        raise UnknownOffer(message.leaf.hex())
    require_cancellable(context, certificate, leaf, message.leaf)
    _require_whole(leaf, message.amount_minor)
    # WRITE and EMIT
    CANCELLATIONS.delete(context.state, message.leaf)
    end_request(context, message.leaf, leaf)
    _cancel(context, message.leaf, leaf, certificate)


def require_cancellable(
    context: Context,
    certificate: Certificate,
    leaf: Leaf,
    leaf_id: bytes,
) -> None:
    """Refuse a leaf of which nothing may be cancelled now.

    Raises:
        WrongState: it is not active, or the first supplier does not hold it.
        Occupied: it is locked, pledged or assigned.
        PaymentUnderWay: it is being paid.
        LeafFrozen: a court's order holds it.
        LeafDisputed: a part of it is disputed.
    """
    if leaf.life != Life.ACTIVE:
        raise WrongState(f"the leaf is {Life(leaf.life).name.lower()}")
    if is_taken(leaf, context.time_ms):
        raise Occupied(leaf.certificate.hex())
    if leaf.holder != certificate.first_holder:
        raise WrongState("another holds the leaf: it is transferred back first")
    require_idle(context, leaf.certificate, leaf.awaiting_minor)
    require_unheld(context, leaf_id, leaf)
    require_undisputed(leaf_id, leaf)


def _require_whole(leaf: Leaf, amount_minor: int) -> None:
    """Refuse an amount that is not what is outstanding; raises AmountNotOwed."""
    if amount_minor != leaf.outstanding_minor:
        raise AmountNotOwed(str(leaf.outstanding_minor))


def _cancel(context: Context, leaf_id: bytes, leaf: Leaf, certificate: Certificate) -> None:
    """Take the leaf off claim, certificate, invoice, line and obligation."""
    amount_minor = leaf.outstanding_minor
    cancelled = msgspec.structs.replace(
        leaf,
        life=Life.CANCELLED,
        finance=Finance.NONE,
        financier=b"",
        lock_expires_at_ms=0,
        sequence_no=leaf.sequence_no + 1,
    )
    put_leaf(context, leaf_id, cancelled)
    outstanding_minor = certificate.outstanding_minor - amount_minor
    ended = Life.DISCHARGED if certificate.discharged_minor else Life.CANCELLED
    CERTIFICATES.put(
        context.state,
        msgspec.structs.replace(
            certificate,
            outstanding_minor=outstanding_minor,
            cancelled_minor=certificate.cancelled_minor + amount_minor,
            live_leaves=certificate.live_leaves - 1,
            life=certificate.life if outstanding_minor else ended,
        ),
        leaf.certificate,
    )
    receiving = claim_account(leaf.certificate, certificate.obligor)
    giving = claim_account(leaf.certificate, leaf.holder)
    post(context, receiving, giving, amount_minor, leaf_id)
    change_occupation(context, certificate.invoice_root, occupied_delta_minor=-amount_minor)
    change_line(context, certificate.obligor, -amount_minor)
    release_part(context, leaf.certificate, amount_minor, ReleaseReason.CANCELLED)
    context.emit(
        events.LeafCancelled(
            leaf_id,
            leaf.certificate,
            leaf.holder,
            amount_minor,
            outstanding_minor,
        ),
    )
    follow_certificate(context, leaf.certificate)
