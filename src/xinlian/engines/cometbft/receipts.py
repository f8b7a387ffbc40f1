"""Writing receipt files of a network of validators: the ledger's proofs under committed headers.

What the ledger proves is written as for every engine; headers get the engine's own headers and the
validators' votes, and a transaction its path in the engine's block (``verifier/cometbft.py``).

Rules this file keeps:
 1. State is proven at the last height that did something and whose successor is committed: the
    engine's headers carry the application hash of such heights alone.
 2. What the engine answers is bounded and typed; a height that it does not have is no receipt.
"""

import datetime as dt
import hashlib
from base64 import b64decode
from collections.abc import Sequence
from typing import Final, NamedTuple

import msgspec

from xinlian.crypto.codec import Value, decode, encode
from xinlian.crypto.receipt_format import ENGINE_COMETBFT
from xinlian.engines.cometbft.home import address_of
from xinlian.engines.cometbft.network import ValidatorsSection
from xinlian.engines.cometbft.rpc import EngineClient, EngineUnreachable
from xinlian.engines.cometbft.stand import stand_of
from xinlian.ledger.clock import META
from xinlian.ledger.header import SignedHeader, encode_head
from xinlian.ledger.node import NoReceipt
from xinlian.ledger.ports import StateNotKept, Store
from xinlian.ledger.state_tree import prove

_COMMIT_FLAG: Final = 2
_NANO_DIGITS: Final = 9


class _Parts(msgspec.Struct, frozen=True):
    total: int
    hash: str


class _BlockId(msgspec.Struct, frozen=True):
    hash: str
    parts: _Parts


class _Version(msgspec.Struct, frozen=True):
    block: str
    app: str = "0"


class _Header(msgspec.Struct, frozen=True):
    version: _Version
    height: str
    time: str
    last_block_id: _BlockId
    last_commit_hash: str
    data_hash: str
    validators_hash: str
    next_validators_hash: str
    consensus_hash: str
    app_hash: str
    last_results_hash: str
    evidence_hash: str
    proposer_address: str


class _Vote(msgspec.Struct, frozen=True):
    block_id_flag: int
    validator_address: str
    timestamp: str
    signature: str | None


class _Commit(msgspec.Struct, frozen=True):
    round: int
    block_id: _BlockId
    signatures: tuple[_Vote, ...]


class _SignedHeader(msgspec.Struct, frozen=True):
    header: _Header
    commit: _Commit


class _CommitAnswer(msgspec.Struct, frozen=True):
    signed_header: _SignedHeader


class Moment(NamedTuple):
    """A moment as the engine tells it."""

    seconds: int
    nanos: int


class Committer:
    """Turns headers into committed ones, asking one engine."""

    def __init__(self, client: EngineClient, store: Store, validators: ValidatorsSection) -> None:
        self._client = client
        self._store = store
        keys = [bytes.fromhex(entry.public_key) for entry in validators.validators]
        self._keys = {address_of(key).hex().upper(): key for key in keys}

    def attest(self, signed: SignedHeader) -> Value:
        """Return a committed header; raises NoReceipt while the next height is not committed."""
        header = signed.header
        own, following = self._signed(header.height), self._signed(header.height + 1)
        if following.header.app_hash.upper() != header.app_hash.hex().upper():
            raise NoReceipt(f"height {header.height} did nothing: ask for one that did")
        record, proof = self._chain_record(header.height)
        values = decode(encode_head(signed))
        head: Value = values[0] if isinstance(values, tuple) else None
        commit = following.commit
        return (
            head,
            record,
            proof,
            _header_value(own.header),
            _header_value(following.header),
            commit.round,
            commit.block_id.parts.total,
            bytes.fromhex(commit.block_id.parts.hash),
            tuple(self._vote_value(vote) for vote in commit.signatures if _is_commit(vote)),
        )

    def _chain_record(self, height: int) -> tuple[bytes | None, bytes | None]:
        """Return the chain's record at a height with its proof; neither where it is forgotten."""
        key = META.key()
        try:
            with self._store.snapshot_at(height) as snapshot:
                return snapshot.get(key), prove(snapshot, key)
        except StateNotKept:
            return None, None

    def _signed(self, height: int) -> _SignedHeader:
        try:
            answer = self._client.ask("commit", {"height": str(height)})
            return msgspec.json.decode(answer, type=_CommitAnswer).signed_header
        except EngineUnreachable as error:
            raise NoReceipt(f"the engine has no commit of height {height} yet: {error}") from None
        except msgspec.DecodeError as error:
            raise NoReceipt(f"the engine's answer is none: {error}") from None

    def _vote_value(self, vote: _Vote) -> Value:
        moment = moment_of(vote.timestamp)
        key = self._keys.get(vote.validator_address.upper(), b"")
        return (key, moment.seconds, moment.nanos, b64decode(vote.signature or ""))


