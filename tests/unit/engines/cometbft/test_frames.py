"""Frames as the official library writes them, and frames that nobody should send."""

import json
from pathlib import Path

import pytest

from xinlian.engines.cometbft import abci
from xinlian.engines.cometbft.frames import (
    FRAME_BYTES_MAX,
    decode_request,
    next_frame,
    put_response,
)
from xinlian.engines.cometbft.kinds import REQUEST_NUMBERS, RESPONSE_NUMBERS
from xinlian.engines.cometbft.wire import Message, WireError, put_varint

VECTORS = json.loads(Path(__file__).with_name("abci_vectors.json").read_text("utf-8"))
SHOWN = (abci.Misbehavior(1, abci.Offender(b"\x03" * 20), 7),)
TIME = abci.Timestamp(1_764_000_000, 123_456_789)


def updates(*powers: int) -> tuple[abci.ValidatorUpdate, ...]:
    return tuple(
        abci.ValidatorUpdate(abci.PublicKey(bytes((number,)) * 32), power)
        for number, power in enumerate(powers, 1)
    )


REQUESTS: dict[str, Message] = {
    "echo": abci.RequestEcho("信链 hello"),
    "flush": abci.RequestFlush(),
    "info": abci.RequestInfo("0.38.25", "2.0.0"),
    "init_chain": abci.RequestInitChain(TIME, "test-x", updates(10, 300), b'{"a":1}', 1),
    "query": abci.RequestQuery(b"\x00\x01", "/state", -1, prove=True),
    "check_new": abci.RequestCheckTx(b"abc", abci.CheckKind.NEW),
    "recheck": abci.RequestCheckTx(b"x" * 300, abci.CheckKind.RECHECK),
    "commit": abci.RequestCommit(),
    "list_snapshots": abci.RequestListSnapshots(),
    "offer_snapshot": abci.RequestOfferSnapshot(abci.Snapshot(5, 1, 2, b"h"), b"a"),
    "load_snapshot_chunk": abci.RequestLoadSnapshotChunk(5, 1, 2),
    "apply_snapshot_chunk": abci.RequestApplySnapshotChunk(1, b"c", "s"),
    "prepare_proposal": abci.RequestPrepareProposal(4_000_000, (b"", b"a", b"b" * 200), 9, TIME),
    "process_proposal": abci.RequestProcessProposal((b"a",), 1 << 40, TIME, SHOWN),
    "extend_vote": abci.RequestExtendVote(),
    "verify_vote_extension": abci.RequestVerifyVoteExtension(b"xx"),
    "finalize_block": abci.RequestFinalizeBlock((b"a", b"bb"), 77, TIME, SHOWN),
}
RESPONSES: dict[str, Message] = {
    "exception": abci.ResponseException("stopped"),
    "echo": abci.ResponseEcho("信链 hello"),
    "flush": abci.ResponseFlush(),
    "info": abci.ResponseInfo("xinlian", "1", 1, 300, b"h" * 32),
    "init_chain": abci.ResponseInitChain(b"a" * 32),
    "query": abci.ResponseQuery(3, "why", b"k", b"v" * 130, 1 << 33, "abci"),
    "check_ok": abci.ResponseCheckTx(),
    "check_refused": abci.ResponseCheckTx(11, "text", "ledger"),
    "commit": abci.ResponseCommit(),
    "commit_retain": abci.ResponseCommit(5),
    "list_snapshots": abci.ResponseListSnapshots(),
    "offer_snapshot": abci.ResponseOfferSnapshot(abci.OfferAnswer.REJECT),
    "load_snapshot_chunk": abci.ResponseLoadSnapshotChunk(),
    "apply_snapshot_chunk": abci.ResponseApplySnapshotChunk(abci.ChunkAnswer.ABORT),
    "prepare_proposal": abci.ResponsePrepareProposal((b"", b"a", b"b" * 200)),
    "process_proposal": abci.ResponseProcessProposal(abci.ProposalStatus.REJECT),
    "extend_vote": abci.ResponseExtendVote(),
    "verify_vote_extension": abci.ResponseVerifyVoteExtension(abci.ProposalStatus.ACCEPT),
    "finalize_block": abci.ResponseFinalizeBlock(
        (abci.ExecTxResult(), abci.ExecTxResult(14, 1_000, "ledger")),
        updates(0, 10),
        b"a" * 32,
    ),
}


def test_every_kind_has_a_vector():
    assert set(VECTORS["requests"]) == set(REQUESTS)
    assert set(VECTORS["responses"]) == set(RESPONSES)
    assert {type(request) for request in REQUESTS.values()} == set(REQUEST_NUMBERS.values())
    assert {type(response) for response in RESPONSES.values()} == set(RESPONSE_NUMBERS)


@pytest.mark.parametrize("name", REQUESTS)
def test_a_request_of_the_official_library_is_understood(name):
    buffer = bytearray.fromhex(VECTORS["requests"][name])
    found = next_frame(buffer, 0)
    assert found is not None
    frame, end = found
    assert end == len(buffer)
    assert decode_request(frame) == REQUESTS[name]


@pytest.mark.parametrize("name", RESPONSES)
def test_a_response_is_what_the_official_library_writes(name):
    out = bytearray()
    put_response(out, RESPONSES[name])
    assert out.hex() == VECTORS["responses"][name]


def test_a_moment_is_told_in_milliseconds():
    assert TIME.ms == 1_764_000_000_123


@pytest.mark.parametrize("name", REQUESTS)
def test_no_part_of_a_frame_is_a_frame(name):
    whole = bytes.fromhex(VECTORS["requests"][name])
    for length in range(len(whole)):
        assert next_frame(bytearray(whole[:length]), 0) is None


def test_frames_follow_one_another_in_a_buffer():
    whole = bytearray()
    for name in REQUESTS:
        whole += bytes.fromhex(VECTORS["requests"][name])
    position, seen = 0, []
    while (found := next_frame(whole, position)) is not None:
        frame, position = found
        seen.append(decode_request(frame))
    assert seen == list(REQUESTS.values())


def test_a_frame_that_is_too_long_is_refused_before_it_is_read():
    buffer = bytearray()
    put_varint(buffer, FRAME_BYTES_MAX + 1)
    with pytest.raises(WireError, match="at most"):
        next_frame(buffer, 0)


def test_a_length_that_does_not_end_is_refused():
    with pytest.raises(WireError, match="no number"):
        next_frame(bytearray(b"\xff" * 10), 0)


@pytest.mark.parametrize(
    "frame",
    [b"", b"\x22\x00", b"\x08\x01", b"\x0a\x05ab", b"\x0a\x02ab", b"\x12\x00tail"],
    ids=["empty", "unknown number", "no message", "cut", "no field", "more than the request"],
)
def test_what_is_no_request_is_refused(frame):
    with pytest.raises(WireError):
        decode_request(frame)
