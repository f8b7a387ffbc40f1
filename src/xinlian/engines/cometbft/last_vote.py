"""The last vote of a validator, and what it does when nobody knows whether it is the last.

A validator that was restored from a copy has an old last vote: it might vote a second time where
it voted already, which is evidence against its operator.  So the folder of the last vote knows its
own place on the disk; a copy of it lies elsewhere, and does not vote until it is shown that its
last vote is newer than anything it can have signed.

Rules this file keeps:
 1. The mark names the inode of the folder and its own.  Copying, unpacking and synchronising make
    new ones; starting again, and moving within a file system, do not.  Setting a whole file system
    back cannot be seen from within: the operator must say so by removing the mark.
 2. The last vote is only ever raised: to a height above all that members have now, in its last
    round.  What was signed before the loss was of the height after the newest block at most.
"""

import contextlib
import os
from pathlib import Path
from typing import Final

import msgspec

from xinlian.engines.durable import write_durably

MARK_NAME: Final = "config/last_vote_place.json"
FILE: Final = "data/priv_validator_state.json"
MARGIN_HEIGHTS: Final = 10
"""A member that is asked may be some blocks behind the others."""
_ROUND_MAX: Final = (1 << 31) - 1
_STEP_PRECOMMIT: Final = 3
_FILE_MODE: Final = 0o600
_BYTES_MAX: Final = 64 << 10


class LastVoteUnknown(Exception):  # noqa: N818 - names what is not known
    """This folder is a copy, or lost its last vote: it must not vote; the text says what to do."""

    def __init__(self, home: Path) -> None:
        super().__init__(
            f"{home} 是副本,最后一次投票未知,不得投票 / is a copy, or lost its last vote: "
            "make sure that no other node uses its keys, then run `xinlian network recover-vote`",
        )


class _Mark(msgspec.Struct, frozen=True):
    folder: int
    mark: int


class _LastVote(msgspec.Struct, frozen=True):
    height: str
    round: int = 0
    step: int = 0


def mark_place(home: Path) -> None:
    """Note that the last vote of a folder is the last one, where it lies now."""
    draft = (home / MARK_NAME).with_suffix(".new")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _FILE_MODE), "wb") as out:
        mark = _Mark((home / FILE).parent.stat().st_ino, os.fstat(out.fileno()).st_ino)
        out.write(msgspec.json.encode(mark))
        out.flush()
        os.fsync(out.fileno())
    draft.replace(home / MARK_NAME)


def require_last_vote(home: Path) -> None:
    """Refuse a folder whose last vote may not be the last; raises LastVoteUnknown."""
    try:
        with (home / MARK_NAME).open("rb") as stream:
            told = msgspec.json.decode(stream.read(_BYTES_MAX), type=_Mark)
            here = _Mark((home / FILE).parent.stat().st_ino, os.fstat(stream.fileno()).st_ino)
        _last_vote(home)
    except (OSError, msgspec.DecodeError, ValueError):
        raise LastVoteUnknown(home) from None
    if told != here:
        raise LastVoteUnknown(home)


def raise_last_vote(home: Path, newest_height: int) -> int:
    """Raise the last vote above everything that can have been signed; return its height.

    Args:
        home: the engine's folder; nothing runs in it, and its keys are used nowhere else.
        newest_height: the highest that a member has now.
    """
    height = newest_height + MARGIN_HEIGHTS
    # Where it is lost, or was never there, the new one stands alone.
    with contextlib.suppress(OSError, msgspec.DecodeError, ValueError):
        height = max(height, int(_last_vote(home).height))
    vote = _LastVote(str(height), _ROUND_MAX, _STEP_PRECOMMIT)
    path = home / FILE
    path.parent.mkdir(exist_ok=True, mode=0o700)
    write_durably(path, msgspec.json.encode(vote))
    mark_place(home)
    return height


def _last_vote(home: Path) -> _LastVote:
    with (home / FILE).open("rb") as stream:
        found = msgspec.json.decode(stream.read(_BYTES_MAX), type=_LastVote)
    if int(found.height) < 0:
        raise ValueError(found.height)
    return found
