"""What follows from promises in the reference model: payment, default, interest, guarantors.

Rules this file keeps:
 1. Each consequence is worked out from the terms when its cause is seen; the ledger's events must
    then tell the same, in the same order.
 2. The schedule pays only what was promised: from the named account, once it is due, within the
    authority, in the order (due moment, id), and whole where parts were not agreed.
"""

from collections.abc import Mapping
from typing import Final

from xinlian.contracts.message import Event
from xinlian.modules.obligations import events
from xinlian.primitives.time import MS_PER_MINUTE, china_day, china_midnight_ms
from xinlian.testing.simulator.model import EventRule, Model
from xinlian.testing.simulator.records import (
    AGREED,
    CALL,
    INTEREST,
    RECOURSE,
    RETURN,
    Posting,
    Promise,
)

FORGIVEN, VOIDED, CANCELLED, REDUCED, SUBROGATED = 1, 2, 3, 4, 5
"""The published numbers of why an amount is owed no more."""
_PERFORMED, _CURED, ENDED_UNPAID, _FORGIVEN, _SUBROGATED = 4, 6, 7, 11, 12
"""The published numbers of how an obligation ended."""
_E9: Final = 10**9


def on_banking_day(model: Model, day: int, minute: int) -> int:
    """Return a minute of the banking day on or after a day."""
    return china_midnight_ms(model.banking_day(day)) + minute * MS_PER_MINUTE


def moments_of(model: Model, promise: Promise) -> None:
    """Fix the hours, which are those of the policy; days follow the calendar."""
    promise.opening_minute = model.policy_value("banking.opening_minute", of=promise)
    promise.cutoff_minute = model.policy_value("banking.cutoff_minute", of=promise)
    promise.cutoff_from_day = promise.due_day + promise.grace_days
    outside_days = model.policy_value("obligations.outside_banking_days", of=promise)
    promise.outside_days = 0 if promise.account else outside_days


def due_ms(model: Model, promise: Promise) -> int:
    """Return when a promise is due."""
    if promise.is_due:
        return promise.due_at_ms
    return on_banking_day(model, promise.due_day, promise.opening_minute)


def last_day(model: Model, promise: Promise) -> int:
    """Return the last day on which a payment is on time, 0 where there is none."""
    return 0 if promise.condition is not None else model.banking_day(promise.cutoff_from_day)


def agreed_cutoff_ms(model: Model, promise: Promise) -> int:
    """Return the cut-off of the terms, whatever was disputed since."""
    day = later_day(model, model.banking_day(promise.cutoff_from_day), promise.outside_days)
    return on_banking_day(model, day, promise.cutoff_minute)


def cutoff_ms(model: Model, promise: Promise) -> int:
    """Return when what is short is in default."""
    again_ms = on_banking_day(model, promise.owed_again_day, promise.cutoff_minute)
    return max(agreed_cutoff_ms(model, promise), again_ms if promise.owed_again_day else 0)


def later_day(model: Model, day: int, banking_days: int) -> int:
    """Return the banking day that comes a number of banking days after a day."""
    return model.banking_day(day + 1, banking_days - 1) if banking_days else day


def order_ends_ms(model: Model, promise: Promise) -> int:
    """Return until when the bank may carry out an order."""
    day = later_day(model, promise.ordered_day, promise.order_days)
    return on_banking_day(model, day, promise.order_minute)


def is_being_paid(model: Model, promise_id: bytes) -> bool:
    """Return whether a bank is paying this, or what a guarantor owes for the same debt."""
    promise = model.promises[promise_id]
    first_id = promise.origin if promise.kind == CALL else promise_id
    claims = (one.claim for one in model.promises[first_id].guarantors.values() if one.claim)
    return any(model.promises[one].awaiting_minor for one in (first_id, promise_id, *claims))


def end(promise: Promise, ended_as: int) -> None:
    """End a promise; whatever is open is owed no more."""
    promise.released_minor += promise.open_minor
    promise.stage, promise.ended_as = "ended", ended_as


