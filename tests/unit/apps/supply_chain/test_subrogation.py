"""SC-T10: who pays a holder takes its place; encumbrances, interest and holds stay right."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from support.guarantor import Guaranteed
from unit.apps.supply_chain.looking import certificate_of, leaf_of, obligation_of, try_out
from xinlian.apps.supply_chain.dispute_messages import AgreeOutcome, OpenDispute, ProposeOutcome
from xinlian.apps.supply_chain.dispute_types import Ground
from xinlian.apps.supply_chain.messages import RepayPledge, StartRecourse
from xinlian.apps.supply_chain.subrogation import shares_of
from xinlian.apps.supply_chain.types import ENCUMBRANCES, LATE_INTEREST, Finance, Life
from xinlian.primitives.time import MS_PER_DAY, china_midnight_ms
from xinlian.testing.trade import EVENING_MS, FACE_MINOR, OPENING_MS, SUCCEEDED

ADVANCE_MINOR = 800_000_00
DAILY_RATE_E9 = 500_000


@pytest.fixture
def guaranteed():
    """A trade, and organisations that guarantee for its obligor."""
    made = Guaranteed()
    yield made
    made.close()


def encumbrance_of(guaranteed, leaf: bytes):
    with guaranteed.c.engine.application.store.snapshot() as snapshot:
        return ENCUMBRANCES.get(snapshot, leaf)


def interest_of(guaranteed) -> dict[str, int]:
    """Return the late interest that was fixed, by creditor."""
    names = {one.party: name for name, one in guaranteed.c.organisations.items()}
    with guaranteed.c.engine.application.store.snapshot() as snapshot:
        found = {parts[0]: owed for parts, owed in LATE_INTEREST.scan(snapshot)}
    totals: dict[str, int] = {}
    for obligation, owed in found.items():
        name = names[owed.creditor]
        amount_minor = obligation_of(guaranteed.c, obligation).amount_minor
        totals[name] = totals.get(name, 0) + amount_minor
    return totals


def test_the_obligor_pays_the_guarantor_that_paid(guaranteed):
    trade, c = guaranteed.trade, guaranteed.c
    certificate, leaf = trade.certify()
    guaranteed.give(certificate)
    guaranteed.default()
    parent = c.balance_minor("parent")
    trade.credit(FACE_MINOR)
    assert leaf_of(c, leaf).life == Life.DISCHARGED
    assert c.balance_minor("parent") == parent + FACE_MINOR
    assert certificate_of(c, certificate).life == Life.DISCHARGED


def test_late_interest_is_the_holders_until_the_guarantor_paid_and_then_the_guarantors(guaranteed):
    trade = guaranteed.trade
    certificate, _ = trade.certify()
    guaranteed.give(certificate)
    guaranteed.keep("parent", 0)
    guaranteed.default()
    trade.to_due_day(OPENING_MS, days_later=4)
    guaranteed.credit("parent", FACE_MINOR)  # four days after the due day
    trade.to_due_day(OPENING_MS, days_later=10)
    trade.credit(FACE_MINOR)  # six days later
    per_day_minor = FACE_MINOR * DAILY_RATE_E9 // 10**9
    assert interest_of(guaranteed) == {"supplier1": 4 * per_day_minor, "parent": 6 * per_day_minor}


def test_a_short_payment_is_shared_in_proportion_among_the_leaves(guaranteed):
    trade, c = guaranteed.trade, guaranteed.c
    certificate, leaf = trade.certify()
    trade.split(leaf, 250_000_00, "dealer")
    guaranteed.give(certificate, cap_minor=400_000_00)
    before = {name: c.balance_minor(name) for name in ("supplier1", "dealer")}
    guaranteed.default()
    gained = {name: c.balance_minor(name) - minor for name, minor in before.items()}
    assert gained == {"supplier1": 300_000_00, "dealer": 100_000_00}


def test_an_assigned_leaf_pays_its_financier_and_keeps_what_is_left_of_the_assignment(guaranteed):
    trade, c = guaranteed.trade, guaranteed.c
    certificate, leaf = trade.certify()
    trade.request_on_terms(leaf, with_recourse=True)
    trade.step("bank", trade.verdict(), trade.advance(leaf, ADVANCE_MINOR, 1_00))
    guaranteed.give(certificate, cap_minor=300_000_00)
    bank = c.balance_minor("bank")
    guaranteed.default()
    assert c.balance_minor("bank") == bank + 300_000_00
    rest_id = guaranteed.leaf_of(certificate, "bank")
    rest, left = leaf_of(c, rest_id), encumbrance_of(guaranteed, rest_id)
    assert (rest.amount_minor, rest.finance) == (700_000_00, Finance.ASSIGNED)
    assert (left.advance_minor, left.covered_minor) == (ADVANCE_MINOR, 300_000_00)
    assert encumbrance_of(guaranteed, leaf) is None
    trade.step("bank", StartRecourse(rest_id))
    recourse = encumbrance_of(guaranteed, rest_id).obligation
    assert obligation_of(c, recourse).open_minor == ADVANCE_MINOR - 300_000_00


def test_a_recourse_is_lessened_by_what_a_guarantor_pays_and_ends_with_all_of_it(guaranteed):
    trade, c = guaranteed.trade, guaranteed.c
    certificate, leaf = trade.certify()
    trade.request_on_terms(leaf, with_recourse=True)
    trade.step("bank", trade.verdict(), trade.advance(leaf, ADVANCE_MINOR, 1_00))
    guaranteed.give(certificate)
    guaranteed.keep("parent", 0)
    guaranteed.default()
    trade.step("bank", StartRecourse(leaf))
    recourse = encumbrance_of(guaranteed, leaf).obligation
    guaranteed.credit("parent", 500_000_00)
    rest_id = guaranteed.leaf_of(certificate, "bank")
    assert leaf_of(c, rest_id).life == Life.RECOURSE
    assert leaf_of(c, guaranteed.leaf_of(certificate, "parent")).life == Life.OVERDUE
    assert obligation_of(c, recourse).open_minor == ADVANCE_MINOR - 500_000_00
    guaranteed.credit("parent", 500_000_00)
    assert obligation_of(c, recourse).open_minor == 0
    taken = leaf_of(c, rest_id)
    assert (taken.holder, taken.life, taken.finance) == (
        c["parent"].party,
        Life.OVERDUE,
        Finance.NONE,
    )


def test_a_pledge_is_paid_first_and_what_is_left_of_it_stays_with_the_rest(guaranteed):
    trade, c = guaranteed.trade, guaranteed.c
    certificate, leaf = trade.certify()
    trade.pledge(leaf, 600_000_00)
    guaranteed.give(certificate)
    guaranteed.keep("parent", 400_000_00)
    bank, supplier = c.balance_minor("bank"), c.balance_minor("supplier1")
    guaranteed.default()
    assert c.balance_minor("bank") == bank + 400_000_00
    rest_id = guaranteed.leaf_of(certificate, "supplier1")
    left = encumbrance_of(guaranteed, rest_id)
    assert (leaf_of(c, rest_id).finance, left.secured_minor) == (Finance.PLEDGED, 200_000_00)
    accounts = (c.account("supplier1"), c.account("bank"))
    repay = RepayPledge(rest_id, 200_000_00, *accounts)
    assert try_out(c, "supplier1", repay).reference == SUCCEEDED
    guaranteed.credit("parent", 600_000_00)
    assert c.balance_minor("bank") == bank + 600_000_00
    assert c.balance_minor("supplier1") == supplier + 400_000_00
    taken = leaf_of(c, rest_id)
    assert (taken.holder, taken.finance) == (c["parent"].party, Finance.NONE)
    assert obligation_of(c, left.obligation).open_minor == 0


def test_a_leaf_that_a_court_holds_waits_and_is_paid_when_the_order_ends(guaranteed):
    trade, c = guaranteed.trade, guaranteed.c
    certificate, leaf = trade.certify()
    guaranteed.give(certificate)
    freeze = guaranteed.freeze(certificate, leaf=leaf, days=150)
    supplier = c.balance_minor("supplier1")
    guaranteed.default()
    trade.to_due_day(EVENING_MS, days_later=1)
    (claim,) = guaranteed.calls(certificate)
    assert (claim.open_minor, c.balance_minor("supplier1")) == (FACE_MINOR, supplier)
    assert guaranteed.standing("parent").defaulted == 0  # it could not pay
    guaranteed.lift(freeze)
    c.settle_due_work()
    assert c.balance_minor("supplier1") == supplier + FACE_MINOR
    assert leaf_of(c, leaf).holder == c["parent"].party


def test_a_leaf_whose_holder_has_no_mirrored_account_waits(guaranteed):
    trade, c = guaranteed.trade, guaranteed.c
    certificate, leaf = trade.certify()
    mine, _ = trade.split(leaf, 300_000_00)  # supplier2 has none
    guaranteed.give(certificate)
    guaranteed.default()
    (claim,) = guaranteed.calls(certificate)
    assert (claim.performed_minor, claim.open_minor) == (700_000_00, 300_000_00)
    assert leaf_of(c, mine).holder == c["supplier2"].party
    assert guaranteed.standing("parent").defaulted == 0


@given(
    st.integers(1, 2_000),
    st.lists(st.integers(10, 300), min_size=1, max_size=12),
)
def test_shares_are_within_what_is_owed_and_leave_no_part_too_small(amount_minor, owed):
    shares = shares_of(amount_minor, owed, 10)
    for share, whole in zip(shares, owed, strict=True):
        assert share in (0, whole) or 10 <= share <= whole - 10
    left_minor = amount_minor - sum(shares)
    assert sum(shares) == sum(owed) or 0 <= left_minor < 20


def test_many_leaves_are_paid_in_bounded_steps_each_its_share(guaranteed):
    trade, c = guaranteed.trade, guaranteed.c
    certificate, leaf = trade.certify()
    for _ in range(8):
        _, leaf = trade.split(leaf, 100_000_00, "dealer")
    guaranteed.give(certificate, cap_minor=500_000_00)
    before = {name: c.balance_minor(name) for name in ("supplier1", "dealer", "parent")}
    guaranteed.default()
    gained = {name: c.balance_minor(name) - minor for name, minor in before.items()}
    assert gained == {"supplier1": 100_000_00, "dealer": 400_000_00, "parent": -500_000_00}
    assert certificate_of(c, certificate).live_leaves == 2 * 9
    guaranteed.trade.credit(FACE_MINOR)
    assert certificate_of(c, certificate).life == Life.DISCHARGED


def test_a_loan_that_is_larger_than_what_was_left_of_its_leaf_stays_with_the_spent_one(guaranteed):
    trade, c = guaranteed.trade, guaranteed.c
    certificate, leaf = trade.certify()
    trade.pledge(leaf, 900_000_00)
    guaranteed.give(certificate)
    freeze = guaranteed.freeze(certificate, leaf=leaf, days=150)
    bank = c.balance_minor("bank")
    guaranteed.default(keep_minor=400_000_00)  # into the court's account: it pays no loan
    guaranteed.lift(freeze)
    c.settle_due_work()
    assert c.balance_minor("bank") == bank + 600_000_00
    spent = leaf_of(c, leaf)
    assert (spent.life, spent.finance) == (Life.SPENT, Finance.PLEDGED)
    assert encumbrance_of(guaranteed, leaf).secured_minor == 300_000_00
    mine = leaf_of(c, guaranteed.leaf_of(certificate, "parent"))
    assert (mine.amount_minor, mine.finance) == (600_000_00, Finance.NONE)
    accounts = (c.account("supplier1"), c.account("bank"))
    trade.step("supplier1", RepayPledge(leaf, 300_000_00, *accounts))
    assert leaf_of(c, leaf).finance == Finance.NONE


def test_a_leaf_of_which_a_part_is_disputed_waits_and_is_paid_when_the_dispute_ends(guaranteed):
    trade, c = guaranteed.trade, guaranteed.c
    certificate, leaf = trade.certify()
    guaranteed.give(certificate)
    c.advance_to(china_midnight_ms(trade.due_day) - 10 * MS_PER_DAY)
    grounds = guaranteed.document("core")
    open_dispute = OpenDispute(leaf, 300_000_00, Ground.FRAUD, grounds)
    dispute = trade.step("core", open_dispute).created_id("dispute")
    guaranteed.default()
    trade.to_due_day(EVENING_MS, days_later=1)
    (claim,) = guaranteed.calls(certificate)
    assert (claim.performed_minor, claim.open_minor) == (0, 700_000_00)
    assert guaranteed.standing("parent").defaulted == 0  # it could not pay
    trade.step("core", ProposeOutcome(dispute, 300_000_00, True))
    trade.step("supplier1", AgreeOutcome(dispute, 300_000_00, True))
    c.settle_due_work()
    found = leaf_of(c, leaf)
    assert (found.holder, found.taken_over_minor) == (c["parent"].party, 700_000_00)
