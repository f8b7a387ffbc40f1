"""What the genesis file says of a network of validators, and the engine's genesis that follows.

The section ``validators`` of a genesis file makes its chain one of this engine.  The engine's own
genesis document follows from the file to the byte, so nobody has to agree on a second one.

Rules this file keeps:
 1. Every validator is an operator of the genesis file: its operator key and its consensus key are
    two keys, and no key stands twice.
 2. No validator has a third of the power or more, unless there are fewer than four.
 3. The engine's document names the genesis file by its hash: a node with another file stops.
"""

import datetime as dt
from base64 import b64encode
from collections.abc import Mapping
from typing import Final

import msgspec

from xinlian.crypto.ed25519 import SUITE_ED25519, InvalidPublicKey, check_public_key
from xinlian.engines.cometbft.abci import PublicKey, ValidatorUpdate
from xinlian.ledger import limits
from xinlian.ledger.clock import CLOCK_SIMULATED
from xinlian.ledger.genesis import (
    VALIDATORS_SECTION,
    Genesis,
    GenesisInvalid,
    genesis_hash,
    parse_genesis,
    section,
)
from xinlian.ledger.records import integer_part
from xinlian.modules.validators.genesis import FirstValidator
from xinlian.modules.validators.types import SET_CHANGES
from xinlian.primitives.time import MS_PER_DAY

SECTION: Final = VALIDATORS_SECTION
VALIDATORS_MAX: Final = 64
POWER_MAX: Final = 1_000_000
EVENLY_TRUSTED_FROM: Final = 4
"""From so many validators on, none may have a third of the power."""
BLOCK_BYTES_MAX: Final = limits.BLOCK_BYTES_MAX + (256 << 10)
"""Of the engine's block: the transactions, and what the engine adds to them."""
EVIDENCE_AGE_BLOCKS: Final = 1_000_000
EVIDENCE_AGE_NS: Final = 21 * MS_PER_DAY * 1_000_000
_EVIDENCE_BYTES_MAX: Final = 64 << 10


