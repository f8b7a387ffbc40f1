"""The readings themselves, on the disk of the gateway: one file a device, a payload a line.

Rules this file keeps:
 1. Readings are on the disk before the root of their batch is sent.
 2. What a crash has torn off is passed over; nothing before it is lost.
 3. Files are for their owner alone: readings are P data.
"""

import collections
import os
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, Final

from xinlian.connectors.devices import (
    PAYLOAD_BYTES_MAX,
    Reading,
    ReadingRefused,
    payload_of,
    read_payload,
)
from xinlian.primitives import format_id

_SUFFIX: Final = ".readings"
FILES_OPEN_MAX: Final = 128


class Journal:
    """Appends readings to a folder and gives them back."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._folder = folder
        self._open: collections.OrderedDict[bytes, BinaryIO] = collections.OrderedDict()

    def append(self, reading: Reading) -> None:
        """Write a reading; it is safe after ``sync``."""
        self._file(reading.device).write(payload_of(reading) + b"\n")

    def sync(self, device: bytes) -> None:
        """Bring what was written of a device to the disk."""
        file = self._open.get(device)
        if file is not None:
            _settle(file)

    def readings(self, device: bytes) -> Iterator[Reading]:
        """Yield the readings of a device, oldest first."""
        path = self._path(device)
        if not path.exists():
            return
        with path.open("rb") as file:
            while line := file.readline(PAYLOAD_BYTES_MAX + 1):
                try:
                    yield read_payload(line)
                except ReadingRefused:
                    continue

    def close(self) -> None:
        """Bring everything to the disk and close the files."""
        while self._open:
            self._close_oldest()

    def _path(self, device: bytes) -> Path:
        return self._folder / (format_id("device", device) + _SUFFIX)

    def _file(self, device: bytes) -> BinaryIO:
        file = self._open.get(device)
        if file is None:
            if len(self._open) >= FILES_OPEN_MAX:
                self._close_oldest()
            descriptor = os.open(self._path(device), os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o600)
            file = os.fdopen(descriptor, "ab")
            file.write(b"\n")  # what a crash tore off ends here
            self._open[device] = file
        self._open.move_to_end(device)
        return file

    def _close_oldest(self) -> None:
        _, file = self._open.popitem(last=False)
        _settle(file)
        file.close()


def _settle(file: BinaryIO) -> None:
    file.flush()
    os.fsync(file.fileno())
