"""A session of a home folder as commands use it: every refusal becomes a ``CommandRefused``."""

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from xinlian.cli.output import CommandRefused
from xinlian.cli.passphrase import ask_passphrase
from xinlian.client.http import ApiError, NodeUnreachable
from xinlian.client.session import Refused, Session

UNREACHABLE: Final = "client/node_unreachable"
_NEXT_STEPS: Final = {
    "members/no_mandate": "no signing role may send this message: name another with --sign, or "
    "give one a mandate with `xinlian tx members set-mandate`",
    "members/threshold_not_met": "this needs more signatures: repeat --sign with further roles",
    "members/cap_exceeded": "sign with a role whose mandate goes that far, or with more of them",
    "members/daily_cap_exceeded": "sign with another role, or wait for the next day (UTC+8)",
    "ledger/unknown_signer": "register the key with `xinlian keys register`",
}
"""What the holder of a home folder can do about the commonest refusals of its own signatures."""
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
        next_step = _NEXT_STEPS.get(error.reference, "")
        raise CommandRefused(error.reference, text, next_step) from None
    except Refused as error:
        raise CommandRefused(
            error.reference,
            f"{error.text} (height {error.height})",
            _NEXT_STEPS.get(error.reference, _UNCHANGED),
        ) from None
