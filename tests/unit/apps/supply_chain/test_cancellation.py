"""SC-T18: obligor and first supplier cancel a leaf together; it frees invoice, line, obligation."""

import msgspec
import pytest

from unit.apps.supply_chain.looking import certificate_of, leaf_of, obligation_of, try_out
from unit.apps.supply_chain.states import ACTIVE_FREE, free_near_due
from unit.apps.supply_chain.test_transitions import LEAF_ROWS
from xinlian.apps.supply_chain.invariants import INVARIANTS
from xinlian.apps.supply_chain.keeper import claim_account, live_leaves
from xinlian.apps.supply_chain.messages import (
    AcceptTransfer,
    AgreeCancellation,
    DischargeEarly,
    OfferTransfer,
    ProposeCancellation,
)
from xinlian.apps.supply_chain.types import INVOICES, LINES, Finance, Life
from xinlian.modules.accounts.types import ACCOUNTS
from xinlian.modules.obligations.types import ObligationStatus
from xinlian.modules.standing.keeper import standing_of
from xinlian.primitives.time import MS_PER_DAY
from xinlian.testing.trade import FACE_MINOR, SUCCEEDED

SPLIT_MINOR = 400_000_00


def proposal(trade, leaf: bytes) -> ProposeCancellation:
    c = trade.consortium
    amount_minor = max(leaf_of(c, leaf).outstanding_minor, 1)
    return ProposeCancellation(leaf, amount_minor, c.now_ms() + MS_PER_DAY)


def agreement(trade, leaf: bytes) -> AgreeCancellation:
    return AgreeCancellation(leaf, max(leaf_of(trade.consortium, leaf).outstanding_minor, 1))


def refused(trade, name: str, message) -> str:
    tried = try_out(trade.consortium, name, message)
    assert tried.changes_nothing
    return tried.reference


def books(trade, certificate: bytes) -> tuple[int, ...]:
    """What invoice and line count as in use, and the claim balances of supplier and obligor."""
    c = trade.consortium
    parties = (c["supplier1"].party, c["core"].party)
    with c.engine.application.store.snapshot() as snapshot:
        assert [broken for rule in INVARIANTS for broken in rule(snapshot)] == []
        claims = [ACCOUNTS.require(snapshot, claim_account(certificate, one)) for one in parties]
        return (
            INVOICES.require(snapshot, trade.root("invoice")).occupied_minor,
            LINES.require(snapshot, c["core"].party).used_minor,
            *(account.balance_minor for account in claims),
        )


@pytest.mark.parametrize(("first", "second"), [("core", "supplier1"), ("supplier1", "core")])
def test_a_whole_certificate_is_cancelled_by_both_whoever_begins(trade, first, second):
    c = trade.consortium
    certificate, leaf = trade.certify()
    assert books(trade, certificate) == (FACE_MINOR, FACE_MINOR, FACE_MINOR, -FACE_MINOR)
    money = c.balance_minor("core")
    trade.step(first, proposal(trade, leaf))
    assert leaf_of(c, leaf).life == Life.ACTIVE  # one signature binds nobody
    trade.step(second, agreement(trade, leaf))
    assert books(trade, certificate) == (0, 0, 0, 0)
    found = certificate_of(c, certificate)
    assert (found.life, found.cancelled_minor) == (Life.CANCELLED, FACE_MINOR)
    assert (found.outstanding_minor, found.discharged_minor) == (0, 0)
    assert obligation_of(c, certificate).status == ObligationStatus.CANCELLED
    trade.to_due_day()
    assert c.balance_minor("core") == money  # nothing is paid of what was cancelled


def test_one_leaf_is_cancelled_and_the_other_is_paid_on_the_due_day(trade):
    c = trade.consortium
    certificate, whole = trade.certify()
    theirs, mine = trade.split(whole, SPLIT_MINOR)
    trade.step("core", proposal(trade, mine))
    trade.step("supplier1", agreement(trade, mine))
    assert books(trade, certificate) == (SPLIT_MINOR, SPLIT_MINOR, 0, -SPLIT_MINOR)
    assert obligation_of(c, certificate).open_minor == SPLIT_MINOR
    trade.to_due_day()
    assert leaf_of(c, mine).life == Life.CANCELLED
    assert leaf_of(c, theirs).life == Life.DUE
    assert leaf_of(c, theirs).awaiting_minor == SPLIT_MINOR


