"""Plain days are kept; banking days follow from them under whatever calendar there is."""

import msgspec
import pytest

from unit.ledger.fakes import TableView
from xinlian.ledger.overlay import Overlay
from xinlian.modules.obligations.moments import (
    authority_ends_at_ms,
    current,
    last_day,
    order_ends_at_ms,
)
from xinlian.modules.obligations.types import Obligation, ObligationStatus, SourceKind
from xinlian.modules.policy.changes import publish_year
from xinlian.modules.policy.types import CalendarException
from xinlian.primitives.time import MS_PER_HOUR, china_midnight_ms, day_of_iso, iso_of_ms

FRIDAY = day_of_iso("2027-10-01")
OPENING_MS, CUTOFF_MS = 9 * MS_PER_HOUR, 17 * MS_PER_HOUR
HOLIDAYS = tuple(CalendarException(FRIDAY + day, is_working=False) for day in range(7))


@pytest.fixture
def state():
    return Overlay(TableView())


def promise(**changes):
    plain = Obligation(
        debtor=b"d" * 20,
        asset=b"a" * 20,
        amount_minor=100,
        performed_minor=0,
        released_minor=0,
        awaiting_minor=0,
        due_day=FRIDAY,
        due_at_ms=china_midnight_ms(FRIDAY) + OPENING_MS,
        cutoff_at_ms=china_midnight_ms(FRIDAY) + CUTOFF_MS,
        status=ObligationStatus.OPEN,
        source_kind=SourceKind.AGREED,
        account=b"",
        authority_cap_minor=0,
        authority_until_ms=0,
        cutoff_from_day=FRIDAY,
    )
    return msgspec.structs.replace(plain, **changes)


def moments(found):
    return iso_of_ms(found.due_at_ms)[:16], iso_of_ms(found.cutoff_at_ms)[:16]


def test_a_calendar_moves_days_and_keeps_hours(state):
    assert current(state, promise()) == promise()
    publish_year(state, 2027, HOLIDAYS)
    assert moments(current(state, promise())) == ("2027-10-08T09:00", "2027-10-08T17:00")
    assert current(state, promise()).due_day == FRIDAY
    publish_year(state, 2027, ())
    assert moments(current(state, current(state, promise()))) == moments(promise())


@pytest.mark.parametrize(
    ("changes", "cutoff"),
    [
        ({"cutoff_from_day": FRIDAY + 7}, "2027-10-08T17:00"),
        ({"outside_banking_days": 2}, "2027-10-12T17:00"),
        ({"owed_again_from_day": FRIDAY + 10}, "2027-10-11T17:00"),
        ({"owed_again_from_day": FRIDAY + 10, "cutoff_from_day": FRIDAY + 11}, "2027-10-12T17:00"),
    ],
    ids=["grace", "banks' entries", "owed again", "owed again within the grace"],
)
def test_the_cutoff_follows_from_all_its_plain_days(state, changes, cutoff):
    publish_year(state, 2027, HOLIDAYS)
    assert moments(current(state, promise(**changes)))[1] == cutoff


def test_what_is_due_already_keeps_its_due_moment(state):
    publish_year(state, 2027, HOLIDAYS)
    found = current(state, promise(status=ObligationStatus.DUE))
    assert moments(found) == ("2027-10-01T09:00", "2027-10-08T17:00")


def test_what_follows_no_calendar_is_left_alone(state):
    publish_year(state, 2027, HOLIDAYS)
    undated = promise(cutoff_from_day=0)
    assert current(state, undated) is undated
    assert last_day(state, undated) == 0
    assert last_day(state, promise()) == FRIDAY + 7


def test_an_authority_reaches_to_the_cutoff_of_the_terms_and_no_further(state):
    until_ms = china_midnight_ms(FRIDAY) + CUTOFF_MS
    publish_year(state, 2027, HOLIDAYS)
    moved_ms = china_midnight_ms(FRIDAY + 7) + CUTOFF_MS
    given = promise(authority_until_ms=until_ms, owed_again_from_day=FRIDAY + 30)
    assert authority_ends_at_ms(state, given) == moved_ms
    later = promise(authority_until_ms=moved_ms + 5)
    assert authority_ends_at_ms(state, later) == moved_ms + 5
    assert authority_ends_at_ms(state, promise(authority_until_ms=0)) == 0, "let go"
    call = promise(authority_until_ms=until_ms, source_kind=SourceKind.GUARANTEE_CALL)
    assert authority_ends_at_ms(state, call) == until_ms, "a guarantor's is for its period alone"


def test_an_order_holds_for_banking_days_of_the_present_calendar(state):
    ends_ms = china_midnight_ms(FRIDAY + 3) + CUTOFF_MS
    assert order_ends_at_ms(state, ends_ms, FRIDAY - 1, 2) == ends_ms
    publish_year(state, 2027, HOLIDAYS)
    moved = order_ends_at_ms(state, ends_ms, FRIDAY - 1, 2)
    assert iso_of_ms(moved)[:16] == "2027-10-11T17:00"
