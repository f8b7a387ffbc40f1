"""Obligations and the standing authorities that perform them.

Rules this file keeps:
 1. performed + open + released = amount, at every height.
 2. An authority names one obligation; it is never used for another, beyond its cap or its end.
 3. The due moment is the opening of the due banking day; default is at that day's cut-off.
"""

import enum
from typing import Final

from xinlian.contracts.fields import AmountMinor, Count, Day, Id, OptionalId, TimeMs
from xinlian.ledger.records import INTEGER_KEY_BYTES, Collection, Record
from xinlian.primitives import ID_BYTES

MODULE_NO: Final = 5


class ObligationStatus(enum.IntEnum):
    """The life of an obligation."""

    PROPOSED = 1
    OPEN = 2
    DUE = 3
    PERFORMED = 4
    DEFAULTED = 5
    CURED = 6
    CANCELLED = 7


class SourceKind(enum.IntEnum):
    """What an obligation arises from; also the number of its source's port."""

    CERTIFICATE = 1
    LATE_INTEREST = 2


class Obligation(Record, frozen=True):
    """A promise of a debtor to pay an amount of deposit money."""

    debtor: Id
    asset: Id
    """The deposit in which it is paid."""
    amount_minor: AmountMinor
    performed_minor: AmountMinor
    released_minor: AmountMinor
    awaiting_minor: AmountMinor
    """What payment orders at banks are executing; inside open."""
    due_day: Day
    """The legal due date, which never moves."""
    due_at_ms: TimeMs
    cutoff_at_ms: TimeMs
    status: Count
    source_kind: Count
    account: OptionalId
    """The debtor's account of the standing authority, empty without one."""
    authority_cap_minor: AmountMinor
    authority_until_ms: TimeMs

    @property
    def open_minor(self) -> int:
        """What is neither performed nor released."""
        return self.amount_minor - self.performed_minor - self.released_minor

    @property
    def payable_minor(self) -> int:
        """What is open and not already on its way through a bank."""
        return self.open_minor - self.awaiting_minor


class Waiting(Record, frozen=True):
    """An entry of the index of obligations that wait for money on an account."""


OBLIGATIONS: Final = Collection(MODULE_NO, 1, Obligation, (ID_BYTES,))
WAITING: Final = Collection(MODULE_NO, 2, Waiting, (ID_BYTES, INTEGER_KEY_BYTES, ID_BYTES))
