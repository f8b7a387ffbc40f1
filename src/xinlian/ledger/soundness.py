"""Is a store what it says it is?  Every part of it held against its signed headers.

Rules this file keeps:
 1. The headers are the measure: operators signed them, and each names the one before.
 2. Bodies, results, events and state entries must give the roots of their headers; the index of
    transactions must lead to them.
 3. Every tree node is compared with the one that the entries give, and every entry is also read
    by its key, so that a broken index is seen and not only a broken value.
 4. The engine's time of a block is in no header; it must be the one that gives the header's time,
    as the embedded engine derives it.
 5. Of a height without its body the header and the results are held against each other; a store
    that began from a snapshot begins with that height's signed header.
 6. Of the states that are still kept below the head the oldest is undone, entries and tree, to its
    root.
 7. A store that cannot be read is a fault like any other: it is named, never raised.
"""

import dataclasses
import itertools
from collections.abc import Generator, Iterator
from typing import Final, NamedTuple

from xinlian.crypto.merkle import merkle_root
from xinlian.ledger.application import StoredOutcome, decode_outcome
from xinlian.ledger.block import app_hash, event_leaves, result_leaves, transactions_root
from xinlian.ledger.clock import CLOCK_SIMULATED, chain_meta
from xinlian.ledger.genesis import VALIDATORS_SECTION, Genesis, genesis_hash, parse_genesis
from xinlian.ledger.header import (
    Header,
    SignedHeader,
    StoredBlock,
    decode_block,
    decode_head,
    encode_block,
    header_hash,
)
from xinlian.ledger.kept import header_at
from xinlian.ledger.ports import Extent, Snapshot, StateView, Store, StoreError
from xinlian.ledger.replay import UNREADABLE, link_differences
from xinlian.ledger.state_tree import tree_of, tree_root
from xinlian.primitives import InvariantViolation

FIRST_KEY: Final = b""
KEYS_END: Final = b"\xff" * 129
"""Above every key: no key is longer than 128 bytes."""


class Fault(NamedTuple):
    """One thing of a store that is not as it must be; ``height`` -1 where it has none."""

    height: int
    what: str
    detail: str


def check_head(store: Store) -> SignedHeader | None:
    """Return the head if it belongs to the state and the last block; None before genesis.

    Raises:
        StoreError: the store is damaged; the text says in what.
    """
    raw = store.head()
    try:
        with store.snapshot() as snapshot:
            if raw is None:
                if snapshot.height != -1 or store.block(store.extent().bodies_from) is not None:
                    raise StoreError("the store is damaged: it has blocks and no head")
                return None
            head = decode_head(raw)
            meta = chain_meta(snapshot)
            place = (snapshot.height, meta.height, meta.time_ms)
            height = head.header.height
            if place != (height, height, head.header.time_ms):
                raise StoreError(f"the store is damaged: head {height}, state {place}")
            if header_at(store, height) != head:
                raise StoreError(f"the store is damaged: the head is not of block {height}")
            if tree_root(snapshot) != head.header.state_root:
                raise StoreError("the store is damaged: the tree's root is not the head's")
            return head
    except (*UNREADABLE, InvariantViolation) as error:
        raise StoreError(f"the store is damaged: {error}") from None


def require_sound_state(store: Store) -> None:
    """Refuse to serve a state whose entries do not give the root of the signed head.

    Raises:
        StoreError: the store is damaged; the text says in what.
    """
    head = check_head(store)
    if head is None:
        return
    with store.snapshot() as snapshot:
        root = tree_of(snapshot.scan(FIRST_KEY, KEYS_END)).root
    if root != head.header.state_root:
        raise StoreError(
            f"the store is damaged: its entries do not give the state root of height "
            f"{head.header.height}; restore a backup, and run `xinlian doctor` to see where",
        )


def faults(store: Store, genesis_bytes: bytes) -> Iterator[Fault]:
    """Yield everything of a store that its signed headers do not bear out."""
    try:
        head = check_head(store)
    except StoreError as error:
        yield Fault(-1, "head", str(error))
        head = None
    try:
        height = yield from _chain_faults(_Chain(store, genesis_bytes))
        if head is not None and head.header.height != height:
            yield Fault(height + 1, "block", f"missing below the head {head.header.height}")
        if head is not None:
            with store.snapshot() as snapshot:
                yield from _state_faults(snapshot, head.header)
            yield from _history_faults(store, height)
    except StoreError as error:
        yield Fault(-1, "store", str(error))


