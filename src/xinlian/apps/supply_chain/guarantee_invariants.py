"""What must hold of guarantees at every height: nobody is paid twice, nobody pays more than agreed.

Each returns what it found broken, in words, or nothing.
"""

from collections import defaultdict
from collections.abc import Iterator

from xinlian.apps.supply_chain.guarantee_records import (
    GUARANTEES,
    STANDING,
    GuaranteeStatus,
    calls_of,
    missing_minor,
)
from xinlian.apps.supply_chain.types import (
    CERTIFICATES,
    LEAVES,
    PAYMENTS,
    Life,
)
from xinlian.ledger.ports import StateView

_OVER = (Life.DISCHARGED, Life.VOID, Life.CANCELLED)


def guarantees_within_caps(state: StateView) -> Iterator[str]:
    """SC-T10: a guarantor pays and owes at most its cap, is owed nothing when it is let go."""
    for (certificate_id, order), guarantee in GUARANTEES.scan(state):
        name = f"guarantee {int.from_bytes(order, 'big')} of {certificate_id.hex()}"
        place = int.from_bytes(order, "big")
        calls = [claim for no, _, claim in calls_of(state, certificate_id) if no == place]
        open_minor = sum(claim.open_minor for claim in calls)
        if open_minor + sum(claim.performed_minor for claim in calls) > guarantee.cap_minor:
            yield f"{name} is called for more than its cap"
        if open_minor and guarantee.status != GuaranteeStatus.CALLED:
            yield f"{name} owes and is not called"
        is_over = CERTIFICATES.require(state, certificate_id).life in _OVER
        if is_over and guarantee.status in STANDING:
            yield f"{name} outlives its certificate"


def calls_within_missing(state: StateView) -> Iterator[str]:
    """SC-T10: no guarantor owes more than is missing, unless a payment is being carried out."""
    for certificate_id in sorted({parts[0] for parts, _ in GUARANTEES.scan(state)}):
        calls = calls_of(state, certificate_id)
        if not calls or PAYMENTS.get(state, certificate_id) is not None:
            continue
        missing = missing_minor(state, certificate_id)
        for _, claim_id, claim in calls:
            if claim.open_minor > missing:
                yield f"call {claim_id.hex()} is for more than is missing"


def nothing_is_paid_twice(state: StateView) -> Iterator[str]:
    """SC-T10: what guarantors paid is what they hold; with the obligor's it is within the face.

    What the obligor paid a guarantor back counts once: the guarantor's payment stands for it.
    """
    paid: dict[bytes, int] = defaultdict(int)
    paid_back: dict[bytes, int] = defaultdict(int)
    for (leaf_id,), leaf in LEAVES.scan(state):
        if not leaf.taken_over_minor:
            continue
        paid[leaf.certificate] += leaf.taken_over_minor
        paid_back[leaf.certificate] += leaf.taken_over_minor - leaf.outstanding_minor
        if leaf.outstanding_minor > leaf.taken_over_minor:
            yield f"leaf {leaf_id.hex()} owes its guarantor more than it paid"
    for certificate_id in sorted({parts[0] for parts, _ in GUARANTEES.scan(state)}):
        certificate = CERTIFICATES.require(state, certificate_id)
        claims = calls_of(state, certificate_id)
        performed_minor = sum(claim.performed_minor for _, _, claim in claims)
        if performed_minor != paid[certificate_id]:
            yield f"guarantors of {certificate_id.hex()} hold other than what they paid"
        received_minor = performed_minor + certificate.discharged_minor - paid_back[certificate_id]
        if received_minor > certificate.face_minor:
            yield f"holders of {certificate_id.hex()} were paid more than was owed"


INVARIANTS = (guarantees_within_caps, calls_within_missing, nothing_is_paid_twice)
