"""SC-T11 to SC-T14: falling due, paying in full and in part, orders at banks, default, order."""

import msgspec
import pytest

from unit.apps.supply_chain.looking import certificate_of, leaf_of, obligation_of, try_out
from xinlian.apps.supply_chain.keeper import live_leaves
from xinlian.apps.supply_chain.types import LATE_INTEREST, LINES, ORDERS, Life, OrderStatus
from xinlian.ledger.block import Block
from xinlian.ledger.genesis import parse_genesis
from xinlian.modules.accounts.messages import Transfer
from xinlian.modules.obligations.types import OBLIGATIONS, WAITING, ObligationStatus
from xinlian.modules.schedule.types import PARKED
from xinlian.primitives import allocate_largest_remainder
from xinlian.primitives.time import MS_PER_DAY, MS_PER_HOUR, china_midnight_ms
from xinlian.testing import Consortium
from xinlian.testing.trade import EVENING_MS, FACE_MINOR, SUCCEEDED, Trade


def orders_of(consortium: Consortium) -> dict[bytes, tuple[int, int]]:
    """Return order → (amount, status)."""
    with consortium.engine.application.store.snapshot() as snapshot:
        return {
            order_id: (order.amount_minor, order.status)
            for (order_id,), order in ORDERS.scan(snapshot)
        }


def nothing_is_parked(consortium: Consortium) -> bool:
    with consortium.engine.application.store.snapshot() as snapshot:
        return not list(PARKED.scan(snapshot))


def test_nothing_moves_before_the_banking_day_opens_and_all_is_paid_when_it_does(trade):
    c = trade.consortium
    certificate, leaf = trade.certify()
    c.advance_to(china_midnight_ms(trade.due_day) + 9 * MS_PER_HOUR - 2)
    assert certificate_of(c, certificate).life == Life.ACTIVE
    assert c.balance_minor("supplier1") == 0
    c.advance_to(china_midnight_ms(trade.due_day) + 9 * MS_PER_HOUR)
    c.settle_due_work()
    assert certificate_of(c, certificate).life == Life.DISCHARGED
    assert leaf_of(c, leaf).life == Life.DISCHARGED
    assert c.balance_minor("supplier1") == FACE_MINOR
    assert obligation_of(c, certificate).status == ObligationStatus.PERFORMED


def test_a_due_day_without_banks_is_paid_on_the_next_and_keeps_its_legal_date():
    c = Consortium()
    saturday = Trade(c, due_day=Trade(c).due_day - 2)
    saturday.register()
    certificate, _ = saturday.certify()
    saturday.to_due_day(EVENING_MS, days_later=1)
    assert certificate_of(c, certificate).life == Life.ACTIVE
    saturday.to_due_day(days_later=2)
    assert certificate_of(c, certificate).life == Life.DISCHARGED
    assert obligation_of(c, certificate).due_day == saturday.due_day
    c.close()


def test_before_the_cutoff_it_is_paid_whole_or_not_at_all_and_a_credit_tries_again(trade):
    c = trade.consortium
    certificate, _ = trade.certify()
    trade.drain(FACE_MINOR - 1)
    trade.to_due_day()
    assert c.balance_minor("supplier1") == 0
    trade.credit(1)
    assert certificate_of(c, certificate).life == Life.DISCHARGED
    assert obligation_of(c, certificate).status == ObligationStatus.PERFORMED


def test_what_is_short_at_the_cutoff_is_paid_in_part_and_the_rest_is_in_default(trade):
    c = trade.consortium
    certificate, leaf = trade.certify()
    trade.drain(400_000_00)
    cutoff_ms = china_midnight_ms(trade.due_day) + 17 * MS_PER_HOUR
    c.advance_to(cutoff_ms - 2)
    assert (certificate_of(c, certificate).life, c.balance_minor("supplier1")) == (Life.DUE, 0)
    c.advance_to(cutoff_ms)
    c.settle_due_work()
    found = certificate_of(c, certificate)
    assert (found.life, found.outstanding_minor) == (Life.OVERDUE, FACE_MINOR - 400_000_00)
    assert (leaf_of(c, leaf).life, c.balance_minor("core")) == (Life.OVERDUE, 0)
    assert obligation_of(c, certificate).status == ObligationStatus.DEFAULTED
    with c.engine.application.store.snapshot() as snapshot:
        assert LINES.require(snapshot, c["core"].party).overdue_certificates == 1


