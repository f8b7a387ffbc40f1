"""What an engine's log says of its end: named, with what to do, whatever else stands in it."""

import pytest

from xinlian.engines.cometbft.last_words import TAIL_BYTES, Cause, StuckWatch, last_words

REAL = {
    "panic: state.AppHash does not match AppHash after replay. Got 00, expected 01.": (
        Cause.APP_HASH
    ),
    "panic: precommit step; +2/3 prevoted an invalid block: wrong Block.Header.AppHash.": (
        Cause.APP_HASH
    ),
    "ERROR: genesis doc hash in db does not match loaded genesis doc": Cause.OTHER_GENESIS,
    "ERROR: failed to start node: listen tcp 0.0.0.0:26656: bind: address already in use": (
        Cause.PORT
    ),
    "panic: write 000012.log: no space left on device": Cause.DISK,
    "ERROR: failed to create node: resource temporarily unavailable": Cause.IN_USE,
    "panic: state (100) and store (0) height mismatch": Cause.UNKNOWN,
    "panic: state and store height mismatch: 100 and 0": Cause.HALF_JOINED,
}


@pytest.mark.parametrize("line", REAL)
def test_what_ended_it_is_named_though_a_trace_of_calls_follows(tmp_path, line):
    log = tmp_path / "engine.log"
    log.write_text(f"started\n{line}\n\ngoroutine 1 [running]:\n\tsetup.go:89 +0x3e\nmain.main()\n")
    said = last_words(log)
    assert said.cause == REAL[line]
    assert said.words == line
    assert said.advice
    hopeless = {Cause.APP_HASH, Cause.OTHER_GENESIS, Cause.HALF_JOINED}
    assert said.is_hopeless == (said.cause in hopeless)


def test_an_older_end_is_not_taken_for_this_one(tmp_path):
    log = tmp_path / "engine.log"
    log.write_text("panic: wrong Block.Header.AppHash\n")
    began_at = log.stat().st_size
    with log.open("a") as more:
        more.write("ERROR: something else\n")
    assert last_words(log, began_at).cause == Cause.UNKNOWN
    assert last_words(log).cause == Cause.APP_HASH
    assert last_words(log, 10**9).cause == Cause.APP_HASH  # the file began anew since


def test_a_log_that_is_huge_binary_or_not_there_is_no_trouble(tmp_path):
    log = tmp_path / "engine.log"
    assert last_words(log).cause == Cause.UNKNOWN
    log.write_bytes(b"\xff" * (3 * TAIL_BYTES) + b"\npanic: no space left on device\n")
    assert last_words(log).cause == Cause.DISK


def test_a_proposal_that_was_voted_down_is_no_cause(tmp_path):
    log = tmp_path / "engine.log"
    log.write_text(
        '{"_msg":"prevote step: consensus deems this block invalid; prevoting nil",'
        '"err":"wrong Block.Header.AppHash.  Expected 01, got 02","module":"consensus"}\n'
    )
    assert last_words(log).cause == Cause.UNKNOWN


STUCK = (
    b'{"_msg":"CONSENSUS FAILURE!!!","err":"failed to apply block","module":"consensus"}',
    (
        b'{"_msg":"Error in validation","err":"wrong Block.Header.AppHash.  Expected 01, got 02",'
        b'"height":57,"level":"error","module":"blocksync"}'
    ),
)
NOT_STUCK = (
    b'{"_msg":"Error in validation","err":"invalid commit","module":"blocksync"}',
    b'{"_msg":"Stopping peer for error","err":"\\"_msg\\":\\"CONSENSUS FAILURE!!!\\""}',
    (
        b'{"_msg":"prevote step: consensus deems this block invalid; prevoting nil",'
        b'"err":"wrong Block.Header.AppHash.","module":"consensus"}'
    ),
    b"\xff\x00",
)


@pytest.mark.parametrize("line", STUCK)
def test_an_engine_that_runs_and_can_never_go_on_is_noticed_once_and_when_the_line_is_whole(
    tmp_path, line
):
    log = tmp_path / "engine.log"
    log.write_bytes(STUCK[0] + b"\n")  # of an earlier run
    watch = StuckWatch(log, log.stat().st_size)
    assert not watch.look()
    with log.open("ab", buffering=0) as engine:
        engine.write(b"\n".join(NOT_STUCK) + b"\n" + line[:40])
        assert not watch.look()
        engine.write(line[40:] + b"\n")
        assert watch.look()
        assert not watch.look()


def test_a_log_that_is_not_there_or_one_endless_line_is_no_sign(tmp_path):
    log = tmp_path / "engine.log"
    watch = StuckWatch(log, 0)
    assert not watch.look()
    log.write_bytes(b"x" * (3 << 20) + b"\n" + STUCK[0] + b"\n")
    assert [watch.look() for _ in range(4)] == [False, False, False, True]
