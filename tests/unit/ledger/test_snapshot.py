"""Snapshots: equal on every node, and nothing of them is believed."""

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from unit.ledger.fakes import TableView
from xinlian.crypto.ed25519 import SigningKey
from xinlian.ledger import limits, snapshot
from xinlian.ledger.genesis import genesis_hash
from xinlian.ledger.header import encode_head, header_hash, header_signing_bytes
from xinlian.ledger.kept import header_at
from xinlian.ledger.ports import CommitBatch, StoreError
from xinlian.ledger.snapshot import (
    CHUNK_BYTES_MAX,
    Manifest,
    ManifestDraft,
    Restoration,
    SnapshotInvalid,
    check_signed,
    chunk_hash,
    chunks,
    decode_manifest,
    encode_manifest,
)
from xinlian.modules.accounts.messages import Transfer
from xinlian.storage import LmdbStore, MemoryStore
from xinlian.testing import Consortium


@pytest.fixture(scope="module")
def chain():
    """A short chain; (store, genesis bytes)."""
    store = MemoryStore()
    consortium = Consortium(store)
    for _ in range(3):
        consortium.send("core", Transfer(consortium.account("core"), consortium.account("bank"), 5))
    consortium.close()
    return store, consortium.genesis_bytes


@pytest.fixture(autouse=True)
def small_chunks(monkeypatch):
    monkeypatch.setattr(snapshot, "CHUNK_BYTES", 2_000)


def taken(store, genesis_bytes):
    """Return the manifest and chunks of a store's head."""
    draft = ManifestDraft()
    with store.snapshot() as view:
        found = list(chunks(view))
        head = header_at(store, view.height)
    assert head is not None
    for chunk, count in found:
        draft.add(chunk, count)
    return draft.finish(head, genesis_hash(genesis_bytes)), [chunk for chunk, _ in found]


def restored(manifest, parts, target=None):
    target = MemoryStore() if target is None else target
    restoration = Restoration(target, manifest)
    for part in parts:
        restoration.apply(part)
    restoration.finish()
    return target


entries = st.dictionaries(
    st.binary(min_size=1, max_size=40),
    st.binary(max_size=3_000),
    max_size=20,
)


@given(entries)
def test_chunks_are_bounded_and_hold_every_entry_once_in_order(table):
    found = list(chunks(TableView(table)))
    decoded = [msgspec.msgpack.decode(chunk) for chunk, _ in found]
    assert [tuple(entry) for part in decoded for entry in part] == sorted(table.items())
    assert [count for _, count in found] == [len(part) for part in decoded]
    for part, (chunk, _) in zip(decoded, found, strict=True):
        assert len(part) == 1 or len(chunk) <= snapshot.CHUNK_BYTES


def test_the_largest_entry_fits_a_chunk():
    largest = {b"k" * limits.STATE_KEY_BYTES_MAX: b"v" * limits.STATE_VALUE_BYTES_MAX}
    ((chunk, _),) = chunks(TableView(largest))
    assert len(chunk) < CHUNK_BYTES_MAX


@given(st.lists(entries, min_size=1, max_size=4), st.randoms(use_true_random=False))
@settings(max_examples=20, deadline=None)
def test_stores_with_other_histories_give_the_same_chunks(tmp_path_factory, heights, shuffled):
    """One store took the heights with restarts between, another everything at once, shuffled."""
    folder = tmp_path_factory.mktemp("store")
    table: dict[bytes, bytes | None] = {}
    for height, writes in enumerate(heights):
        removed = dict.fromkeys(list(table)[: height * 3])
        store = LmdbStore(folder, map_bytes=16 << 20, durable=False, history_heights=height)
        changes = {**removed, **writes}
        store.commit(CommitBatch(height, b"head", b"", b"", changes, {}, {}))
        store.close()
        table = {**table, **changes}
        table = {key: value for key, value in table.items() if value is not None}
    at_once = list(table.items())
    shuffled.shuffle(at_once)
    memory = MemoryStore()
    memory.commit(CommitBatch(0, b"head", b"", b"", dict(at_once), {}, {}))
    store = LmdbStore(folder, map_bytes=16 << 20)
    with store.snapshot() as left, memory.snapshot() as right:
        assert list(chunks(left)) == list(chunks(right))
    store.close()


