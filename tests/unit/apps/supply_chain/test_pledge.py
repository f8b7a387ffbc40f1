"""SC-T7 as a pledge and SC-T20: the holder keeps its leaf, the financier is paid first."""

from typing import Any

import msgspec
import pytest

from unit.apps.supply_chain.looking import leaf_of, obligation_of, try_out
from xinlian.apps.supply_chain.messages import (
    OfferTransfer,
    PledgeLeaf,
    ReleasePledge,
    RepayPledge,
    RequestFinance,
)
from xinlian.apps.supply_chain.types import ENCUMBRANCES, ORDERS, Encumbrance, Finance, Life
from xinlian.modules.accounts.types import ACCOUNTS, AssetKind, account_id, asset_id
from xinlian.modules.obligations.types import ObligationStatus
from xinlian.primitives.time import MS_PER_DAY
from xinlian.testing.trade import FACE_MINOR, SUCCEEDED

replace = msgspec.structs.replace
LOAN_MINOR = 600_000_00


def encumbrance_of(trade, leaf: bytes) -> Encumbrance | None:
    with trade.consortium.engine.application.store.snapshot() as snapshot:
        return ENCUMBRANCES.get(snapshot, leaf)


def balance_minor(trade, name: str, kind: AssetKind, issuer: bytes) -> int:
    account = account_id(trade.consortium[name].party, asset_id(kind, issuer, "CNY", 2))
    with trade.consortium.engine.application.store.snapshot() as snapshot:
        return ACCOUNTS.require(snapshot, account).balance_minor


def pledged(trade, **promise: Any) -> tuple[bytes, bytes, bytes]:
    """Return (certificate, leaf, loan) of a leaf that secures a loan."""
    certificate, leaf = trade.certify(**promise)
    trade.pledge(leaf, LOAN_MINOR)
    found = encumbrance_of(trade, leaf)
    assert found is not None
    return certificate, leaf, found.obligation


def test_under_a_pledge_the_holder_stays_and_the_loan_is_booked(trade):
    c = trade.consortium
    before = c.balance_minor("supplier1"), c.balance_minor("bank")
    certificate, leaf, loan = pledged(trade)
    found = leaf_of(c, leaf)
    assert (found.holder, found.finance) == (c["supplier1"].party, Finance.PLEDGED)
    assert c.balance_minor("supplier1") == before[0] + LOAN_MINOR - 1_00
    assert c.balance_minor("bank") == before[1] - LOAN_MINOR + 1_00
    assert balance_minor(trade, "supplier1", AssetKind.CLAIM, certificate) == FACE_MINOR
    assert balance_minor(trade, "bank", AssetKind.LOAN, leaf) == LOAN_MINOR
    assert balance_minor(trade, "supplier1", AssetKind.LOAN, leaf) == -LOAN_MINOR
    owed = obligation_of(c, loan)
    assert (owed.debtor, owed.amount_minor) == (c["supplier1"].party, LOAN_MINOR)
    assert owed.cutoff_at_ms > obligation_of(c, certificate).cutoff_at_ms


def test_at_maturity_the_financier_gets_the_loan_and_the_holder_the_rest(trade):
    c = trade.consortium
    _, leaf, loan = pledged(trade)
    bank, supplier = c.balance_minor("bank"), c.balance_minor("supplier1")
    trade.to_due_day()
    assert c.balance_minor("bank") == bank + LOAN_MINOR
    assert c.balance_minor("supplier1") == supplier + FACE_MINOR - LOAN_MINOR
    found = leaf_of(c, leaf)
    assert (found.life, found.finance) == (Life.DISCHARGED, Finance.NONE)
    assert encumbrance_of(trade, leaf) is None
    assert obligation_of(c, loan).status == ObligationStatus.PERFORMED
    assert balance_minor(trade, "bank", AssetKind.LOAN, leaf) == 0


def test_a_part_payment_goes_to_the_financier_first(trade):
    c = trade.consortium
    _, leaf, loan = pledged(trade)
    trade.drain()
    trade.to_due_day()
    bank, supplier = c.balance_minor("bank"), c.balance_minor("supplier1")
    trade.credit(500_000_00, "first")
    trade.to_due_day(18 * 3_600_000)
    assert (c.balance_minor("bank"), c.balance_minor("supplier1")) == (bank + 500_000_00, supplier)
    assert obligation_of(c, loan).open_minor == LOAN_MINOR - 500_000_00
    trade.credit(500_000_00, "second")
    assert c.balance_minor("bank") == bank + LOAN_MINOR
    assert c.balance_minor("supplier1") >= supplier + FACE_MINOR - LOAN_MINOR
    assert leaf_of(c, leaf).life == Life.DISCHARGED


def test_a_loan_that_no_payment_reaches_in_time_is_in_default_itself(trade):
    c = trade.consortium
    _, _, loan = pledged(trade)
    trade.drain()
    trade.to_due_day(18 * 3_600_000)
    assert obligation_of(c, loan).status == ObligationStatus.DUE
    trade.to_due_day(18 * 3_600_000, days_later=14)
    assert obligation_of(c, loan).status == ObligationStatus.DEFAULTED


