"""Random messages of any registered type, drawn from the types of their fields alone.

Rules this file keeps:
 1. A new module is simulated from the day it is registered: nothing here names a message.
 2. Ids are taken from what was seen under the same field name, now and then under another, now and
    then from nowhere.
"""

import random
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from msgspec import inspect

from xinlian.contracts.message import Event, Message
from xinlian.primitives import ID_BYTES
from xinlian.primitives.time import MS_PER_DAY, MS_PER_HOUR, china_day
from xinlian.testing.consortium import demo_uscc

FACES_MINOR: Final = (1_000_00, 333_333_33, 600_000_00, 1_000_000_00)
TEXTS: Final = (
    "contract",
    "order",
    "invoice",
    "despatch",
    "goods_receipt",
    "bank_entry",
    "finance-1",
    "ed25519",
)
_ITEMS_MAX: Final = 3
_LEAPS_MS: Final = (-1, 0, 1, MS_PER_HOUR, MS_PER_DAY, 90 * MS_PER_DAY)


class RandomMessages:
    """Draws messages; ``time_ms`` is the ledger's time, which its user keeps up to date."""

    def __init__(
        self,
        chance: random.Random,
        fields: Mapping[type[Message], Sequence[inspect.Field]],
        time_ms: int,
    ) -> None:
        self.time_ms = time_ms
        self._chance = chance
        self._fields = fields
        self._seen: dict[str, list[bytes]] = defaultdict(list)
        self._everything: list[bytes] = []
        self._draws: tuple[tuple[type[inspect.Type], Callable[[str, Any], Any]], ...] = (
            (inspect.BoolType, self._boolean),
            (inspect.IntType, self._integer),
            (inspect.BytesType, self._bytes),
            (inspect.StrType, self._text),
            (inspect.VarTupleType, self._tuple),
            (inspect.StructType, self._struct),
        )

    def note(self, field: str, value: bytes) -> None:
        """Remember an id under the name of the field that it was in."""
        self._seen[field].append(value)
        self._everything.append(value)

    def note_event(self, event: Event) -> None:
        """Remember every id of an event."""
        for field in event.__struct_fields__:
            value = getattr(event, field)
            if isinstance(value, bytes) and value:
                self.note(field, value)

    def seen(self, field: str) -> Sequence[bytes]:
        """Return what was seen under a field name, oldest first."""
        return self._seen[field]

    def message(self, message_type: type[Message]) -> Message:
        """Return a message of a type, within the bounds of its fields."""
        fields = self._fields[message_type]
        values = {field.name: self._value(field.name, field.type) for field in fields}
        return message_type(**values)

    def _value(self, name: str, kind: inspect.Type) -> Any:  # noqa: ANN401 - of the field's type
        if isinstance(kind, inspect.Metadata):
            return self._value(name, kind.type)
        for of_kind, draw in self._draws:
            if isinstance(kind, of_kind):
                return draw(name, kind)
        raise TypeError(f"field {name} is of a kind that the simulator cannot draw: {kind}")

    def _boolean(self, name: str, kind: inspect.BoolType) -> bool:
        del name, kind
        return self._chance.randrange(2) == 0

    def _tuple(self, name: str, kind: inspect.VarTupleType) -> tuple[Any, ...]:
        longest = _ITEMS_MAX if kind.max_length is None else min(kind.max_length, _ITEMS_MAX)
        count = self._chance.randint(kind.min_length or 0, longest)
        return tuple(self._value(name, kind.item_type) for _ in range(count))

    def _struct(self, name: str, kind: inspect.StructType) -> Any:  # noqa: ANN401 - of its class
        del name
        return kind.cls(*(self._value(field.name, field.type) for field in kind.fields))

    def _integer(self, name: str, kind: inspect.IntType) -> int:
        lowest, highest = kind.ge or 0, 2**63 - 1 if kind.le is None else kind.le
        now_ms = self.time_ms
        if name.endswith("_ms"):
            drawn = now_ms + self._chance.choice(
                (-1, 0, 1, MS_PER_HOUR, MS_PER_DAY, 90 * MS_PER_DAY)
            )
        elif name.endswith("_day"):
            drawn = china_day(now_ms) + self._chance.randint(-2, 60)
        elif name.endswith("_minor"):
            drawn = self._chance.choice((0, 1, 99, *FACES_MINOR, highest))
        else:
            drawn = self._chance.choice((0, 1, 2, 3, 4, 256, highest))
        return min(max(drawn, lowest), highest)

    def _bytes(self, name: str, kind: inspect.BytesType) -> bytes:
        lowest = kind.min_length or 0
        highest = kind.max_length or lowest or ID_BYTES
        likely = self._seen[name] if self._chance.random() < 0.8 else self._everything  # noqa: PLR2004
        fitting = [value for value in likely[-40:] if lowest <= len(value) <= highest]
        if fitting and self._chance.random() < 0.95:  # noqa: PLR2004 - now and then from nowhere
            return self._chance.choice(fitting)
        return self._chance.randbytes(self._chance.choice((lowest, highest)))

    def _text(self, name: str, kind: inspect.StrType) -> str:
        del kind
        if name == "currency":
            return self._chance.choice(("CNY", "CNY", "USD"))
        if name == "uscc":
            return demo_uscc(self._chance.randint(1, 30))
        return self._chance.choice(TEXTS)
