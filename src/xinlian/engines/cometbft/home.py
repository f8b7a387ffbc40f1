"""The engine's own folder: its genesis document, its keys, its configuration.

::

    HOME/config/config.toml               written anew at every start
    HOME/config/genesis.json              follows from the genesis file, checked at every start
    HOME/config/node_key.json             who the node is to its peers
    HOME/config/priv_validator_key.json   the key that signs votes
    HOME/data/priv_validator_state.json   the last vote: never copied, never set back

Rules this file keeps:
 1. Keys are drawn here and written once, readable by their owner alone; a key that is there is
    never replaced.
 2. The folder of one chain is refused for another.
 3. Settings are those of small networks, and the same on every validator where they must be.
"""

import hashlib
from base64 import b64decode, b64encode
from collections.abc import Sequence
from pathlib import Path
from typing import Final, NamedTuple

import msgspec

from xinlian.crypto.ed25519 import SigningKey
from xinlian.engines.cometbft.last_vote import MARK_NAME, mark_place
from xinlian.engines.cometbft.light import SyncFrom
from xinlian.engines.cometbft.network import engine_genesis
from xinlian.ledger.genesis import GenesisInvalid

KEY_FILE: Final = "config/priv_validator_key.json"
SUCCESSOR_FILE: Final = "config/priv_validator_key.next.json"
"""The key that is to take the power over, drawn before members are asked."""
NODE_KEY_FILE: Final = "config/node_key.json"
GENESIS_FILE: Final = "config/genesis.json"
CONFIG_FILE: Final = "config/config.toml"
VOTES_FILE: Final = "data/priv_validator_state.json"
PRIVATE_FILE_MODE: Final = 0o600
PRIVATE_FOLDER_MODE: Final = 0o700
_PRIVATE_TYPE: Final = "tendermint/PrivKeyEd25519"
_PUBLIC_TYPE: Final = "tendermint/PubKeyEd25519"
ADDRESS_BYTES: Final = 20
_SEED_BYTES: Final = 32
KEY_FILE_BYTES_MAX: Final = 4_096
# A validator that looks for its own recent signatures before it starts could never end a halt in
# which the others wait for it: the file of its last vote is what keeps it from voting twice.
_CONFIG: Final = """# Written at every start by the node: changes here are lost.
proxy_app = "unix://{socket}"
abci = "socket"
db_backend = "goleveldb"
log_level = "error"
log_format = "json"

[rpc]
laddr = "unix://{rpc_socket}"
max_body_bytes = 8000000
max_request_batch_size = 100

[p2p]
laddr = "tcp://{listen}"
persistent_peers = "{peers}"
addr_book_strict = {is_strict}
allow_duplicate_ip = {can_share}
flush_throttle_timeout = "5ms"
send_rate = 20000000
recv_rate = 20000000
pex = {is_open}

[mempool]
recheck = true
size = 20000
max_txs_bytes = 67108864
max_tx_bytes = 1048576
cache_size = 40000

[consensus]
timeout_propose = "{propose_ms}ms"
timeout_propose_delta = "500ms"
timeout_prevote = "500ms"
timeout_prevote_delta = "500ms"
timeout_precommit = "500ms"
timeout_precommit_delta = "500ms"
timeout_commit = "{commit_ms}ms"
create_empty_blocks = false
create_empty_blocks_interval = "{quiet_seconds}s"
peer_gossip_sleep_duration = "10ms"
peer_query_maj23_sleep_duration = "2s"
double_sign_check_height = 0

[storage]
discard_abci_responses = true

[tx_index]
indexer = "null"

[instrumentation]
prometheus = false
"""


# Within the trusting period a validator that signed another block can still be held to account: it
# is far below the age at which evidence is refused.
_SYNC: Final = """
[statesync]
enable = true
rpc_servers = "{servers}"
trust_height = {height}
trust_hash = "{hash}"
trust_period = "168h0m0s"
discovery_time = "5s"
chunk_request_timeout = "15s"
chunk_fetchers = "4"
"""


class EngineKeys(NamedTuple):
    """The public side of an engine's keys."""

    node_id: str
    """How peers name the node, hexadecimal."""
    consensus_key: bytes
    """The public key of its votes."""


class Tuning(NamedTuple):
    """Settings of a network; ``commit_ms`` must be the same on all its validators."""

    commit_ms: int = 200
    """How long a block waits for late votes: what a block takes at least.  50 to 200 on a local
    network, 500 between sites."""
    propose_ms: int = 3_000
    """How long a proposer is waited for, the first time."""
    quiet_seconds: int = 30
    """How long a chain rests when nobody sends."""
    is_loopback: bool = False
    """All nodes are on one machine: peers share an address, and know one another already."""


class _TypedValue(msgspec.Struct, frozen=True):
    type: str
    value: str


class _NodeKey(msgspec.Struct, frozen=True):
    priv_key: _TypedValue


class _ValidatorKey(msgspec.Struct, frozen=True):
    address: str
    pub_key: _TypedValue
    priv_key: _TypedValue


def address_of(public_key: bytes) -> bytes:
    """Return the 20 bytes by which the engine names a key."""
    return hashlib.sha256(public_key).digest()[:ADDRESS_BYTES]


