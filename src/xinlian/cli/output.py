"""What commands print: tables for people, JSON for programs, errors that say what to do next.

Rules this file keeps:
 1. Results go to standard output, everything else to standard error.
 2. With ``--json`` standard output is one JSON document and nothing else, in the units of the API.
    People read amounts with decimals, dates and local times instead.
 3. An error has a stable reference, a text, and where there is one a next step, in Chinese and in
    English; the language of the terminal (LC_ALL, LC_MESSAGES, LANG) comes first.
 4. Exit codes are 1 for a refusal, 2 for wrong usage, 3 where `doctor` could not look: the folder
    is in use.
"""

import json
import os
import re
import sys
from collections.abc import Mapping, Sequence
from typing import Final, NoReturn

from rich.cells import cell_len
from rich.console import Console
from rich.table import Table

from xinlian.client.refusal_words import refusal_words
from xinlian.primitives import AMOUNT_MINOR_MAX
from xinlian.primitives.time import iso_of_day, iso_of_ms

EXIT_REFUSED: Final = 1
EXIT_USAGE: Final = 2
EXIT_IN_USE: Final = 3
_CHINESE: Final = re.compile("[\u4e00-\u9fff]")
_UNITS: Final = ("_minor", "_day", "_ms")
_UNBROKEN: Final = re.compile(r"[0-9A-Za-z_]{32,}|[a-z_]+/[a-z_]+")
"""A hash, an id in text form, or the name of a refusal: what people copy."""
_COLUMN_GAP: Final = 2
_WORDS_CHARS: Final = 16
_PER_DAY: Final = "_per_day"
"""A rate by the day is no date."""

console: Final = Console(highlight=False, soft_wrap=True)
error_console: Final = Console(stderr=True, highlight=False, soft_wrap=True)


NOTHING_IN_SIGHT: Final = "没有您可见的记录 / nothing that you may see"
"""For lists of what each party sees its own part of: whether others have any is not told."""


class CommandRefused(Exception):  # noqa: N818 - names what happened to the command
    """A command cannot do what was asked."""

    def __init__(
        self,
        reference: str,
        text: str,
        next_step: str = "",
        *,
        exit_code: int = EXIT_REFUSED,
    ) -> None:
        super().__init__(text)
        self.reference = reference
        self.text = text
        self.next_step = next_step
        self.exit_code = exit_code


def show(result: Mapping[str, object], *, as_json: bool, title: str = "") -> None:
    """Print one object."""
    if as_json:
        _write_json(result)
        return
    table = Table(title=title or None, show_header=False, box=None, pad_edge=False)
    headings = [_heading(name) for name in result]
    table.add_column(style="bold", min_width=max(map(cell_len, headings), default=0))
    table.add_column(overflow="fold")
    for name, value in result.items():
        table.add_row(_heading(name), _for_people(name, value))
    _print(table)


def show_list(
    rows: Sequence[Mapping[str, object]],
    *,
    as_json: bool,
    columns: Sequence[str] = (),
    note: str = "",
    about: Mapping[str, object] | None = None,
    empty: str = NOTHING_IN_SIGHT,
    title: str = "",
) -> None:
    """Print a list of objects.

    Args:
        rows: the objects.
        as_json: for programs.
        columns: the fields that people see, by default those of the first object.
        note: a line below the table.
        about: what the list as a whole is of; people see it above the table, programs beside it.
        empty: what people read where there is no row.
        title: what people read above the table, or above the words that there is no row.
    """
    if as_json:
        _write_json(({"about": about} if about else {}) | {"items": list(rows)})
        return
    if about:
        show(about, as_json=False)
    if title:
        console.print(f"\n[bold]{title}[/]")
    if not rows:
        console.print(empty)
        return
    names = list(columns) or list(rows[0])
    table = Table(box=None, pad_edge=False, caption=note or None, caption_justify="left")
    for name in names:
        table.add_column(_heading(name), overflow="fold")
    for row in rows:
        table.add_row(*(_for_people(name, row.get(name)) for name in names))
    _print(table)


