"""The protobuf wire format, for messages that are declared as frozen structs.

A message names its fields with their numbers in ``FIELDS``; ``encode`` and ``decode`` do the rest.

Rules this file keeps:
 1. What it writes is what the official library writes of the same message: ascending numbers,
    shortest varints, defaults left out (vectors in the tests come from that library).
 2. Bytes from outside never overrun: every length is held against the end of its message; a
    message type holds no message of its own type, so that depth is bounded by the declarations.
 3. Unknown fields are passed over; of a field that may stand once the last value counts.  Merging
    of repeated parts of one message, and packed numbers, are not spoken: the engine sends neither.
"""

import enum
import functools
from typing import Any, ClassVar, Final, NamedTuple, TypeVar

import msgspec

_VARINT_BYTES_MAX: Final = 10
_VARINT: Final = 0
_FIXED_64: Final = 1
_LENGTH: Final = 2
_FIXED_32: Final = 5
_FIXED_BYTES: Final = {_FIXED_64: 8, _FIXED_32: 4}
_MASK_64: Final = (1 << 64) - 1
_SIGN_64: Final = 1 << 63
_CONTINUES: Final = 0x80
_SEVEN_BITS: Final = 0x7F


class WireError(ValueError):
    """The bytes are not a message of the declared type."""


class Kind(enum.Enum):
    """How a field's value is written."""

    UNSIGNED = enum.auto()
    """Numbers without sign, and enumerations."""
    SIGNED = enum.auto()
    """``int32`` and ``int64``: negative ones take ten bytes."""
    FLAG = enum.auto()
    BYTES = enum.auto()
    TEXT = enum.auto()
    MESSAGE = enum.auto()


class Field(NamedTuple):
    """One field of a message."""

    number: int
    name: str
    kind: Kind
    message: "type[Message] | None" = None
    is_repeated: bool = False


class Message(msgspec.Struct, frozen=True):
    """Base of declared messages; every field has its protobuf default."""

    FIELDS: ClassVar[tuple[Field, ...]] = ()


MessageT = TypeVar("MessageT", bound=Message)


def encode(message: Message) -> bytes:
    """Return the bytes of a message."""
    out = bytearray()
    for field, tag in _encoding_of(type(message)):
        value = getattr(message, field.name)
        if field.is_repeated:
            for item in value:
                _put(out, tag, field.kind, item)
        elif value or (value is not None and field.kind is Kind.MESSAGE):
            _put(out, tag, field.kind, value)
    return bytes(out)


def decode(data: bytes, message_type: type[MessageT]) -> MessageT:
    """Return the message of its bytes; raises WireError."""
    return _decode(data, 0, len(data), message_type)


def put_varint(out: bytearray, value: int) -> None:
    """Append a number of at most 64 bits; a negative one as its two's complement."""
    value &= _MASK_64
    while value > _SEVEN_BITS:
        out.append(value & _SEVEN_BITS | _CONTINUES)
        value >>= 7
    out.append(value)


def read_varint(data: bytes | bytearray, position: int, end: int) -> tuple[int, int]:
    """Return a number and where it ends; raises WireError when it does not end before ``end``."""
    value = 0
    for shift in range(0, 7 * _VARINT_BYTES_MAX, 7):
        if position >= end:
            raise WireError("a number is cut short")
        byte = data[position]
        position += 1
        value |= (byte & _SEVEN_BITS) << shift
        if byte < _CONTINUES:
            return value & _MASK_64, position
    raise WireError("a number is too long")


def _put(out: bytearray, tag: bytes, kind: Kind, value: Any) -> None:  # noqa: ANN401 - by kind
    out += tag
    if kind is Kind.BYTES:
        content = value
    elif kind is Kind.MESSAGE:
        content = encode(value)
    elif kind is Kind.TEXT:
        content = value.encode("utf-8")
    else:
        put_varint(out, int(value))
        return
    put_varint(out, len(content))
    out += content


def _decode(data: bytes, position: int, end: int, message_type: type[MessageT]) -> MessageT:
    fields = _decoding_of(message_type)
    values: dict[str, Any] = {}
    while position < end:
        tag, position = read_varint(data, position, end)
        field = fields.get(tag)
        wire_type = tag & 7
        if wire_type == _LENGTH:
            size, position = read_varint(data, position, end)
            start, position = position, position + size
            if position > end:
                raise WireError("a field is longer than its message")
            if field is not None:
                _keep(values, field, _value(data, start, position, field))
        elif wire_type == _VARINT:
            number, position = read_varint(data, position, end)
            if field is not None:
                _keep(values, field, _number(number, field.kind))
        else:
            position += _fixed_bytes(wire_type)
            if position > end:
                raise WireError("a field is longer than its message")
    for field in fields.values():
        if field.is_repeated and field.name in values:
            values[field.name] = tuple(values[field.name])
    return message_type(**values)


def _keep(values: dict[str, Any], field: Field, value: object) -> None:
    if field.is_repeated:
        values.setdefault(field.name, []).append(value)
    else:
        values[field.name] = value


def _value(data: bytes, start: int, end: int, field: Field) -> object:
    if field.message is not None:
        return _decode(data, start, end, field.message)
    content = data[start:end]
    if field.kind is Kind.BYTES:
        return content
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        raise WireError(f"{field.name} is not text") from None


def _number(value: int, kind: Kind) -> int | bool:
    if kind is Kind.FLAG:
        return bool(value)
    return value - (1 << 64) if kind is Kind.SIGNED and value >= _SIGN_64 else value


def _fixed_bytes(wire_type: int) -> int:
    size = _FIXED_BYTES.get(wire_type)
    if size is None:
        raise WireError(f"wire type {wire_type} is not spoken")
    return size


def _wire_type(kind: Kind) -> int:
    is_number = kind in {Kind.UNSIGNED, Kind.SIGNED, Kind.FLAG}
    return _VARINT if is_number else _LENGTH


@functools.cache
def _encoding_of(message_type: type[Message]) -> tuple[tuple[Field, bytes], ...]:
    """Return the fields in ascending order, each with the bytes of its tag."""
    found = []
    for field in sorted(message_type.FIELDS):
        tag = bytearray()
        put_varint(tag, field.number << 3 | _wire_type(field.kind))
        found.append((field, bytes(tag)))
    return tuple(found)


@functools.cache
def _decoding_of(message_type: type[Message]) -> dict[int, Field]:
    """Return the fields by their tags: one of another wire type is unknown."""
    return {field.number << 3 | _wire_type(field.kind): field for field in message_type.FIELDS}
