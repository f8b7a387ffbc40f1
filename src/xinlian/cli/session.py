"""A session of a home folder as commands use it: every refusal becomes a ``CommandRefused``."""

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from xinlian.cli.output import CommandRefused
from xinlian.cli.passphrase import ask_passphrase
from xinlian.client.http import ApiError, NodeUnreachable
from xinlian.client.refusal_words import refusal_words
from xinlian.client.session import Refused, Session

UNREACHABLE: Final = "client/node_unreachable"
_UNCHANGED: Final = "the ledger is unchanged but for this outcome; see docs/reference/errors.md"


@contextlib.contextmanager
def opened(home: Path) -> Iterator[Session]:
    """Give a session of a home folder; raises CommandRefused for whatever goes wrong in it."""
    try:
        with Session.open(home, ask_passphrase()) as session:
            yield session
    except NodeUnreachable as error:
        raise CommandRefused(
            UNREACHABLE,
            str(error),
            "start a node with `xinlian node start`, or name another with `xinlian home create`",
        ) from None
    except ApiError as error:
        text = f"{error.title} {error.detail}".strip()
        raise CommandRefused(error.reference, text) from None
    except Refused as error:
        raise CommandRefused(
            error.reference,
            f"{error.text} (height {error.height})",
            "" if refusal_words(error.reference).cure_en else _UNCHANGED,
        ) from None
