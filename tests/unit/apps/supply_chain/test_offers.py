"""SC-T6 with several banks: who may do what until when, opened together, accepted once, lapsed."""

import msgspec
import pytest

from support.bidding import BANKS, FIRST, SECOND, TERMS, Bidding
from unit.apps.supply_chain.looking import leaf_of, try_out
from xinlian.apps.supply_chain.messages import ReleaseLock
from xinlian.apps.supply_chain.offer_messages import EndCall, WithdrawOffer
from xinlian.apps.supply_chain.offer_terms import OfferTerms
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
from xinlian.apps.supply_chain.types import ENCUMBRANCES, Finance
from xinlian.client.offers import new_call_keys
from xinlian.contracts.message import Message
from xinlian.primitives.time import MS_PER_DAY
from xinlian.testing.trade import FACE_MINOR, SUCCEEDED

replace, astuple = msgspec.structs.replace, msgspec.structs.astuple


@pytest.fixture
def bidding():
    started = Bidding()
    yield started
    started.close()


def status_of(bidding: Bidding) -> CallStatus:
    with bidding.c.engine.application.store.snapshot() as snapshot:
        return CallStatus(CALLS.require(snapshot, bidding.call).status)


def opened_offers(bidding: Bidding) -> dict[str, OfferTerms]:
    names = {bidding.party(name): name for name in BANKS}
    with bidding.c.engine.application.store.snapshot() as snapshot:
        found = OPENED_OFFERS.scan(snapshot, bidding.call)
        return {names[bank]: OfferTerms(*astuple(offer)) for (_, bank), offer in found}


def left_under(bidding: Bidding) -> int:
    """How many records a call has beside itself."""
    with bidding.c.engine.application.store.snapshot() as snapshot:
        under = (INVITED, SEALED_OFFERS, OPENED_OFFERS)
        found = sum(len(list(each.scan(snapshot, bidding.call))) for each in under)
        return found + (CALL_OF.get(snapshot, bidding.leaf) is not None)


def test_three_banks_offer_under_seal_all_are_opened_and_one_is_paid_out(bidding):
    c = bidding.c
    bidding.open_all()
    assert opened_offers(bidding) == TERMS
    bidding.trade.step("supplier1", bidding.accepting("bank2"))
    locked = leaf_of(c, bidding.leaf)
    assert (locked.finance, locked.financier) == (Finance.LOCKED, bidding.party("bank2"))
    assert (status_of(bidding), left_under(bidding)) == (CallStatus.ACCEPTED, 0)
    before = c.balance_minor("supplier1")
    bidding.trade.step("bank2", bidding.trade.verdict(), bidding.disbursing("bank2"))
    assert leaf_of(c, bidding.leaf).holder == bidding.party("bank2")
    assert c.balance_minor("supplier1") - before == SECOND.net_minor
    with c.engine.application.store.snapshot() as snapshot:
        encumbrance = ENCUMBRANCES.require(snapshot, bidding.leaf)
        assert ACCEPTED.get(snapshot, bidding.leaf) is None
    assert encumbrance.advance_minor == SECOND.advance_minor
    assert encumbrance.discount_minor == SECOND.kept_minor


def gives(bidding: Bidding, name: str, message: Message) -> str:
    tried = try_out(bidding.c, name, message)
    assert tried.changes_nothing == (tried.reference != SUCCEEDED)
    return tried.reference


