"""Which refusals a message can meet, read from the source in the order of its checks.

Rules this file keeps:
 1. Calls are followed by name through the project's own functions; what a call reaches through a
    port is not followed, and the page says so.
 2. The order is that of the source, which is the order in which the checks are made.
"""

import ast
import inspect
import textwrap
from collections.abc import Callable, Iterator
from typing import Any

from xinlian.primitives import LedgerError

_PACKAGE = "xinlian."
_RUNTIME = "xinlian.contracts."


def refusals_of(function: Callable[..., Any]) -> list[type[LedgerError]]:
    """Return the refusals that a function raises, itself or through what it calls."""
    found: dict[type[LedgerError], None] = {}
    _collect(function, found, set())
    return list(found)


def _collect(
    function: Callable[..., Any],
    found: dict[type[LedgerError], None],
    seen: set[Callable[..., Any]],
) -> None:
    if function in seen:
        return
    seen.add(function)
    names = function.__globals__
    tree = ast.parse(textwrap.dedent(inspect.getsource(function)))
    for node in _in_source_order(tree):
        target = names.get(_name_of(node))
        if isinstance(node, ast.Raise):
            if isinstance(target, type) and issubclass(target, LedgerError):
                found.setdefault(target)
        elif inspect.isfunction(target) and _is_followed(target):
            _collect(target, found, seen)


def _is_followed(function: Callable[..., Any]) -> bool:
    module = function.__module__
    return module.startswith(_PACKAGE) and not module.startswith(_RUNTIME)


def _name_of(node: ast.AST) -> str:
    target: ast.AST | None = None
    if isinstance(node, ast.Raise):
        target = node.exc.func if isinstance(node.exc, ast.Call) else node.exc
    elif isinstance(node, ast.Call):
        target = node.func
    return target.id if isinstance(target, ast.Name) else ""


def _in_source_order(node: ast.AST) -> Iterator[ast.AST]:
    """Yield all nodes below a node as they stand in the text."""
    for child in ast.iter_child_nodes(node):
        yield child
        yield from _in_source_order(child)
