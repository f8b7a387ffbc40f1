"""The reference adapter of the storage port: a log of commits on a virtual disk.

Layout::

    [0, 4096)      format page: magic, then two head slots of 64 bytes, written in turn
    [4096, …)      records: length 8 ‖ height 8 ‖ checksum 32 ‖ body
    head slot      height 8 ‖ end of its record 8 ‖ checksum 32, padded with zeros

A record's checksum covers its header, its body and the checksum of the record before, so a record
left over from a lost future never fits behind another present.

Rules this file keeps:
 1. A commit is the record, a sync, a head slot, a sync; it is acknowledged after the second.
 2. The newest head slot that checks out says what was acknowledged: everything up to it must be
    there and whole, or the store is damaged and says so.
 3. Behind it, a record that checks out is the new height, one that does not is the old height.
 4. Blocks and outcomes are read from the disk and checked each time: damage is never served.
 5. After a failed sync nobody knows what is durable: the store takes no commit until reopened.
"""

import hashlib
from collections.abc import Mapping
from typing import Final, NamedTuple

import msgspec

from xinlian.ledger.ports import CommitBatch, Extent, Snapshot, StoreError
from xinlian.storage import MemoryStore
from xinlian.testing.virtual_disk import VirtualDisk

MAGIC: Final = b"xinlian-virtual-disk-1\0"
LOG_OFFSET: Final = 4096
_SLOT_OFFSETS: Final = (64, 128)
_CHECKSUM_BYTES: Final = 32
_SLOT_BYTES: Final = 64
_HEADER_BYTES: Final = 16 + _CHECKSUM_BYTES
_RECORD_BYTES_MAX: Final = 256 << 20
_NO_HEIGHT: Final = -1


class _Body(msgspec.Struct, array_like=True, frozen=True, forbid_unknown_fields=True):
    """A commit as it lies on the disk."""

    head: bytes
    block: bytes
    outcome: bytes
    state_writes: Mapping[bytes, bytes | None]
    node_writes: Mapping[bytes, bytes | None]
    locations: Mapping[bytes, tuple[int, int]]


class _Place(NamedTuple):
    """Where a record lies, and the checksum that its body must have."""

    offset: int
    size: int
    before: bytes
    checksum: bytes


class _Head(NamedTuple):
    height: int
    end: int


_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(_Body).decode
_NOTHING: Final = _Head(_NO_HEIGHT, LOG_OFFSET)


