"""Events of the obligations module."""

from xinlian.contracts.fields import (
    AmountMinor,
    Count,
    Day,
    Flag,
    Hash,
    Id,
    Name,
    OptionalHash,
    OptionalId,
    RateE9,
    TimeMs,
)
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
    creditor: OptionalId
    """Empty for a certificate: its holders of record are its creditors."""


class ObligationDue(Event, frozen=True, tag=_BASE + 2):
    """The due banking day has opened."""

    obligation: Id
    open_minor: AmountMinor


class ObligationPerformed(Event, frozen=True, tag=_BASE + 3):
    """A part or the whole was paid; ``open_minor`` is left."""

    obligation: Id
    amount_minor: AmountMinor
    open_minor: AmountMinor
    status: Count
    """Before it ends, where nothing is left."""


class ObligationDefaulted(Event, frozen=True, tag=_BASE + 4):
    """The cut-off passed with an undisputed amount open."""

    obligation: Id
    debtor: Id
    open_minor: AmountMinor


class ObligationEnded(Event, frozen=True, tag=_BASE + 5):
    """Nothing is open any more; the status says how it ended."""

    obligation: Id
    status: Count


class ObligationProposed(Event, frozen=True, tag=_BASE + 6):
    """One side offers a promise; it binds nobody yet."""

    obligation: Id
    debtor: Id
    creditor: Id
    proposer: Id
    amount_minor: AmountMinor
    due_day: Day
    security: Count
    source_root: Hash
    condition_kind: Name
    condition_grade: Name
    condition_subject: OptionalHash
    window_ends_at_ms: TimeMs


class ObligationAgreed(Event, frozen=True, tag=_BASE + 7):
    """A side or a guarantor accepted the promise."""

    obligation: Id
    party: Id


class ConditionMet(Event, frozen=True, tag=_BASE + 8):
    """The fact is there: the promise has its due day from now on."""

    obligation: Id
    due_day: Day
    due_at_ms: TimeMs
    cutoff_at_ms: TimeMs


class ObligationReleased(Event, frozen=True, tag=_BASE + 9):
    """An amount is owed no more although nobody performed it."""

    obligation: Id
    amount_minor: AmountMinor
    open_minor: AmountMinor
    reason: Count
    disputed_minor: AmountMinor
    status: Count
    """Before it ends, where nothing is left."""


class DisputeChanged(Event, frozen=True, tag=_BASE + 10):
    """How much of an obligation is disputed has changed; the rest runs on."""

    obligation: Id
    disputed_minor: AmountMinor
    document_root: OptionalHash
    cutoff_at_ms: TimeMs
    status: Count


class DefaultFixed(Event, frozen=True, tag=_BASE + 11):
    """A default has its terms: on what, from which day, by which row late interest runs."""

    obligation: Id
    debtor: Id
    creditor: Id
    base_minor: AmountMinor
    start_day: Day
    late_row: Name
    late_rate_e9_per_day: RateE9


class DefaultCured(Event, frozen=True, tag=_BASE + 12):
    """An obligation that was in default is performed in full."""

    obligation: Id
    debtor: Id
    creditor: Id
    days_late: Count


class GuarantorCalled(Event, frozen=True, tag=_BASE + 13):
    """A guarantor owes what the debtor did not pay."""

    obligation: Id
    guarantor: Id
    claim: Id
    amount_minor: AmountMinor


class CancellationAsked(Event, frozen=True, tag=_BASE + 14):
    """One side agrees to cancel; it happens when the other does too."""

    obligation: Id
    party: Id


class AuthorityEnded(Event, frozen=True, tag=_BASE + 15):
    """The creditor let the standing authority go; the obligation stays."""

    obligation: Id


class ObligationOrdered(Event, frozen=True, tag=_BASE + 16):
    """A payment goes out through the bank; the obligation's id is the EndToEndId."""

    obligation: Id
    creditor: Id
    bank: Id
    account: Id
    amount_minor: AmountMinor
    expires_at_ms: TimeMs


class ObligationOrderHeld(Event, frozen=True, tag=_BASE + 17):
    """The bank accepted the order; it holds until a later moment."""

    obligation: Id
    expires_at_ms: TimeMs


class ObligationOrderEnded(Event, frozen=True, tag=_BASE + 18):
    """The bank executed the order, or did not in time."""

    obligation: Id
    amount_minor: AmountMinor
    is_executed: Flag


class OutsideDischarge(Event, frozen=True, tag=_BASE + 19):
    """A bank's entry or the creditor's receipt shows money that moved outside the ledger."""

    obligation: Id
    witness: Count
    shown_minor: AmountMinor
    """What this witness has shown in all."""
    discharged_minor: AmountMinor
    """What counts beyond what other witnesses have shown before."""
    document_root: OptionalHash


class GuarantorNamed(Event, frozen=True, tag=_BASE + 20):
    """A proposal names a second debtor; it answers for nothing until it accepts."""

    obligation: Id
    guarantor: Id


class BankingDayMoved(Event, frozen=True, tag=_BASE + 21):
    """A published calendar moved the banking day of a promise; its legal due day stays."""

    obligation: Id
    debtor: Id
    creditor: OptionalId
    """Empty for a certificate: its holders of record are its creditors."""
    due_day: Day
    due_at_ms: TimeMs
    cutoff_at_ms: TimeMs
    is_provisional: Flag
    """True while a year that the banking day depends on is not published."""


class ObligationOrderMoved(Event, frozen=True, tag=_BASE + 22):
    """A published calendar moved the last banking day of a payment order."""

    obligation: Id
    expires_at_ms: TimeMs


class SurplusOwedBack(Event, frozen=True, tag=_BASE + 23):
    """More was paid than was owed: the creditor owes it back to who paid it."""

    obligation: Id
    """What was overpaid."""
    creditor: Id
    claim: Id
    """The obligation of the creditor."""
    amount_minor: AmountMinor


class DisputeDecided(Event, frozen=True, tag=_BASE + 24):
    """A court decided what was disputed: a part is owed, a part is not."""

    obligation: Id
    court: Id
    owed_minor: AmountMinor
    released_minor: AmountMinor
    case_root: Hash
    order_root: Hash


class EnforcementOrdered(Event, frozen=True, tag=_BASE + 25):
    """A court orders that an obligation be executed from accounts of its debtor."""

    obligation: Id
    court: Id
    amount_minor: AmountMinor
    from_ms: TimeMs
    case_root: Hash
    order_root: Hash


class EnforcementNamed(Event, frozen=True, tag=_BASE + 26):
    """The order executes from this account."""

    obligation: Id
    account: Id


class EnforcementExecuted(Event, frozen=True, tag=_BASE + 27):
    """Money of the debtor was moved because of the order."""

    obligation: Id
    account: Id
    amount_minor: AmountMinor
    left_minor: AmountMinor
    """What the order may still move."""


class EnforcementEnded(Event, frozen=True, tag=_BASE + 28):
    """The order was lifted, is executed, or has nothing left to execute."""

    obligation: Id
    court: Id
    case_root: Hash
    status: Count
