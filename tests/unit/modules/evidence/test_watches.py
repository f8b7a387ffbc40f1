"""What a device that watches the goods warns of is not financed, until it is cured."""

import pytest

from unit.apps.supply_chain.looking import leaf_of
from unit.apps.supply_chain.test_approval import decision, sign_pack
from unit.modules.devices.watching import CREDITOR, OWNER, Watching, changed
from xinlian.apps.supply_chain.messages import RecordRegistration
from xinlian.apps.supply_chain.types import Finance
from xinlian.modules.devices.messages import RetireDevice
from xinlian.modules.evidence.watch_types import LOOKS
from xinlian.modules.schedule.types import PARKED
from xinlian.primitives.time import MS_PER_DAY, MS_PER_HOUR
from xinlian.testing import Consortium
from xinlian.testing.trade import SUCCEEDED, Trade

WITHHELD = "evidence/withheld"
CLAIMS = 20
"""Decisions about so many would be more events than one call may emit."""


@pytest.fixture
def case():
    """A trade whose invoice is registered and corroborated."""
    consortium = Consortium()
    trade = Trade(consortium)
    trade.register()
    yield Watching(consortium, trade)
    assert consortium.broken_invariants() == []
    consortium.close()


def asked(case: Watching) -> bytes:
    """Return a leaf that the bank is asked to finance, and would."""
    leaf = case.trade.certify()[1]
    case.trade.request(leaf)
    case.trade.step("bank", case.trade.verdict())
    return leaf


def test_an_alert_withholds_the_claim_until_it_is_cleared(case):
    leaf, device = asked(case), case.watched()
    assert case.tried("bank", case.trade.advance(leaf)) == SUCCEEDED
    case.trade.step(OWNER, case.alert(device, "above_limit"))
    assert case.warnings() == ((device, ("above_limit",)),)
    assert case.tried("bank", case.trade.advance(leaf)) == WITHHELD
    draft = case.trade.propose(1_000_00)
    assert case.tried("core", case.trade.promise(draft)) == WITHHELD
    case.trade.step(OWNER, case.clearing(device))
    assert case.tried("bank", case.trade.advance(leaf)) == SUCCEEDED


def test_a_device_of_which_nothing_is_heard_withholds_without_any_message(case):
    leaf, device = asked(case), case.watched()
    case.c.advance_to(case.c.now_ms() + MS_PER_HOUR + 1_000)
    assert case.warnings() == ((device, ("silent",)),)
    assert case.tried("bank", case.trade.advance(leaf)) == WITHHELD
    case.trade.step(OWNER, case.batch(device))
    assert case.tried("bank", case.trade.advance(leaf)) == SUCCEEDED


def test_financing_by_rule_waits_for_the_cure_and_goes_on_by_itself(case):
    leaf, device = case.trade.certify()[1], case.watched()
    case.trade.request(leaf)
    sign_pack(case.trade)
    case.trade.step(OWNER, case.alert(device, "flat_line"))
    registered = RecordRegistration(leaf, case.trade.root("register"))
    case.trade.step("bank", case.trade.verdict(), registered)
    assert decision(case.trade, leaf).reason == "evidence.withheld"
    case.trade.step(OWNER, case.clearing(device))
    case.c.settle_due_work()
    assert decision(case.trade, leaf).reason == "approved"
    assert leaf_of(case.c, leaf).finance == Finance.ASSIGNED


def test_financing_by_rule_goes_on_when_the_time_of_an_alert_is_over(case):
    leaf, device = case.trade.certify()[1], case.watched(silence_ms=30 * MS_PER_DAY)
    case.trade.request(leaf)
    sign_pack(case.trade)
    alert = changed(case.alert(device, "gap"), until_ms=case.c.now_ms() + MS_PER_HOUR)
    case.trade.step(OWNER, alert)
    registered = RecordRegistration(leaf, case.trade.root("register"))
    case.trade.step("bank", case.trade.verdict(), registered)
    assert decision(case.trade, leaf).reason == "evidence.withheld"
    case.c.advance_to(case.c.now_ms() + MS_PER_HOUR + 1)
    case.c.settle_due_work()
    assert decision(case.trade, leaf).reason == "approved"


