"""Consents, and the reads that were recorded under them.

Who signs, who may act, who answers: the subject gives and revokes a consent with keys that its own
mandate names; the reader records each read before it reads, and answers for its request, which it
commits to.  Both see the consent and every read.

Rules this file keeps:
 1. A subject is a party of the directory.  In this version that is an organisation; a person will
    be a party under an id of one relationship, which fits the same field and says no more of it.
 2. Purposes and kinds of data are closed lists: they may only grow.
 3. A consent is never changed but by its end, and ends once; what was read before stays recorded.
 4. A read names what it was for by a commitment: who asked within the reader's house, and on which
    case, is in the reader's own document.

Source: docs/concepts/consent.md (portrait under consent, audit trail).
"""

import enum
from typing import Annotated, Final

import msgspec

from xinlian.contracts.fields import (
    CLASS_KEY,
    Count,
    Hash,
    Id,
    Name,
    OptionalHash,
    TimeMs,
)
from xinlian.ledger.records import INTEGER_KEY_BYTES, Collection, Record
from xinlian.primitives import ID_BYTES
from xinlian.primitives.time import MS_PER_DAY

MODULE_NO: Final = 13
CONSENT_DAYS_ROW: Final = "consent.days_max"
"""For how many days a consent may be given at once."""
REQUIRED_ROWS: Final = (CONSENT_DAYS_ROW,)
PERIOD_DAYS_MAX: Final = 366
READS_MAX: Final = 10_000
"""In one period of a consent."""
_L: Final = {CLASS_KEY: "L"}


class Purpose(enum.StrEnum):
    """What data may be read for; law that needs no consent has no purpose here."""

    LOAN_APPROVAL = "loan_approval"
    """Whether and how to finance the subject."""
    POST_LOAN = "post_loan"
    """Watching over what was financed."""
    GUARANTEE_CHECK = "guarantee_check"
    """Whether to take the subject as a guarantor."""
    MERCHANT_CHECK = "merchant_check"
    """Whether to deal with the subject."""
    CARD_APPROVAL = "card_approval"
    """Whether to give the subject a credit card."""
    CREDIT_REPORTING = "credit_reporting"
    """Publishing what the reader itself knows of the subject, as credit records."""


class DataKind(enum.StrEnum):
    """Which data of a subject may be read."""

    ACTIVITY = "activity"
    """Since when, and in how many months, it sold what buyers promised to pay."""
    BEING_PAID = "being_paid"
    """How long its buyers take, and how often they are late."""
    BUYERS = "buyers"
    """How many buyers it has, and how much hangs on the largest."""
    OWN_PROMISES = "own_promises"
    """What it promised to pay itself, and what became of that."""
    LOAN_ACCOUNT = "loan_account"
    """From here on: credit records, by the names of their types."""
    MONTHLY_STATUS = "monthly_status"
    FIVE_CLASS = "five_class"
    GUARANTEE = "guarantee"
    QUERY = "query"
    """Who asked for its credit records."""
    PUBLIC_PENALTY = "public_penalty"
    COURT_ENFORCEMENT = "court_enforcement"
    TAX_ARREARS = "tax_arrears"
    UTILITY_ARREARS = "utility_arrears"
    POSITIVE_CONDUCT = "positive_conduct"
    TRADE_SETTLEMENT = "trade_settlement"
    SELF_STATEMENT = "self_statement"


PORTRAIT_KINDS: Final = frozenset(("activity", "being_paid", "buyers", "own_promises"))
"""The kinds that a portrait is made of."""
DATA_KINDS: Final = frozenset(map(str, DataKind))
PURPOSES: Final = frozenset(map(str, Purpose))
DATA_KINDS_MAX: Final = 16
DataKinds = Annotated[
    tuple[Name, ...],
    msgspec.Meta(min_length=1, max_length=DATA_KINDS_MAX, extra=_L),
]
"""Kinds of data, ascending, none twice."""
ReadsMax = Annotated[int, msgspec.Meta(ge=1, le=READS_MAX, extra=_L)]
"""How many reads one period of a consent allows."""
PeriodDays = Annotated[int, msgspec.Meta(ge=0, le=PERIOD_DAYS_MAX, extra=_L)]
"""How many days a period has; 0 where the whole life of the consent is one."""


class ConsentStatus(enum.IntEnum):
    """Where a consent stands; it leaves ``GIVEN`` once."""

    GIVEN = 1
    REVOKED = 2
    """The subject took it back."""
    ENDED = 3
    """Its time is over."""


class Consent(Record, frozen=True):
    """What a subject lets a reader read."""

    subject: Id
    reader: Id
    purpose: Name
    data_kinds: DataKinds
    from_ms: TimeMs
    until_ms: TimeMs
    """The last moment at which it may be read."""
    reads_max: ReadsMax
    period_days: PeriodDays
    terms_root: OptionalHash
    """The document that tells the subject what it agreed to; empty without one."""
    status: Count
    given_at_ms: TimeMs
    ended_at_ms: TimeMs
    """0 while it is given."""
    read_count: Count
    """Of all reads ever."""
    period_no: Count
    """Of the last read."""
    period_reads: Count
    """How many reads there were in that period."""
    item_due_at_ms: TimeMs
    item_no: Count
    """Where its end stands in the queue of due work."""

    def period_at(self, time_ms: int) -> int:
        """Return the number of the period that a moment lies in, from 0."""
        if not self.period_days:
            return 0
        return max(time_ms - self.from_ms, 0) // (self.period_days * MS_PER_DAY)

    def reads_in(self, period_no: int) -> int:
        """Return how many reads were recorded in a period that has begun."""
        return self.period_reads if period_no == self.period_no else 0


class ConsentRead(Record, frozen=True):
    """One read under a consent."""

    reader: Id
    subject: Id
    purpose: Name
    data_kinds: DataKinds
    request_root: Hash
    """The reader's commitment to its request: the case, and who in its house asks."""
    read_at_ms: TimeMs


CONSENTS: Final = Collection(MODULE_NO, 1, Consent, (ID_BYTES,))
READS: Final = Collection(MODULE_NO, 2, ConsentRead, (ID_BYTES, INTEGER_KEY_BYTES))
"""By consent and number, from 0."""
