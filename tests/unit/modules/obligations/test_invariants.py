"""The invariants see damage: each kind of it is named."""

import msgspec
import pytest

from xinlian.ledger.overlay import Overlay
from xinlian.modules.accounts.types import RESERVATIONS
from xinlian.modules.obligations.invariants import INVARIANTS
from xinlian.modules.obligations.types import (
    ENFORCEMENTS,
    OBLIGATIONS,
    TERMS,
    EnforcementStatus,
    ObligationStatus,
    SourceKind,
)
from xinlian.testing.agreements import EVENING_MS, PROMISED_MINOR


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


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"paid_minor": PROMISED_MINOR + 1}, "moved more than it is for"),
        ({"paid_minor": 31_000_00}, "moved more than it is for"),
        ({"ordered_minor": 1}, "is not what its bank executes"),
        ({"status": EnforcementStatus.LIFTED}, "and the obligation differ"),
    ],
)
def test_a_damaged_order_of_a_court_is_named(in_court, judgment, changes, words):
    judgment.enforce(PROMISED_MINOR)
    in_court.credit(30_000_00)
    with in_court.consortium.engine.application.store.snapshot() as snapshot:
        state = Overlay(snapshot)
        assert broken(state) == ""
        order = ENFORCEMENTS.require(state, in_court.id)
        ENFORCEMENTS.put(state, msgspec.structs.replace(order, **changes), in_court.id)
        assert words in broken(state)


def test_an_order_on_the_account_of_another_is_named(in_court, judgment):
    judgment.enforce(PROMISED_MINOR)
    with in_court.consortium.engine.application.store.snapshot() as snapshot:
        state = Overlay(snapshot)
        order = ENFORCEMENTS.require(state, in_court.id)
        theirs = (in_court.consortium.account("bank"),)
        ENFORCEMENTS.put(state, msgspec.structs.replace(order, accounts=theirs), in_court.id)
        assert "is on another's account" in broken(state)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"enforced_minor": 1}, "enforced for more than was performed"),
        ({"is_enforced": True}, "enforced without an order"),
    ],
)
def test_an_obligation_that_no_order_executes_is_named(promise, changes, words):
    promise.agree()
    with promise.consortium.engine.application.store.snapshot() as snapshot:
        state = Overlay(snapshot)
        found = OBLIGATIONS.require(state, promise.id)
        OBLIGATIONS.put(state, msgspec.structs.replace(found, **changes), promise.id)
        assert words in broken(state)
