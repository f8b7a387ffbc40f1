"""Freeze orders on claims: what is on record of them, and what they hold now.

Rules this file keeps:
 1. An order is on one leaf, or on all leaves of one holder on one certificate: those that it holds
    now and those that come to it while the order is in force.
 2. It is in force from its confirmation until it is lifted or its time is up. Guards compare time
    themselves; nothing needs to run for an order to end.
 3. While a leaf is held its holder, its payee and its amount stay as they are. It is still paid:
    into the account that the order names.
 4. Several orders may hold one leaf. The earliest of those in force says where it is paid; the next
    one follows when that one ends.

Source: docs/concepts/certificates.md (FreezeOrder, T17, held leaf).
"""

import enum
from collections.abc import Iterator
from typing import Final, NamedTuple

import msgspec

from xinlian.apps.supply_chain import events
from xinlian.apps.supply_chain.errors import LeafFrozen
from xinlian.apps.supply_chain.types import MODULE_NO, Leaf
from xinlian.contracts.context import Context
from xinlian.contracts.fields import (
    AmountMinor,
    Count,
    Flag,
    Hash,
    Id,
    OptionalId,
    TimeMs,
)
from xinlian.ledger.ports import StateView
from xinlian.ledger.records import INTEGER_KEY_BYTES, Collection, Record
from xinlian.primitives import ID_BYTES

HOLDS_MAX: Final = 8
"""Orders in force on one leaf, and on one holder of a certificate: reading them is bounded."""


class FreezeStatus(enum.IntEnum):
    """Where a freeze order stands."""

    ORDERED = 1
    """By the court alone: it holds nothing yet."""
    IN_FORCE = 2
    LIFTED = 3
    EXPIRED = 4


TRANSITIONS: Final = {
    FreezeStatus.ORDERED: frozenset(
        {FreezeStatus.IN_FORCE, FreezeStatus.LIFTED, FreezeStatus.EXPIRED},
    ),
    FreezeStatus.IN_FORCE: frozenset({FreezeStatus.LIFTED, FreezeStatus.EXPIRED}),
    FreezeStatus.LIFTED: frozenset(),
    FreezeStatus.EXPIRED: frozenset(),
}


class FreezeOrder(Record, frozen=True):
    """A court's order to hold claims."""

    authority: Id
    """The court that ordered it."""
    case_root: Hash
    """A commitment to the court's case number."""
    order_root: Hash
    """The order itself, a document that the court registered."""
    certificate: Id
    subject: Id
    """The leaf, or the holder."""
    is_of_holder: Flag
    account: Id
    """Where payments go meanwhile."""
    ordered_at_ms: TimeMs
    confirmed_at_ms: TimeMs
    """0 until it is confirmed."""
    confirmed_by: OptionalId
    expires_at_ms: TimeMs
    status: Count
    received_minor: AmountMinor = 0
    """What was paid into its account because of it."""


class Hold(Record, frozen=True):
    """An entry of the index of orders in force, by what they hold and since when."""

    account: Id
    expires_at_ms: TimeMs


FREEZES: Final = Collection(MODULE_NO, 24, FreezeOrder, (ID_BYTES,))
HOLDS: Final = Collection(MODULE_NO, 25, Hold, (ID_BYTES, ID_BYTES, INTEGER_KEY_BYTES, ID_BYTES))
"""By certificate, leaf or holder, moment of confirmation, order."""


class Held(NamedTuple):
    """What holds a leaf: an order, and where it sends payments."""

    order: bytes
    account: bytes


def holds_on(
    state: StateView,
    certificate: bytes,
    subject: bytes,
    time_ms: int,
) -> Iterator[tuple[bytes, Held]]:
    """Yield (since, what holds) of a leaf or a holder, the earliest first."""
    for (_, _, since, order), hold in HOLDS.scan(state, certificate, subject):
        if time_ms <= hold.expires_at_ms:
            yield since, Held(order, hold.account)


def first_hold(
    state: StateView,
    certificate: bytes,
    leaf_id: bytes,
    holder: bytes,
    time_ms: int,
) -> Held | None:
    """Return the earliest hold on a leaf, by itself or through its holder; None if it is free."""
    found = [
        one
        for subject in (leaf_id, holder)
        for one in holds_on(state, certificate, subject, time_ms)
    ]
    return min(found)[1] if found else None


def hold_of(context: Context, leaf_id: bytes, leaf: Leaf) -> Held | None:
    """Return the hold on a leaf now; None where it is free."""
    return first_hold(context.state, leaf.certificate, leaf_id, leaf.holder, context.time_ms)


def require_unheld(context: Context, leaf_id: bytes, leaf: Leaf) -> None:
    """Refuse a change of holder, payee or amount of a held leaf; raises LeafFrozen."""
    if hold_of(context, leaf_id, leaf) is not None:
        raise LeafFrozen(leaf_id.hex())


def payment_was_held(context: Context, held: Held, leaf_id: bytes, amount_minor: int) -> None:
    """Count a payment that went into the account of an order."""
    order = FREEZES.require(context.state, held.order)
    received_minor = order.received_minor + amount_minor
    counted = msgspec.structs.replace(order, received_minor=received_minor)
    FREEZES.put(context.state, counted, held.order)
    context.emit(events.PaymentHeld(held.order, leaf_id, held.account, amount_minor))
