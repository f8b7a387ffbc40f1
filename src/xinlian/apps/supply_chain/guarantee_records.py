"""Guarantees of certificates: what is on record of them, and what they cover.

Who signs, who answers: the guarantor alone gives a guarantee and answers for it, up to its cap; the
obligor answers as before. Nobody but those whom it covers lets it go.

Rules this file keeps:
 1. Amount, place and end of a guarantee are those of its giving, for good.
 2. It covers the outstanding principal of every live leaf and no interest, whoever holds it, but
    for the guarantors: none of them answers to another, or to itself.
 3. A call is an obligation of its own; its record says of which guarantee.

Source: docs/concepts/certificates.md (T10); docs/concepts/obligations.md (guarantee).
"""

import enum
from collections.abc import Iterator
from typing import Final

from xinlian.apps.supply_chain.keeper import claim_account, live_leaves
from xinlian.apps.supply_chain.types import CERTIFICATES, MODULE_NO, Leaf
from xinlian.contracts.fields import AmountMinor, Count, Hash, Id, TimeMs
from xinlian.ledger.ports import StateView
from xinlian.ledger.records import INTEGER_KEY_BYTES, Collection, Record, integer_part
from xinlian.modules.accounts.types import ACCOUNTS
from xinlian.modules.obligations.types import OBLIGATIONS, Obligation
from xinlian.primitives import ID_BYTES


class GuaranteeStatus(enum.IntEnum):
    """Where a guarantee stands."""

    IN_FORCE = 1
    CALLED = 2
    """The obligor is in default: the guarantor owes."""
    RELEASED = 3
    """Everybody whom it covered gave it up."""
    ENDED = 4
    """Its certificate is over."""


TRANSITIONS: Final = {
    GuaranteeStatus.IN_FORCE: frozenset(
        {GuaranteeStatus.CALLED, GuaranteeStatus.RELEASED, GuaranteeStatus.ENDED},
    ),
    GuaranteeStatus.CALLED: frozenset({GuaranteeStatus.RELEASED, GuaranteeStatus.ENDED}),
    GuaranteeStatus.RELEASED: frozenset(),
    GuaranteeStatus.ENDED: frozenset(),
}
STANDING: Final = (GuaranteeStatus.IN_FORCE, GuaranteeStatus.CALLED)


class Guarantee(Record, frozen=True):
    """What a guarantor answers for; its key names certificate and place."""

    guarantor: Id
    cap_minor: AmountMinor
    account: Id
    until_ms: TimeMs
    deed_root: Hash
    given_at_ms: TimeMs
    status: Count


class GuaranteeRelease(Record, frozen=True):
    """That a party whom a guarantee covers gave it up; its key ends with the party."""

    agreed_at_ms: TimeMs


class GuaranteeCall(Record, frozen=True):
    """Which guarantee an obligation of a guarantor is a call of."""

    certificate: Id
    order_no: Count


class CallOfGuarantee(Record, frozen=True):
    """An entry of the index of calls by certificate and place."""


GUARANTEES: Final = Collection(MODULE_NO, 80, Guarantee, (ID_BYTES, INTEGER_KEY_BYTES))
"""By certificate and place: scanned in the order in which they are called."""
GUARANTEE_RELEASES: Final = Collection(
    MODULE_NO,
    81,
    GuaranteeRelease,
    (ID_BYTES, INTEGER_KEY_BYTES, ID_BYTES),
)
CALLS: Final = Collection(MODULE_NO, 82, GuaranteeCall, (ID_BYTES,))
"""By the obligation that a call is."""
CALLS_OF: Final = Collection(
    MODULE_NO,
    83,
    CallOfGuarantee,
    (ID_BYTES, INTEGER_KEY_BYTES, ID_BYTES),
)


def guarantee_at(state: StateView, certificate: bytes, order_no: int) -> Guarantee | None:
    """Return the guarantee in a place, whatever became of it."""
    return GUARANTEES.get(state, certificate, integer_part(order_no))


def guarantees_of(state: StateView, certificate: bytes) -> Iterator[tuple[int, Guarantee]]:
    """Yield (place, guarantee) of those that stand, the first to be called first."""
    for (_, order), guarantee in GUARANTEES.scan(state, certificate):
        if guarantee.status in STANDING:
            yield int.from_bytes(order, "big"), guarantee


def guarantors_of(state: StateView, certificate: bytes) -> set[bytes]:
    """Return everybody who ever guaranteed a certificate: nobody answers to them."""
    return {guarantee.guarantor for _, guarantee in GUARANTEES.scan(state, certificate)}


def covered_leaves(state: StateView, certificate: bytes) -> list[tuple[bytes, Leaf]]:
    """Return (id, leaf) of what guarantors answer for, ascending by id; ≤ 1 000."""
    guarantors = guarantors_of(state, certificate)
    return [
        (leaf_id, leaf)
        for leaf_id, leaf in live_leaves(state, certificate)
        if leaf.holder not in guarantors
    ]


def missing_minor(state: StateView, certificate: bytes) -> int:
    """Return what is outstanding and undisputed of the leaves that guarantors answer for.

    A holder's balance in the claim asset is what is outstanding of its leaves (SC-I16).
    """
    left_minor = CERTIFICATES.require(state, certificate).outstanding_minor
    for guarantor in guarantors_of(state, certificate):
        account = ACCOUNTS.get(state, claim_account(certificate, guarantor))
        if account is not None:
            left_minor -= account.balance_minor
    if OBLIGATIONS.require(state, certificate).disputed_minor:
        covered = covered_leaves(state, certificate)
        left_minor -= sum(leaf.disputed_minor for _, leaf in covered)
    return left_minor


def calls_of(state: StateView, certificate: bytes) -> list[tuple[int, bytes, Obligation]]:
    """Return (place, claim, its obligation) of every call, the first to be called first."""
    return [
        (int.from_bytes(order, "big"), claim, OBLIGATIONS.require(state, claim))
        for (_, order, claim), _ in CALLS_OF.scan(state, certificate)
    ]
