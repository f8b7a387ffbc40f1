"""Events of the obligations module."""

from xinlian.contracts.fields import AmountMinor, Count, Day, Id, OptionalId, TimeMs
from xinlian.contracts.message import Event
from xinlian.modules.obligations.types import MODULE_NO

_BASE = MODULE_NO * 256


class ObligationOpened(Event, frozen=True, tag=_BASE + 1):
    """A promise binds its debtor from now on."""

    obligation: Id
    debtor: Id
    amount_minor: AmountMinor
    due_day: Day
    source_kind: Count
    status: Count
    asset: Id
    due_at_ms: TimeMs
    cutoff_at_ms: TimeMs
    account: OptionalId
    authority_cap_minor: AmountMinor
    authority_until_ms: TimeMs


class ObligationDue(Event, frozen=True, tag=_BASE + 2):
    """The due banking day has opened."""

    obligation: Id
    open_minor: AmountMinor


class ObligationPerformed(Event, frozen=True, tag=_BASE + 3):
    """A part or the whole was paid; ``open_minor`` is left."""

    obligation: Id
    amount_minor: AmountMinor
    open_minor: AmountMinor


class ObligationDefaulted(Event, frozen=True, tag=_BASE + 4):
    """The cut-off passed with an open amount."""

    obligation: Id
    debtor: Id
    open_minor: AmountMinor


class ObligationEnded(Event, frozen=True, tag=_BASE + 5):
    """Nothing is open any more; the status says how it ended."""

    obligation: Id
    status: Count
