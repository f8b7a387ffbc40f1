"""Balances of the books against the events in the blocks, to the fen, for every party and month."""

import pytest

from unit.readmodels.books.asking import trial_of
from unit.readmodels.books.recomputed import money_and_claims
from unit.readmodels.stories import NEWCOMER
from xinlian.modules.accounts.types import AssetKind
from xinlian.primitives import format_id
from xinlian.readmodels.books import sources
from xinlian.readmodels.books.chart import Slot, enterprise_chart
from xinlian.readmodels.books.periods import parse_period
from xinlian.readmodels.reading import open_reading

PARTIES = ("core", "supplier1", "supplier2", "bank", "settle", NEWCOMER)
PERIODS = ("2026-11", "2026-12", "2027-02", "2027-03", "2027-Q1")
OF_SLOT = {
    Slot.CASH: "deposit",
    Slot.RECEIVABLE_CERTIFICATE: AssetKind.CLAIM.value,
    Slot.FACTORED_RECEIVABLE: AssetKind.CLAIM.value,
    Slot.PAYABLE_CERTIFICATE: "owed_claim",
    Slot.INTEREST_RECEIVABLE: AssetKind.INTEREST.value,
    Slot.INTEREST_PAYABLE: "owed_interest",
    Slot.CUSTOMER_DEPOSITS: "customer_deposits",
    Slot.FINANCE_COST: "discount_paid",
}


@pytest.mark.parametrize("period", PERIODS)
@pytest.mark.parametrize("name", PARTIES)
def test_every_balance_recomputes_from_the_events_of_the_blocks(paid, name, period):
    party = paid.told.party(name)
    found = trial_of(paid.model, party, period)
    recomputed = money_and_claims(paid.told, party, parse_period(period).end_ms)
    chart = enterprise_chart()
    books: dict[str, int] = {}
    for slot, kind in OF_SLOT.items():
        code = chart.of(slot).code
        amount = sum(line.closing_minor for line in found.lines if line.code == code)
        books[kind] = books.get(kind, 0) + amount
    earned = chart.of(Slot.INTEREST_INCOME).code
    income = sum(line.closing_minor for line in found.lines if line.code == earned)
    assert {kind: amount for kind, amount in books.items() if amount} == {
        kind: amount for kind, amount in recomputed.items() if kind != "discount_earned"
    }
    assert income == recomputed.get("discount_earned", 0)


def test_late_interest_recomputes_too(late):
    chart = enterprise_chart()
    for name in PARTIES[:5]:
        party = late.told.party(name)
        found = trial_of(late.model, party, "2027-03")
        recomputed = money_and_claims(late.told, party, parse_period("2027-03").end_ms)
        for slot in (Slot.CASH, Slot.INTEREST_RECEIVABLE, Slot.INTEREST_PAYABLE):
            code = chart.of(slot).code
            amount = sum(line.closing_minor for line in found.lines if line.code == code)
            assert amount == recomputed.get(OF_SLOT[slot], 0), (name, slot)


def test_a_party_has_the_movements_of_its_own_accounts_and_a_bank_those_in_its_books(paid):
    party = paid.told.party_text("supplier1")
    bank = paid.told.party_text("settle")
    with open_reading(paid.model._database, paid.told.party("supplier1")) as reading:
        own = list(sources.movements(reading, party, 10**14))
        in_books = list(sources.movements(reading, bank, 10**14))
    assert all(party in (m.debit_owner, m.credit_owner) for m in own)
    assert {m.asset_kind for m in in_books} == {"deposit"}
    assert [(m.height, m.position) for m in own] == sorted((m.height, m.position) for m in own)


def test_heights_of_a_period_are_those_of_its_blocks(paid):
    with open_reading(paid.model._database, paid.told.party("core")) as reading:
        heights = [
            sources.heights_of(reading, p.start_ms, p.end_ms)
            for p in map(
                parse_period,
                (
                    "2026-10",
                    "2026-11",
                    "2026-12",
                    "2027-01",
                ),
            )
        ]
    first, last = heights[1]
    assert heights[0] == (0, -1)
    assert first == 0 < last
    assert heights[2][0] == last + 1
    assert heights[3][0] == heights[2][1] + 1


def test_an_account_of_genesis_opens_the_books(paid):
    with open_reading(paid.model._database, paid.told.party("core")) as reading:
        (opening,) = sources.openings(reading, paid.told.party_text("core"))
        both = sources.openings(reading, paid.told.party_text("settle"))
    assert opening.account_id == format_id("account", paid.told.consortium.account("core"))
    assert opening.opening_minor == 5_000_000_00
    assert len(both) == 2
