"""Conditions that people sign and every node decides alike: a bounded profile of CEL."""

from xinlian.modules.conditions.language.condition import (
    Condition,
    Decision,
    Expression,
    compile_condition,
    compile_expression,
)

__all__ = ["Condition", "Decision", "Expression", "compile_condition", "compile_expression"]
