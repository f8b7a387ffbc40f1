"""A genesis file brings the rows that rules ask for, in force from the beginning on."""

import pytest

from unit.ledger.fakes import TableView
from xinlian.ledger.genesis import GenesisInvalid
from xinlian.ledger.overlay import Overlay
from xinlian.modules.policy.dates import happening
from xinlian.modules.policy.genesis import (
    GenesisCalendarYear,
    GenesisRow,
    GenesisVersion,
    PolicySection,
    load,
)
from xinlian.modules.policy.keeper import is_banking_day, policy_value
from xinlian.modules.policy.types import AppliesBy
from xinlian.primitives.time import day_of_iso

BEGIN_MS = 1_000
ROW = "tests.days"


def row(*moments_ms: int, name: str = ROW) -> GenesisRow:
    versions = (
        GenesisVersion(at_ms, value, AppliesBy.ISSUE, "a law", verified=False)
        for value, at_ms in enumerate(moments_ms)
    )
    return GenesisRow(name, "day", tuple(versions))


def loaded(*rows: GenesisRow, years: tuple[GenesisCalendarYear, ...] = ()) -> Overlay:
    state = Overlay(TableView())
    load(state, PolicySection(rows, years), (ROW,), BEGIN_MS)
    return state


def test_a_required_row_is_in_force_when_the_ledger_begins():
    assert policy_value(loaded(row(BEGIN_MS)), ROW, happening(BEGIN_MS)) == 0
    state = loaded(row(0, BEGIN_MS, BEGIN_MS + 1))
    assert [policy_value(state, ROW, happening(BEGIN_MS + later)) for later in (0, 1)] == [1, 2]
    with pytest.raises(GenesisInvalid, match=r"tests\.days begins after the ledger does"):
        loaded(row(BEGIN_MS + 1))
    with pytest.raises(GenesisInvalid, match=r"tests\.days is missing"):
        loaded(row(0, name="tests.other"))


def test_a_row_that_nothing_requires_may_begin_later():
    loaded(row(0), row(BEGIN_MS + 1, name="tests.other"))


@pytest.mark.parametrize(
    "malformed",
    [row(), row(2, 1), row(1, 1), row(0, name=""), row(0, name="天"), row(0, name="n" * 49)],
    ids=["no version", "descending", "twice", "no name", "not ASCII", "too long"],
)
def test_a_malformed_row_is_refused(malformed):
    with pytest.raises(GenesisInvalid):
        loaded(row(0, name="tests.another"), malformed)


def test_a_calendar_lists_days_of_its_own_year():
    plain = GenesisCalendarYear(2026, ("2026-12-01",), ("2026-12-05",))
    state = loaded(row(0), years=(plain,))
    assert not is_banking_day(state, day_of_iso("2026-12-01"))
    assert is_banking_day(state, day_of_iso("2026-12-05"))
    for year, holidays in ((2026, ("2027-01-01",)), (2026, ("never",)), (0, ())):
        with pytest.raises(GenesisInvalid, match=f"calendar {year}"):
            loaded(row(0), years=(GenesisCalendarYear(year, holidays, ()),))
