"""A condition: a text that people sign, and what it decides about given values.

::

    condition = compile_condition("claim.amount <= limit && has(claim.note)", names)
    decision = condition.decide({"claim": {...}, "limit": 5_000_00})

Rules this file keeps:
 1. Only a result that is exactly true lets anything happen: a failure is a "no" with its reason.
 2. Equal conditions have one text, which is what is signed and hashed, never a compiled form.
"""

import dataclasses
from collections.abc import Mapping

from xinlian.modules.conditions.errors import EvaluationFailed, TypesDisagree, ValueUnfit
from xinlian.modules.conditions.language.compiler import Compiled, compile_tree
from xinlian.modules.conditions.language.parser import parse
from xinlian.modules.conditions.language.syntax import spelled
from xinlian.modules.conditions.language.types import Bool, Type, Value, require_fits


@dataclasses.dataclass(frozen=True, slots=True)
class Decision:
    """What a condition says: ``holds``, or why it has no answer."""

    holds: bool
    failure: str = ""


@dataclasses.dataclass(frozen=True, slots=True)
class Expression:
    """A well typed, bounded expression over declared names."""

    text: str
    """Its one spelling."""
    names: Mapping[str, Type]
    compiled: Compiled

    @property
    def type(self) -> Type:
        """The type of its result."""
        return self.compiled.type

    @property
    def work_max(self) -> int:
        """What evaluating it costs at most, in units of work."""
        return self.compiled.work

    def evaluate(self, values: Mapping[str, Value]) -> Value:
        """Return its result for these values.

        Raises:
            ValueUnfit: a declared name has no value, or one that does not fit.
            EvaluationFailed: it has no result.
        """
        for name, declared in self.names.items():
            if name not in values:
                raise ValueUnfit(f"{name} has no value")
            require_fits(name, declared, values[name])
        result: Value = self.compiled.run(dict(values))
        return result


@dataclasses.dataclass(frozen=True, slots=True)
class Condition:
    """An expression that is true or false."""

    expression: Expression

    @property
    def text(self) -> str:
        """The text that is signed and hashed."""
        return self.expression.text

    @property
    def work_max(self) -> int:
        """What deciding it costs at most, in units of work."""
        return self.expression.work_max

    def decide(self, values: Mapping[str, Value]) -> Decision:
        """Return whether it holds; a failure never does.

        Raises:
            ValueUnfit: the caller's values do not fit what it declared.
        """
        try:
            return Decision(self.expression.evaluate(values) is True)
        except EvaluationFailed as failed:
            return Decision(holds=False, failure=str(failed))


def compile_expression(text: str, names: Mapping[str, Type]) -> Expression:
    """Return the expression of a text over declared names; raises ConditionRefused."""
    tree = parse(text)
    return Expression(spelled(tree), dict(names), compile_tree(tree, names))


def compile_condition(text: str, names: Mapping[str, Type]) -> Condition:
    """Return the condition of a text; raises ConditionRefused, also where it is no bool."""
    expression = compile_expression(text, names)
    if not isinstance(expression.type, Bool):
        raise TypesDisagree(f"a condition is true or false, this is a {expression.type}")
    return Condition(expression)
