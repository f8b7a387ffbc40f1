"""SAFETY_INVARIANTS.md names code and tests that exist."""

import ast
import functools
import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "SAFETY_INVARIANTS.md").read_text("utf-8")
TESTS = sorted(set(re.findall(r"`(tests/[\w/]+\.py)::(test_\w+)`", TEXT)))
FILES = sorted(set(re.findall(r"`((?:src|tests)/[\w/.]+)`", TEXT)))
ROWS = [line for line in TEXT.split("\n") if line.startswith("| ") and "---" not in line]


def test_the_page_names_tests_and_code():
    assert len(TESTS) > 40
    assert len(FILES) > 20


@functools.cache
def functions_of(file: str) -> frozenset[str]:
    tree = ast.parse((ROOT / file).read_text("utf-8"))
    return frozenset(node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef))


def test_every_named_test_exists():
    assert [name for file, name in TESTS if name not in functions_of(file)] == []


def test_every_named_file_exists():
    assert [file for file in FILES if not (ROOT / file).exists()] == []


def test_every_row_names_what_keeps_and_what_enforces_it():
    cells = [[cell.strip() for cell in row.strip("|").split("|")] for row in ROWS]
    assert all(len(row) == 3 and all(row) for row in cells)
