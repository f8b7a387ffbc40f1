"""Refusals of the conditions module.

Order of precedence, for a text that becomes a condition::

    1 TextTooLong   2 NotInProfile   3 SyntaxRefused   4 TooDeep, TooManyNodes
    5 UnknownName   6 TypesDisagree  7 TooMuchWork

``EvaluationFailed`` arises only while a condition is evaluated, and is always a "no".
"""

from typing import ClassVar, Final

from xinlian.primitives import InvalidTransaction, Rejected

CODESPACE: Final = "conditions"


class ConditionRefused(InvalidTransaction):
    """A text is no condition; ``position`` counts characters from 0."""

    codespace: ClassVar[str] = CODESPACE
    code: ClassVar[int] = 1
    name: ClassVar[str] = "refused"

    def __init__(self, detail: str, position: int = 0) -> None:
        super().__init__(f"{detail} (character {position + 1})")
        self.detail = detail
        self.position = position


class TextTooLong(ConditionRefused):
    """A condition has more characters than the profile admits."""

    code: ClassVar[int] = 2
    name: ClassVar[str] = "text_too_long"


class NotInProfile(ConditionRefused):
    """The language has it, the profile leaves it out: fractions, bytes, patterns, named zones."""

    code: ClassVar[int] = 3
    name: ClassVar[str] = "not_in_profile"


class SyntaxRefused(ConditionRefused):
    """The text breaks the grammar."""

    code: ClassVar[int] = 4
    name: ClassVar[str] = "syntax"


class TooDeep(ConditionRefused):
    """Brackets, operators or comprehensions lie deeper in one another than the profile admits."""

    code: ClassVar[int] = 5
    name: ClassVar[str] = "too_deep"


class TooManyNodes(ConditionRefused):
    """A condition has more parts than the profile admits."""

    code: ClassVar[int] = 6
    name: ClassVar[str] = "too_many_nodes"


class UnknownName(ConditionRefused):
    """No such name, field or function is declared."""

    code: ClassVar[int] = 7
    name: ClassVar[str] = "unknown_name"


class TypesDisagree(ConditionRefused):
    """An operator or function is given types that it does not take."""

    code: ClassVar[int] = 8
    name: ClassVar[str] = "types_disagree"


class TooMuchWork(ConditionRefused):
    """The worst case of a condition costs more work than the profile admits."""

    code: ClassVar[int] = 9
    name: ClassVar[str] = "too_much_work"


class ValueUnfit(InvalidTransaction):
    """A value does not have the type, or exceeds the length, that its name declares."""

    codespace: ClassVar[str] = CODESPACE
    code: ClassVar[int] = 10
    name: ClassVar[str] = "value_unfit"


class EvaluationFailed(Rejected):
    """A condition has no result: it divides by zero, overflows, or asks for what is not there."""

    codespace: ClassVar[str] = CODESPACE
    code: ClassVar[int] = 11
    name: ClassVar[str] = "evaluation_failed"


class PackMalformed(InvalidTransaction):
    """The rules, terms or limits of a pack contradict themselves or one another."""

    codespace: ClassVar[str] = CODESPACE
    code: ClassVar[int] = 12
    name: ClassVar[str] = "pack_malformed"


class NotRuled(Rejected):
    """No business lets that message be performed by rules."""

    codespace: ClassVar[str] = CODESPACE
    code: ClassVar[int] = 13
    name: ClassVar[str] = "not_ruled"


class RuleRefused(Rejected):
    """A rule is no condition over the names that the business declares for its cases."""

    codespace: ClassVar[str] = CODESPACE
    code: ClassVar[int] = 14
    name: ClassVar[str] = "rule_refused"


class PackExpired(Rejected):
    """The pack would expire before it begins, or too late."""

    codespace: ClassVar[str] = CODESPACE
    code: ClassVar[int] = 15
    name: ClassVar[str] = "pack_expired"


class NoPack(Rejected):
    """The party has no rules in force for that message."""

    codespace: ClassVar[str] = CODESPACE
    code: ClassVar[int] = 16
    name: ClassVar[str] = "no_pack"
