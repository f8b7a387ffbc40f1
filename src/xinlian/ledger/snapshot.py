"""Snapshots: the authenticated state of one height and nothing else, in chunks of bounded size.

Layout (all of it canonical MessagePack)::

    chunk      ((key, value), …)     entries in ascending key order
    manifest   (format, chain_id, genesis_hash, height, app_version, app_hash, state_root,
                results_root, events_root, head, entry_count, (chunk hash, …))

Rules this file keeps:
 1. Chunks are a pure function of (state, format): an entry begins a new chunk exactly when the one
    before would exceed ``CHUNK_BYTES``.  So they are equal, byte for byte, on every node.
 2. Nothing of a snapshot is believed: each chunk is held against its hash before it is decoded, its
    entries against the bounds of a state, the whole against the state root, and that, through the
    application hash, against what operators or validators signed.
 3. A store that is being restored has no head until all of that holds: nothing serves it before.
 4. Tree nodes are computed, never taken: the manifest names the root that must come out.

A replicated engine lists manifests, offers one with an application hash that it trusts, and hands
over chunks one by one in ascending order; ``Restoration`` takes them as they come.
"""

from collections.abc import Iterator
from typing import Annotated, Final

import msgspec

from xinlian.crypto.hashing import HASH_BYTES, Domain, tagged_hash
from xinlian.ledger import limits
from xinlian.ledger.block import app_hash
from xinlian.ledger.clock import chain_meta
from xinlian.ledger.genesis import genesis_hash, parse_genesis
from xinlian.ledger.header import SignedHeader, decode_head, encode_head
from xinlian.ledger.ports import RestorableStore, StateView
from xinlian.ledger.replay import UNREADABLE, link_differences
from xinlian.ledger.state_tree import tree_root, update_tree
from xinlian.primitives import InvariantViolation

SNAPSHOT_FORMAT: Final = 1
CHUNK_BYTES: Final = 1 << 20
"""What a chunk's entries count for at most, where it has more than one."""
ENTRY_OVERHEAD_BYTES: Final = 32
"""What an entry counts for beside its key and value; so no chunk has over 32 768 entries."""
CHUNK_BYTES_MAX: Final = CHUNK_BYTES + limits.STATE_VALUE_BYTES_MAX
"""No chunk is longer than this; longer ones are not read."""
CHUNKS_MAX: Final = 1 << 16
MANIFEST_BYTES_MAX: Final = 4 << 20
HEAD_BYTES_MAX: Final = 64 << 10
KEYS_END: Final = b"\xff" * (limits.STATE_KEY_BYTES_MAX + 1)
"""Above every key."""

_Hash = Annotated[bytes, msgspec.Meta(min_length=HASH_BYTES, max_length=HASH_BYTES)]
_Number = Annotated[int, msgspec.Meta(ge=0)]
_Key = Annotated[bytes, msgspec.Meta(min_length=1, max_length=limits.STATE_KEY_BYTES_MAX)]
_Value = Annotated[bytes, msgspec.Meta(max_length=limits.STATE_VALUE_BYTES_MAX)]
_Entries = tuple[tuple[_Key, _Value], ...]


class SnapshotInvalid(ValueError):  # noqa: N818 - names what is wrong with the snapshot
    """A snapshot is not what it claims to be; the text says in what."""


class Manifest(msgspec.Struct, array_like=True, frozen=True, forbid_unknown_fields=True):
    """What a snapshot is of, and the hashes of its chunks in order.

    ``head`` is the engine's signed header of the height, opaque here.
    """

    format: _Number
    chain_id: Annotated[str, msgspec.Meta(max_length=limits.CHAIN_ID_CHARS_MAX)]
    genesis_hash: _Hash
    height: _Number
    app_version: _Number
    app_hash: _Hash
    state_root: _Hash
    results_root: _Hash
    events_root: _Hash
    head: Annotated[bytes, msgspec.Meta(max_length=HEAD_BYTES_MAX)]
    entry_count: _Number
    chunk_hashes: Annotated[
        tuple[_Hash, ...],
        msgspec.Meta(min_length=1, max_length=CHUNKS_MAX),
    ]


