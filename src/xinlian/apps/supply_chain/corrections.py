"""SC-T18 for a part: a leaf that was certified for too much is corrected by both sides.

Rules this file keeps:
 1. A correction reverses, it edits nothing: the part leaves claim, obligation, invoice and line by
    entries of its own that point at the document with the mistake, and counts as cancelled (SC-I1).
 2. Both sign: obligor and first supplier, either first; for the leaf as it was, in time.
 3. Only an active leaf that the first supplier itself holds, free of finance, undisputed and not
    held by a court, is corrected. All of it is cancelled instead.

Source: docs/concepts/certificates.md (Correction, T18).
"""

from xinlian.apps.supply_chain import dispute_events
from xinlian.apps.supply_chain.cancellation import require_cancellable
from xinlian.apps.supply_chain.correction_messages import AgreeCorrection, ProposeCorrection
from xinlian.apps.supply_chain.correction_types import CORRECTIONS, Correction
from xinlian.apps.supply_chain.errors import (
    AmountNotOwed,
    OfferExpired,
    PartiesInvalid,
    UnknownOffer,
)
from xinlian.apps.supply_chain.financing import unlock
from xinlian.apps.supply_chain.keeper import require_leaf
from xinlian.apps.supply_chain.reductions import reduce_leaf
from xinlian.apps.supply_chain.types import CERTIFICATES, Finance, Leaf
from xinlian.contracts.context import Context
from xinlian.modules.documents.handlers import require_document
from xinlian.modules.obligations.types import ReleaseReason


def propose_correction(context: Context, message: ProposeCorrection) -> None:
    """Propose to take a part off a leaf; nothing moves."""
    # AUTHORISE
    leaf = require_leaf(context.state, message.leaf)
    certificate = CERTIFICATES.require(context.state, leaf.certificate)
    if context.acting_for not in (certificate.obligor, certificate.first_holder):
        raise PartiesInvalid("obligor and first supplier correct, nobody else")
    require_document(context.state, message.corrects_root)
    # VALIDATE
    require_cancellable(context, certificate, leaf, message.leaf)
    _require_part(leaf, message.amount_minor)
    if message.expires_at_ms <= context.time_ms:
        raise OfferExpired(str(message.expires_at_ms))
    # WRITE
    proposal = Correction(
        leaf_sequence_no=leaf.sequence_no,
        proposer=context.acting_for,
        amount_minor=message.amount_minor,
        corrects_root=message.corrects_root,
        expires_at_ms=message.expires_at_ms,
    )
    CORRECTIONS.put(context.state, proposal, message.leaf)
    # EMIT
    context.emit(
        dispute_events.CorrectionProposed(
            message.leaf,
            context.acting_for,
            message.amount_minor,
            message.corrects_root,
            message.expires_at_ms,
        ),
    )


def agree_correction(context: Context, message: AgreeCorrection) -> None:
    """Take the part off that the other side proposed."""
    # AUTHORISE
    leaf = require_leaf(context.state, message.leaf)
    proposal = CORRECTIONS.get(context.state, message.leaf)
    if proposal is None:
        raise UnknownOffer(message.leaf.hex())
    certificate = CERTIFICATES.require(context.state, leaf.certificate)
    if context.acting_for == proposal.proposer or context.acting_for not in (
        certificate.obligor,
        certificate.first_holder,
    ):
        raise PartiesInvalid("the side that did not propose agrees")
    # VALIDATE
    if context.time_ms > proposal.expires_at_ms:
        raise OfferExpired(str(proposal.expires_at_ms))
    terms = (leaf.sequence_no, message.amount_minor, message.corrects_root)
    if (proposal.leaf_sequence_no, proposal.amount_minor, proposal.corrects_root) != terms:
        raise UnknownOffer(message.leaf.hex())
    require_cancellable(context, certificate, leaf, message.leaf)
    _require_part(leaf, message.amount_minor)
    # WRITE and EMIT
    CORRECTIONS.delete(context.state, message.leaf)
    if leaf.finance == Finance.LOCKED:  # by a lock whose time is up
        unlock(context, message.leaf, leaf)
    reason = ReleaseReason.CANCELLED
    reduce_leaf(context, message.leaf, message.amount_minor, frees_invoice=True, reason=reason)
    context.emit(
        dispute_events.LeafCorrected(
            message.leaf,
            leaf.certificate,
            message.amount_minor,
            message.corrects_root,
            proposal.proposer,
            context.acting_for,
        ),
    )


def _require_part(leaf: Leaf, amount_minor: int) -> None:
    """Refuse to correct all of a leaf, or more; raises AmountNotOwed."""
    if amount_minor >= leaf.outstanding_minor:
        raise AmountNotOwed(f"{leaf.outstanding_minor} is outstanding: cancel all of it instead")
