"""Handing in: again after a failure, not what nobody waits for any more."""

import base64
import threading
from collections.abc import Callable

from unit.engines.cometbft.local_engine import answering, errors, results
from xinlian.engines.cometbft.broadcast import BATCH_MAX, Broadcaster


class Engine:
    """Takes transactions, after as many failures as it is told."""

    def __init__(self, *failures: str) -> None:
        self.failures = list(failures)
        self.taken: list[bytes] = []
        self.batches: list[int] = []
        self.wanted: set[bytes] | None = None
        self.refused: list[tuple[bytes, str]] = []
        self.changed = threading.Condition()

    def __call__(self, calls):
        with self.changed:
            if self.failures:
                failure = self.failures.pop(0)
                return errors(calls, failure) if failure else b"nonsense"
            self.batches.append(len(calls))
            self.taken += [base64.b64decode(call["params"]["tx"]) for call in calls]
            self.changed.notify_all()
            return results(calls)

    def is_wanted(self, raw: bytes) -> bool:
        return self.wanted is None or raw in self.wanted

    def refuse(self, raw: bytes, problem: str) -> None:
        with self.changed:
            self.refused.append((raw, problem))
            self.changed.notify_all()

    def wait_for(self, condition: Callable[[], bool]) -> bool:
        with self.changed:
            return self.changed.wait_for(condition, 30)


def running(tmp_path, engine: Engine) -> Broadcaster:
    broadcaster = Broadcaster(tmp_path / "s", engine.is_wanted, engine.refuse)
    broadcaster.start()
    return broadcaster


def test_everything_is_handed_in_many_at_a_time(tmp_path):
    engine = Engine()
    sent = [number.to_bytes(4, "big") for number in range(1_000)]
    with answering(tmp_path / "s", engine):
        broadcaster = running(tmp_path, engine)
        broadcaster.put(sent)
        assert engine.wait_for(lambda: len(engine.taken) == len(sent))
        broadcaster.close()
    assert sorted(engine.taken) == sent
    assert max(engine.batches) == BATCH_MAX


def test_a_full_engine_and_one_that_answers_nonsense_are_tried_again(tmp_path):
    engine = Engine("mempool is full: 5 of 5", "")
    with answering(tmp_path / "s", engine):
        broadcaster = running(tmp_path, engine)
        broadcaster.put([b"a"])
        assert engine.wait_for(lambda: engine.taken == [b"a"])
        broadcaster.close()
    assert engine.refused == []


def test_an_engine_that_is_not_up_yet_gets_it_later(tmp_path):
    engine = Engine()
    broadcaster = running(tmp_path, engine)
    broadcaster.put([b"a"])
    with answering(tmp_path / "s", engine):
        assert engine.wait_for(lambda: engine.taken == [b"a"])
        broadcaster.close()


def test_any_other_refusal_is_told_once(tmp_path):
    engine = Engine("tx too large")
    with answering(tmp_path / "s", engine):
        broadcaster = running(tmp_path, engine)
        broadcaster.put([b"a"])
        assert engine.wait_for(lambda: bool(engine.refused))
        broadcaster.close()
    assert engine.refused == [(b"a", "Internal error tx too large")]
    assert engine.taken == []


def test_what_nobody_waits_for_is_not_handed_in(tmp_path):
    engine = Engine()
    engine.wanted = {b"b"}
    with answering(tmp_path / "s", engine):
        broadcaster = running(tmp_path, engine)
        broadcaster.put([b"a", b"b"])
        assert engine.wait_for(lambda: bool(engine.taken))
        broadcaster.close()
    assert engine.taken == [b"b"]


def test_close_forgets_what_could_not_be_handed_in(tmp_path):
    engine = Engine()
    broadcaster = running(tmp_path, engine)
    broadcaster.put([b"a"])
    broadcaster.close()
    assert engine.taken == []
