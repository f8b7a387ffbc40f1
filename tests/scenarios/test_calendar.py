"""Promises that fall due in a holiday that nobody had announced when they were made.

::

    core       the buyer, who promises; has 5 000 000.00 at the settlement bank
    supplier1  the seller, to whom is promised; has an account at the settlement bank
    supplier2  a seller whose account the ledger does not mirror: paid through the bank
    settle     the settlement bank; mill and port: members that vote

National Day 2027 (国庆) as this story has it: 1 to 7 October are holidays, Saturday the 9th is a
working day in exchange (调休). On 30 November 2026, when the promises are made, the calendar of
2027 is not published: only weekends are known.
"""

import pytest

from support.council import FIVE, Council
from support.happened import happened
from xinlian.apps.supply_chain.events import PaymentOrderMoved
from xinlian.apps.supply_chain.types import CERTIFICATES, ORDERS, Life, OrderStatus
from xinlian.modules.governance.messages import ProposeCalendarYear
from xinlian.modules.obligations.events import BankingDayMoved, ObligationOrderMoved
from xinlian.modules.obligations.messages import SettleDispute
from xinlian.modules.obligations.types import ObligationStatus, SourceKind
from xinlian.modules.policy.types import CalendarException
from xinlian.primitives.time import (
    MS_PER_HOUR,
    china_day,
    china_midnight_ms,
    day_of_iso,
    iso_of_day,
    iso_of_ms,
)
from xinlian.testing.agreements import OPENING_MS, Agreement
from xinlian.testing.trade import FACE_MINOR, Trade

NATIONAL_DAY = day_of_iso("2027-10-01")
WORKING_SATURDAY = day_of_iso("2027-10-09")
HOLIDAYS = tuple(CalendarException(NATIONAL_DAY + day, is_working=False) for day in range(7))
EXCHANGE = CalendarException(WORKING_SATURDAY, is_working=True)
YEAR_2027 = ProposeCalendarYear(2027, (*HOLIDAYS, EXCHANGE))


@pytest.fixture
def council():
    made = Council(*FIVE)
    yield made
    made.c.settle_due_work()
    assert made.c.broken_invariants() == []
    made.c.close()


def publish(council, on, year=YEAR_2027):
    """Have four members publish the year on a day, before noon."""
    council.c.advance_to(china_midnight_ms(day_of_iso(on)) + OPENING_MS)
    council.decide(year, "core", "bank", "settle", "mill")
    council.c.settle_due_work()


def at(council, moment):
    """Go to a moment, written as people write it in China."""
    day, hour, minute = moment[:10], int(moment[11:13]), int(moment[14:16])
    council.c.advance_to(china_midnight_ms(day_of_iso(day)) + hour * MS_PER_HOUR + minute * 60_000)
    council.c.settle_due_work()


def test_a_due_day_in_the_holiday_is_paid_on_the_first_banking_day_after_it(council):
    promise = Agreement(council.c, due_day=NATIONAL_DAY)
    promise.agree()
    assert iso_of_ms(promise.found().due_at_ms)[:10] == "2027-10-01", "a Friday, as far as known"
    publish(council, "2027-09-15")
    moved = promise.found()
    assert iso_of_day(moved.due_day) == "2027-10-01", "the legal due day stays"
    assert iso_of_ms(moved.due_at_ms)[:10] == iso_of_ms(moved.cutoff_at_ms)[:10] == "2027-10-08"
    at(council, "2027-10-07 23:59")
    assert promise.status() == ObligationStatus.OPEN, "nobody is late while banks are closed"
    at(council, "2027-10-08 10:00")
    assert promise.status() == ObligationStatus.PERFORMED
    assert council.c.balance_minor("supplier1") == 100_000_00


def test_both_sides_are_told_of_the_moved_banking_day(council):
    promise = Agreement(council.c, due_day=NATIONAL_DAY)
    promise.agree()
    publish(council, "2027-09-15")
    (event,) = happened(council.c, BankingDayMoved)
    c = council.c
    assert (event.obligation, event.due_day) == (promise.id, NATIONAL_DAY)
    assert (event.debtor, event.creditor) == (c["core"].party, c["supplier1"].party)
    assert (event.due_at_ms, event.is_provisional) == (promise.found().due_at_ms, False)


def test_what_is_short_after_the_holiday_is_late_from_its_legal_due_day(council):
    promise = Agreement(council.c, due_day=NATIONAL_DAY)
    promise.agree()
    publish(council, "2027-09-15")
    promise.drain()
    at(council, "2027-10-08 16:59")
    assert promise.status() == ObligationStatus.DUE
    at(council, "2027-10-08 18:00")
    assert promise.status() == ObligationStatus.DEFAULTED
    at(council, "2027-10-11 10:00")
    promise.credit(200_000_00)
    ((_, interest),) = promise.following(SourceKind.AGREED_INTEREST)
    assert interest.amount_minor == 100_000_00 * 5 * 10 // 10_000, "ten days at 0.05 % a day"


def test_a_working_saturday_brings_the_banking_day_forward(council):
    promise = Agreement(council.c, due_day=WORKING_SATURDAY)
    promise.agree()
    assert iso_of_ms(promise.found().due_at_ms)[:10] == "2027-10-11", "the Monday, as far as known"
    publish(council, "2027-09-15", ProposeCalendarYear(2027, HOLIDAYS))
    assert iso_of_ms(promise.found().due_at_ms)[:10] == "2027-10-11"
    publish(council, "2027-10-08")  # the exchange is announced on the day before
    at(council, "2027-10-09 10:00")
    assert promise.status() == ObligationStatus.PERFORMED


