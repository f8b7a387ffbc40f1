"""What an engine tells of a committed header: the header, and the votes for it.

Rules this file keeps:
 1. What the engine answers is bounded and typed; a height that it does not have is no receipt.
"""

import datetime as dt
from base64 import b64decode
from collections.abc import Mapping
from typing import Final, NamedTuple

import msgspec

from xinlian.crypto.codec import Value
from xinlian.engines.cometbft.rpc import EngineClient, EngineUnreachable
from xinlian.ledger.node import NoReceipt

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


class CommittedHeader(msgspec.Struct, frozen=True):
    """An engine's header with the votes that committed it."""

    header: _Header
    commit: _Commit


class _CommitAnswer(msgspec.Struct, frozen=True):
    signed_header: CommittedHeader


class Moment(NamedTuple):
    """A moment as the engine tells it."""

    seconds: int
    nanos: int


def commit_of(client: EngineClient, height: int) -> CommittedHeader:
    """Return what an engine says that committed a height; raises NoReceipt."""
    try:
        answer = client.ask("commit", {"height": str(height)})
        return msgspec.json.decode(answer, type=_CommitAnswer).signed_header
    except EngineUnreachable as error:
        raise NoReceipt(f"the engine has no commit of height {height} yet: {error}") from None
    except msgspec.DecodeError as error:
        raise NoReceipt(f"the engine's answer is none: {error}") from None


def commit_values(signed: CommittedHeader, keys: Mapping[str, bytes]) -> tuple[Value, ...]:
    """Return round, parts and votes as a receipt holds them.

    Args:
        signed: what committed a header.
        keys: the public key of each validator by its address, capital hexadecimal.
    """
    commit = signed.commit
    return (
        commit.round,
        commit.block_id.parts.total,
        bytes.fromhex(commit.block_id.parts.hash),
        tuple(_vote_value(vote, keys) for vote in commit.signatures if _is_commit(vote)),
    )


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


def _vote_value(vote: _Vote, keys: Mapping[str, bytes]) -> Value:
    moment = moment_of(vote.timestamp)
    key = keys.get(vote.validator_address.upper(), b"")
    return (key, moment.seconds, moment.nanos, b64decode(vote.signature or ""))


def _is_commit(vote: _Vote) -> bool:
    return vote.block_id_flag == _COMMIT_FLAG


def header_value(header: _Header) -> Value:
    """Return an engine's header as a receipt holds it."""
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
