"""The index of decisions, from the files themselves."""

from pathlib import Path
from typing import Final

from docs_tools.markdown import page, table

_INTRO: Final = """\
Why things are as they are. A decision is written when it is made, and not rewritten: a later one
supersedes it and says so. Start from `docs/adr/template.md`, with the next free number."""
_STATUS: Final = "Status: "


def adr_page(folder: Path) -> str:
    """Return the index of a folder of decisions."""
    rows = [_row(path) for path in sorted(folder.glob("[0-9][0-9][0-9][0-9]-*.md"))]
    return page("Decisions", _INTRO, table(("no.", "decision", "status"), rows))


def _row(path: Path) -> tuple[str, str, str]:
    lines = path.read_text("utf-8").split("\n")
    number = path.name[:4]
    title = lines[0].removeprefix("# ").removeprefix(number).lstrip(".: -—")
    status = [line.removeprefix(_STATUS) for line in lines if line.startswith(_STATUS)]
    return number, f"[{title}]({path.name})", status[0] if status else "accepted"