def with_block_path(file: bytes, transactions: Sequence[bytes]) -> bytes:
    """Return a receipt file of this engine: its name, and the path in the engine's block."""
    fields = decode(file)
    if not isinstance(fields, tuple):
        raise NoReceipt("not a receipt")
    form, _, suite, part, state = fields
    if isinstance(part, tuple) and isinstance(part[2], int) and transactions:
        path = block_path(transactions, part[2])
        part = (*part[:3], tuple(path), *part[4:])
    return encode((form, ENGINE_COMETBFT, suite, part, state))


def block_path(transactions: Sequence[bytes], index: int) -> list[bytes]:
    """Return the siblings of a transaction in the tree of the engine's block, the lowest first."""
    leaves = [
        hashlib.sha256(b"\x00" + hashlib.sha256(raw).digest()).digest() for raw in transactions
    ]
    path: list[bytes] = []
    while len(leaves) > 1:
        split = 1 << (len(leaves) - 1).bit_length() - 1
        if index < split:
            path.append(_root(leaves[split:]))
            leaves = leaves[:split]
        else:
            path.append(_root(leaves[:split]))
            leaves, index = leaves[split:], index - split
    return path[::-1]


def provable_height(store: Store) -> int:
    """Return the last height that did something, the head's where every one did."""
    with store.snapshot() as snapshot:
        height = snapshot.height
    while height:
        stand = stand_of(store, height)
        if stand.engine_hash == stand.header.app_hash:
            break
        height -= 1
    return height


def moment_of(text: str) -> Moment:
    """Return a moment that the engine wrote, to the nanosecond; raises NoReceipt.

    >>> moment_of("2025-11-24T16:00:00.7Z")
    Moment(seconds=1764000000, nanos=700000000)
    """
    whole, _, rest = text.removesuffix("Z").partition(".")
    try:
        moment = dt.datetime.strptime(whole, "%Y-%m-%dT%H:%M:%S").replace(tzinfo=dt.UTC)
        nanos = int(rest.ljust(_NANO_DIGITS, "0")[:_NANO_DIGITS]) if rest else 0
    except ValueError:
        raise NoReceipt(f"not a moment: {text[:40]!r}") from None
    return Moment(int(moment.timestamp()), nanos)


def _root(leaves: Sequence[bytes]) -> bytes:
    if len(leaves) == 1:
        return leaves[0]
    split = 1 << (len(leaves) - 1).bit_length() - 1
    joined = b"\x01" + _root(leaves[:split]) + _root(leaves[split:])
    return hashlib.sha256(joined).digest()


def _is_commit(vote: _Vote) -> bool:
    return vote.block_id_flag == _COMMIT_FLAG


def _header_value(header: _Header) -> Value:
    moment = moment_of(header.time)
    return (
        int(header.version.block),
        int(header.version.app),
        int(header.height),
        moment.seconds,
        moment.nanos,
        bytes.fromhex(header.last_block_id.hash),
        header.last_block_id.parts.total,
        bytes.fromhex(header.last_block_id.parts.hash),
        *(
            bytes.fromhex(text)
            for text in (
                header.last_commit_hash,
                header.data_hash,
                header.validators_hash,
                header.next_validators_hash,
                header.consensus_hash,
                header.app_hash,
                header.last_results_hash,
                header.evidence_hash,
                header.proposer_address,
            )
        ),
    )