def _print(table: Table) -> None:
    """Print a table, wider than a narrow terminal where a hash or an id would be broken."""
    needed = 0
    for column in table.columns:
        chars = max([cell_len(str(column.header)), *map(_needed_chars, column.cells)])
        column.min_width = max(column.min_width or 0, chars)
        needed += _COLUMN_GAP + column.min_width
    if needed > console.width:
        table.width = needed
    console.print(table, crop=False)


def _needed_chars(cell: object) -> int:
    """Return how wide a cell must be: as its longest hash or id, or as a few words."""
    unbroken = max((len(found) for found in _UNBROKEN.findall(str(cell))), default=0)
    return max(unbroken, min(cell_len(str(cell)), _WORDS_CHARS))


def fail(error: CommandRefused, *, as_json: bool) -> NoReturn:
    """Print a refusal with its cure in both languages and leave with its exit code."""
    words = refusal_words(error.reference)
    next_step = error.next_step or words.cure_en
    if as_json:
        _write_json(
            {
                "error": error.reference,
                "detail": error.text,
                "next_step": next_step,
                "meaning_zh": words.meaning_zh,
                "next_step_zh": words.cure_zh,
            },
        )
        raise SystemExit(error.exit_code)
    said = _in_order(error.text, words.meaning_zh)
    error_console.print(f"[bold red]{error.reference}[/] {_escaped(said[0])}")
    for line in said[1:]:
        error_console.print(_escaped(line))
    for line in _in_order(next_step, words.cure_zh):
        error_console.print(f"→ {_escaped(line)}")
    raise SystemExit(error.exit_code)


def _in_order(english: str, chinese: str) -> list[str]:
    """Return what is to be read, the language of this terminal first, nothing twice."""
    if not chinese or chinese in english or (" / " in english and _CHINESE.search(english)):
        return [english] if english else []
    return [chinese, english] if prefers_chinese(os.environ) else [english, chinese]


def prefers_chinese(environment: Mapping[str, str]) -> bool:
    """Return whether the language of messages is Chinese: LC_ALL, LC_MESSAGES, LANG decide."""
    names = ("LC_ALL", "LC_MESSAGES", "LANG")
    chosen = next((environment[name] for name in names if environment.get(name)), "")
    return chosen.lower().startswith("zh")


def _heading(name: str) -> str:
    """Return a field's name without the unit that people do not see."""
    for unit in _UNITS:
        if name.endswith(unit) and not name.endswith(_PER_DAY):
            return name.removesuffix(unit)
    return name


def _for_people(name: str, value: object) -> str:
    """Return a value in the unit that people read; the field's name ends with the one it has."""
    text = str(value)
    is_number = text.removeprefix("-").isascii() and text.removeprefix("-").isdigit()
    if is_number and name.endswith("_minor"):
        return amount_for_people(int(text))
    if is_number and name.endswith("_day") and not name.endswith(_PER_DAY):
        return iso_of_day(int(text))
    if is_number and name.endswith("_ms"):
        return iso_of_ms(int(text)) if int(text) else "—"
    return _text(value)


def amount_for_people(amount_minor: int) -> str:
    """Return an amount with its two decimals; the largest that there is stands for no limit.

    >>> amount_for_people(-1_234_567), amount_for_people(2**63 - 1)
    ('-12,345.67', '不限 unlimited')
    """
    if amount_minor == AMOUNT_MINOR_MAX:
        return "不限 unlimited"
    sign, digits = ("-", -amount_minor) if amount_minor < 0 else ("", amount_minor)
    return f"{sign}{digits // 100:,}.{digits % 100:02}"


def _escaped(text: str) -> str:
    return text.replace("[", "\\[")


def _text(value: object) -> str:
    if value is None:
        return "—"
    if isinstance(value, bool):
        return "是 yes" if value else "否 no"
    if isinstance(value, Mapping | list | tuple):
        return _escaped(json.dumps(value, ensure_ascii=False))
    return _escaped(str(value))


def _write_json(document: object) -> None:
    sys.stdout.write(json.dumps(document, ensure_ascii=False, indent=2) + "\n")
