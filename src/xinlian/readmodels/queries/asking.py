"""One question to one list: the part that all questions share."""

from collections.abc import Mapping
from typing import Final

from xinlian.readmodels.cursors import CursorKey
from xinlian.readmodels.database import Database
from xinlian.readmodels.lists import RowList
from xinlian.readmodels.paging import find, page
from xinlian.readmodels.reading import open_reading, since_height
from xinlian.readmodels.rows import Found, Page, RowT

LIMIT_DEFAULT: Final = 50


class Asking:
    """Asks a projected database; ``reader`` is the 20-byte id of a party."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @property
    def since_height(self) -> int:
        """From which height on lists are whole: 0, or above where the first blocks are not here."""
        with self._database.reading() as connection:
            return since_height(connection)

    def _page(
        self,
        of: RowList[RowT],
        reader: bytes | None,
        cursor: str | None,
        limit: int,
        wanted: Mapping[str, str | None],
        *,
        newest_first: bool = False,
        after: CursorKey | None = None,
    ) -> Page[RowT]:
        with open_reading(self._database, reader) as reading:
            return page(reading, of, cursor, limit, wanted, newest_first=newest_first, after=after)

    def _find(
        self,
        of: RowList[RowT],
        reader: bytes | None,
        object_id: str | int,
    ) -> Found[RowT] | None:
        with open_reading(self._database, reader) as reading:
            row = find(reading, of, object_id)
            if row is None:
                return None
            return Found(row=row, height=reading.height, time_ms=reading.time_ms)
