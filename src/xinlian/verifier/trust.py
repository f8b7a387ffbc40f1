"""What a verification starts from: a genesis file, or a checkpoint saved earlier.

A checkpoint is a signed head with what a verifier needs of the genesis file: operators' keys, and
the parties with the keys that they had.  It holds no account and no policy, so it can be given to
somebody who should not see the genesis file.  Of a network it is a committed header with the
validators that committed it, who may be others than the genesis file's.

Rules this file keeps:
 1. Whoever names a root trusts it: that it is genuine is not, and cannot be, shown by a receipt.
 2. A key that the root does not name counts for nobody.
 3. A checkpoint is signed by one of its own operators, or committed by its own validators, and its
    signatures are checked as a receipt's are.
"""

import dataclasses
import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

from xinlian.crypto.codec import Value
from xinlian.crypto.hashing import HASH_BYTES, Domain, tagged_hash
from xinlian.crypto.receipt_format import (
    CHECKPOINT_FORMAT,
    CHECKPOINT_KEYS_MAX,
    CHECKPOINT_PARTIES_MAX,
    ENGINE_COMETBFT,
    ENGINE_EMBEDDED,
    HASH_SUITE,
    RECEIPT_BYTES_MAX,
    SIGNATURES_MAX,
)
from xinlian.verifier.reading import (
    VerificationFailed,
    array_of,
    bytes_of,
    cut,
    decoded,
    integer_of,
    list_of,
    text_of,
)

ROOT_GENESIS: Final = "genesis"
ROOT_CHECKPOINT: Final = "checkpoint"
SUITE_ED25519: Final = "ed25519"
KINDS: Final = ("member", "participant")
_CLOCKS: Final = ("live", "simulated")
_GENESIS_BYTES_MAX: Final = 16 << 20
_KEY_BYTES: Final = 32
_POWER_MAX: Final = 1_000_000
_CHECKPOINT_FIELDS: Final = 8


Validators = tuple[tuple[bytes, int], ...]
"""(public key, power) of each validator of a network."""


@dataclasses.dataclass(frozen=True, slots=True)
class KnownParty:
    """A party that the root names; ``code`` is its unified social credit code."""

    code: str
    name: str
    kind: str
    is_operator: bool
    """One of its keys is an operator's."""


@dataclasses.dataclass(frozen=True, slots=True)
class TrustRoot:
    """What a verification starts from."""

    kind: str
    genesis_hash: bytes
    chain_id: str
    is_simulated: bool
    operators: frozenset[bytes]
    parties: Mapping[bytes, KnownParty]
    """By public key."""
    height: int = -1
    """Of a checkpoint's head; a genesis file has none."""
    header_hash: bytes = b""
    validators: Validators = ()
    """Empty where one operator orders."""
    time_ms: int = 0
    """Of the genesis file, or of the checkpoint's head."""


@dataclasses.dataclass(frozen=True, slots=True)
class Checkpoint:
    """A checkpoint file, read but not verified: its head is still to be checked."""

    root: TrustRoot
    head: Value


def root_of_genesis(genesis: bytes) -> TrustRoot:
    """Return the root of trust that a genesis file is; raises VerificationFailed."""
    if len(genesis) > _GENESIS_BYTES_MAX:
        raise VerificationFailed("genesis", "not a genesis file: larger than 16 MiB")
    try:
        chain = json.loads(genesis)
        operators = frozenset(bytes.fromhex(entry["public_key"]) for entry in chain["operators"])
        parties = chain["sections"].get("members", {}).get("parties", [])
        rows = [_genesis_party(party) for party in parties]
        chain_id, clock = chain["chain_id"], chain["clock"]
        validators = _genesis_validators(chain["sections"])
        time_ms = chain["genesis_time_ms"]
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise VerificationFailed("genesis", cut(_not_a_genesis_file(error))) from None
    if not isinstance(chain_id, str) or clock not in _CLOCKS or not operators:
        raise VerificationFailed("genesis", "not a genesis file: chain, clock or operators")
    if type(time_ms) is not int:
        raise VerificationFailed("genesis", "not a genesis file: its time")
    return TrustRoot(
        kind=ROOT_GENESIS,
        genesis_hash=tagged_hash(Domain.GENESIS, genesis),
        chain_id=chain_id,
        is_simulated=clock == "simulated",
        operators=operators,
        parties=_by_key(rows, operators, "genesis"),
        validators=validators,
        time_ms=time_ms,
    )


def _not_a_genesis_file(error: Exception) -> str:
    """Return what is wrong with a file, in both languages; never the text of an exception."""
    if isinstance(error, json.JSONDecodeError):
        what = (f"it is no JSON from line {error.lineno} on", f"自第 {error.lineno} 行起不是 JSON")
    elif isinstance(error, KeyError):
        what = (f"it lacks {error.args[0]}", f"缺少 {error.args[0]}")
    else:
        what = ("its parts are not those of one", "内容不合格式")
    return f"not a genesis file: {what[0]} / 不是创世文件:{what[1]}"


