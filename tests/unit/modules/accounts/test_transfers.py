"""Linked transfers, bounds and the circulation of deposit, as owners meet them."""

import hashlib
import json

import msgspec
import pytest

from unit.apps.supply_chain.looking import try_out
from xinlian.bootstrap import open_embedded
from xinlian.client import SignedTransaction
from xinlian.client.builder import Intent
from xinlian.engines.embedded import WatchedClock
from xinlian.ledger.genesis import Genesis, GenesisInvalid, encode_genesis
from xinlian.modules.accounts.messages import (
    LinkedTransfer,
    LinkTransfers,
    SetBounds,
    Transfer,
)
from xinlian.modules.accounts.policy import DEPOSIT_CIRCULATES
from xinlian.modules.accounts.types import ACCOUNTS, BOUNDS, account_id
from xinlian.primitives import AMOUNT_MINOR_MAX
from xinlian.storage import MemoryStore
from xinlian.testing import Consortium
from xinlian.testing.trade import FACE_MINOR, SUCCEEDED, Trade, reference_of


@pytest.fixture
def trade():
    consortium = Consortium()
    yield Trade(consortium)
    assert consortium.broken_invariants() == []
    consortium.close()


def link(c: Consortium, giver: str, receiver: str, amount_minor: int) -> LinkedTransfer:
    return LinkedTransfer(c.account(giver), c.account(receiver), amount_minor)


def signed_by_all(c: Consortium, message: LinkTransfers, *names: str) -> SignedTransaction:
    """Return a transaction in the name of the first, signed with keys of all."""
    first = c[names[0]]
    intent = Intent(
        chain_id=c.chain_id,
        payer=first.party,
        calls=((first.party, message),),
        idempotency_key=hashlib.sha256(repr(message).encode()).digest()[:16],
        valid_until_ms=c.now_ms() + 600_000,
    )
    return intent.sign([key for name in names for key in c[name].keys_of("finance-1")])


def submit(c: Consortium, message: LinkTransfers, *names: str) -> str:
    signed = signed_by_all(c, message, *names)
    return reference_of(c.engine.submit(signed.raw).result(timeout=60).result)


def test_an_exchange_is_signed_by_both_owners_or_does_not_happen(trade):
    c = trade.consortium
    exchange = LinkTransfers((link(c, "core", "bank", 500), link(c, "bank", "core", 200)))
    assert submit(c, exchange, "core") == "members/no_mandate"
    assert c.balance_minor("core") == 5_000_000_00
    reversed_order = LinkTransfers(exchange.transfers[::-1])
    assert submit(c, reversed_order, "core", "bank") == SUCCEEDED
    assert c.balance_minor("core") == 5_000_000_00 - 500 + 200
    assert c.balance_minor("bank") == 5_000_000_00 + 500 - 200


def test_linked_transfers_stand_or_fall_together(trade):
    c = trade.consortium
    too_much = LinkTransfers((link(c, "core", "bank", 1), link(c, "core", "bank", 5_000_000_00)))
    tried = try_out(c, "core", too_much)
    assert tried.reference == "accounts/insufficient_balance"
    assert tried.changes_nothing


def test_linked_transfers_are_checked_in_their_order(trade):
    c = trade.consortium
    issue = account_id(c["settle"].party, c.deposit)
    core = c.account("core")
    good = link(c, "core", "bank", 1)
    for links, expected in (
        ((good, LinkedTransfer(core, core, 1)), "accounts/same_account"),
        ((good, link(c, "core", "bank", AMOUNT_MINOR_MAX)), "contracts/field_invalid"),
        ((good, LinkedTransfer(bytes(20), core, 1)), "accounts/unknown_account"),
        ((good, LinkedTransfer(core, issue, 1)), "accounts/not_transferable"),
        ((good, good), SUCCEEDED),
    ):
        assert try_out(c, "core", LinkTransfers(links)).reference == expected
    others = LinkTransfers((link(c, "bank", "core", 1), link(c, "bank", "core", 1)))
    assert try_out(c, "core", others).reference == "accounts/not_account_owner"


