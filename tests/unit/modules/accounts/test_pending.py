"""Pending transfers: set aside, posted in parts, voided or expired, each exactly once."""

import pytest

from unit.apps.supply_chain.looking import try_out
from xinlian.bootstrap import build_registry
from xinlian.contracts.context import Context
from xinlian.ledger.overlay import Overlay
from xinlian.modules.accounts.errors import PendingExpired
from xinlian.modules.accounts.messages import (
    PendTransfer,
    PostTransfer,
    SetBounds,
    Transfer,
    VoidTransfer,
)
from xinlian.modules.accounts.pending import post_transfer
from xinlian.modules.accounts.types import PENDING, PendingStatus, account_id
from xinlian.primitives import AMOUNT_MINOR_MAX
from xinlian.primitives.time import MS_PER_DAY
from xinlian.testing import Consortium
from xinlian.testing.trade import SUCCEEDED, Trade

WHOLE = 5_000_000_00


@pytest.fixture
def trade():
    consortium = Consortium()
    yield Trade(consortium)
    assert consortium.broken_invariants() == []
    consortium.close()


def pending_to_supplier(trade: Trade, amount_minor: int = 1_000, **more: object) -> PendTransfer:
    """Return a payment of core to supplier1 that the bank settles within ten days."""
    c = trade.consortium
    fields: dict[str, object] = {
        "from_account": c.account("core"),
        "to_account": c.account("supplier1"),
        "settler": c["bank"].party,
        "amount_minor": amount_minor,
        "expires_at_ms": c.now_ms() + 10 * MS_PER_DAY,
        **more,
    }
    return PendTransfer(**fields)  # type: ignore[arg-type]  # the test's own field values


def pend(trade: Trade, amount_minor: int = 1_000) -> bytes:
    return trade.step("core", pending_to_supplier(trade, amount_minor)).created_id("pending")


def status_of(trade: Trade, pending: bytes) -> PendingStatus:
    with trade.consortium.engine.application.store.snapshot() as state:
        return PendingStatus(PENDING.require(state, pending).status)


def test_what_is_pending_is_in_the_balance_but_not_available(trade):
    c = trade.consortium
    pend(trade, WHOLE)
    assert c.balance_minor("core") == WHOLE
    spend = Transfer(c.account("core"), c.account("bank"), 1)
    assert try_out(c, "core", spend).reference == "accounts/insufficient_balance"


def test_the_settler_posts_in_parts_until_nothing_is_left(trade):
    c = trade.consortium
    pending = pend(trade)
    trade.step("bank", PostTransfer(pending, 400))
    assert status_of(trade, pending) == PendingStatus.PENDING
    more = PostTransfer(pending, 601)
    assert try_out(c, "bank", more).reference == "accounts/more_than_pending"
    trade.step("bank", PostTransfer(pending, 600))
    assert status_of(trade, pending) == PendingStatus.POSTED
    assert c.balance_minor("supplier1") == 1_000
    for message in (PostTransfer(pending, 1), VoidTransfer(pending)):
        assert try_out(c, "bank", message).reference == "accounts/pending_ended"


def test_the_giver_cannot_take_back_what_it_set_aside(trade):
    c = trade.consortium
    pending = pend(trade)
    for message in (PostTransfer(pending, 1), VoidTransfer(pending)):
        assert try_out(c, "core", message).reference == "accounts/not_settler"


@pytest.mark.parametrize("name", ["bank", "supplier1"])
def test_settler_and_receiver_give_back_what_was_not_posted(trade, name):
    c = trade.consortium
    pending = pend(trade)
    trade.step("bank", PostTransfer(pending, 400))
    trade.step(name, VoidTransfer(pending))
    assert status_of(trade, pending) == PendingStatus.VOIDED
    trade.step("core", Transfer(c.account("core"), c.account("bank"), WHOLE - 400))
    assert c.balance_minor("supplier1") == 400


def test_what_is_not_posted_in_time_goes_back_by_itself(trade):
    c = trade.consortium
    message = pending_to_supplier(trade, WHOLE)
    pending = trade.step("core", message).created_id("pending")
    c.advance_to(message.expires_at_ms + 1)
    c.settle_due_work()
    assert status_of(trade, pending) == PendingStatus.EXPIRED
    assert try_out(c, "bank", PostTransfer(pending, 1)).reference == "accounts/pending_ended"
    trade.step("core", Transfer(c.account("core"), c.account("bank"), WHOLE))


def test_a_posting_after_the_expiry_is_refused_though_due_work_has_not_run(trade):
    c = trade.consortium
    message = pending_to_supplier(trade)
    pending = trade.step("core", message).created_id("pending")
    with c.engine.application.store.snapshot() as snapshot:
        for late_ms in (0, 1):
            context = Context(
                state=Overlay(snapshot),
                chain_id=c.chain_id,
                height=c.engine.height() + 1,
                time_ms=message.expires_at_ms + late_ms,
                acting_for=c["bank"].party,
                payer=c["bank"].party,
                signers=(),
                idempotency_key=b"",
                call_index=0,
                work_left=100,
                ports=build_registry().ports,
            )
            if late_ms:
                with pytest.raises(PendingExpired):
                    post_transfer(context, PostTransfer(pending, 1))
            else:
                post_transfer(context, PostTransfer(pending, 1))


def test_pending_is_checked_in_its_order(trade):
    c = trade.consortium
    core, now_ms = c.account("core"), c.now_ms()
    issue = account_id(c["settle"].party, c.deposit)
    rows = [
        ("core", {"to_account": core}, "accounts/same_account"),
        ("core", {"from_account": bytes(20)}, "accounts/unknown_account"),
        ("bank", {"settler": bytes(20)}, "accounts/not_account_owner"),
        ("core", {"settler": bytes(20), "to_account": issue}, "members/unknown_party"),
        ("core", {"to_account": issue, "expires_at_ms": now_ms}, "accounts/not_transferable"),
        ("core", {"expires_at_ms": now_ms, "amount_minor": WHOLE + 1}, "expiry_out_of_range"),
        ("core", {"expires_at_ms": now_ms + 31 * MS_PER_DAY}, "expiry_out_of_range"),
        ("core", {"amount_minor": WHOLE + 1}, "accounts/insufficient_balance"),
        ("core", {}, SUCCEEDED),
    ]
    for name, changes, expected in rows:
        tried = try_out(c, name, pending_to_supplier(trade, **{"amount_minor": 1, **changes}))
        assert tried.reference.endswith(expected), changes
        assert tried.changes_nothing == (expected != SUCCEEDED)


def test_unknown_pending_transfers_are_named(trade):
    c = trade.consortium
    for message in (PostTransfer(bytes(20), 1), VoidTransfer(bytes(20))):
        assert try_out(c, "bank", message).reference == "accounts/unknown_pending"


def test_bounds_hold_for_pending_transfers(trade):
    c = trade.consortium
    pending = pend(trade)
    trade.step("supplier1", SetBounds(c.account("supplier1"), 0, 500))
    posting = PostTransfer(pending, 501)
    assert try_out(c, "bank", posting).reference == "accounts/above_upper_bound"
    trade.step("bank", PostTransfer(pending, 500))
    trade.step("core", SetBounds(c.account("core"), WHOLE - 1_000, AMOUNT_MINOR_MAX))
    again = pending_to_supplier(trade, 1)
    assert try_out(c, "core", again).reference == "accounts/below_lower_bound"
