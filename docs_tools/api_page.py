"""The HTTP API, from its own OpenAPI document."""

import tempfile
from pathlib import Path
from typing import Any, Final

from docs_tools.markdown import code, page, table
from xinlian.api.problems import KINDS
from xinlian.bootstrap import run_node
from xinlian.testing import Consortium

_INTRO: Final = """\
The contract itself is the OpenAPI 3.1 document that a node serves at `/v1/openapi.json`; this is
its summary. How to sign in, and what answers look like, is in [call the API](../guides/api.md)."""
_PROBLEMS: Final = """\
Refusals of the API itself, codespace `api`. Refusals of the ledger keep their own codespace and
code ([errors](errors.md)). A signature that is refused for its form is named more closely than code
9."""


def api_page() -> str:
    """Return the summary of the API."""
    document = _openapi()
    groups: dict[str, list[tuple[str, ...]]] = {}
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            tag = str(operation.get("tags", ["general"])[0])
            groups.setdefault(tag, []).append(_row(path, method, operation))
    head = ("operation", "sign in", "parameters", "what it does")
    parts = [f"## {tag.capitalize()}\n\n{table(head, rows)}" for tag, rows in groups.items()]
    kinds = [(kind.code, code(f"api/{kind.name}"), kind.status, kind.title) for kind in KINDS]
    problems = table(("code", "name", "status", "meaning"), kinds)
    return page("HTTP API", _INTRO, *parts, f"## Problems\n\n{_PROBLEMS}\n\n{problems}")


def _row(path: str, method: str, operation: dict[str, Any]) -> tuple[str, ...]:
    parameters = [
        code(parameter["name"])
        for parameter in operation.get("parameters", [])
        if parameter["in"] == "query"
    ]
    text = operation.get("description") or operation.get("summary", "")
    return (
        code(f"{method.upper()} {path}"),
        "yes" if operation.get("security") else "no",
        ", ".join(parameters),
        str(text).split("\n")[0].replace("``", "`"),
    )


def _openapi() -> dict[str, Any]:
    """Return the document of a node that runs for this long."""
    consortium = Consortium()
    consortium.close()
    operator = consortium["core"].keys["operator"]
    with (
        tempfile.TemporaryDirectory() as folder,
        run_node(Path(folder), consortium.genesis_bytes, operator) as running,
    ):
        document: dict[str, Any] = running.app.openapi()
    return document
