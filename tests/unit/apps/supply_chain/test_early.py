"""SC-T12a: the obligor pays named leaves early; a discount needs the holder's signature."""

import msgspec

from unit.apps.supply_chain.looking import certificate_of, leaf_of, obligation_of, try_out
from xinlian.apps.supply_chain.messages import AgreeDiscount, DischargeEarly
from xinlian.apps.supply_chain.types import INVOICES, Finance, Life
from xinlian.modules.obligations.types import ObligationStatus
from xinlian.primitives.time import MS_PER_DAY
from xinlian.testing.trade import FACE_MINOR, SUCCEEDED

replace = msgspec.structs.replace
DISCOUNT_MINOR = 10_000_00


def paying(trade, leaf: bytes, discount_minor: int = 0) -> DischargeEarly:
    c = trade.consortium
    amount_minor = leaf_of(c, leaf).outstanding_minor - discount_minor
    return DischargeEarly(leaf, amount_minor, discount_minor, c.account("core"))


def agree(trade, leaf: bytes, discount_minor: int = DISCOUNT_MINOR) -> AgreeDiscount:
    return AgreeDiscount(leaf, discount_minor, trade.consortium.now_ms() + MS_PER_DAY)


def test_a_leaf_that_is_paid_early_ends_certificate_and_obligation(trade):
    c = trade.consortium
    certificate, leaf = trade.certify()
    supplier = c.balance_minor("supplier1")
    trade.step("core", paying(trade, leaf))
    assert c.balance_minor("supplier1") == supplier + FACE_MINOR
    assert leaf_of(c, leaf).life == Life.DISCHARGED
    assert certificate_of(c, certificate).life == Life.DISCHARGED
    assert obligation_of(c, certificate).status == ObligationStatus.PERFORMED
    core = c.balance_minor("core")
    trade.to_due_day()
    assert c.balance_minor("core") == core  # nothing discharges twice
    again = DischargeEarly(leaf, 1, 0, c.account("core"))
    assert try_out(c, "core", again).reference == "supply_chain/wrong_state"


def test_a_discount_is_what_the_holder_signed_and_paid_plus_discount_is_discharged(trade):
    c = trade.consortium
    certificate, leaf = trade.certify()
    pay = paying(trade, leaf, DISCOUNT_MINOR)
    assert try_out(c, "core", pay).reference == "supply_chain/discount_not_agreed"
    assert try_out(c, "core", agree(trade, leaf)).reference == "supply_chain/not_holder"
    trade.step("supplier1", agree(trade, leaf))
    other = paying(trade, leaf, DISCOUNT_MINOR + 1)
    assert try_out(c, "core", other).reference == "supply_chain/discount_not_agreed"
    supplier, core = c.balance_minor("supplier1"), c.balance_minor("core")
    trade.step("core", pay)
    assert c.balance_minor("supplier1") == supplier + FACE_MINOR - DISCOUNT_MINOR
    assert c.balance_minor("core") == core - FACE_MINOR + DISCOUNT_MINOR
    assert certificate_of(c, certificate).discharged_minor == FACE_MINOR
    with c.engine.application.store.snapshot() as snapshot:
        assert INVOICES.require(snapshot, trade.root("invoice")).paid_minor == FACE_MINOR


def test_an_agreed_discount_ends_with_its_time_and_with_a_change_of_the_leaf(trade):
    c = trade.consortium
    leaf = trade.certify()[1]
    pay = paying(trade, leaf, DISCOUNT_MINOR)
    trade.step("supplier1", agree(trade, leaf))
    assert try_out(c, "core", pay).reference == SUCCEEDED
    trade.finance(leaf)  # the bank holds it now, and has agreed to nothing
    assert try_out(c, "core", pay).reference == "supply_chain/discount_not_agreed"
    trade.step("bank", agree(trade, leaf))
    c.advance_to(c.now_ms() + 2 * MS_PER_DAY)
    assert try_out(c, "core", pay).reference == "supply_chain/discount_not_agreed"


def test_under_a_pledge_the_financier_is_paid_first_and_the_discount_is_the_holders(trade):
    c = trade.consortium
    leaf = trade.certify()[1]
    trade.pledge(leaf, FACE_MINOR - 5_000_00)
    too_much = agree(trade, leaf)
    assert try_out(c, "supplier1", too_much).reference == "supply_chain/discount_not_agreed"
    trade.step("supplier1", agree(trade, leaf, 1_000_00))
    bank, supplier = c.balance_minor("bank"), c.balance_minor("supplier1")
    trade.step("core", paying(trade, leaf, 1_000_00))
    assert c.balance_minor("bank") == bank + FACE_MINOR - 5_000_00
    assert c.balance_minor("supplier1") == supplier + 4_000_00
    found = leaf_of(c, leaf)
    assert (found.life, found.finance) == (Life.DISCHARGED, Finance.NONE)


def test_only_the_obligor_pays_early_and_no_locked_leaf(trade):
    c = trade.consortium
    leaf = trade.certify()[1]
    assert try_out(c, "supplier1", paying(trade, leaf)).reference == "supply_chain/not_obligor"
    short = replace(paying(trade, leaf), amount_minor=1)
    assert try_out(c, "core", short).reference == "supply_chain/amount_not_owed"
    foreign = replace(paying(trade, leaf), from_account=c.account("bank"))
    assert try_out(c, "core", foreign).reference == "supply_chain/account_mismatch"
    trade.request(leaf)
    assert try_out(c, "core", paying(trade, leaf)).reference == "supply_chain/occupied"


def test_a_payee_without_an_account_waits_for_the_due_day(trade):
    c = trade.consortium
    theirs, mine = trade.split(trade.certify()[1], 400_000_00)
    assert try_out(c, "core", paying(trade, theirs)).reference == "accounts/unknown_account"
    trade.step("core", paying(trade, mine))
    assert leaf_of(c, mine).life == Life.DISCHARGED
    assert leaf_of(c, theirs).life == Life.ACTIVE


def test_a_discount_for_a_leaf_that_is_due_is_refused(trade):
    c = trade.consortium
    leaf = trade.certify()[1]
    trade.drain()
    trade.to_due_day()
    assert try_out(c, "supplier1", agree(trade, leaf)).reference == "supply_chain/wrong_state"
    past = replace(agree(trade, leaf), expires_at_ms=0)
    assert try_out(c, "supplier1", past).reference == "supply_chain/wrong_state"
