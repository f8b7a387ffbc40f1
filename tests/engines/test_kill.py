"""The durable engine is killed at any moment, and nothing that it acknowledged is lost."""

import random
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from engines.replay import check_whole, outcome_of, replayed_app_hashes
from xinlian.ledger.errors import Duplicate, Expired
from xinlian.ledger.node import NoReceipt, OutcomeStatus
from xinlian.ledger.transaction import Transaction, decode_transaction
from xinlian.modules.accounts.messages import Transfer
from xinlian.storage import LmdbStore
from xinlian.testing import Consortium
from xinlian.verifier import verify_receipt

WORKER = Path(__file__).with_name("paying_worker.py")
WAITING_WORKER = Path(__file__).with_name("waiting_worker.py")
KILLS_REDUCED = 8
KILLS_SOAK = 200


def run_and_kill(folder: Path, lines_before: int) -> list[tuple[bytes, str, int]]:
    """Kill a worker after it said so many lines; return everything that it acknowledged."""
    with subprocess.Popen(
        [sys.executable, str(WORKER), str(folder)],
        stdout=subprocess.PIPE,
        text=True,
    ) as worker:
        assert worker.stdout is not None
        said = [worker.stdout.readline() for _ in range(lines_before)]
        worker.send_signal(signal.SIGKILL)
        rest, _ = worker.communicate(timeout=60)
    assert worker.returncode == -signal.SIGKILL, said
    lines = [*said, *rest.splitlines(keepends=True)]
    assert lines[0] == "opening\n"
    acknowledged = [line.split() for line in lines[1:] if line.endswith("\n")]
    return [(bytes.fromhex(tx), codespace, int(code)) for tx, codespace, code in acknowledged]


def kill_again_and_again(folder: Path, kills: int) -> None:
    moments = random.Random(20261124)
    acknowledged: list[tuple[bytes, str, int]] = []
    last_height = -1
    for kill in range(kills):
        # The first kills hit the opening of the store and the writing of genesis.
        lines_before = 1 if kill < 2 else moments.randrange(2, 150)
        acknowledged += run_and_kill(folder, lines_before)
        store = LmdbStore(folder)
        if store.head() is not None:
            height = check_whole(store)
            assert height >= last_height
            last_height = height
        for transaction_id, codespace, code in acknowledged:
            _, stored_codespace, stored_code = outcome_of(store, transaction_id)
            assert (stored_codespace or "-", stored_code) == (codespace, code)
        store.close()
    assert {codespace for _, codespace, _ in acknowledged} == {"-", "accounts"}
    store = LmdbStore(folder)
    consortium = Consortium(store)
    payment = Transfer(consortium.account("core"), consortium.account("bank"), 1)
    _, committed = consortium.send("core", payment)
    consortium.close()
    assert committed.result.code == 0
    assert committed.height == last_height + 1 == check_whole(store)
    hashes = list(replayed_app_hashes(store, consortium.genesis_bytes))
    assert len(hashes) == last_height + 2
    assert all(stored == replayed for stored, replayed in hashes)
    store.close()


def test_nothing_acknowledged_is_lost_and_every_height_is_whole(tmp_path):
    kill_again_and_again(tmp_path, KILLS_REDUCED)


def killed_while_waiting(folder: Path) -> tuple[bytes, bytes]:
    """Kill a worker; return a transaction that it committed and one that was pending then."""
    with subprocess.Popen(
        [sys.executable, str(WAITING_WORKER), str(folder)],
        stdout=subprocess.PIPE,
        text=True,
    ) as worker:
        assert worker.stdout is not None
        said = dict(worker.stdout.readline().split() for _ in range(2))
        worker.send_signal(signal.SIGKILL)
    return bytes.fromhex(said["committed"]), bytes.fromhex(said["pending"])


def test_what_waited_at_a_crash_is_unknown_until_it_has_expired_and_then_provably(tmp_path):
    durable, lost = (decode_transaction(raw) for raw in killed_while_waiting(tmp_path))
    store = LmdbStore(tmp_path)
    c = Consortium(store)

    def status(transaction: Transaction) -> OutcomeStatus:
        return c.node.outcome(transaction.transaction_id, transaction.body.valid_until_ms).status

    assert (status(durable), status(lost)) == (OutcomeStatus.COMMITTED, OutcomeStatus.UNKNOWN)
    with pytest.raises(NoReceipt):
        c.node.expiry_proof(lost.raw)
    c.advance_to(lost.body.valid_until_ms)
    assert c.now_ms() == lost.body.valid_until_ms
    assert status(lost) == OutcomeStatus.UNKNOWN, "its last moment is not over"
    c.advance_to(lost.body.valid_until_ms + 1_000)
    assert (status(durable), status(lost)) == (OutcomeStatus.COMMITTED, OutcomeStatus.EXPIRED)
    with pytest.raises(Expired):
        c.engine.submit(lost.raw)
    proof = c.node.expiry_proof(lost.raw)
    report = verify_receipt(proof, c.genesis_bytes, allow_simulated=True)
    assert report.expired_transaction_id == lost.transaction_id.hex()
    c.close()
    store.close()


def test_what_waited_at_a_crash_may_be_sent_again_as_it_is(tmp_path):
    durable, lost = killed_while_waiting(tmp_path)
    store = LmdbStore(tmp_path)
    c = Consortium(store)
    with pytest.raises(Duplicate):
        c.engine.submit(durable)
    assert c.engine.submit(lost).result(60).result.succeeded
    c.close()
    store.close()


@pytest.mark.soak
@pytest.mark.timeout(3_600)
def test_two_hundred_kills_lose_nothing(tmp_path):
    kill_again_and_again(tmp_path, KILLS_SOAK)
