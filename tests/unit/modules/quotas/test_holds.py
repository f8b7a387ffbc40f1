"""After a fault of ours its sender may not send the like for some blocks; nothing else is held."""

import pytest

from unit.ledger.fakes import PAYER, TableView, body, signed
from xinlian.contracts.runtime import Contracts
from xinlian.ledger.overlay import Overlay
from xinlian.ledger.transaction import decode_transaction
from xinlian.modules.obligations import disputes
from xinlian.modules.obligations.messages import DisputeObligation
from xinlian.modules.policy.changes import add_version
from xinlian.modules.policy.types import PolicyVersion
from xinlian.modules.quotas.errors import HeldAfterFault
from xinlian.modules.quotas.holds import (
    HOLD_BLOCKS,
    HOLD_BLOCKS_MAX,
    HOLD_BLOCKS_ROW,
    drop_ended_holds,
    hold_sender,
    require_not_held,
)
from xinlian.modules.quotas.types import HOLDS, HOLDS_MAX
from xinlian.primitives import InvariantViolation
from xinlian.testing import Consortium
from xinlian.testing.agreements import Agreement
from xinlian.testing.trade import SUCCEEDED, reference_of


@pytest.fixture
def state():
    return Overlay(TableView())


def test_a_hold_lasts_for_its_blocks_and_is_dropped_by_itself(state):
    faulty = decode_transaction(signed(body()))
    hold_sender(state, faulty, 0, 10, 0)
    with pytest.raises(HeldAfterFault, match=str(10 + HOLD_BLOCKS)):
        require_not_held(state, faulty, 10 + HOLD_BLOCKS)
    require_not_held(state, faulty, 11 + HOLD_BLOCKS)
    drop_ended_holds(state, 10 + HOLD_BLOCKS)
    assert HOLDS.get(state) is not None
    drop_ended_holds(state, 11 + HOLD_BLOCKS)
    assert HOLDS.get(state) is None


def test_who_is_only_named_as_acting_is_not_held_for_what_another_paid_for(state):
    stranger = bytes(len(PAYER))
    named = decode_transaction(signed(body(payer=stranger)))
    assert named.body.calls[0].acting_for == PAYER
    hold_sender(state, named, 0, 10, 0)
    require_not_held(state, decode_transaction(signed(body())), 11)
    with pytest.raises(HeldAfterFault):
        require_not_held(state, named, 11)


@pytest.mark.parametrize(("row", "blocks"), [(3, 3), (10**9, HOLD_BLOCKS_MAX), (-1, 0)])
def test_policy_says_for_how_many_blocks_up_to_a_ceiling(state, row, blocks):
    version = PolicyVersion(0, row, "event", "test", verified=False)
    add_version(state, HOLD_BLOCKS_ROW, "count", version)
    hold_sender(state, decode_transaction(signed(body())), 0, 10, 5)
    (hold,) = HOLDS.require(state).holds
    assert hold.until_height == 10 + blocks


def test_holds_are_bounded_and_the_one_that_ends_first_makes_room(state):
    faulty = decode_transaction(signed(body()))
    for height in range(HOLDS_MAX + 5):
        hold_sender(state, faulty, 0, height, 0)
    holds = HOLDS.require(state).holds
    assert len(holds) == HOLDS_MAX
    assert holds[0].until_height == 5 + HOLD_BLOCKS


@pytest.fixture
def faulty(monkeypatch):
    """A consortium in which a dispute meets a fault of ours, and a promise to dispute."""
    consortium = Consortium()
    promise = Agreement(consortium)
    promise.agree()
    executor = consortium.engine.application.executor
    assert isinstance(executor, Contracts)
    handlers = executor._handlers

    def fail(context, message):
        del context
        raise InvariantViolation("tests", message.obligation.hex())

    monkeypatch.setitem(handlers, DisputeObligation, fail)
    yield promise, lambda: handlers.__setitem__(DisputeObligation, disputes.dispute_obligation)
    consortium.close()


def test_who_met_a_fault_may_not_repeat_the_message_until_some_blocks_later(faulty):
    promise, mend = faulty
    c = promise.consortium
    dispute = DisputeObligation(promise.id, 100, promise.root("complaint"))

    def outcome(name, message):
        _, committed = c.send(name, message)
        return reference_of(committed.result)

    assert outcome("core", dispute).startswith("internal/")
    with pytest.raises(HeldAfterFault):
        outcome("core", dispute)
    assert outcome("supplier1", dispute).startswith("internal/"), "another party meets it itself"
    other = promise.entry(1, on="core", is_credit=True)
    assert outcome("core", other) == "accounts/not_issuer", "it may send all else"
    mend()
    with c.engine.application.store.snapshot() as snapshot:
        (until, *_) = (hold.until_height for hold in HOLDS.require(snapshot).holds)
    while c.engine.height() < until:
        with pytest.raises(HeldAfterFault):
            outcome("core", dispute)
        outcome("bank", other)  # makes a block
    outcome("bank", other)
    assert outcome("core", dispute) == SUCCEEDED
    with c.engine.application.store.snapshot() as snapshot:
        left = HOLDS.get(snapshot)
    assert left is None or [hold.party for hold in left.holds] == [c["supplier1"].party]
