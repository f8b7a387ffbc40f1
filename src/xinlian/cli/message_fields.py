"""Fields of messages as people write them: ids, hashes, amounts, dates, flags.

Rules this file keeps:
 1. One notation a kind of field, the same for every message; the kind follows from the field's
    type and the unit at the end of its name.
 2. An amount is written with its decimals and a full stop, and becomes minor units exactly.
 3. Whatever does not fit is refused with the notation that would.
"""

import datetime as dt
import difflib
import functools
import json
import re
from typing import Annotated, Any, Final, get_args, get_origin, get_type_hints

import msgspec

from xinlian.bootstrap import build_registry
from xinlian.contracts.message import Message
from xinlian.modules.members.types import organisation_id
from xinlian.modules.members.uscc import is_valid_uscc
from xinlian.primitives.ids import ID_KINDS, MalformedId, parse_id
from xinlian.primitives.time import MS_PER_HOUR, MS_PER_MINUTE, MS_PER_SECOND, day_of_iso

_AMOUNT: Final = re.compile(r"^([0-9]{1,17})(?:\.([0-9]{1,2}))?\Z")
_LIKE_USCC: Final = re.compile(r"[0-9A-HJ-NPQRTUWXY]{18}")
_DURATION: Final = re.compile(r"^\+([0-9]{1,6})([smhd])\Z")
_DURATION_MS: Final = {
    "s": MS_PER_SECOND,
    "m": MS_PER_MINUTE,
    "h": MS_PER_HOUR,
    "d": 24 * MS_PER_HOUR,
}
_EPOCH: Final = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_MESSAGE_TYPE: Final = "message_type"
HEXADECIMAL: Final = "hexadecimal"
"""The notation of hashes."""
_TRUE: Final = frozenset({"true", "yes", "1"})
_FALSE: Final = frozenset({"false", "no", "0"})


class FieldRefused(ValueError):  # noqa: N818 - names what happened to the field
    """A field is not in its notation; the text says which would be."""


def field_types(message_type: type[Message]) -> dict[str, Any]:
    """Return the fields of a message with their types, in order."""
    hints = get_type_hints(message_type, include_extras=True)
    return {name: hints[name] for name in message_type.__struct_fields__}


def notation_of(name: str, annotation: object) -> str:
    """Return how a field is written, for help texts."""
    base = _base_type(annotation)
    if base is bool:
        return "true | false"
    if base is int:
        return _integer_notation(name)
    if base is bytes:
        return _bytes_notation(annotation)
    return "text" if base is str else "JSON"


def parse_field(
    name: str,
    annotation: object,
    text: str,
    chain_id: str,
    now_ms: int,
) -> object:
    """Return the value of a field.

    Args:
        name: the field's name, which ends with its unit.
        annotation: its declared type.
        text: what was written.
        chain_id: for organisations that are named by their code.
        now_ms: consensus time, for durations such as ``+2h``.

    Raises:
        FieldRefused: with the notation that fits.
    """
    base = _base_type(annotation)
    try:
        if base is bool:
            return _parse_flag(text)
        if base is int:
            return _parse_integer(name, text, now_ms)
        if base is bytes:
            return _parse_bytes(text, chain_id)
        if base is str:
            return text
        return _parse_nested(name, annotation, json.loads(text), chain_id, now_ms)
    except (ValueError, RecursionError) as error:
        detail = f" ({error})" if str(error) else ""
        expected = notation_of(name, annotation)
        raise FieldRefused(f"{name}: expected {expected}, got {text[:80]!r}{detail}") from None


def parse_amount(text: str) -> int:
    """Return minor units of a decimal amount with at most two decimals.

    >>> parse_amount("1000.5")
    100050
    """
    match = _AMOUNT.match(text)
    if match is None:
        raise ValueError("an amount has at most 17 digits and two decimals")
    return int(match[1]) * 100 + int((match[2] or "").ljust(2, "0"))


def parse_moment(text: str, now_ms: int) -> int:
    """Return milliseconds of ``+2h`` (from now), or of an ISO 8601 moment with an offset."""
    duration = _DURATION.match(text)
    if duration is not None:
        return now_ms + int(duration[1]) * _DURATION_MS[duration[2]]
    if text.isascii() and text.isdigit():
        return int(text)
    try:
        moment = dt.datetime.fromisoformat(text)
    except ValueError:
        raise ValueError("") from None
    if moment.tzinfo is None:
        raise ValueError("a moment needs its offset, such as +08:00")
    return (moment - _EPOCH) // dt.timedelta(milliseconds=1)