def test_one_transfer_is_no_link_and_seventeen_are_too_many(trade):
    c = trade.consortium
    for count in (1, 17):
        message = LinkTransfers((link(c, "core", "bank", 1),) * count)
        assert try_out(c, "core", message).reference == "contracts/message_malformed"


def test_an_owner_keeps_what_it_chose_to_keep(trade):
    c = trade.consortium
    core, bank = c.account("core"), c.account("bank")
    trade.step("core", SetBounds(core, 4_000_000_00, AMOUNT_MINOR_MAX))
    too_much = Transfer(core, bank, 1_000_000_01)
    assert try_out(c, "core", too_much).reference == "accounts/below_lower_bound"
    trade.step("core", Transfer(core, bank, 1_000_000_00))
    trade.step("core", SetBounds(core, 0, AMOUNT_MINOR_MAX))
    with c.engine.application.store.snapshot() as state:
        assert BOUNDS.get(state, core) is None
        assert not ACCOUNTS.require(state, core).bounded
    trade.step("core", Transfer(core, bank, 1_000_000_01))


def test_an_owner_holds_no_more_than_it_chose_to_hold(trade):
    c = trade.consortium
    core, supplier = c.account("core"), c.account("supplier1")
    trade.step("supplier1", SetBounds(supplier, 0, 100))
    trade.step("core", Transfer(core, supplier, 100))
    more = Transfer(core, supplier, 1)
    assert try_out(c, "core", more).reference == "accounts/above_upper_bound"


def test_bounds_keep_no_obligation_from_being_paid(trade):
    c = trade.consortium
    trade.register()
    trade.certify()
    trade.step("core", SetBounds(c.account("core"), AMOUNT_MINOR_MAX, AMOUNT_MINOR_MAX))
    trade.step("supplier1", SetBounds(c.account("supplier1"), 0, 0))
    trade.to_due_day()
    assert c.balance_minor("supplier1") == FACE_MINOR


def test_bounds_are_the_owners_and_hold_some_balance(trade):
    c = trade.consortium
    issue = account_id(c["settle"].party, c.deposit)
    for name, message, expected in (
        ("core", SetBounds(c.account("core"), 2, 1), "contracts/field_invalid"),
        ("core", SetBounds(bytes(20), 0, 1), "accounts/unknown_account"),
        ("bank", SetBounds(c.account("core"), 0, 1), "accounts/not_account_owner"),
        ("settle", SetBounds(issue, 0, 1), "accounts/not_transferable"),
    ):
        tried = try_out(c, name, message)
        assert tried.reference == expected
        assert tried.changes_nothing


class Still(Consortium):
    """A consortium whose policy has switched the circulation of deposit off."""

    def _genesis(self, opening_minor, suspended, with_accounts):
        genesis = json.loads(super()._genesis(opening_minor, suspended, with_accounts))
        for row in genesis["sections"]["policy"]["rows"]:
            if row["name"] == DEPOSIT_CIRCULATES:
                row["versions"][0]["value"] = 0
        return encode_genesis(msgspec.json.decode(json.dumps(genesis), type=Genesis))


def test_where_deposit_does_not_circulate_obligations_are_paid_all_the_same():
    c = Still()
    trade = Trade(c)
    core, bank = c.account("core"), c.account("bank")
    single = Transfer(core, bank, 1)
    linked = LinkTransfers((link(c, "core", "bank", 1), link(c, "core", "bank", 2)))
    for message in (single, linked):
        assert try_out(c, "core", message).reference == "accounts/circulation_off"
    trade.credit(500)
    trade.register()
    trade.certify()
    trade.to_due_day()
    assert c.balance_minor("supplier1") == FACE_MINOR
    assert c.broken_invariants() == []
    c.close()


def test_a_genesis_without_the_policy_rows_of_accounts_is_refused():
    c = Consortium()
    without = c.genesis_bytes.replace(b"accounts.pending_days_max", b"accounts.some_other_rows_")
    with pytest.raises(GenesisInvalid, match=r"accounts\.pending_days_max is missing"):
        open_embedded(MemoryStore(), without, c["core"].keys["operator"], WatchedClock(None))
    c.close()
