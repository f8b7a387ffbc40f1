"""Decides cases by their principal's rules.

Rules this file keeps:
 1. A case is performed only where every rule holds and every limit has room; whatever else
    happens refers it to people, with the reason.
 2. What a performance cannot complete is rolled back alone: the message that completed the case
    still applies, and the reason is kept.
 3. A decision is written whichever way it goes, with all that it was made from.
"""

import dataclasses
import functools
from collections.abc import Callable, Mapping
from typing import Final

import msgspec

from xinlian.contracts.context import Context
from xinlian.ledger.ports import StateView
from xinlian.modules.conditions import events
from xinlian.modules.conditions.errors import ConditionRefused, RuleRefused
from xinlian.modules.conditions.language import Condition, compile_condition
from xinlian.modules.conditions.language.moments import TIMESTAMP_PARTS
from xinlian.modules.conditions.language.parser import parse
from xinlian.modules.conditions.language.syntax import Call, Comprehension, Literal, Node, children
from xinlian.modules.conditions.language.types import Type, Value
from xinlian.modules.conditions.types import (
    DECISIONS,
    PACK_USES,
    PACKS,
    Decision,
    Input,
    PackUse,
    Rule,
    RuleOutcome,
    RulePack,
    RuleResult,
)
from xinlian.modules.members.types import message_type_part
from xinlian.primitives import LedgerError
from xinlian.primitives.time import china_day

APPROVED: Final = "approved"
RULES_NOT_MET: Final = "rules_not_met"
CASE_LIMIT: Final = "case_limit"
DAY_LIMIT: Final = "day_limit"
TOTAL_LIMIT: Final = "total_limit"
_COMPILED_KEPT: Final = 1_024
_WORK_PER_UNIT: Final = 256
"""Work of the language that costs as much as one unit of a message's work."""


@dataclasses.dataclass(frozen=True, slots=True)
class Case:
    """What a principal is asked to do, as its rules see it."""

    principal: bytes
    message_type: int
    id: bytes
    amount_minor: int
    values: Mapping[str, Value]


def pack_of(state: StateView, principal: bytes, message_type: int) -> RulePack | None:
    """Return a party's rules for a message type, in force or not; None without any."""
    return PACKS.get(state, principal, message_type_part(message_type))


def pack_in_force(context: Context, principal: bytes, message_type: int) -> RulePack | None:
    """Return the rules by which a party's cases are decided now; without any, people decide."""
    pack = pack_of(context.state, principal, message_type)
    return pack if pack is not None and pack.is_in_force(context.time_ms) else None


def compile_rule(rule: Rule, names: Mapping[str, Type]) -> Condition:
    """Return the condition of a rule that may stand in a pack.

    Raises:
        RuleRefused: it is no condition over these names, has another spelling, or holds text.
    """
    return _compiled(rule.name, rule.text, tuple(sorted(names.items())))


@functools.lru_cache(_COMPILED_KEPT)
def _compiled(name: str, text: str, names: tuple[tuple[str, Type], ...]) -> Condition:
    # A pure function of its arguments: what is remembered cannot change a result.
    try:
        condition = compile_condition(text, dict(names))
    except ConditionRefused as refused:
        raise RuleRefused(f"{name}: {refused}") from None
    if condition.text != text:
        raise RuleRefused(f"{name}: its one spelling is: {condition.text}")
    if _holds_text(parse(text)):
        raise RuleRefused(f"{name}: a rule holds numbers, names and moments, no text")
    return condition


def _holds_text(node: Node) -> bool:
    """Return whether a caller could write what it likes into a rule."""
    if isinstance(node, Comprehension):  # its variable would be a name of the caller's own
        return True
    if isinstance(node, Literal):
        return isinstance(node.value, str)
    if isinstance(node, Call) and _reads_moment(node):
        return node.target is not None and _holds_text(node.target)
    return any(map(_holds_text, children(node)))


def _reads_moment(node: Call) -> bool:
    """Return whether the texts of a call are moments, spans or offsets, and nothing else."""
    return node.function in {"timestamp", "duration"} or node.function in TIMESTAMP_PARTS


