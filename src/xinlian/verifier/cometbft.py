"""Headers that a network of validators committed: CometBFT's headers, votes and trees.

The ledger's header of height H says what the block did; the engine's header of H + 1 carries the
application hash of H, and validators with more than two thirds of the power signed it.

::

    committed header = [header, chain record or nil, proof of it or nil, engine header of H,
                        engine header of H + 1, commit…, set changes, left out where there are none]
    commit           = round, part count, parts hash,
                       [[validator key, seconds, nanoseconds, signature], …]
    set changes      = [[engine header, commit…, [[validator key, power], …]], …]

Steps, each named in a failure:
 1. the roots give the application hash, which the engine's header of H + 1 carries;
 2. height and time of the ledger's header are those of the chain's record under its state root;
    where the node no longer had it, the time that is reported is the engine's of H;
 3. each change of validators since the root of trust is named by a header that more than two thirds
    of the power before it committed, in ascending order of their heights; changes that a checkpoint
    has behind it are passed over;
 4. more than two thirds of the power of the validators then voted for the engine's header of H + 1,
    and every vote in the file verifies;
 5. that header names the engine's header of H as the one before it.

A vote is verified by the rules of ZIP 215, as the engine does.

Source: the engine's specification of its data structures (header hash, canonical votes, trees).
"""

import dataclasses
import hashlib
from collections.abc import Sequence
from typing import Final, NamedTuple

from xinlian.crypto.codec import Value, encode
from xinlian.crypto.ed25519_reference import verify as verify_ed25519
from xinlian.crypto.receipt_format import HEADER_FIELDS, SIGNATURES_MAX
from xinlian.crypto.state_proof import ProofError, verify_state_proof
from xinlian.verifier.headers import Header, check_app_hash, meets_checkpoint, read_header
from xinlian.verifier.reading import (
    VerificationFailed,
    array_of,
    bytes_of,
    decoded,
    integer_of,
    list_of,
    text_of,
)
from xinlian.verifier.report import ProvenHeader
from xinlian.verifier.trust import TrustRoot, Validators, validators_of

COMMITTED_FIELDS: Final = 9
"""One more where validators changed since the root of trust."""
ENGINE_HEADER_FIELDS: Final = 17
SET_CHANGES_MAX: Final = 256
CHANGE_FIELDS: Final = 6
CHAIN_RECORD_KEY: Final = b"\x00\x00\x03"
_CHAIN_RECORD_FIELDS: Final = 7
_ADDRESS_BYTES: Final = 20
_HASH_BYTES: Final = 32
_KEY_BYTES: Final = 32
_SIGNATURE_BYTES: Final = 64
_PRECOMMIT: Final = 2
_NANOS_MAX: Final = 999_999_999
_UINT32_MAX: Final = 2**32 - 1
_PATH_MAX: Final = 64
_SEVEN_BITS: Final = 0x7F


class EngineHeader(NamedTuple):
    """The engine's header of one height."""

    height: int
    time_ms: int
    hash: bytes
    last_block_hash: bytes
    data_hash: bytes
    validators_hash: bytes
    next_validators_hash: bytes
    app_hash: bytes


def verify_committed_header(value: Value, root: TrustRoot) -> tuple[Header, ProvenHeader, bytes]:
    """Return a header that validators committed, who they are, and its transactions' root.

    Raises:
        VerificationFailed: with the step that failed.
    """
    if not root.validators:
        raise VerificationFailed(root.kind, "it names no validators: take the genesis file")
    fields = committed_fields(value)
    header = read_header(encode(array_of(fields[0], len(HEADER_FIELDS), "header")), root)
    check_app_hash(header)
    own = read_engine_header(fields[3], root.chain_id)
    if fields[1] is None and fields[2] is None:
        header = dataclasses.replace(header, time_ms=own.time_ms)
    else:
        _check_chain_record(header, fields[1], fields[2], root)
    following = read_engine_header(fields[4], root.chain_id)
    if (own.height, following.height) != (header.height, header.height + 1):
        raise VerificationFailed("engine header", "it is of another height")
    if following.app_hash != header.app_hash:
        raise VerificationFailed("engine header", "it carries another application hash")
    if following.last_block_hash != own.hash:
        raise VerificationFailed("engine header", "the two do not follow one another")
    bytes_of(own.data_hash, "engine header", _HASH_BYTES)
    changes = _changes_of(fields, root)
    validators = follow_changes(root, changes, following.height)
    signers = _check_votes(following, fields[5:COMMITTED_FIELDS], validators, root)
    proven = ProvenHeader(
        height=header.height,
        time_ms=header.time_ms,
        hash=header.hash.hex(),
        operators=(),
        is_checkpoint=meets_checkpoint((header,), root),
        validators=tuple(key.hex() for key in signers),
        set_changes=len(changes),
    )
    return header, proven, own.data_hash


