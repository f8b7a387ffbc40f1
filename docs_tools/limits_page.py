"""The hard ceilings of the ledger, read from the file that sets them."""

import ast
import inspect
from typing import Final

from docs_tools.markdown import code, flowing, page, table
from xinlian.apps.supply_chain import types as supply_chain
from xinlian.ledger import limits
from xinlian.modules.documents import types as documents
from xinlian.modules.evidence import types as evidence
from xinlian.modules.members import types as members

_SOURCES: Final = (limits, members, documents, evidence, supply_chain)
_OUTSIDE: Final = """\
The bounds of each field are in the [pages of the modules](modules/members.md). Files from outside
have bounds of their own, in the [connectors' errors](errors.md#connectors)."""


def limits_page() -> str:
    """Return the table of ceilings."""
    rows: list[tuple[str, str, str]] = []
    for source in _SOURCES:
        tree = ast.parse(inspect.getsource(source))
        for node, after in zip(tree.body, [*tree.body[1:], None], strict=True):
            if not isinstance(node, ast.AnnAssign) or not isinstance(node.target, ast.Name):
                continue
            name = node.target.id
            value = getattr(source, name)
            if name.endswith(("_MAX", "_MS")) and isinstance(value, int):
                rows.append((code(name), f"{value:,}".replace(",", " "), _text(after)))
    intro = flowing(limits.__doc__)
    return page("Limits", intro, table(("name", "value", "meaning"), rows), _OUTSIDE)


def _text(node: ast.stmt | None) -> str:
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
        return flowing(str(node.value.value))
    return ""