_encode = msgspec.msgpack.Encoder().encode
_decode_manifest = msgspec.msgpack.Decoder(Manifest).decode
_decode_entries = msgspec.msgpack.Decoder(_Entries).decode


def chunks(state: StateView) -> Iterator[tuple[bytes, int]]:
    """Yield the chunks of a state in order, each with how many entries it has."""
    entries: list[tuple[bytes, bytes]] = []
    size = 0
    for key, value in state.scan(b"", KEYS_END):
        entry_size = len(key) + len(value) + ENTRY_OVERHEAD_BYTES
        if entries and size + entry_size > CHUNK_BYTES:
            yield _encode(entries), len(entries)
            entries, size = [], 0
        entries.append((key, value))
        size += entry_size
    if entries:
        yield _encode(entries), len(entries)


def chunk_hash(chunk: bytes) -> bytes:
    """Return the 32 bytes by which a manifest names a chunk."""
    return tagged_hash(Domain.SNAPSHOT_CHUNK, chunk)


class ManifestDraft:
    """Gathers what a manifest names while the chunks are written."""

    def __init__(self) -> None:
        self._hashes: list[bytes] = []
        self._entry_count = 0

    def add(self, chunk: bytes, entry_count: int) -> None:
        """Take note of the next chunk."""
        self._hashes.append(chunk_hash(chunk))
        self._entry_count += entry_count

    def finish(self, head: SignedHeader, genesis_hash_: bytes) -> Manifest:
        """Return the manifest of everything that was added, for a height of the embedded engine."""
        header = head.header
        return Manifest(
            format=SNAPSHOT_FORMAT,
            chain_id=header.chain_id,
            genesis_hash=genesis_hash_,
            height=header.height,
            app_version=header.app_version,
            app_hash=header.app_hash,
            state_root=header.state_root,
            results_root=header.results_root,
            events_root=header.events_root,
            head=encode_head(head),
            entry_count=self._entry_count,
            chunk_hashes=tuple(self._hashes),
        )


def encode_manifest(manifest: Manifest) -> bytes:
    """Return the bytes of a manifest."""
    return _encode(manifest)


def decode_manifest(data: bytes) -> Manifest:
    """Return the manifest of its bytes; its own hashes agree, nothing else is checked.

    Raises:
        SnapshotInvalid: too long, malformed, of an unknown format, or contradicting itself.
    """
    if len(data) > MANIFEST_BYTES_MAX:
        raise SnapshotInvalid(f"the manifest has over {MANIFEST_BYTES_MAX} bytes")
    try:
        manifest = _decode_manifest(data)
    except UNREADABLE as error:
        raise SnapshotInvalid(f"the manifest cannot be decoded: {error}") from None
    if encode_manifest(manifest) != data:
        raise SnapshotInvalid("the manifest is a second spelling of itself")
    if manifest.format != SNAPSHOT_FORMAT:
        raise SnapshotInvalid(f"format {manifest.format} is not known to this release")
    try:
        computed = app_hash(
            manifest.height,
            manifest.state_root,
            manifest.results_root,
            manifest.events_root,
            manifest.app_version,
        )
    except OverflowError:
        raise SnapshotInvalid("its height or version is out of range") from None
    if computed != manifest.app_hash:
        raise SnapshotInvalid("its application hash does not follow from its roots")
    return manifest


def check_signed(manifest: Manifest, genesis_bytes: bytes) -> SignedHeader:
    """Return a manifest's head when an operator of the genesis file signed it; embedded engine.

    Raises:
        SnapshotInvalid: of another chain, or its head is not signed, or is of another state.
    """
    if manifest.genesis_hash != genesis_hash(genesis_bytes):
        raise SnapshotInvalid("it is of a chain that began from another genesis file")
    try:
        signed = decode_head(manifest.head)
    except UNREADABLE as error:
        raise SnapshotInvalid(f"its head cannot be decoded: {error}") from None
    header = signed.header
    genesis = parse_genesis(genesis_bytes)
    if encode_head(signed) != manifest.head:
        raise SnapshotInvalid("its head is a second spelling of itself")
    broken = next(link_differences(signed, genesis, header.previous_hash, manifest.height), None)
    if broken is not None:
        raise SnapshotInvalid(f"its head's {broken.what} is {broken.stored}, not {broken.expected}")
    claimed = (manifest.chain_id, manifest.app_version, manifest.app_hash, manifest.state_root)
    if claimed != (header.chain_id, header.app_version, header.app_hash, header.state_root):
        raise SnapshotInvalid("its head is of another state")
    return signed


