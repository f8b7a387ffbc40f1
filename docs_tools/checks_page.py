"""The documents that are read, and the checks of the three flows."""

from typing import Final

from docs_tools.markdown import code, page, table
from xinlian.apps.supply_chain.checks import CHECKS_VERSION
from xinlian.apps.supply_chain.checks.codes import Check
from xinlian.connectors import SUPPORTED

_INTRO: Final = """\
Each party's verifier runs these checks over the documents that it holds, never in a block. A
verdict on the ledger names the codes of the checks that failed and nothing of the contents.

A check **blocks** (do not finance), **holds** (not until it is cured), asks for a **review** (a
person looks; the verdict holds until then), or is a **note** (it changes no verdict)."""


def checks_page() -> str:
    """Return the table of checks with what cures each."""
    rows = [
        (
            code(check.code),
            check.severity.name.lower(),
            check.flow.value,
            f"{check.what.en}<br>{check.what.zh}",
            f"{check.cure.en}<br>{check.cure.zh}",
        )
        for check in Check
    ]
    head = ("code", "gravity", "flow", "what is wrong", "what cures it")
    return page(
        "Documents and checks",
        "## Documents that are read",
        _supported(),
        "## Checks",
        _INTRO,
        f"Version of the checks: {CHECKS_VERSION}.",
        table(head, rows),
    )


def _supported() -> str:
    rows = [(s.standard, s.kind, code(s.recognised_by), code(s.schema)) for s in SUPPORTED]
    return table(("standard", "kind", "recognised by", "becomes the statement"), rows)
