"""Taking an amount off a leaf that nobody paid: off claim, certificate, line and obligation too.

Rules this file keeps:
 1. What is taken off is open, undisputed and at no bank when it is taken off.
 2. It leaves leaf, claim, certificate, issue line and obligation in one block; the invoice's
    occupation only where that was agreed or decided (SC-I3).
 3. A leaf, and a certificate, of which nothing is left is discharged if anything was paid of it,
    else void.
 4. What a financier retained of an assigned leaf bears the loss first: it was to be paid when all
    of the leaf is.
 5. Guarantors owe no more than is missing (SC-T10).
 6. Offers and agreements about the leaf as it was end: its sequence number goes on.

Source: docs/concepts/certificates.md (T18, T22, I1, I3).
"""

import msgspec

from xinlian.apps.supply_chain import dispute_events
from xinlian.apps.supply_chain.finance_dues import leaf_was_paid
from xinlian.apps.supply_chain.financing import unlock
from xinlian.apps.supply_chain.guarantee_calls import follow_certificate
from xinlian.apps.supply_chain.keeper import (
    change_line,
    change_occupation,
    claim_account,
    put_leaf,
)
from xinlian.apps.supply_chain.stop_flags import overdue_certificate_ended
from xinlian.apps.supply_chain.types import (
    CERTIFICATES,
    ENCUMBRANCES,
    LEAVES,
    Finance,
    Leaf,
    Life,
)
from xinlian.contracts.context import Context
from xinlian.modules.accounts.keeper import post
from xinlian.modules.obligations.keeper import release_part
from xinlian.modules.obligations.types import OBLIGATIONS, ReleaseReason


def reduce_leaf(
    context: Context,
    leaf_id: bytes,
    amount_minor: int,
    *,
    frees_invoice: bool,
    reason: ReleaseReason = ReleaseReason.REDUCED,
) -> None:
    """SC-T22, SC-T18 for a part: let an amount of a leaf be owed no more."""
    leaf = LEAVES.require(context.state, leaf_id)
    if leaf.outstanding_minor == amount_minor and leaf.finance == Finance.LOCKED:
        leaf = unlock(context, leaf_id, leaf)
    certificate = CERTIFICATES.require(context.state, leaf.certificate)
    reduced = msgspec.structs.replace(
        leaf,
        amount_minor=leaf.amount_minor - amount_minor,
        sequence_no=leaf.sequence_no + 1,
    )
    if not reduced.outstanding_minor:
        reduced = msgspec.structs.replace(reduced, life=_ended(leaf.discharged_minor))
    put_leaf(context, leaf_id, reduced)
    _reduce_certificate(context, reduced, amount_minor, reason)
    receiving = claim_account(leaf.certificate, certificate.obligor)
    giving = claim_account(leaf.certificate, leaf.holder)
    post(context, receiving, giving, amount_minor, leaf_id)
    if frees_invoice:
        change_occupation(context, certificate.invoice_root, occupied_delta_minor=-amount_minor)
    change_line(context, certificate.obligor, -amount_minor)
    release_part(context, leaf.certificate, amount_minor, reason)
    _lower_retained(context, leaf_id, amount_minor)
    if not reduced.is_live:
        leaf_was_paid(context, leaf_id)
    follow_certificate(context, leaf.certificate)
    after = CERTIFICATES.require(context.state, leaf.certificate)
    context.emit(
        dispute_events.LeafReduced(
            leaf_id,
            leaf.certificate,
            leaf.holder,
            amount_minor,
            reduced.outstanding_minor,
            after.outstanding_minor,
            reduced.life,
            after.life,
            frees_invoice,
        ),
    )


def _reduce_certificate(
    context: Context,
    leaf: Leaf,
    amount_minor: int,
    reason: ReleaseReason,
) -> None:
    certificate = CERTIFICATES.require(context.state, leaf.certificate)
    is_cancelled = reason == ReleaseReason.CANCELLED
    outstanding_minor = certificate.outstanding_minor - amount_minor
    life = certificate.life if outstanding_minor else _ended(certificate.discharged_minor)
    reduced = msgspec.structs.replace(
        certificate,
        outstanding_minor=outstanding_minor,
        reduced_minor=certificate.reduced_minor + amount_minor * (not is_cancelled),
        cancelled_minor=certificate.cancelled_minor + amount_minor * is_cancelled,
        live_leaves=certificate.live_leaves - (not leaf.is_live),
        life=life,
    )
    CERTIFICATES.put(context.state, reduced, leaf.certificate)
    if certificate.life == Life.OVERDUE and not outstanding_minor:
        overdue_certificate_ended(context, certificate.obligor)


def _lower_retained(context: Context, leaf_id: bytes, amount_minor: int) -> None:
    """Let the retained part of an assigned leaf bear the loss as far as it goes."""
    encumbrance = ENCUMBRANCES.get(context.state, leaf_id)
    if encumbrance is None or not encumbrance.retained_obligation:
        return
    open_minor = OBLIGATIONS.require(context.state, encumbrance.retained_obligation).open_minor
    borne_minor = min(open_minor, amount_minor)
    if borne_minor:
        retained = encumbrance.retained_obligation
        release_part(context, retained, borne_minor, ReleaseReason.REDUCED)


def _ended(discharged_minor: int) -> Life:
    return Life.DISCHARGED if discharged_minor else Life.VOID
