"""A network whose validators change, built upon the kept receipt: its chain goes on here.

The votes of the kept receipt were signed by real engines; those of the changes are signed here,
over the same bytes, with keys of our own.
"""

import dataclasses
import json
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from xinlian.crypto.codec import Value, decode, encode
from xinlian.verifier import TrustRoot, root_of_genesis
from xinlian.verifier import cometbft as engine

HERE = Path(__file__).parent
RECEIPT = (HERE / "cometbft_receipt.bin").read_bytes()
GENESIS = (HERE / "cometbft_genesis.json").read_bytes()
CHAIN_ID = json.loads(GENESIS)["chain_id"]
FIELDS: Any = decode(RECEIPT)
PARTS = (1, b"\x07" * 32)


class Signer:
    """A validator whose key the tests hold."""

    def __init__(self, number: int) -> None:
        self.private = Ed25519PrivateKey.from_private_bytes(bytes([number]) * 32)
        self.public = self.private.public_key().public_bytes_raw()

    def vote(self, header: engine.EngineHeader) -> Value:
        """Return a precommit for a header."""
        block_id = engine._block_id(header.hash, *PARTS)
        moment = engine._time(1, 2)
        message = engine._vote_bytes(header.height, 0, block_id, moment, CHAIN_ID)
        return (self.public, 1, 2, self.private.sign(message))


def validators(*signers: Signer, power: int = 10) -> tuple[tuple[bytes, int], ...]:
    return tuple((signer.public, power) for signer in signers)


def header_value(like: Value, **changes: Any) -> tuple[Value, ...]:
    """Return an engine's header with some of its fields changed."""
    places = {"height": 2, "last": 5, "validators": 10, "next_validators": 11, "app_hash": 13}
    values = list(like) if isinstance(like, tuple) else []
    for name, value in changes.items():
        values[places[name]] = value
    return tuple(values)


def change(
    height: int,
    old: tuple[Signer, ...],
    new: tuple[Signer, ...],
    signed_by: tuple[Signer, ...] | None = None,
) -> tuple[Value, ...]:
    """Return the header by which some validators name those after them."""
    value = header_value(
        FIELDS[3][0][4],
        height=height,
        validators=engine.validators_hash(validators(*old)),
        next_validators=engine.validators_hash(validators(*new)),
    )
    header = engine.read_engine_header(value, CHAIN_ID)
    votes = tuple(signer.vote(header) for signer in (old if signed_by is None else signed_by))
    listed = tuple((signer.public, 10) for signer in new)
    return (value, 0, *PARTS, votes, listed)


def receipt_by(signers: tuple[Signer, ...], changes: tuple[Value, ...] = ()) -> bytes:
    """Return the kept receipt as if these validators had committed it."""
    committed = FIELDS[3][0]
    following = header_value(
        committed[4],
        validators=engine.validators_hash(validators(*signers)),
    )
    header = engine.read_engine_header(following, CHAIN_ID)
    votes = tuple(signer.vote(header) for signer in signers)
    renewed = (*committed[:4], following, 0, *PARTS, votes)
    part = ((*renewed, changes) if changes else renewed, *FIELDS[3][1:])
    return encode((*FIELDS[:3], part, None))


def root_of(*signers: Signer, **changes: Any) -> TrustRoot:
    """Return the kept genesis file's root with other validators."""
    found = dataclasses.replace(root_of_genesis(GENESIS), validators=validators(*signers))
    return dataclasses.replace(found, **changes)
