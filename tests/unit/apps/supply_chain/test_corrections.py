"""SC-T18 for a part: both sides take back what was certified by mistake; nothing is edited."""

import msgspec
import pytest

from unit.apps.supply_chain.looking import certificate_of, leaf_of, obligation_of, try_out
from unit.apps.supply_chain.test_disputes import books, dispute, refused
from xinlian.apps.supply_chain.correction_messages import AgreeCorrection, ProposeCorrection
from xinlian.apps.supply_chain.messages import ReleaseLock
from xinlian.apps.supply_chain.types import Life
from xinlian.primitives.time import MS_PER_DAY
from xinlian.testing.trade import FACE_MINOR, SUCCEEDED

TOO_MUCH_MINOR = 90_000_00
RIGHT_MINOR = FACE_MINOR - TOO_MUCH_MINOR


def proposing(trade, leaf, amount_minor=TOO_MUCH_MINOR):
    later_ms = trade.consortium.now_ms() + MS_PER_DAY
    return ProposeCorrection(leaf, amount_minor, trade.root("invoice"), later_ms)


def agreeing(trade, leaf, amount_minor=TOO_MUCH_MINOR):
    return AgreeCorrection(leaf, amount_minor, trade.root("invoice"))


@pytest.mark.parametrize(("first", "second"), [("core", "supplier1"), ("supplier1", "core")])
def test_a_part_is_taken_back_by_both_and_the_rest_is_paid(trade, first, second):
    c = trade.consortium
    certificate, leaf = trade.certify()
    trade.step(first, proposing(trade, leaf))
    assert books(trade, certificate)[2] == FACE_MINOR  # one signature binds nobody
    trade.step(second, agreeing(trade, leaf))
    assert books(trade, certificate) == (RIGHT_MINOR, RIGHT_MINOR, RIGHT_MINOR, 0)
    found = certificate_of(c, certificate)
    assert (found.cancelled_minor, found.reduced_minor) == (TOO_MUCH_MINOR, 0)
    assert obligation_of(c, certificate).released_minor == TOO_MUCH_MINOR
    trade.to_due_day()
    assert books(trade, certificate) == (0, 0, 0, RIGHT_MINOR)
    assert certificate_of(c, certificate).life == Life.DISCHARGED


def test_all_of_a_leaf_is_cancelled_not_corrected(trade):
    leaf = trade.certify()[1]
    for amount_minor in (FACE_MINOR, FACE_MINOR + 1):
        said = refused(trade, "core", proposing(trade, leaf, amount_minor))
        assert said == "supply_chain/amount_not_owed"


def test_the_other_side_agrees_to_the_same_part_of_the_leaf_as_it_was_in_time(trade):
    c = trade.consortium
    leaf = trade.certify()[1]
    assert refused(trade, "core", agreeing(trade, leaf)) == "supply_chain/unknown_offer"
    past = msgspec.structs.replace(proposing(trade, leaf), expires_at_ms=1)
    assert refused(trade, "core", past) == "supply_chain/offer_expired"
    assert refused(trade, "bank", proposing(trade, leaf)) == "supply_chain/parties_invalid"
    trade.step("core", proposing(trade, leaf))
    assert refused(trade, "core", agreeing(trade, leaf)) == "supply_chain/parties_invalid"
    assert refused(trade, "bank", agreeing(trade, leaf)) == "supply_chain/parties_invalid"
    assert refused(trade, "supplier1", agreeing(trade, leaf, 1)) == "supply_chain/unknown_offer"
    assert try_out(c, "supplier1", agreeing(trade, leaf)).reference == SUCCEEDED
    c.advance_to(c.now_ms() + 2 * MS_PER_DAY)
    assert refused(trade, "supplier1", agreeing(trade, leaf)) == "supply_chain/offer_expired"


def test_what_is_passed_on_financed_or_disputed_is_not_corrected(trade):
    leaf = trade.certify()[1]
    theirs, mine = trade.split(leaf, 400_000_00)
    assert refused(trade, "core", proposing(trade, theirs)) == "supply_chain/wrong_state"
    opened = dispute(trade, mine, 1)
    assert refused(trade, "core", proposing(trade, mine)) == "supply_chain/leaf_disputed"
    assert opened
    _, other = trade.certify(100_000_00)
    trade.finance(other)
    assert refused(trade, "core", proposing(trade, other, 1)) == "supply_chain/occupied"


def test_a_proposal_does_not_outlive_a_change_of_its_leaf(trade):
    c = trade.consortium
    leaf = trade.certify()[1]
    trade.step("core", proposing(trade, leaf))
    trade.request(leaf)
    trade.step("supplier1", ReleaseLock(leaf))
    assert refused(trade, "supplier1", agreeing(trade, leaf)) == "supply_chain/unknown_offer"
    assert leaf_of(c, leaf).amount_minor == FACE_MINOR
