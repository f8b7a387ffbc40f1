"""Turns a tree into a condition that is known to be well typed and bounded.

Rules this file keeps:
 1. Every part has one type, found before anything is signed; nothing is converted by itself.
 2. The worst case of the work is computed from declared lengths; beyond the ceiling a condition is
    refused, so that evaluating one needs no meter.
 3. A variable of a comprehension hides no other name, and comprehensions lie at most two deep in
    one another.
"""

import dataclasses
from collections.abc import Callable, Mapping
from typing import Any, Final, NoReturn

from xinlian.modules.conditions.errors import (
    ConditionRefused,
    EvaluationFailed,
    TooDeep,
    TooMuchWork,
    TypesDisagree,
    UnknownName,
)
from xinlian.modules.conditions.language.folds import (
    Run,
    Scope,
    any_or_all,
    decided_by,
    exactly_one,
    filtering,
    mapping,
)
from xinlian.modules.conditions.language.moments import (
    DURATION_PARTS,
    TIMESTAMP_PARTS,
    parse_duration,
    parse_offset,
    parse_timestamp,
)
from xinlian.modules.conditions.language.operators import (
    Overload,
    binary_overload,
    function_overload,
    index_overload,
    unary_overload,
)
from xinlian.modules.conditions.language.syntax import (
    Binary,
    Call,
    Choice,
    Comprehension,
    Index,
    Listing,
    Literal,
    Name,
    Node,
    Select,
    Unary,
)
from xinlian.modules.conditions.language.types import (
    BOOL,
    DURATION,
    INT,
    LIST_LENGTH_MAX,
    STRING_LENGTH_MAX,
    TIMESTAMP,
    Bool,
    Duration,
    ListOf,
    Record,
    Text,
    Timestamp,
    Type,
    joined,
)

WORK_MAX: Final = 100_000
COMPREHENSION_DEPTH_MAX: Final = 2


@dataclasses.dataclass(frozen=True, slots=True)
class Compiled:
    """A part of a condition: what type it has, how to compute it, and what that costs at most."""

    type: Type
    run: Run
    work: int


def compile_tree(node: Node, names: Mapping[str, Type]) -> Compiled:
    """Return the typed and bounded form of a tree; raises ConditionRefused."""
    return _Compiler(dict(names)).compile(node)