def test_after_default_every_credit_is_paid_on_and_each_payment_fixes_its_interest(trade):
    c = trade.consortium
    certificate, _ = trade.certify()
    trade.drain()
    trade.to_due_day(EVENING_MS)
    trade.to_due_day(days_later=4)
    trade.credit(300_000_00, "first")
    trade.to_due_day(days_later=10)
    trade.credit(900_000_00, "second")
    first = 300_000_00 * 5 * 4 // 10_000
    second = 700_000_00 * 5 * 10 // 10_000
    assert certificate_of(c, certificate).life == Life.DISCHARGED
    assert certificate_of(c, certificate).interest_fixed_minor == first + second
    assert c.balance_minor("supplier1") == FACE_MINOR + first + second
    assert obligation_of(c, certificate).status == ObligationStatus.CURED
    assert nothing_is_parked(c)


def split_in_three(trade: Trade) -> tuple[bytes, list[bytes]]:
    """Return (certificate, leaves): the holders have mirrored accounts."""
    certificate, whole = trade.certify()
    first, rest = trade.split(whole, 333_333_33, to="bank")
    second, third = trade.split(rest, 333_333_33, to="bank")
    return certificate, sorted([first, second, third])


@pytest.mark.parametrize("available_minor", [1, 2, 100_000_01, 999_999_98])
def test_a_part_payment_is_shared_by_largest_remainder_ties_by_ascending_id(trade, available_minor):
    c = trade.consortium
    certificate, leaves = split_in_three(trade)
    trade.drain(available_minor)
    trade.to_due_day(EVENING_MS)
    amounts = [leaf_of(c, leaf).amount_minor for leaf in leaves]
    paid = [leaf_of(c, leaf).discharged_minor for leaf in leaves]
    assert paid == allocate_largest_remainder(available_minor, amounts)
    assert certificate_of(c, certificate).discharged_minor == available_minor


def test_more_leaves_than_a_chunk_are_all_paid_from_one_reservation(trade):
    c = trade.consortium
    certificate, rest = trade.certify()
    for _ in range(14):
        _, rest = trade.split(rest, 50_000_00, to="bank")
    before = c.balance_minor("bank")
    trade.to_due_day()
    assert certificate_of(c, certificate).life == Life.DISCHARGED
    assert c.balance_minor("bank") - before == 14 * 50_000_00
    assert c.balance_minor("supplier1") == 300_000_00
    assert nothing_is_parked(c)
    with c.engine.application.store.snapshot() as snapshot:
        assert live_leaves(snapshot, certificate) == []


def two_of_one_day(consortium: Consortium) -> list[tuple[bytes, Trade]]:
    """Return two active certificates due on one day, ascending by id."""
    made = []
    for name in ("first", "second"):
        trade = Trade(consortium, name)
        trade.register()
        made.append((trade.certify(400_000_00)[0], trade))
    return sorted(made, key=lambda pair: pair[0])


@pytest.mark.parametrize("moment", ["opening", "cutoff", "credit"])
def test_two_obligations_of_one_day_on_one_account_are_paid_in_the_order_of_their_ids(moment):
    acceptances = set()
    for attempt in range(6):  # other intents give other ids: both orders of acceptance come up
        c = Consortium()
        for _ in range(attempt):
            c.send("core", Transfer(c.account("core"), c.account("bank"), 1))
        (lower, trade), (higher, _) = two_of_one_day(c)
        acceptances.add(trade.name)
        trade.drain(400_000_00 if moment == "opening" else 100_000_00)
        trade.to_due_day()
        if moment == "credit":
            trade.credit(300_000_00)
        if moment == "cutoff":
            trade.to_due_day(EVENING_MS)
        paid = [certificate_of(c, each).discharged_minor for each in (lower, higher)]
        assert paid == [100_000_00 if moment == "cutoff" else 400_000_00, 0], attempt
        assert c.broken_invariants() == []
        c.close()
    assert acceptances == {"first", "second"}


