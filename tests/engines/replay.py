"""Looking at a chain that an engine left behind, without the engine."""

from collections.abc import Iterator

from xinlian.bootstrap import GenesisState, broken_invariants, build_contracts
from xinlian.ledger.application import Application, decode_outcome
from xinlian.ledger.clock import chain_meta
from xinlian.ledger.genesis import genesis_hash, parse_genesis
from xinlian.ledger.header import StoredBlock, decode_block, decode_head, header_hash
from xinlian.ledger.ports import Store
from xinlian.ledger.state_tree import tree_root, update_tree
from xinlian.storage import MemoryStore


def stored_block(store: Store, height: int) -> StoredBlock:
    """Return the block of a height that must be there."""
    found = store.block(height)
    assert found is not None, height
    return decode_block(found)


def check_whole(store: Store) -> int:
    """Check that the store shows one height and all of it; return the height."""
    head = store.head()
    assert head is not None
    header = decode_head(head).header
    with store.snapshot() as snapshot, MemoryStore().snapshot() as empty:
        assert snapshot.height == header.height
        meta = chain_meta(snapshot)
        assert (meta.height, meta.time_ms) == (header.height, header.time_ms)
        assert tree_root(snapshot) == header.state_root
        entries: dict[bytes, bytes | None] = dict(snapshot.scan(b"", b"\xff" * 64))
        assert update_tree(empty, entries).root == header.state_root
        assert broken_invariants(snapshot) == []
    assert stored_block(store, header.height).signed_header.header == header
    assert store.outcome(header.height) is not None
    assert store.block(header.height + 1) is None
    assert store.outcome(header.height + 1) is None
    return header.height


def check_whole_between_blocks(store: Store) -> int:
    """Check a store that goes on: again where a block came meanwhile; return the height."""
    while True:
        head = store.head()
        try:
            return check_whole(store)
        except AssertionError:
            if store.head() == head:
                raise


def outcome_of(store: Store, transaction_id: bytes) -> tuple[int, str, int]:
    """Return (height, codespace, code) of a transaction that must be there."""
    location = store.locate(transaction_id)
    assert location is not None, transaction_id.hex()
    height, index = location
    outcome = store.outcome(height)
    assert outcome is not None
    result = decode_outcome(outcome).results[index]
    assert result.transaction_id == transaction_id
    return height, result.codespace, result.code


def replayed_app_hashes(store: Store, genesis_bytes: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Yield (stored, replayed) application hash of every height, from genesis on."""
    genesis = parse_genesis(genesis_bytes)
    contracts = build_contracts()
    application = Application(MemoryStore(), contracts)
    finalized = application.init_chain(GenesisState(genesis, contracts), genesis.app_version)
    previous = genesis_hash(genesis_bytes)
    height = 0
    while store.block(height) is not None:
        block = stored_block(store, height)
        header = block.signed_header.header
        if height:
            finalized = application.finalize_block(block.made)
        assert header.previous_hash == previous
        yield header.app_hash, finalized.app_hash
        application.commit(finalized, b"", b"")
        previous = header_hash(header)
        height += 1
