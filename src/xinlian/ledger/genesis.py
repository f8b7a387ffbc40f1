"""The genesis file: who is there at the beginning, and by which rules.

Rules this file keeps:
 1. The genesis hash covers the bytes of the file; every chain of headers starts from it.
 2. A simulated clock and a chain id that begins with ``test-`` go together, always.
 3. What a module needs at genesis is its own section; this file does not look inside.
"""

from collections.abc import Mapping
from typing import Final, TypeVar

import msgspec

from xinlian.crypto.ed25519 import InvalidPublicKey, check_public_key
from xinlian.crypto.hashing import Domain, tagged_hash
from xinlian.ledger import limits
from xinlian.ledger.clock import CLOCK_LIVE, CLOCK_SIMULATED
from xinlian.primitives import AMOUNT_MINOR_MAX
from xinlian.primitives.misfits import misfit_words
from xinlian.primitives.time import TIME_MS_MAX

GENESIS_BYTES_MAX: Final = 16 << 20
GENESIS_FORMAT: Final = "xinlian-genesis-1"
TEST_CHAIN_PREFIX: Final = "test-"
VALIDATORS_SECTION: Final = "validators"
"""With this section a chain is of a network of validators: no operator orders it alone."""
_AMOUNT_CHARS_MAX: Final = 19


SectionT = TypeVar("SectionT", bound=msgspec.Struct)


class GenesisInvalid(Exception):  # noqa: N818 - names the state of the file
    """A genesis file breaks a rule; the text says which."""


class Operator(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A key that signs the embedded engine's headers and its clock messages."""

    suite: str
    public_key: str
    """Hexadecimal."""


class Genesis(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A genesis file, checked; ``file_hash`` is not in the file."""

    format: str
    chain_id: str
    clock: str
    genesis_time_ms: int
    app_version: int
    operators: tuple[Operator, ...]
    sections: dict[str, msgspec.Raw]


def genesis_hash(file_bytes: bytes) -> bytes:
    """Return the 32-byte hash of a genesis file."""
    return tagged_hash(Domain.GENESIS, file_bytes)


def parse_genesis(file_bytes: bytes) -> Genesis:
    """Return the checked genesis of its file.

    Raises:
        GenesisInvalid: with the rule that is broken.
    """
    if len(file_bytes) > GENESIS_BYTES_MAX:
        raise GenesisInvalid(f"larger than {GENESIS_BYTES_MAX} bytes")
    try:
        genesis = msgspec.json.decode(file_bytes, type=Genesis)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise GenesisInvalid(f"no genesis file: {misfit_words(error)}") from None
    is_simulated = genesis.clock == CLOCK_SIMULATED
    checks = (
        (genesis.format == GENESIS_FORMAT, f"format is not {GENESIS_FORMAT}"),
        (0 < len(genesis.chain_id) <= limits.CHAIN_ID_CHARS_MAX, "chain_id is too long or empty"),
        (genesis.clock in (CLOCK_LIVE, CLOCK_SIMULATED), "clock is neither live nor simulated"),
        (
            is_simulated == genesis.chain_id.startswith(TEST_CHAIN_PREFIX),
            "a simulated clock and a chain id that begins with test- go together",
        ),
        (0 < genesis.genesis_time_ms < TIME_MS_MAX, "genesis_time_ms is out of range"),
        (bool(genesis.operators), "no operator key"),
        (all(map(_is_key, genesis.operators)), "an operator's public_key is not a key"),
    )
    for holds, rule in checks:
        if not holds:
            raise GenesisInvalid(rule)
    return genesis


def _is_key(operator: Operator) -> bool:
    try:
        check_public_key(operator.suite, bytes.fromhex(operator.public_key))
    except (ValueError, InvalidPublicKey):
        return False
    return operator.public_key == operator.public_key.lower()


def amount_minor_of(text: str, where: str) -> int:
    """Return an amount that a genesis file gives as text; raises GenesisInvalid."""
    is_plain = text.isascii() and text.isdigit() and len(text) <= _AMOUNT_CHARS_MAX
    if is_plain and int(text) <= AMOUNT_MINOR_MAX:
        return int(text)
    raise GenesisInvalid(f"{where} is not an amount in minor units: {text[:40]!r}")


def encode_genesis(genesis: Genesis) -> bytes:
    """Return the bytes of a genesis file."""
    return msgspec.json.format(msgspec.json.encode(genesis, order="deterministic"), indent=2)


def section(genesis: Genesis, name: str, section_type: type[SectionT]) -> SectionT:
    """Return one module's section, typed.

    Raises:
        GenesisInvalid: it is missing or malformed.
    """
    raw = genesis.sections.get(name)
    if raw is None:
        raise GenesisInvalid(f"section {name} is missing")
    try:
        return msgspec.json.decode(raw, type=section_type)
    except msgspec.DecodeError as error:
        raise GenesisInvalid(f"section {name}: {misfit_words(error)}") from None


def unknown_sections(genesis: Genesis, known: Mapping[str, object]) -> list[str]:
    """Return the names of sections that no module asks for."""
    return sorted(set(genesis.sections) - set(known))
