"""Every part of a store is held against its signed headers; each harm is named for what it is."""

import msgspec
import pytest

from unit.ledger.fakes import TableView
from xinlian.engines.embedded import WatchedClock
from xinlian.ledger.application import StoredOutcome, decode_outcome
from xinlian.ledger.genesis import genesis_hash
from xinlian.ledger.header import decode_block, encode_block, encode_head
from xinlian.ledger.ports import PrunedHeight, StoreError
from xinlian.ledger.soundness import (
    DifferingKey,
    check_head,
    faults,
    first_differing_key,
    require_sound_state,
)
from xinlian.modules.accounts.messages import Transfer
from xinlian.storage import MemoryStore
from xinlian.testing import Consortium
from xinlian.testing.consortium import GENESIS_TIME_MS


@pytest.fixture
def chain():
    store = MemoryStore()
    consortium = Consortium(store)
    payment = Transfer(consortium.account("core"), consortium.account("bank"), 5)
    for _ in range(3):
        consortium.send("core", payment)
    consortium.close()
    return store, consortium.genesis_bytes


def named(store, genesis_bytes):
    return [(fault.height, fault.what) for fault in faults(store, genesis_bytes)]


def test_a_sound_store_has_no_fault(chain):
    store, genesis_bytes = chain
    assert named(store, genesis_bytes) == []
    require_sound_state(store)
    assert check_head(store) is not None
    assert check_head(MemoryStore()) is None
    require_sound_state(MemoryStore())


def test_a_changed_entry_is_seen_in_the_root_and_refused_at_start(chain):
    store, genesis_bytes = chain
    key = store._keys[-1]
    store._state[key] += b"\0"
    assert (3, "state_root") in named(store, genesis_bytes)
    with pytest.raises(StoreError, match="do not give the state root"):
        require_sound_state(store)
    check_head(store)  # the tree itself is whole: only the entries tell


def test_a_changed_or_missing_node_is_named_by_its_path(chain):
    store, genesis_bytes = chain
    path = max(store._nodes)
    node = store._nodes[path]
    for other in (node[:-1] + bytes((node[-1] ^ 1,)), None):
        if other is None:
            del store._nodes[path]
        else:
            store._nodes[path] = other
        assert (3, "tree node") in named(store, genesis_bytes)


def test_an_entry_that_its_index_does_not_find_is_named(chain):
    store, genesis_bytes = chain
    snapshot = type(store.snapshot())
    key = store._keys[0]
    original = snapshot.get
    try:
        snapshot.get = lambda self, asked: None if asked == key else original(self, asked)
        assert (3, "state index") in named(store, genesis_bytes)
    finally:
        snapshot.get = original


@pytest.mark.parametrize("field", ["transactions_root", "results_root", "events_root", "app_hash"])
def test_a_header_with_another_root_is_named(chain, field):
    store, genesis_bytes = chain
    block = decode_block(store.block(2))
    header = msgspec.structs.replace(block.signed_header.header, **{field: bytes(32)})
    signed = msgspec.structs.replace(block.signed_header, header=header)
    store._blocks[2] = encode_block(msgspec.structs.replace(block, signed_header=signed))
    found = named(store, genesis_bytes)
    assert {(2, "signature"), (2, field), (3, "previous_hash")} <= set(found)


def test_an_engine_time_that_does_not_give_the_time_of_its_header_is_named(chain):
    store, genesis_bytes = chain
    move_engine_time(store, 2, 1)
    assert named(store, genesis_bytes) == [(2, "engine_time")]


def test_a_second_spelling_of_a_block_is_named(chain):
    store, genesis_bytes = chain
    raw = store.block(2)
    assert raw[-1] != 0x90
    store._blocks[2] = b"\xdc\x00\x03" + raw[1:]  # an array of three, with a longer header
    assert named(store, genesis_bytes) == [(2, "block")]


def move_engine_time(store, height, by_ms):
    block = decode_block(store.block(height))
    moved = msgspec.structs.replace(block, engine_time_ms=block.engine_time_ms + by_ms)
    store._blocks[height] = encode_block(moved)


def test_on_a_live_clock_the_engine_time_is_that_of_the_header_or_behind_it():
    store = MemoryStore()
    wall_ms = [GENESIS_TIME_MS + 5_000]
    clock = WatchedClock(None, lambda: wall_ms[0], lambda: 0)
    consortium = Consortium(store, clock=clock)
    organisation = consortium["core"]
    payment = Transfer(consortium.account("core"), consortium.account("bank"), 5)
    for passed_ms in (0, 7, -3_000):  # backward: consensus time goes on by a millisecond
        wall_ms[0] += passed_ms
        intent = organisation.intend(payment, valid_until_ms=GENESIS_TIME_MS + 60_000)
        consortium.engine.submit(intent.sign(organisation.keys_of("finance-1")).raw).result(60)
    consortium.close()
    assert named(store, consortium.genesis_bytes) == []
    move_engine_time(store, 2, -1)
    assert named(store, consortium.genesis_bytes) == [(2, "engine_time")]


