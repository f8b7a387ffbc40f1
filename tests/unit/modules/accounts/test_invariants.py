"""What accounts must hold, and that each rule of it can be seen broken."""

import msgspec
import pytest

from xinlian.ledger.overlay import Overlay
from xinlian.modules.accounts.invariants import (
    INVARIANTS,
    unbooked_is_of_mirrored_accounts,
    value_is_conserved,
)
from xinlian.modules.accounts.messages import Transfer
from xinlian.modules.accounts.types import ACCOUNTS
from xinlian.testing import Consortium
from xinlian.testing.trade import Trade


@pytest.fixture(scope="module")
def paid():
    """A state after core paid bank: both sides are unbooked. With it: core's account."""
    c = Consortium()
    core = c.account("core")
    Trade(c).step("core", Transfer(core, c.account("bank"), 5_00))
    with c.engine.application.store.snapshot() as snapshot:
        yield Overlay(snapshot), core
    c.close()


def test_all_of_them_hold_after_a_transfer(paid):
    state, core = paid
    assert [broken for invariant in INVARIANTS for broken in invariant(state)] == []
    assert ACCOUNTS.require(state, core).unbooked_out_minor == 5_00


@pytest.mark.parametrize(
    "changes",
    [
        {"mirrored": False},
        {"unbooked_out_minor": 5_000_000_01},
        {"unbooked_in_minor": 5_000_000_01},
    ],
)
def test_what_cannot_be_unbooked_is_named(paid, changes):
    state, core = paid
    mark = state.mark()
    ACCOUNTS.put(state, msgspec.structs.replace(ACCOUNTS.require(state, core), **changes), core)
    assert list(unbooked_is_of_mirrored_accounts(state))
    state.rollback(mark)


def test_value_from_nothing_is_named(paid):
    state, core = paid
    mark = state.mark()
    found = ACCOUNTS.require(state, core)
    more = msgspec.structs.replace(found, debits_minor=found.debits_minor + 1)
    ACCOUNTS.put(state, more, core)
    assert list(value_is_conserved(state))
    state.rollback(mark)
