"""Credit facts and the standing that they add up to.

Who signs, who answers: nobody signs a credit fact; it follows from an obligation's own course, in
the block where that course turns.  Whoever doubts one doubts the obligation, and disputes that.

Rules this file keeps:
 1. A fact is never changed or removed: what undoes it is a further fact about the same obligation.
 2. A fact names its obligation; who the creditor is stays with the obligation.
 3. The fact of a missed duty names what the duty is from: an objection, say.  It has no amount.
"""

import enum
from typing import Final

from xinlian.contracts.fields import AmountMinor, Count, Day, Id, TimeMs
from xinlian.ledger.records import INTEGER_KEY_BYTES, Collection, Record
from xinlian.primitives import ID_BYTES

MODULE_NO: Final = 9


class CreditFactKind(enum.IntEnum):
    """What became of a promise."""

    ON_TIME = 1
    """All of it was performed in time."""
    DEFAULTED = 2
    """The cut-off passed and a part was missing."""
    CURED = 3
    """After a default, the rest was paid."""
    RELEASED = 4
    """After a default, the rest was forgiven, taken over by a guarantor, or ended by agreement."""
    UNDONE = 5
    """A bank's value day showed later that there had been no default."""
    DISPUTE_UPHELD = 6
    """An amount that was disputed was not owed; neither kept nor broken."""
    DUTY_MISSED = 7
    """A duty that is no debt was not done in time: to answer, to correct, to disclose."""
    ENFORCED = 8
    """After a default, the rest was paid, and not without a court's order."""


class CreditFact(Record, frozen=True):
    """What became of one promise of a party."""

    kind: Count
    obligation: Id
    """What was promised; or what a missed duty is from."""
    source_kind: Count
    """Of the obligation; 0 for a missed duty."""
    amount_minor: AmountMinor
    """What was performed in time, was missing, ended the default, or was not owed."""
    due_day: Day
    days_late: Count
    """From the due day until the default ended; 0 where none ended with this fact."""
    recorded_at_ms: TimeMs


class Standing(Record, frozen=True):
    """The sum of a party's credit facts."""

    fact_count: Count
    on_time: Count
    on_time_minor: AmountMinor
    defaulted: Count
    """Defaults ever, without those that were undone."""
    open_defaults: Count
    """Defaults that have not ended."""
    cured: Count
    released: Count
    days_late_max: Count
    first_at_ms: TimeMs
    last_default_at_ms: TimeMs
    duties_missed: Count = 0
    """Duties that are no debts and were not done in time."""
    enforced: Count = 0
    """Defaults that ended by a court's order."""


class OpenDefault(Record, frozen=True):
    """An obligation that is in default."""

    debtor: Id
    amount_minor: AmountMinor


CREDIT_FACTS: Final = Collection(MODULE_NO, 1, CreditFact, (ID_BYTES, INTEGER_KEY_BYTES))
STANDINGS: Final = Collection(MODULE_NO, 2, Standing, (ID_BYTES,))
OPEN_DEFAULTS: Final = Collection(MODULE_NO, 3, OpenDefault, (ID_BYTES,))
