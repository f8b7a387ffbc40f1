"""Writes credit facts as obligations take their course.

Rules this file keeps:
 1. Every obligation that ends in time, or defaults, gives its facts once, whatever its source.
 2. A default is open from the block in which it arises until the block in which it ends.
 3. That a duty was missed is said once, in the block of its deadline; nobody takes it back.
"""

from typing import Final

import msgspec

from xinlian.contracts.context import Context
from xinlian.ledger.ports import StateView
from xinlian.ledger.records import integer_part
from xinlian.modules.obligations.types import Obligation, ObligationStatus
from xinlian.modules.standing import events
from xinlian.modules.standing.types import (
    CREDIT_FACTS,
    OPEN_DEFAULTS,
    STANDINGS,
    CreditFact,
    CreditFactKind,
    OpenDefault,
    Standing,
)
from xinlian.primitives.time import china_day

_NOTHING_KNOWN: Final = Standing(0, 0, 0, 0, 0, 0, 0, 0, 0, 0)
_ENDS_OF_DEFAULT: Final = {
    ObligationStatus.CURED: CreditFactKind.CURED,
    ObligationStatus.PERFORMED: CreditFactKind.UNDONE,
    ObligationStatus.ENFORCED: CreditFactKind.ENFORCED,
}
"""How a default ends; every other end releases it."""


def standing_of(state: StateView, party: bytes) -> Standing:
    """Return the standing of a party; all zeros where nothing is known."""
    return STANDINGS.get(state, party) or _NOTHING_KNOWN


def record_missed_duty(context: Context, party: bytes, source: bytes, due_day: int) -> None:
    """Write down that a party did not do a duty in time.

    Args:
        context: of the due work that found it missed; the caller sees that it is told once.
        party: who owed the duty.
        source: the object that the duty is from.
        due_day: the last local day on which it could be done.
    """
    before = standing_of(context.state, party)
    fact = CreditFact(
        kind=CreditFactKind.DUTY_MISSED,
        obligation=source,
        source_kind=0,
        amount_minor=0,
        due_day=due_day,
        days_late=0,
        recorded_at_ms=context.time_ms,
    )
    after = msgspec.structs.replace(before, duties_missed=before.duties_missed + 1)
    sequence_no = _append(context, party, after, fact)
    context.emit(events.DutyMissed(party, sequence_no, source, due_day))


class KeepsStanding:
    """Hears what becomes of obligations."""

    def obligation_defaulted(
        self,
        context: Context,
        obligation_id: bytes,
        obligation: Obligation,
    ) -> None:
        """Write down a default, once."""
        if OPEN_DEFAULTS.get(context.state, obligation_id) is not None:
            return
        missing_minor = obligation.open_minor
        OPEN_DEFAULTS.put(
            context.state,
            OpenDefault(obligation.debtor, missing_minor),
            obligation_id,
        )
        before = standing_of(context.state, obligation.debtor)
        after = msgspec.structs.replace(
            before,
            defaulted=before.defaulted + 1,
            open_defaults=before.open_defaults + 1,
            last_default_at_ms=context.time_ms,
        )
        _record(
            context,
            obligation_id,
            obligation,
            after,
            CreditFactKind.DEFAULTED,
            missing_minor,
        )

    def obligation_ended(
        self,
        context: Context,
        obligation_id: bytes,
        obligation: Obligation,
        status: ObligationStatus,
    ) -> None:
        """Write down that a promise was kept in time, or how its default ended."""
        default = OPEN_DEFAULTS.get(context.state, obligation_id)
        if default is not None:
            OPEN_DEFAULTS.delete(context.state, obligation_id)
            _end_default(context, obligation_id, obligation, default, status)
        elif status == ObligationStatus.PERFORMED:
            before = standing_of(context.state, obligation.debtor)
            after = msgspec.structs.replace(
                before,
                on_time=before.on_time + 1,
                on_time_minor=before.on_time_minor + obligation.performed_minor,
            )
            kept_minor = obligation.performed_minor
            _record(context, obligation_id, obligation, after, CreditFactKind.ON_TIME, kept_minor)

    def dispute_upheld(
        self,
        context: Context,
        obligation_id: bytes,
        obligation: Obligation,
        amount_minor: int,
    ) -> None:
        """Write down that a disputed amount was not owed; it counts neither way."""
        standing = standing_of(context.state, obligation.debtor)
        kind = CreditFactKind.DISPUTE_UPHELD
        _record(context, obligation_id, obligation, standing, kind, amount_minor)

    def has_open_default(self, context: Context, obligation_id: bytes) -> bool:
        """Return whether a default of it has not ended."""
        return OPEN_DEFAULTS.get(context.state, obligation_id) is not None


def _end_default(
    context: Context,
    obligation_id: bytes,
    obligation: Obligation,
    default: OpenDefault,
    status: ObligationStatus,
) -> None:
    kind = _ENDS_OF_DEFAULT.get(status, CreditFactKind.RELEASED)
    is_undone = kind == CreditFactKind.UNDONE
    days_late = 0 if is_undone else max(china_day(context.time_ms) - obligation.due_day, 0)
    before = standing_of(context.state, obligation.debtor)
    after = msgspec.structs.replace(
        before,
        defaulted=before.defaulted - is_undone,
        open_defaults=before.open_defaults - 1,
        cured=before.cured + (kind == CreditFactKind.CURED),
        released=before.released + (kind == CreditFactKind.RELEASED),
        enforced=before.enforced + (kind == CreditFactKind.ENFORCED),
        on_time=before.on_time + is_undone,
        on_time_minor=before.on_time_minor + (obligation.performed_minor if is_undone else 0),
        days_late_max=max(before.days_late_max, days_late),
    )
    _record(context, obligation_id, obligation, after, kind, default.amount_minor, days_late)


def _record(
    context: Context,
    obligation_id: bytes,
    obligation: Obligation,
    after: Standing,
    kind: CreditFactKind,
    amount_minor: int,
    days_late: int = 0,
) -> None:
    """Append a fact and put the standing that it leads to."""
    party = obligation.debtor
    fact = CreditFact(
        kind=kind,
        obligation=obligation_id,
        source_kind=obligation.source_kind,
        amount_minor=amount_minor,
        due_day=obligation.due_day,
        days_late=days_late,
        recorded_at_ms=context.time_ms,
    )
    sequence_no = _append(context, party, after, fact)
    context.emit(
        events.CreditFactRecorded(
            party,
            sequence_no,
            kind,
            obligation_id,
            obligation.source_kind,
            amount_minor,
            obligation.due_day,
            days_late,
        ),
    )


def _append(context: Context, party: bytes, after: Standing, fact: CreditFact) -> int:
    """Append a fact and put the standing that it leads to; return its number."""
    sequence_no = after.fact_count
    CREDIT_FACTS.put(context.state, fact, party, integer_part(sequence_no))
    counted = msgspec.structs.replace(
        after,
        fact_count=sequence_no + 1,
        first_at_ms=after.first_at_ms or context.time_ms,
    )
    STANDINGS.put(context.state, counted, party)
    return sequence_no