def create_keys(home: Path, node_seed: bytes, consensus_seed: bytes) -> EngineKeys:
    """Write the keys of a new engine; those that are there stay.

    Args:
        home: the engine's folder.
        node_seed: 32 random bytes.
        consensus_seed: 32 other random bytes.
    """
    for folder in (home, home / "config", home / "data"):
        folder.mkdir(parents=True, exist_ok=True, mode=PRIVATE_FOLDER_MODE)
    _write_once(home / NODE_KEY_FILE, msgspec.json.encode(_NodeKey(_private(node_seed))))
    key_was_there = (home / KEY_FILE).exists()
    _write_once(home / KEY_FILE, _key_file(consensus_seed))
    is_new = not (home / MARK_NAME).exists() and not (home / VOTES_FILE).exists()
    if is_new and not key_was_there:  # a key without its last vote was restored: it must not vote
        _write_once(home / VOTES_FILE, b'{"height":"0","round":0,"step":0}')
        mark_place(home)
    return read_keys(home)


def draw_successor(home: Path, consensus_seed: bytes) -> SigningKey:
    """Write the key that is to take this validator's power over; one that is there stays.

    Raises:
        GenesisInvalid: the file that is there is no key.
    """
    _write_once(home / SUCCESSOR_FILE, _key_file(consensus_seed))
    return read_signing_key(home / SUCCESSOR_FILE)


def read_signing_key(path: Path) -> SigningKey:
    """Return a consensus key from its file; raises GenesisInvalid."""
    try:
        found = msgspec.json.decode(_read(path), type=_ValidatorKey)
        return SigningKey(b64decode(found.priv_key.value, validate=True)[:_SEED_BYTES])
    except (OSError, ValueError) as error:
        raise GenesisInvalid(f"{path} is no readable consensus key: {error}") from None


def use_successor(home: Path) -> bytes:
    """Put the successor's key in place of the validator's, which is destroyed; return its key.

    The engine must not run.  The last vote stays: it bounds what either key may sign.

    Raises:
        GenesisInvalid: no successor was drawn.
    """
    key = read_signing_key(home / SUCCESSOR_FILE)
    (home / SUCCESSOR_FILE).replace(home / KEY_FILE)
    return key.public_key


def read_keys(home: Path) -> EngineKeys:
    """Return the public side of an engine's keys; raises GenesisInvalid when they are not there."""
    try:
        node = msgspec.json.decode(_read(home / NODE_KEY_FILE), type=_NodeKey)
        validator = msgspec.json.decode(_read(home / KEY_FILE), type=_ValidatorKey)
        node_key = b64decode(node.priv_key.value, validate=True)[_SEED_BYTES:]
        consensus_key = b64decode(validator.pub_key.value, validate=True)
    except (OSError, ValueError) as error:
        raise GenesisInvalid(f"{home} has no readable keys of an engine: {error}") from None
    return EngineKeys(address_of(node_key).hex(), consensus_key)


def write_genesis(home: Path, genesis_bytes: bytes) -> None:
    """Write the engine's genesis document; raises GenesisInvalid in the folder of another chain."""
    document = engine_genesis(genesis_bytes)
    path = home / GENESIS_FILE
    if path.exists():
        if path.read_bytes() != document:
            raise GenesisInvalid(f"{path} is of another chain: use another folder for this one")
        return
    _write_once(path, document)


def write_config(
    home: Path,
    *,
    socket: Path,
    rpc_socket: Path,
    listen: str,
    peers: Sequence[str],
    tuning: Tuning,
    sync: SyncFrom | None = None,
) -> None:
    """Write the engine's configuration.

    Args:
        home: the engine's folder.
        socket: where the application listens.
        rpc_socket: where the engine takes transactions.
        listen: ``host:port`` for peers.
        peers: ``id@host:port`` of the other nodes.
        tuning: settings of the network.
        sync: from where to begin, of a node that has no chain yet.
    """
    config = _CONFIG.format(
        socket=socket,
        rpc_socket=rpc_socket,
        listen=listen,
        peers=",".join(peers),
        is_open="false" if tuning.is_loopback else "true",
        is_strict="false" if tuning.is_loopback else "true",
        can_share="true" if tuning.is_loopback else "false",
        propose_ms=tuning.propose_ms,
        commit_ms=tuning.commit_ms,
        quiet_seconds=tuning.quiet_seconds,
    )
    if sync is not None:
        config += _SYNC.format(
            servers=",".join(f"http://{server}" for server in sync.servers),
            height=sync.trusted.height,
            hash=sync.trusted.hash,
        )
    (home / CONFIG_FILE).write_text(config, encoding="utf-8")


def _key_file(seed: bytes) -> bytes:
    public_key = SigningKey(seed).public_key
    key = _ValidatorKey(
        address_of(public_key).hex().upper(),
        _TypedValue(_PUBLIC_TYPE, b64encode(public_key).decode()),
        _private(seed),
    )
    return msgspec.json.encode(key)


def _private(seed: bytes) -> _TypedValue:
    content = seed + SigningKey(seed).public_key
    return _TypedValue(_PRIVATE_TYPE, b64encode(content).decode())


def _read(path: Path) -> bytes:
    with path.open("rb") as stream:
        return stream.read(KEY_FILE_BYTES_MAX)


def _write_once(path: Path, content: bytes) -> None:
    try:
        with path.open("xb") as stream:
            path.chmod(PRIVATE_FILE_MODE)
            stream.write(content)
    except FileExistsError:
        return
