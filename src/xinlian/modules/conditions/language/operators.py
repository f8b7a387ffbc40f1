"""What operators and functions do, by the types they are given.

Rules this file keeps:
 1. Integers never wrap: what does not fit fails.  Division goes towards zero.
 2. Work is counted for the worst case: whole lengths, as declared.

Source: the Common Expression Language, list of standard definitions.
"""

import dataclasses
import operator
from collections.abc import Callable, Sequence
from typing import Any, Final

from xinlian.modules.conditions.errors import EvaluationFailed
from xinlian.modules.conditions.language.moments import checked_duration, checked_timestamp
from xinlian.modules.conditions.language.types import (
    BOOL,
    DURATION,
    INT,
    INT_MAX,
    INT_MIN,
    NS_PER_SECOND,
    TIMESTAMP,
    Bool,
    Duration,
    Int,
    ListOf,
    Record,
    Text,
    Timestamp,
    Type,
    joined,
)

CHARACTERS_PER_WORK: Final = 16
"""Characters of a string that are compared or copied for one unit of work."""


@dataclasses.dataclass(frozen=True, slots=True)
class Overload:
    """What an operator gives for certain types.

    ``run`` takes operands of those types; ``work`` is the worst case beside the operands' own.
    """

    result: Type
    run: Callable[..., Any]
    work: int = 1


def checked_int(value: int) -> int:
    """Return an integer of 64 bits; raises EvaluationFailed."""
    if not INT_MIN <= value <= INT_MAX:
        raise EvaluationFailed("an integer overflows")
    return value


def comparison_work(kind: Type) -> int:
    """Return what comparing two values costs at most."""
    if isinstance(kind, Text):
        return 1 + kind.length_max // CHARACTERS_PER_WORK
    if isinstance(kind, ListOf):
        return 1 + kind.length_max * (comparison_work(kind.element) if kind.element else 0)
    return 1