class _Compiler:
    """One condition on its way through the types."""

    def __init__(self, names: dict[str, Type]) -> None:
        self._names = names
        self._comprehensions = 0

    def compile(self, node: Node) -> Compiled:
        """Return a part with its type and its worst case."""
        compiled = self._by_kind[type(node)](self, node)
        if compiled.work > WORK_MAX:
            raise TooMuchWork(f"the worst case is above {WORK_MAX} units of work", node.position)
        _require_bounded(compiled.type, node)
        return compiled

    def _literal(self, node: Literal) -> Compiled:
        value = node.value
        if isinstance(value, bool):
            return Compiled(BOOL, lambda _: value, 1)
        kind = Text(len(value)) if isinstance(value, str) else INT
        return Compiled(kind, lambda _: value, 1)

    def _name(self, node: Name) -> Compiled:
        kind = self._names.get(node.text)
        if kind is None:
            raise UnknownName(f"{node.text} is not declared", node.position)
        name = node.text
        return Compiled(kind, lambda scope: scope[name], 1)

    def _select(self, node: Select) -> Compiled:
        operand = self.compile(node.operand)
        if not isinstance(operand.type, Record):
            raise TypesDisagree(f"a {operand.type} has no fields", node.position)
        kind = operand.type.fields.get(node.field)
        if kind is None:
            raise UnknownName(f"{operand.type} has no field {node.field}", node.position)
        run, field = operand.run, node.field
        if node.is_test:
            return Compiled(BOOL, lambda scope: field in run(scope), operand.work + 1)

        def select(scope: Scope) -> Any:  # noqa: ANN401 - whatever the record holds
            record = run(scope)
            if field not in record:
                raise EvaluationFailed(f"the field {field} is absent")
            return record[field]

        return Compiled(kind, select, operand.work + 1)

    def _index(self, node: Index) -> Compiled:
        operand, index = self.compile(node.operand), self.compile(node.index)
        overload = index_overload(operand.type, index.type)
        if overload is None:
            raise TypesDisagree(f"no {operand.type}[{index.type}]", node.position)
        return _applied(overload, operand, index)

    def _listing(self, node: Listing) -> Compiled:
        elements = [self.compile(element) for element in node.elements]
        element_type: Type | None = elements[0].type if elements else None
        for element in elements:
            both = joined(element_type, element.type) if element_type else None
            if both is None:
                kinds = f"{element_type} and {element.type}"
                raise TypesDisagree(f"a list holds one type, not {kinds}", node.position)
            element_type = both
        runs = [element.run for element in elements]
        work = 1 + len(elements) + sum(element.work for element in elements)
        kind = ListOf(element_type, len(elements))
        return Compiled(kind, lambda scope: tuple(run(scope) for run in runs), work)

    def _unary(self, node: Unary) -> Compiled:
        operand = self.compile(node.operand)
        overload = unary_overload(node.operator, operand.type)
        if overload is None:
            raise TypesDisagree(f"no {node.operator}{operand.type}", node.position)
        return _applied(overload, operand)

    def _binary(self, node: Binary) -> Compiled:
        left, right = self.compile(node.left), self.compile(node.right)
        if node.operator in {"&&", "||"}:
            _require_bool(left, node)
            _require_bool(right, node)
            decides = node.operator == "||"
            run = decided_by(decides, left.run, right.run)
            return Compiled(BOOL, run, left.work + right.work + 1)
        overload = binary_overload(node.operator, left.type, right.type)
        if overload is None:
            kinds = f"{left.type} {node.operator} {right.type}"
            raise TypesDisagree(f"there is no {kinds}", node.position)
        return _applied(overload, left, right)

    def _choice(self, node: Choice) -> Compiled:
        condition = self.compile(node.condition)
        _require_bool(condition, node)
        yes, no = self.compile(node.yes), self.compile(node.no)
        kind = joined(yes.type, no.type)
        if kind is None:
            raise TypesDisagree(f"the choice gives {yes.type} or {no.type}", node.position)
        test, if_true, if_false = condition.run, yes.run, no.run

        def choose(scope: Scope) -> Any:  # noqa: ANN401 - the type of the choice
            return if_true(scope) if test(scope) else if_false(scope)

        return Compiled(kind, choose, condition.work + max(yes.work, no.work) + 1)

    def _call(self, node: Call) -> Compiled:
        if node.function in {"timestamp", "duration"} and node.target is None:
            constant = _constant_moment(node)
            if constant is not None:
                return constant
        if node.function in TIMESTAMP_PARTS and node.target is not None:
            return self._part_of_time(node, self.compile(node.target))
        operands = () if node.target is None else (node.target,)
        parts = [self.compile(part) for part in (*operands, *node.arguments)]
        is_method = node.target is not None
        overload = function_overload(node.function, [part.type for part in parts])
        if overload is None or is_method not in _CALLED_ON_TARGET.get(node.function, ()):
            kinds = ", ".join(str(part.type) for part in parts)
            raise TypesDisagree(f"there is no {node.function}({kinds})", node.position)
        return _applied(overload, *parts)

    def _part_of_time(self, node: Call, target: Compiled) -> Compiled:
        run = target.run
        if isinstance(target.type, Duration) and node.function in DURATION_PARTS:
            if node.arguments:
                raise TypesDisagree("a duration has no zone", node.position)
            part = DURATION_PARTS[node.function]
            return Compiled(INT, lambda scope: part(run(scope)), target.work + 1)
        if not isinstance(target.type, Timestamp):
            raise TypesDisagree(f"no {node.function} of a {target.type}", node.position)
        part = TIMESTAMP_PARTS[node.function]
        offset_ns = _offset_of(node)
        return Compiled(INT, lambda scope: part(run(scope) + offset_ns), target.work + 1)

    def _comprehension(self, node: Comprehension) -> Compiled:
        operand = self.compile(node.operand)
        if not isinstance(operand.type, ListOf):
            raise TypesDisagree(f"{node.macro} goes over a list, no {operand.type}", node.position)
        if node.variable in self._names:
            raise UnknownName(f"{node.variable} would hide another name", node.position)
        if self._comprehensions == COMPREHENSION_DEPTH_MAX:
            deepest = COMPREHENSION_DEPTH_MAX
            raise TooDeep(f"comprehensions lie at most {deepest} deep", node.position)
        element = operand.type.element
        if element is None:
            raise TypesDisagree("the list is always empty", node.position)
        self._names[node.variable] = element
        self._comprehensions += 1
        condition = None if node.condition is None else self.compile(node.condition)
        body = self.compile(node.body)
        self._comprehensions -= 1
        del self._names[node.variable]
        return _folded(node, operand, condition, body)

    _by_kind: Final[dict[type, Callable[..., Compiled]]] = {
        Literal: _literal,
        Name: _name,
        Select: _select,
        Index: _index,
        Listing: _listing,
        Unary: _unary,
        Binary: _binary,
        Choice: _choice,
        Call: _call,
        Comprehension: _comprehension,
    }


