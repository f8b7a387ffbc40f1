"""SC-T17: two authorities freeze, the court alone lifts, the clock ends; nobody else."""

import dataclasses

import msgspec
import pytest

from support.court import Court
from unit.apps.supply_chain.looking import leaf_of, try_out
from unit.apps.supply_chain.test_transitions import LEAF_ROWS
from xinlian.apps.supply_chain.freeze_messages import ConfirmFreeze, LiftFreeze
from xinlian.apps.supply_chain.holds import FREEZES, HOLDS, HOLDS_MAX, TRANSITIONS, FreezeStatus
from xinlian.apps.supply_chain.messages import (
    AcceptTransfer,
    AgreeDiscount,
    DischargeEarly,
    OfferAssignment,
    OfferTransfer,
    PayRecourse,
    ProposeCancellation,
    ReleaseLock,
    ReleasePledge,
    RepayPledge,
    RequestFinance,
    StartRecourse,
    WithdrawRecourse,
)
from xinlian.apps.supply_chain.types import Life
from xinlian.primitives.time import MS_PER_DAY
from xinlian.testing.trade import FACE_MINOR, SUCCEEDED

FROZEN = "supply_chain/leaf_frozen"


@pytest.fixture
def court():
    made = Court()
    yield made
    made.close()


def order_of(court: Court, freeze: bytes):
    with court.c.engine.application.store.snapshot() as snapshot:
        held = any(parts[3] == freeze for parts, _ in HOLDS.scan(snapshot))
        return FREEZES.require(snapshot, freeze), held


def refused(court: Court, name: str, message) -> str:
    tried = try_out(court.c, name, message)
    assert tried.changes_nothing
    return tried.reference


def is_frozen(court: Court, leaf: bytes, holder: str = "supplier1") -> bool:
    later_ms = court.c.now_ms() + MS_PER_DAY
    asking = RequestFinance(leaf, court.c["settle"].party, later_ms)
    said = try_out(court.c, holder, asking).reference
    assert said in (SUCCEEDED, FROZEN)
    return said == FROZEN


def test_an_order_holds_nothing_until_a_member_of_governance_has_confirmed_it(court):
    certificate, leaf = court.trade.certify()
    order = court.ordering(certificate, leaf=leaf)
    freeze = court.trade.step("court", order).created_id("freeze")
    assert not is_frozen(court, leaf)
    assert order_of(court, freeze)[0].status == FreezeStatus.ORDERED
    court.trade.step("officer", court.confirming(freeze, order))
    assert is_frozen(court, leaf)
    found, is_held = order_of(court, freeze)
    assert (found.status, is_held) == (FreezeStatus.IN_FORCE, True)
    assert found.confirmed_by == court.c["officer"].party


def test_both_authorities_may_sign_one_transaction(court):
    """The court's order and the confirmation are two calls of one transaction, both or none."""
    c = court.c
    certificate, leaf = court.trade.certify()
    order = court.ordering(certificate, leaf=leaf)
    alone = c["court"].intend(order, valid_until_ms=c.now_ms() + 600_000)
    freeze = alone.sign(c["court"].keys_of("finance-1")).created_id("freeze")
    confirmed = (c["officer"].party, court.confirming(freeze, order))
    together = dataclasses.replace(alone, calls=(*alone.calls, confirmed))
    keys = [c[name].keys["finance-1"] for name in ("court", "officer")]
    c.engine.submit(together.sign(keys).raw).result(timeout=60)
    assert order_of(court, freeze)[1]


@pytest.mark.parametrize("name", ["core", "supplier1", "bank", "officer", "keeper"])
def test_nobody_but_a_court_orders_a_freeze(court, name):
    certificate, leaf = court.trade.certify()
    order = court.ordering(certificate, leaf=leaf)
    assert refused(court, name, order) == "members/not_in_role"


