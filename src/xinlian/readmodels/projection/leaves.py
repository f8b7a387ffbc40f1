"""Rows of leaves, offers, assignments and payments: SC-T5 to SC-T14.

Rules this file keeps:
 1. A leaf that was consumed, locked, let go, assigned or has fallen due makes its open offers
    lapse: the ledger refuses them from then on.
 2. When a certificate falls due so is each of its live leaves; when it is overdue, those are of
    which not all is disputed.
"""

from collections import Counter

from xinlian.apps.supply_chain import events
from xinlian.apps.supply_chain.messages import AcceptTransfer, OfferTransfer
from xinlian.apps.supply_chain.types import Finance, Life, OrderStatus
from xinlian.primitives import InvariantViolation
from xinlian.readmodels.projection.certificates import change_line, require_certificate
from xinlian.readmodels.projection.writer import Cause, Writer
from xinlian.readmodels.rights import grant_case
from xinlian.readmodels.rows import (
    DisputeRow,
    EncumbranceRow,
    LateInterestRow,
    LeafRow,
    ObligationRow,
    OfferRow,
    PaymentOrderRow,
)
from xinlian.readmodels.subjects import obligation_of
from xinlian.readmodels.text import enum_text, id_text

_OPEN = "open"
_ACCEPTED = "accepted"
_LAPSED = "lapsed"
_LIVE = frozenset(enum_text(life) for life in (Life.ACTIVE, Life.DUE, Life.OVERDUE, Life.RECOURSE))
_FREE = {"finance": enum_text(Finance.NONE), "financier": "", "lock_expires_at_ms": 0}


def transfer_offered(writer: Writer, event: events.TransferOffered, cause: Cause) -> None:
    """SC-T5: a part of a leaf is offered."""
    message = cause.message
    if not isinstance(message, OfferTransfer):
        raise InvariantViolation("offer_has_its_message", event.offer.hex())
    leaf = require_leaf(writer, event.leaf)
    writer.add(
        OfferRow(
            **writer.born_changing(),
            offer_id=id_text("offer", event.offer),
            leaf_id=leaf.leaf_id,
            certificate_id=leaf.certificate_id,
            offered_by=leaf.holder,
            offered_to=id_text("party", event.to),
            amount_minor=event.amount_minor,
            evidence_root=message.evidence_root.hex(),
            expires_at_ms=event.expires_at_ms,
            status=_OPEN,
        ),
    )


def leaf_spent(writer: Writer, event: events.LeafSpent, cause: Cause) -> None:
    """SC-T5: a leaf was consumed by the acceptance of an offer."""
    message = cause.message
    if not isinstance(message, AcceptTransfer):
        raise InvariantViolation("spending_has_its_message", event.leaf.hex())
    offer = writer.require(OfferRow, id_text("offer", message.offer))
    writer.change(offer, status=_ACCEPTED)
    leaf = require_leaf(writer, event.leaf)
    # what is owed is owed on the children now
    writer.change(leaf, life=enum_text(Life.SPENT), outstanding_minor=0)
    certificate = require_certificate(writer, event.certificate)
    writer.change(certificate, live_leaves=certificate.live_leaves - 1)
    lapse_offers(writer, leaf.leaf_id)


def transfer_offer_ended(
    writer: Writer,
    event: events.TransferOfferEnded,
    cause: Cause,
) -> None:
    """Nobody accepted the offer in time."""
    del cause
    offer = writer.require(OfferRow, id_text("offer", event.offer))
    writer.change(offer, status=_LAPSED)


def leaf_created(writer: Writer, event: events.LeafCreated, cause: Cause) -> None:
    """SC-T5: a child of a spent leaf."""
    del cause
    certificate = require_certificate(writer, event.certificate)
    writer.change(certificate, live_leaves=certificate.live_leaves + 1)
    writer.add(
        LeafRow(
            **writer.born_changing(),
            leaf_id=id_text("leaf", event.leaf),
            certificate_id=certificate.certificate_id,
            parent=id_text("leaf", event.parent),
            holder=id_text("party", event.holder),
            amount_minor=event.amount_minor,
            discharged_minor=0,
            outstanding_minor=event.amount_minor,
            awaiting_minor=0,
            life=enum_text(Life.ACTIVE),
            finance=enum_text(Finance.NONE),
            hops=event.hops,
            financier="",
            lock_expires_at_ms=0,
        ),
    )