def test_twenty_obligations_of_one_day_are_all_paid_and_nothing_is_parked():
    c = Consortium()
    trade = Trade(c)
    trade.register()
    certificates = [trade.certify(10_000_00)[0] for _ in range(20)]
    trade.drain()
    trade.to_due_day()
    trade.credit(200_000_00)
    assert {certificate_of(c, each).life for each in certificates} == {Life.DISCHARGED}
    assert nothing_is_parked(c)
    assert c.broken_invariants() == []
    c.close()


def test_a_used_up_or_ended_authority_holds_nobody_up():
    c = Consortium()
    early, late = Trade(c, "early"), Trade(c, "late", due_day=Trade(c).due_day + 3)
    for each in (early, late):
        each.register()
    ends_ms = china_midnight_ms(early.due_day) + 17 * MS_PER_HOUR
    ended, _ = early.certify(400_000_00, cap_minor=400_000_00, until_ms=ends_ms)
    paid, _ = late.certify(400_000_00)
    early.drain()
    early.to_due_day(EVENING_MS)
    late.to_due_day()
    late.credit(400_000_00)
    assert certificate_of(c, ended).life == Life.OVERDUE
    assert certificate_of(c, paid).life == Life.DISCHARGED
    assert c.broken_invariants() == []
    c.close()


def test_an_authority_pays_to_the_last_moment_of_its_term_and_not_beyond_its_cap(trade):
    c = trade.consortium
    certificate, _ = trade.certify(cap_minor=FACE_MINOR)
    trade.drain()
    trade.to_due_day(EVENING_MS)
    trade.to_due_day(days_later=10)
    trade.credit(FACE_MINOR + 900_000_00)
    assert certificate_of(c, certificate).life == Life.DISCHARGED
    interest = certificate_of(c, certificate).interest_fixed_minor
    assert interest > 0
    assert c.balance_minor("supplier1") == FACE_MINOR
    with c.engine.application.store.snapshot() as snapshot:
        ((owed_id,), _) = next(iter(LATE_INTEREST.scan(snapshot)))
        owed = OBLIGATIONS.require(snapshot, owed_id)
    assert (owed.open_minor, owed.account) == (interest, b"")


def order_to_supplier2(trade: Trade, amount_minor: int = 226_000_00) -> tuple[bytes, bytes, bytes]:
    """Return (certificate, supplier2's leaf, the open order for it)."""
    certificate, whole = trade.certify()
    leaf, _ = trade.split(whole, amount_minor)
    trade.to_due_day()
    (order,) = orders_of(trade.consortium)
    return certificate, leaf, order


def test_a_payee_without_a_mirrored_account_is_paid_by_an_order_whose_money_is_reserved(trade):
    c = trade.consortium
    certificate, leaf, order = order_to_supplier2(trade)
    assert orders_of(c) == {order: (226_000_00, OrderStatus.OPEN)}
    assert certificate_of(c, certificate).outstanding_minor == 226_000_00
    before = c.balance_minor("core")
    from_core = trade.booking(226_000_00, is_credit=False, order=order)
    trade.step("settle", from_core)
    assert c.balance_minor("core") == before - 226_000_00
    assert leaf_of(c, leaf).life == Life.DISCHARGED
    assert certificate_of(c, certificate).life == Life.DISCHARGED
    assert orders_of(c) == {order: (226_000_00, OrderStatus.EXECUTED)}
    assert try_out(c, "settle", from_core).reference == "accounts/duplicate_bank_entry"


@pytest.mark.parametrize("wrong", ["end_to_end_id", "amount_minor", "bank_account", "value_day"])
def test_an_entry_that_does_not_fit_its_order_is_unmatched_and_changes_nothing(trade, wrong):
    c = trade.consortium
    _, _, order = order_to_supplier2(trade)
    entry = trade.booking(226_000_00, is_credit=False, order=order)
    others: dict[str, bytes | int] = {
        "end_to_end_id": b"x" * 20,
        "amount_minor": 226_000_01,
        "bank_account": c.bank_account("bank"),
        "value_day": entry.value_day + 1,
    }
    unfit = msgspec.structs.replace(entry, **{wrong: others[wrong]})
    tried = try_out(c, "settle", unfit)
    assert tried.reference == "accounts/unmatched_bank_entry"
    assert tried.changes_nothing
    assert try_out(c, "settle", entry).reference == SUCCEEDED