def test_the_court_orders_by_a_document_that_it_registered_itself(court):
    certificate, leaf = court.trade.certify()
    order = court.ordering(certificate, leaf=leaf, order_root=court.document("supplier2"))
    assert refused(court, "court", order) == "supply_chain/court_document_invalid"
    unknown = msgspec.structs.replace(order, order_root=bytes(32))
    assert refused(court, "court", unknown) == "documents/unknown_document"


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("court", "supply_chain/not_freeze_officer"),  # one authority is not two
        ("core", "supply_chain/parties_invalid"),
        ("supplier1", "supply_chain/not_freeze_officer"),  # a participant has no vote
        ("supplier2", "supply_chain/not_freeze_officer"),
        ("settle", SUCCEEDED),
        ("officer", SUCCEEDED),
    ],
)
def test_who_confirms_is_a_member_with_a_vote_and_no_party_to_the_claim(court, name, said):
    certificate, leaf = court.trade.certify()
    order = court.ordering(certificate, leaf=leaf)
    freeze = court.trade.step("court", order).created_id("freeze")
    assert try_out(court.c, name, court.confirming(freeze, order)).reference == said


def test_the_financier_of_a_leaf_does_not_confirm_its_freeze(court):
    certificate, leaf = court.trade.certify()
    court.trade.pledge(leaf)
    order = court.ordering(certificate, leaf=leaf)
    freeze = court.trade.step("court", order).created_id("freeze")
    confirming = court.confirming(freeze, order)
    assert refused(court, "bank", confirming) == "supply_chain/parties_invalid"


def test_who_confirms_names_the_order_that_it_has_read(court):
    certificate, leaf = court.trade.certify()
    freeze = court.trade.step("court", court.ordering(certificate, leaf=leaf)).created_id("freeze")
    other = ConfirmFreeze(freeze, bytes(32))
    assert refused(court, "officer", other) == "supply_chain/court_document_invalid"
    unknown = ConfirmFreeze(bytes(20), bytes(32))
    assert refused(court, "officer", unknown) == "supply_chain/unknown_freeze"


def test_an_order_ends_in_the_future_and_within_twelve_months(court):
    certificate, leaf = court.trade.certify()
    for days, said in (
        (0, "supply_chain/freeze_period_invalid"),
        (365, SUCCEEDED),
        (367, "supply_chain/freeze_period_invalid"),
    ):
        order = court.ordering(certificate, leaf=leaf, days=days)
        assert try_out(court.c, "court", order).reference == said, days


@pytest.mark.parametrize(
    ("account", "said"),
    [
        ("bank", "supply_chain/held_account_invalid"),  # no licence
        ("core", "supply_chain/held_account_invalid"),
        ("supplier2", "accounts/unknown_account"),
        ("keeper", SUCCEEDED),
    ],
)
def test_payments_go_into_the_account_of_a_licensed_keeper_only(court, account, said):
    certificate, leaf = court.trade.certify()
    order = court.ordering(certificate, leaf=leaf, account=account)
    assert try_out(court.c, "court", order).reference == said


def test_a_scope_is_one_leaf_or_one_holder_that_is_owed_something(court):
    certificate, leaf = court.trade.certify()
    order = court.ordering(certificate, leaf=leaf)
    both = msgspec.structs.replace(order, holder=court.c["supplier1"].party)
    assert refused(court, "court", both) == "supply_chain/freeze_scope_invalid"
    neither = msgspec.structs.replace(order, leaf=b"")
    assert refused(court, "court", neither) == "supply_chain/freeze_scope_invalid"
    short = msgspec.structs.replace(order, leaf=b"x")
    assert refused(court, "court", short) == "supply_chain/freeze_scope_invalid"
    stranger = court.ordering(certificate, holder="supplier2")
    assert refused(court, "court", stranger) == "supply_chain/wrong_state"
    unknown = msgspec.structs.replace(order, leaf=bytes(20))
    assert refused(court, "court", unknown) == "supply_chain/unknown_leaf"
    court.trade.split(leaf, 400_000_00)
    assert refused(court, "court", order) == "supply_chain/wrong_state"


def test_an_order_on_a_holder_holds_what_it_has_and_what_comes_to_it(court):
    certificate, whole = court.trade.certify()
    first, rest = court.trade.split(whole, 300_000_00)
    offer = court.trade.offer(rest, 200_000_00)
    court.freeze(certificate, holder="supplier2")
    assert is_frozen(court, first, "supplier2")
    assert not is_frozen(court, rest)
    second = court.trade.step("supplier2", AcceptTransfer(offer)).created_id("leaf", 0, 0)
    assert is_frozen(court, second, "supplier2")


