"""What a field of a message, event or record is: its type, bounds, class and meaning."""

import ast
import inspect
import itertools
import textwrap
from collections.abc import Iterator
from typing import Annotated, Any, Final, NamedTuple, get_args, get_origin, get_type_hints

import msgspec

from docs_tools.markdown import code, table
from xinlian.contracts import fields as field_types
from xinlian.contracts.fields import CLASS_KEY
from xinlian.ledger.records import Record


class Field(NamedTuple):
    """One field, as a reader needs it."""

    name: str
    type_name: str
    bounds: str
    field_class: str
    meaning: str


_ALIASES: Final = {
    name: alias
    for name, alias in vars(field_types).items()
    if get_origin(alias) is Annotated and not name.startswith("_")
}
_NO_CLASS: Final = "-"
"""Of the machine's own records: commitments, numbers and outcomes only."""


def fields_of(struct: type[msgspec.Struct]) -> list[Field]:
    """Return the fields of a type in the order of their encoding."""
    hints = get_type_hints(struct, include_extras=True)
    meanings = _meanings(struct)
    return [
        Field(name, *_described(hints[name]), meanings.get(name, ""))
        for name in struct.__struct_fields__
    ]


def nested_types(struct: type[msgspec.Struct]) -> Iterator[type[msgspec.Struct]]:
    """Yield the types inside a type's lists, once each."""
    seen: set[type[msgspec.Struct]] = set()
    for hint in get_type_hints(struct, include_extras=True).values():
        item = _item_type(hint)
        if isinstance(item, type) and issubclass(item, msgspec.Struct) and item not in seen:
            seen.add(item)
            yield item


def field_table(struct: type[msgspec.Struct]) -> str:
    """Return the table of a type's fields."""
    return table(
        ("field", "type", "bounds", "class", "meaning"),
        ((code(f.name), code(f.type_name), f.bounds, f.field_class, f.meaning)
         for f in fields_of(struct)),
    )  # fmt: skip


def is_of_the_machine(struct: type[msgspec.Struct]) -> bool:
    """Return whether a type belongs to the ledger itself, below all contracts."""
    return issubclass(struct, Record) and struct.__module__.startswith("xinlian.ledger.")


def _described(hint: Any) -> tuple[str, str, str]:  # noqa: ANN401 - any annotation
    """Return (type name, bounds, class) of an annotation."""
    for name, alias in _ALIASES.items():
        if hint == alias:
            return name, _bounds(hint), _class_of(hint)
    item = _item_type(hint)
    if item is not None:
        inner = _described(item)[0]
        return f"list of {inner}", _bounds(hint), _class_of(hint)
    return getattr(hint, "__name__", str(hint)), "", _class_of(hint)


def _item_type(hint: Any) -> Any:  # noqa: ANN401 - any annotation
    inner = get_args(hint)[0] if get_origin(hint) is Annotated else hint
    return get_args(inner)[0] if get_origin(inner) is tuple else None


def _metas(hint: Any) -> list[msgspec.Meta]:  # noqa: ANN401 - any annotation
    if get_origin(hint) is not Annotated:
        return []
    return [part for part in get_args(hint)[1:] if isinstance(part, msgspec.Meta)]


def _class_of(hint: Any) -> str:  # noqa: ANN401 - any annotation
    for meta in _metas(hint):
        if meta.extra and CLASS_KEY in meta.extra:
            return str(meta.extra[CLASS_KEY])
    return _NO_CLASS


def _bounds(hint: Any) -> str:  # noqa: ANN401 - any annotation
    parts: list[str] = []
    for meta in _metas(hint):
        if meta.ge is not None or meta.le is not None:
            parts.append(f"{_number(meta.ge)} … {_number(meta.le)}")
        if meta.max_length is not None:
            low = meta.min_length or 0
            same = low == meta.max_length
            parts.append(
                f"{low} {_unit(hint)}" if same else f"{low} … {meta.max_length} {_unit(hint)}"
            )
        if meta.pattern is not None:
            parts.append(code(meta.pattern))
    return ", ".join(parts)


def _unit(hint: Any) -> str:  # noqa: ANN401 - any annotation
    base = get_args(hint)[0]
    if base is bytes:
        return "bytes"
    return "characters" if base is str else "entries"


_POWERS: Final = {
    2**63 - 1: "2⁶³−1", -(2**63): "−2⁶³", 2**53 - 1: "2⁵³−1", 10**12: "10¹²",
    253_370_764_800_000: "9999-01-01", 253_370_764_800_000 // 86_400_000: "9999-01-01",
}  # fmt: skip


def _number(value: float | None) -> str:
    return "" if value is None else _POWERS.get(int(value), str(value))


def _meanings(struct: type[msgspec.Struct]) -> dict[str, str]:
    """Return the texts that stand below the fields in the source."""
    tree = ast.parse(textwrap.dedent(inspect.getsource(struct)))
    body = tree.body[0].body if isinstance(tree.body[0], ast.ClassDef) else []
    found: dict[str, str] = {}
    for field, text in itertools.pairwise(body):
        is_text = isinstance(text, ast.Expr) and isinstance(text.value, ast.Constant)
        if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name) and is_text:
            value = text.value.value  # type: ignore[attr-defined]  # an Expr of a Constant
            found[field.target.id] = " ".join(str(value).split()).replace("``", "`")
    return found
