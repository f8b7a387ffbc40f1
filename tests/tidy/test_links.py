"""Links between pages of the tree lead somewhere."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGES = sorted(
    path
    for pattern in ("*.md", "docs/**/*.md", "src/**/*.md", "changelog.d/*.md", "examples/**/*.md")
    for path in ROOT.glob(pattern)
)
_LINK = re.compile(r"\]\(([^)#\s]+)(?:#[^)\s]*)?\)")
_CODE = re.compile(r"```.*?```|`[^`\n]*`", re.DOTALL)
_SOURCE = re.compile(r"^ *Source: .*$", re.MULTILINE)
_PAGE = re.compile(r"[\w./\-]+\.md\b")
_PLACE_IN_CODE = re.compile(r"`((?:src|docs|tests|examples|scripts|requirements)/[\w./\-]+)`")


def test_there_are_pages():
    assert len(PAGES) > 40


def lost_in(page: Path) -> list[str]:
    text = page.read_text("utf-8")
    links = [link for link in _LINK.findall(_CODE.sub("", text)) if "://" not in link]
    broken = [link for link in links if not (page.parent / link).exists()]
    return broken + [name for name in _PLACE_IN_CODE.findall(text) if not (ROOT / name).exists()]


def test_every_relative_link_and_named_file_exists():
    assert {str(page): lost for page in PAGES if (lost := lost_in(page))} == {}


def test_a_source_that_is_a_page_is_one_of_this_tree():
    lost = [
        f"{path.relative_to(ROOT)}: {page}"
        for path in sorted((ROOT / "src").rglob("*.py"))
        for line in _SOURCE.findall(path.read_text("utf-8"))
        for page in _PAGE.findall(line)
        if not (ROOT / page).exists()
    ]
    assert lost == []


def test_no_page_points_outside_the_tree():
    assert [str(page) for page in PAGES if "../shared" in page.read_text("utf-8")] == []
