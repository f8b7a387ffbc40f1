"""Asking for passphrases: from the environment, or hidden at the terminal; never as an argument."""

import os
import sys
from typing import Final

import typer

from xinlian.cli.output import CommandRefused

PASSPHRASE_VARIABLE: Final = "XINLIAN_PASSPHRASE"  # noqa: S105 - the name, not the value


def ask_passphrase() -> str:
    """Return the passphrase of an existing keyring."""
    return os.environ.get(PASSPHRASE_VARIABLE) or _ask("口令 / passphrase", confirm=False)


def ask_new_passphrase() -> str:
    """Return the passphrase of a new keyring, typed twice."""
    return os.environ.get(PASSPHRASE_VARIABLE) or _ask("新口令 / new passphrase", confirm=True)


def _ask(prompt: str, *, confirm: bool) -> str:
    if not sys.stdin.isatty():
        raise CommandRefused(
            "cli/passphrase_needed",
            "there is no terminal to ask for the passphrase",
            f"set {PASSPHRASE_VARIABLE} for this command",
        )
    answer: str = typer.prompt(prompt, hide_input=True, confirmation_prompt=confirm, err=True)
    return answer