class GenesisValidator(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A validator of the first block; keys are hexadecimal."""

    operator: str
    """The operator key of its node: one of the genesis file's operators."""
    public_key: str
    """The Ed25519 key that signs its votes."""
    power: int


class ValidatorsSection(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The section ``validators`` of a genesis file."""

    begins_at_ms: int
    """The engine's time of the first block: when the network was set up."""
    validators: tuple[GenesisValidator, ...]


def validators_of(genesis: Genesis) -> ValidatorsSection | None:
    """Return the section, checked; None where the chain has no validators.

    Raises:
        GenesisInvalid: with the rule that is broken.
    """
    if SECTION not in genesis.sections:
        return None
    found = section(genesis, SECTION, ValidatorsSection)
    operators = {operator.public_key for operator in genesis.operators}
    keys = [key for entry in found.validators for key in (entry.operator, entry.public_key)]
    total = sum(entry.power for entry in found.validators)
    largest = max((entry.power for entry in found.validators), default=0)
    is_uneven = len(found.validators) >= EVENLY_TRUSTED_FROM and 3 * largest >= total
    is_live = genesis.clock != CLOCK_SIMULATED
    checks = (
        (0 < len(found.validators) <= VALIDATORS_MAX, f"there are 1 to {VALIDATORS_MAX}"),
        (
            all(0 < entry.power <= POWER_MAX for entry in found.validators),
            "a power is out of range",
        ),
        (len(set(keys)) == len(keys), "a key stands twice"),
        (all(entry.operator in operators for entry in found.validators), "not an operator's key"),
        (all(map(_is_key, keys)), "a key is not one"),
        (not is_uneven, "one validator has a third of the power or more"),
        (not is_live or found.begins_at_ms == genesis.genesis_time_ms, "a live chain begins once"),
        (0 < found.begins_at_ms < 1 << 48, "begins_at_ms is out of range"),
    )
    for holds, rule in checks:
        if not holds:
            raise GenesisInvalid(f"section {SECTION}: {rule}")
    return found


def require_validators(genesis: Genesis) -> ValidatorsSection:
    """Return the section of a chain that must have one; raises GenesisInvalid."""
    found = validators_of(genesis)
    if found is None:
        raise GenesisInvalid(f"section {SECTION} is missing: this chain has no validators")
    return found


def first_validators(genesis: Genesis) -> tuple[FirstValidator, ...]:
    """Return the validators that a genesis file names, checked; raises GenesisInvalid."""
    found = validators_of(genesis)
    return tuple(
        FirstValidator(bytes.fromhex(entry.operator), bytes.fromhex(entry.public_key), entry.power)
        for entry in (() if found is None else found.validators)
    )


def validator_updates(found: ValidatorsSection) -> tuple[ValidatorUpdate, ...]:
    """Return the validators as the engine is told of them, by key."""
    ordered = sorted(found.validators, key=lambda entry: entry.public_key)
    return tuple(
        ValidatorUpdate(PublicKey(bytes.fromhex(entry.public_key)), entry.power)
        for entry in ordered
    )


def told_at(height: int, writes: Mapping[bytes, bytes | None]) -> tuple[ValidatorUpdate, ...]:
    """Return which powers a block tells the engine, of what it wrote; most tell none."""
    record = writes.get(SET_CHANGES.key(integer_part(height)))
    if record is None:
        return ()
    return tuple(
        ValidatorUpdate(PublicKey(change.public_key), change.power)
        for change in SET_CHANGES.decode(record).changes
    )


def app_state(genesis_bytes: bytes) -> bytes:
    """Return what the engine's document says of the genesis file, as the engine passes it on."""
    return msgspec.json.encode(genesis_hash(genesis_bytes).hex())


def engine_genesis(genesis_bytes: bytes) -> bytes:
    """Return the engine's genesis document of a genesis file; raises GenesisInvalid."""
    genesis = parse_genesis(genesis_bytes)
    found = require_validators(genesis)
    ordered = sorted(found.validators, key=lambda entry: entry.public_key)
    document = {
        "genesis_time": rfc3339(found.begins_at_ms),
        "chain_id": genesis.chain_id,
        "initial_height": "1",
        "consensus_params": {
            "block": {"max_bytes": str(BLOCK_BYTES_MAX), "max_gas": "-1"},
            "evidence": {
                "max_age_num_blocks": str(EVIDENCE_AGE_BLOCKS),
                "max_age_duration": str(EVIDENCE_AGE_NS),
                "max_bytes": str(_EVIDENCE_BYTES_MAX),
            },
            "validator": {"pub_key_types": ["ed25519"]},
            "version": {"app": "0"},
            "abci": {"vote_extensions_enable_height": "0"},
        },
        "validators": [
            {
                "pub_key": {
                    "type": "tendermint/PubKeyEd25519",
                    "value": b64encode(bytes.fromhex(entry.public_key)).decode(),
                },
                "power": str(entry.power),
                "name": "",
            }
            for entry in ordered
        ],
        "app_hash": "",
        "app_state": msgspec.Raw(app_state(genesis_bytes)),
    }
    return msgspec.json.format(msgspec.json.encode(document), indent=2)


def rfc3339(time_ms: int) -> str:
    """Return a moment as the engine writes it."""
    moment = dt.datetime.fromtimestamp(time_ms // 1_000, dt.UTC)
    return moment.strftime("%Y-%m-%dT%H:%M:%S") + f".{time_ms % 1_000:03}Z"


class EngineTime:
    """Turns the engine's moments into the ledger's engine time.

    A live chain takes them as they are.  A simulated one begins at its genesis time, whenever the
    network really began, and goes on at the engine's pace.
    """

    def __init__(self, genesis: Genesis, begins_at_ms: int) -> None:
        is_simulated = genesis.clock == CLOCK_SIMULATED
        self._shift_ms = genesis.genesis_time_ms - begins_at_ms if is_simulated else 0

    def of(self, engine_ms: int) -> int:
        """Return the engine time of a moment of the engine."""
        return engine_ms + self._shift_ms


def _is_key(text: str) -> bool:
    try:
        check_public_key(SUITE_ED25519, bytes.fromhex(text))
    except (ValueError, InvalidPublicKey):
        return False
    return text == text.lower()