def test_a_restored_store_has_the_state_the_tree_and_the_head_and_goes_on_alike(chain):
    store, genesis_bytes = chain
    manifest, parts = taken(store, genesis_bytes)
    assert len(parts) > 3
    target = restored(manifest, parts)
    assert target.head() == store.head()
    assert (target.origin(), target.extent()) == (genesis_hash(genesis_bytes), (3, 4, 3))
    assert taken(target, genesis_bytes) == (manifest, parts)
    assert target._nodes == store._nodes
    assert target.block(3) is None
    assert header_at(target, 3) == header_at(store, 3)
    assert header_at(target, 2) is None


@pytest.mark.parametrize("at", [0, 2, -1])
def test_a_chunk_with_any_byte_changed_is_refused_and_the_right_one_may_still_come(chain, at):
    manifest, parts = taken(*chain)
    target = MemoryStore()
    restoration = Restoration(target, manifest)
    for index, part in enumerate(parts):
        if index == at % len(parts):
            for place in (0, len(part) // 2, len(part) - 1):
                wrong = part[:place] + bytes((part[place] ^ 1,)) + part[place + 1 :]
                with pytest.raises(SnapshotInvalid, match=f"chunk {index}"):
                    restoration.apply(wrong)
            assert restoration.next_chunk == index
        restoration.apply(part)
    restoration.finish()
    assert target.head() is not None


def test_chunks_out_of_order_missing_or_in_excess_are_refused(chain):
    manifest, parts = taken(*chain)
    target = MemoryStore()
    restoration = Restoration(target, manifest)
    with pytest.raises(SnapshotInvalid, match="chunk 0"):
        restoration.apply(parts[1])
    for part in parts[:-1]:
        restoration.apply(part)
    with pytest.raises(SnapshotInvalid, match="1 chunks are missing"):
        restoration.finish()
    assert target.head() is None, "nothing can be served of it"
    restoration.apply(parts[-1])
    with pytest.raises(SnapshotInvalid, match="more chunks"):
        restoration.apply(parts[-1])
    restoration.finish()


def claiming(manifest, parts):
    """Return a manifest that names other chunks, as somebody who wants to be believed would."""
    return msgspec.structs.replace(
        manifest,
        chunk_hashes=tuple(chunk_hash(part) for part in parts),
        entry_count=sum(len(msgspec.msgpack.decode(part)) for part in parts),
    )


def test_entries_that_do_not_give_the_signed_root_are_never_served(chain):
    manifest, parts = taken(*chain)
    first = msgspec.msgpack.decode(parts[0])
    first[1][1] += b"\0"
    for wrong in (
        [msgspec.msgpack.encode(first), *parts[1:]],
        parts[1:],
        [*parts, msgspec.msgpack.encode([(b"\xff" * 40, b"one more")])],
    ):
        target = MemoryStore()
        with pytest.raises(SnapshotInvalid, match="state root"):
            restored(claiming(manifest, wrong), wrong, target)
        assert target.head() is None


@pytest.mark.parametrize(
    "chunk",
    [
        msgspec.msgpack.encode([]),
        msgspec.msgpack.encode([(b"b", b""), (b"a", b"")]),
        msgspec.msgpack.encode([(b"a", b""), (b"a", b"")]),
        msgspec.msgpack.encode([(b"", b"no key")]),
        msgspec.msgpack.encode([(b"k" * (limits.STATE_KEY_BYTES_MAX + 1), b"")]),
        msgspec.msgpack.encode([(b"k", b"v" * (limits.STATE_VALUE_BYTES_MAX + 1))]),
        msgspec.msgpack.encode([(b"k", b"v", b"more")]),
        msgspec.msgpack.encode({"k": "v"}),
        b"\xdc\x00\x01\x92\xc4\x01k\xc4\x01v",
        b"\xc1",
        b"",
    ],
    ids=repr,
)
def test_a_chunk_that_its_manifest_names_is_refused_for_what_no_state_holds(chain, chunk):
    manifest, _ = taken(*chain)
    claimed = msgspec.structs.replace(manifest, chunk_hashes=(chunk_hash(chunk),))
    with pytest.raises(SnapshotInvalid, match="chunk 0"):
        Restoration(MemoryStore(), claimed).apply(chunk)


def test_a_key_that_was_in_an_earlier_chunk_is_refused(chain):
    manifest, parts = taken(*chain)
    again = msgspec.msgpack.encode(msgspec.msgpack.decode(parts[0])[:1])
    restoration = Restoration(MemoryStore(), claiming(manifest, [parts[0], again]))
    restoration.apply(parts[0])
    with pytest.raises(SnapshotInvalid, match="out of order"):
        restoration.apply(again)


def test_a_chunk_that_is_too_long_is_refused_before_anything_is_computed(chain):
    manifest, _ = taken(*chain)
    chunk = b"\0" * (CHUNK_BYTES_MAX + 1)
    claimed = msgspec.structs.replace(manifest, chunk_hashes=(chunk_hash(chunk),))
    with pytest.raises(SnapshotInvalid, match="over"):
        Restoration(MemoryStore(), claimed).apply(chunk)


def test_a_store_that_holds_a_chain_takes_no_snapshot(chain):
    store, genesis_bytes = chain
    manifest, parts = taken(store, genesis_bytes)
    with pytest.raises(StoreError):
        restored(manifest, parts, store)


def test_a_manifest_has_one_spelling_and_is_bounded(chain):
    manifest, _ = taken(*chain)
    data = encode_manifest(manifest)
    assert decode_manifest(data) == manifest
    for wrong in (data + b"\0", b"\xdc\x00\x0c" + data[1:], data[:-1], b"", b"\x90"):
        with pytest.raises(SnapshotInvalid):
            decode_manifest(wrong)
    with pytest.raises(SnapshotInvalid, match="over"):
        decode_manifest(b"\0" * (snapshot.MANIFEST_BYTES_MAX + 1))


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("format", 2),
        ("height", 2),
        ("height", -1),
        ("height", (1 << 64) - 1),
        ("app_version", 2),
        ("app_version", 1 << 32),
        ("state_root", bytes(32)),
        ("results_root", bytes(32)),
        ("events_root", bytes(31)),
        ("app_hash", bytes(32)),
        ("chunk_hashes", ()),
    ],
)
def test_a_manifest_that_contradicts_itself_is_refused(chain, field, value):
    manifest, _ = taken(*chain)
    changed = msgspec.structs.replace(manifest, **{field: value})
    with pytest.raises(SnapshotInvalid):
        decode_manifest(msgspec.msgpack.encode(changed))


