"""What a refusal means in Chinese, and its cure in both languages.

Rules this file keeps:
 1. The words stand in one table, ``refusal_words.toml``, by the stable name of the refusal; its
    English meaning is the refusal's own text and is not repeated there.
 2. A name that this release does not know, such as that of a later node, has no words.
"""

import functools
import tomllib
from collections.abc import Mapping
from importlib import resources
from typing import Final, NamedTuple

import msgspec

TABLE_FILE: Final = "refusal_words.toml"


class RefusalWords(NamedTuple):
    """What the table says of a refusal."""

    meaning_zh: str
    cure_en: str
    cure_zh: str


NO_WORDS: Final = RefusalWords("", "", "")


@functools.cache
def refusal_table() -> Mapping[str, RefusalWords]:
    """Return the words of every refusal by its name, such as ``accounts/not_issuer``."""
    text = (resources.files("xinlian.client") / TABLE_FILE).read_text("utf-8")
    table = msgspec.convert(tomllib.loads(text), dict[str, dict[str, tuple[str, str, str]]])
    return {
        f"{codespace}/{name}": RefusalWords(*words)
        for codespace, names in table.items()
        for name, words in names.items()
    }


def refusal_words(reference: str) -> RefusalWords:
    """Return the words of a refusal; empty ones where there are none."""
    return refusal_table().get(reference, NO_WORDS)