def paid(model: Model, promise_id: bytes, amount_minor: int, *, is_on_time: bool = False) -> None:
    """Count a payment to the creditor, and work out all that follows from it."""
    promise = model.promises[promise_id]
    was_late = promise.stage == "late"
    model.require(promise.is_binding, "what is owed is paid")
    model.require(0 < amount_minor <= promise.open_minor, "and no more")
    promise.performed_minor += amount_minor
    model.expect("performed", promise_id, amount_minor)
    _cap_dispute(promise)
    if not promise.open_minor:
        end(promise, _CURED if was_late and not is_on_time else _PERFORMED)
    if was_late:
        _owe_interest(model, promise_id, amount_minor, is_on_time=is_on_time)
    if promise.kind == CALL:
        _stand_in(model, promise_id, amount_minor)
    else:
        relieve(model, promise_id)


def let_go(model: Model, promise_id: bytes, amount_minor: int, reason: int) -> None:
    """Take an amount off what is owed."""
    promise = model.promises[promise_id]
    at_no_bank_minor = promise.open_minor - promise.awaiting_minor
    model.require(0 < amount_minor <= at_no_bank_minor, "what is open and at no bank is let go")
    promise.released_minor += amount_minor
    model.expect("released", promise_id, amount_minor, reason)
    _cap_dispute(promise)
    if reason != SUBROGATED:
        undisputed_minor = max(promise.open_minor - promise.disputed_minor, 0)
        promise.late_base_minor = min(promise.late_base_minor, undisputed_minor)
    if promise.open_minor:
        return
    paid_rest = _PERFORMED if promise.performed_minor else ENDED_UNPAID
    by_reason = {FORGIVEN: _FORGIVEN, SUBROGATED: _SUBROGATED, REDUCED: paid_rest}
    end(promise, by_reason.get(reason, ENDED_UNPAID))


def relieve(model: Model, promise_id: bytes) -> None:
    """Let no guarantor owe more than the debtor does."""
    owed_minor = max(model.promises[promise_id].payable_minor, 0)
    for guarantor in model.promises[promise_id].guarantors.values():
        claim = model.promises.get(guarantor.claim)
        if claim is not None:
            excess_minor = min(
                claim.open_minor - owed_minor, claim.open_minor - claim.awaiting_minor
            )
            if excess_minor > 0:
                let_go(model, guarantor.claim, excess_minor, REDUCED)


def _cap_dispute(promise: Promise) -> None:
    at_no_bank_minor = promise.open_minor - promise.awaiting_minor
    promise.disputed_minor = max(min(promise.disputed_minor, at_no_bank_minor), 0)
    if promise.stage == "late" and 0 < promise.open_minor == promise.disputed_minor:
        promise.stage = "open"  # what alone is open is disputed, and nobody is late with that


def _owe_interest(
    model: Model, promise_id: bytes, paid_minor: int, *, is_on_time: bool = False
) -> None:
    """Interest is for the days from the due day, rounded half up once."""
    promise = model.promises[promise_id]
    base_minor = min(paid_minor, promise.late_base_minor)
    days = 0 if is_on_time else max(china_day(model.time_ms) - promise.due_day, 0)
    amount_minor = (2 * base_minor * promise.rate_e9 * days + _E9) // (2 * _E9)
    left_minor = promise.cap_minor - promise.amount_minor - promise.interest_minor
    is_covered = bool(promise.account and promise.payee) and amount_minor <= left_minor
    promise.late_base_minor -= base_minor
    promise.interest_minor += amount_minor
    if amount_minor:
        interest = Promise(promise.debtor, promise.creditor, amount_minor, 0, INTEREST)
        interest.payee, interest.origin = promise.payee, promise_id
        if is_covered:
            interest.account, interest.until_ms = promise.account, promise.until_ms
        model.coming.append(interest)


