"""The one table of what exists: messages, events, records, scheduled work, ports.

Rules this file keeps:
 1. It is filled once, in ``bootstrap``, then frozen by use: nothing registers at run time.
 2. A number or a name is registered once; a second use is an error at start.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

from xinlian.contracts.message import Event, Message, type_name, type_no
from xinlian.contracts.ports import Ports
from xinlian.ledger.block import Misbehaviour
from xinlian.ledger.records import Collection

if TYPE_CHECKING:
    from xinlian.contracts.context import Context

MessageT = TypeVar("MessageT", bound=Message)

Handler = Callable[["Context", MessageT], None]
ScheduledHandler = Callable[["Context", bytes], None]
"""Performs one due item; the bytes are the id of its subject."""
MisbehaviourHandler = Callable[["Context", Misbehaviour], None]
"""Does what follows from one thing that the engine showed of a validator."""


_KeyT = TypeVar("_KeyT")
_ValueT = TypeVar("_ValueT")


class Registry:
    """All registered types of one application version."""

    def __init__(self) -> None:
        self.messages: dict[int, type[Message]] = {}
        self.events: dict[int, type[Event]] = {}
        self.collections: dict[bytes, Collection[Any]] = {}
        self.scheduled: dict[int, ScheduledHandler] = {}
        self.misbehaviour: MisbehaviourHandler | None = None
        self.ports = Ports()
        self.handlers: dict[type[Message], Handler[Any]] = {}

    def add_message(self, message_type: type[MessageT], handler: Handler[MessageT]) -> None:
        """Register a message type and the function that applies it."""
        base: type[Message] = message_type
        _add(self.messages, type_no(message_type), base)
        self.handlers[message_type] = handler

    def message_numbers(self) -> dict[str, int]:
        """Return the number of every message type by its public name."""
        return {type_name(kind): number for number, kind in self.messages.items()}

    def add_events(self, *event_types: type[Event]) -> None:
        """Register event types."""
        for event_type in event_types:
            _add(self.events, type_no(event_type), event_type)

    def add_collections(self, *collections: Collection[Any]) -> None:
        """Register collections of records."""
        for collection in collections:
            _add(self.collections, collection.prefix, collection)

    def add_scheduled(self, handler_no: int, handler: ScheduledHandler) -> None:
        """Register the function that performs due items of a number."""
        _add(self.scheduled, handler_no, handler)

    def add_misbehaviour(self, handler: MisbehaviourHandler) -> None:
        """Register the function that the engine's reports of validators go to."""
        if self.misbehaviour is not None:
            raise ValueError("misbehaviour is registered twice")
        self.misbehaviour = handler


def _add(table: dict[_KeyT, _ValueT], key: _KeyT, value: _ValueT) -> None:
    if key in table:
        raise ValueError(f"{key!r} is registered twice")
    table[key] = value
