"""Bodies go, headers and results stay, and every stop leaves a store that goes on."""

import msgspec
import pytest

from xinlian.ledger.application import decode_outcome
from xinlian.ledger.header import decode_block
from xinlian.ledger.kept import header_at
from xinlian.ledger.ports import StoreError
from xinlian.ledger.pruning import prune
from xinlian.ledger.soundness import faults
from xinlian.modules.accounts.messages import Transfer
from xinlian.storage import LmdbStore, MemoryStore
from xinlian.testing import Consortium

PAYMENTS = 5


@pytest.fixture(params=["memory", "lmdb"])
def chain(request, tmp_path):
    """A chain that keeps two old heights: (store, consortium)."""
    store: MemoryStore | LmdbStore = MemoryStore(history_heights=2)
    if request.param == "lmdb":
        store = LmdbStore(tmp_path, map_bytes=64 << 20, durable=False, history_heights=2)
    consortium = Consortium(store)
    payment = Transfer(consortium.account("core"), consortium.account("bank"), 5)
    for _ in range(PAYMENTS):
        consortium.send("core", payment)
    yield store, consortium
    consortium.close()
    store.close()


def test_headers_and_results_stay_and_bodies_and_events_go(chain):
    store, consortium = chain
    before = {
        height: (decode_block(store.block(height)), decode_outcome(store.outcome(height)))
        for height in range(PAYMENTS + 1)
    }
    assert list(prune(store, 3)) == [3]
    for height, (block, outcome) in before.items():
        assert header_at(store, height) == block.signed_header
        kept = decode_outcome(store.outcome(height))
        assert kept.results == outcome.results
        assert kept.event_groups == (() if height < 3 else outcome.event_groups)
        assert (store.block(height) is None) == (height < 3)
    assert list(faults(store, consortium.genesis_bytes)) == []
    assert list(prune(store, 3)) == list(prune(store, 0)) == []


def test_the_head_keeps_its_body_whatever_is_asked(chain):
    store, consortium = chain
    assert list(prune(store, 1_000)) == [PAYMENTS]
    assert store.extent().bodies_from == PAYMENTS
    assert store.block(PAYMENTS) is not None
    payment = Transfer(consortium.account("core"), consortium.account("bank"), 5)
    _, committed = consortium.send("core", payment)
    assert committed.height == PAYMENTS + 1
    assert list(faults(store, consortium.genesis_bytes)) == []


def test_a_stop_between_steps_leaves_a_sound_store_that_is_pruned_further(chain, monkeypatch):
    store, consortium = chain
    monkeypatch.setattr("xinlian.ledger.pruning.HEIGHTS_PER_STEP", 2)
    assert list(prune(store, 5, steps_max=1)) == [2]
    assert list(faults(store, consortium.genesis_bytes)) == []
    assert list(prune(store, 5)) == [4, 5]
    assert list(faults(store, consortium.genesis_bytes)) == []


def test_a_step_ends_when_it_has_kept_enough(chain, monkeypatch):
    store, _ = chain
    monkeypatch.setattr("xinlian.ledger.pruning.RESULT_BYTES_PER_STEP", 10)
    assert list(prune(store, 4)) == [2, 3, 4], "genesis has no result, so a second height follows"


def test_old_states_go_with_the_bodies_of_their_heights(chain):
    store, _ = chain
    assert store.extent().states_from == PAYMENTS - 2
    list(prune(store, PAYMENTS - 1))
    assert store.extent().states_from == PAYMENTS - 1
    with store.snapshot_at(PAYMENTS - 1) as past:
        assert past.height == PAYMENTS - 1


def test_a_body_that_is_missing_or_damaged_is_told_and_nothing_is_pruned():
    store = MemoryStore()
    consortium = Consortium(store)
    for _ in range(4):
        consortium.send("core", Transfer(consortium.account("core"), consortium.account("bank"), 5))
    consortium.close()
    right = store._blocks[1]
    store._blocks[1] = msgspec.msgpack.encode("no block")
    with pytest.raises(StoreError, match="decoded"):
        list(prune(store, 3))
    del store._blocks[1]
    with pytest.raises(StoreError, match="no body"):
        list(prune(store, 3))
    assert store.extent().bodies_from == 0
    store._blocks[1] = right
    assert list(prune(store, 3)) == [3]
