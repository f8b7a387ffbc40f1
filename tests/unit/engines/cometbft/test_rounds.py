"""Who votes and who is silent, from what the engine says of its rounds."""

import json
from typing import Any

import pytest

from unit.engines.cometbft.local_engine import answering
from xinlian.engines.cometbft.rounds import round_state
from xinlian.engines.cometbft.rpc import EngineClient, EngineUnreachable

TIME = "2025-11-24T16:00:{:02}Z"
NIL = "nil-Vote"


def vote(address, seconds, flag=2):
    return {
        "block_id_flag": flag,
        "validator_address": address,
        "timestamp": TIME.format(seconds) if flag != 1 else "0001-01-01T00:00:00Z",
    }


ANSWERS: dict[str, Any] = {
    "status": {
        "sync_info": {
            "latest_block_height": "7",
            "latest_block_time": TIME.format(1),
            "catching_up": False,
        }
    },
    "validators": {
        "validators": [{"address": name, "voting_power": "10"} for name in ("A", "B", "C", "D")]
    },
    "consensus_state": {
        "round_state": {
            "height/round/step": "8/2/4",
            "height_vote_set": [
                {"prevotes": ["Vote{0:A}", NIL, NIL, NIL], "precommits": [NIL] * 4},
                {"prevotes": [NIL] * 4, "precommits": [NIL, NIL, "Vote{2:C}", NIL]},
            ],
        }
    },
    "commit": {
        "signed_header": {
            "commit": {
                "signatures": [vote("A", 1), vote("B", 2), vote("C", 40), vote("D", 0, flag=1)]
            }
        }
    },
}


def asked(folder, answers):
    def answer(calls):
        found = calls if isinstance(calls, list) else [calls]
        return json.dumps(
            [{"id": call["id"], "result": answers.get(call["method"])} for call in found]
        ).encode()

    path = folder / "rpc.sock"
    with answering(path, answer):
        client = EngineClient(path)
        try:
            return round_state(client)
        finally:
            client.close()


def test_those_of_whom_no_vote_is_known_are_silent_and_a_fast_clock_is_seen(tmp_path):
    state = asked(tmp_path, ANSWERS)
    assert (state.height, state.round, state.is_catching_up) == (8, 2, False)
    assert (state.voting_power, state.total_power) == (20, 40)
    assert state.missing == ("B", "D")
    assert state.clocks_ahead == {"A": -1.0, "B": 0.0, "C": 38.0}


@pytest.mark.parametrize("method", ANSWERS)
def test_an_answer_that_is_none_is_no_state(tmp_path, method):
    with pytest.raises(EngineUnreachable):
        asked(tmp_path, {**ANSWERS, method: {"round_state": {"height/round/step": "x"}}})


def test_a_chain_without_a_block_has_no_clocks(tmp_path):
    first = {"sync_info": {**ANSWERS["status"]["sync_info"], "latest_block_height": "0"}}
    assert asked(tmp_path, {**ANSWERS, "status": first}).clocks_ahead == {}