def test_an_authority_for_the_due_banking_day_covers_it_where_the_calendar_puts_it(council):
    promise = Agreement(council.c, due_day=NATIONAL_DAY)
    promise.agree(authority_until_ms=china_midnight_ms(NATIONAL_DAY) + 20 * MS_PER_HOUR)
    publish(council, "2027-09-15")
    at(council, "2027-10-08 10:00")
    assert promise.status() == ObligationStatus.PERFORMED


def test_a_payment_in_the_holiday_is_on_time(council):
    promise = Agreement(council.c, due_day=NATIONAL_DAY, creditor="supplier2")
    promise.agree_unsecured()
    publish(council, "2027-09-15")
    at(council, "2027-10-11 10:00")
    days_before = china_day(council.c.now_ms()) - day_of_iso("2027-10-08")
    entry = promise.entry(
        100_000_00, on="core", is_credit=False, named=promise.id, days_before=days_before
    )
    promise.step("settle", entry)
    assert promise.status() == ObligationStatus.PERFORMED, "valued on the due banking day"


def test_a_bank_has_the_banking_days_that_it_was_promised(council):
    promise = Agreement(council.c, due_day=day_of_iso("2027-09-30"), creditor="supplier2")
    promise.agree()
    at(council, "2027-09-30 09:30")
    assert iso_of_ms(promise.terms().order_expires_at_ms)[:10] == "2027-10-04", "two days, as known"
    council.decide(YEAR_2027, "core", "bank", "settle", "mill")
    council.c.settle_due_work()
    assert iso_of_ms(promise.terms().order_expires_at_ms)[:10] == "2027-10-09"
    (event,) = happened(council.c, ObligationOrderMoved)
    assert event.expires_at_ms == promise.terms().order_expires_at_ms
    at(council, "2027-10-08 18:00")
    assert promise.found().awaiting_minor == 100_000_00, "the bank still has a day"


def test_a_dispute_given_up_before_a_holiday_is_owed_after_it(council):
    promise = Agreement(council.c, due_day=day_of_iso("2027-09-29"))
    promise.agree()
    promise.dispute(100_000_00)
    at(council, "2027-09-30 18:30")
    assert promise.status() == ObligationStatus.DISPUTED
    promise.drain()
    promise.step("core", SettleDispute(promise.id, 100_000_00))
    assert iso_of_ms(promise.found().cutoff_at_ms)[:10] == "2027-10-01"
    council.decide(YEAR_2027, "core", "bank", "settle", "mill")
    council.c.settle_due_work()
    assert iso_of_ms(promise.found().cutoff_at_ms)[:10] == "2027-10-08"
    at(council, "2027-10-01 18:00")
    assert promise.status() == ObligationStatus.DUE
    at(council, "2027-10-08 18:00")
    assert promise.status() == ObligationStatus.DEFAULTED


def test_a_certificate_and_the_order_to_a_bank_move_with_the_calendar(council):
    trade = Trade(council.c)
    trade.register()
    certificate, whole = trade.certify()
    trade.split(whole, FACE_MINOR)
    first, second = trade.due_day, trade.due_day + 1
    assert iso_of_day(first) == "2027-03-01", "a Monday"
    closed = (CalendarException(first, is_working=False),)
    publish(council, "2027-02-15", ProposeCalendarYear(2027, closed))
    (event,) = happened(council.c, BankingDayMoved)
    assert (event.obligation, event.creditor) == (certificate, b""), "holders of record read it"
    at(council, "2027-03-01 18:00")
    with council.c.engine.application.store.snapshot() as snapshot:
        assert CERTIFICATES.require(snapshot, certificate).life == Life.ACTIVE
    at(council, "2027-03-02 09:30")
    ((order, ordered),) = orders(council)
    assert iso_of_ms(ordered.expires_at_ms)[:10] == "2027-03-04", "two banking days"
    later = (*closed, *(CalendarException(second + n, is_working=False) for n in (1, 2)))
    publish(council, "2027-03-02", ProposeCalendarYear(2027, later))
    ((_, ordered),) = orders(council)
    assert iso_of_ms(ordered.expires_at_ms)[:10] == "2027-03-08"
    (moved,) = happened(council.c, PaymentOrderMoved)
    assert (moved.order, moved.expires_at_ms) == (order, ordered.expires_at_ms)
    at(council, "2027-03-05 18:00")
    ((_, ordered),) = orders(council)
    assert ordered.status == OrderStatus.OPEN


def orders(council):
    """Return (id, order) of all payment orders."""
    with council.c.engine.application.store.snapshot() as snapshot:
        return [(order_id, order) for (order_id,), order in ORDERS.scan(snapshot)]


def test_a_holiday_that_is_published_too_late_changes_nothing(council):
    promise = Agreement(council.c, due_day=NATIONAL_DAY)
    promise.agree()
    at(council, "2027-10-01 10:00")
    assert promise.status() == ObligationStatus.PERFORMED, "nobody had published a holiday"
    assert council.attempt("core", YEAR_2027) == "policy/calendar_invalid", "the day has begun"