def test_a_call_is_checked_in_its_order(bidding):
    c, good = bidding.c, bidding.calling()
    core, supplier = bidding.party("core"), bidding.party("supplier1")
    unknown = replace(good, leaf=bytes(20))
    rows = [
        ("bank", replace(unknown, banks=good.banks[::-1]), "supply_chain/call_malformed"),
        ("bank", replace(unknown, banks=good.banks[:1] * 2), "supply_chain/call_malformed"),
        ("bank", replace(unknown, decides_by_ms=good.closes_at_ms), "supply_chain/call_malformed"),
        ("bank", replace(unknown, pays_by_ms=good.decides_by_ms), "supply_chain/call_malformed"),
        (
            "bank",
            replace(unknown, as_pledge=True, with_recourse=True),
            "supply_chain/call_malformed",
        ),
        ("bank", replace(unknown, as_pledge=True, keeps_rest=True), "supply_chain/call_malformed"),
        ("bank", unknown, "supply_chain/unknown_leaf"),
        ("bank", replace(good, banks=(bytes(20),)), "supply_chain/not_holder"),
        ("supplier1", replace(good, banks=(bytes(20),)), "members/unknown_party"),
        ("supplier1", replace(good, banks=(core,)), "supply_chain/parties_invalid"),
        ("supplier1", replace(good, banks=(supplier,)), "supply_chain/parties_invalid"),
        ("supplier1", replace(good, closes_at_ms=c.now_ms()), "supply_chain/window_closed"),
        ("supplier1", good, SUCCEEDED),
    ]
    for name, message, expected in rows:
        assert gives(bidding, name, message) == expected, message


def test_a_call_is_decided_in_two_weeks_and_paid_within_a_week_of_its_close(bidding):
    now_ms, good = bidding.c.now_ms() + 1, bidding.calling()  # the block is a millisecond later
    longest = replace(
        good,
        closes_at_ms=now_ms + 12 * MS_PER_DAY,
        decides_by_ms=now_ms + 14 * MS_PER_DAY,
        pays_by_ms=now_ms + 19 * MS_PER_DAY,
    )
    late = replace(longest, decides_by_ms=longest.decides_by_ms + 1)
    slow = replace(longest, pays_by_ms=longest.pays_by_ms + 1)
    assert gives(bidding, "supplier1", longest) == SUCCEEDED
    assert gives(bidding, "supplier1", late) == "supply_chain/window_closed"
    assert gives(bidding, "supplier1", slow) == "supply_chain/window_closed"


def test_a_leaf_that_is_locked_or_has_an_open_call_is_not_called_for_again(bidding):
    bidding.ask()
    assert gives(bidding, "supplier1", bidding.calling()) == "supply_chain/call_open"
    bidding.trade.request(bidding.leaf)
    assert gives(bidding, "supplier1", bidding.calling()) == "supply_chain/occupied"
    bidding.trade.step("supplier1", ReleaseLock(bidding.leaf))
    bidding.trade.step("supplier1", EndCall(bidding.call))
    assert status_of(bidding) == CallStatus.WITHDRAWN
    assert gives(bidding, "supplier1", bidding.calling()) == SUCCEEDED


def test_only_invited_banks_offer_and_only_until_the_call_closes(bidding):
    bidding.ask("bank", "bank2")
    good = bidding.sealing("bank")
    short = replace(good, sealed=good.sealed[1:])
    assert gives(bidding, "core", replace(short, call=bytes(20))) == "supply_chain/offer_malformed"
    assert gives(bidding, "core", replace(good, call=bytes(20))) == "supply_chain/unknown_call"
    for name in ("bank3", "core", "supplier1"):
        assert gives(bidding, name, good) == "supply_chain/not_invited"
        assert gives(bidding, name, WithdrawOffer(bidding.call)) == "supply_chain/not_invited"
    assert gives(bidding, "bank", WithdrawOffer(bidding.call)) == "supply_chain/no_offer"
    bidding.c.advance_to(bidding.closes_at_ms - 1)  # the next block is the last moment
    assert gives(bidding, "bank", good) == SUCCEEDED
    bidding.trade.step("bank", good)
    bidding.close_call()
    assert gives(bidding, "bank", good) == "supply_chain/window_closed"
    assert gives(bidding, "bank", WithdrawOffer(bidding.call)) == "supply_chain/window_closed"


def test_the_last_offer_of_a_bank_counts_and_one_taken_back_does_not(bidding):
    bidding.ask()
    bidding.trade.step("bank", bidding.sealing("bank", SECOND))
    bidding.trade.step("bank", bidding.sealing("bank", FIRST))
    bidding.offer("bank2", "bank3")
    bidding.trade.step("bank3", WithdrawOffer(bidding.call))
    bidding.close_call()
    bidding.trade.step("supplier1", bidding.opening())
    assert opened_offers(bidding) == {"bank": FIRST, "bank2": SECOND}


