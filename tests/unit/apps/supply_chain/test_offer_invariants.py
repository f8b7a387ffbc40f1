"""Each wrong place of a call, a box, opened terms and accepted terms is seen."""

from unit.ledger.fakes import TableView
from xinlian.apps.supply_chain.offer_invariants import (
    accepted_offers_lock_leaves,
    calls_hold_their_offers,
)
from xinlian.apps.supply_chain.offer_types import (
    ACCEPTED,
    CALL_OF,
    CALLS,
    INVITED,
    OPENED_OFFERS,
    SEALED_OFFERS,
    AcceptedOffer,
    CallOfLeaf,
    CallStatus,
    FinanceCall,
    InvitedBank,
    OpenedOffer,
    SealedOffer,
)
from xinlian.apps.supply_chain.types import LEAVES, Finance, Leaf, Life
from xinlian.ledger.overlay import Overlay

CALL, LEAF, BANK, OTHER = b"c" * 20, b"l" * 20, b"b" * 20, b"o" * 20


def state_of(status: CallStatus, *, finance: Finance = Finance.NONE) -> Overlay:
    """One call as it should be in a status, on a leaf."""
    state = Overlay(TableView({}))
    leaf = (OTHER, b"", OTHER, 100, 0, 0, Life.ACTIVE, finance, 0, 1, b"", 0)
    LEAVES.put(state, Leaf(*leaf), LEAF)
    call = FinanceCall(LEAF, OTHER, bytes(32), False, False, False, 1, 2, 3, status)
    CALLS.put(state, call, CALL)
    if status in (CallStatus.OPEN, CallStatus.OPENED):
        CALL_OF.put(state, CallOfLeaf(CALL), LEAF)
        INVITED.put(state, InvitedBank(), CALL, BANK)
    if status == CallStatus.OPEN:
        SEALED_OFFERS.put(state, SealedOffer(bytes(73)), CALL, BANK)
    if status == CallStatus.OPENED:
        OPENED_OFFERS.put(state, OpenedOffer(90, 1, 0), CALL, BANK)
    if status == CallStatus.ACCEPTED:
        ACCEPTED.put(state, AcceptedOffer(CALL, 90, 1), LEAF)
    return state


def broken(state: Overlay) -> int:
    return len([*calls_hold_their_offers(state), *accepted_offers_lock_leaves(state)])


def test_a_call_in_each_status_holds_what_it_should():
    for status in CallStatus:
        assert broken(state_of(status, finance=Finance.LOCKED)) == 0


def test_an_open_call_is_the_one_that_its_leaf_names():
    state = state_of(CallStatus.OPEN)
    CALL_OF.delete(state, LEAF)
    assert broken(state) == 1
    CALL_OF.put(state, CallOfLeaf(CALL), OTHER)
    assert broken(state) == 1


def test_a_call_without_banks_and_banks_without_a_standing_call_are_seen():
    state = state_of(CallStatus.OPENED)
    INVITED.delete(state, CALL, BANK)
    assert broken(state) == 2
    state = state_of(CallStatus.LAPSED)
    INVITED.put(state, InvitedBank(), CALL, BANK)
    assert broken(state) == 1


def test_a_box_or_terms_in_another_status_or_of_another_bank_are_seen():
    state = state_of(CallStatus.OPENED)
    SEALED_OFFERS.put(state, SealedOffer(bytes(73)), CALL, BANK)
    assert broken(state) == 1
    state = state_of(CallStatus.OPEN)
    OPENED_OFFERS.put(state, OpenedOffer(90, 1, 0), CALL, BANK)
    assert broken(state) == 1
    state = state_of(CallStatus.OPEN)
    SEALED_OFFERS.put(state, SealedOffer(bytes(73)), CALL, OTHER)
    assert broken(state) == 1


def test_accepted_terms_stand_with_a_lock_and_an_accepted_call_alone():
    assert broken(state_of(CallStatus.ACCEPTED)) == 1
    state = state_of(CallStatus.WITHDRAWN, finance=Finance.LOCKED)
    ACCEPTED.put(state, AcceptedOffer(CALL, 90, 1), LEAF)
    assert broken(state) == 1
