"""What several steps share: the index of live leaves, locks, lines of nobody."""

import pytest

from unit.apps.supply_chain.looking import leaf_of
from xinlian.apps.supply_chain.errors import UnknownCertificate, UnknownInvoice, UnknownLeaf
from xinlian.apps.supply_chain.keeper import (
    claim_account,
    interest_account,
    is_locked,
    issue_line,
    live_leaves,
    payout_account,
    require_certificate,
    require_invoice,
    require_leaf,
)
from xinlian.apps.supply_chain.types import Finance, Life


def test_the_index_holds_exactly_the_live_leaves_in_ascending_order(trade):
    c = trade.consortium
    certificate, rest = trade.certify()
    expected = []
    for _ in range(3):
        theirs, rest = trade.split(rest, 10_000_00, to="bank")
        expected.append(theirs)
    with c.engine.application.store.snapshot() as snapshot:
        found = live_leaves(snapshot, certificate)
    assert [leaf_id for leaf_id, _ in found] == sorted([*expected, rest])
    assert all(leaf.life == Life.ACTIVE for _, leaf in found)


def test_a_lock_is_open_to_its_last_millisecond(trade):
    _, leaf = trade.certify()
    assert not is_locked(leaf_of(trade.consortium, leaf), trade.consortium.now_ms())
    trade.request(leaf)
    found = leaf_of(trade.consortium, leaf)
    assert found.finance == Finance.LOCKED
    assert is_locked(found, found.lock_expires_at_ms)
    assert not is_locked(found, found.lock_expires_at_ms + 1)


def test_without_a_line_nothing_may_be_issued(trade):
    with trade.consortium.engine.application.store.snapshot() as snapshot:
        line = issue_line(snapshot, trade.consortium["bank"].party)
    assert (line.limit_minor, line.used_minor, line.overdue_certificates) == (0, 0, 0)


def test_what_is_unknown_is_named(trade):
    with trade.consortium.engine.application.store.snapshot() as snapshot:
        with pytest.raises(UnknownInvoice):
            require_invoice(snapshot, bytes(32))
        with pytest.raises(UnknownCertificate):
            require_certificate(snapshot, bytes(20))
        with pytest.raises(UnknownLeaf):
            require_leaf(snapshot, bytes(20))


def test_claim_interest_and_money_of_one_owner_are_different_accounts(trade):
    c = trade.consortium
    party = c["supplier1"].party
    accounts = {
        claim_account(bytes(20), party),
        interest_account(bytes(20), party),
        payout_account(c.deposit, party),
    }
    assert len(accounts) == 3
    assert payout_account(c.deposit, party) == c.account("supplier1")