def leaf_locked(writer: Writer, event: events.LeafLocked, cause: Cause) -> None:
    """SC-T6: finance is requested."""
    del cause
    leaf = writer.change(
        require_leaf(writer, event.leaf),
        finance=enum_text(Finance.LOCKED),
        financier=id_text("party", event.financier),
        lock_expires_at_ms=event.expires_at_ms,
    )
    lapse_offers(writer, leaf.leaf_id)


def leaf_unlocked(writer: Writer, event: events.LeafUnlocked, cause: Cause) -> None:
    """SC-T8: the request ended without finance."""
    del cause
    leaf = writer.change(require_leaf(writer, event.leaf), **_FREE)
    lapse_offers(writer, leaf.leaf_id)


def finance_registered(writer: Writer, event: events.FinanceRegistered, cause: Cause) -> None:
    """The financier recorded the registration: there is a case to decide."""
    del cause
    grant_case(writer, require_leaf(writer, event.leaf))


def leaf_assigned(writer: Writer, event: events.LeafAssigned, cause: Cause) -> None:
    """SC-T7: the financier holds the leaf and has paid."""
    del cause
    financier = id_text("party", event.financier)
    leaf = writer.change(
        require_leaf(writer, event.leaf),
        holder=financier,
        finance=enum_text(Finance.ASSIGNED),
        financier=financier,
        lock_expires_at_ms=0,
    )
    lapse_offers(writer, leaf.leaf_id)
    if writer.get(EncumbranceRow, leaf.leaf_id) is not None:
        return  # it was bought back meanwhile; the row tells of its first assignment
    writer.add(
        EncumbranceRow(
            **writer.born(),
            leaf_id=leaf.leaf_id,
            certificate_id=leaf.certificate_id,
            financier=financier,
            seller=id_text("party", event.seller),
            advance_minor=event.advance_minor,
            discount_minor=event.discount_minor,
            register_no=event.register_no.hex(),
        ),
    )


def certificate_due(writer: Writer, event: events.CertificateDue, cause: Cause) -> None:
    """SC-T11: every live leaf is due; open locks end, open offers lapse."""
    del cause
    certificate = require_certificate(writer, event.certificate)
    writer.change(certificate, life=enum_text(Life.DUE))
    for leaf in _live_leaves(writer, certificate.certificate_id):
        is_locked = leaf.finance == enum_text(Finance.LOCKED)
        writer.change(leaf, life=enum_text(Life.DUE), **(_FREE if is_locked else {}))
        lapse_offers(writer, leaf.leaf_id)


def certificate_overdue(writer: Writer, event: events.CertificateOverdue, cause: Cause) -> None:
    """SC-T13: the cut-off passed; every leaf with an open amount is overdue."""
    del cause
    certificate = require_certificate(writer, event.certificate)
    writer.change(
        certificate,
        life=enum_text(Life.OVERDUE),
        late_rate_e9_per_day=event.late_rate_e9_per_day,
    )
    disputed = _disputed_minor(writer, certificate.certificate_id)
    for leaf in _live_leaves(writer, certificate.certificate_id):
        is_disputed_whole = leaf.outstanding_minor == disputed[leaf.leaf_id]
        if leaf.life != enum_text(Life.RECOURSE) and not is_disputed_whole:
            writer.change(leaf, life=enum_text(Life.OVERDUE))
    change_line(writer, certificate.obligor, overdue_delta=1)


def leaf_discharged(writer: Writer, event: events.LeafDischarged, cause: Cause) -> None:
    """SC-T12, SC-T14: an amount was paid to the holder."""
    del cause
    leaf = require_leaf(writer, event.leaf)
    is_done = event.outstanding_minor == 0
    writer.change(
        leaf,
        discharged_minor=leaf.discharged_minor + event.amount_minor,
        outstanding_minor=event.outstanding_minor,
        life=enum_text(Life.DISCHARGED) if is_done else leaf.life,
    )
    certificate = require_certificate(writer, event.certificate)
    outstanding_minor = certificate.outstanding_minor - event.amount_minor
    is_cured = not outstanding_minor and certificate.life == enum_text(Life.OVERDUE)
    writer.change(
        certificate,
        outstanding_minor=outstanding_minor,
        discharged_minor=certificate.discharged_minor + event.amount_minor,
        live_leaves=certificate.live_leaves - is_done,
        life=certificate.life if outstanding_minor else enum_text(Life.DISCHARGED),
    )
    change_line(
        writer,
        certificate.obligor,
        used_delta_minor=-event.amount_minor,
        overdue_delta=-int(is_cured),
    )