def validators_after(value: Value, root: TrustRoot) -> Validators:
    """Return the validators that committed a header which ``verify_committed_header`` accepted."""
    changes = _changes_of(committed_fields(value), root)
    if not changes:
        return root.validators
    return validators_of(array_of(changes[-1], CHANGE_FIELDS, "validator change")[-1], "votes")


def committed_fields(value: Value) -> Sequence[Value]:
    """Return the parts of a committed header, with or without changes of the validators."""
    is_longer = isinstance(value, tuple) and len(value) == COMMITTED_FIELDS + 1
    return array_of(value, COMMITTED_FIELDS + is_longer, "header")


def follow_changes(root: TrustRoot, changes: Sequence[Value], height: int) -> Validators:
    """Return the validators at a height: the root's, and each change that those before named.

    Raises:
        VerificationFailed: with the step that failed.
    """
    step = "validator change"
    validators, last_height = root.validators, root.height
    for entry in changes:
        fields = array_of(entry, CHANGE_FIELDS, step)
        header = read_engine_header(fields[0], root.chain_id)
        if not last_height < header.height < height:
            raise VerificationFailed(step, f"height {header.height} is out of order")
        _check_votes(header, fields[1:5], validators, root)
        validators = validators_of(fields[5], step)
        if validators_hash(validators) != header.next_validators_hash:
            raise VerificationFailed(step, f"height {header.height} names other validators")
        last_height = header.height
    return validators


def _changes_of(fields: Sequence[Value], root: TrustRoot) -> Sequence[Value]:
    """Return the changes of validators that a committed header shows; most show none.

    A node shows all since the genesis file.  Those that a checkpoint has behind it, at the
    beginning, are passed over unread: nothing rests on them.
    """
    if len(fields) == COMMITTED_FIELDS:
        return ()
    changes = list_of(fields[-1], SET_CHANGES_MAX, "validator change")
    behind = 0
    while behind < len(changes) and _height_of(changes[behind], root) <= root.height:
        behind += 1
    return changes[behind:]


def _height_of(change: Value, root: TrustRoot) -> int:
    header = array_of(change, CHANGE_FIELDS, "validator change")[0]
    return read_engine_header(header, root.chain_id).height


def require_chain_record(value: Value) -> None:
    """Refuse a committed header without its chain record: its time is not the ledger's."""
    if committed_fields(value)[1] is None:
        raise VerificationFailed("chain record", "it is missing: the ledger's time is not shown")


def read_engine_header(value: Value, chain_id: str) -> EngineHeader:
    """Return an engine's header with its hash; raises VerificationFailed."""
    step = "engine header"
    fields = array_of(value, ENGINE_HEADER_FIELDS, step)
    block_version, app_version, height, seconds, nanos = (
        integer_of(field, step) for field in fields[:5]
    )
    parts = integer_of(fields[6], step, _UINT32_MAX)
    last_block_hash, parts_hash, *hashes = (
        bytes_of(field, step) for field in (fields[5], *fields[7:])
    )
    leaves = [
        _number(1, block_version) + _number(2, app_version),
        _bytes(1, chain_id.encode("utf-8")),
        _number(1, height),
        _time(seconds, nanos),
        _block_id(last_block_hash, parts, parts_hash),
        *(_bytes(1, hashed) for hashed in hashes),
    ]
    _, data_hash, validators_hash, next_hash, _, app_hash, *_ = hashes
    time_ms = seconds * 1_000 + nanos // 1_000_000
    return EngineHeader(
        height=height,
        time_ms=time_ms,
        hash=tree_root(leaves),
        last_block_hash=last_block_hash,
        data_hash=data_hash,
        validators_hash=validators_hash,
        next_validators_hash=next_hash,
        app_hash=app_hash,
    )


def validators_hash(validators: Validators) -> bytes:
    """Return the engine's hash of a set of (key, power): by power, then by address."""
    ordered = sorted(validators, key=lambda entry: (-entry[1], _address(entry[0])))
    return tree_root([_bytes(1, _bytes(1, key)) + _number(2, power) for key, power in ordered])


def tree_root(leaves: Sequence[bytes]) -> bytes:
    """Return the root of the engine's tree (RFC 6962) over some leaves."""
    if not leaves:
        return hashlib.sha256().digest()
    if len(leaves) == 1:
        return hashlib.sha256(b"\x00" + leaves[0]).digest()
    split = _split(len(leaves))
    return _inner(tree_root(leaves[:split]), tree_root(leaves[split:]))


def check_in_block(raw: bytes, index: int, count: int, path: Value, root: bytes) -> None:
    """Refuse a transaction that is not at its place in the engine's block."""
    step = "transaction"
    siblings = [bytes_of(sibling, step, _HASH_BYTES) for sibling in list_of(path, _PATH_MAX, step)]
    leaf = hashlib.sha256(b"\x00" + hashlib.sha256(raw).digest()).digest()
    if not 0 <= index < count or _climb(leaf, index, count, siblings) != root:
        raise VerificationFailed(step, "it is not in the block")


