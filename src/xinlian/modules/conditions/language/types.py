"""Types of the condition profile, and what a name may be declared as.

Rules this file keeps:
 1. Every string and list has a greatest length, so that the worst case is known before signing.
 2. There is no fraction, no dynamic type, no map and no null.
 3. Time stamps and durations are nanoseconds: of the Unix epoch, within the years 1 to 9999; of
    the span, within 64 bits.

Source: the Common Expression Language, language definition; the profile is our own.
"""

import dataclasses
from collections.abc import Mapping
from typing import Final, TypeAlias

from xinlian.modules.conditions.errors import ValueUnfit

NS_PER_SECOND: Final = 1_000_000_000
NS_PER_MS: Final = 1_000_000
INT_MIN: Final = -(2**63)
INT_MAX: Final = 2**63 - 1
TIMESTAMP_NS_MIN: Final = -62_135_596_800 * NS_PER_SECOND
TIMESTAMP_NS_MAX: Final = 253_402_300_800 * NS_PER_SECOND - 1
STRING_LENGTH_MAX: Final = 4_096
LIST_LENGTH_MAX: Final = 10_000


@dataclasses.dataclass(frozen=True, slots=True)
class Bool:
    """True or false."""

    def __str__(self) -> str:
        return "bool"


@dataclasses.dataclass(frozen=True, slots=True)
class Int:
    """An integer of 64 bits with its sign."""

    def __str__(self) -> str:
        return "int"


@dataclasses.dataclass(frozen=True, slots=True)
class Text:
    """A string of at most ``length_max`` characters."""

    length_max: int = STRING_LENGTH_MAX

    def __str__(self) -> str:
        return "string"


@dataclasses.dataclass(frozen=True, slots=True)
class Timestamp:
    """A moment, in nanoseconds since the Unix epoch."""

    def __str__(self) -> str:
        return "timestamp"


@dataclasses.dataclass(frozen=True, slots=True)
class Duration:
    """A span of time in nanoseconds."""

    def __str__(self) -> str:
        return "duration"


@dataclasses.dataclass(frozen=True, slots=True)
class ListOf:
    """A list; without an element type it is the empty list, which fits every list."""

    element: "Type | None"
    length_max: int

    def __str__(self) -> str:
        return f"list({self.element or 'nothing'})"


@dataclasses.dataclass(frozen=True, slots=True)
class Record:
    """A record with named fields, of which some may be absent."""

    name: str
    fields: Mapping[str, "Type"]
    optional: frozenset[str] = frozenset()

    def __str__(self) -> str:
        return self.name


Type: TypeAlias = Bool | Int | Text | Timestamp | Duration | ListOf | Record
Value: TypeAlias = "bool | int | str | tuple[Value, ...] | Mapping[str, Value]"
"""A value is told from another by its declared type, never by its Python class."""

BOOL: Final = Bool()
INT: Final = Int()
TIMESTAMP: Final = Timestamp()
DURATION: Final = Duration()
_RANGES: Final[dict[type, tuple[int, int]]] = {
    Int: (INT_MIN, INT_MAX),
    Timestamp: (TIMESTAMP_NS_MIN, TIMESTAMP_NS_MAX),
    Duration: (INT_MIN, INT_MAX),
}


def joined(first: Type, second: Type) -> Type | None:
    """Return the type that holds values of both, or None where none does."""
    if isinstance(first, Text) and isinstance(second, Text):
        return Text(max(first.length_max, second.length_max))
    if isinstance(first, ListOf) and isinstance(second, ListOf):
        return _joined_lists(first, second)
    return first if first == second else None


def _joined_lists(first: ListOf, second: ListOf) -> ListOf | None:
    length_max = max(first.length_max, second.length_max)
    if first.element is None or second.element is None:
        return ListOf(first.element or second.element, length_max)
    element = joined(first.element, second.element)
    return None if element is None else ListOf(element, length_max)


def require_fits(name: str, declared: Type, value: Value) -> None:
    """Refuse a value that is not of the declared type; raises ValueUnfit."""
    problem = _misfit(declared, value)
    if problem:
        raise ValueUnfit(f"{name}{problem}")


def _misfit(declared: Type, value: Value) -> str:
    """Return why a value does not fit, beginning with where in it; empty when it does."""
    if isinstance(declared, ListOf):
        return _misfit_of_list(declared, value)
    if isinstance(declared, Record):
        return _misfit_of_record(declared, value)
    if isinstance(declared, Text):
        fits = isinstance(value, str) and len(value) <= declared.length_max
        return "" if fits else f": expected a string of at most {declared.length_max} characters"
    if isinstance(declared, Bool):
        return "" if isinstance(value, bool) else ": expected a bool"
    low, high = _RANGES[type(declared)]
    is_integer = isinstance(value, int) and not isinstance(value, bool)
    if is_integer and low <= value <= high:  # type: ignore[operator]  # narrowed by is_integer
        return ""
    return f": expected a {declared} within its range"


def _misfit_of_list(declared: ListOf, value: Value) -> str:
    if not isinstance(value, tuple) or len(value) > declared.length_max:
        return f": expected a list of at most {declared.length_max} elements"
    if declared.element is not None:
        for index, item in enumerate(value):
            problem = _misfit(declared.element, item)
            if problem:
                return f"[{index}]{problem}"
    return ""


def _misfit_of_record(declared: Record, value: Value) -> str:
    if not isinstance(value, Mapping):
        return f": expected a record {declared.name}"
    for field in value:
        if field not in declared.fields:
            return f".{field}: there is no such field"
    for field, kind in declared.fields.items():
        if field not in value:
            if field not in declared.optional:
                return f".{field}: is missing"
            continue
        problem = _misfit(kind, value[field])
        if problem:
            return f".{field}{problem}"
    return ""
