"""Blocks, results, events and the hashes that bind them.

Rules this file keeps:
 1. The application hash covers state, results and events of a height and the rules' version:
    nothing of the engine is in it, so every engine agrees on it.
 2. Results follow the transactions one to one; a skipped transaction has a result too.
 3. Leaf 0 of the events tree is what followed from what the engine showed, then what the schedule
    did; leaf i + 1 is what transaction i did.
 4. Only ``(codespace, code)`` and canonical data are hashed, never text for people.
"""

import dataclasses
import enum
from collections.abc import Sequence
from typing import Final

import msgspec

from xinlian.crypto.hashing import Domain, tagged_hash
from xinlian.crypto.merkle import merkle_root

APP_HASH_VERSION = 1
MISBEHAVIOURS_MAX: Final = 128
"""In one block: twice as many as there are validators with power."""


class MisbehaviourKind(enum.IntEnum):
    """What an engine showed of a validator."""

    DOUBLE_VOTE = 1
    """Two votes of one height and round for different blocks."""
    FALSE_HEADER = 2
    """A signature under another header than the chain's, made for those who read headers alone."""


class Misbehaviour(msgspec.Struct, array_like=True, frozen=True, forbid_unknown_fields=True):
    """What an engine shows of a validator, with proof that it has checked."""

    public_key: bytes
    """The key that votes on blocks."""
    kind: MisbehaviourKind
    height: int
    """At which it was done; the block that shows it is a later one."""


@dataclasses.dataclass(frozen=True, slots=True)
class Block:
    """What an engine hands to the state machine.

    ``engine_time_ms`` is the engine's own clock; the machine derives consensus time from it.
    """

    height: int
    engine_time_ms: int
    transactions: tuple[bytes, ...]
    misbehaviours: tuple[Misbehaviour, ...] = ()
    """In the engine's order, each key once, at most ``MISBEHAVIOURS_MAX``."""


class EventRecord(
    msgspec.Struct, array_like=True, frozen=True, forbid_unknown_fields=True, gc=False
):
    """An event with the call that caused it.

    Outside transactions each thing that the engine showed is a call, then each due item.
    """

    call_index: int
    event: msgspec.Raw


class TransactionResult(msgspec.Struct, array_like=True, frozen=True, forbid_unknown_fields=True):
    """The outcome of one transaction of a block.

    ``consumed`` says whether the idempotency key was consumed: only then is it an outcome.
    ``transaction_id`` is a hash of the bytes where these are no transaction.
    ``failed_call`` is the index of the call that was refused, or -1.
    """

    transaction_id: bytes
    codespace: str
    code: int
    failed_call: int
    work: int
    consumed: bool

    @property
    def succeeded(self) -> bool:
        """True when every message applied."""
        return self.code == 0


class EventGroup(msgspec.Struct, array_like=True, frozen=True, forbid_unknown_fields=True):
    """All events of one source: engine and schedule, or one transaction."""

    events: tuple[EventRecord, ...]


@dataclasses.dataclass(frozen=True, slots=True)
class BlockOutcome:
    """What applying a block produced; nothing is stored yet."""

    height: int
    time_ms: int
    writes: dict[bytes, bytes | None]
    results: tuple[TransactionResult, ...]
    event_groups: tuple[EventGroup, ...]
    alarms: tuple[str, ...]
    """Internal faults that were rolled back, for the operator; never hashed."""


_encode = msgspec.msgpack.Encoder().encode


def result_leaves(results: Sequence[TransactionResult]) -> list[bytes]:
    """Return the leaves of the results tree, one a transaction."""
    return [_encode(result) for result in results]


def event_leaves(groups: Sequence[EventGroup]) -> list[bytes]:
    """Return the leaves of the events tree: those outside transactions, then one each."""
    return [_encode(group) for group in groups]


def transactions_root(transactions: Sequence[bytes]) -> bytes:
    """Return the root over the full bytes of the transactions."""
    return merkle_root(list(transactions))


def app_hash(
    height: int,
    state_root: bytes,
    results_root: bytes,
    events_root: bytes,
    app_version: int,
) -> bytes:
    """Return the 32-byte application hash of a height."""
    return tagged_hash(
        Domain.APP_HASH,
        APP_HASH_VERSION.to_bytes(4, "big"),
        height.to_bytes(8, "big"),
        state_root,
        results_root,
        events_root,
        app_version.to_bytes(4, "big"),
    )


def app_hash_of(outcome: BlockOutcome, state_root: bytes, app_version: int) -> bytes:
    """Return the application hash of an applied block."""
    return app_hash(
        outcome.height,
        state_root,
        merkle_root(result_leaves(outcome.results)),
        merkle_root(event_leaves(outcome.event_groups)),
        app_version,
    )