def _stand_in(model: Model, claim_id: bytes, amount_minor: int) -> None:
    """A guarantor that paid has the debt of the debtor instead of the creditor."""
    claim = model.promises[claim_id]
    origin = model.promises[claim.origin]
    taken_minor = min(amount_minor, origin.open_minor - origin.awaiting_minor)
    if taken_minor:
        let_go(model, claim.origin, taken_minor, SUBROGATED)
        _owe_interest(model, claim.origin, taken_minor)
        relieve(model, claim.origin)
        recourse = Promise(origin.debtor, claim.debtor, taken_minor, 0, RECOURSE)
        recourse.payee, recourse.origin = claim.account, claim.origin
        model.coming.append(recourse)
    if amount_minor > taken_minor:
        owe_back(model, claim_id, amount_minor - taken_minor)


def owe_back(model: Model, promise_id: bytes, amount_minor: int) -> None:
    """What a creditor has beyond what it was owed is a debt of its own."""
    overpaid = model.promises[promise_id]
    overpaid.surplus_minor += amount_minor
    back = Promise(overpaid.creditor, overpaid.debtor, amount_minor, 0, RETURN)
    back.payee, back.origin = overpaid.account, promise_id
    model.expect("owed back", promise_id, amount_minor)
    model.coming.append(back)


def _call_guarantors(model: Model, promise_id: bytes, amount_minor: int) -> None:
    promise = model.promises[promise_id]
    left_minor = min(amount_minor, promise.payable_minor)
    for party, guarantor in promise.guarantors.items():
        called_minor = min(left_minor, guarantor.liability_minor)
        if guarantor.claim or not called_minor:
            continue
        left_minor -= called_minor
        claim = Promise(party, promise.creditor, called_minor, 0, CALL)
        claim.account, claim.until_ms = guarantor.account, guarantor.until_ms
        claim.payee, claim.origin = promise.payee, promise_id
        model.expect("called", promise_id, party, called_minor)
        model.coming.append(claim)


def on_scheduled_payment(model: Model, promise_id: bytes, posting: Posting) -> None:
    """Check that the schedule may pay this much of a promise now, and follow it."""
    promise = model.promises[promise_id]
    receiving, giving, amount_minor = posting
    model.require(promise.is_due and promise.is_binding, "the schedule pays what is due")
    model.require((receiving, giving) == (promise.payee, promise.account), "to whom, from what")
    _check_amount(model, promise_id, amount_minor)
    promise.ledger_paid_minor += amount_minor
    paid(model, promise_id, amount_minor)


def _check_amount(model: Model, promise_id: bytes, amount_minor: int) -> None:
    promise = model.promises[promise_id]
    model.require(not is_being_paid(model, promise_id), "not while a bank is paying")
    model.require(amount_minor <= promise.payable_minor, "no more than is owed and undisputed")
    is_whole = amount_minor == promise.payable_minor
    model.require(is_whole or promise.may_be_part, "whole, where parts were not agreed")
    if promise.is_locked:
        model.require(is_whole, "locked money pays all of it")
        return
    model.require(amount_minor <= left_of_authority(model, promise), "within the authority")
    model.require(amount_minor <= model.free_minor(promise.account), "what is set aside stays")
    for other_id, other in model.promises.items():
        if other_id != promise_id and other.account == promise.account and not other.is_locked:
            _check_turn(model, (promise_id, promise), (other_id, other))


def _check_turn(
    model: Model, paid_now: tuple[bytes, Promise], other: tuple[bytes, Promise]
) -> None:
    """Require that another promise on the account does not come first."""
    (now_id, now), (other_id, before) = paid_now, other
    comes_first = (before.due_at_ms, other_id) < (now.due_at_ms, now_id)
    waits = before.is_due and before.is_binding and before.payable_minor
    if not comes_first or not waits or is_being_paid(model, other_id):
        return
    can_minor = min(left_of_authority(model, before), model.free_minor(before.account))
    if not left_of_authority(model, before):
        return
    could_be_paid = can_minor >= before.payable_minor or (before.may_be_part and can_minor)
    model.require(not could_be_paid, "what was due first is paid first")
    is_its_day = china_day(model.time_ms) <= china_day(before.due_at_ms)
    holds_up = is_its_day and before.stage != "late" and model.time_ms < cutoff_ms(model, before)
    model.require(not holds_up, "nobody is overtaken on its day")


