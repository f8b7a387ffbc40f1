"""Pages of law name policy rows, code and tests that exist."""

import ast
import re
from pathlib import Path

import pytest

from xinlian.client.genesis_plan import default_policy

ROOT = Path(__file__).parents[2]
PAGES = sorted((ROOT / "docs" / "law").glob("*.md"))
ROWS = {row.name for row in default_policy().rows}


def cells_of(page: Path) -> list[list[str]]:
    lines = page.read_text("utf-8").split("\n")
    rows = [line for line in lines if line.startswith("| ") and "---" not in line]
    return [[cell.strip() for cell in row.strip("|").split("|")] for row in rows[1:]]


def test_there_are_pages_of_law():
    assert sum(len(cells_of(page)) for page in PAGES) >= 20


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_each_article_names_what_keeps_it(page):
    for article, _, keeping, _ in cells_of(page):
        for named in re.findall(r"`([^`]+)`", keeping):
            is_row = named in ROWS
            assert is_row or (ROOT / named).exists(), f"{article}: {named}"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_each_article_names_a_test_that_exists(page):
    for article, _, _, test in cells_of(page):
        found = re.fullmatch(r"`(tests/[\w/]+\.py)::(\w+)`", test)
        assert found, f"{article}: {test}"
        file, name = found.groups()
        tree = ast.parse((ROOT / file).read_text("utf-8"))
        assert name in {getattr(node, "name", "") for node in tree.body}, f"{article}: {test}"
