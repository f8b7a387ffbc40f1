"""Which documents of a store are of which schema and from which source, without reading them.

::

    FOLDER/index      one line a document: ROOT SCHEMA SOURCE_HASH CHECK

Rules this file keeps:
 1. The records are the truth, the index a memory of them: a record that it lacks is read and noted,
    a line without a record says nothing.
 2. A line counts only with its check: a torn, changed or foreign line is as if it were not there,
    and the index is written anew.
 3. It is added to after the record is durable: a crash between the two costs a read, no document.
 4. It never stands in the way: where it cannot be written, records are read again next time.
 5. Whatever it says is only where to look: the store recomputes the root of all that it returns.
 6. Who follows it learns of every record that any process notes, or is told to list all of them: at
    first, and when the file was replaced, cut or torn.  A record that another process kept and
    could not note, its disk being full, is found by who opens the store next.
"""

import contextlib
import hashlib
import os
import weakref
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final, NamedTuple

from xinlian.client.files import PRIVATE_FILE_MODE, write_private

INDEX_BYTES_MAX: Final = 32 << 20
_CHECK_DIGITS: Final = 16
_FIELDS: Final = 4
_LINE_BYTES_MAX: Final = 256
_READ_FLAGS: Final = os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK


class Entry(NamedTuple):
    """What is remembered of a document."""

    schema: str
    source_hash: str


class _Followed:
    """An index file of which everything up to some place was taken in."""

    def __init__(self, handle: int) -> None:
        self._handle = handle  # held open, so that no other file is given its number
        self._place = os.fstat(handle).st_size
        self._before = self._read_before()
        weakref.finalize(self, os.close, handle)

    @classmethod
    def begun_at_end(cls, path: Path) -> "_Followed | None":
        """Follow a file from its present end; None where there is none."""
        try:
            return cls(os.open(path, _READ_FLAGS))
        except OSError:
            return None

    def is_still(self, path: Path) -> bool:
        """Return whether the file is still that of the path, with all that was taken in."""
        try:
            now = path.lstat()
        except OSError:
            return False
        is_same = os.path.samestat(now, os.fstat(self._handle))
        return is_same and self._read_before() == self._before

    def added(self) -> list[bytes]:
        """Return the whole lines that were added, and take them in."""
        size = min(os.fstat(self._handle).st_size - self._place, INDEX_BYTES_MAX)
        read = os.pread(self._handle, max(size, 0), self._place)
        whole = read[: read.rfind(b"\n") + 1]
        self._place += len(whole)
        self._before = self._read_before()
        return whole.splitlines()

    def _read_before(self) -> bytes:
        """Return what stands before the place: other bytes, where the file was cut and grew."""
        start = max(self._place - _LINE_BYTES_MAX, 0)
        return os.pread(self._handle, self._place - start, start)


class DocumentIndex:
    """The memory of one store; several processes may add to it."""

    def __init__(self, path: Path) -> None:
        """Name the file; it need not be there, nor be whole."""
        self._path = path
        self._known: dict[bytes, Entry] = {}
        self._followed: _Followed | None = None

    def note(self, root: bytes, entry: Entry) -> None:
        """Remember a document whose record is durable."""
        self._known[root] = entry
        flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW
        try:
            handle = os.open(self._path, flags, PRIVATE_FILE_MODE)
        except OSError:  # a link, or nothing that can be added to: it is replaced
            self._write()
            return
        try:
            with os.fdopen(handle, "ab") as stream:
                stream.write(_line(root, entry))
                stream.flush()
                os.fsync(stream.fileno())
        except OSError:
            self._followed = None

    def follow(self) -> list[bytes] | None:
        """Return the roots noted since the last call; None where all records are to be listed.

        A record that comes while the caller lists them is among those of the next call.
        """
        if self._followed is None or not self._followed.is_still(self._path):
            self._followed = _Followed.begun_at_end(self._path)
            return None
        parsed = [_parse(line) for line in self._followed.added()]
        news = dict(each for each in parsed if each is not None)
        self._known.update(news)
        return None if None in parsed else list(news)

    def entries(self, roots: Sequence[bytes], read: Callable[[bytes], Entry]) -> dict[bytes, Entry]:
        """Return what is remembered of documents, having read those that nothing is known of.

        Args:
            roots: of all records that there are now.
            read: returns what a record says; whatever it raises passes through.
        """
        if any(root not in self._known for root in roots):
            self._load()
        unknown = [root for root in roots if root not in self._known]
        for root in unknown:
            self._known[root] = read(root)
        if unknown:
            self._write()
        return {root: self._known[root] for root in roots}

    def _load(self) -> None:
        """Take in what any process has added."""
        for line in self._lines():
            parsed = _parse(line)
            if parsed is not None:
                self._known[parsed[0]] = parsed[1]

    def _lines(self) -> list[bytes]:
        with contextlib.suppress(OSError), open(os.open(self._path, _READ_FLAGS), "rb") as stream:  # noqa: PTH123 - of a handle that follows no link
            return stream.read(INDEX_BYTES_MAX).splitlines()
        return []

    def _write(self) -> None:
        lines = (_line(*known) for known in sorted(self._known.items()))
        with contextlib.suppress(OSError):  # rule 4
            write_private(self._path, b"".join(lines))


def _line(root: bytes, entry: Entry) -> bytes:
    said = f"{root.hex()} {entry.schema} {entry.source_hash}"
    return f"{said} {_check(said)}\n".encode()


def _check(said: str) -> str:
    return hashlib.sha256(said.encode()).hexdigest()[:_CHECK_DIGITS]


def _parse(line: bytes) -> tuple[bytes, Entry] | None:
    """Return what a line says; None where it is not as it was written."""
    fields = line.decode("ascii", "replace").split(" ")
    if len(fields) != _FIELDS or _check(" ".join(fields[:-1])) != fields[-1]:
        return None
    try:
        return bytes.fromhex(fields[0]), Entry(fields[1], fields[2])
    except ValueError:
        return None
