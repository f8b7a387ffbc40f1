"""Rows that a transaction of the projector reads and writes, gathered and written in one go.

Rules this file keeps:
 1. What was added or changed is seen by every later read of the same transaction.
 2. Nothing reaches the database but through ``flush``; the caller flushes before it commits.
 3. A right is written once: the height of the first grant stays.
"""

from collections.abc import Iterable
from typing import Any, Final, TypeVar

import msgspec
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from xinlian.primitives import InvariantViolation
from xinlian.readmodels.rows import ChangingRow, Row
from xinlian.readmodels.tables import KEY_OF, METADATA, READERS, TABLE_OF

Key = tuple[int | str, ...]
RowT = TypeVar("RowT", bound=Row)
ChangingT = TypeVar("ChangingT", bound=ChangingRow)


class WorkingSet:
    """The rows of one transaction; ``height`` and ``time_ms`` are those of the current block."""

    def __init__(self, connection: sa.Connection) -> None:
        self.height = 0
        self.time_ms = 0
        self.added_count = 0
        self._connection = connection
        self._rows: dict[type[Row], dict[Key, Any]] = {}
        self._added: dict[type[Row], dict[Key, None]] = {}
        self._changed: dict[type[Row], dict[Key, None]] = {}
        self._grants: dict[tuple[str, str, str], int] = {}

    def get(self, row_type: type[RowT], *key: int | str) -> RowT | None:
        """Return the row with this key, or None."""
        known = self._rows.setdefault(row_type, {})
        if key not in known:
            table = TABLE_OF[row_type]
            matches = [table.c[f] == v for f, v in zip(KEY_OF[row_type], key, strict=True)]
            query = sa.select(table).where(*matches)
            record = self._connection.execute(query).mappings().one_or_none()
            if record is None:
                return None
            known[key] = row_type(**record)
        row: RowT = known[key]
        return row

    def require(self, row_type: type[RowT], *key: int | str) -> RowT:
        """Return a row that earlier events made; raises InvariantViolation without it."""
        row = self.get(row_type, *key)
        if row is None:
            raise InvariantViolation("row_exists", f"{row_type.__name__} {key}")
        return row

    def find(self, row_type: type[RowT], **wanted: int | str) -> list[RowT]:
        """Return all rows with these values, ascending by key."""
        self.flush()
        table = TABLE_OF[row_type]
        key = [table.c[field] for field in KEY_OF[row_type]]
        matches = [table.c[field] == value for field, value in wanted.items()]
        query = sa.select(table).where(*matches).order_by(*key)
        return [row_type(**record) for record in self._connection.execute(query).mappings()]

    def add(self, row: Row) -> None:
        """Write a new row."""
        key = _key_of(row)
        self._rows.setdefault(type(row), {})[key] = row
        self._added.setdefault(type(row), {})[key] = None
        self.added_count += 1

    def change(self, row: ChangingT, **fields: object) -> ChangingT:
        """Write a row with other values in some fields; return it."""
        changed = msgspec.structs.replace(row, changed_height=self.height, **fields)
        key = _key_of(row)
        self._rows.setdefault(type(row), {})[key] = changed
        if key not in self._added.get(type(row), {}):
            self._changed.setdefault(type(row), {})[key] = None
        return changed

    def grant(self, object_kind: str, object_id: str, parties: Iterable[str]) -> None:
        """Give parties, or groups of parties, the right to read an object."""
        for party_id in parties:
            if party_id:
                self._grants.setdefault((object_kind, object_id, party_id), self.height)

    def readers_of(self, object_kind: str, object_id: str) -> list[str]:
        """Return who may read an object, ascending."""
        self._write_grants()
        query = sa.select(READERS.c.party_id).where(
            READERS.c.object_kind == object_kind,
            READERS.c.object_id == object_id,
        )
        return sorted(self._connection.scalars(query))

    def flush(self) -> None:
        """Send everything that was gathered to the database."""
        added = {TABLE_OF[row_type]: row_type for row_type in self._added}
        for table in METADATA.sorted_tables if added else ():
            if table in added:
                keys = self._added[added[table]]
                known = self._rows[added[table]]
                values = [msgspec.structs.asdict(known[key]) for key in keys]
                self._connection.execute(sa.insert(table), values)
        for row_type in self._added:
            if not issubclass(row_type, ChangingRow):
                del self._rows[row_type]  # seldom read again, and many
        self._added.clear()
        for row_type, changed in self._changed.items():
            self._update(row_type, changed)
        self._changed.clear()
        self._write_grants()

    def _update(self, row_type: type[Row], keys: Iterable[Key]) -> None:
        table = TABLE_OF[row_type]
        fields = KEY_OF[row_type]
        others = [name for name in row_type.__struct_fields__ if name not in fields]
        statement = (
            sa.update(table)
            .where(*(table.c[field] == sa.bindparam(f"key_{field}") for field in fields))
            .values(
                {name: sa.bindparam(f"new_{name}", type_=table.c[name].type) for name in others}
            )
        )
        known = self._rows[row_type]
        values = []
        for key in keys:
            row = known[key]
            bound = {f"new_{name}": getattr(row, name) for name in others}
            bound.update({f"key_{field}": getattr(row, field) for field in fields})
            values.append(bound)
        self._connection.execute(statement, values)

    def _write_grants(self) -> None:
        if not self._grants:
            return
        make_insert: Final = (
            sqlite.insert if self._connection.dialect.name == "sqlite" else postgresql.insert
        )
        self._connection.execute(
            make_insert(READERS).on_conflict_do_nothing(),
            [
                {"object_kind": kind, "object_id": object_id, "party_id": party, "height": height}
                for (kind, object_id, party), height in self._grants.items()
            ],
        )
        self._grants.clear()


def _key_of(row: Row) -> Key:
    return tuple(getattr(row, field) for field in KEY_OF[type(row)])
