from unit.storage.batches import batch
from xinlian.storage import MemoryStore, memory


def test_what_it_keeps_is_lost_with_the_process():
    store = MemoryStore()
    store.commit(batch(0, {b"key": b"value"}))
    store.close()
    assert MemoryStore().head() is None


def test_a_view_that_is_taken_while_a_height_is_written_is_of_the_height_before(monkeypatch):
    store, taken = MemoryStore(), []
    store.commit(batch(0, {b"a": b"1"}))

    def merged_meanwhile(before, writes):
        taken.append(store.snapshot())
        return {**before, **{key: value for key, value in writes.items() if value is not None}}

    monkeypatch.setattr(memory, "_merged", merged_meanwhile)
    store.commit(batch(1, {b"b": b"2"}))
    for view in taken:
        assert view.height == 0
        assert list(view.scan(b"", b"z")) == [(b"a", b"1")]
        assert view.get(b"b") is None
    assert list(store.snapshot().scan(b"", b"z")) == [(b"a", b"1"), (b"b", b"2")]
