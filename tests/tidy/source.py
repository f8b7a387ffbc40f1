"""The project's source, parsed once for the tests of the house rules."""

import ast
import functools
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src" / "xinlian"
UNIT_TESTS = ROOT / "tests" / "unit"
CONSENSUS = ("primitives", "crypto", "ledger", "contracts", "modules", "apps")

Function = ast.FunctionDef | ast.AsyncFunctionDef


class SourceFile(NamedTuple):
    """One file: its path below ``src/xinlian``, its text, its tree."""

    path: str
    text: str
    tree: ast.Module

    @property
    def is_consensus(self) -> bool:
        """True where every node must compute the same."""
        return self.path.split("/")[0] in CONSENSUS

    def functions(self) -> Iterator[Function]:
        """Yield every function and method."""
        for node in ast.walk(self.tree):
            if isinstance(node, Function):
                yield node

    def lines_of_logic(self) -> int:
        """Count the lines of statements inside functions, without docstrings."""
        lines: set[int] = set()
        for function in self.functions():
            for statement in function.body:
                is_docstring = isinstance(statement, ast.Expr) and isinstance(
                    statement.value,
                    ast.Constant,
                )
                if not is_docstring and statement.end_lineno is not None:
                    lines.update(range(statement.lineno, statement.end_lineno + 1))
        return len(lines)


@functools.cache
def source_files() -> tuple[SourceFile, ...]:
    """Return all files of the package."""
    found = []
    for path in sorted(SOURCE.rglob("*.py")):
        text = path.read_text("utf-8")
        found.append(SourceFile(path.relative_to(SOURCE).as_posix(), text, ast.parse(text)))
    return tuple(found)
