"""The mirror against the bank's books: statements, differences, and how they are mended."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from unit.apps.supply_chain.looking import try_out
from unit.ledger.fakes import TableView
from unit.modules.accounts.test_keeper import PURPOSE, Books
from xinlian.contracts.context import Context
from xinlian.contracts.ports import Ports
from xinlian.ledger.overlay import Overlay
from xinlian.modules.accounts.errors import DuplicateBankEntry
from xinlian.modules.accounts.keeper import balance_at_end_of, post, require_account
from xinlian.modules.accounts.messages import BookEntry, BookStatement, Transfer
from xinlian.modules.accounts.reconciliation import book_entry
from xinlian.modules.accounts.types import (
    BANK_ROUTES,
    DIFFERENCES,
    MOVEMENTS,
    BankRoute,
    bank_entry_id,
)
from xinlian.primitives import PartyId
from xinlian.primitives.time import MS_PER_DAY, MS_PER_HOUR, china_day, china_midnight_ms
from xinlian.testing import Consortium
from xinlian.testing.trade import SUCCEEDED, Trade

WHOLE = 5_000_000_00
replace = msgspec.structs.replace


@pytest.fixture
def trade():
    consortium = Consortium()
    yield Trade(consortium)
    assert consortium.broken_invariants() == []
    consortium.close()


def next_day(trade: Trade) -> int:
    """Go to the next morning; return the day that is over."""
    c = trade.consortium
    over = china_day(c.now_ms())
    c.advance_to(china_midnight_ms(over + 1) + 9 * MS_PER_HOUR)
    return over


def statement(trade: Trade, day: int, closing_minor: int, account: str = "core") -> BookStatement:
    bank_account = trade.consortium.bank_account(account)
    return BookStatement(bank_account, day, closing_minor, True, trade.root(f"camt053 {day}"))


def differences(trade: Trade) -> int:
    with trade.consortium.engine.application.store.snapshot() as state:
        return sum(1 for _ in DIFFERENCES.scan(state))


def test_a_statement_that_agrees_stops_nothing(trade):
    c = trade.consortium
    trade.step("core", Transfer(c.account("core"), c.account("bank"), 100))
    day = next_day(trade)
    trade.step("core", Transfer(c.account("core"), c.account("bank"), 7))
    trade.step("settle", statement(trade, day, WHOLE - 100))
    assert differences(trade) == 0
    trade.credit(5)


def test_a_difference_stops_new_deposit_of_the_whole_bank_until_the_missing_entry_comes(trade):
    c = trade.consortium
    day = next_day(trade)
    trade.step("settle", statement(trade, day, WHOLE + 300))
    elsewhere = trade.booking(1, is_credit=True, reference="elsewhere", account="supplier1")
    missing = replace(trade.booking(300, is_credit=True, reference="missing"), booking_day=day)
    for entry, expected in (
        (elsewhere, "accounts/deposit_unreconciled"),
        (replace(missing, booking_day=day + 1), "accounts/deposit_unreconciled"),
        (replace(missing, amount_minor=301), "accounts/deposit_unreconciled"),
    ):
        tried = try_out(c, "settle", entry)
        assert (tried.reference, tried.changes_nothing) == (expected, True)
    part = replace(missing, identity=trade.root("part"), amount_minor=100)
    trade.step("settle", part)
    assert differences(trade) == 1
    trade.step("settle", replace(missing, amount_minor=200))
    assert differences(trade) == 0
    trade.step("settle", elsewhere)


def test_while_a_difference_stands_money_moves_and_is_removed(trade):
    c = trade.consortium
    day = next_day(trade)
    trade.step("settle", statement(trade, day, WHOLE - 50))
    trade.step("core", Transfer(c.account("core"), c.account("bank"), 100))
    missing = replace(trade.booking(50, is_credit=False, reference="fee"), booking_day=day)
    trade.step("settle", missing)
    assert differences(trade) == 0


def test_a_later_statement_that_agrees_ends_a_difference_too(trade):
    day = next_day(trade)
    trade.step("settle", statement(trade, day, WHOLE + 1))
    trade.step("settle", statement(trade, day, WHOLE))
    assert differences(trade) == 0
    trade.step("settle", statement(trade, day, WHOLE + 1))
    trade.step("settle", statement(trade, next_day(trade), WHOLE))
    assert differences(trade) == 0


def test_an_overdrawn_account_always_differs(trade):
    day = next_day(trade)
    overdrawn = replace(statement(trade, day, WHOLE), is_credit=False)
    trade.step("settle", overdrawn)
    assert differences(trade) == 1
    trade.step("settle", statement(trade, day, WHOLE))


def test_statements_are_checked_in_their_order(trade):
    c = trade.consortium
    day = next_day(trade)
    good = statement(trade, day, WHOLE)
    for name, message, expected in (
        ("settle", replace(good, bank_account=bytes(32)), "accounts/unknown_account"),
        ("bank", statement(trade, day + 9, 0, "supplier2"), "accounts/not_issuer"),
        ("settle", statement(trade, day + 9, 0, "supplier2"), "accounts/not_mirrored"),
        ("settle", replace(good, statement_day=day + 1), "accounts/statement_day_invalid"),
        ("settle", good, SUCCEEDED),
    ):
        assert try_out(c, name, message).reference == expected
    trade.step("settle", good)
    earlier = replace(good, statement_day=day - 1)
    assert try_out(c, "settle", earlier).reference == "accounts/statement_day_invalid"


def test_a_payment_that_the_bank_carried_out_counts_for_the_day_of_its_books(trade):
    """The bank reports in the morning what it paid the evening before."""
    c = trade.consortium
    trade.register()
    _, whole = trade.certify()
    trade.split(whole, 1_000_000_00)
    trade.to_due_day()
    day = next_day(trade)
    with c.engine.application.store.snapshot() as state:
        from xinlian.apps.supply_chain.types import ORDERS

        ((order_id,), order) = next(ORDERS.scan(state))
    entry = trade.booking(order.amount_minor, is_credit=False, order=order_id, reference="paid")
    trade.step("settle", replace(entry, booking_day=day))
    trade.step("settle", statement(trade, day, WHOLE - order.amount_minor))
    assert differences(trade) == 0


moves = st.lists(
    st.tuples(st.integers(0, 3), st.integers(0, 9), st.booleans(), st.integers(1, 50)),
    max_size=30,
)


@given(moves)
def test_the_balance_at_the_end_of_any_day_is_what_was_booked_up_to_it(sequence):
    """Against the plain sum of all movements by their days, with entries booked back."""
    books = Books(1_000)
    first = china_day(books.context.time_ms)
    booked: list[tuple[int, int]] = [(first, 1_000)]
    today = first
    for ahead, back, is_credit, amount_minor in sequence:
        today += ahead
        books.context.time_ms += ahead * MS_PER_DAY
        books.context.events.clear()
        books.context.event_bytes = 0
        day = max(today - back, first)
        if not is_credit and books.available(books.alice) < amount_minor:
            continue
        debit, credit = (books.alice, books.issue) if is_credit else (books.issue, books.alice)
        post(books.context, debit, credit, amount_minor, PURPOSE, booked_day=day)
        booked.append((day, amount_minor if is_credit else -amount_minor))
    state = books.context.state
    for day in range(first, today + 2):
        expected = sum(amount for at, amount in booked if at <= day)
        assert balance_at_end_of(state, books.alice, day) == expected
    assert balance_at_end_of(state, books.alice, today) == (
        require_account(state, books.alice).balance_minor
    )


def test_an_unmirrored_account_leaves_no_movements(trade):
    books = Books(100)
    post(books.context, books.bob, books.alice, 40, PURPOSE)
    books.context.time_ms += 3 * MS_PER_DAY
    post(books.context, books.alice, books.bob, 40, PURPOSE)
    kept = {parts[0] for parts, _ in MOVEMENTS.scan(books.context.state)}
    assert books.bob not in kept


def test_two_banks_that_use_one_reference_do_not_meet():
    """An identity is its bank's word alone: nobody occupies that of another bank."""
    state = Overlay(TableView())
    first, second = PartyId(b"1" * 20), PartyId(b"2" * 20)
    for bank in (first, second):
        BANK_ROUTES.put(state, BankRoute(b"o" * 20, bank, b""), bank + bytes(12))
    seen: list[bytes] = []
    refused = []
    for bank in (first, second, first):
        context = Context(state, "test", 1, 0, bank, bank, (), b"", 0, 100, Ports())
        entry = BookEntry(b"e" * 32, bank + bytes(12), 5, True, 0, 0, b"", bytes(32))
        try:
            book_entry(context, entry)
        except DuplicateBankEntry:
            refused.append(bank)
            continue
        seen.append(bank_entry_id(bank, b"e" * 32))
        (event,) = context.events
        assert seen[-1] in bytes(event.event)
    assert seen[0] != seen[1]
    assert refused == [first]


