import fractions
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from unit.apps.supply_chain.looking import certificate_of
from xinlian.apps.supply_chain.keeper import interest_account
from xinlian.apps.supply_chain.types import LATE_INTEREST
from xinlian.modules.accounts.types import ACCOUNTS
from xinlian.modules.obligations.performance import late_interest_minor
from xinlian.modules.obligations.types import OBLIGATIONS, ObligationStatus
from xinlian.testing.trade import EVENING_MS, FACE_MINOR


@given(st.integers(0, 2**62), st.integers(0, 10**9), st.integers(0, 10_000))
def test_interest_is_rounded_half_up_once(base_minor, rate_e9, days):
    exact = fractions.Fraction(base_minor * rate_e9 * days, 10**9)
    expected = math.floor(exact + fractions.Fraction(1, 2))
    assert late_interest_minor(base_minor, rate_e9, days) == expected


@pytest.mark.parametrize(
    ("base_minor", "days", "interest_minor"),
    [(100_000_00, 10, 500_00), (1_00, 1, 0), (10_00, 1, 1), (9_99, 1, 0), (30_00, 1, 2)],
)
def test_worked_examples_at_five_per_ten_thousand_a_day(base_minor, days, interest_minor):
    assert late_interest_minor(base_minor, 500_000, days) == interest_minor


def test_late_on_the_due_day_itself_costs_nothing(trade):
    c = trade.consortium
    certificate, _ = trade.certify()
    trade.drain()
    trade.to_due_day(EVENING_MS)
    trade.credit(FACE_MINOR)
    assert certificate_of(c, certificate).interest_fixed_minor == 0
    assert c.balance_minor("supplier1") == FACE_MINOR


def test_interest_without_money_is_owed_in_its_own_asset_until_it_is_paid(trade):
    c = trade.consortium
    certificate, _ = trade.certify()
    trade.drain()
    trade.to_due_day(EVENING_MS)
    trade.to_due_day(days_later=2)
    trade.credit(FACE_MINOR)
    interest = FACE_MINOR * 2 * 5 // 10_000
    owed_to = interest_account(certificate, c["supplier1"].party)
    with c.engine.application.store.snapshot() as snapshot:
        ((obligation_id,), owed) = next(iter(LATE_INTEREST.scan(snapshot)))
        obligation = OBLIGATIONS.require(snapshot, obligation_id)
        claim = ACCOUNTS.require(snapshot, owed_to)
    assert owed.creditor == c["supplier1"].party
    assert (obligation.open_minor, obligation.status) == (interest, ObligationStatus.DUE)
    assert claim.balance_minor == interest
    trade.credit(interest, "interest")
    with c.engine.application.store.snapshot() as snapshot:
        obligation = OBLIGATIONS.require(snapshot, obligation_id)
        claim = ACCOUNTS.require(snapshot, owed_to)
    assert (obligation.open_minor, claim.balance_minor) == (0, 0)
    assert c.balance_minor("supplier1") == FACE_MINOR + interest