def test_an_opening_is_checked_in_its_order(bidding):
    bidding.ask()
    good = bidding.opening()
    wrong_key = replace(good, box_secret=bytes(32))
    assert gives(bidding, "bank", replace(wrong_key, call=bytes(20))) == "supply_chain/unknown_call"
    assert gives(bidding, "bank", wrong_key) == "supply_chain/not_holder"
    bidding.c.advance_to(bidding.closes_at_ms - 1)
    assert gives(bidding, "supplier1", wrong_key) == "supply_chain/not_time_to_decide"
    bidding.close_call()
    assert gives(bidding, "supplier1", wrong_key) == "supply_chain/no_offer"


def test_the_key_of_the_call_opens_every_offer_and_no_other_key_any(bidding):
    bidding.ask()
    bidding.offer()
    bidding.close_call()
    wrong_key = replace(bidding.opening(), box_secret=new_call_keys().box_secret)
    assert gives(bidding, "supplier1", wrong_key) == "supply_chain/box_key_mismatch"
    bidding.trade.step("supplier1", bidding.opening())
    assert opened_offers(bidding) == TERMS
    assert gives(bidding, "supplier1", bidding.opening()) == "supply_chain/wrong_state"


def test_a_box_that_does_not_open_holds_up_no_other(bidding):
    """A copy of another bank's box, noise, terms that are none, and more than the leaf is worth."""
    bidding.ask()
    good = bidding.sealing("bank")
    bidding.trade.step("bank", good)
    bidding.trade.step("bank2", good)
    too_much = OfferTerms(FACE_MINOR + 1, 1_00, 0)
    bidding.trade.step("bank3", bidding.sealing("bank3", too_much))
    bidding.close_call()
    bidding.trade.step("supplier1", bidding.opening())
    assert opened_offers(bidding) == {"bank": FIRST}
    for name in ("bank2", "bank3"):
        asked = bidding.accepting(name)
        assert gives(bidding, "supplier1", asked) == "supply_chain/no_offer"


def test_an_acceptance_is_checked_in_its_order(bidding):
    bidding.ask("bank", "bank2")
    bidding.offer("bank", "bank2")
    good = bidding.accepting("bank2")
    odd = replace(good, fee_minor=good.fee_minor + 1, bank=bidding.party("bank3"))
    assert gives(bidding, "bank2", replace(odd, call=bytes(20))) == "supply_chain/unknown_call"
    assert gives(bidding, "bank2", odd) == "supply_chain/not_holder"
    assert gives(bidding, "supplier1", odd) == "supply_chain/wrong_state"
    bidding.close_call()
    bidding.trade.step("supplier1", bidding.opening())
    assert gives(bidding, "supplier1", odd) == "supply_chain/no_offer"
    dearer = replace(good, discount_minor=good.discount_minor + 1)
    assert gives(bidding, "supplier1", dearer) == "supply_chain/offer_mismatch"
    bidding.c.advance_to(bidding.decides_by_ms - 1)
    assert gives(bidding, "supplier1", good) == SUCCEEDED


def test_one_offer_is_accepted_once_and_the_others_end(bidding):
    bidding.open_all()
    bidding.trade.step("supplier1", bidding.accepting("bank2"))
    for name in BANKS:
        again = bidding.accepting(name)
        assert gives(bidding, "supplier1", again) == "supply_chain/wrong_state"
    assert gives(bidding, "supplier1", EndCall(bidding.call)) == "supply_chain/wrong_state"
    assert gives(bidding, "bank", bidding.disbursing("bank")) == "supply_chain/not_financier"


def test_the_accepted_bank_pays_what_it_offered_and_nothing_else(bidding):
    bidding.open_all()
    bidding.trade.step("supplier1", bidding.accepting("bank2"))
    bidding.trade.step("bank2", bidding.trade.verdict())
    good = bidding.disbursing("bank2")
    for changes in (
        {"advance_minor": good.advance_minor - 1},
        {"advance_minor": good.advance_minor + 1},
        {"discount_minor": good.discount_minor + 1},
        {"discount_minor": good.discount_minor - 1},
    ):
        changed = replace(good, **changes)
        assert gives(bidding, "bank2", changed) == "supply_chain/terms_mismatch"
    assert gives(bidding, "bank2", bidding.lending("bank2")) == "supply_chain/terms_mismatch"
    assert gives(bidding, "bank2", good) == SUCCEEDED