def binary_overload(sign: str, left: Type, right: Type) -> Overload | None:
    """Return what ``left sign right`` is, or None where the language has no such thing."""
    if sign in _EQUALITIES:
        return _equality(sign, left, right)
    if sign in _ORDERS:
        return _order(sign, left, right)
    if sign == "in":
        return _membership(left, right)
    if sign == "+" and isinstance(left, Text) and isinstance(right, Text):
        length = left.length_max + right.length_max
        return Overload(Text(length), operator.add, 1 + length // CHARACTERS_PER_WORK)
    if sign == "+" and isinstance(left, ListOf) and isinstance(right, ListOf):
        return _concatenation(left, right)
    return _ARITHMETIC.get((sign, type(left), type(right)))


def unary_overload(sign: str, operand: Type) -> Overload | None:
    """Return what ``sign operand`` is, or None."""
    if sign == "!" and isinstance(operand, Bool):
        return Overload(BOOL, operator.not_)
    if sign == "-" and isinstance(operand, Int):
        return Overload(INT, lambda value: checked_int(-value))
    return None


def index_overload(operand: Type, index: Type) -> Overload | None:
    """Return what ``operand[index]`` is, or None."""
    if isinstance(operand, ListOf) and operand.element is not None and isinstance(index, Int):
        return Overload(operand.element, _element)
    return None


def function_overload(name: str, types: Sequence[Type]) -> Overload | None:
    """Return what a function, or a method with its target first, gives for these types."""
    if name == "size" and len(types) == 1 and isinstance(types[0], Text | ListOf):
        return Overload(INT, len)
    if name in _TEXT_TESTS and len(types) == 2:  # noqa: PLR2004 - the text and the part
        text, part = types
        if isinstance(text, Text) and isinstance(part, Text):
            work = 1 + (text.length_max + part.length_max) // CHARACTERS_PER_WORK
            return Overload(BOOL, _TEXT_TESTS[name], work)
    if name == "int" and len(types) == 1:
        return _TO_INT.get(type(types[0]))
    if name == "timestamp" and len(types) == 1:
        return _TO_TIMESTAMP.get(type(types[0]))
    return None


def _equality(sign: str, left: Type, right: Type) -> Overload | None:
    kind = joined(left, right)
    if kind is None or _holds_records(kind):
        return None
    return Overload(BOOL, _EQUALITIES[sign], comparison_work(kind))


def _order(sign: str, left: Type, right: Type) -> Overload | None:
    kind = joined(left, right)
    if kind is None or isinstance(kind, ListOf | Record):
        return None
    return Overload(BOOL, _ORDERS[sign], comparison_work(kind))


def _membership(left: Type, right: Type) -> Overload | None:
    if not isinstance(right, ListOf):
        return None
    if right.element is None:
        return Overload(BOOL, _is_among)
    kind = joined(left, right.element)
    if kind is None or _holds_records(kind):
        return None
    return Overload(BOOL, _is_among, 1 + right.length_max * comparison_work(kind))


def _concatenation(left: ListOf, right: ListOf) -> Overload | None:
    kind = joined(left, right)
    if not isinstance(kind, ListOf):
        return None
    length = left.length_max + right.length_max
    return Overload(ListOf(kind.element, length), operator.add, 1 + length)


def _holds_records(kind: Type) -> bool:
    if isinstance(kind, ListOf):
        return kind.element is not None and _holds_records(kind.element)
    return isinstance(kind, Record)


def _is_among(value: Any, values: tuple[Any, ...]) -> bool:  # noqa: ANN401 - any one type
    return value in values


def _element(values: tuple[Any, ...], index: int) -> Any:  # noqa: ANN401 - whatever the list holds
    if not 0 <= index < len(values):
        raise EvaluationFailed("an index is outside its list")
    return values[index]


def _quotient(left: int, right: int) -> int:
    if right == 0:
        raise EvaluationFailed("division by zero")
    whole = abs(left) // abs(right)
    return checked_int(whole if (left < 0) == (right < 0) else -whole)


def _remainder(left: int, right: int) -> int:
    if right == 0:
        raise EvaluationFailed("modulus by zero")
    if right == -1 and left == INT_MIN:  # the quotient does not fit
        raise EvaluationFailed("an integer overflows")
    rest = abs(left) % abs(right)
    return rest if left >= 0 else -rest


_EQUALITIES: Final = {"==": operator.eq, "!=": operator.ne}
_ORDERS: Final = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
_TEXT_TESTS: Final[dict[str, Callable[[str, str], bool]]] = {
    "contains": lambda text, part: part in text,
    "startsWith": lambda text, part: text.startswith(part),
    "endsWith": lambda text, part: text.endswith(part),
}
_TO_INT: Final = {
    Int: Overload(INT, lambda value: value),
    Timestamp: Overload(INT, lambda value: value // NS_PER_SECOND),
}
_TO_TIMESTAMP: Final = {
    Int: Overload(TIMESTAMP, lambda value: checked_timestamp(value * NS_PER_SECOND)),
    Timestamp: Overload(TIMESTAMP, lambda value: value),
}


def _sum_to_timestamp(left: int, right: int) -> int:
    return checked_timestamp(left + right)


_ARITHMETIC: Final[dict[tuple[str, type, type], Overload]] = {
    ("+", Int, Int): Overload(INT, lambda left, right: checked_int(left + right)),
    ("-", Int, Int): Overload(INT, lambda left, right: checked_int(left - right)),
    ("*", Int, Int): Overload(INT, lambda left, right: checked_int(left * right)),
    ("/", Int, Int): Overload(INT, _quotient),
    ("%", Int, Int): Overload(INT, _remainder),
    ("+", Timestamp, Duration): Overload(TIMESTAMP, _sum_to_timestamp),
    ("+", Duration, Timestamp): Overload(TIMESTAMP, _sum_to_timestamp),
    ("-", Timestamp, Duration): Overload(
        TIMESTAMP,
        lambda left, right: checked_timestamp(left - right),
    ),
    ("-", Timestamp, Timestamp): Overload(
        DURATION,
        lambda left, right: checked_duration(left - right),
    ),
    ("+", Duration, Duration): Overload(
        DURATION,
        lambda left, right: checked_duration(left + right),
    ),
    ("-", Duration, Duration): Overload(
        DURATION,
        lambda left, right: checked_duration(left - right),
    ),
}