def test_an_order_on_a_leaf_leaves_the_holders_other_leaf_free(court):
    certificate, whole = court.trade.certify()
    _, rest = court.trade.split(whole, 300_000_00)
    theirs, mine = court.trade.split(rest, 200_000_00)
    court.freeze(certificate, leaf=mine)
    assert is_frozen(court, mine)
    assert not is_frozen(court, theirs, "supplier2")


@pytest.mark.parametrize("name", ["officer", "core", "supplier1", "keeper"])
def test_the_court_alone_lifts_it(court, name):
    certificate, leaf = court.trade.certify()
    freeze = court.freeze(certificate, leaf=leaf)
    root = court.document(name)
    assert refused(court, name, LiftFreeze(freeze, root)) == "members/not_in_role"
    assert (
        refused(court, "court", LiftFreeze(freeze, root)) == "supply_chain/court_document_invalid"
    )
    court.lift(freeze)
    assert not is_frozen(court, leaf)
    assert order_of(court, freeze)[0].status == FreezeStatus.LIFTED
    again = LiftFreeze(freeze, court.document())
    assert refused(court, "court", again) == "supply_chain/wrong_state"


def test_the_court_takes_back_an_order_that_nobody_confirmed(court):
    certificate, leaf = court.trade.certify()
    order = court.ordering(certificate, leaf=leaf)
    freeze = court.trade.step("court", order).created_id("freeze")
    court.lift(freeze)
    confirming = court.confirming(freeze, order)
    assert refused(court, "officer", confirming) == "supply_chain/wrong_state"


def test_it_ends_by_the_clock(court):
    certificate, leaf = court.trade.certify()
    freeze = court.freeze(certificate, leaf=leaf, days=10)
    court.c.advance_to(court.c.now_ms() + 9 * MS_PER_DAY)
    assert is_frozen(court, leaf)
    court.c.advance_to(court.c.now_ms() + 2 * MS_PER_DAY)
    assert not is_frozen(court, leaf)
    found, is_held = order_of(court, freeze)
    assert (found.status, is_held) == (FreezeStatus.EXPIRED, False)
    late = LiftFreeze(freeze, court.document())
    assert refused(court, "court", late) == "supply_chain/wrong_state"


def test_an_order_that_nobody_confirms_lapses(court):
    certificate, leaf = court.trade.certify()
    order = court.ordering(certificate, leaf=leaf, days=10)
    freeze = court.trade.step("court", order).created_id("freeze")
    court.c.advance_to(court.c.now_ms() + 11 * MS_PER_DAY)
    assert order_of(court, freeze)[0].status == FreezeStatus.EXPIRED
    confirming = court.confirming(freeze, order)
    assert refused(court, "officer", confirming) == "supply_chain/wrong_state"


def test_no_more_orders_stand_on_one_thing_than_can_be_read(court):
    certificate, leaf = court.trade.certify()
    for _ in range(HOLDS_MAX):
        court.freeze(certificate, leaf=leaf)
    order = court.ordering(certificate, leaf=leaf)
    freeze = court.trade.step("court", order).created_id("freeze")
    confirming = court.confirming(freeze, order)
    assert refused(court, "officer", confirming) == "supply_chain/too_many_freezes"


def test_a_frozen_claim_is_paid_on_the_due_day_into_the_named_account(court):
    certificate, whole = court.trade.certify()
    _, mine = court.trade.split(whole, 400_000_00)
    freeze = court.freeze(certificate, leaf=mine, days=150)
    before_minor = court.c.balance_minor("core")
    court.trade.to_due_day()
    assert leaf_of(court.c, mine).life == Life.DISCHARGED
    assert court.kept_minor() == 600_000_00
    assert court.c.balance_minor("supplier1") == 0
    assert before_minor - court.c.balance_minor("core") == 600_000_00  # the rest is at the bank
    assert order_of(court, freeze)[0].received_minor == 600_000_00


