"""Frames on the engine's socket: a varint of the length, then one request or one response.

Rules this file keeps:
 1. A frame longer than ``FRAME_BYTES_MAX`` is refused before any of it is kept.
 2. A request of a kind that is not known here is refused, never answered with another kind.
"""

from typing import Final

from xinlian.engines.cometbft.kinds import REQUEST_NUMBERS, RESPONSE_NUMBERS
from xinlian.engines.cometbft.wire import (
    Message,
    WireError,
    decode,
    encode,
    put_varint,
    read_varint,
)

FRAME_BYTES_MAX: Final = 32 << 20
"""A block has at most 4 MiB of transactions; what the engine adds to it is far smaller."""
_LENGTH_BYTES_MAX: Final = 5
_MESSAGE_TAG: Final = 2


def next_frame(buffer: bytearray, position: int) -> tuple[bytes, int] | None:
    """Return the frame that begins at a position, and where it ends; None when it is not whole.

    Raises:
        WireError: it is too long, or its length is no number.
    """
    size, start, shift = 0, position, 0
    while True:
        if start == len(buffer):
            return None
        byte = buffer[start]
        start += 1
        size |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:  # noqa: PLR2004 - the last byte of a varint
            break
        if start - position == _LENGTH_BYTES_MAX:
            raise WireError("the length of a frame is no number")
    if size > FRAME_BYTES_MAX:
        raise WireError(f"a frame of {size} bytes; at most {FRAME_BYTES_MAX} are read")
    if start + size > len(buffer):
        return None
    return bytes(buffer[start : start + size]), start + size


def decode_request(frame: bytes) -> Message:
    """Return the request of a frame; raises WireError."""
    tag, position = read_varint(frame, 0, len(frame))
    request_type = REQUEST_NUMBERS.get(tag >> 3)
    if request_type is None or tag & 7 != _MESSAGE_TAG:
        raise WireError(f"no request has tag {tag}")
    size, position = read_varint(frame, position, len(frame))
    if position + size != len(frame):
        raise WireError("a request does not fill its frame")
    return decode(frame[position:], request_type)


def put_response(out: bytearray, response: Message) -> None:
    """Append the frame of a response."""
    content = encode(response)
    head = bytearray()
    put_varint(head, RESPONSE_NUMBERS[type(response)] << 3 | _MESSAGE_TAG)
    put_varint(head, len(content))
    put_varint(out, len(head) + len(content))
    out += head
    out += content
