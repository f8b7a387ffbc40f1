"""SC-T9 and SC-T21: an assigned leaf goes to another financier, or back to who sold it.

Rules this file keeps:
 1. Both sides sign: the holder offers at a price, the other accepts that price; claim and money
    move in one message, and the change of the register is named.
 2. The first seller signs and pays nothing when a leaf goes from financier to financier.
 3. A financier that still owes a retained part passes its leaf to nobody but the seller: nobody
    gets another debtor without having agreed.
 4. A leaf has one open offer; a new one takes its place. It ends when the leaf changes.
"""

import msgspec

from xinlian.apps.supply_chain import events
from xinlian.apps.supply_chain.errors import (
    NotHolder,
    NotTransferee,
    OfferExpired,
    PartiesInvalid,
    TermsMismatch,
    UnknownOffer,
    WrongState,
)
from xinlian.apps.supply_chain.finance_dues import release_open
from xinlian.apps.supply_chain.financing import check_accounts
from xinlian.apps.supply_chain.holds import require_unheld
from xinlian.apps.supply_chain.keeper import (
    CNY,
    claim_account,
    put_leaf,
    require_idle,
    require_leaf,
    require_movable,
)
from xinlian.apps.supply_chain.messages import AcceptAssignment, OfferAssignment
from xinlian.apps.supply_chain.types import (
    ASSIGNMENT_OFFERS,
    CERTIFICATES,
    ENCUMBRANCES,
    AssignmentOffer,
    Encumbrance,
    Finance,
    Leaf,
    Life,
)
from xinlian.contracts.context import Context
from xinlian.modules.accounts.keeper import open_account, post
from xinlian.modules.accounts.types import AssetKind, asset_id
from xinlian.modules.members.keeper import require_party
from xinlian.modules.obligations.types import ReleaseReason


def offer_assignment(context: Context, message: OfferAssignment) -> None:
    """Offer an assigned leaf at a price; nothing moves."""
    # AUTHORISE
    leaf = require_leaf(context.state, message.leaf)
    if leaf.holder != context.acting_for:
        raise NotHolder(context.acting_for.hex())
    require_party(context.state, message.to)
    # VALIDATE
    if leaf.finance != Finance.ASSIGNED:
        raise WrongState("the leaf is not assigned to a financier")
    encumbrance = ENCUMBRANCES.require(context.state, message.leaf)
    obligor = CERTIFICATES.require(context.state, leaf.certificate).obligor
    if message.to in (leaf.holder, obligor):
        raise PartiesInvalid("a leaf goes neither to its holder nor to its obligor")
    require_passable(context, message.leaf, leaf, encumbrance, message.to)
    if message.expires_at_ms <= context.time_ms:
        raise OfferExpired(str(message.expires_at_ms))
    # WRITE
    offer = AssignmentOffer(
        leaf_sequence_no=leaf.sequence_no,
        to=message.to,
        price_minor=message.price_minor,
        to_account=message.to_account,
        expires_at_ms=message.expires_at_ms,
    )
    ASSIGNMENT_OFFERS.put(context.state, offer, message.leaf)
    # EMIT
    context.emit(
        events.AssignmentOffered(
            message.leaf, message.to, message.price_minor, message.expires_at_ms
        ),
    )


def accept_assignment(context: Context, message: AcceptAssignment) -> None:
    """SC-T9, or SC-T21 where the acceptor is who sold the leaf: claim against money."""
    # AUTHORISE
    leaf = require_leaf(context.state, message.leaf)
    offer = ASSIGNMENT_OFFERS.get(context.state, message.leaf)
    if offer is None:
        raise UnknownOffer(message.leaf.hex())
    if offer.to != context.acting_for:
        raise NotTransferee(context.acting_for.hex())
    # VALIDATE
    if context.time_ms > offer.expires_at_ms:
        raise OfferExpired(str(offer.expires_at_ms))
    terms = (leaf.sequence_no, message.price_minor)
    if (offer.leaf_sequence_no, offer.price_minor) != terms:
        raise UnknownOffer(message.leaf.hex())
    encumbrance = ENCUMBRANCES.require(context.state, message.leaf)
    require_passable(context, message.leaf, leaf, encumbrance, offer.to)
    accounts = (message.from_account, offer.to_account)
    sides = (offer.to, leaf.holder)
    check_accounts(context, leaf.certificate, accounts, sides, offer.price_minor)
    # WRITE and EMIT
    ASSIGNMENT_OFFERS.delete(context.state, message.leaf)
    move_claim(context, message.leaf, leaf, offer.to)
    post(context, offer.to_account, message.from_account, offer.price_minor, message.leaf)
    if offer.to == encumbrance.seller:
        give_back(context, message.leaf, leaf, encumbrance, Life(leaf.life))
        context.emit(
            events.LeafBoughtBack(message.leaf, offer.to, leaf.holder, offer.price_minor),
        )
        return
    passed = msgspec.structs.replace(
        leaf, holder=offer.to, financier=offer.to, sequence_no=leaf.sequence_no + 1
    )
    put_leaf(context, message.leaf, passed)
    ENCUMBRANCES.put(
        context.state,
        msgspec.structs.replace(encumbrance, financier=offer.to, register_no=message.register_no),
        message.leaf,
    )
    context.emit(
        events.LeafReassigned(
            message.leaf, offer.to, leaf.holder, offer.price_minor, message.register_no
        ),
    )


def require_passable(
    context: Context,
    leaf_id: bytes,
    leaf: Leaf,
    encumbrance: Encumbrance,
    to: bytes,
) -> None:
    """Refuse a leaf that may not go to a party now.

    Raises:
        WrongState: it is neither active nor, on its way back to the seller, overdue.
        TooNearDue: the stop before the due date has begun.
        PaymentUnderWay: it is being paid.
        LeafFrozen: a court's order holds it.
        TermsMismatch: its financier owes the seller a retained part.
    """
    is_back = to == encumbrance.seller
    if is_back and leaf.life == Life.OVERDUE:
        require_unheld(context, leaf_id, leaf)
    else:
        require_movable(context, leaf_id, leaf)
    require_idle(context, leaf.certificate, leaf.awaiting_minor)
    if encumbrance.retained_minor and not is_back:
        raise TermsMismatch("the financier owes the seller a retained part of this leaf")


def move_claim(context: Context, leaf_id: bytes, leaf: Leaf, to: bytes) -> None:
    """Post what is outstanding of a leaf from its holder to a party."""
    claim = asset_id(AssetKind.CLAIM, leaf.certificate, CNY, 2)
    receiving = open_account(context, to, claim)
    giving = claim_account(leaf.certificate, leaf.holder)
    post(context, receiving, giving, leaf.outstanding_minor, leaf_id)


def give_back(
    context: Context,
    leaf_id: bytes,
    leaf: Leaf,
    encumbrance: Encumbrance,
    life: Life,
) -> None:
    """Make the seller the holder again, free; what was retained is owed no more."""
    release_open(context, encumbrance.retained_obligation, ReleaseReason.CANCELLED)
    free = msgspec.structs.replace(
        leaf,
        holder=encumbrance.seller,
        financier=b"",
        finance=Finance.NONE,
        life=life,
        sequence_no=leaf.sequence_no + 1,
    )
    put_leaf(context, leaf_id, free)
    ENCUMBRANCES.delete(context.state, leaf_id)
