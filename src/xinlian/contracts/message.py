"""Base types of messages and events.

Rules this file keeps:
 1. Message and event types are numbered ``module number × 256 + n``; numbers are never reused and
    encodings never changed, only added under a new number.
 2. A message type states who signs it, who may observe it, and how a mistake is remedied.
"""

from typing import ClassVar, Final

import msgspec

_FIXARRAY: Final = 0x90
_FIXSTR: Final = 0xA0
_POSITIVE_FIXINT_MAX: Final = 0x7F
_ARRAY_COUNT_BYTES: Final = {0xDC: 2, 0xDD: 4}
_INTEGER_BYTES: Final = {0xCC: 1, 0xCD: 2, 0xCE: 4, 0xCF: 8}


class Message(msgspec.Struct, array_like=True, frozen=True, forbid_unknown_fields=True, gc=False):
    """One typed request; concrete types are tagged with their number."""

    signs: ClassVar[str] = ""
    """Who signs, in the words of the trade."""
    observes: ClassVar[str] = ""
    """Who may read it and its outcome."""
    remedy: ClassVar[str] = ""
    """By which message a mistake is mended."""
    creates_obligation: ClassVar[bool] = True
    """False where a suspended party may still send it: being paid, defending itself."""
    moves_value: ClassVar[bool] = True
    """False where keys whose value mandates are held or frozen may still send it."""
    any_live_key: ClassVar[bool] = False
    """True where any active key of the party may send it, whatever its mandates."""
    is_kept_for: ClassVar[bool] = False
    """True where a share of each block is kept for it: governance, freezes, payment facts."""
    work: ClassVar[int] = 1
    """Work units that the message costs before its handler charges more."""

    def validate_basic(self) -> None:
        """Refuse what no state could make right; raises InvalidTransaction."""

    def capped_amount_minor(self) -> int:
        """Return the value the message moves or promises, for the cap of a mandate."""
        return 0


class Event(msgspec.Struct, array_like=True, frozen=True, forbid_unknown_fields=True, gc=False):
    """What happened, as data; concrete types are tagged with their number."""


def type_no(message_type: type[Message] | type[Event]) -> int:
    """Return the number of a concrete message or event type."""
    tag = message_type.__struct_config__.tag
    if not isinstance(tag, int):
        raise TypeError(f"{message_type.__name__} has no number")
    return tag


def type_name(message_type: type[Message] | type[Event]) -> str:
    """Return the public name, for example ``supply_chain.IssueCertificate``."""
    area = message_type.__module__.split(".")[2]
    return f"{area}.{message_type.__name__}"


def claimed_no(raw: bytes) -> int | None:
    """Return the type number that the bytes claim, or None; what follows it is not looked at."""
    tag = raw[0] if raw else 0
    at = 1 if _FIXARRAY <= tag < _FIXSTR else 1 + _ARRAY_COUNT_BYTES.get(tag, len(raw))
    if at >= len(raw):
        return None
    if raw[at] <= _POSITIVE_FIXINT_MAX:
        return raw[at]
    width = _INTEGER_BYTES.get(raw[at])
    return None if width is None else int.from_bytes(raw[at + 1 : at + 1 + width], "big")
