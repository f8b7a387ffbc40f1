"""Scheduled items, in (due, sequence) order.

Rules this file keeps:
 1. The key is the order: due time, then sequence number.
 2. An item names a handler by number and a subject by id; it carries no data of its own.
"""

from typing import Annotated, Final

import msgspec

from xinlian.contracts.fields import CLASS_KEY, Count, Id, OptionalId, PublicKey, TimeMs
from xinlian.ledger.records import INTEGER_KEY_BYTES, Collection, Record
from xinlian.primitives import ID_BYTES

MODULE_NO: Final = 3


class ScheduledItem(Record, frozen=True):
    """One piece of due work."""

    handler_no: Count
    subject: Id
    charged_to: OptionalId = b""
    """Whose quota of open items it counts towards; empty where nobody's."""


class Sequence(Record, frozen=True):
    """The number that the next item gets."""

    next_no: Count


class Redating(Record, frozen=True):
    """How far open work has been dated anew after the banking calendar changed."""

    due_at_ms: TimeMs
    sequence_no: Count
    """The last item that was looked at; those behind it in the queue are still to come."""


class Operator(Record, frozen=True):
    """A key that may move a simulated clock."""

    public_key: PublicKey


class ClockVote(Record, frozen=True):
    """To which moment an organisation that operates the chain would send its simulated clock."""

    target_ms: TimeMs


RETRIED_MAX: Final = 32
"""How many parked items one decision takes up again."""
ParkedNumbers = Annotated[
    tuple[Count, ...],
    msgspec.Meta(min_length=1, max_length=RETRIED_MAX, extra={CLASS_KEY: "L"}),
]

ITEMS: Final = Collection(MODULE_NO, 1, ScheduledItem, (INTEGER_KEY_BYTES, INTEGER_KEY_BYTES))
SEQUENCE: Final = Collection(MODULE_NO, 2, Sequence, ())
PARKED: Final = Collection(MODULE_NO, 3, ScheduledItem, (INTEGER_KEY_BYTES,))
OPERATORS: Final = Collection(MODULE_NO, 4, Operator, (INTEGER_KEY_BYTES,))
REDATING: Final = Collection(MODULE_NO, 5, Redating, ())
CLOCK_VOTES: Final = Collection(MODULE_NO, 6, ClockVote, (ID_BYTES,))
