"""What an engine tells of a committed header, read into what a receipt holds."""

import json
from base64 import b64encode
from typing import Any

import msgspec
import pytest

from xinlian.engines.cometbft.commits import CommittedHeader, commit_values, moment_of
from xinlian.ledger.node import NoReceipt

ADDRESS = "AB" * 20
BLOCK_ID = {"hash": "11" * 32, "parts": {"total": 1, "hash": "07" * 32}}


def vote(flag: int, address: str = ADDRESS) -> dict[str, object]:
    moment = "2025-11-24T16:00:00.000000007Z"
    signature = b64encode(b"signed").decode() if flag == 2 else None
    return {
        "block_id_flag": flag,
        "validator_address": address,
        "timestamp": moment,
        "signature": signature,
    }


def committed(*votes: dict[str, object]) -> CommittedHeader:
    empty: dict[str, Any] = dict.fromkeys(
        [
            "last_commit_hash",
            "data_hash",
            "validators_hash",
            "next_validators_hash",
            "consensus_hash",
            "app_hash",
            "last_results_hash",
            "evidence_hash",
            "proposer_address",
        ],
        "",
    )
    header = {
        "version": {"block": "11"},
        "height": "7",
        "time": "2025-11-24T16:00:00Z",
        "last_block_id": BLOCK_ID,
        **empty,
    }
    commit = {"round": 3, "block_id": BLOCK_ID, "signatures": votes}
    return msgspec.json.decode(
        json.dumps({"header": header, "commit": commit}), type=CommittedHeader
    )


def test_votes_for_the_block_alone_are_taken_each_with_its_key():
    signed = committed(vote(2), vote(1, ""), vote(3))
    round_no, parts, parts_hash, votes = commit_values(signed, {ADDRESS: b"key"})
    assert (round_no, parts, parts_hash) == (3, 1, b"\x07" * 32)
    assert votes == ((b"key", 1_764_000_000, 7, b"signed"),)


def test_a_vote_of_nobody_known_has_no_key():
    assert commit_values(committed(vote(2)), {})[3][0][0] == b""  # type: ignore[index] # a tuple


def test_a_moment_that_is_none_gives_no_receipt():
    with pytest.raises(NoReceipt, match="not a moment"):
        moment_of("yesterday")
