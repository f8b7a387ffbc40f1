"""Mutations of bytes, and a loop that keeps what reaches new lines: the same for one seed.

Rules this file keeps:
 1. Everything follows from the seed and the corpus; effort is counted in runs, never in time.
 2. An input is worth keeping when it reaches a line, by a way, that none before it reached.
"""

import random
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from types import CodeType, FrameType, TracebackType
from typing import Any, Self

import xinlian

SOURCE = str(Path(xinlian.__file__).parent)
LENGTH_MAX = 16_384
INTERESTING = (
    b"\x00", b"\xff", b"\x7f\xff\xff\xff", b"\xff" * 8, b"\x80" + b"\x00" * 7,
    b"\xc0", b"\xc1", b"\xc4\x00", b"\xc6\xff\xff\xff\xff", b"\xdd\xff\xff\xff\xff",
    b"\xdb\xff\xff\xff\xff", b"\xcf" + b"\xff" * 8, b"\xd3" + b"\x80" + b"\x00" * 7,
    b"\x91" * 40, b"[" * 40, b"{" * 40, b'{"a":' * 40, b"<a>" * 40,
    b"NaN", b"-0", b"1e999", b"9" * 30, b"null", b"true", b'"\\ud800"', b"\xed\xa0\x80",
    b"&lol;", b"<!DOCTYPE a [<!ENTITY lol 'lol'>]>", b"../", b"%00", b"\r\n", "\u202e信".encode(),
)  # fmt: skip


class Mutator:
    """Changes inputs; draws all its choices from one seed."""

    def __init__(self, seed: str) -> None:
        self.chance = random.Random(seed)
        self._pool: Sequence[bytes] = ()
        self._changes: tuple[Callable[[bytearray], None], ...] = (
            self._flip_bit,
            self._set_byte,
            self._step_byte,
            self._cut,
            self._delete,
            self._repeat,
            self._insert,
            self._splice,
            self._swap,
            self._change_number,
        )

    def mutated(self, pool: Sequence[bytes]) -> bytes:
        """Return one of the pool with one to four changes."""
        self._pool = pool
        data = bytearray(self.chance.choice(pool))
        for _ in range(self.chance.choice((1, 1, 1, 2, 4))):
            self.chance.choice(self._changes)(data)
        return bytes(data[:LENGTH_MAX])

    def _at(self, data: bytearray) -> int:
        return self.chance.randrange(len(data) + 1)

    def _flip_bit(self, data: bytearray) -> None:
        if data:
            data[self.chance.randrange(len(data))] ^= 1 << self.chance.randrange(8)

    def _set_byte(self, data: bytearray) -> None:
        if data:
            data[self.chance.randrange(len(data))] = self.chance.randrange(256)

    def _step_byte(self, data: bytearray) -> None:
        if data:
            at = self.chance.randrange(len(data))
            data[at] = (data[at] + self.chance.choice((-1, 1))) % 256

    def _cut(self, data: bytearray) -> None:
        del data[self._at(data) :]

    def _delete(self, data: bytearray) -> None:
        at = self._at(data)
        del data[at : at + self.chance.randint(1, 40)]

    def _repeat(self, data: bytearray) -> None:
        at = self._at(data)
        part = data[at : at + self.chance.randint(1, 200)]
        data[at:at] = part * self.chance.choice((1, 1, 2, 30))

    def _insert(self, data: bytearray) -> None:
        at = self._at(data)
        data[at:at] = self.chance.choice(INTERESTING)

    def _splice(self, data: bytearray) -> None:
        other = self.chance.choice(self._pool)
        start = self.chance.randrange(len(other) + 1)
        part = other[start : start + self.chance.randint(1, 400)]
        at = self._at(data)
        data[at : at + self.chance.choice((0, len(part)))] = part

    def _swap(self, data: bytearray) -> None:
        first, second = sorted((self._at(data), self._at(data)))
        third = min(second + (second - first), len(data))
        data[first:third] = data[second:third] + data[first:second]

    def _change_number(self, data: bytearray) -> None:
        digits = [at for at, byte in enumerate(data) if byte in b"0123456789"]
        if digits:
            data[self.chance.choice(digits)] = self.chance.choice(b"0123456789-.e")


class Coverage:
    """Watches which ways through the source's lines are taken while it is entered."""

    def __init__(self) -> None:
        self.ways: set[tuple[CodeType, int, int]] = set()
        self._last: dict[FrameType, int] = {}
        self._files: dict[str, bool] = {}
        self._before: Any = None

    def __enter__(self) -> Self:
        self._before = sys.gettrace()
        sys.settrace(self._call)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        sys.settrace(self._before)
        self._last.clear()

    def _call(self, frame: FrameType, event: str, argument: object) -> Any:
        del event, argument
        name = frame.f_code.co_filename
        is_ours = self._files.get(name)
        if is_ours is None:
            is_ours = self._files[name] = name.startswith(SOURCE)
        return self._line if is_ours else None

    def _line(self, frame: FrameType, event: str, argument: object) -> Any:
        del argument
        if event == "line":
            line = frame.f_lineno
            self.ways.add((frame.f_code, self._last.get(frame, 0), line))
            self._last[frame] = line
        return self._line


def explore(
    run: Callable[[bytes], object],
    corpus: Sequence[bytes],
    seed: str,
    runs: int,
) -> list[bytes]:
    """Run mutations of a corpus; return those that reached something new, in the order found.

    Whatever ``run`` raises passes through: it must let only what is not declared escape.
    """
    mutator = Mutator(seed)
    coverage = Coverage()
    for data in corpus:
        with coverage:
            run(data)
    pool = list(corpus)
    found: list[bytes] = []
    for _ in range(runs):
        data = mutator.mutated(pool)
        before = len(coverage.ways)
        with coverage:
            run(data)
        if len(coverage.ways) > before:
            pool.append(data)
            found.append(data)
    return found
