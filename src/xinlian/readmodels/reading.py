"""One question: the moment it sees, and in whose name it reads.

Rules this file keeps:
 1. A reader is a party of the directory; any other reads nothing but what is open.
 2. A party reads what it has a right to, and what a group that it belongs to has a right to.
 3. Suspension changes nothing here: a suspended party reads as before.
"""

import contextlib
import dataclasses
from collections.abc import Iterator

import sqlalchemy as sa

from xinlian.primitives import ID_BYTES, format_id
from xinlian.readmodels.database import Database
from xinlian.readmodels.errors import DatabaseFailed
from xinlian.readmodels.rights import EVERY_PARTY, MEMBERS
from xinlian.readmodels.rows import BlockRow, PartyRow
from xinlian.readmodels.tables import PROJECTION, TABLE_OF

_MEMBER = "member"
_BLOCKS = TABLE_OF[BlockRow]


@dataclasses.dataclass(frozen=True, slots=True)
class Reading:
    """A connection, the height that it sees, and the names that the reader's rights are under."""

    connection: sa.Connection
    height: int
    time_ms: int
    names: tuple[str, ...]

    @property
    def is_member(self) -> bool:
        """Whether the reader reads what members read."""
        return MEMBERS in self.names


@contextlib.contextmanager
def open_reading(database: Database, reader: bytes | None) -> Iterator[Reading]:
    """Give a question in the name of a party, or of nobody.

    Raises:
        DatabaseFailed: the database does not answer, or holds no projection yet.
    """
    with database.reading() as connection:
        position = connection.execute(
            sa.select(PROJECTION.c.height, PROJECTION.c.time_ms),
        ).one_or_none()
        if position is None:
            raise DatabaseFailed("nothing was projected yet")
        names = _names(connection, reader)
        yield Reading(connection, position.height, position.time_ms, names)


def _names(connection: sa.Connection, reader: bytes | None) -> tuple[str, ...]:
    if reader is None or len(reader) != ID_BYTES:
        return ()
    parties = TABLE_OF[PartyRow]
    party_id = format_id("party", reader)
    kind = connection.execute(
        sa.select(parties.c.kind).where(parties.c.party_id == party_id),
    ).scalar_one_or_none()
    if kind is None:
        return ()
    return (party_id, EVERY_PARTY, MEMBERS) if kind == _MEMBER else (party_id, EVERY_PARTY)


def since_height(connection: sa.Connection) -> int:
    """Return from which height on lists are whole: 0, or where the first blocks are not here.

    Rows then begin with the state of that height, and with the blocks behind it.
    """
    first: int | None = connection.scalar(sa.select(sa.func.min(_BLOCKS.c.height)))
    if first is None:
        first = 1 + (connection.scalar(sa.select(PROJECTION.c.height)) or 0)
    return max(first - 1, 0)
