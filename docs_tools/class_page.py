"""The table of field classes: which field every validator reads, and which is published."""

from collections.abc import Iterator
from typing import Any, Final

import msgspec

from docs_tools.fields import fields_of, is_of_the_machine, nested_types
from docs_tools.markdown import code, page, table
from xinlian.contracts.message import type_name
from xinlian.contracts.registry import Registry
from xinlian.modules.evidence.statements import SCHEMAS

_INTRO: Final = """\
Every field of every message, event and record has a class:

- **L**, ledger: every node reads it. Party ids, assets, amounts, dates, states, policy versions,
  commitments.
- **D**, directory: admission data of organisations and the text of published policy.
- **P**, party: only in documents that the parties keep beside the ledger. No message, event or
  record can hold a P field, because no field type for one exists; what P data there is, is listed
  at the end.

So whoever runs a node sees which organisations deal with one another and for how much. It does not
see what the documents state. Hiding amounts or organisations from nodes is not promised.

A `-` marks the ledger's own bookkeeping below all modules: ids, heights, times and codes."""
_PARTY: Final = """\
The fields of these statements are P data. Only the salted root of their field tree is on the
ledger."""


def class_page(registry: Registry) -> str:
    """Return the table of field classes."""
    rows: list[tuple[str, ...]] = []
    for kind, name, struct in _structs(registry):
        for field in fields_of(struct):
            if field.field_class == "-" and not is_of_the_machine(struct):
                raise ValueError(f"{struct.__name__}.{field.name} has no class")
            rows.append((kind, code(name), code(field.name), field.field_class))
    head = ("kind", "type", "field", "class")
    return page("Field classes", _INTRO, table(head, rows), "## Party data", _PARTY, _statements())


def _structs(registry: Registry) -> Iterator[tuple[str, str, type[msgspec.Struct]]]:
    for _, message in sorted(registry.messages.items()):
        yield "message", type_name(message), message
    for _, event in sorted(registry.events.items()):
        yield "event", type_name(event), event
    seen: set[Any] = set()
    for _, collection in sorted(registry.collections.items()):
        record = collection.record_type
        if record in seen:
            continue
        seen.add(record)
        yield "record", record.__name__, record
        for inner in nested_types(record):
            yield "part of a record", inner.__name__, inner


def _statements() -> str:
    rows = [
        (code(statement.__name__), ", ".join(map(code, statement.__struct_fields__)))
        for statement in sorted(SCHEMAS.values(), key=lambda s: s.__name__)
    ]
    return table(("statement", "fields"), rows)
