"""One validator with the real engine: outcomes, what a stop tells callers, where sockets lie."""

import contextlib
import dataclasses
import os
import signal
import threading
from pathlib import Path

import pytest

from engines.cometbft_network import FAST, driven_by, engine_missing, make_network
from xinlian.engines.cometbft import CometEngine
from xinlian.engines.cometbft.engine import SOCKET_PATH_BYTES_MAX, socket_folder
from xinlian.engines.cometbft.rpc import EngineClient
from xinlian.ledger.errors import Duplicate, Expired, IdempotencyConflict, UnknownSigner
from xinlian.ledger.node import NodeStopped, OutcomeStatus
from xinlian.ledger.transaction import decode_transaction
from xinlian.modules.accounts.messages import Transfer
from xinlian.modules.schedule.messages import AdvanceClock
from xinlian.primitives.time import MS_PER_HOUR, MS_PER_SECOND
from xinlian.testing import Consortium
from xinlian.testing.trade import Trade

pytestmark = pytest.mark.skipif(
    bool(engine_missing()), reason=f"needs the engine: {engine_missing()}"
)


class Alone:
    """A network of one, run by the parties of a consortium."""

    def __init__(self, folder: Path) -> None:
        self.c = Consortium()
        self.network = make_network(folder, self.c, 1)
        self.engine = self.network.open(0)
        driven_by(self.c, self.engine, self.network.genesis_bytes)

    def pay(self, amount_minor: int = 1) -> Transfer:
        return Transfer(self.c.account("core"), self.c.account("bank"), amount_minor)

    def reopen(self) -> CometEngine:
        self.engine.close()
        self.engine.application.store.close()
        self.engine = self.network.open(0)
        driven_by(self.c, self.engine, self.network.genesis_bytes)
        self.c.send("core", self.pay())  # the engine answers now
        return self.engine

    def close(self) -> None:
        self.engine.close()
        self.engine.application.store.close()


@pytest.fixture(scope="module")
def alone(tmp_path_factory):
    found = Alone(tmp_path_factory.mktemp("alone"))
    yield found
    found.close()


def test_an_outcome_is_told_once_it_is_durable_and_the_same_one_again(alone):
    signed = alone.c.sign("core", alone.pay(3))
    first, second = alone.engine.submit(signed.raw), alone.engine.submit(signed.raw)
    assert first is second
    assert alone.engine.is_pending(signed.transaction_id)
    committed = first.result(60)
    assert committed.result.succeeded
    assert alone.engine.application.store.locate(signed.transaction_id) == (
        committed.height,
        committed.index,
    )
    assert alone.c.node.outcome(signed.transaction_id).status == OutcomeStatus.COMMITTED
    with pytest.raises(Duplicate):
        alone.engine.submit(signed.raw)


def test_a_refused_message_has_an_outcome_too(alone):
    _, committed = alone.c.send("core", alone.pay(10**11))
    assert (committed.result.succeeded, committed.result.consumed) == (False, True)


def test_what_is_not_admitted_never_reaches_the_engine(alone):
    stranger = Consortium(more_members=("stranger",))
    signed = stranger.sign("stranger", alone.pay())
    with pytest.raises(UnknownSigner):
        alone.engine.submit(signed.raw)
    assert not alone.engine.is_pending(signed.transaction_id)


def test_a_dry_run_says_what_would_happen_and_keeps_nothing(alone):
    before = alone.c.balance_minor("bank")
    assert alone.c.node.dry_run(alone.c.sign("core", alone.pay(5)).raw).result.succeeded
    assert alone.c.balance_minor("bank") == before


def test_listeners_and_waiters_hear_of_each_height(alone):
    heard: list[int] = []
    alone.engine.on_commit(heard.append)
    height = alone.engine.height()
    waited: list[int] = []
    waiter = threading.Thread(target=lambda: waited.append(alone.engine.wait_above(height, 60)))
    waiter.start()
    alone.c.send("core", alone.pay())
    waiter.join()
    assert waited[0] > height
    assert height + 1 in heard


def test_the_engine_tells_how_it_is(alone):
    status = alone.engine.status()
    assert (status.is_catching_up, status.peers) == (False, 0)
    assert alone.engine.process_id is not None


def test_due_work_is_done_on_the_way_when_the_simulated_clock_moves(alone):
    target_ms = alone.c.now_ms() + 30 * MS_PER_HOUR
    alone.c.advance_to(target_ms)
    alone.c.settle_due_work()
    assert alone.engine.is_idle()
    assert alone.c.now_ms() >= target_ms


