"""The command line, walked from its own definition."""

from collections.abc import Iterator
from typing import Any, Final

import typer

from docs_tools.markdown import code, page, table
from xinlian.cli.app import build_app

_INTRO: Final = """\
`xinlian` is what a member does by hand. Commands that show something print a table for people, and
JSON with `--json` for programs. A refusal has a stable name, says what to do next, and ends with
status 1.

`xinlian tx` has one command for every message; its options are the message's fields, and the pages
of the modules say what they mean. All of them take `--sign` (a role, repeatable), `--dry-run`,
`--home` and `--json`. Ids are written in their text form, an organisation also as its code; amounts
with decimals; dates as YYYY-MM-DD; moments with their offset, or as `+2h`."""


def command_page() -> str:
    """Return the reference of all commands."""
    root = typer.main.get_command(build_app())
    parts = [_command(path, command) for path, command in _leaves("xinlian", root)]
    return page("Command line", _INTRO, *parts)


def _leaves(path: str, command: Any) -> Iterator[tuple[str, Any]]:  # noqa: ANN401 - of typer's inside
    """Yield (path, command) of everything that does something."""
    children = getattr(command, "commands", None)
    if children is None:
        yield path, command
        return
    for name, child in children.items():
        yield from _leaves(f"{path} {name}", child)


def _command(path: str, command: Any) -> str:  # noqa: ANN401 - as above
    rows = [_row(p) for p in command.params if p.name != "help"]
    text = (command.help or "").split("\n\n")[0].replace("``", "`")
    return f"## {path}\n\n{text}\n\n{table(('option or argument', 'needed', 'meaning'), rows)}"


def _row(parameter: Any) -> tuple[str, ...]:  # noqa: ANN401 - as above
    is_option = parameter.param_type_name == "option"
    name = ", ".join(parameter.opts) if is_option else parameter.name.upper()
    return code(name), "yes" if parameter.required else "no", getattr(parameter, "help", None) or ""