def left_of_authority(model: Model, promise: Promise) -> int:
    """Return what an authority still lets the ledger pay."""
    until_ms = promise.until_ms
    if promise.kind == AGREED and until_ms:
        until_ms = max(until_ms, agreed_cutoff_ms(model, promise))
    if not promise.account or model.time_ms > until_ms:
        return 0
    return max(promise.cap_minor - promise.performed_minor - promise.awaiting_minor, 0)


def _on_opened(model: Model, event: events.ObligationOpened) -> None:
    if event.source_kind not in (AGREED, INTEREST, CALL, RECOURSE, RETURN):
        return
    if event.source_kind == AGREED:
        model.require(model.met("opened", event.obligation), "it opens when all agreed")
        promise = model.promises[event.obligation]
    else:
        model.require(model.coming, "nothing opens unasked")
        promise = model.coming.pop(0)
        _begin_at_once(model, promise)
        model.promises[event.obligation] = promise
    told = (event.debtor, event.creditor, event.amount_minor, event.account, event.source_kind)
    known = (promise.debtor, promise.creditor, promise.amount_minor, promise.account, promise.kind)
    model.require(told == known, f"it opens as agreed: {known}")
    if promise.condition is None:
        moments = (due_ms(model, promise), cutoff_ms(model, promise))
        model.require((event.due_at_ms, event.cutoff_at_ms) == moments, f"and due at {moments}")
    if promise.account and promise.kind != AGREED:
        model.require(event.authority_until_ms == promise.until_ms, "for as long as agreed")


def _begin_at_once(model: Model, promise: Promise) -> None:
    """What follows from another obligation is due at once, on this day or the next."""
    promise.agreed_ms = model.promises[promise.origin].agreed_ms
    promise.issued_ms = model.time_ms
    moments_of(model, promise)
    promise.outside_days = 0
    promise.stage, promise.is_due, promise.due_at_ms = "open", True, model.time_ms
    promise.due_day = china_day(model.time_ms)
    promise.cutoff_from_day = model.next_day_before_cutoff(promise)
    promise.cap_minor = promise.amount_minor if promise.account else 0


def _on_due(model: Model, event: events.ObligationDue) -> None:
    promise = model.promises.get(event.obligation)
    if promise is None:
        return
    model.require(promise.stage == "open" and promise.condition is None, "what is open falls due")
    due_at_ms = due_ms(model, promise)
    model.require(model.time_ms >= due_at_ms and not promise.is_due, "at its moment, once")
    promise.is_due, promise.due_at_ms = True, due_at_ms


def _on_performed(model: Model, event: events.ObligationPerformed) -> None:
    if event.obligation in model.promises:
        told = ("performed", event.obligation, event.amount_minor)
        model.require(model.met(*told), "nothing is performed without a payment")


def _on_ordered(model: Model, event: events.ObligationOrdered) -> None:
    promise = model.promises[event.obligation]
    model.require(promise.is_due and promise.is_binding, "the bank is asked for what is due")
    model.require(not promise.payee, "where the creditor has no account here")
    _check_amount(model, event.obligation, event.amount_minor)
    promise.awaiting_minor, promise.ordered_day = event.amount_minor, china_day(model.time_ms)
    give_order(model, promise, "obligations.order_banking_days")
    ends_ms = order_ends_ms(model, promise)
    model.require(event.expires_at_ms == ends_ms, "for as long as policy says")


def give_order(model: Model, promise: Promise, row: str) -> None:
    """Let an order hold for as many banking days as a row of policy says."""
    promise.order_days = model.policy_value(row, of=promise)
    promise.order_minute = model.policy_value("banking.cutoff_minute", of=promise)


def _on_order_ended(model: Model, event: events.ObligationOrderEnded) -> None:
    promise = model.promises[event.obligation]
    if event.is_executed:
        model.require(model.met("executed", event.obligation), "an order ends by its entry")
        return
    model.require(model.time_ms > order_ends_ms(model, promise), "or when its time is up")
    model.require(event.amount_minor == promise.awaiting_minor > 0, "once")
    promise.awaiting_minor = 0
    if promise.kind == CALL:
        relieve(model, promise.origin)


