"""Credit records, what was asked about them, and what was objected to.

Who signs, who may act, who answers: a provider publishes what it knows of a subject, under its own
signature, and answers for it within the objection clock; the subject lets readers in, sees every
inquiry and objects; an authority publishes rules and never touches a record.

Rules this file keeps:
 1. A record is never changed in what it says: a new version names the one before.  Only its place
    in life and its mark change.
 2. A record names an organisation of the directory.  What it states in full is in the document;
    here are commitments, dates, and an amount only where the table of types allows one.
 3. A version has at most one objection ever; a later version takes over an open one.
 4. What was asked stays: who, why, on which basis, and which records answered it.

Source: docs/concepts/credit.md; field classes: docs/reference/field-classes.md.
"""

import enum
from collections.abc import Mapping
from typing import Annotated, Final

import msgspec

from xinlian.contracts.fields import (
    CLASS_KEY,
    AmountMinor,
    Count,
    Day,
    Flag,
    Hash,
    Id,
    Name,
    OptionalHash,
    OptionalId,
    OptionalName,
    TimeMs,
)
from xinlian.crypto.hashing import HASH_BYTES
from xinlian.ledger.records import INTEGER_KEY_BYTES, Collection, Record
from xinlian.modules.consent.types import DataKinds
from xinlian.primitives import ID_BYTES

MODULE_NO: Final = 17
TYPE_BYTES: Final = 1
RECORDS_PER_TYPE_MAX: Final = 64
"""Current records of one type about one subject."""
_L: Final = {CLASS_KEY: "L"}
INQUIRY_RECORDS_MAX: Final = 128
"""Records that one inquiry is answered with."""
POINTS_MIN: Final = 300
POINTS_MAX: Final = 900
REASONS_MAX: Final = 4
Reasons = Annotated[tuple[Name, ...], msgspec.Meta(max_length=REASONS_MAX, extra=_L)]
"""Features that cost points, the most lost first."""
RecordIds = Annotated[tuple[Id, ...], msgspec.Meta(max_length=INQUIRY_RECORDS_MAX, extra=_L)]


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
    is_official: Flag
    """Published in the official role that policy asked of the type: grade A by itself."""
    suppressed_from_ms: TimeMs
    """From this moment on it is not shown, unless its provider has answered; 0 where none asks."""

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


class Inquiry(Record, frozen=True):
    """What somebody asked of a subject's records, and what it was answered with."""

    inquirer: Id
    subject: Id
    inquiry_purpose: Name
    record_types: DataKinds
    consent: OptionalId
    """Under which it was asked; empty where law lets the inquirer ask, or it is the subject."""
    law: OptionalName
    """The article that lets an official inquirer ask."""
    request_root: Hash
    """The inquirer's commitment to its request: the case, and who in its house asks."""
    asked_at_ms: TimeMs
    shown: RecordIds
    """The records that answered it, by type and id."""
    marked: RecordIds
    """Those of them that were contested or could not be verified."""
    counted: RecordIds
    """Those of them that count in a score: reported under consent, published in an official role,
    or countersigned by the subject; none that could not be verified."""
    hard_queries: Count
    """How often lenders asked in the days before, where it was asked for; see ``inquiries``."""


class InquiryOfSubject(Record, frozen=True):
    """An entry of the index of the inquiries for new credit about a subject."""


class ObjectionStatus(enum.IntEnum):
    """Where an objection stands."""

    MARKED = 1
    """Filed: the record bears the mark, the provider's clock runs."""
    CORRECTED = 2
    REJECTED = 3
    UNVERIFIABLE = 4
    SUPPRESSED = 5
    """The clock ran out."""


OBJECTION_TRANSITIONS: Final[Mapping[ObjectionStatus, frozenset[ObjectionStatus]]] = {
    ObjectionStatus.MARKED: frozenset(ObjectionStatus) - {ObjectionStatus.MARKED},
    ObjectionStatus.SUPPRESSED: frozenset({ObjectionStatus.CORRECTED}),
    ObjectionStatus.CORRECTED: frozenset(),
    ObjectionStatus.REJECTED: frozenset(),
    ObjectionStatus.UNVERIFIABLE: frozenset(),
}


class Objection(Record, frozen=True):
    """That a subject contests a record, and what its provider answered."""

    record: Id
    """The version that bears the mark now."""
    first_record: Id
    """The version that was contested."""
    subject: Id
    provider: Id
    reason_root: Hash
    filed_at_ms: TimeMs
    due_day: Day
    """The last local day on which the provider can answer, by the rule in force when filed."""
    status: Count
    answer_root: OptionalHash
    """The written answer; empty until there is one."""
    answered_at_ms: TimeMs
    item_due_at_ms: TimeMs
    item_no: Count
    """Where its deadline stands in the queue of due work."""

    def status_at(self, time_ms: int) -> ObjectionStatus:
        """Return where it stands, whether or not the clock has written it down."""
        is_late = self.status == ObjectionStatus.MARKED and time_ms >= self.item_due_at_ms
        return ObjectionStatus.SUPPRESSED if is_late else ObjectionStatus(self.status)


class Score(Record, frozen=True):
    """What an inquirer's verifier signed about an inquiry's subject."""

    model_root: Hash
    is_sufficient: Flag
    points: Count
    points_uncontested: Count
    reasons: Reasons
    features_present: Count
    feature_root: Hash
    given_at_ms: TimeMs


RECORDS: Final = Collection(MODULE_NO, 1, CreditRecord, (ID_BYTES,))
CURRENT: Final = Collection(MODULE_NO, 2, CurrentRecord, (ID_BYTES, TYPE_BYTES, ID_BYTES))
"""By subject, type and record."""
SHELVES: Final = Collection(MODULE_NO, 3, Shelf, (ID_BYTES, TYPE_BYTES))
USED_ROOTS: Final = Collection(MODULE_NO, 4, UsedRoot, (HASH_BYTES,))
INQUIRIES: Final = Collection(MODULE_NO, 5, Inquiry, (ID_BYTES,))
INQUIRIES_OF: Final = Collection(
    MODULE_NO,
    6,
    InquiryOfSubject,
    (ID_BYTES, INTEGER_KEY_BYTES, ID_BYTES),
)
"""Inquiries for new credit, by subject, moment and inquiry."""
OBJECTIONS: Final = Collection(MODULE_NO, 7, Objection, (ID_BYTES,))
SCORES: Final = Collection(MODULE_NO, 8, Score, (ID_BYTES,))
"""By inquiry."""
