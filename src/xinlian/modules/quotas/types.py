"""What a payer used, and its policy rows.

Rules this file keeps:
 1. One record for a payer holds its present window: a new window is written over the old one.
 2. Policy sets values up to the ceilings of ``ledger/limits.py``; a higher value counts as them.
"""

from typing import Annotated, Final, NamedTuple

import msgspec

from xinlian.contracts.fields import CLASS_KEY, Count, Id
from xinlian.ledger import limits
from xinlian.ledger.records import Collection, Record
from xinlian.primitives import ID_BYTES
from xinlian.primitives.time import MS_PER_SECOND

MODULE_NO: Final = 10
WINDOW_ROW: Final = "quotas.window_seconds"
BYTES_ROW: Final = "quotas.bytes_per_window"
WORK_ROW: Final = "quotas.work_per_window"
STATE_BYTES_ROW: Final = "quotas.state_bytes_per_window"
MARKERS_ROW: Final = "quotas.markers_max"
OPEN_ITEMS_ROW: Final = "quotas.open_items_max"
REQUIRED_ROWS: Final = (
    WINDOW_ROW,
    BYTES_ROW,
    WORK_ROW,
    STATE_BYTES_ROW,
    MARKERS_ROW,
    OPEN_ITEMS_ROW,
)
CEILINGS: Final = (
    limits.QUOTA_WINDOW_MS_MAX // MS_PER_SECOND,
    limits.QUOTA_BYTES_MAX,
    limits.QUOTA_WORK_MAX,
    limits.QUOTA_STATE_BYTES_MAX,
    limits.QUOTA_MARKERS_MAX,
    limits.QUOTA_OPEN_ITEMS_MAX,
)
"""In the order of ``REQUIRED_ROWS``."""


class Allowance(NamedTuple):
    """The quotas in force; each party has as much."""

    window_ms: int
    bytes_max: int
    work_max: int
    state_bytes_max: int
    markers_max: int
    open_items_max: int


class Usage(Record, frozen=True):
    """What a payer used in its last window, and the markers that it owns now."""

    window_no: Count
    used_bytes: Count
    work: Count
    state_bytes: Count
    markers: Count


class OpenItems(Record, frozen=True):
    """How many items of the schedule are open on account of a party."""

    count: Count


class Hold(msgspec.Struct, array_like=True, frozen=True, forbid_unknown_fields=True):
    """A party that may not send a type of message up to a height."""

    party: Id
    message_no: Count
    until_height: Count


HOLDS_MAX: Final = 256
HoldList = Annotated[
    tuple[Hold, ...],
    msgspec.Meta(max_length=HOLDS_MAX, extra={CLASS_KEY: "L"}),
]


class Holds(Record, frozen=True):
    """Everything that is held after a fault, ascending by its end."""

    holds: HoldList


USAGE: Final = Collection(MODULE_NO, 1, Usage, (ID_BYTES,))
OPEN_ITEMS: Final = Collection(MODULE_NO, 2, OpenItems, (ID_BYTES,))
HOLDS: Final = Collection(MODULE_NO, 3, Holds, ())