def test_the_cure_of_a_device_that_watches_many_claims_lets_all_of_them_go_on(case):
    trades = [case.trade, *(Trade(case.c, f"claim {number}") for number in range(1, CLAIMS))]
    for trade in trades[1:]:
        trade.register()
    device = case.registered(silence_ms=MS_PER_HOUR)
    for trade in trades:
        trade.step(CREDITOR, changed(case.watch(device), subject=trade.root("invoice")))
    leaves = [trade.certify(1_000_00)[1] for trade in trades]
    for trade, leaf in zip(trades, leaves, strict=True):
        trade.request(leaf)
    sign_pack(case.trade)
    case.trade.step(OWNER, case.alert(device, "above_limit"))
    for trade, leaf in zip(trades, leaves, strict=True):
        registered = RecordRegistration(leaf, trade.root("register"))
        trade.step("bank", trade.verdict(), registered)
    assert reasons(trades, leaves) == {"evidence.withheld"}
    case.trade.step(OWNER, case.clearing(device))
    case.c.settle_due_work()
    assert reasons(trades, leaves) == {"approved"}
    with case.c.engine.application.store.snapshot() as snapshot:
        assert not list(PARKED.scan(snapshot))
        assert not list(LOOKS.scan(snapshot))


def reasons(trades: list[Trade], leaves: list[bytes]) -> set[str]:
    """Return what was decided about the requests, each outcome once."""
    return {decision(trade, leaf).reason for trade, leaf in zip(trades, leaves, strict=True)}


def test_only_the_creditor_lets_a_device_watch_and_only_one_that_serves_it(case):
    device = case.registered()
    of_another = case.registered(serves=case.c["core"].party)
    retired = case.registered()
    case.trade.step(OWNER, RetireDevice(retired))
    good = case.watch(device)
    rows = [
        (CREDITOR, changed(good, subject=bytes(32)), "evidence/unknown_subject"),
        ("core", case.watch(of_another), "evidence/not_creditor"),
        ("bank", good, "evidence/not_creditor"),
        (CREDITOR, case.watch(of_another), "evidence/device_unfit"),
        (CREDITOR, case.watch(retired), "evidence/device_unfit"),
        (CREDITOR, case.watch(b"?" * 20), "evidence/device_unfit"),
        (CREDITOR, case.watch(device, days=0), "evidence/device_unfit"),
        (CREDITOR, case.watch(device, days=367), "evidence/device_unfit"),
        (CREDITOR, good, SUCCEEDED),
    ]
    for name, message, expected in rows:
        assert case.tried(name, message) == expected, message
    case.trade.step(CREDITOR, good)
    assert case.tried(CREDITOR, good) == "evidence/watch_exists"


def test_a_warning_is_not_taken_down_by_whom_it_warns_about(case):
    leaf, device = asked(case), case.watched()
    assert case.tried(CREDITOR, case.end(device)) == SUCCEEDED, "nothing stands against it"
    case.trade.step(OWNER, RetireDevice(device))
    assert case.tried("bank", case.trade.advance(leaf)) == WITHHELD, "retiring hides nothing"
    assert case.tried(CREDITOR, case.end(device)) == "evidence/watch_warns"
    assert case.tried(OWNER, case.end(device)) == "evidence/not_verifier"
    case.trade.step("bank", case.end(device))
    assert case.tried("bank", case.end(device)) == "evidence/no_watch"
    assert case.tried("bank", case.trade.advance(leaf)) == SUCCEEDED


def test_a_watch_ends_at_its_moment_and_may_begin_anew(case):
    device = case.registered(silence_ms=MS_PER_HOUR)
    case.trade.step(CREDITOR, case.watch(device, days=1))
    case.c.advance_to(case.c.now_ms() + MS_PER_DAY - 1_000)
    assert case.warnings() == ((device, ("silent",)),)
    case.c.advance_to(case.c.now_ms() + 2_000)
    assert case.warnings() == ()
    assert case.tried(CREDITOR, case.watch(device)) == SUCCEEDED
    assert case.tried(CREDITOR, case.end(device)) == SUCCEEDED


def test_watches_are_bounded_per_claim_and_per_device(case, monkeypatch):
    monkeypatch.setattr("xinlian.modules.evidence.watches.WATCHES_PER_SUBJECT_MAX", 1)
    case.watched()
    another = case.registered()
    assert case.tried(CREDITOR, case.watch(another)) == "evidence/too_many_watches"
    monkeypatch.setattr("xinlian.modules.evidence.watches.WATCHES_PER_SUBJECT_MAX", 8)
    monkeypatch.setattr("xinlian.modules.evidence.watches.WATCHES_PER_DEVICE_MAX", 1)
    case.trade.step(CREDITOR, case.watch(another))
    other = Trade(case.c, "other")
    other.register()
    elsewhere = changed(case.watch(another), subject=other.root("invoice"))
    assert case.tried(CREDITOR, elsewhere) == "evidence/too_many_watches"
