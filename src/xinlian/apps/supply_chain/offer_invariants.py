"""What must hold of calls for offers at every height; see ``invariants.py``."""

from collections import Counter
from collections.abc import Iterator

from xinlian.apps.supply_chain.offer_types import (
    ACCEPTED,
    CALL_OF,
    CALLS,
    INVITED,
    OPENED_OFFERS,
    SEALED_OFFERS,
    TRANSITIONS,
    CallStatus,
)
from xinlian.apps.supply_chain.types import LEAVES, Finance
from xinlian.ledger.ports import StateView


def calls_hold_their_offers(state: StateView) -> Iterator[str]:
    """SC-T6: a leaf has one open call; boxes are under open calls, terms under opened ones."""
    standing = {entry.call: leaf for (leaf,), entry in CALL_OF.scan(state)}
    for (leaf,), entry in CALL_OF.scan(state):
        if CALLS.require(state, entry.call).leaf != leaf:
            yield f"SC-T6: leaf {leaf.hex()} names a call on another leaf"
    banks = Counter(call for (call, _), _ in INVITED.scan(state))
    for (call_id,), call in CALLS.scan(state):
        is_open = bool(TRANSITIONS[CallStatus(call.status)])
        if is_open != (call_id in standing) or is_open != bool(banks[call_id]):
            yield f"SC-T6: call {call_id.hex()} is not what its leaf and its banks say"
    for collection, status in (
        (SEALED_OFFERS, CallStatus.OPEN),
        (OPENED_OFFERS, CallStatus.OPENED),
    ):
        for (call_id, bank), _ in collection.scan(state):
            is_invited = INVITED.get(state, call_id, bank) is not None
            if not is_invited or CALLS.require(state, call_id).status != status:
                yield f"SC-T6: an offer of {bank.hex()} is where none can be"


def accepted_offers_lock_leaves(state: StateView) -> Iterator[str]:
    """SC-T6: accepted terms stand as long as the lock that they were accepted with."""
    for (leaf_id,), accepted in ACCEPTED.scan(state):
        if LEAVES.require(state, leaf_id).finance != Finance.LOCKED:
            yield f"SC-T6: leaf {leaf_id.hex()} has accepted terms and no lock"
        if CALLS.require(state, accepted.call).status != CallStatus.ACCEPTED:
            yield f"SC-T6: the terms of {leaf_id.hex()} were accepted under no call"


INVARIANTS = (calls_hold_their_offers, accepted_offers_lock_leaves)
