"""Trial balance, sub-ledgers and general ledger agree with one another."""

import pytest

from unit.readmodels.books.asking import trial_of
from xinlian.readmodels.books.balances import bucket_of, general_ledger

NAMES = ("core", "supplier1", "supplier2", "bank", "settle")


@pytest.mark.parametrize("name", NAMES)
def test_debits_equal_credits_and_openings_follow_closings(projected, name):
    party = projected.told.party(name)
    earlier: dict[str, int] = {}
    for period in ("2026-11", "2026-12", "2027-01", "2027-02", "2027-03"):
        lines = trial_of(projected.model, party, period).lines
        assert sum(line.debit_minor for line in lines) == sum(line.credit_minor for line in lines)
        assert sum(line.opening_minor for line in lines) == 0
        assert sum(line.closing_minor for line in lines) == 0
        for line in lines:
            assert line.closing_minor == line.opening_minor + line.debit_minor - line.credit_minor
            if earlier:
                assert line.opening_minor == earlier.get(line.code, 0)
        earlier = {line.code: line.closing_minor for line in lines}


@pytest.mark.parametrize("name", NAMES)
def test_sub_ledgers_add_up_to_their_account(projected, name):
    party = projected.told.party(name)
    whole = {line.code: line for line in trial_of(projected.model, party, "2027-03").lines}
    parts = trial_of(projected.model, party, "2027-03", by_sub=True).lines
    for code, line in whole.items():
        of_code = [part for part in parts if part.code == code]
        for field in ("opening_minor", "debit_minor", "credit_minor", "closing_minor"):
            assert sum(getattr(part, field) for part in of_code) == getattr(line, field)


@pytest.mark.parametrize("name", NAMES)
def test_the_general_ledger_ends_at_the_closing_balances(projected, name):
    party = projected.told.party(name)
    for period in ("2026-11", "2027-03"):
        found = trial_of(projected.model, party, period)
        vouchers = projected.model.books.vouchers(party, period, limit=200).rows
        last = {line.code: line.balance_minor for line in general_ledger(found.lines, vouchers)}
        closing = {line.code: line.closing_minor for line in found.lines}
        assert {code: closing[code] for code in last} == last


@pytest.mark.parametrize(
    ("days", "bucket"),
    [(0, "not-due"), (1, "1-30"), (30, "1-30"), (31, "31-60"), (61, "61-90"), (91, "over-90")],
)
def test_buckets_of_ageing(days, bucket):
    assert bucket_of(days) == bucket
