"""SC-T5: splitting and transferring a leaf, by offer and acceptance.

Rules this file keeps:
 1. An offer binds nobody until it is accepted, in time, while its leaf is as it was.
 2. An offer that nobody can accept any more is deleted by itself: after its end, or when the due
    day of its certificate begins, whichever comes first.
"""

from typing import Final

import msgspec

from xinlian.apps.supply_chain import events
from xinlian.apps.supply_chain.errors import (
    AmountInvalid,
    NotHolder,
    NotTransferee,
    Occupied,
    OfferExpired,
    PartiesInvalid,
    SplitTooSmall,
    TooManyHops,
    UnknownOffer,
)
from xinlian.apps.supply_chain.keeper import (
    claim_account,
    is_taken,
    put_leaf,
    require_leaf,
    require_movable,
)
from xinlian.apps.supply_chain.messages import AcceptTransfer, OfferTransfer
from xinlian.apps.supply_chain.types import (
    CERTIFICATES,
    HOPS_MAX,
    LEAVES,
    LEAVES_PER_CERTIFICATE_MAX,
    OFFERS,
    Certificate,
    Finance,
    Leaf,
    Life,
    TransferOffer,
)
from xinlian.contracts.context import Context
from xinlian.modules.accounts.keeper import open_account, post
from xinlian.modules.accounts.types import AssetKind, asset_id
from xinlian.modules.documents.handlers import require_document
from xinlian.modules.members.keeper import require_party
from xinlian.modules.schedule.keeper import add_item
from xinlian.primitives import ceil_div
from xinlian.primitives.time import china_midnight_ms

OFFER_HANDLER: Final = 0x1005


def offer_transfer(context: Context, message: OfferTransfer) -> None:
    """Write an offer; nothing moves."""
    # AUTHORISE
    leaf = require_leaf(context.state, message.leaf)
    if leaf.holder != context.acting_for:
        raise NotHolder(context.acting_for.hex())
    require_party(context.state, message.to)
    require_document(context.state, message.evidence_root)
    # VALIDATE
    if message.to in (leaf.holder, CERTIFICATES.require(context.state, leaf.certificate).obligor):
        raise PartiesInvalid("a leaf goes neither to its holder nor to its obligor, who pays it")
    certificate = require_movable(context, message.leaf, leaf)
    _check_split(context, certificate, leaf, message.amount_minor)
    if message.expires_at_ms <= context.time_ms:
        raise OfferExpired(str(message.expires_at_ms))
    # COMPUTE
    offer_id = context.new_id("offer")
    offer = TransferOffer(
        leaf=message.leaf,
        leaf_sequence_no=leaf.sequence_no,
        to=message.to,
        amount_minor=message.amount_minor,
        evidence_root=message.evidence_root,
        expires_at_ms=message.expires_at_ms,
    )
    # WRITE
    OFFERS.put(context.state, offer, offer_id)
    add_item(context.state, _ends_at_ms(offer, certificate) + 1, OFFER_HANDLER, offer_id)
    # EMIT
    context.emit(
        events.TransferOffered(
            offer_id,
            message.leaf,
            message.to,
            message.amount_minor,
            message.expires_at_ms,
        ),
    )


def accept_transfer(context: Context, message: AcceptTransfer) -> None:
    """Spend the leaf; create the transferee's child and the holder's remainder."""
    # AUTHORISE
    offer = OFFERS.get(context.state, message.offer)
    if offer is None:
        raise UnknownOffer(message.offer.hex())
    if offer.to != context.acting_for:
        raise NotTransferee(context.acting_for.hex())
    # VALIDATE
    if context.time_ms > offer.expires_at_ms:
        raise OfferExpired(str(offer.expires_at_ms))
    leaf = require_leaf(context.state, offer.leaf)
    if leaf.sequence_no != offer.leaf_sequence_no or leaf.life == Life.SPENT:
        raise UnknownOffer(message.offer.hex())
    certificate = require_movable(context, offer.leaf, leaf)
    _check_split(context, certificate, leaf, offer.amount_minor)
    # COMPUTE
    rest_minor = leaf.amount_minor - offer.amount_minor
    children = [_child(leaf, offer.leaf, offer.to, offer.amount_minor)]
    if rest_minor:
        children.append(_child(leaf, offer.leaf, leaf.holder, rest_minor))
    # WRITE and EMIT
    spent = msgspec.structs.replace(leaf, life=Life.SPENT, sequence_no=leaf.sequence_no + 1)
    put_leaf(context, offer.leaf, spent)
    OFFERS.delete(context.state, message.offer)
    context.emit(events.LeafSpent(offer.leaf, leaf.certificate))
    for ordinal, child in enumerate(children):
        _create_child(context, context.new_id("leaf", ordinal), child)
    CERTIFICATES.put(
        context.state,
        msgspec.structs.replace(
            certificate,
            live_leaves=certificate.live_leaves - 1 + len(children),
        ),
        leaf.certificate,
    )
    claim = asset_id(AssetKind.CLAIM, leaf.certificate, "CNY", 2)
    receiving = open_account(context, offer.to, claim)
    giving = claim_account(leaf.certificate, leaf.holder)
    post(context, receiving, giving, offer.amount_minor, offer.leaf)


def end_offer(context: Context, offer_id: bytes) -> None:
    """Due work: forget an offer that nobody can accept any more."""
    offer = OFFERS.get(context.state, offer_id)
    if offer is None:
        return
    leaf = LEAVES.require(context.state, offer.leaf)
    certificate = CERTIFICATES.require(context.state, leaf.certificate)
    if context.time_ms > _ends_at_ms(offer, certificate):
        OFFERS.delete(context.state, offer_id)
        context.emit(events.TransferOfferEnded(offer_id, offer.leaf))


def _ends_at_ms(offer: TransferOffer, certificate: Certificate) -> int:
    """Return the last moment at which an offer could be accepted."""
    return min(offer.expires_at_ms, china_midnight_ms(certificate.due_day) - 1)


def _create_child(context: Context, child_id: bytes, child: Leaf) -> None:
    put_leaf(context, child_id, child)
    context.emit(
        events.LeafCreated(
            child_id,
            child.certificate,
            child.parent,
            child.holder,
            child.amount_minor,
            child.hops,
        ),
    )


def _child(parent: Leaf, parent_id: bytes, holder: bytes, amount_minor: int) -> Leaf:
    return Leaf(
        certificate=parent.certificate,
        parent=parent_id,
        holder=holder,
        amount_minor=amount_minor,
        discharged_minor=0,
        awaiting_minor=0,
        life=Life.ACTIVE,
        finance=Finance.NONE,
        hops=parent.hops + (holder != parent.holder),
        sequence_no=0,
        financier=b"",
        lock_expires_at_ms=0,
    )


def _check_split(
    context: Context,
    certificate: Certificate,
    leaf: Leaf,
    amount_minor: int,
) -> None:
    if is_taken(leaf, context.time_ms):
        raise Occupied(leaf.certificate.hex())
    rest_minor = leaf.amount_minor - amount_minor
    if rest_minor < 0:
        raise AmountInvalid("more than the leaf's amount")
    smallest_minor = ceil_div(certificate.face_minor, LEAVES_PER_CERTIFICATE_MAX)
    is_whole = rest_minor == 0
    if not is_whole and min(amount_minor, rest_minor) < smallest_minor:
        raise SplitTooSmall(str(smallest_minor))
    if leaf.hops >= HOPS_MAX:
        raise TooManyHops(str(HOPS_MAX))
