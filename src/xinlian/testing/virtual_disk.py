"""A disk in memory that fails as real ones do, and always the same way for one seed.

Rules this file keeps:
 1. A write is seen at once and durable only after a sync: losing power loses unsynced writes,
    keeps some of them, or keeps some of their bytes, cut at any byte and in any order.
 2. Power may be lost before or after any call; from then on every call fails until the power is
    back.
 3. A full disk and a failed sync are errors of the operating system, as on a real disk.
 4. Synced bytes change only where a test flips their bits.
"""

import errno
import random
from typing import Final, NamedTuple

CAPACITY_BYTES_DEFAULT: Final = 1 << 30


class PowerLost(BaseException):
    """The machine went dark; no handler of an application can go on from here."""


class CrashPoint(NamedTuple):
    """Power is lost at the call of a number, counted from 0, before or after it takes effect."""

    call: int
    is_after: bool = False


class _Pending(NamedTuple):
    offset: int
    data: bytes


class VirtualDisk:
    """One file on a disk that may lose its power.

    ``calls`` counts reads, writes and syncs; set ``crash`` to lose power at one of them, ``fail``
    to have the call of that number fail once with an input/output error.
    """

    def __init__(self, seed: int = 0, capacity_bytes: int = CAPACITY_BYTES_DEFAULT) -> None:
        """Begin with an empty disk; the seed decides what each loss of power leaves."""
        self.calls = 0
        self.crash: CrashPoint | None = None
        self.fail: int | None = None
        self.capacity_bytes = capacity_bytes
        self._random = random.Random(seed)  # noqa: S311 - a fault must repeat, not surprise
        self._durable = bytearray()
        self._seen = bytearray()
        self._pending: list[_Pending] = []
        self._is_dark = False

    @property
    def size_bytes(self) -> int:
        """How many bytes a reader sees."""
        return len(self._seen)

    def copy(self, seed: int = 0) -> "VirtualDisk":
        """Return a disk of its own with what is durable here."""
        other = VirtualDisk(seed, self.capacity_bytes)
        other._durable = bytearray(self._durable)
        other._seen = bytearray(self._durable)
        return other

    def read(self, offset: int, size: int) -> bytes:
        """Return up to ``size`` bytes; fewer at the end of the file."""
        is_last = self._begin_call()
        found = bytes(self._seen[offset : offset + size])
        self._end_call(is_last=is_last)
        return found

    def write(self, offset: int, data: bytes) -> None:
        """Write bytes; raises OSError when the disk is full, having written none."""
        is_last = self._begin_call()
        if offset + len(data) > self.capacity_bytes:
            raise OSError(errno.ENOSPC, "no space left on the virtual disk")
        _put(self._seen, offset, data)
        self._pending.append(_Pending(offset, data))
        self._end_call(is_last=is_last)

    def sync(self) -> None:
        """Make every write before this call durable."""
        is_last = self._begin_call()
        for offset, data in self._pending:
            _put(self._durable, offset, data)
        self._pending.clear()
        self._end_call(is_last=is_last)

    def lose_power(self) -> None:
        """Go dark now: the next call fails."""
        self._is_dark = True

    def restore_power(self) -> None:
        """Come back with what was durable and whatever parts of later writes had arrived."""
        for offset, data in self._random.sample(self._pending, len(self._pending)):
            fate = self._random.randrange(3)
            if fate == 0:
                continue
            cut = len(data) if fate == 1 else self._random.randrange(len(data) + 1)
            start = 0 if self._random.randrange(2) else len(data) - cut
            _put(self._durable, offset + start, data[start : start + cut])
        self._pending.clear()
        self._seen = bytearray(self._durable)
        self._is_dark = False
        self.crash = None

    def flip_bit(self, bit: int) -> None:
        """Turn over one bit of the durable bytes, as decay does."""
        if self._pending:
            raise ValueError("sync before you flip bits: decay changes what is durable")
        self._durable[bit // 8] ^= 1 << (bit % 8)
        self._seen = bytearray(self._durable)

    def truncate(self, size: int) -> None:
        """Cut the durable bytes short, as a file system repaired by force may."""
        del self._durable[size:]
        self._pending.clear()
        self._seen = bytearray(self._durable)

    def _begin_call(self) -> bool:
        """Count a call; return whether the power goes when it has taken effect."""
        if self._is_dark:
            raise PowerLost("the virtual disk has no power")
        call = self.calls
        self.calls += 1
        if self.fail == call:
            self.fail = None
            raise OSError(errno.EIO, "input/output error of the virtual disk")
        if self.crash is None or self.crash.call != call:
            return False
        if not self.crash.is_after:
            self._end_call(is_last=True)
        return True

    def _end_call(self, *, is_last: bool) -> None:
        if is_last:
            self._is_dark = True
            raise PowerLost("power was lost at a call of the virtual disk")


def _put(target: bytearray, offset: int, data: bytes) -> None:
    """Write over a file; a hole that this leaves is filled with zeros."""
    if len(target) < offset:
        target.extend(bytes(offset - len(target)))
    target[offset : offset + len(data)] = data