def test_while_a_bank_executes_nobody_is_in_default_and_when_it_did_not_the_debtor_is(trade):
    c = trade.consortium
    certificate, leaf, order = order_to_supplier2(trade)
    trade.to_due_day(EVENING_MS)
    assert certificate_of(c, certificate).life == Life.DUE
    with c.engine.application.store.snapshot() as snapshot:
        assert not list(WAITING.scan(snapshot))
        expires_at_ms = ORDERS.require(snapshot, order).expires_at_ms
    assert expires_at_ms == china_midnight_ms(trade.due_day + 2) + 17 * MS_PER_HOUR
    c.advance_to(expires_at_ms + 1)
    c.settle_due_work()
    assert orders_of(c)[order] == (226_000_00, OrderStatus.EXPIRED)
    assert certificate_of(c, certificate).life == Life.OVERDUE
    again = {key: value for key, value in orders_of(c).items() if key != order}
    assert list(again.values()) == [(226_000_00, OrderStatus.OPEN)]
    stale = trade.booking(226_000_00, is_credit=False, order=order)
    assert try_out(c, "settle", stale).reference == "accounts/unmatched_bank_entry"
    trade.step("settle", trade.booking(226_000_00, is_credit=False, order=next(iter(again))))
    assert leaf_of(c, leaf).life == Life.DISCHARGED
    assert certificate_of(c, certificate).life == Life.DISCHARGED


def test_two_entries_of_one_block_that_pay_one_leaf_late_fix_two_interests(trade):
    c = trade.consortium
    _, whole = trade.certify()
    leaf, _ = trade.split(whole, FACE_MINOR)
    trade.drain()
    trade.to_due_day(EVENING_MS)
    trade.to_due_day(days_later=4)
    trade.credit(300_000_00, "first")
    trade.credit(400_000_00, "second")
    orders = [order for order, (_, status) in orders_of(c).items() if status == OrderStatus.OPEN]
    assert len(orders) == 2
    transactions = tuple(
        c.sign(
            "settle",
            trade.booking(
                orders_of(c)[order][0], is_credit=False, order=order, reference=order.hex()
            ),
        ).raw
        for order in orders
    )
    start_ms = parse_genesis(c.genesis_bytes).genesis_time_ms
    height = c.engine.height() + 1
    outcome = c.engine.application.dry_run(Block(height, start_ms + height, transactions))
    assert [result.code for result in outcome.results] == [0, 0]
    fixed = [key for key in outcome.writes if key.startswith(LATE_INTEREST.prefix)]
    assert len(fixed) == 2
    owed = [
        OBLIGATIONS.decode(outcome.writes[OBLIGATIONS.key(key[3:])] or b"").amount_minor
        for key in fixed
    ]
    assert sorted(owed) == [300_000_00 * 5 * 4 // 10_000, 400_000_00 * 5 * 4 // 10_000]
    assert leaf_of(c, leaf).discharged_minor == 0


def test_many_open_orders_do_not_hold_up_what_else_waits():
    c = Consortium()
    trade = Trade(c)
    trade.register()
    for _ in range(18):
        trade.split(trade.certify(10_000_00)[1], 10_000_00)
    last, _ = trade.certify(20_000_00)
    trade.drain(180_000_00)
    trade.to_due_day()
    trade.credit(20_000_00)
    assert list(orders_of(c).values()) == [(10_000_00, OrderStatus.OPEN)] * 18
    assert certificate_of(c, last).life == Life.DISCHARGED
    assert nothing_is_parked(c)
    c.close()


def test_a_halt_over_the_due_day_makes_nobody_late_whose_money_suffices(trade):
    c = trade.consortium
    certificate, _ = trade.certify()
    start_ms = parse_genesis(c.genesis_bytes).genesis_time_ms
    height = c.engine.height() + 1
    halted_until_ms = china_midnight_ms(trade.due_day + 5) - c.now_ms() + start_ms + MS_PER_DAY
    outcome = c.engine.application.dry_run(Block(height, halted_until_ms, ()))
    key = OBLIGATIONS.key(certificate)
    assert OBLIGATIONS.decode(outcome.writes[key] or b"").status == ObligationStatus.PERFORMED
