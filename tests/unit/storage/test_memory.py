from unit.storage.batches import batch
from xinlian.storage import MemoryStore


def test_what_it_keeps_is_lost_with_the_process():
    store = MemoryStore()
    store.commit(batch(0, {b"key": b"value"}))
    store.close()
    assert MemoryStore().head() is None