@dataclasses.dataclass(slots=True)
class _Chain:
    """A walk over the headers of a store, and what the next one must follow."""

    store: Store
    genesis_bytes: bytes
    height: int = 0
    previous_hash: bytes = b""
    last_ms: int = -1

    def follow(self, header: Header) -> None:
        """Take a header as the one before the next."""
        self.previous_hash = header_hash(header)
        self.last_ms = header.time_ms
        self.height += 1


def _chain_faults(chain: _Chain) -> Generator[Fault, None, int]:
    """Yield what is wrong with headers, bodies and outcomes; return the height of the last."""
    store = chain.store
    genesis = parse_genesis(chain.genesis_bytes)
    extent = store.extent()
    chain.height = extent.begins_at
    chain.previous_hash = genesis_hash(chain.genesis_bytes)
    yield from _beginning_faults(chain, extent)
    yield from _pruned_faults(chain, extent, genesis)
    while (raw := store.block(chain.height)) is not None:
        try:
            yield from _block_faults(chain, raw, genesis)
        except UNREADABLE as error:
            yield Fault(chain.height, "block", f"cannot be decoded: {error}")
            return chain.height
    if store.outcome(chain.height) is not None:
        yield Fault(chain.height, "outcome", "there is one without its block")
    return chain.height - 1


def _beginning_faults(chain: _Chain, extent: Extent) -> Iterator[Fault]:
    """Yield where a store that began from a snapshot is of another chain."""
    origin = chain.store.origin()
    if (origin is None) != (extent.begins_at == 0):
        yield Fault(extent.begins_at, "origin", "it does not say from which snapshot it began")
    if origin is not None and origin != chain.previous_hash:
        yield Fault(extent.begins_at, "origin", f"{origin.hex()}, not the genesis file's")
    signed = header_at(chain.store, extent.begins_at)
    if origin is not None and signed is not None:  # nothing before it is known here
        chain.previous_hash = signed.header.previous_hash


def _pruned_faults(chain: _Chain, extent: Extent, genesis: Genesis) -> Iterator[Fault]:
    """Yield what is wrong with the heights of which there is no body."""
    store = chain.store
    while chain.height < extent.bodies_from:
        height = chain.height
        raw = store.header(height)
        if raw is None:
            yield Fault(height, "header", "missing")
            return
        try:
            signed = decode_head(raw)
            for broken in link_differences(signed, genesis, chain.previous_hash, height):
                yield Fault(height, broken.what, f"{broken.stored}, not {broken.expected}")
            chain.follow(signed.header)
            if store.origin() is None or height > extent.begins_at:
                yield from _kept_result_faults(store, signed.header)
        except UNREADABLE as error:
            yield Fault(height, "header", f"cannot be decoded: {error}")
            return


def _kept_result_faults(store: Store, header: Header) -> Iterator[Fault]:
    """Yield where the results that were kept do not give their root."""
    raw = store.outcome(header.height)
    if raw is None:
        yield Fault(header.height, "outcome", "missing")
        return
    outcome = decode_outcome(raw)
    roots = (
        ("results_root", header.results_root, merkle_root(result_leaves(outcome.results))),
        ("app_hash", header.app_hash, _app_hash(header)),
    )
    yield from _root_faults(header.height, roots)
    yield from _location_faults(store, outcome, header.height)


def _block_faults(chain: _Chain, raw: bytes, genesis: Genesis) -> Iterator[Fault]:
    """Yield what is wrong with a height that has its body."""
    height = chain.height
    block = decode_block(raw)
    header = block.signed_header.header
    for broken in link_differences(block.signed_header, genesis, chain.previous_hash, height):
        yield Fault(height, broken.what, f"{broken.stored}, not {broken.expected}")
    if encode_block(block) != raw:
        yield Fault(height, "block", "not the bytes that were written")
    expected_ms = _engine_time_ms(genesis, block, chain.last_ms)
    if block.engine_time_ms != expected_ms:
        yield Fault(height, "engine_time", f"{block.engine_time_ms}, not {expected_ms}")
    yield from _body_faults(chain.store, block, height)
    chain.follow(header)


