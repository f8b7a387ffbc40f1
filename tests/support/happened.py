"""What a chain has recorded: the events of all its blocks, in order."""

from functools import reduce
from operator import or_
from typing import Any, TypeVar

import msgspec

from xinlian.bootstrap import build_registry
from xinlian.contracts.message import Event
from xinlian.ledger.application import decode_outcome
from xinlian.testing import Consortium

EventT = TypeVar("EventT", bound=Event)
_UNION: Any = reduce(or_, build_registry().events.values())
_decode = msgspec.msgpack.Decoder(_UNION).decode


def happened(consortium: Consortium, event_type: type[EventT]) -> list[EventT]:
    """Return all events of a type."""
    store, found = consortium.engine.application.store, []
    for height in range(1, consortium.engine.height() + 1):
        outcome = store.outcome(height)
        assert outcome is not None
        for group in decode_outcome(outcome).event_groups:
            events = (_decode(record.event) for record in group.events)
            found += [event for event in events if isinstance(event, event_type)]
    return found
