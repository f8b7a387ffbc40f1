"""On a live clock nothing falls due because a machine's clock was wrong."""

import threading

import pytest

from xinlian.engines.embedded import WatchedClock
from xinlian.ledger.clock import chain_meta
from xinlian.ledger.errors import ClockUnconfirmed, ValidityTooLong
from xinlian.ledger.node import NodeStopped
from xinlian.modules.accounts.messages import Transfer
from xinlian.modules.schedule.messages import AdvanceClock, ConfirmClock
from xinlian.primitives.time import MS_PER_DAY, MS_PER_HOUR
from xinlian.testing import Consortium
from xinlian.testing.consortium import GENESIS_TIME_MS


class Hands:
    def __init__(self):
        self.wall_ms = GENESIS_TIME_MS + MS_PER_HOUR
        self.monotonic_ms = 0

    def pass_time(self, passed_ms):
        self.wall_ms += passed_ms
        self.monotonic_ms += passed_ms


@pytest.fixture
def hands():
    return Hands()


class Live(Consortium):
    """A consortium on a live clock, with the hands of that clock."""

    def __init__(self, hands):
        self.hands = hands
        super().__init__(
            clock=WatchedClock(None, lambda: hands.wall_ms, lambda: hands.monotonic_ms),
        )


@pytest.fixture
def live(hands):
    consortium = Live(hands)
    yield consortium
    consortium.close()


def signed(consortium, name, message, roles, now_ms):
    organisation = consortium[name]
    intent = organisation.intend(message, valid_until_ms=now_ms + 600_000)
    return intent.sign(organisation.keys_of(*roles))


def payment(consortium, amount_minor):
    return Transfer(consortium.account("core"), consortium.account("bank"), amount_minor)


def submit(consortium, name, message, roles=("finance-1",)):
    raw = signed(consortium, name, message, roles, consortium.hands.wall_ms).raw
    return consortium.engine.submit(raw)


def test_a_block_has_the_time_of_the_wall_clock(live, hands):
    committed = submit(live, "core", payment(live, 1)).result(timeout=60)
    assert committed.result.succeeded
    assert committed.time_ms == hands.wall_ms


def test_a_chain_that_was_quiet_for_days_takes_a_transaction_of_now(live, hands):
    submit(live, "core", payment(live, 1)).result(timeout=60)
    hands.pass_time(3 * MS_PER_DAY)
    committed = submit(live, "core", payment(live, 2)).result(timeout=60)
    assert committed.result.succeeded
    assert committed.time_ms == hands.wall_ms


def test_validity_is_measured_from_now_not_from_the_last_block(live, hands):
    raw = signed(live, "core", payment(live, 1), ("finance-1",), hands.wall_ms + MS_PER_DAY).raw
    with pytest.raises(ValidityTooLong):
        live.engine.submit(raw)


def test_time_goes_on_by_a_millisecond_while_the_clock_is_behind(live, hands):
    first = submit(live, "core", payment(live, 1)).result(timeout=60)
    hands.wall_ms -= MS_PER_HOUR
    raw = signed(live, "core", payment(live, 2), ("finance-1",), first.time_ms).raw
    second = live.engine.submit(raw).result(timeout=60)
    assert second.result.succeeded
    assert second.time_ms == first.time_ms + 1


def test_after_a_jump_nothing_is_ordered_until_the_operator_confirms(live, hands):
    hands.wall_ms += 2 * MS_PER_HOUR
    height = live.engine.height()
    with pytest.raises(ClockUnconfirmed, match="jumped"):
        submit(live, "core", payment(live, 1))
    assert live.engine.height() == height
    confirmation = submit(live, "core", ConfirmClock(hands.wall_ms), ("operator",))
    assert confirmation.result(timeout=60).result.succeeded
    assert submit(live, "core", payment(live, 1)).result(timeout=60).result.succeeded


def test_who_waits_when_the_node_closes_with_a_doubtful_clock_is_told(hands):
    live = Live(hands)
    committing, go_on = threading.Event(), threading.Event()

    def hold_back(_height):
        committing.set()
        go_on.wait(60)

    live.engine.on_commit(hold_back)
    first = submit(live, "core", payment(live, 1))
    assert committing.wait(60)
    second = submit(live, "core", payment(live, 2))
    hands.wall_ms += 2 * MS_PER_HOUR
    go_on.set()
    live.close()
    assert first.result(timeout=60).result.succeeded
    with pytest.raises(NodeStopped, match="before it was ordered"):
        second.result(timeout=60)


@pytest.mark.parametrize(
    ("name", "roles", "off_by_ms"),
    [
        ("bank", ("finance-1",), 0),
        ("core", ("finance-1",), 0),
        ("core", ("operator",), -2 * MS_PER_HOUR),
        ("core", ("operator",), 2 * MS_PER_HOUR),
    ],
)
def test_a_jump_is_not_confirmed_by_others_or_with_another_time(
    live, hands, name, roles, off_by_ms
):
    hands.wall_ms += 2 * MS_PER_HOUR
    with pytest.raises(ClockUnconfirmed, match="not accepted"):
        submit(live, name, ConfirmClock(hands.wall_ms + off_by_ms), roles)
    with pytest.raises(ClockUnconfirmed):
        submit(live, "core", payment(live, 1))


def test_a_live_clock_cannot_be_moved_by_a_message(live, hands):
    sent = submit(live, "core", AdvanceClock(hands.wall_ms + MS_PER_DAY), ("operator",))
    assert sent.result(timeout=60).result.codespace == "schedule"
    with live.engine.application.store.snapshot() as snapshot:
        assert chain_meta(snapshot).clock_target_ms == 0
