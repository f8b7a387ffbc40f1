"""Refusals of the policy module, in order of precedence."""

from typing import ClassVar, Final

from xinlian.primitives import Rejected

CODESPACE: Final = "policy"


class UnknownRow(Rejected):
    """There is no policy row of this name."""

    codespace: ClassVar[str] = CODESPACE
    code: ClassVar[int] = 1
    name: ClassVar[str] = "unknown_row"


class ValueOutOfBounds(Rejected):
    """The value lies outside the bounds that the code sets for it; no vote moves them."""

    codespace: ClassVar[str] = CODESPACE
    code: ClassVar[int] = 2
    name: ClassVar[str] = "value_out_of_bounds"

    def __init__(self, value: int, low: int, high: int) -> None:
        super().__init__(f"{value} is not within {low} and {high}")
        self.low = low
        self.high = high


class AppliesByUnknown(Rejected):
    """A value applies by contract, by issue or by event."""

    codespace: ClassVar[str] = CODESPACE
    code: ClassVar[int] = 3
    name: ClassVar[str] = "applies_by_unknown"


class EffectTooEarly(Rejected):
    """A rule takes effect no earlier than its publication plus its delay."""

    codespace: ClassVar[str] = CODESPACE
    code: ClassVar[int] = 4
    name: ClassVar[str] = "effect_too_early"

    def __init__(self, earliest_ms: int) -> None:
        super().__init__(f"it may take effect from {earliest_ms} on")
        self.earliest_ms = earliest_ms


class NotTheLatest(Rejected):
    """A version of a row takes effect after every version that was published before it."""

    codespace: ClassVar[str] = CODESPACE
    code: ClassVar[int] = 5
    name: ClassVar[str] = "not_the_latest"


class RowFull(Rejected):
    """The row has as many versions as a row may have."""

    codespace: ClassVar[str] = CODESPACE
    code: ClassVar[int] = 6
    name: ClassVar[str] = "row_full"


class CalendarInvalid(Rejected):
    """A calendar lists days of its own year, once each, ascending, and changes no past day."""

    codespace: ClassVar[str] = CODESPACE
    code: ClassVar[int] = 7
    name: ClassVar[str] = "calendar_invalid"
