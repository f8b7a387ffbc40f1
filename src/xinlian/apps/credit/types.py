"""Credit records, what was asked about them, and what was objected to.

Who signs, who may act, who answers: a provider publishes what it knows of a subject, under its own
signature, and answers for it within the objection clock; the subject lets readers in, sees every
inquiry and objects; an authority publishes rules and never touches a record.

Rules this file keeps:
 1. A record is never changed in what it says: a new version names the one before.  Only its place
    in life and its mark change.
 2. A record names an organisation of the directory.  What it states in full is in the document;
    here are commitments, dates, and an amount only where the table of types allows one.
 3. A record has at most one objection at a time; a later version takes over an open one.

Source: credit.md 3; field classes: ledger.md 2.
"""

import enum
from typing import Annotated, Final

import msgspec

from xinlian.contracts.fields import (
    CLASS_KEY,
    AmountMinor,
    Count,
    Day,
    Hash,
    Id,
    Name,
    OptionalId,
    TimeMs,
)
from xinlian.crypto.hashing import HASH_BYTES
from xinlian.ledger.records import Collection, Record
from xinlian.primitives import ID_BYTES

MODULE_NO: Final = 17
TYPE_BYTES: Final = 1
RECORDS_PER_TYPE_MAX: Final = 64
"""Current records of one type about one subject."""
_L: Final = {CLASS_KEY: "L"}
OptionalName = Annotated[
    str,
    msgspec.Meta(pattern=r"^([a-z0-9][a-z0-9._\-]{0,47})?$(?!\n)", extra=_L),
]
"""A name, or empty where there is none."""


class RecordLife(enum.IntEnum):
    """Where a record stands; it leaves ``CURRENT`` once."""

    CURRENT = 1
    SUPERSEDED = 2
    """A later version took its place."""
    WITHDRAWN = 3
    """Its provider took it back."""
    EXPIRED = 4
    """Its time of being shown is over."""


class Mark(enum.IntEnum):
    """What an objection did to a record."""

    NONE = 0
    MARKED = 1
    """Contested: shown with the mark until the provider has answered."""
    UNVERIFIABLE = 2
    """Neither proven nor disproven: both sides stay recorded."""
    SUPPRESSED = 3
    """The provider did not answer in time: no more shown, until it is corrected."""


class CreditRecord(Record, frozen=True):
    """What a provider says of a subject."""

    provider: Id
    subject: Id
    record_type: Name
    schema_version: Count
    polarity: Name
    event_day: Day
    end_day: Day
    """When the event ended; 0 while it has not: then no clock runs."""
    as_of_day: Day
    amount_minor: AmountMinor
    """In fen; 0 where the type has no amount, or the record none."""
    legal_basis: Name
    consent: OptionalId
    """By which the provider reports it; empty where it needs none."""
    law: OptionalName
    """The article that makes it public; empty where it is not."""
    document_root: Hash
    previous: OptionalId
    """The version before; empty for the first."""
    published_at_ms: TimeMs
    expires_at_ms: TimeMs
    """From this moment on it is no more shown; 0 while no clock runs."""
    life: Count
    mark: Count
    objection: OptionalId
    """The last objection to it; empty without one."""

    @property
    def is_current(self) -> bool:
        """True until something took its place or ended it."""
        return self.life == RecordLife.CURRENT


class CurrentRecord(Record, frozen=True):
    """That a record is the current version of what its provider says."""

    provider: Id


class Shelf(Record, frozen=True):
    """How many current records of a type there are about a subject."""

    count: Count


class UsedRoot(Record, frozen=True):
    """Which record a document is of: none counts twice."""

    record: Id


RECORDS: Final = Collection(MODULE_NO, 1, CreditRecord, (ID_BYTES,))
CURRENT: Final = Collection(MODULE_NO, 2, CurrentRecord, (ID_BYTES, TYPE_BYTES, ID_BYTES))
"""By subject, type and record."""
SHELVES: Final = Collection(MODULE_NO, 3, Shelf, (ID_BYTES, TYPE_BYTES))
USED_ROOTS: Final = Collection(MODULE_NO, 4, UsedRoot, (HASH_BYTES,))
