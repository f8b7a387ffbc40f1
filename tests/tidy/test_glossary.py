"""The glossary names what exists, and words that the project does not use stay out."""

import importlib
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
_ROW = re.compile(r"^\| ([^|]+) \| ([^|]+) \| `([A-Za-z0-9_.]+)` \| ([^|]+) \|$", re.MULTILINE)
ROWS = _ROW.findall((ROOT / "docs" / "glossary.md").read_text("utf-8"))
TEXTS = sorted(
    path
    for pattern in ("*.md", "docs/**/*.md", "src/**/*.py", "src/**/*.md", "docs_tools/*.py")
    for path in ROOT.glob(pattern)
)
# A forbidden word and what to write instead.
FORBIDDEN = {
    r"\btxns?\b": "transaction",
    r"(?<!fastapi\.openapi\.)\butils\b": "the noun of what it holds",
    r"smart contract method": "message",
    r"\bwallets?\b": "keyring",
    r"\bgas (?:limit|price|fee)s?\b": "work units",
    r"\btokens? of value\b": "asset",
    r"\bblacklist(?:s|ed)?\b": "stop list",
    r"\bwhitelist(?:s|ed)?\b": "list of what is allowed",
    r"\bdebt token\b": "certificate",
    r"\bmaster node\b": "operator",
}
_NAMES_THEM = {ROOT / "docs" / "glossary.md"}


def resolve(name: str) -> object:
    """Return what a dotted name of the glossary means."""
    parts = name.split(".")
    for count in range(len(parts), 0, -1):
        try:
            found: object = importlib.import_module(".".join(parts[:count]))
        except ModuleNotFoundError:
            continue
        for part in parts[count:]:
            found = getattr(found, part)
        return found
    raise AttributeError(name)


def test_the_glossary_is_read():
    assert len(ROWS) > 60


@pytest.mark.parametrize("row", ROWS, ids=[row[0] for row in ROWS])
def test_every_name_exists_and_every_term_has_chinese(row):
    _, chinese, name, _ = row
    assert resolve(name) is not None
    assert re.search(r"[\u4e00-\u9fff]", chinese)


def test_no_term_is_listed_twice():
    terms = [row[0] for row in ROWS]
    assert sorted(set(terms)) == sorted(terms)


@pytest.mark.parametrize(("word", "instead"), FORBIDDEN.items(), ids=list(FORBIDDEN.values()))
def test_words_that_are_not_ours_stay_out(word, instead):
    pattern = re.compile(word, re.IGNORECASE)
    found = [
        f"{path.relative_to(ROOT)}: write {instead!r}"
        for path in TEXTS
        if path not in _NAMES_THEM and pattern.search(path.read_text("utf-8"))
    ]
    assert found == []
