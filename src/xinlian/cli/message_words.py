"""What messages, fields and notations are called in both languages, for help texts.

Rules this file keeps:
 1. The words stand in one table, ``message_words.toml``; the English line of a message is its own
    docstring, so that it is written once.
 2. Whatever the table lacks is shown in English alone, never refused.
"""

import functools
import inspect
import tomllib
from importlib import resources
from typing import Final, NamedTuple

import msgspec

from xinlian.contracts.message import Message, type_name

TABLE_FILE: Final = "message_words.toml"


class WordTable(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The table as it stands in its file."""

    modules: dict[str, str]
    notations: dict[str, str]
    messages: dict[str, str]
    fields: dict[str, tuple[str, str]]


class Words(NamedTuple):
    """The same in two languages; either is empty where there is none."""

    en: str
    zh: str

    def __str__(self) -> str:
        """Return Chinese, then English, as all help texts have them."""
        return " / ".join(part for part in (self.zh, self.en) if part)


@functools.cache
def word_table() -> WordTable:
    """Return the table of this release."""
    text = (resources.files("xinlian.cli") / TABLE_FILE).read_text("utf-8")
    return msgspec.convert(tomllib.loads(text), WordTable)


def module_words(module: str) -> Words:
    """Return what the messages of a module are about."""
    return Words(f"messages of {module.replace('_', '-')}", word_table().modules.get(module, ""))


def message_words(message_type: type[Message]) -> Words:
    """Return what a message does, in one sentence."""
    english = inspect.cleandoc(message_type.__doc__ or "")
    return Words(english, word_table().messages.get(type_name(message_type), ""))


def field_words(message_type: type[Message], field: str) -> Words:
    """Return what a field of a message is."""
    fields = word_table().fields
    own = fields.get(f"{type_name(message_type)}.{field}")
    return Words(*(own or fields.get(field, ("", ""))))


def notation_words(notation: str) -> Words:
    """Return how a field is written."""
    return Words(notation, word_table().notations.get(notation, ""))
