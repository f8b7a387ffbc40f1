"""Refusals of the contract runtime; they come after those of the envelope.

Order of precedence, for every message::

    1 UnknownMessageType   2 MessageMalformed   3 NonCanonicalMessage
    4 validate_basic of the message             5 the authority of its signers (members/*)
    6 the handler's own checks, in the order its module documents
    7 TooManyEvents, WorkExceeded, where they arise
"""

from typing import ClassVar, Final

from xinlian.primitives import InvalidTransaction

CODESPACE: Final = "contracts"


class UnknownMessageType(InvalidTransaction):
    """No message of that number is registered at this application version."""

    codespace: ClassVar[str] = CODESPACE
    code: ClassVar[int] = 1
    name: ClassVar[str] = "unknown_message_type"


class MessageMalformed(InvalidTransaction):
    """The fields of the message break their types or bounds."""

    codespace: ClassVar[str] = CODESPACE
    code: ClassVar[int] = 2
    name: ClassVar[str] = "message_malformed"


class NonCanonicalMessage(InvalidTransaction):
    """The message's bytes are not its one canonical form."""

    codespace: ClassVar[str] = CODESPACE
    code: ClassVar[int] = 3
    name: ClassVar[str] = "non_canonical_message"


class FieldInvalid(InvalidTransaction):
    """A field contradicts another field of the same message."""

    codespace: ClassVar[str] = CODESPACE
    code: ClassVar[int] = 4
    name: ClassVar[str] = "field_invalid"

    def __init__(self, field: str, detail: str) -> None:
        super().__init__(f"{field}: {detail}")
        self.field = field


class TooManyEvents(InvalidTransaction):
    """A message caused more events than one message may."""

    codespace: ClassVar[str] = CODESPACE
    code: ClassVar[int] = 5
    name: ClassVar[str] = "too_many_events"


class WorkExceeded(InvalidTransaction):
    """The transaction asks for more work than the block has left."""

    codespace: ClassVar[str] = CODESPACE
    code: ClassVar[int] = 6
    name: ClassVar[str] = "work_exceeded"
    transient: ClassVar[bool] = True