@functools.cache
def _message_numbers() -> dict[str, int]:
    """Return the number of every message type by its name."""
    return build_registry().message_numbers()


def _message_number(text: str) -> int:
    if text.isascii() and text.isdigit():
        return int(text)
    number = _message_numbers().get(text)
    if number is None:
        near = difflib.get_close_matches(text, _message_numbers(), n=3)
        raise ValueError(f"did you mean {', '.join(near)}?" if near else "no such message")
    return number


def _integer_notation(name: str) -> str:
    if name == _MESSAGE_TYPE:
        return "message, such as accounts.Transfer, or its number"
    if name.endswith("_minor"):
        return "amount, such as 1000000.00"
    if name.endswith("_day"):
        return "date, YYYY-MM-DD"
    if name.endswith("_ms"):
        return "moment, such as 2027-03-01T09:00:00+08:00 or +2h, +30d"
    return "whole number"


def _bytes_notation(annotation: object) -> str:
    lengths = [meta for meta in get_args(annotation)[1:] if isinstance(meta, msgspec.Meta)]
    is_id = any(meta.max_length == 20 for meta in lengths)  # noqa: PLR2004 - the length of an id
    return "id, such as leaf_…, or an organisation's USCC" if is_id else HEXADECIMAL


def _base_type(annotation: object) -> object:
    plain = _unannotated(annotation)
    return get_origin(plain) or plain


def _parse_flag(text: str) -> bool:
    lowered = text.lower()
    if lowered in _TRUE:
        return True
    if lowered in _FALSE:
        return False
    raise ValueError


def _parse_integer(name: str, text: str, now_ms: int) -> int:
    if name == _MESSAGE_TYPE:
        return _message_number(text)
    if name.endswith("_minor"):
        return parse_amount(text)
    if name.endswith("_day"):
        return day_of_iso(text)
    if name.endswith("_ms"):
        return parse_moment(text, now_ms)
    return int(text)


def parse_party(text: str, chain_id: str) -> bytes:
    """Return the id of an organisation by its id or its code; raises ValueError."""
    if is_valid_uscc(text):
        return organisation_id(chain_id, text)
    return parse_id("party", text)


def _parse_bytes(text: str, chain_id: str) -> bytes:
    if not text:
        return b""
    if is_valid_uscc(text):
        return organisation_id(chain_id, text)
    kind = text.partition("_")[0]
    if kind in ID_KINDS:
        try:
            return parse_id(kind, text)
        except MalformedId as error:
            raise ValueError(str(error)) from None
    if _LIKE_USCC.fullmatch(text):
        raise ValueError("its check character does not fit")
    try:
        return bytes.fromhex(text)
    except ValueError:
        raise ValueError("") from None


def _parse_nested(
    name: str,
    annotation: object,
    value: object,
    chain_id: str,
    now_ms: int,
) -> object:
    """Return the value of a list, a nested object, or a plain field inside one."""
    base = _base_type(annotation)
    if base is tuple and isinstance(value, list):
        inner = get_args(_unannotated(annotation))[0]
        return tuple(_parse_nested(name, inner, item, chain_id, now_ms) for item in value)
    if isinstance(base, type) and issubclass(base, msgspec.Struct) and isinstance(value, dict):
        hints = get_type_hints(base, include_extras=True)
        fields = {
            key: _parse_nested(key, hints[key], item, chain_id, now_ms)
            for key, item in value.items()
            if key in hints or _unknown(key)
        }
        return base(**fields)
    if isinstance(value, list | dict) or base is tuple:
        raise FieldRefused(f"{name}: the JSON has another shape")
    text = json.dumps(value) if isinstance(value, bool) else str(value)
    return parse_field(name, annotation, text, chain_id, now_ms)


def _unknown(key: str) -> bool:
    raise FieldRefused(f"{key}: there is no such field")


def _unannotated(annotation: object) -> object:
    return get_args(annotation)[0] if get_origin(annotation) is Annotated else annotation
