"""Hashes that people type: the first twelve digits are enough where only one is meant.

Rules this file keeps:
 1. A prefix is completed from what this party can see; where two begin with it, nobody guesses.
 2. What is sent and signed is the whole hash.
"""

import re
from collections.abc import Callable, Iterable
from typing import Final

from xinlian.cli.output import CommandRefused

DIGITS: Final = 64
PREFIX_DIGITS_MIN: Final = 12
_PREFIX: Final = re.compile(rf"[0-9a-f]{{{PREFIX_DIGITS_MIN},{DIGITS - 1}}}")


def completed(text: str, candidates: Callable[[], Iterable[str]], where: str) -> str:
    """Return the one hash that a prefix begins; any other text as it is.

    Args:
        text: what was typed.
        candidates: the hashes that it may be, in hexadecimal; asked only for a prefix.
        where: which command lists them.

    Raises:
        CommandRefused: none begins so, or several do.
    """
    if not _PREFIX.fullmatch(text):
        return text
    found = sorted({hashed for hashed in candidates() if hashed.startswith(text)})
    if len(found) == 1:
        return found[0]
    if not found:
        raise CommandRefused(
            "cli/unknown_prefix",
            f"没有以 {text} 开头的哈希 / no hash begins with {text}",
            f"`{where}` lists them",
        )
    raise CommandRefused(
        "cli/ambiguous_prefix",
        f"{len(found)} 个哈希以 {text} 开头 / {len(found)} hashes begin with {text}",
        "type more digits",
    )