_CALLED_ON_TARGET: Final = {
    "size": (False, True),
    "contains": (True,),
    "startsWith": (True,),
    "endsWith": (True,),
    "int": (False,),
    "timestamp": (False,),
}
"""Whether a function is called on a target, or with it as an argument."""


def _applied(overload: Overload, *operands: Compiled) -> Compiled:
    work = overload.work + sum(operand.work for operand in operands)
    apply = overload.run
    if len(operands) == 1:
        run = operands[0].run
        return Compiled(overload.result, lambda scope: apply(run(scope)), work)
    left, right = (operand.run for operand in operands)
    return Compiled(overload.result, lambda scope: apply(left(scope), right(scope)), work)


def _folded(
    node: Comprehension,
    operand: Compiled,
    condition: Compiled | None,
    body: Compiled,
) -> Compiled:
    """Return a comprehension over its operand's elements."""
    kind = operand.type
    if not isinstance(kind, ListOf):
        _refuse(TypesDisagree, "a comprehension goes over a list", node)
    each = body.work + (0 if condition is None else condition.work) + 1
    work = operand.work + 1 + kind.length_max * each
    if node.macro == "map":
        if condition is not None:
            _require_bool(condition, node)
        result = ListOf(body.type, kind.length_max)
        test = None if condition is None else condition.run
        run = mapping(operand.run, node.variable, test, body.run)
        return Compiled(result, run, work)
    _require_bool(body, node)
    if node.macro == "filter":
        return Compiled(kind, filtering(operand.run, node.variable, body.run), work)
    if node.macro == "exists_one":
        return Compiled(BOOL, exactly_one(operand.run, node.variable, body.run), work)
    decides = node.macro == "exists"
    return Compiled(BOOL, any_or_all(decides, operand.run, node.variable, body.run), work)


def _constant_moment(node: Call) -> Compiled | None:
    """Return ``timestamp("…")`` or ``duration("…")`` of a text that is written out."""
    (argument,) = node.arguments if len(node.arguments) == 1 else (None,)
    if not isinstance(argument, Literal) or not isinstance(argument.value, str):
        return None
    is_duration = node.function == "duration"
    try:
        value = (parse_duration if is_duration else parse_timestamp)(argument.value)
    except ValueError as problem:
        raise TypesDisagree(str(problem), argument.position) from None
    return Compiled(DURATION if is_duration else TIMESTAMP, lambda _: value, 1)


def _offset_of(node: Call) -> int:
    """Return the fixed offset that a part of a time stamp is asked in; UTC without one."""
    if not node.arguments:
        return 0
    (argument,) = node.arguments if len(node.arguments) == 1 else (None,)
    if not isinstance(argument, Literal) or not isinstance(argument.value, str):
        raise TypesDisagree("an offset is written out, such as '+08:00'", node.position)
    try:
        return parse_offset(argument.value)
    except ValueError as problem:
        raise TypesDisagree(str(problem), argument.position) from None


def _require_bool(part: Compiled, node: Node) -> None:
    if not isinstance(part.type, Bool):
        _refuse(TypesDisagree, f"expected a bool, found a {part.type}", node)


def _require_bounded(kind: Type, node: Node) -> None:
    if isinstance(kind, Text) and kind.length_max > STRING_LENGTH_MAX:
        _refuse(TooMuchWork, f"a string may grow beyond {STRING_LENGTH_MAX} characters", node)
    if isinstance(kind, ListOf) and kind.length_max > LIST_LENGTH_MAX:
        _refuse(TooMuchWork, f"a list may grow beyond {LIST_LENGTH_MAX} elements", node)


def _refuse(error: type[ConditionRefused], detail: str, node: Node) -> NoReturn:
    raise error(detail, node.position)
