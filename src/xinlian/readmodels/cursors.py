"""Cursors: where a list goes on, as opaque text that fits in an address.

Rules this file keeps:
 1. A cursor belongs to one list; another list, or a text of one's own, is refused by name.
 2. What is in a cursor is bounded and typed before a database sees it.
"""

import base64
import binascii
import re
from collections.abc import Sequence
from typing import Final

import msgspec

from xinlian.primitives import AMOUNT_MINOR_MAX
from xinlian.readmodels.errors import CursorInvalid, LimitInvalid

LIMIT_MAX: Final = 200
_CURSOR_CHARS_MAX: Final = 512
_PLAIN: Final = re.compile(r"[ -~]{0,200}")

CursorKey = tuple[int | str, ...]
_decode = msgspec.json.Decoder(list[int | str]).decode


def check_limit(limit: int) -> int:
    """Return a limit of 1…200; raises LimitInvalid."""
    if not 1 <= limit <= LIMIT_MAX:
        raise LimitInvalid(f"1 to {LIMIT_MAX}, not {limit}")
    return limit


def is_plain(text: str) -> bool:
    """Return whether a text is short printable ASCII, as all ids here are."""
    return _PLAIN.fullmatch(text) is not None


def encode_cursor(list_name: str, key: Sequence[int | str]) -> str:
    """Return the cursor behind the row with this key."""
    return base64.urlsafe_b64encode(msgspec.json.encode([list_name, *key])).decode().rstrip("=")


def decode_cursor(
    list_name: str,
    key_types: Sequence[type[int] | type[str]],
    cursor: str | None,
) -> CursorKey | None:
    """Return the key in a cursor, or None without one; raises CursorInvalid."""
    if cursor is None:
        return None
    name, *key = _values(cursor) or [""]
    if name != list_name:
        raise CursorInvalid(f"not a cursor of the list {list_name}")
    return check_key(list_name, key_types, key)


def check_key(
    list_name: str,
    key_types: Sequence[type[int] | type[str]],
    key: Sequence[int | str] | None,
) -> CursorKey | None:
    """Return the key of a row of a list, or None without one; raises CursorInvalid."""
    if key is None:
        return None
    if len(key) != len(key_types) or not all(map(_fits, key, key_types)):
        raise CursorInvalid(f"not a key of the list {list_name}")
    return tuple(key)


def _values(cursor: str) -> list[int | str]:
    if len(cursor) > _CURSOR_CHARS_MAX or not cursor.isascii():
        raise CursorInvalid("too long, or not ASCII")
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        return _decode(base64.b64decode(padded, altchars=b"-_", validate=True))
    except (binascii.Error, ValueError, msgspec.DecodeError):
        raise CursorInvalid("not the text of a cursor") from None


def _fits(value: int | str, key_type: type[int] | type[str]) -> bool:
    if isinstance(value, int):
        return key_type is int and 0 <= value <= AMOUNT_MINOR_MAX
    return key_type is str and is_plain(value)
