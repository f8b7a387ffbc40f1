"""The canonical encoding: a deterministic subset of MessagePack, in the standard library alone.

Rules this file keeps:
 1. Values are nil, booleans, integers −2⁶³…2⁶⁴−1, text, byte strings and arrays; there are no
    maps, floats or extensions.
 2. Every value has one encoding: the shortest header, valid UTF-8, no trailing bytes.
 3. Decoding is bounded in size and depth, and refuses whatever encoding would not have produced.
"""

from collections.abc import Sequence
from typing import Final

DEPTH_MAX: Final = 32
SIZE_BYTES_MAX: Final = 64 << 20

Value = None | bool | int | str | bytes | Sequence["Value"]

_NIL: Final = 0xC0
_FALSE: Final = 0xC2
_TRUE: Final = 0xC3
_BIN: Final = (0xC4, 0xC5, 0xC6)
_UINT: Final = (0xCC, 0xCD, 0xCE, 0xCF)
_INT: Final = (0xD0, 0xD1, 0xD2, 0xD3)
_STR: Final = (0xD9, 0xDA, 0xDB)
_ARRAY: Final = (0xDC, 0xDD)
_FIXARRAY: Final = 0x90
_FIXSTR: Final = 0xA0
_NEGATIVE_FIXINT: Final = 0xE0
_FIXARRAY_MAX: Final = 15
_FIXSTR_MAX: Final = 31
_POSITIVE_FIXINT_MAX: Final = 127
_NEGATIVE_FIXINT_MIN: Final = -32
_WIDTHS: Final = (1, 2, 4, 8)


class CodecError(ValueError):
    """The bytes are not canonical, or the value has no encoding; ``reason`` is a stable name."""

    def __init__(self, reason: str, position: int = 0) -> None:
        super().__init__(f"{reason} at byte {position}")
        self.reason = reason
        self.position = position


def encode(value: Value) -> bytes:
    """Return the canonical bytes of a value.

    Raises:
        CodecError: the value, or a part of it, has no canonical encoding.
    """
    parts: list[bytes] = []
    _encode(value, parts, 0)
    return b"".join(parts)


def decode(data: bytes) -> Value:
    """Return the value of canonical bytes; arrays become tuples.

    Raises:
        CodecError: with the reason and where.
    """
    if len(data) > SIZE_BYTES_MAX:
        raise CodecError("too_large", len(data))
    value, end = _decode(data, 0, 0)
    if end != len(data):
        raise CodecError("trailing_bytes", end)
    return value


def _encode(value: Value, parts: list[bytes], depth: int) -> None:
    if depth > DEPTH_MAX:
        raise CodecError("too_deep")
    if value is None or isinstance(value, bool):
        parts.append(bytes(({None: _NIL, False: _FALSE, True: _TRUE}[value],)))
    elif isinstance(value, int):
        parts.append(_encode_integer(value))
    elif isinstance(value, str):
        raw = _utf8(value)
        parts.append(_header(len(raw), _FIXSTR, _FIXSTR_MAX, _STR, 1) + raw)
    elif isinstance(value, bytes):
        parts.append(_header(len(value), 0, -1, _BIN, 1) + value)
    elif isinstance(value, (tuple, list)):
        parts.append(_header(len(value), _FIXARRAY, _FIXARRAY_MAX, _ARRAY, 2))
        for item in value:
            _encode(item, parts, depth + 1)
    else:
        raise CodecError(f"no_encoding_for_{type(value).__name__}")


def _utf8(text: str) -> bytes:
    try:
        return text.encode("utf-8")
    except UnicodeEncodeError as error:
        raise CodecError("not_utf8", error.start) from None


def _encode_integer(value: int) -> bytes:
    if _NEGATIVE_FIXINT_MIN <= value <= _POSITIVE_FIXINT_MAX:
        return bytes((value & 0xFF,))
    tags = _UINT if value >= 0 else _INT
    for tag, width in zip(tags, _WIDTHS, strict=True):
        if value >> (8 * width - (value < 0)) in (0, -1):
            return bytes((tag,)) + value.to_bytes(width, "big", signed=value < 0)
    raise CodecError("integer_out_of_range")