def _on_defaulted(model: Model, event: events.ObligationDefaulted) -> None:
    promise = model.promises.get(event.obligation)
    if promise is None:
        return
    model.require(promise.stage == "open" and promise.is_due, "what is due may be in default")
    model.require(promise.kind != INTEREST, "interest bears no interest")
    model.require(model.time_ms >= cutoff_ms(model, promise), "not before its cut-off")
    model.require(promise.payable_minor > 0, "with something open")
    model.require(not is_being_paid(model, event.obligation), "not while a bank is paying")
    promise.stage, promise.late_base_minor = "late", promise.payable_minor
    promise.rate_e9 = model.policy_value(promise.late_row, of=promise)
    called = promise.origin if promise.kind == CALL else event.obligation
    _call_guarantors(model, called, promise.payable_minor)


def _on_called(model: Model, event: events.GuarantorCalled) -> None:
    told = ("called", event.obligation, event.guarantor, event.amount_minor)
    model.require(model.met(*told), "guarantors are called in their order, as far as it takes")
    model.promises[event.obligation].guarantors[event.guarantor].claim = event.claim


def _on_released(model: Model, event: events.ObligationReleased) -> None:
    told = ("released", event.obligation, event.amount_minor, event.reason)
    if model.met(*told):
        return
    promise = model.promises[event.obligation]
    model.require(event.reason == VOIDED and promise.condition, "nothing is released unasked")
    is_over = model.time_ms >= china_midnight_ms(promise.due_day + 1)
    model.require(is_over, "a condition may be met until its last day ends")
    model.require(event.amount_minor == promise.open_minor, "then nothing is owed")
    promise.released_minor += event.amount_minor
    _cap_dispute(promise)
    end(promise, ENDED_UNPAID)


def _on_condition_met(model: Model, event: events.ConditionMet) -> None:
    promise = model.promises[event.obligation]
    model.require(is_fact_there(model, promise), "the fact is there")
    promise.condition = None
    promise.due_day = model.next_day_before_cutoff(promise)
    moments_of(model, promise)
    told = (event.due_day, event.due_at_ms, event.cutoff_at_ms)
    known = (promise.due_day, due_ms(model, promise), cutoff_ms(model, promise))
    model.require(told == known, f"it is due from that day on: {known}")


def is_fact_there(model: Model, promise: Promise) -> bool:
    """Return whether the fact that a promise waits for is recorded, and graded well enough."""
    if promise.condition is None:
        return False
    kind, grade, subject = promise.condition
    return any(
        found == kind and earned <= grade for found, earned in model.facts.get(subject, {}).values()
    )


def _on_shown(model: Model, event: events.OutsideDischarge) -> None:
    told = (event.obligation, event.witness, event.shown_minor, event.discharged_minor)
    model.require(model.met("shown", *told), f"outside money counts once: {told}")


def _on_owed_back(model: Model, event: events.SurplusOwedBack) -> None:
    told = ("owed back", event.obligation, event.amount_minor)
    model.require(model.met(*told), "nobody owes back what was owed")


def _on_ended(model: Model, event: events.ObligationEnded) -> None:
    promise = model.promises.get(event.obligation)
    if promise is None:
        return
    if promise.stage == "proposed":
        model.require(model.time_ms > promise.window_ms, "a proposal lapses when its time is up")
        end(promise, ENDED_UNPAID)
    model.require(promise.stage == "ended", "what is owed does not end")
    model.require(event.status == promise.ended_as, f"it ended as {promise.ended_as}")


PROMISE_EVENTS: Final[Mapping[type[Event], EventRule]] = {
    events.ObligationOpened: _on_opened,
    events.ObligationDue: _on_due,
    events.ObligationPerformed: _on_performed,
    events.ObligationOrdered: _on_ordered,
    events.ObligationOrderEnded: _on_order_ended,
    events.ObligationDefaulted: _on_defaulted,
    events.GuarantorCalled: _on_called,
    events.ObligationReleased: _on_released,
    events.ConditionMet: _on_condition_met,
    events.OutsideDischarge: _on_shown,
    events.SurplusOwedBack: _on_owed_back,
    events.ObligationEnded: _on_ended,
}