def test_work_that_falls_due_on_a_quiet_chain_is_done_though_nobody_sends(tmp_path):
    alone = Alone(tmp_path)
    application = alone.engine.application
    trade = Trade(alone.c)
    trade.register()
    trade.propose()  # lapses unless it is issued in time
    due_ms = application.next_due_at_ms()
    assert due_ms is not None
    alone.c.advance_to(due_ms - MS_PER_SECOND)
    height = alone.engine.height()
    alone.engine.wait_until(lambda: application.next_due_at_ms() != due_ms, 60)
    quiet_ms = FAST.quiet_seconds * MS_PER_SECOND
    assert alone.c.now_ms() - due_ms <= 3 * quiet_ms  # an interval, votes before it, this machine
    assert alone.engine.height() - height <= 4
    alone.close()


def test_an_engine_killed_under_the_node_is_started_again_and_nothing_is_lost(alone):
    process_id = alone.engine.process_id
    assert process_id is not None
    before = alone.c.balance_minor("bank")
    os.kill(process_id, signal.SIGKILL)
    submitted = [alone.engine.submit(alone.c.sign("core", alone.pay()).raw) for _ in range(20)]
    assert all(one.result(60).result.succeeded for one in submitted)
    assert alone.engine.process_id not in {None, process_id}
    assert alone.c.balance_minor("bank") == before + 20


def test_a_chain_goes_on_where_it_stopped_after_a_restart(alone):
    _, before = alone.c.send("core", alone.pay())
    alone.reopen()
    _, after = alone.c.send("core", alone.pay())
    assert after.height > before.height
    assert alone.engine.application.store.locate(before.result.transaction_id) is not None


def test_a_stopped_engine_tells_everybody_who_waits(tmp_path):
    alone = Alone(tmp_path)
    alone.engine._process.close()  # so that nothing is ordered any more
    submitted = alone.engine.submit(alone.c.sign("core", alone.pay()).raw)
    late = alone.c.sign("core", alone.pay())
    alone.close()
    with pytest.raises(NodeStopped):
        submitted.result(60)
    with pytest.raises(NodeStopped):
        alone.engine.submit(late.raw)


def test_what_became_inadmissible_while_it_waited_is_told_as_not_admitted(alone):
    signed = alone.c.sign("core", alone.pay())
    alone.engine._broadcaster.close()  # it waits here, and the engine makes no block for it
    waiting = alone.engine.submit(signed.raw)
    body = decode_transaction(signed.raw).body
    other = dataclasses.replace(
        alone.c["core"].intend(alone.pay(7), valid_until_ms=body.valid_until_ms),
        idempotency_key=body.idempotency_key,
    ).sign(alone.c["core"].keys_of("finance-1", "finance-2"))
    alone.engine._pool.remove([signed.raw])
    client = EngineClient(alone.engine.rpc_socket)
    height = alone.engine.height()
    assert client.broadcast([other.raw]) == [""]
    alone.engine.wait_above(height, 60)  # another one with the same key was ordered
    alone.engine._pool.add(decode_transaction(signed.raw), is_kept_for=False)
    assert client.broadcast([alone.c.sign("core", alone.pay()).raw]) == [""]
    client.close()
    with pytest.raises(IdempotencyConflict):
        waiting.result(60)
    assert not alone.engine.is_pending(signed.transaction_id)
    alone.reopen()


def test_what_was_not_ordered_in_its_time_has_expired_for_its_caller(alone):
    signed = alone.c.sign("core", alone.pay())
    alone.engine._broadcaster.close()  # nothing reaches the engine by this way any more,
    lost = alone.engine.submit(signed.raw)
    alone.engine._pool.remove([signed.raw])  # nor is it proposed from what waits here
    clock = alone.c.sign("core", AdvanceClock(alone.c.now_ms() + MS_PER_HOUR), roles=("operator",))
    client = EngineClient(alone.engine.rpc_socket)
    assert client.broadcast([clock.raw]) == [""]
    client.close()
    with pytest.raises(Expired):
        lost.result(60)
    found = alone.c.node.outcome(signed.transaction_id, alone.c.now_ms() - 1)
    assert found.status == OutcomeStatus.EXPIRED
    alone.reopen()


def test_sockets_lie_in_the_engines_folder_or_where_a_path_is_short_enough(tmp_path):
    with contextlib.ExitStack() as undo:
        assert socket_folder(tmp_path, undo) == tmp_path.resolve()
        deep = tmp_path / ("d" * SOCKET_PATH_BYTES_MAX)
        elsewhere = socket_folder(deep, undo)
        assert elsewhere != deep
        assert len(bytes(elsewhere / "rpc.sock")) <= SOCKET_PATH_BYTES_MAX
        assert elsewhere.stat().st_mode & 0o077 == 0
    assert not elsewhere.exists()