def test_the_holder_repays_and_has_its_leaf_free(trade):
    c = trade.consortium
    _, leaf, loan = pledged(trade)
    supplier, bank = c.balance_minor("supplier1"), c.balance_minor("bank")
    repay = RepayPledge(leaf, LOAN_MINOR, c.account("supplier1"), c.account("bank"))
    assert try_out(c, "supplier1", repay).reference == "accounts/insufficient_balance"
    trade.step(
        "settle", trade.booking(1_00, is_credit=True, reference="top up", account="supplier1")
    )
    trade.step("supplier1", repay)
    assert c.balance_minor("supplier1") == supplier + 1_00 - LOAN_MINOR
    assert c.balance_minor("bank") == bank + LOAN_MINOR
    assert (leaf_of(c, leaf).finance, encumbrance_of(trade, leaf)) == (Finance.NONE, None)
    assert obligation_of(c, loan).status == ObligationStatus.PERFORMED
    trade.pledge(leaf, 100_00)  # and it secures another loan


def test_a_pledge_is_released_by_the_financier_that_was_paid_outside(trade):
    c = trade.consortium
    _, leaf, loan = pledged(trade)
    release = ReleasePledge(leaf, LOAN_MINOR)
    assert try_out(c, "supplier1", release).reference == "supply_chain/not_financier"
    bank = c.balance_minor("bank")
    trade.step("bank", release)
    assert (leaf_of(c, leaf).finance, c.balance_minor("bank")) == (Finance.NONE, bank)
    assert obligation_of(c, loan).status == ObligationStatus.PERFORMED
    assert try_out(c, "bank", release).reference == "supply_chain/wrong_state"


def test_only_the_holder_repays_from_its_own_account(trade):
    c = trade.consortium
    _, leaf, _ = pledged(trade)
    good = RepayPledge(leaf, LOAN_MINOR, c.account("supplier1"), c.account("bank"))
    assert try_out(c, "bank", good).reference == "supply_chain/not_holder"
    foreign = replace(good, from_account=c.account("core"))
    assert try_out(c, "supplier1", foreign).reference == "supply_chain/account_mismatch"


def test_what_is_repaid_or_released_is_what_is_secured(trade):
    c = trade.consortium
    _, leaf, _ = pledged(trade)
    accounts = (c.account("supplier1"), c.account("bank"))
    for name, message in (
        ("supplier1", RepayPledge(leaf, LOAN_MINOR - 1, *accounts)),
        ("bank", ReleasePledge(leaf, LOAN_MINOR + 1)),
    ):
        assert try_out(c, name, message).reference == "supply_chain/amount_not_owed"


def test_finance_is_given_as_it_was_asked_for(trade):
    c = trade.consortium
    leaf = trade.certify()[1]
    trade.request_on_terms(leaf, as_pledge=True)
    trade.step("bank", trade.verdict())
    assert try_out(c, "bank", trade.advance(leaf)).reference == "supply_chain/terms_mismatch"
    assert try_out(c, "settle", trade.pledging(leaf)).reference == "supply_chain/not_financier"
    assert try_out(c, "bank", trade.pledging(leaf)).reference == SUCCEEDED
    other = trade.certify(100_000_00)[1]
    trade.request(other)
    assert try_out(c, "bank", trade.pledging(other)).reference == "supply_chain/terms_mismatch"


def test_a_pledged_leaf_is_occupied(trade):
    c = trade.consortium
    _, leaf, _ = pledged(trade)
    later_ms = c.now_ms() + MS_PER_DAY
    settle, other = c["settle"].party, c["supplier2"].party
    for name, message in (
        ("supplier1", RequestFinance(leaf, settle, later_ms)),
        ("supplier1", OfferTransfer(leaf, other, 1_000_00, trade.root("order"), later_ms)),
        ("bank", trade.pledging(leaf)),
        ("bank", trade.advance(leaf)),
    ):
        assert try_out(c, name, message).reference == "supply_chain/occupied", message


@pytest.mark.parametrize("advance_minor", [FACE_MINOR, 1_00])
def test_a_loan_is_at_most_the_leaf(trade, advance_minor):
    c = trade.consortium
    leaf = trade.certify()[1]
    trade.request_on_terms(leaf, as_pledge=True)
    trade.step("bank", trade.verdict())
    good: PledgeLeaf = trade.pledging(leaf, advance_minor, 0)
    assert try_out(c, "bank", good).reference == SUCCEEDED
    too_much = replace(good, advance_minor=FACE_MINOR + 1)
    assert try_out(c, "bank", too_much).reference == "supply_chain/advance_invalid"


def test_a_pledge_has_no_terms_of_an_assignment(trade):
    leaf = trade.certify()[1]
    for terms in ({"with_recourse": True}, {"keeps_rest": True}):
        with pytest.raises(Exception, match="supply_chain/amount_invalid"):
            trade.request_on_terms(leaf, as_pledge=True, **terms)


def test_no_order_is_open_when_everybody_has_an_account(trade):
    pledged(trade)
    trade.to_due_day()
    with trade.consortium.engine.application.store.snapshot() as snapshot:
        assert list(ORDERS.scan(snapshot)) == []
