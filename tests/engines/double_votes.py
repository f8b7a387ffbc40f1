"""Proof that a validator voted twice, as the engine's peers would show it, made with its key.

Written from the engine's specification (canonical votes, evidence); the engine checks all of it.
"""

import json
from base64 import b64encode
from pathlib import Path

from xinlian.crypto.ed25519 import SigningKey
from xinlian.engines.cometbft.home import address_of
from xinlian.engines.cometbft.rpc import EngineClient

PRECOMMIT = 2
NO_TIME = "0001-01-01T00:00:00Z"
_NO_TIME_SECONDS = -62_135_596_800


def show_double_vote(rpc_socket: Path, chain_id: str, key: SigningKey, height: int) -> None:
    """Hand two votes of one validator for different blocks of a past height to an engine."""
    client = EngineClient(rpc_socket)
    header = json.loads(client.ask("header", {"height": str(height)}))["header"]
    found = json.loads(client.ask("validators", {"height": str(height), "per_page": "100"}))
    address = address_of(key.public_key)
    powers = {bytes.fromhex(v["address"]): int(v["voting_power"]) for v in found["validators"]}
    # In the order of the blocks' names, as the engine wants them.
    votes = [_vote(chain_id, key, height, name, list(powers).index(address)) for name in b"AB"]
    evidence = {
        "type": "tendermint/DuplicateVoteEvidence",
        "value": {
            "vote_a": votes[0],
            "vote_b": votes[1],
            "TotalVotingPower": str(sum(powers.values())),
            "ValidatorPower": str(powers[address]),
            "Timestamp": header["time"],
        },
    }
    question = {
        "jsonrpc": "2.0",
        "id": 1,
        "method": "broadcast_evidence",
        "params": {"evidence": evidence},
    }
    answer = json.loads(client.relay(json.dumps(question).encode()))
    client.close()
    assert "error" not in answer, answer


def _vote(chain_id: str, key: SigningKey, height: int, name: int, index: int) -> dict[str, object]:
    block = bytes((name,)) * 32
    signature = key.sign(_signed_bytes(chain_id, height, block))
    return {
        "type": PRECOMMIT,
        "height": str(height),
        "round": 0,
        "block_id": {
            "hash": block.hex().upper(),
            "parts": {"total": 1, "hash": block.hex().upper()},
        },
        "timestamp": NO_TIME,
        "validator_address": address_of(key.public_key).hex().upper(),
        "validator_index": index,
        "signature": b64encode(signature).decode(),
    }


def _signed_bytes(chain_id: str, height: int, block: bytes) -> bytes:
    """Return what the vote's signature is over: type, height, block, time and chain."""
    parts = _field(1 << 3, 1) + _part(2, block)
    block_id = _part(1, block) + _part(2, parts)
    seconds = _varint(_NO_TIME_SECONDS & (1 << 64) - 1)
    content = (
        _field(1 << 3, PRECOMMIT)
        + bytes((2 << 3 | 1,))
        + height.to_bytes(8, "little")
        + _part(4, block_id)
        + _part(5, bytes((1 << 3,)) + seconds)
        + _part(6, chain_id.encode())
    )
    return _varint(len(content)) + content


def _field(tag: int, value: int) -> bytes:
    return bytes((tag, value))


def _part(number: int, content: bytes) -> bytes:
    return bytes((number << 3 | 2,)) + _varint(len(content)) + content


def _varint(value: int) -> bytes:
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes((*out, value))
