"""SC-T6 to SC-T8: locks, assignment against money, and their guards in order."""

import msgspec

from unit.apps.supply_chain.looking import leaf_of, try_out
from xinlian.apps.supply_chain.messages import Disburse, ReleaseLock, RequestFinance
from xinlian.apps.supply_chain.types import ENCUMBRANCES, Finance
from xinlian.modules.accounts.messages import SetBounds, Transfer
from xinlian.modules.accounts.types import account_id
from xinlian.primitives import AMOUNT_MINOR_MAX
from xinlian.primitives.time import MS_PER_DAY
from xinlian.testing.trade import FACE_MINOR, SUCCEEDED

replace = msgspec.structs.replace


def test_a_request_is_checked_in_its_order(trade):
    c = trade.consortium
    leaf = trade.certify()[1]
    good = RequestFinance(leaf, c["bank"].party, c.now_ms() + MS_PER_DAY)
    rows = [
        ("bank", replace(good, leaf=bytes(20)), "supply_chain/unknown_leaf"),
        ("bank", replace(good, financier=bytes(20)), "supply_chain/not_holder"),
        ("supplier1", replace(good, financier=bytes(20)), "members/unknown_party"),
        (
            "supplier1",
            replace(good, financier=c["supplier1"].party, expires_at_ms=0),
            "supply_chain/parties_invalid",
        ),
        (
            "supplier1",
            replace(good, financier=c["core"].party, expires_at_ms=0),
            "supply_chain/parties_invalid",
        ),
        ("supplier1", replace(good, expires_at_ms=c.now_ms()), "supply_chain/window_closed"),
        (
            "supplier1",
            replace(good, expires_at_ms=c.now_ms() + 7 * MS_PER_DAY + 2),
            "supply_chain/window_closed",
        ),
        ("supplier1", good, SUCCEEDED),
    ]
    for name, message, expected in rows:
        assert try_out(c, name, message).reference == expected, message


def test_one_lock_at_a_time_until_it_is_released_or_expires(trade):
    c = trade.consortium
    leaf = trade.certify()[1]
    trade.request(leaf, days=1)
    again = RequestFinance(leaf, c["settle"].party, c.now_ms() + 2 * MS_PER_DAY)
    assert try_out(c, "supplier1", again).reference == "supply_chain/occupied"
    assert try_out(c, "core", ReleaseLock(leaf)).reference == "supply_chain/not_holder"
    for name in ("supplier1", "bank"):
        tried = try_out(c, name, ReleaseLock(leaf))
        assert tried.leaf(leaf).finance == Finance.NONE
    c.advance_to(leaf_of(c, leaf).lock_expires_at_ms - 1)
    assert leaf_of(c, leaf).finance == Finance.LOCKED
    c.advance_to(leaf_of(c, leaf).lock_expires_at_ms + 1)
    assert leaf_of(c, leaf).finance == Finance.NONE
    assert try_out(c, "supplier1", again).reference == SUCCEEDED


def test_a_disbursement_is_checked_in_its_order(trade):
    c = trade.consortium
    leaf = trade.certify()[1]
    trade.request(leaf)
    good = trade.advance(leaf)

    def gives(message: Disburse = good, name: str = "bank") -> str:
        tried = try_out(c, name, message)
        assert tried.changes_nothing == (tried.reference != SUCCEEDED)
        return tried.reference

    assert gives(replace(good, leaf=bytes(20), discount_minor=10**9)) == (
        "supply_chain/amount_invalid"
    )
    assert gives(replace(good, leaf=bytes(20))) == "supply_chain/unknown_leaf"
    assert gives(name="settle") == "supply_chain/not_financier"
    assert gives(replace(good, advance_minor=FACE_MINOR + 1)) == "supply_chain/verdict_missing"
    trade.step("bank", trade.verdict())
    too_much = replace(good, advance_minor=FACE_MINOR + 1, from_account=bytes(20))
    assert gives(too_much) == "supply_chain/advance_invalid"
    assert gives(replace(good, from_account=bytes(20))) == "accounts/unknown_account"
    for changes in (
        {"from_account": c.account("core")},
        {"to_account": c.account("core")},
        {"from_account": account_id(c["bank"].party, bytes(20))},
    ):
        expected = {"supply_chain/account_mismatch", "accounts/unknown_account"}
        assert gives(replace(good, **changes)) in expected
    assert gives(replace(good, advance_minor=FACE_MINOR)) == SUCCEEDED


def test_a_financier_without_the_money_gets_nothing(trade):
    c = trade.consortium
    leaf = trade.certify()[1]
    trade.request(leaf)
    trade.step("bank", trade.verdict())
    before = c.balance_minor("bank")
    assert before > FACE_MINOR
    trade.step("bank", Transfer(c.account("bank"), c.account("core"), before - 99_00))
    tried = try_out(c, "bank", trade.advance(leaf))
    assert tried.reference == "accounts/insufficient_balance"
    assert tried.changes_nothing


def test_an_advance_is_chosen_so_the_bounds_of_both_accounts_hold(trade):
    c = trade.consortium
    leaf = trade.certify()[1]
    trade.request(leaf)
    trade.step("bank", trade.verdict())
    advance = trade.advance(leaf, 100_00, 1_00)
    has_minor = c.balance_minor("bank")
    keeps = SetBounds(c.account("bank"), has_minor - 98_99, AMOUNT_MINOR_MAX)
    trade.step("bank", keeps)
    tried = try_out(c, "bank", advance)
    assert (tried.reference, tried.changes_nothing) == ("accounts/below_lower_bound", True)
    trade.step("bank", replace(keeps, lower_minor=has_minor - 99_00))
    trade.step("supplier1", SetBounds(c.account("supplier1"), 0, 98_99))
    tried = try_out(c, "bank", advance)
    assert (tried.reference, tried.changes_nothing) == ("accounts/above_upper_bound", True)
    trade.step("supplier1", SetBounds(c.account("supplier1"), 0, 99_00))
    trade.step("bank", advance)
    assert c.balance_minor("supplier1") == 99_00


def test_the_bank_of_the_deposit_may_not_pay_an_advance_out_of_nothing(trade):
    c = trade.consortium
    leaf = trade.certify()[1]
    trade.step("supplier1", RequestFinance(leaf, c["settle"].party, c.now_ms() + MS_PER_DAY))
    issue_account = account_id(c["settle"].party, c.deposit)
    message = replace(trade.advance(leaf), from_account=issue_account)
    tried = try_out(c, "settle", trade.verdict(), message)
    assert tried.reference == "supply_chain/account_mismatch"
    assert tried.changes_nothing


def test_claim_and_money_change_hands_in_one_message(trade):
    c = trade.consortium
    leaf = trade.certify()[1]
    bank_before, supplier_before = c.balance_minor("bank"), c.balance_minor("supplier1")
    trade.request(leaf)
    trade.step("bank", trade.verdict(), trade.advance(leaf, 900_000_00, 9_000_00))
    assert c.balance_minor("bank") == bank_before - 891_000_00
    assert c.balance_minor("supplier1") == supplier_before + 891_000_00
    found = leaf_of(c, leaf)
    assert (found.holder, found.finance) == (c["bank"].party, Finance.ASSIGNED)
    with c.engine.application.store.snapshot() as snapshot:
        encumbrance = ENCUMBRANCES.require(snapshot, leaf)
    assert encumbrance.seller == c["supplier1"].party
    assert (encumbrance.advance_minor, encumbrance.discount_minor) == (900_000_00, 9_000_00)
