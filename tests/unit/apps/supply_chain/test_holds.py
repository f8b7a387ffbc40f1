"""What holds a leaf: by itself or through its holder, the earliest first, never beyond its end."""

import msgspec
import pytest

from unit.apps.supply_chain.test_payees import CERTIFICATE, ENCUMBRANCE, LEAF
from unit.ledger.fakes import TableView
from xinlian.apps.supply_chain.holds import HOLDS, Held, Hold, first_hold, holds_on
from xinlian.apps.supply_chain.payees import payees_of_record
from xinlian.apps.supply_chain.types import Finance
from xinlian.ledger.overlay import Overlay
from xinlian.ledger.records import integer_part

CERT, LEAF_ID, HOLDER = b"c" * 20, b"l" * 20, b"h" * 20
EARLY, LATE = b"1" * 20, b"2" * 20


def held(*holds: tuple[bytes, int, bytes, int]) -> Overlay:
    """A state with holds: (subject, since, order, expires)."""
    state = Overlay(TableView({}))
    for subject, since, order, expires_at_ms in holds:
        hold = Hold(order, expires_at_ms)
        HOLDS.put(state, hold, CERT, subject, integer_part(since), order)
    return state


@pytest.mark.parametrize("subjects", [(LEAF_ID, HOLDER), (HOLDER, LEAF_ID), (LEAF_ID, LEAF_ID)])
def test_the_earliest_order_is_first_whether_on_the_leaf_or_on_its_holder(subjects):
    state = held((subjects[0], 300, LATE, 900), (subjects[1], 5, EARLY, 900))
    assert first_hold(state, CERT, LEAF_ID, HOLDER, 500) == Held(EARLY, EARLY)


def test_of_two_orders_of_one_moment_the_lower_id_is_first():
    state = held((LEAF_ID, 5, LATE, 900), (HOLDER, 5, EARLY, 900))
    assert first_hold(state, CERT, LEAF_ID, HOLDER, 500) == Held(EARLY, EARLY)


def test_an_order_whose_time_is_up_holds_nothing_though_its_entry_is_still_there():
    state = held((LEAF_ID, 5, EARLY, 500), (LEAF_ID, 6, LATE, 501))
    assert first_hold(state, CERT, LEAF_ID, HOLDER, 500) == Held(EARLY, EARLY)
    assert first_hold(state, CERT, LEAF_ID, HOLDER, 501) == Held(LATE, LATE)
    assert first_hold(state, CERT, LEAF_ID, HOLDER, 502) is None
    assert list(holds_on(state, CERT, LEAF_ID, 502)) == []


def test_other_leaves_holders_and_certificates_are_free():
    state = held((LEAF_ID, 5, EARLY, 900))
    assert first_hold(state, CERT, b"x" * 20, HOLDER, 6) is None
    assert first_hold(state, b"x" * 20, LEAF_ID, HOLDER, 6) is None


@pytest.mark.parametrize("finance", list(Finance))
def test_a_held_leaf_is_paid_whole_into_the_account_of_the_order(finance):
    leaf = msgspec.structs.replace(LEAF, finance=finance)
    pledge = msgspec.structs.replace(ENCUMBRANCE, secured_minor=300)
    held_by = Held(EARLY, b"a" * 20)
    (payee,) = payees_of_record(CERTIFICATE, leaf, pledge, 1_000, held_by)
    assert (payee.account, payee.amount_minor, payee.held) == (b"a" * 20, 1_000, held_by)
