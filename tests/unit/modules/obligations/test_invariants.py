"""The invariants see damage: each kind of it is named."""

import msgspec
import pytest

from xinlian.ledger.overlay import Overlay
from xinlian.modules.accounts.types import RESERVATIONS
from xinlian.modules.obligations.invariants import INVARIANTS
from xinlian.modules.obligations.types import OBLIGATIONS, TERMS, ObligationStatus, SourceKind
from xinlian.testing.agreements import EVENING_MS


def broken(state) -> str:
    return "; ".join(found for invariant in INVARIANTS for found in invariant(state))


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"released_minor": 10**12}, "does not add up"),
        ({"disputed_minor": 10**12}, "does not add up"),
        ({"status": ObligationStatus.PERFORMED}, "ended with an open amount"),
        ({"released_minor": 100_000_00}, "nothing open and has not ended"),
        ({"performed_minor": 5, "authority_cap_minor": 4}, "beyond its authority"),
        ({"debtor": b"?" * 20}, "another's account"),
        ({"is_locked": True}, "locks 0 for"),
    ],
)
def test_a_damaged_obligation_is_named(promise, changes, words):
    promise.agree()
    with promise.consortium.engine.application.store.snapshot() as snapshot:
        state = Overlay(snapshot)
        assert broken(state) == ""
        found = OBLIGATIONS.require(state, promise.id)
        OBLIGATIONS.put(state, msgspec.structs.replace(found, **changes), promise.id)
        assert words in broken(state)


def test_locked_money_that_is_gone_is_named(promise):
    promise.agree_locked()
    with promise.consortium.engine.application.store.snapshot() as snapshot:
        state = Overlay(snapshot)
        RESERVATIONS.delete(state, promise.id)
        assert "locks 0 for 10000000" in broken(state)


def test_a_guarantor_that_owes_too_much_is_named(promise):
    promise.agree_guaranteed("supplier2")
    promise.drain()
    promise.to_due_day(EVENING_MS)
    ((claim_id, claim),) = promise.following(SourceKind.GUARANTEE_CALL)
    with promise.consortium.engine.application.store.snapshot() as snapshot:
        state = Overlay(snapshot)
        assert broken(state) == ""
        more = msgspec.structs.replace(claim, amount_minor=claim.amount_minor + 1)
        OBLIGATIONS.put(state, more, claim_id)
        assert "is called for too much" in broken(state)
        assert "owes more than the debtor" in broken(state)
        assert TERMS.require(state, claim_id).origin == promise.id