def decide(
    context: Context,
    pack: RulePack,
    case: Case,
    names: Mapping[str, Type],
    perform: Callable[[], None],
) -> None:
    """Decide a case by its principal's rules in force, and perform it where they all hold."""
    results = _judged(context, pack, case, names)
    use = _use_now(context, pack, case)
    reason = _reason(pack, use, case, results)
    if reason == APPROVED:
        reason = _performed(context, perform)
    if reason == APPROVED:
        _count(context, use, case)
    _write_decision(context, pack, case, results, reason)


def _judged(
    context: Context,
    pack: RulePack,
    case: Case,
    names: Mapping[str, Type],
) -> tuple[RuleResult, ...]:
    """Return what each rule says, in the order of the pack."""
    conditions = [(rule.name, compile_rule(rule, names)) for rule in pack.rules]
    context.charge(1 + sum(each.work_max for _, each in conditions) // _WORK_PER_UNIT)
    results = []
    for name, condition in conditions:
        decision = condition.decide(case.values)
        outcome = RuleOutcome.HOLDS if decision.holds else RuleOutcome.DOES_NOT_HOLD
        results.append(RuleResult(name, RuleOutcome.FAILS if decision.failure else outcome))
    return tuple(results)


def _reason(
    pack: RulePack,
    use: PackUse,
    case: Case,
    results: tuple[RuleResult, ...],
) -> str:
    """Return whether a case is approved, or the first thing that stands against it."""
    if any(result.outcome != RuleOutcome.HOLDS for result in results):
        return RULES_NOT_MET
    if case.amount_minor > pack.case_max_minor:
        return CASE_LIMIT
    if case.amount_minor > pack.day_max_minor - use.day_minor:
        return DAY_LIMIT
    if case.amount_minor > pack.total_max_minor - use.total_minor:
        return TOTAL_LIMIT
    return APPROVED


def _performed(context: Context, perform: Callable[[], None]) -> str:
    """Perform a case; return ``approved``, or the refusal that stood against it, rolled back."""
    mark = context.state.mark()
    event_count, event_bytes = len(context.events), context.event_bytes
    try:
        perform()
    except LedgerError as refusal:
        context.state.rollback(mark)
        del context.events[event_count:]
        context.event_bytes = event_bytes
        return f"{refusal.codespace}.{refusal.name}"
    return APPROVED


def _use_now(context: Context, pack: RulePack, case: Case) -> PackUse:
    """Return what was performed under this version, today and in all."""
    today = china_day(context.time_ms)
    use = PACK_USES.get(context.state, case.principal, message_type_part(case.message_type))
    if use is None or use.version != pack.version:
        return PackUse(pack.version, today, 0, 0)
    return use if use.day == today else msgspec.structs.replace(use, day=today, day_minor=0)


def _count(context: Context, use: PackUse, case: Case) -> None:
    counted = msgspec.structs.replace(
        use,
        day_minor=use.day_minor + case.amount_minor,
        total_minor=use.total_minor + case.amount_minor,
    )
    PACK_USES.put(context.state, counted, case.principal, message_type_part(case.message_type))


def _write_decision(
    context: Context,
    pack: RulePack,
    case: Case,
    results: tuple[RuleResult, ...],
    reason: str,
) -> None:
    inputs = tuple(Input(name, int(value)) for name, value in sorted(case.values.items()))  # type: ignore[arg-type]  # packs declare bools, integers and moments
    decision = Decision(
        principal=case.principal,
        message_type=case.message_type,
        pack_version=pack.version,
        amount_minor=case.amount_minor,
        inputs=inputs,
        results=results,
        reason=reason,
        decided_at_ms=context.time_ms,
    )
    DECISIONS.put(context.state, decision, message_type_part(case.message_type), case.id)
    context.emit(
        events.CaseDecided(
            case.principal,
            case.message_type,
            case.id,
            pack.version,
            case.amount_minor,
            inputs,
            results,
            reason,
        ),
    )
