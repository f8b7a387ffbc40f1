"""Every field of everything that is on the ledger has a class, and bounds that go with it."""

from collections.abc import Iterator
from typing import Annotated, Any, get_args, get_origin, get_type_hints

import msgspec
import pytest

from xinlian.bootstrap import build_registry
from xinlian.contracts.fields import CLASS_KEY
from xinlian.ledger.clock import ChainMeta
from xinlian.ledger.outcomes import Marker, MarkerExpiry
from xinlian.ledger.upgrade import Migration, PlannedUpgrade
from xinlian.modules.conditions.errors import RuleRefused
from xinlian.modules.conditions.keeper import compile_rule
from xinlian.modules.conditions.types import Rule

OF_THE_MACHINE = {
    Marker: ("transaction_id", "valid_until_ms", "height", "index", "codespace", "code"),
    MarkerExpiry: (),
    PlannedUpgrade: ("app_version", "height"),
    Migration: ("cursor",),
    ChainMeta: (
        "chain_id",
        "clock",
        "app_version",
        "height",
        "time_ms",
        "clock_offset_ms",
        "clock_target_ms",
    ),
}
"""Records below all contracts: L, all of them, and written by nobody but the machine itself."""

RULE_TEXT = "Rule.text"
"""Its pattern lets only the signs of the language through; what they say is checked when signed."""


def parts_of(annotation: Any) -> tuple[Any, list[msgspec.Meta]]:
    if get_origin(annotation) is not Annotated:
        return annotation, []
    inner, *metas = get_args(annotation)
    return inner, [meta for meta in metas if isinstance(meta, msgspec.Meta)]


def fields_of(struct: type) -> Iterator[tuple[str, Any, list[msgspec.Meta]]]:
    """Yield (name, type, metas) of a struct's fields, and of the structs and items inside."""
    for name, annotation in get_type_hints(struct, include_extras=True).items():
        if name not in struct.__struct_fields__:  # type: ignore[attr-defined]  # a Struct
            continue
        inner, metas = parts_of(annotation)
        yield f"{struct.__name__}.{name}", inner, metas
        if isinstance(inner, type) and issubclass(inner, msgspec.Struct):
            yield from fields_of(inner)
        if get_origin(inner) is tuple:
            item, item_metas = parts_of(get_args(inner)[0])
            if isinstance(item, type) and issubclass(item, msgspec.Struct):
                yield from fields_of(item)
            else:
                yield f"{struct.__name__}.{name}[]", item, item_metas


def structs() -> list[type]:
    registry = build_registry()
    found: list[type] = [*registry.messages.values(), *registry.events.values()]
    found += [collection.record_type for collection in registry.collections.values()]
    return [struct for struct in dict.fromkeys(found) if struct not in OF_THE_MACHINE]


ALL_FIELDS = [field for struct in structs() for field in fields_of(struct)]


def class_of(metas: list[msgspec.Meta]) -> str:
    classes = [meta.extra[CLASS_KEY] for meta in metas if meta.extra and CLASS_KEY in meta.extra]
    return classes[0] if len(classes) == 1 else ""


FREE_TEXTS = ("free text", "张三", "a@b", "x" * 49, "abc\n")


def test_there_are_fields_to_look_at():
    assert len(ALL_FIELDS) > 200


def breach_of_bounds(field_type: Any, metas: list[msgspec.Meta]) -> str:
    """Return what a field lacks, or nothing."""
    if class_of(metas) not in {"L", "D"} or len(metas) != 1:
        return "one class"
    (meta,) = metas
    if field_type is bool or (
        isinstance(field_type, type) and issubclass(field_type, msgspec.Struct)
    ):
        return ""
    if field_type is bytes:
        return "" if 0 < (meta.max_length or 0) <= 1_024 else "at most 1024 bytes"
    if field_type is str:
        return "" if meta.pattern or (meta.max_length or 10**9) <= 200 else "a bounded text"
    if field_type is int:
        return "" if meta.ge is not None and meta.le is not None else "a least and a most"
    is_bounded_list = get_origin(field_type) is tuple and meta.max_length is not None
    return "" if is_bounded_list else "a bounded list"


def test_every_field_has_one_class_and_is_bounded():
    lacking = {
        name: lacks
        for name, field_type, metas in ALL_FIELDS
        if (lacks := breach_of_bounds(field_type, metas))
    }
    assert lacking == {}


def takes(pattern: msgspec.Meta, text: str) -> bool:
    try:
        msgspec.convert(text, Annotated[str, pattern])
    except msgspec.ValidationError:
        return False
    return True


def test_ledger_fields_hold_no_free_text():
    free = {
        name
        for name, field_type, metas in ALL_FIELDS
        if field_type is str and class_of(metas) == "L" and name != RULE_TEXT
        if metas[0].pattern is None or any(takes(metas[0], text) for text in FREE_TEXTS)
    }
    assert free == set()


def test_what_the_rules_of_fields_refuse_is_seen():
    bounded = msgspec.Meta(max_length=48, extra={CLASS_KEY: "L"})
    assert breach_of_bounds(bytes, [bounded]) == ""
    assert breach_of_bounds(str, [bounded]) == ""
    unbounded = msgspec.Meta(extra={CLASS_KEY: "L"})
    for kind in (bytes, str, int, tuple[int, ...], dict):
        assert breach_of_bounds(kind, [unbounded])
    assert breach_of_bounds(bool, []) == "one class"
    assert breach_of_bounds(bytes, [msgspec.Meta(max_length=1_025, extra={CLASS_KEY: "L"})])
    assert takes(bounded, "free text")


@pytest.mark.parametrize("text", ["free text", "zhangsan", "a@b", "x" * 49, '"x" == "y"'])
def test_the_text_of_a_rule_is_checked_by_its_module(text):
    with pytest.raises(RuleRefused):
        compile_rule(Rule("rule", text), {})


def test_the_machines_own_records_are_pinned():
    registered = {collection.record_type for collection in build_registry().collections.values()}
    for record, names in OF_THE_MACHINE.items():
        assert record in registered
        assert record.__struct_fields__ == names
