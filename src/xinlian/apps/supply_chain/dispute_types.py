"""Disputes of leaves: what is on record of them.

Rules this file keeps:
 1. A dispute is an object of its own and is never edited away: it stays, with how it ended.
 2. What is disputed of a leaf is the sum of its open disputes.
 3. A side has at most one open dispute of a leaf.

Source: docs/concepts/certificates.md (Dispute, T16, T22).
"""

import enum
from typing import Final

from xinlian.apps.supply_chain.types import MODULE_NO
from xinlian.contracts.fields import (
    AmountMinor,
    Count,
    Day,
    Flag,
    Hash,
    Id,
    OptionalHash,
    OptionalId,
    TimeMs,
)
from xinlian.crypto.hashing import HASH_BYTES
from xinlian.ledger.records import Collection, Record
from xinlian.primitives import ID_BYTES


class Ground(enum.IntEnum):
    """Why an amount is said not to be owed."""

    QUALITY = 1
    """Of goods or services: waived by the promise, since the leaf exists only after T3."""
    FRAUD = 2
    """The trade, or a document of it, is false."""
    IDENTITY = 3
    """Who signed was not who the signature says."""
    COURT = 4
    """It is before a court, which gave a document of its own."""


class DisputeStatus(enum.IntEnum):
    """Where a dispute stands."""

    OPEN = 1
    WITHDRAWN = 2
    AGREED = 3
    DECIDED = 4
    LAPSED = 5
    """Its time was up, and policy decided."""


TRANSITIONS: Final[dict[DisputeStatus, frozenset[DisputeStatus]]] = {
    DisputeStatus.OPEN: frozenset(set(DisputeStatus) - {DisputeStatus.OPEN}),
    **{ended: frozenset() for ended in DisputeStatus if ended != DisputeStatus.OPEN},
}


class Dispute(Record, frozen=True):
    """That a side says of a leaf that an amount of it is not owed."""

    leaf: Id
    certificate: Id
    raised_by: Id
    amount_minor: AmountMinor
    ground: Count
    grounds_root: Hash
    raised_at_ms: TimeMs
    ends_at_ms: TimeMs
    """Until when the sides or a court may end it; then policy does."""
    status: Count
    upheld_minor: AmountMinor = 0
    """How much was found not to be owed, when it ended."""
    ended_by: OptionalId = b""
    """Who agreed last, or decided; empty where it was withdrawn or the clock ended it."""
    decision_root: OptionalHash = b""
    frees_invoice: Flag = False
    """Whether what was upheld may be certified again."""
    proposed_by: OptionalId = b""
    """Which side has proposed an outcome; empty without one."""
    proposed_minor: AmountMinor = 0
    proposal_frees_invoice: Flag = False
    owed_again_day: Day = 0
    """Not before the cut-off of the banking day on or after it is the leaf overdue again."""


class DisputeOf(Record, frozen=True):
    """An entry of the index of the latest dispute of a leaf by a side."""

    dispute: Id


DISPUTES: Final = Collection(MODULE_NO, 40, Dispute, (ID_BYTES,))
DISPUTES_OF: Final = Collection(MODULE_NO, 41, DisputeOf, (ID_BYTES, ID_BYTES))
"""By leaf, and by who raised it."""


class PaperUsed(Record, frozen=True):
    """That a court's document has held a leaf up; it does so once."""


PAPERS_USED: Final = Collection(MODULE_NO, 44, PaperUsed, (ID_BYTES, HASH_BYTES))
"""By leaf, and by the document's root."""