class VirtualDiskStore:
    """A store of one chain on a virtual disk; opening it again is how it recovers."""

    def __init__(self, disk: VirtualDisk) -> None:
        """Open or create the store; raises StoreError when it is damaged."""
        self._disk = disk
        self._tables = MemoryStore()
        self._places: list[_Place] = []
        self._end = LOG_OFFSET
        self._failure = ""
        try:
            self._open()
        except OSError as error:
            raise StoreError(f"the virtual disk cannot be opened: {error}") from error

    @property
    def height(self) -> int:
        """The height of the last commit; -1 before genesis."""
        return len(self._places) - 1

    def head(self) -> bytes | None:
        """Return the head of the last commit, or None before genesis."""
        return self._tables.head()

    def snapshot(self) -> Snapshot:
        """Return a view of the last committed height."""
        return self._tables.snapshot()

    def snapshot_at(self, height: int) -> Snapshot:
        """Return a view of the head's height; raises StateNotKept for any other."""
        return self._tables.snapshot_at(height)

    def extent(self) -> Extent:
        """Return what the store has of its chain: all bodies, the state of the head."""
        return self._tables.extent()

    def origin(self) -> bytes | None:
        """Return None: it begins at genesis."""
        return self._tables.origin()

    def header(self, height: int) -> bytes | None:
        """Return None: nothing is pruned here."""
        return self._tables.header(height)

    def commit(self, batch: CommitBatch) -> None:
        """Make a height durable; raises StoreError, and nothing of it is there."""
        if self._failure:
            raise StoreError(f"{self._failure}; open the store again")
        if batch.height != self.height + 1:
            raise StoreError(f"height {batch.height} does not follow {self.height}")
        body = _encode(
            _Body(
                batch.head,
                batch.block,
                batch.outcome,
                batch.state_writes,
                batch.node_writes,
                batch.transaction_locations,
            ),
        )
        place = _Place(self._end, len(body), self._last_checksum(), b"")
        place = place._replace(checksum=_record_checksum(batch.height, place.before, body))
        self._make_durable(batch.height, place, body)
        self._install(batch, place)

    def block(self, height: int) -> bytes | None:
        """Return the block of a height, or None; raises StoreError when it is damaged."""
        body = self._body(height)
        return None if body is None else body.block

    def outcome(self, height: int) -> bytes | None:
        """Return the outcome of a height, or None; raises StoreError when it is damaged."""
        body = self._body(height)
        return None if body is None else body.outcome

    def locate(self, transaction_id: bytes) -> tuple[int, int] | None:
        """Return (height, index) of a transaction, or None."""
        return self._tables.locate(transaction_id)

    def close(self) -> None:
        """Release nothing: the disk belongs to its maker."""

    def _open(self) -> None:
        page = self._disk.read(0, LOG_OFFSET)
        if len(page) < LOG_OFFSET or not page.startswith(MAGIC):
            self._create(page)
            return
        acknowledged = _newest_head(page)
        while self._load_next(acknowledged):
            pass
        if self.height > acknowledged.height:
            # What was seen once must stay: it is made durable before anybody builds on it.
            self._disk.sync()
            self._write_head(_Head(self.height, self._end))

    def _create(self, page: bytes) -> None:
        """Write the format page, unless there is anything that it would bury."""
        slots = page[_SLOT_OFFSETS[0] : _SLOT_OFFSETS[1] + _SLOT_BYTES]
        if any(slots) or self._disk.size_bytes > LOG_OFFSET:
            raise StoreError("the format page is damaged, or another program wrote it")
        self._disk.write(0, MAGIC.ljust(LOG_OFFSET, b"\0"))
        self._disk.sync()

    def _load_next(self, acknowledged: _Head) -> bool:
        """Take in the next record; False at the end of what was committed."""
        height = self.height + 1
        header = self._disk.read(self._end, _HEADER_BYTES)
        size = int.from_bytes(header[:8], "big")
        is_plausible = len(header) == _HEADER_BYTES and size <= _RECORD_BYTES_MAX
        data = self._disk.read(self._end + _HEADER_BYTES, size) if is_plausible else b""
        place = _Place(self._end, size, self._last_checksum(), header[16:])
        is_whole = (
            is_plausible
            and len(data) == size
            and header[8:16] == height.to_bytes(8, "big")
            and _record_checksum(height, place.before, data) == place.checksum
        )
        if not is_whole:
            if height <= acknowledged.height:
                raise StoreError(f"the record of height {height} is damaged")
            return False
        body = _decode(data)
        batch = CommitBatch(
            height,
            body.head,
            body.block,
            body.outcome,
            body.state_writes,
            body.node_writes,
            body.locations,
        )
        self._install(batch, place)
        if height == acknowledged.height and self._end != acknowledged.end:
            raise StoreError(f"the head slot of height {height} is damaged: it ends elsewhere")
        return True

    def _make_durable(self, height: int, place: _Place, body: bytes) -> None:
        header = len(body).to_bytes(8, "big") + height.to_bytes(8, "big") + place.checksum
        end = self._end + _HEADER_BYTES + len(body)
        try:
            self._disk.write(self._end, header + body)
        except OSError as error:
            raise StoreError(f"height {height} cannot be written: {error}") from error
        try:
            self._disk.sync()
            self._write_head(_Head(height, end))
        except OSError as error:
            self._failure = f"the commit of height {height} failed: {error}"
            raise StoreError(self._failure) from error

    def _write_head(self, head: _Head) -> None:
        fields = head.height.to_bytes(8, "big") + head.end.to_bytes(8, "big")
        slot = fields + hashlib.sha256(MAGIC + fields).digest()
        self._disk.write(_SLOT_OFFSETS[head.height % 2], slot.ljust(_SLOT_BYTES, b"\0"))
        self._disk.sync()

    def _install(self, batch: CommitBatch, place: _Place) -> None:
        self._tables.commit(batch)
        self._places.append(place)
        self._end = place.offset + _HEADER_BYTES + place.size

    def _body(self, height: int) -> _Body | None:
        if not 0 <= height <= self.height:
            return None
        place = self._places[height]
        try:
            data = self._disk.read(place.offset + _HEADER_BYTES, place.size)
        except OSError as error:
            raise StoreError(f"height {height} cannot be read: {error}") from error
        if _record_checksum(height, place.before, data) != place.checksum:
            raise StoreError(f"the record of height {height} is damaged")
        return _decode(data)

    def _last_checksum(self) -> bytes:
        return self._places[-1].checksum if self._places else bytes(_CHECKSUM_BYTES)


def _record_checksum(height: int, before: bytes, body: bytes) -> bytes:
    header = len(body).to_bytes(8, "big") + height.to_bytes(8, "big")
    return hashlib.sha256(before + header + body).digest()


def _newest_head(page: bytes) -> _Head:
    """Return what was acknowledged last; raises StoreError when both slots are damaged."""
    heads: list[_Head] = []
    for offset in _SLOT_OFFSETS:
        slot = page[offset : offset + _SLOT_BYTES]
        if slot == bytes(_SLOT_BYTES):
            heads.append(_NOTHING)
        elif slot[16:48] == hashlib.sha256(MAGIC + slot[:16]).digest() and not any(slot[48:]):
            heads.append(
                _Head(int.from_bytes(slot[:8], "big"), int.from_bytes(slot[8:16], "big")),
            )
    if not heads:
        raise StoreError("both head slots are damaged")
    return max(heads)