def test_when_money_is_short_a_frozen_leaf_has_its_share_like_any_other(court):
    certificate, whole = court.trade.certify()
    first, second = court.trade.split(whole, 400_000_00, to="bank")
    court.freeze(certificate, leaf=second, days=150)
    court.trade.drain(500_000_00)
    bank_minor = court.c.balance_minor("bank")
    court.trade.to_due_day(18 * 3_600_000)
    assert court.kept_minor() == 300_000_00
    assert court.c.balance_minor("bank") - bank_minor == 200_000_00
    assert [leaf_of(court.c, one).outstanding_minor for one in (first, second)] == [
        200_000_00,
        300_000_00,
    ]


def test_the_earliest_order_is_paid_and_the_next_one_follows_it(court):
    certificate, leaf = court.trade.certify()
    first = court.freeze(certificate, leaf=leaf, days=150)
    second = court.freeze(certificate, holder="supplier1", days=150)
    court.lift(first)
    assert is_frozen(court, leaf)
    court.trade.to_due_day()
    assert [order_of(court, one)[0].received_minor for one in (first, second)] == [0, FACE_MINOR]


def messages_to(trade, leaf: bytes, holder: str, offer: bytes):
    """Every message that could change a leaf: who sends it, and whether a held leaf allows it."""
    c = trade.consortium
    later_ms = c.now_ms() + MS_PER_DAY
    back, bank = (c.account("supplier1"), c.account("bank")), c.account("bank")
    seller, other = c["supplier1"].party, c["supplier2"].party
    owed_minor = max(leaf_of(c, leaf).outstanding_minor, 1)
    return (
        (holder, OfferTransfer(leaf, other, 1_000_00, trade.root("order"), later_ms), False),
        ("supplier2", AcceptTransfer(offer), False),
        (holder, RequestFinance(leaf, c["settle"].party, later_ms), False),
        (holder, ReleaseLock(leaf), True),
        ("bank", trade.advance(leaf), False),
        ("bank", trade.pledging(leaf), False),
        ("bank", ReleasePledge(leaf, 100_00), False),
        ("supplier1", RepayPledge(leaf, 100_00, *back), True),
        (holder, OfferAssignment(leaf, other, 1_00, bank, later_ms), False),
        (holder, OfferAssignment(leaf, seller, 1_00, bank, later_ms), False),
        ("bank", StartRecourse(leaf), False),
        ("supplier1", PayRecourse(leaf, 100_00, *back), False),
        ("bank", WithdrawRecourse(leaf), True),
        (holder, AgreeDiscount(leaf, 1_00, later_ms), False),
        ("core", DischargeEarly(leaf, owed_minor, 0, c.account("core")), True),
        ("core", ProposeCancellation(leaf, owed_minor, later_ms), False),
    )


@pytest.mark.parametrize("row", LEAF_ROWS, ids=lambda row: row.prepare.__name__)
def test_in_every_state_a_held_leaf_allows_payments_and_nothing_else(court, row):
    trade, c = court.trade, court.c
    leaf, holder, offer = row.prepare(trade)
    found = leaf_of(c, leaf)
    if not found.is_live:
        order = court.ordering(found.certificate, leaf=leaf)
        assert refused(court, "court", order) == "supply_chain/wrong_state"
        return
    top_up = trade.booking(1_00, is_credit=True, reference="top up", account="supplier1")
    trade.step("settle", top_up)
    c.send("bank", trade.verdict())  # heard in the states in which the bank is asked
    free = [try_out(c, name, one) for name, one, _ in messages_to(trade, leaf, holder, offer)]
    court.freeze(found.certificate, leaf=leaf)
    held = messages_to(trade, leaf, holder, offer)
    for before, (name, message, is_allowed) in zip(free, held, strict=True):
        after = try_out(c, name, message)
        if before.reference != SUCCEEDED:
            assert after.reference != SUCCEEDED, message
        else:
            assert after.reference == (SUCCEEDED if is_allowed else FROZEN), message
        if isinstance(message, DischargeEarly) and after.reference == SUCCEEDED:
            assert after.leaf(leaf).life == Life.DISCHARGED


def test_the_states_of_an_order_are_these_and_final_ones_are_final():
    assert set(TRANSITIONS) == set(FreezeStatus)
    assert {status for status, to in TRANSITIONS.items() if not to} == {
        FreezeStatus.LIFTED,
        FreezeStatus.EXPIRED,
    }
