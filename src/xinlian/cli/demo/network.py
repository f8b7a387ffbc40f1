"""Four validators for the demonstration: one in this process, three as processes of their own.

Rules this file keeps:
 1. The parties speak to the first node; the others are what ``xinlian node start`` runs, and see
    nothing of each other but blocks and votes.
"""

import contextlib
import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import msgspec

from xinlian.cli.network_init import (
    OPERATOR_ROLE,
    free_ports,
    with_validators,
    write_places,
)
from xinlian.cli.network_places import (
    PASSPHRASE_FILE,
    PublicPart,
    engine_home,
    engine_settings,
    read_place,
    write_place,
)
from xinlian.cli.network_up import started
from xinlian.client.files import write_private
from xinlian.client.keyring import create_keys
from xinlian.client.profile import create_profile
from xinlian.crypto.ed25519 import SigningKey
from xinlian.engines.cometbft import EngineSettings
from xinlian.engines.cometbft import create_keys as create_engine_keys
from xinlian.ledger.genesis import Operator, encode_genesis, parse_genesis

NODES: Final = 4
COMMIT_MS: Final = 50
QUIET_SECONDS: Final = 5
_SEED_BYTES: Final = 32
_PASSPHRASE_BYTES: Final = 16


class DemoNetwork:
    """The nodes of one ledger of the demonstration."""

    def __init__(self, folder: Path, genesis_bytes: bytes, uscc: str, name: str) -> None:
        """Draw keys and write the folders of four nodes.

        Args:
            folder: where they go.
            genesis_bytes: the consortium's genesis, without validators.
            uscc: code of the organisation whose name the nodes' profiles bear.
            name: of that organisation.
        """
        self._homes = [folder / f"node{number}" for number in range(1, NODES + 1)]
        keys = [_draw_operator(home) for home in self._homes]
        engine_keys = [
            create_engine_keys(
                engine_home(home / "node"),
                secrets.token_bytes(_SEED_BYTES),
                secrets.token_bytes(_SEED_BYTES),
            )
            for home in self._homes
        ]
        genesis = parse_genesis(genesis_bytes)
        operators = tuple(Operator(key.suite, key.public_key.hex()) for key in keys)
        joined = msgspec.structs.replace(genesis, operators=(*genesis.operators, *operators))
        parts = [
            PublicPart(home.name, key.public_key.hex(), engine.consensus_key.hex(), "", "")
            for home, key, engine in zip(self._homes, keys, engine_keys, strict=True)
        ]
        self.genesis_bytes = with_validators(encode_genesis(joined), parts)
        self.operator_key: SigningKey = keys[0]
        write_places(
            self._homes,
            engine_keys,
            free_ports(2 * NODES),
            commit_ms=COMMIT_MS,
            quiet_seconds=QUIET_SECONDS,
        )
        for home in self._homes:
            create_profile(home, self.genesis_bytes, uscc, name, ("http://127.0.0.1:1",))

    @property
    def data(self) -> Path:
        """The data folder of the first node."""
        return self._homes[0] / "node"

    def settings(self) -> EngineSettings:
        """Return how the first node's engine runs."""
        return engine_settings(self.data)

    def serve_first_at(self, port: int) -> None:
        """Note where the first node's API is, for when the network is run again."""
        place = read_place(self.data)
        write_place(self.data, msgspec.structs.replace(place, api_port=port))

    @contextlib.contextmanager
    def others(self) -> Iterator[None]:
        """Run the other nodes."""
        with started(self._homes[1:]):
            yield


def _draw_operator(home: Path) -> SigningKey:
    passphrase = secrets.token_hex(_PASSPHRASE_BYTES)
    write_private(home / PASSPHRASE_FILE, passphrase.encode("ascii"))
    return create_keys(home / "keyring.json", (OPERATOR_ROLE,), passphrase)[OPERATOR_ROLE]