def _engine_time_ms(genesis: Genesis, block: StoredBlock, last_ms: int) -> int:
    """Return the engine's time that gives the block's time.

    A live clock that stood behind the block before had no effect: then any such time is right.  A
    simulated one of validators goes on at their pace, moved by an offset that the state has.
    """
    if genesis.clock == CLOCK_SIMULATED and VALIDATORS_SECTION in genesis.sections:
        return block.engine_time_ms
    if genesis.clock == CLOCK_SIMULATED:
        return genesis.genesis_time_ms + block.signed_header.header.height
    time_ms = block.signed_header.header.time_ms
    is_behind = time_ms == last_ms + 1 and block.engine_time_ms <= time_ms
    return block.engine_time_ms if is_behind else time_ms


def _body_faults(store: Store, block: StoredBlock, height: int) -> Iterator[Fault]:
    """Yield where bodies, results and events do not give the roots of their header."""
    header = block.signed_header.header
    raw = store.outcome(height)
    if raw is None:
        yield Fault(height, "outcome", "missing")
        return
    outcome = decode_outcome(raw)
    roots = (
        ("transactions_root", header.transactions_root, transactions_root(block.transactions)),
        ("results_root", header.results_root, merkle_root(result_leaves(outcome.results))),
        ("events_root", header.events_root, merkle_root(event_leaves(outcome.event_groups))),
        ("app_hash", header.app_hash, _app_hash(header)),
    )
    yield from _root_faults(height, roots)
    yield from _location_faults(store, outcome, height)


def _root_faults(height: int, roots: tuple[tuple[str, bytes, bytes], ...]) -> Iterator[Fault]:
    for what, signed, computed in roots:
        if signed != computed:
            yield Fault(height, what, f"{signed.hex()}, not {computed.hex()}")


def _location_faults(store: Store, outcome: StoredOutcome, height: int) -> Iterator[Fault]:
    for index, result in enumerate(outcome.results):
        if result.consumed and store.locate(result.transaction_id) != (height, index):
            yield Fault(height, "location", f"transaction {result.transaction_id.hex()}")


def _app_hash(header: Header) -> bytes:
    return app_hash(
        header.height,
        header.state_root,
        header.results_root,
        header.events_root,
        header.app_version,
    )


def _state_faults(snapshot: Snapshot, header: Header) -> Iterator[Fault]:
    """Yield where the entries, or the tree over them, do not give the head's root."""
    height = header.height
    tree = tree_of(snapshot.scan(FIRST_KEY, KEYS_END))
    if tree.root != header.state_root:
        yield Fault(height, "state_root", f"{header.state_root.hex()}, not {tree.root.hex()}")
    for path, node in tree.node_writes.items():
        if snapshot.get_node(path) != node:
            yield Fault(height, "tree node", f"at path {path.hex() or 'root'}")
    for key, value in snapshot.scan(FIRST_KEY, KEYS_END):
        if snapshot.get(key) != value:
            yield Fault(height, "state index", f"key {key.hex()} is not found by itself")


def _history_faults(store: Store, head_height: int) -> Iterator[Fault]:
    """Yield where the oldest state that is kept does not have the root of its header."""
    oldest = store.extent().states_from
    signed = header_at(store, oldest)
    if signed is None or oldest == head_height:
        return
    with store.snapshot_at(oldest) as past:
        roots = tree_root(past), tree_of(past.scan(FIRST_KEY, KEYS_END)).root
    for root in roots:
        if root != signed.header.state_root:
            yield Fault(oldest, "history", f"{signed.header.state_root.hex()}, not {root.hex()}")


class DifferingKey(NamedTuple):
    """The first key at which two states differ; None where a state lacks it."""

    key: bytes
    left: bytes | None
    right: bytes | None


def first_differing_key(left: StateView, right: StateView) -> DifferingKey | None:
    """Return the smallest key at which two states differ, or None when they are equal."""
    entries_left = left.scan(FIRST_KEY, KEYS_END)
    entries_right = right.scan(FIRST_KEY, KEYS_END)
    for entry_left, entry_right in itertools.zip_longest(entries_left, entries_right):
        if entry_left != entry_right:
            key = min(entry[0] for entry in (entry_left, entry_right) if entry is not None)
            return DifferingKey(key, left.get(key), right.get(key))
    return None