def _header(count: int, fix: int, fix_max: int, tags: tuple[int, ...], first_width: int) -> bytes:
    """Return the shortest header of a text, byte string or array."""
    if count <= fix_max:
        return bytes((fix | count,))
    for index, tag in enumerate(tags):
        width = first_width << index
        if count >> (8 * width) == 0:
            return bytes((tag,)) + count.to_bytes(width, "big")
    raise CodecError("too_large")


def _decode(data: bytes, at: int, depth: int) -> tuple[Value, int]:
    if depth > DEPTH_MAX:
        raise CodecError("too_deep", at)
    if at >= len(data):
        raise CodecError("truncated", at)
    tag = data[at]
    if tag <= _POSITIVE_FIXINT_MAX:
        return tag, at + 1
    if tag >= _NEGATIVE_FIXINT:
        return tag - 0x100, at + 1
    if tag < _FIXSTR and tag >= _FIXARRAY:
        return _decode_array(data, at + 1, tag - _FIXARRAY, depth)
    if _FIXSTR <= tag < _NIL:
        return _decode_text(data, at + 1, tag - _FIXSTR)
    simple = _SIMPLE.get(tag, _MISSING)
    if simple is not _MISSING:
        return simple, at + 1  # type: ignore[return-value]  # the sentinel is excluded
    return _decode_long(data, at, tag, depth)


def _decode_long(data: bytes, at: int, tag: int, depth: int) -> tuple[Value, int]:
    """Decode a value whose header has a length or an integer of its own."""
    if tag in _UINT:
        return _decode_integer(data, at, _WIDTHS[_UINT.index(tag)], signed=False)
    if tag in _INT:
        return _decode_integer(data, at, _WIDTHS[_INT.index(tag)], signed=True)
    if tag in _STR:
        count, after = _count(data, at, _STR.index(tag), 1, _FIXSTR_MAX)
        return _decode_text(data, after, count)
    if tag in _BIN:
        count, after = _count(data, at, _BIN.index(tag), 1, -1)
        return _take(data, after, count), after + count
    if tag in _ARRAY:
        count, after = _count(data, at, _ARRAY.index(tag), 2, _FIXARRAY_MAX)
        return _decode_array(data, after, count, depth)
    raise CodecError("forbidden_type", at)


def _decode_array(data: bytes, at: int, count: int, depth: int) -> tuple[Value, int]:
    if count > len(data) - at:  # each item takes a byte at least
        raise CodecError("truncated", at)
    items: list[Value] = []
    for _ in range(count):
        item, at = _decode(data, at, depth + 1)
        items.append(item)
    return tuple(items), at


def _decode_text(data: bytes, at: int, count: int) -> tuple[str, int]:
    try:
        return _take(data, at, count).decode("utf-8"), at + count
    except UnicodeDecodeError:
        raise CodecError("not_utf8", at) from None


def _decode_integer(data: bytes, at: int, width: int, *, signed: bool) -> tuple[int, int]:
    raw = _take(data, at + 1, width)
    value = int.from_bytes(raw, "big", signed=signed)
    if _encode_integer(value) != data[at : at + 1 + width]:
        raise CodecError("not_shortest", at)
    return value, at + 1 + width


def _count(data: bytes, at: int, index: int, first_width: int, fix_max: int) -> tuple[int, int]:
    """Return a length and where its content begins; refuse a longer header than needed."""
    width = first_width << index
    count = int.from_bytes(_take(data, at + 1, width), "big")
    shorter_max = fix_max if index == 0 else (1 << (8 * (width >> 1))) - 1
    if count <= shorter_max:
        raise CodecError("not_shortest", at)
    return count, at + 1 + width


def _take(data: bytes, at: int, count: int) -> bytes:
    if count > len(data) - at:
        raise CodecError("truncated", at)
    return data[at : at + count]


_MISSING: Final = object()
_SIMPLE: Final[dict[int, object]] = {_NIL: None, _FALSE: False, _TRUE: True}