def test_a_call_for_a_loan_ends_in_a_pledge_on_the_terms_offered(bidding):
    bidding.ask(as_pledge=True)
    bidding.offer()
    bidding.close_call()
    bidding.trade.step("supplier1", bidding.opening())
    bidding.trade.step("supplier1", bidding.accepting("bank"))
    bidding.trade.step("bank", bidding.trade.verdict())
    less = replace(bidding.lending("bank"), advance_minor=FIRST.advance_minor - 1)
    assert gives(bidding, "bank", less) == "supply_chain/terms_mismatch"
    bidding.trade.step("bank", bidding.lending("bank"))
    assert leaf_of(bidding.c, bidding.leaf).finance == Finance.PLEDGED


def test_when_an_accepted_bank_does_not_pay_in_time_the_leaf_is_free_of_its_terms(bidding):
    bidding.open_all()
    bidding.trade.step("supplier1", bidding.accepting("bank2"))
    bidding.c.advance_to(leaf_of(bidding.c, bidding.leaf).lock_expires_at_ms + 1)
    assert leaf_of(bidding.c, bidding.leaf).finance == Finance.NONE
    bidding.trade.request(bidding.leaf)
    bidding.trade.step("bank", bidding.trade.verdict())
    assert gives(bidding, "bank", bidding.trade.advance(bidding.leaf)) == SUCCEEDED


def test_a_leaf_that_went_elsewhere_meanwhile_is_locked_for_nobody(bidding):
    bidding.open_all()
    good = bidding.accepting("bank")
    bidding.trade.request(bidding.leaf)
    assert gives(bidding, "supplier1", good) == "supply_chain/occupied"
    bidding.trade.step("supplier1", ReleaseLock(bidding.leaf))
    bidding.trade.split(bidding.leaf, 1_000_00)
    assert gives(bidding, "supplier1", good) == "supply_chain/wrong_state"


def test_what_is_not_opened_in_time_lapses_by_the_clock(bidding):
    bidding.ask()
    bidding.offer()
    bidding.c.advance_to(bidding.decides_by_ms - 1)
    assert gives(bidding, "supplier1", bidding.opening()) == SUCCEEDED
    assert status_of(bidding) == CallStatus.OPEN
    bidding.c.advance_to(bidding.decides_by_ms + 2)
    assert (status_of(bidding), left_under(bidding)) == (CallStatus.LAPSED, 0)
    assert gives(bidding, "supplier1", bidding.opening()) == "supply_chain/wrong_state"
    assert gives(bidding, "supplier1", bidding.calling()) == SUCCEEDED


def test_what_is_opened_and_not_accepted_lapses_as_well(bidding):
    bidding.open_all()
    bidding.c.advance_to(bidding.decides_by_ms + 2)
    assert (status_of(bidding), left_under(bidding)) == (CallStatus.LAPSED, 0)
    good = bidding.accepting("bank")
    assert gives(bidding, "supplier1", good) == "supply_chain/wrong_state"


def test_a_call_ends_by_its_holder_alone(bidding):
    bidding.ask()
    assert gives(bidding, "bank", EndCall(bidding.call)) == "supply_chain/not_holder"
    assert gives(bidding, "supplier1", EndCall(bytes(20))) == "supply_chain/unknown_call"
    bidding.offer("bank")
    bidding.trade.step("supplier1", EndCall(bidding.call))
    assert (status_of(bidding), left_under(bidding)) == (CallStatus.WITHDRAWN, 0)
    refused = gives(bidding, "bank2", bidding.sealing("bank2"))
    assert refused == "supply_chain/not_invited"


@pytest.mark.parametrize("status", CallStatus)
def test_a_call_leads_where_the_table_says(status):
    assert set(TRANSITIONS) == set(CallStatus)
    ends = {CallStatus.ACCEPTED, CallStatus.LAPSED, CallStatus.WITHDRAWN}
    assert (not TRANSITIONS[status]) == (status in ends)