def test_an_entry_counts_for_its_booking_day_and_pays_on_its_value_day(trade):
    c = trade.consortium
    day = next_day(trade)
    after_hours = replace(
        trade.booking(40, is_credit=True, reference="evening"),
        value_day=day - 2,
        booking_day=day + 1,
    )
    trade.step("settle", after_hours)
    trade.step("settle", statement(trade, day, WHOLE))
    assert differences(trade) == 0
    next_day(trade)
    trade.step("settle", statement(trade, day + 1, WHOLE + 40))
    assert differences(trade) == 0
    tomorrow = replace(after_hours, identity=trade.root("next"), booking_day=day + 3)
    tried = try_out(c, "settle", tomorrow)
    assert (tried.reference, tried.changes_nothing) == ("accounts/booking_day_invalid", True)
    future_value = replace(after_hours, identity=trade.root("next"), value_day=day + 9)
    assert try_out(c, "settle", future_value).reference == SUCCEEDED


def test_an_entry_that_its_account_cannot_bear_leaves_nothing(trade):
    c = trade.consortium
    fee = trade.booking(WHOLE + 1, is_credit=False, reference="fee")
    tried = try_out(c, "settle", fee)
    assert (tried.reference, tried.changes_nothing) == ("accounts/insufficient_balance", True)
    trade.step("settle", replace(fee, amount_minor=WHOLE))