def test_a_leaf_that_was_passed_on_comes_back_first_and_what_was_paid_stays_paid(trade):
    c = trade.consortium
    certificate, whole = trade.certify()
    theirs, mine = trade.split(whole, SPLIT_MINOR)
    trade.step("core", DischargeEarly(mine, FACE_MINOR - SPLIT_MINOR, 0, c.account("core")))
    assert refused(trade, "core", proposal(trade, theirs)) == "supply_chain/wrong_state"
    assert refused(trade, "supplier2", proposal(trade, theirs)) == "supply_chain/parties_invalid"
    back = OfferTransfer(
        theirs,
        c["supplier1"].party,
        SPLIT_MINOR,
        trade.root("order"),
        c.now_ms() + MS_PER_DAY,
    )
    offer = trade.step("supplier2", back).created_id("offer", 0, 0)
    trade.step("supplier1", AcceptTransfer(offer))
    with c.engine.application.store.snapshot() as snapshot:
        ((returned, _),) = live_leaves(snapshot, certificate)
    trade.step("core", proposal(trade, returned))
    trade.step("supplier1", agreement(trade, returned))
    assert books(trade, certificate) == (0, 0, 0, 0)
    found = certificate_of(c, certificate)
    assert (found.life, found.cancelled_minor) == (Life.DISCHARGED, SPLIT_MINOR)
    promise = obligation_of(c, certificate)
    assert promise.status == ObligationStatus.PERFORMED  # one story: what was owed was paid
    assert (promise.performed_minor, promise.released_minor) == (
        FACE_MINOR - SPLIT_MINOR,
        SPLIT_MINOR,
    )
    with c.engine.application.store.snapshot() as snapshot:
        standing = standing_of(snapshot, c["core"].party)
    assert (standing.on_time, standing.on_time_minor) == (1, FACE_MINOR - SPLIT_MINOR)


def test_a_proposal_ends_with_its_time_and_is_agreed_by_the_other_side_only(trade):
    c = trade.consortium
    leaf = trade.certify()[1]
    agree = agreement(trade, leaf)
    assert refused(trade, "supplier1", agree) == "supply_chain/unknown_offer"
    past = msgspec.structs.replace(proposal(trade, leaf), expires_at_ms=1)
    assert refused(trade, "core", past) == "supply_chain/offer_expired"
    less = msgspec.structs.replace(proposal(trade, leaf), amount_minor=1)
    assert refused(trade, "core", less) == "supply_chain/amount_not_owed"
    trade.step("core", proposal(trade, leaf))
    assert refused(trade, "core", agree) == "supply_chain/parties_invalid"
    assert refused(trade, "bank", agree) == "supply_chain/parties_invalid"
    other = msgspec.structs.replace(agree, amount_minor=1)
    assert refused(trade, "supplier1", other) == "supply_chain/amount_not_owed"
    assert try_out(c, "supplier1", agree).reference == SUCCEEDED
    c.advance_to(c.now_ms() + 2 * MS_PER_DAY)
    assert refused(trade, "supplier1", agree) == "supply_chain/offer_expired"


def test_a_proposal_does_not_outlive_a_change_of_its_leaf(trade):
    leaf = trade.certify()[1]
    trade.step("core", proposal(trade, leaf))
    trade.request(leaf)
    assert refused(trade, "supplier1", agreement(trade, leaf)) in (
        "supply_chain/occupied",
        "supply_chain/unknown_offer",
    )
    trade.step("bank", trade.verdict(), trade.advance(leaf))
    assert refused(trade, "supplier1", agreement(trade, leaf)) == "supply_chain/unknown_offer"


@pytest.mark.parametrize("row", LEAF_ROWS, ids=lambda row: row.prepare.__name__)
def test_every_state_of_a_leaf_against_its_cancellation(trade, row):
    leaf = row.prepare(trade)[0]
    message = proposal(trade, leaf)
    life, finance = row.state
    if row.state == ACTIVE_FREE or row.prepare is free_near_due:
        assert try_out(trade.consortium, "core", message).reference == SUCCEEDED
        trade.step("core", message)
        tried = try_out(trade.consortium, "supplier1", agreement(trade, leaf))
        assert tried.reference == SUCCEEDED
        assert tried.leaf(leaf).life == Life.CANCELLED
        return
    is_financed = life == Life.ACTIVE and finance != Finance.NONE
    expected = "supply_chain/occupied" if is_financed else "supply_chain/wrong_state"
    assert refused(trade, "core", message) == expected