def read_checkpoint(data: bytes) -> Checkpoint:
    """Return a checkpoint whose head is not verified yet; raises VerificationFailed."""
    step = ROOT_CHECKPOINT
    if len(data) > RECEIPT_BYTES_MAX:
        raise VerificationFailed(step, "the file is larger than 4 MiB")
    fields = array_of(decoded(data, step), _CHECKPOINT_FIELDS, step)
    form, engine, suite, genesis_hash, clock, signers, parties, head = fields
    is_network = engine == ENGINE_COMETBFT
    if (form, suite) != (CHECKPOINT_FORMAT, HASH_SUITE) or not (
        is_network or engine == ENGINE_EMBEDDED
    ):
        raise VerificationFailed(step, cut(f"unknown format, engine or hash suite {fields[:3]!r}"))
    if clock not in _CLOCKS:
        raise VerificationFailed(step, cut(f"unknown clock {clock!r}"))
    operators = frozenset(
        bytes_of(key, step, _KEY_BYTES)
        for key in (() if is_network else list_of(signers, SIGNATURES_MAX, step))
    )
    rows = [_checkpoint_party(row) for row in list_of(parties, CHECKPOINT_PARTIES_MAX, step)]
    header = head[0] if isinstance(head, tuple) and head else None
    if not isinstance(header, tuple) or len(header) < 2:  # noqa: PLR2004 - version, chain id
        raise VerificationFailed(step, "it has no header")
    root = TrustRoot(
        kind=ROOT_CHECKPOINT,
        genesis_hash=bytes_of(genesis_hash, step, HASH_BYTES),
        chain_id=text_of(header[1], step),
        is_simulated=clock == "simulated",
        operators=operators,
        parties=_by_key(rows, operators, step),
        validators=validators_of(signers, step) if is_network else (),
    )
    return Checkpoint(root, head)


def validators_of(value: Value, step: str) -> Validators:
    """Return the validators that a file lists: [[public key, power], …]."""
    found: dict[bytes, int] = {}
    for entry in list_of(value, SIGNATURES_MAX, step):
        key, power = array_of(entry, 2, step)
        public_key = bytes_of(key, step, _KEY_BYTES)
        if public_key in found or integer_of(power, step, _POWER_MAX) == 0:
            raise VerificationFailed(step, "a validator is named twice, or has no power")
        found[public_key] = integer_of(power, step, _POWER_MAX)
    if not found:
        raise VerificationFailed(step, "it names no validators")
    return tuple(found.items())


def checkpoint_rows(root: TrustRoot) -> tuple[Value, ...]:
    """Return the parties of a root as a checkpoint lists them: by code, with their keys."""
    keys: dict[KnownParty, list[bytes]] = {}
    for key, party in root.parties.items():
        keys.setdefault(party, []).append(key)
    return tuple(
        (party.code, party.name, party.kind, tuple(sorted(keys[party])))
        for party in sorted(keys, key=lambda party: party.code)
    )


def _genesis_validators(sections: Any) -> Validators:  # noqa: ANN401 - JSON
    """Return the validators that a genesis file names; raises as a malformed file does."""
    if "validators" not in sections:
        return ()
    entries = sections["validators"]["validators"]
    found = tuple((bytes.fromhex(entry["public_key"]), entry["power"]) for entry in entries)
    keys = {key for key, _ in found}
    are_keys = all(len(key) == _KEY_BYTES for key in keys) and len(keys) == len(found)
    are_powers = all(type(power) is int and 0 < power <= _POWER_MAX for _, power in found)
    if not found or len(found) > SIGNATURES_MAX or not are_keys or not are_powers:
        raise TypeError("a validator's key or power")
    return found


_Row = tuple[str, str, str, Sequence[bytes]]


def _genesis_party(party: Any) -> _Row:  # noqa: ANN401 - JSON of which nothing is known
    keys = [
        bytes.fromhex(key["public_key"]) for key in party["keys"] if key["suite"] == SUITE_ED25519
    ]
    row = (party["uscc"], party["name"], party["kind"])
    if not all(isinstance(text, str) for text in row) or row[2] not in KINDS:
        raise TypeError("a party's code, name or kind")
    return *row, keys


def _checkpoint_party(row: Value) -> _Row:
    step = ROOT_CHECKPOINT
    code, name, kind, keys = array_of(row, 4, step)
    if kind not in KINDS:
        raise VerificationFailed(step, cut(f"unknown kind of party {kind!r}"))
    found = [bytes_of(key, step, _KEY_BYTES) for key in list_of(keys, CHECKPOINT_KEYS_MAX, step)]
    return text_of(code, step), text_of(name, step), text_of(kind, step), found


def _by_key(
    rows: Sequence[_Row], operators: frozenset[bytes], step: str
) -> dict[bytes, KnownParty]:
    found: dict[bytes, KnownParty] = {}
    for code, name, kind, keys in rows:
        party = KnownParty(code, name, kind, is_operator=not operators.isdisjoint(keys))
        for key in keys:
            if key in found:
                raise VerificationFailed(step, "one key is given to two parties, or twice")
            found[key] = party
    return found
