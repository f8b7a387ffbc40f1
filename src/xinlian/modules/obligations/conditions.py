"""A fact as the due moment: a named kind, about a subject, recorded with at least a grade.

Rules this file keeps:
 1. A condition is one fact (CONDITION_FACT): its kind, its subject, the least grade that counts.
 2. The subject is the obligation itself, or one that exists and is about the same two sides.
 3. A fact that comes, or is graded better, in time makes that day the due day, or the next one
    after the hour of the cut-off. Without it, at the end of the last day, nothing is owed.
"""

from typing import Final

import msgspec

from xinlian.contracts.context import Context
from xinlian.modules.obligations import events
from xinlian.modules.obligations.errors import ConditionInvalid, TooManyConditions
from xinlian.modules.obligations.keeper import queue_due
from xinlian.modules.obligations.messages import ProposeObligation
from xinlian.modules.obligations.moments import next_due_day, obligation_dates, with_moments
from xinlian.modules.obligations.ports import ONLY, FactSource
from xinlian.modules.obligations.releases import let_go
from xinlian.modules.obligations.types import (
    AWAITED,
    CONDITIONS_PER_SUBJECT_MAX,
    NOTHING,
    OBLIGATIONS,
    TERMS,
    Awaited,
    Obligation,
    ObligationStatus,
    ReleaseReason,
    Terms,
    subject_of,
)
from xinlian.modules.schedule.keeper import add_item
from xinlian.primitives.time import china_midnight_ms

CONDITION_HANDLER: Final = 0x0505
CONDITION_END_HANDLER: Final = 0x0506


def check_condition(context: Context, message: ProposeObligation, obligation_id: bytes) -> None:
    """Refuse a condition that can never be met, or that is about other parties.

    Raises:
        ConditionInvalid: with which part of it is wrong.
    """
    if message.condition_kind == NOTHING:
        return
    facts = context.ports.require(FactSource, ONLY)
    if not facts.is_kind(message.condition_kind, message.condition_grade):
        raise ConditionInvalid(f"{message.condition_kind} {message.condition_grade}")
    subject = message.condition_subject
    if subject in (b"", subject_of(obligation_id)):
        return
    if not facts.has_sides(context.state, subject, message.creditor, message.debtor):
        raise ConditionInvalid("the subject is not about these two sides")


def wait_for_fact(
    context: Context,
    obligation_id: bytes,
    found: Obligation,
    terms: Terms,
) -> None:
    """Let facts be recorded about the subject, and wake the obligation when the right one is."""
    subject = terms.condition_subject
    facts = context.ports.require(FactSource, ONLY)
    waiting = sum(1 for _ in AWAITED.scan(context.state, subject))
    if waiting >= CONDITIONS_PER_SUBJECT_MAX:
        raise TooManyConditions(subject.hex())
    if subject == subject_of(obligation_id):
        facts.open_subject(context, subject, terms.creditor, found.debtor)
    AWAITED.put(context.state, Awaited(), subject, obligation_id)
    if facts.is_met(context.state, subject, terms.condition_kind, terms.condition_grade):
        add_item(context.state, context.time_ms, CONDITION_HANDLER, obligation_id)
    end_ms = china_midnight_ms(found.due_day + 1)
    add_item(context.state, end_ms, CONDITION_END_HANDLER, obligation_id)


def fact_recorded(context: Context, subject: bytes) -> None:
    """Look again at what waits for facts about a subject; at most 16 obligations do."""
    for (_, obligation_id), _ in AWAITED.scan(context.state, subject):
        add_item(context.state, context.time_ms, CONDITION_HANDLER, obligation_id)


def meet_condition(context: Context, obligation_id: bytes) -> None:
    """Due work: give the promise its due day when its fact is there."""
    found = OBLIGATIONS.require(context.state, obligation_id)
    terms = TERMS.require(context.state, obligation_id)
    facts = context.ports.require(FactSource, ONLY)
    subject, kind, grade = terms.condition_subject, terms.condition_kind, terms.condition_grade
    if found.status != ObligationStatus.OPEN or not terms.is_waiting:
        return
    if not facts.is_met(context.state, subject, kind, grade):
        return
    due_day = next_due_day(context, obligation_dates(found, context.time_ms))
    due = with_moments(context, found, terms, due_day)
    met = msgspec.structs.replace(
        terms,
        condition_met_at_ms=context.time_ms,
    )
    OBLIGATIONS.put(context.state, due, obligation_id)
    TERMS.put(context.state, met, obligation_id)
    AWAITED.delete(context.state, subject, obligation_id)
    context.emit(events.ConditionMet(obligation_id, due_day, due.due_at_ms, due.cutoff_at_ms))
    queue_due(context, obligation_id, due)


def end_condition(context: Context, obligation_id: bytes) -> None:
    """Due work: what waited for a fact that did not come is owed no more."""
    found = OBLIGATIONS.require(context.state, obligation_id)
    terms = TERMS.require(context.state, obligation_id)
    AWAITED.delete(context.state, terms.condition_subject, obligation_id)
    if found.status == ObligationStatus.OPEN and terms.is_waiting:
        let_go(context, obligation_id, found.open_minor, ReleaseReason.VOIDED)