def _climb(leaf: bytes, index: int, count: int, siblings: Sequence[bytes]) -> bytes:
    """Return the root that a leaf and its siblings, the lowest first, give; empty if none."""
    if count == 1:
        return leaf if not siblings else b""
    if not siblings:
        return b""
    split = _split(count)
    if index < split:
        left = _climb(leaf, index, split, siblings[:-1])
        return _inner(left, siblings[-1]) if left else b""
    right = _climb(leaf, index - split, count - split, siblings[:-1])
    return _inner(siblings[-1], right) if right else b""


def _check_chain_record(header: Header, record: Value, proof: Value, root: TrustRoot) -> None:
    """Refuse a header whose height or time is not the chain's record under its state root."""
    step = "chain record"
    content = bytes_of(record, step)
    try:
        verify_state_proof(header.state_root, CHAIN_RECORD_KEY, content, bytes_of(proof, step))
    except ProofError as error:
        raise VerificationFailed(step, str(error)) from None
    fields = array_of(decoded(content, step), _CHAIN_RECORD_FIELDS, step)
    clock = "simulated" if root.is_simulated else "live"
    expected = (root.chain_id, clock, header.app_version, header.height, header.time_ms)
    found = (text_of(fields[0], step), text_of(fields[1], step), *fields[2:5])
    if found != expected:
        raise VerificationFailed(step, "height, time, clock or version are not the header's")


def _check_votes(
    following: EngineHeader,
    commit: Sequence[Value],
    validators: Validators,
    root: TrustRoot,
) -> list[bytes]:
    """Return whose votes committed a header; raises VerificationFailed if they are too few."""
    step = "votes"
    if following.validators_hash != validators_hash(validators):
        raise VerificationFailed(
            step, f"the validators are not those of the {root.kind}, or a change is left out"
        )
    powers = dict(validators)
    round_no = integer_of(commit[0], step, _UINT32_MAX)
    parts = integer_of(commit[1], step, _UINT32_MAX)
    block_id = _block_id(following.hash, parts, bytes_of(commit[2], step, _HASH_BYTES))
    signers: list[bytes] = []
    for vote in list_of(commit[3], SIGNATURES_MAX, step):
        key, seconds, nanos, signature = array_of(vote, 4, step)
        public_key = bytes_of(key, step, _KEY_BYTES)
        if public_key not in powers or public_key in signers:
            raise VerificationFailed(step, "one is by no validator, or twice")
        message = _vote_bytes(
            following.height,
            round_no,
            block_id,
            _time(integer_of(seconds, step), integer_of(nanos, step, _NANOS_MAX)),
            root.chain_id,
        )
        if not verify_ed25519(public_key, message, bytes_of(signature, step, _SIGNATURE_BYTES)):
            raise VerificationFailed(step, "one does not verify")
        signers.append(public_key)
    if 3 * sum(powers[key] for key in signers) <= 2 * sum(powers.values()):
        raise VerificationFailed(step, "they are of two thirds of the power, or less")
    return signers


def _vote_bytes(height: int, round_no: int, block_id: bytes, time: bytes, chain_id: str) -> bytes:
    """Return what a validator signs when it commits a block."""
    content = _number(1, _PRECOMMIT) + _fixed(2, height) + _fixed(3, round_no)
    content += _bytes(4, block_id) + _message(5, time) + _bytes(6, chain_id.encode("utf-8"))
    return _varint(len(content)) + content


def _block_id(block_hash: bytes, parts: int, parts_hash: bytes) -> bytes:
    return _bytes(1, block_hash) + _message(2, _number(1, parts) + _bytes(2, parts_hash))


def _time(seconds: int, nanos: int) -> bytes:
    return _number(1, seconds) + _number(2, nanos)


def _address(public_key: bytes) -> bytes:
    return hashlib.sha256(public_key).digest()[:_ADDRESS_BYTES]


def _inner(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\x01" + left + right).digest()


def _split(count: int) -> int:
    """Return the largest power of two below a count of two or more."""
    return 1 << (count - 1).bit_length() - 1


def _varint(value: int) -> bytes:
    out = bytearray()
    while value > _SEVEN_BITS:
        out.append(value & _SEVEN_BITS | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def _number(field: int, value: int) -> bytes:
    return _varint(field << 3) + _varint(value) if value else b""


def _fixed(field: int, value: int) -> bytes:
    return _varint(field << 3 | 1) + value.to_bytes(8, "little") if value else b""


def _bytes(field: int, value: bytes) -> bytes:
    return _message(field, value) if value else b""


def _message(field: int, content: bytes) -> bytes:
    """Return a field that is written even when it is empty."""
    return _varint(field << 3 | 2) + _varint(len(content)) + content