class Restoration:
    """Fills an empty store with the chunks of one manifest, in order, checking each."""

    def __init__(self, target: RestorableStore, manifest: Manifest) -> None:
        """Begin; the caller has checked the manifest's application hash against a signature."""
        self._target = target
        self._manifest = manifest
        self._next = 0
        self._entry_count = 0
        self._last_key = b""

    @property
    def next_chunk(self) -> int:
        """The index of the chunk that must come next; the number of chunks once all are there."""
        return self._next

    @property
    def is_complete(self) -> bool:
        """True once every chunk was applied."""
        return self._next == len(self._manifest.chunk_hashes)

    def apply(self, chunk: bytes) -> None:
        """Take the next chunk.

        Raises:
            SnapshotInvalid: it is not the chunk that the manifest names, or holds what no state
                holds; nothing of it was taken, the right one may still come.
            StoreError: it could not be written.
        """
        if self.is_complete:
            raise SnapshotInvalid("there are more chunks than the manifest names")
        if len(chunk) > CHUNK_BYTES_MAX:
            raise SnapshotInvalid(f"chunk {self._next} has over {CHUNK_BYTES_MAX} bytes")
        if chunk_hash(chunk) != self._manifest.chunk_hashes[self._next]:
            raise SnapshotInvalid(f"chunk {self._next} is not the one that the manifest names")
        entries = self._checked_entries(chunk)
        writes: dict[bytes, bytes | None] = dict(entries)
        with self._target.snapshot() as snapshot:
            nodes = update_tree(snapshot, writes).node_writes
        self._target.stage(writes, nodes)
        self._next += 1
        self._entry_count += len(entries)
        self._last_key = entries[-1][0]

    def finish(self) -> None:
        """Give the store its head, once all entries give the state root of the manifest.

        Raises:
            SnapshotInvalid: chunks are missing, or the entries are not those of the signed state.
            StoreError: it could not be written.
        """
        manifest = self._manifest
        if not self.is_complete:
            raise SnapshotInvalid(f"{len(manifest.chunk_hashes) - self._next} chunks are missing")
        if self._entry_count != manifest.entry_count:
            raise SnapshotInvalid(f"it has {self._entry_count} entries, not {manifest.entry_count}")
        with self._target.snapshot() as snapshot:
            if tree_root(snapshot) != manifest.state_root:
                raise SnapshotInvalid("its entries do not give the state root of its head")
            try:
                meta = chain_meta(snapshot)
            except (*UNREADABLE, InvariantViolation) as error:
                raise SnapshotInvalid(f"it has no record of its chain: {error}") from None
        place = (meta.chain_id, meta.height, meta.app_version)
        if place != (manifest.chain_id, manifest.height, manifest.app_version):
            raise SnapshotInvalid(f"its state is of {place}")
        self._target.begin_at(manifest.height, manifest.head, manifest.genesis_hash)

    def _checked_entries(self, chunk: bytes) -> _Entries:
        index = self._next
        try:
            entries = _decode_entries(chunk)
        except UNREADABLE as error:
            raise SnapshotInvalid(f"chunk {index} cannot be decoded: {error}") from None
        if not entries or _encode(entries) != chunk:
            raise SnapshotInvalid(f"chunk {index} is empty, or a second spelling of itself")
        last = self._last_key
        for key, _ in entries:
            if key <= last:
                raise SnapshotInvalid(f"chunk {index} has key {key.hex()} twice or out of order")
            last = key
        return entries
