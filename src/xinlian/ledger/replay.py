"""Replay: every block again, from genesis or a snapshot, each header compared with what comes out.

Rules this file keeps:
 1. Nothing that the store says of a block is believed but its transactions, its engine time and
    what the engine showed with it.
 2. Replay ends at the first height that differs: what follows it proves nothing more.
 3. A height differs by name: its link, its signature, a root, the application hash.
"""

import dataclasses
from collections.abc import Callable, Iterator
from typing import Final, NamedTuple

import msgspec

from xinlian.crypto.ed25519 import SUITE_ED25519, verify_signature
from xinlian.ledger.application import (
    Application,
    FinalizedBlock,
    GenesisLoader,
    StoredOutcome,
    decode_outcome,
)
from xinlian.ledger.clock import CLOCK_SIMULATED
from xinlian.ledger.genesis import Genesis, genesis_hash, parse_genesis
from xinlian.ledger.header import (
    HEADER_VERSION,
    Header,
    SignedHeader,
    StoredBlock,
    decode_block,
    decode_head,
    header_hash,
    header_signing_bytes,
)
from xinlian.ledger.ports import Store, StoreError


class Difference(NamedTuple):
    """One thing of a height that is not as it must be."""

    what: str
    stored: str
    expected: str


class ReplayedHeight(NamedTuple):
    """A height that was computed again; no differences when all is well."""

    height: int
    differences: tuple[Difference, ...]


UNREADABLE: Final = (msgspec.DecodeError, UnicodeDecodeError)
"""What decoding damaged bytes of a store raises."""


def replay(
    store: Store,
    scratch: Application,
    genesis_bytes: bytes,
    load_genesis: GenesisLoader,
    before: Callable[[int], None] | None = None,
) -> Iterator[ReplayedHeight]:
    """Yield each height of a chain as it is computed again, up to the first that differs.

    Args:
        store: the chain to be checked; it is only read.
        scratch: the rules over an empty store, which is filled; or over one that was restored from
            a snapshot, behind which the replay begins.
        genesis_bytes: the genesis file from which the chain must have begun.
        load_genesis: writes the first state.
        before: called with each height above genesis before it is applied; see ``read_ahead.py``.

    Raises:
        StoreError: the store holds no chain or lacks the bodies to begin with, or cannot be read.
    """
    genesis = parse_genesis(genesis_bytes)
    previous = genesis_hash(genesis_bytes)
    restored = scratch.store.head()
    if restored is None:
        height = 0
        finalized = scratch.init_chain(load_genesis, genesis.app_version)
    else:
        header = decode_head(restored).header
        height, previous = header.height + 1, header_hash(header)
    _require_body(store, height)
    while (block := stored_block(store, height)) is not None:
        if height:
            if before is not None:
                before(height)
            finalized = scratch.finalize_block(dataclasses.replace(block.made, height=height))
        signed = block.signed_header
        found = (
            *link_differences(signed, genesis, previous, height),
            *_content_differences(block, finalized),
            *_outcome_differences(store, finalized),
        )
        yield ReplayedHeight(height, found)
        if found:
            return
        scratch.commit(finalized, b"", b"")
        previous = header_hash(signed.header)
        height += 1


def _require_body(store: Store, height: int) -> None:
    """Refuse to replay from a height whose body is not there; raises StoreError."""
    bodies_from = store.extent().bodies_from
    if height < bodies_from:
        raise StoreError(
            f"the store has bodies from height {bodies_from} on, not from {height}: replay from a "
            f"snapshot of height {bodies_from - 1} or above, or on an archive node",
        )
    if store.block(height) is None:
        raise StoreError(f"the store holds no chain: its block of height {height} is missing")


def stored_block(store: Store, height: int) -> StoredBlock | None:
    """Return the block of a height, or None; raises StoreError when it cannot be decoded."""
    raw = store.block(height)
    try:
        return None if raw is None else decode_block(raw)
    except UNREADABLE as error:
        raise StoreError(f"the block of height {height} cannot be decoded: {error}") from None


def link_differences(
    signed: SignedHeader,
    genesis: Genesis,
    previous_hash: bytes,
    height: int,
) -> Iterator[Difference]:
    """Yield how a header breaks the chain: its place, its chain, its link, its signatures."""
    header = signed.header
    expected = (
        ("version", header.version, HEADER_VERSION),
        ("chain_id", header.chain_id, genesis.chain_id),
        ("height", header.height, height),
        ("simulated", header.simulated, genesis.clock == CLOCK_SIMULATED),
        ("previous_hash", header.previous_hash, previous_hash),
    )
    yield from _unequal(expected)
    operators = {operator.public_key for operator in genesis.operators}
    signing_bytes = header_signing_bytes(header_hash(header))
    if not signed.signatures:
        yield Difference("signature", "none", "an operator's")
    if len({public_key for public_key, _ in signed.signatures}) != len(signed.signatures):
        yield Difference("signature", "a key that signed twice", "one signature of each key")
    for public_key, signature in signed.signatures:
        if public_key.hex() not in operators:
            yield Difference("signature", public_key.hex(), "an operator of the genesis file")
        elif not verify_signature(SUITE_ED25519, public_key, signing_bytes, signature):
            yield Difference("signature", signature.hex(), f"one that {public_key.hex()} made")


def _content_differences(block: StoredBlock, finalized: FinalizedBlock) -> Iterator[Difference]:
    header: Header = block.signed_header.header
    return _unequal(
        (
            ("time_ms", header.time_ms, finalized.outcome.time_ms),
            ("transaction_count", header.transaction_count, len(block.transactions)),
            ("transactions_root", header.transactions_root, finalized.transactions_root),
            ("state_root", header.state_root, finalized.state_root),
            ("results_root", header.results_root, finalized.results_root),
            ("events_root", header.events_root, finalized.events_root),
            ("app_version", header.app_version, finalized.app_version),
            ("app_hash", header.app_hash, finalized.app_hash),
        ),
    )


def _outcome_differences(store: Store, finalized: FinalizedBlock) -> Iterator[Difference]:
    """Yield where the results and events that the store keeps are not those of the block."""
    outcome = finalized.outcome
    raw = store.outcome(outcome.height)
    if raw is None:
        yield Difference("outcome", "none", "results and events")
        return
    try:
        stored = decode_outcome(raw)
    except UNREADABLE as error:
        yield Difference("outcome", f"undecodable: {error}", "results and events")
        return
    if stored != StoredOutcome(outcome.results, outcome.event_groups):
        yield Difference("outcome", "other results or events", "those of the block")


def _unequal(rows: tuple[tuple[str, object, object], ...]) -> Iterator[Difference]:
    for what, stored, expected in rows:
        if stored != expected:
            yield Difference(what, _text(stored), _text(expected))


def _text(value: object) -> str:
    return value.hex() if isinstance(value, bytes) else str(value)