def test_a_head_that_no_operator_of_the_genesis_file_signed_is_refused(chain):
    store, genesis_bytes = chain
    manifest, _ = taken(store, genesis_bytes)
    signed = header_at(store, 3)
    assert check_signed(manifest, genesis_bytes) == signed
    stranger = SigningKey(b"s" * 32)
    signature = stranger.sign(header_signing_bytes(header_hash(signed.header)))
    other_header = msgspec.structs.replace(signed.header, height=2)
    for wrong, what in (
        (msgspec.structs.replace(signed, signatures=()), "signature"),
        (
            msgspec.structs.replace(signed, signatures=((stranger.public_key, signature),)),
            "signature",
        ),
        (msgspec.structs.replace(signed, header=other_header), "height"),
    ):
        claimed = msgspec.structs.replace(manifest, head=encode_head(wrong))
        with pytest.raises(SnapshotInvalid, match=what):
            check_signed(claimed, genesis_bytes)
    for head in (b"", b"\xc1", manifest.head + b"\0", b"\xdc\x00\x02" + manifest.head[1:]):
        with pytest.raises(SnapshotInvalid, match="head"):
            check_signed(msgspec.structs.replace(manifest, head=head), genesis_bytes)


def test_a_signed_head_of_another_height_does_not_vouch_for_a_state(chain):
    store, genesis_bytes = chain
    manifest, _ = taken(store, genesis_bytes)
    other = header_at(store, 2)
    assert other is not None
    claimed: Manifest = msgspec.structs.replace(manifest, height=2, head=encode_head(other))
    with pytest.raises(SnapshotInvalid, match="another state"):
        check_signed(claimed, genesis_bytes)
    with pytest.raises(SnapshotInvalid, match="another genesis"):
        check_signed(manifest, genesis_bytes + b" ")
