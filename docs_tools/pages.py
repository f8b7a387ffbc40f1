"""All generated pages: where they are and what they say."""

import functools
from pathlib import Path
from typing import Final

from docs_tools.adr_page import adr_page
from docs_tools.api_page import api_page
from docs_tools.checks_page import checks_page
from docs_tools.class_page import class_page
from docs_tools.command_page import command_page
from docs_tools.error_page import error_page
from docs_tools.example_page import example_page
from docs_tools.hashing_page import hashing_page
from docs_tools.limits_page import limits_page
from docs_tools.module_pages import AREAS, module_page
from docs_tools.policy_page import policy_page
from xinlian.bootstrap import build_registry

ROOT: Final = Path(__file__).parents[1]
REFERENCE: Final = ROOT / "docs" / "reference"
ADR: Final = ROOT / "docs" / "adr"


@functools.cache
def generated_pages() -> dict[Path, str]:
    """Return every generated page by its path."""
    registry = build_registry()
    pages = {
        ADR / "index.md": adr_page(ADR),
        REFERENCE / "api.md": api_page(),
        REFERENCE / "checks.md": checks_page(),
        REFERENCE / "commands.md": command_page(),
        REFERENCE / "errors.md": error_page(),
        REFERENCE / "field-classes.md": class_page(registry),
        REFERENCE / "hashing.md": hashing_page(),
        REFERENCE / "limits.md": limits_page(),
        REFERENCE / "policy.md": policy_page(),
        REFERENCE / "worked-example.md": example_page(),
    }
    for area in AREAS:
        pages[REFERENCE / "modules" / f"{area}.md"] = module_page(registry, area)
    return pages


def write_pages() -> list[Path]:
    """Write every page; return their paths below the root."""
    pages = generated_pages()
    for path, text in pages.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    return [path.relative_to(ROOT) for path in pages]


def stale_pages() -> list[Path]:
    """Return the pages that are missing or say something else than the code."""
    return [
        path.relative_to(ROOT)
        for path, text in generated_pages().items()
        if not path.exists() or path.read_text("utf-8") != text
    ]