def test_missing_and_unreadable_parts_are_named_and_never_raised(chain):
    store, genesis_bytes = chain
    (transaction_id,) = [name for name, place in store._locations.items() if place == (2, 0)]
    del store._locations[transaction_id]
    del store._outcomes[1]
    assert named(store, genesis_bytes) == [(1, "outcome"), (2, "location")]
    store._blocks[1] = b"\xc1"
    assert named(store, genesis_bytes)[0] == (1, "block")
    del store._blocks[1]
    assert (1, "block") in named(store, genesis_bytes)


def test_a_head_that_is_not_of_its_state_or_block_is_named(chain):
    store, genesis_bytes = chain
    head = store._head
    for wrong in (b"\xc1", msgspec.msgpack.encode(decode_block(store.block(2)).signed_header)):
        store._head = wrong
        assert named(store, genesis_bytes)[0] == (-1, "head")
    store._head = head
    store._blocks[3] = store._blocks[2]
    with pytest.raises(StoreError, match="not of block 3"):
        check_head(store)
    store._head = None
    with pytest.raises(StoreError, match="no head"):
        check_head(store)


def test_the_first_key_at_which_two_states_differ_is_the_smallest():
    left = TableView({b"a": b"1", b"b": b"2", b"d": b"4"})
    assert first_differing_key(left, TableView(left.table)) is None
    cases = [
        ({b"a": b"1", b"b": b"9", b"d": b"5"}, DifferingKey(b"b", b"2", b"9")),
        ({b"a": b"1", b"d": b"4"}, DifferingKey(b"b", b"2", None)),
        ({b"a": b"1", b"b": b"2", b"c": b"3", b"d": b"4"}, DifferingKey(b"c", None, b"3")),
        ({b"a": b"1", b"b": b"2"}, DifferingKey(b"d", b"4", None)),
        ({}, DifferingKey(b"a", b"1", None)),
    ]
    for right, expected in cases:
        assert first_differing_key(left, TableView(right)) == expected


def without_bodies(store, before):
    """Prune a store by hand, as the pruning of nodes does."""
    for height in range(before):
        block, outcome = decode_block(store.block(height)), decode_outcome(store.outcome(height))
        kept = msgspec.msgpack.encode(StoredOutcome(outcome.results, ()))
        store.prune([PrunedHeight(height, encode_head(block.signed_header), kept)])


def test_a_pruned_store_is_sound_and_its_headers_and_results_are_still_held_together(chain):
    store, genesis_bytes = chain
    without_bodies(store, 3)
    assert named(store, genesis_bytes) == []
    header, outcome = store._headers[1], decode_outcome(store.outcome(1))
    result = msgspec.structs.replace(outcome.results[0], code=7)
    store._outcomes[1] = msgspec.msgpack.encode(StoredOutcome((result,), ()))
    assert named(store, genesis_bytes) == [(1, "results_root")]
    del store._outcomes[1]
    assert named(store, genesis_bytes) == [(1, "outcome")]
    store._headers[1] = b"\xc1"
    assert named(store, genesis_bytes)[0] == (1, "header")
    del store._headers[1]
    assert named(store, genesis_bytes)[0] == (1, "header")
    store._headers[1] = header[:-1] + bytes((header[-1] ^ 1,))
    assert (1, "signature") in named(store, genesis_bytes)


def test_a_store_that_began_from_a_snapshot_is_sound_and_says_of_which_chain(chain):
    store, genesis_bytes = chain
    begun = MemoryStore()
    begun.stage(dict(store._state), dict(store._nodes))
    begun.begin_at(3, store.head(), genesis_hash(genesis_bytes))
    assert named(begun, genesis_bytes) == []
    begun._origin = bytes(32)
    assert named(begun, genesis_bytes) == [(3, "origin")]
    begun._origin = None
    assert (3, "origin") in named(begun, genesis_bytes)


def test_an_old_state_that_does_not_undo_to_its_root_is_named():
    store = MemoryStore(history_heights=2)
    consortium = Consortium(store)
    for _ in range(3):
        consortium.send("core", Transfer(consortium.account("core"), consortium.account("bank"), 5))
    consortium.close()
    assert named(store, consortium.genesis_bytes) == []
    root = store._history[1]._nodes[b""]
    store._history[1]._nodes[b""] = store._history[2]._nodes[b""]
    assert named(store, consortium.genesis_bytes) == [(1, "history")]
    past = store._history[1]
    past._nodes[b""], past._state[past._keys[0]] = root, b"another value"
    assert named(store, consortium.genesis_bytes) == [(1, "history")]
