"""Calls for offers: rows equal the state's; a bank sees its own offer, then all that opened."""

import pytest

from support.bidding import BANKS, FIRST, TERMS, Bidding
from unit.readmodels.conftest import Projected
from unit.readmodels.projection.test_beginning import comparable
from unit.readmodels.stories import Told, open_model, sqlite_address
from xinlian.apps.supply_chain.messages import ReleaseLock
from xinlian.apps.supply_chain.offer_messages import EndCall, WithdrawOffer
from xinlian.apps.supply_chain.offer_terms import OfferTerms
from xinlian.apps.supply_chain.offer_types import CALLS, SEALED_OFFERS, CallStatus
from xinlian.ledger.pruning import prune
from xinlian.primitives import format_id
from xinlian.readmodels.rows import FinanceCallRow, FinanceOfferRow
from xinlian.storage import MemoryStore
from xinlian.testing.trade import FACE_MINOR

TOO_MUCH = OfferTerms(FACE_MINOR + 1, 1_00, 0)
OPEN = ("sealed", "opened")
"""The calls that stand at the end of the story."""


@pytest.fixture(scope="module")
def told():
    bidding = Bidding(MemoryStore(history_heights=4))
    told, trade = Told(bidding.c), bidding.trade
    theirs, mine = trade.split(bidding.leaf, 50_000_00)
    bidding.leaf = mine
    told.ids["withdrawn"] = bidding.ask("bank", "bank2")
    trade.step("supplier1", EndCall(bidding.call))
    told.ids["lapsed"] = bidding.ask()
    bidding.offer()
    bidding.c.advance_to(bidding.decides_by_ms + 2)
    told.ids["accepted"] = bidding.ask()
    bidding.offer("bank", "bank3")
    trade.step("bank2", bidding.sealing("bank2", TOO_MUCH))
    trade.step("bank3", WithdrawOffer(bidding.call))
    bidding.close_call()
    trade.step("supplier1", bidding.opening())
    trade.step("supplier1", bidding.accepting("bank"))
    trade.step("supplier1", ReleaseLock(mine))
    told.ids["opened"] = bidding.ask()
    bidding.offer()
    bidding.close_call()
    trade.step("supplier1", bidding.opening())
    bidding.leaf = theirs
    bidding.call = trade.step("supplier2", bidding.calling("bank", "bank2")).created_id("call")
    bidding.offer("bank")
    told.ids["sealed"] = bidding.call
    yield told
    bidding.close()


@pytest.fixture(scope="module")
def offered(told, tmp_path_factory):
    model = open_model(sqlite_address(tmp_path_factory.mktemp("offered")), told.consortium)
    model.project(told.store)
    yield Projected(told, model)
    model.close()


def test_calls_and_boxes_equal_those_of_the_state(offered):
    with offered.told.state() as state:
        calls = sorted(
            (format_id("call", call_id), CallStatus(call.status).name.lower(), call.pays_by_ms)
            for (call_id,), call in CALLS.scan(state)
        )
        boxes = sorted(offer.sealed.hex() for _, offer in SEALED_OFFERS.scan(state))
    rows = offered.rows(FinanceCallRow)
    assert calls == sorted((row.call_id, row.status, row.pays_by_ms) for row in rows)
    assert {row.status for row in rows} == {status.name.lower() for status in CallStatus}
    assert boxes == sorted(row.sealed for row in offered.rows(FinanceOfferRow) if row.sealed)


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        ("withdrawn", {"bank": "ended", "bank2": "ended"}),
        ("lapsed", dict.fromkeys(BANKS, "ended")),
        ("accepted", {"bank": "accepted", "bank2": "unreadable", "bank3": "ended"}),
        ("opened", dict.fromkeys(BANKS, "opened")),
        ("sealed", {"bank": "sealed", "bank2": "invited"}),
    ],
)
def test_an_offer_says_where_it_stands_and_what_was_opened(offered, call, expected):
    told = offered.told
    names = {format_id("party", told.party(name)): name for name in BANKS}
    found = {
        names[row.bank]: row
        for row in offered.rows(FinanceOfferRow)
        if row.call_id == told.text("call", call)
    }
    assert {name: row.status for name, row in found.items()} == expected
    for name, row in found.items():
        terms = (row.advance_minor, row.discount_minor, row.fee_minor)
        is_open = row.status in ("opened", "accepted")
        assert terms == (TERMS[name] if is_open else (0, 0, 0))
    assert TERMS["bank"] == FIRST


@pytest.mark.parametrize(
    ("name", "sees"),
    [
        ("supplier1", {"withdrawn": 2, "lapsed": 3, "accepted": 3, "opened": 3}),
        ("supplier2", {"sealed": 2}),
        ("bank", {"withdrawn": 1, "lapsed": 1, "accepted": 3, "opened": 3, "sealed": 1}),
        ("bank3", {"lapsed": 1, "accepted": 3, "opened": 3}),
        ("core", {}),
        ("settle", {}),
    ],
)
def test_a_bank_sees_its_own_offer_and_all_when_they_are_opened(offered, name, sees):
    told, model, reader = offered.told, offered.model, offered.told.party(name)
    assert {row.call_id for row in model.finance_calls(reader).rows} == {
        told.text("call", call) for call in sees
    }
    for call, count in sees.items():
        rows = model.finance_offers(reader, call_id=told.text("call", call)).rows
        assert len(rows) == count, call
        for row in rows:
            events = model.events(reader, object_id=row.finance_offer_id).rows
            assert events[0].event_type == "supply_chain.BankInvited"
    for call in ("sealed", "opened"):
        found = model.finance_calls(reader, call_id=told.text("call", call)).rows
        assert len(found) == (call in sees)


def test_an_invited_bank_reads_the_leaf_and_the_claim_that_it_is_to_price(offered):
    told, model = offered.told, offered.model
    (call,) = (row for row in offered.rows(FinanceCallRow) if row.status == "opened")
    leaf = model.leaf(told.party("bank3"), call.leaf_id)
    assert leaf is not None
    assert model.certificate(told.party("bank3"), leaf.row.certificate_id) is not None
    assert model.leaf(told.party("settle"), call.leaf_id) is None


def test_a_state_whose_blocks_are_gone_gives_the_rows_of_what_stands(told, offered, tmp_path):
    head = told.consortium.node.head().header.height
    list(prune(told.store, head))
    begun = open_model(sqlite_address(tmp_path, "begun.db"), told.consortium)
    assert begun.project(told.store) == head
    assert comparable(begun, "finance_calls") == comparable(offered.model, "finance_calls")
    standing = {told.text("call", call) for call in OPEN}
    for name in ("supplier1", "supplier2", *BANKS):
        kept, whole = (
            {
                (row.finance_offer_id, row.status, row.sealed, row.advance_minor)
                for row in model.finance_offers(told.party(name)).rows
                if row.call_id in standing
            }
            for model in (begun, offered.model)
        )
        assert kept == whole
    begun.close()
