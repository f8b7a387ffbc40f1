"""Reading the values of a file that nobody has checked yet, and the one failure of a verifier.

Rules this file keeps:
 1. Whatever is not of the shape that is documented fails with the step that it belongs to.
"""

from collections.abc import Sequence
from typing import Final

from xinlian.crypto.codec import CodecError, Value, decode

DETAIL_CHARS_MAX: Final = 200
INTEGER_MAX: Final = 2**63 - 1


class VerificationFailed(Exception):  # noqa: N818 - names what happened
    """The file does not prove what it claims; ``step`` says where."""

    def __init__(self, step: str, detail: str) -> None:
        super().__init__(f"{step}: {detail}")
        self.step = step
        self.detail = detail


def array_of(value: Value, length: int, step: str) -> Sequence[Value]:
    """Return an array of exactly so many values; raises VerificationFailed."""
    if not isinstance(value, tuple) or len(value) != length:
        raise VerificationFailed(step, f"not an array of {length}")
    return value


def list_of(value: Value, count_max: int, step: str) -> Sequence[Value]:
    """Return an array of at most so many values; raises VerificationFailed."""
    if not isinstance(value, tuple):
        raise VerificationFailed(step, "not an array")
    if len(value) > count_max:
        raise VerificationFailed(step, f"more than {count_max} items")
    return value


def bytes_of(value: Value, step: str, size_bytes: int | None = None) -> bytes:
    """Return a byte string, of exactly ``size_bytes`` where given; raises VerificationFailed."""
    if not isinstance(value, bytes):
        raise VerificationFailed(step, "not a byte string")
    if size_bytes is not None and len(value) != size_bytes:
        raise VerificationFailed(step, f"not {size_bytes} bytes")
    return value


def text_of(value: Value, step: str) -> str:
    """Return a text; raises VerificationFailed."""
    if not isinstance(value, str):
        raise VerificationFailed(step, "not a text")
    return value


def integer_of(value: Value, step: str, maximum: int = INTEGER_MAX) -> int:
    """Return an integer of 0 … ``maximum``; raises VerificationFailed."""
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= maximum:
        raise VerificationFailed(step, "a number is out of range")
    return value


def decoded(data: Value, step: str) -> Value:
    """Return the value of canonical bytes; raises VerificationFailed."""
    try:
        return decode(bytes_of(data, step))
    except CodecError as error:
        raise VerificationFailed(step, f"not canonical: {error}") from None


def cut(text: str) -> str:
    """Return a text that is short enough to be shown."""
    return text[:DETAIL_CHARS_MAX]