def leaf_cancelled(writer: Writer, event: events.LeafCancelled, cause: Cause) -> None:
    """SC-T18: obligor and first supplier took a leaf back."""
    del cause
    leaf = writer.change(
        require_leaf(writer, event.leaf),
        outstanding_minor=0,
        life=enum_text(Life.CANCELLED),
    )
    lapse_offers(writer, leaf.leaf_id)
    certificate = require_certificate(writer, event.certificate)
    ended = Life.DISCHARGED if certificate.discharged_minor else Life.CANCELLED
    is_over = event.certificate_outstanding_minor == 0
    writer.change(
        certificate,
        outstanding_minor=event.certificate_outstanding_minor,
        live_leaves=certificate.live_leaves - 1,
        life=enum_text(ended) if is_over else certificate.life,
    )
    change_line(writer, certificate.obligor, used_delta_minor=-event.amount_minor)


def payment_ordered(writer: Writer, event: events.PaymentOrdered, cause: Cause) -> None:
    """A payment goes out through the settlement bank."""
    del cause
    certificate = require_certificate(writer, event.certificate)
    order = PaymentOrderRow(
        **writer.born_changing(),
        order_id=id_text("order", event.order),
        certificate_id=certificate.certificate_id,
        leaf_id=id_text("leaf", event.leaf),
        obligor=certificate.obligor,
        payee=id_text("party", event.payee),
        bank=id_text("party", event.bank),
        account_id=id_text("account", event.account),
        amount_minor=event.amount_minor,
        expires_at_ms=event.expires_at_ms,
        status=enum_text(OrderStatus.OPEN),
    )
    writer.add(order)
    _change_awaiting(writer, order, order.amount_minor)


def payment_order_ended(writer: Writer, event: events.PaymentOrderEnded, cause: Cause) -> None:
    """The bank executed the order, or did not in time."""
    del cause
    order = writer.require(PaymentOrderRow, id_text("order", event.order))
    writer.change(order, status=enum_text(OrderStatus(event.status)))
    _change_awaiting(writer, order, -order.amount_minor)


def payment_order_moved(writer: Writer, event: events.PaymentOrderMoved, cause: Cause) -> None:
    """A published calendar moved the end of an order."""
    del cause
    order = writer.require(PaymentOrderRow, id_text("order", event.order))
    writer.change(order, expires_at_ms=event.expires_at_ms)


def late_interest_fixed(writer: Writer, event: events.LateInterestFixed, cause: Cause) -> None:
    """A late payment turned its interest into an obligation of fixed amount."""
    del cause
    certificate = require_certificate(writer, event.certificate)
    fixed_minor = certificate.interest_fixed_minor + event.amount_minor
    writer.change(certificate, interest_fixed_minor=fixed_minor)
    writer.add(
        LateInterestRow(
            **writer.born(),
            obligation_id=id_text("obligation", event.obligation),
            certificate_id=certificate.certificate_id,
            leaf_id=id_text("leaf", event.leaf),
            debtor=certificate.obligor,
            creditor=id_text("party", event.creditor),
            base_minor=event.base_minor,
            days=event.days,
            amount_minor=event.amount_minor,
        ),
    )


def require_leaf(writer: Writer, leaf: bytes) -> LeafRow:
    """Return the row of a leaf."""
    return writer.require(LeafRow, id_text("leaf", leaf))


def _live_leaves(writer: Writer, certificate_id: str) -> list[LeafRow]:
    leaves = writer.find(LeafRow, certificate_id=certificate_id)
    return [leaf for leaf in leaves if leaf.life in _LIVE]


def _disputed_minor(writer: Writer, certificate_id: str) -> Counter[str]:
    """Return how much of each leaf of a certificate is disputed."""
    found: Counter[str] = Counter()
    for dispute in writer.find(DisputeRow, certificate_id=certificate_id, status=_OPEN):
        found[dispute.leaf_id] += dispute.amount_minor
    return found


def lapse_offers(writer: Writer, leaf_id: str) -> None:
    """Let the open offers of a leaf end: nobody can accept them any more."""
    for offer in writer.find(OfferRow, leaf_id=leaf_id, status=_OPEN):
        writer.change(offer, status=_LAPSED)


def _change_awaiting(writer: Writer, order: PaymentOrderRow, delta_minor: int) -> None:
    """Count what the bank begins or ceases to execute, on the leaf and on the obligation."""
    leaf = writer.require(LeafRow, order.leaf_id)
    writer.change(leaf, awaiting_minor=leaf.awaiting_minor + delta_minor)
    obligation = writer.require(ObligationRow, obligation_of(order.certificate_id))
    writer.change(obligation, awaiting_minor=obligation.awaiting_minor + delta_minor)
