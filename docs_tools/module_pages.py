"""One page a module: messages, events, state, due work."""

import inspect
import sys
from collections.abc import Callable, Iterator
from typing import Any, Final

import msgspec

from docs_tools.fields import field_table, fields_of, nested_types
from docs_tools.markdown import code, first_line, flowing, page, table
from docs_tools.refusals import refusals_of
from xinlian.contracts.message import Event, Message, type_name, type_no
from xinlian.contracts.registry import Registry
from xinlian.ledger.records import Collection
from xinlian.primitives import LedgerError

AREAS: Final = (
    "ledger", "members", "policy", "quotas", "schedule", "validators", "governance", "accounts",
    "obligations", "standing", "documents", "devices", "evidence", "conditions", "consent",
    "credit", "supply_chain",
)  # fmt: skip
_BUSINESSES: Final = frozenset({"credit", "supply_chain"})
_COMMON: Final = (
    "Every message can also meet the refusals of the envelope (`ledger/*`), of decoding "
    "(`contracts/*`) and of authority (`members/*`, codes 1 to 9), in that order and before its "
    "own; see [errors](../errors.md). Refusals that a message meets only through another module's "
    "port are listed with that module."
)


def module_page(registry: Registry, area: str) -> str:
    """Return the reference page of one module."""
    return page(
        f"Module `{area}`",
        _intro(area),
        _messages(registry, area),
        _events(registry, area),
        _state(registry, area),
        _due_work(registry, area),
    )


def collections_of(registry: Registry, area: str) -> Iterator[tuple[str, Collection[Any]]]:
    """Yield (name in the code, collection) of a module, by number."""
    for collection in sorted(registry.collections.values(), key=lambda c: c.prefix):
        module = sys.modules[collection.record_type.__module__]
        if _area_of(module.__name__) == area:
            names = [name for name, value in vars(module).items() if value is collection]
            yield names[0], collection


def _intro(area: str) -> str:
    if area == "ledger":
        return "What the machine itself keeps in the state, below all modules. It has no messages."
    package = _package_of(area)
    return (
        f"{first_line(inspect.getdoc(sys.modules[package]))}\n\n"
        f"What it means, its invariants and the precedence of its errors are in "
        f"`{package.replace('.', '/')}/README.md` of the source tree."
    )


def _messages(registry: Registry, area: str) -> str:
    numbered = sorted(registry.messages.items())
    types = [message for _, message in numbered if _area_of(message.__module__) == area]
    if not types:
        return ""
    return "\n\n".join(("## Messages", _COMMON, *(_message(registry, m) for m in types)))


def _message(registry: Registry, message: type[Message]) -> str:
    number = type_no(message)
    facts = table(
        ("", ""),
        (
            ("number", f"{number} (`0x{number:04x}`)"),
            ("signs", message.signs),
            ("observes", message.observes),
            ("remedy", _as_code(message.remedy)),
            ("a suspended party", _suspended(message)),
            ("work units", f"{message.work}, and what its handler charges"),
        ),
    )
    return "\n\n".join(
        part
        for part in (
            f"### {type_name(message)}",
            flowing(message.__doc__),
            facts,
            field_table(message) or "It has no fields.",
            *_nested(message),
            _refusals(registry, message),
        )
        if part
    )


def _refusals(registry: Registry, message: type[Message]) -> str:
    handler = registry.handlers[message]
    found: dict[type[LedgerError], None] = {}
    for function in (message.validate_basic, handler):
        for refusal in refusals_of(function):
            found.setdefault(refusal)
    names = [code(f"{refusal.codespace}/{refusal.name}") for refusal in found]
    return f"Refusals, in the order of the checks: {', '.join(names)}." if names else ""


def _events(registry: Registry, area: str) -> str:
    numbered = sorted(registry.events.items())
    types = [event for _, event in numbered if _area_of(event.__module__) == area]
    return "\n\n".join(("## Events", *(_event(event) for event in types))) if types else ""


def _event(event: type[Event]) -> str:
    number = type_no(event)
    return "\n\n".join(
        (
            f"### {type_name(event)} event",
            f"{flowing(event.__doc__)} Number {number} (`0x{number:04x}`).",
            field_table(event),
        ),
    )


def _state(registry: Registry, area: str) -> str:
    parts = ["## State"]
    for name, collection in collections_of(registry, area):
        record = collection.record_type
        widths = " ‖ ".join(f"{width} bytes" for width in collection._widths)  # noqa: SLF001 - as above
        key = f"{collection.prefix.hex()}{' ‖ ' if widths else ''}{widths}"
        parts += [
            f"### {name}",
            f"`{key} -> {record.__name__}`",
            flowing(record.__doc__),
            field_table(record) or "The key says all; the value has no fields.",
            *_nested(record),
        ]
    return "\n\n".join(parts) if len(parts) > 1 else ""


def _due_work(registry: Registry, area: str) -> str:
    rows = [
        (code(f"0x{number:04x}"), code(_name_of(handler)), first_line(handler.__doc__))
        for number, handler in sorted(registry.scheduled.items())
        if _area_of(handler.__module__) == area
    ]
    return (
        "\n\n".join(("## Due work", table(("number", "handler", "what it does"), rows)))
        if rows
        else ""
    )


def _nested(struct: type[msgspec.Struct]) -> Iterator[str]:
    for inner in nested_types(struct):
        if fields_of(inner):
            yield f"`{inner.__name__}`: {flowing(inner.__doc__)}"
            yield field_table(inner)


def _suspended(message: type[Message]) -> str:
    return "may not send it" if message.creates_obligation else "may send it"


def _as_code(remedy: str) -> str:
    words = [code(word) if "." in word.strip(".") else word for word in remedy.split(" ")]
    return " ".join(words)


def _name_of(handler: Callable[..., Any]) -> str:
    return handler.__name__


def _area_of(module: str) -> str:
    parts = module.split(".")
    return parts[1] if parts[1] == "ledger" else parts[2]


def _package_of(area: str) -> str:
    layer = "apps" if area in _BUSINESSES else "modules"
    return f"xinlian.{layer}.{area}"
