"""Command line: write the generated pages, or name the stale ones."""

import argparse
import sys

from docs_tools.pages import stale_pages, write_pages

STALE = 1


def main() -> int:
    """Write all pages, or with ``--check`` return 1 when one of them is stale."""
    parser = argparse.ArgumentParser(prog="docs_tools", description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing, name stale pages")
    arguments = parser.parse_args()
    if not arguments.check:
        for page in write_pages():
            sys.stdout.write(f"written: {page}\n")
        return 0
    stale = stale_pages()
    for page in stale:
        sys.stderr.write(f"stale: {page}; run `python -m docs_tools`\n")
    return STALE if stale else 0


if __name__ == "__main__":
    raise SystemExit(main())
