"""Pruning beside a running node: as far as it was told, and never further than it may."""

import threading

import pytest

from unit.storage.batches import batch, lmdb_store
from xinlian.ledger.application import StoredOutcome
from xinlian.ledger.header import Header, SignedHeader, StoredBlock, encode_block
from xinlian.ledger.ports import CommitBatch
from xinlian.ledger.pruning import HEIGHTS_PER_STEP, _encode
from xinlian.storage import Pruner
from xinlian.storage.memory import MemoryStore

WAIT_SECONDS = 30
KEPT = 10
HASH = bytes(32)


class Watched(MemoryStore):
    """A store that tells when a step was pruned."""

    def __init__(self):
        super().__init__()
        self.pruned = threading.Semaphore(0)

    def prune(self, heights):
        super().prune(heights)
        self.pruned.release()


def filled(store, first, last):
    outcome = _encode(StoredOutcome((), ()))
    for height in range(first, last + 1):
        header = Header(1, "c", height, height, True, HASH, HASH, 0, HASH, HASH, HASH, 1, HASH)
        block = encode_block(StoredBlock(SignedHeader(header, ()), 0, ()))
        store.commit(CommitBatch(height, b"head", block, outcome, {}, {}, {}))


def test_the_bodies_of_the_last_heights_stay():
    store = Watched()
    pruner = Pruner(store, KEPT, lambda: 10**9)
    head = 2 * HEIGHTS_PER_STEP + KEPT
    filled(store, 0, head)
    pruner.notify(head)
    for _ in range(3):  # two whole steps, and one height
        assert store.pruned.acquire(timeout=WAIT_SECONDS)
    pruner.close()
    assert store.extent().bodies_from == head - KEPT + 1


def test_it_goes_no_further_than_it_may_at_that_moment():
    store, allowed = Watched(), [5]
    pruner = Pruner(store, KEPT, lambda: allowed[0])
    filled(store, 0, 200)
    pruner.notify(200)
    assert store.pruned.acquire(timeout=WAIT_SECONDS)
    assert store.extent().bodies_from == 5
    allowed[0] = 80
    filled(store, 201, 201)
    pruner.notify(201)
    for _ in range(2):
        assert store.pruned.acquire(timeout=WAIT_SECONDS)
    pruner.close()
    assert store.extent().bodies_from == 80


def test_less_than_a_step_is_left_for_later():
    store = Watched()
    pruner = Pruner(store, KEPT, lambda: 10**9)
    filled(store, 0, KEPT + HEIGHTS_PER_STEP - 2)
    pruner.notify(KEPT + HEIGHTS_PER_STEP - 2)
    pruner.close()
    assert store.extent().bodies_from == 0


@pytest.mark.parametrize("make_store", [lambda _: MemoryStore(), lmdb_store])
def test_a_damaged_body_ends_pruning_and_nothing_else(make_store, tmp_path):
    store = make_store(tmp_path)
    for height in range(HEIGHTS_PER_STEP + KEPT):
        store.commit(batch(height))
    pruner = Pruner(store, KEPT, lambda: 10**9)
    pruner.notify(HEIGHTS_PER_STEP + KEPT - 1)
    pruner._thread.join(WAIT_SECONDS)
    assert not pruner._thread.is_alive()
    assert store.extent().bodies_from == 0
    store.commit(batch(HEIGHTS_PER_STEP + KEPT))
    pruner.close()
    store.close()
