"""Rows that a transaction of the projector reads and writes, gathered and written in one go.

Rules this file keeps:
 1. What was added or changed is seen by every later read of the same transaction.
 2. Nothing reaches the database but through ``flush``; the caller flushes before it commits.
 3. A right is written once: the height of the first grant stays.
 4. An event is read by the readers of its object, those of today and those to come: a new reader
    of an object gets its past events, a new event the readers that there are.
"""

import operator
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final, TypeVar

import msgspec
import sqlalchemy as sa

from xinlian.primitives import InvariantViolation
from xinlian.readmodels import bulk, rows
from xinlian.readmodels.kinds import Kind
from xinlian.readmodels.memory import Key, Memory, Object
from xinlian.readmodels.rows import ChangingRow, Row
from xinlian.readmodels.tables import (
    ENTRY_READERS,
    EVENTS,
    KEY_OF,
    METADATA,
    READERS,
    TABLE_OF,
    TEXT_LISTS,
)

RowT = TypeVar("RowT", bound=Row)
ChangingT = TypeVar("ChangingT", bound=ChangingRow)

NOT_BORN: Final = -1
"""The height of an object that has no row, or none yet."""
HOMES: Final[Mapping[str, type[Row]]] = {
    Kind.PARTY: rows.PartyRow,
    Kind.KEY: rows.KeyRow,
    Kind.PROPOSAL: rows.ProposalRow,
    Kind.ACCOUNT: rows.AccountRow,
    Kind.RESERVATION: rows.ReservationRow,
    Kind.BANK_ACCOUNT: rows.BankAccountRow,
    Kind.PENDING: rows.PendingTransferRow,
    Kind.PERIOD: rows.PeriodCloseRow,
    Kind.DOCUMENT: rows.DocumentRow,
    Kind.FACT: rows.FactRow,
    Kind.VERDICT: rows.VerdictRow,
    Kind.INVOICE: rows.InvoiceRow,
    Kind.CERTIFICATE: rows.CertificateRow,
    Kind.LEAF: rows.LeafRow,
    Kind.ENCUMBRANCE: rows.EncumbranceRow,
    Kind.OFFER: rows.OfferRow,
    Kind.FREEZE: rows.FreezeRow,
    Kind.GUARANTEE: rows.GuaranteeRow,
    Kind.DISPUTE: rows.DisputeRow,
    Kind.CALL: rows.FinanceCallRow,
    Kind.FINANCE_OFFER: rows.FinanceOfferRow,
    Kind.PAYMENT_ORDER: rows.PaymentOrderRow,
    Kind.OBLIGATION: rows.ObligationRow,
    Kind.LATE_INTEREST: rows.LateInterestRow,
    Kind.ISSUE_LINE: rows.IssueLineRow,
    Kind.CONSENT: rows.ConsentRow,
    Kind.CREDIT_RECORD: rows.CreditRecordRow,
    Kind.CREDIT_INQUIRY: rows.CreditInquiryRow,
    Kind.CREDIT_OBJECTION: rows.CreditObjectionRow,
    Kind.DEVICE: rows.DeviceRow,
    Kind.WATCH: rows.WatchRow,
}
"""Where an object's row is, by the object's id; other objects have none that is looked up."""
EARLY: Final[Mapping[type[Row], Kind]] = {
    rows.ObligationRow: Kind.OBLIGATION,
    rows.InvoiceRow: Kind.INVOICE,
}
"""Rows whose object may be readable before it has a row."""
GROUPED_BY: Final[Mapping[type[Row], str]] = {
    rows.KeyRow: "party_id",
    rows.LeafRow: "certificate_id",
    rows.OfferRow: "leaf_id",
    rows.GuaranteeRow: "certificate_id",
    rows.DisputeRow: "certificate_id",
    rows.FinanceOfferRow: "call_id",
    rows.FactRow: "subject",
    rows.VerdictRow: "subject",
    rows.WatchRow: "subject",
    rows.BankStatementRow: "account_id",
}
"""The field by whose value rows are found together; it never changes."""
LOGGED: Final[frozenset[type[Row]]] = frozenset(
    {
        rows.BlockRow,
        rows.TransactionRow,
        rows.MessageRow,
        rows.EventRow,
        rows.TransferRow,
        rows.LegRow,
        rows.VoteRow,
        rows.PolicyVersionRow,
    },
)
"""Rows that are written and never looked up again while blocks are projected."""
_Grant = tuple[str, str, int, int, str, int]
"""The fields of a row of ``readers``."""
_READER_FIELDS: Final = tuple(rows.ReaderRow.__struct_fields__)
_ENTRY_FIELDS: Final = tuple(rows.EntryReaderRow.__struct_fields__)
_MOVED: Final = {"balance_minor": None, "reserved_minor": None}
_KEYS_AT_ONCE: Final = 500


class WorkingSet:
    """The rows of one transaction; ``height`` and ``time_ms`` are those of the current block."""

    def __init__(self, connection: sa.Connection, memory: Memory | None = None) -> None:
        self.height = 0
        self.time_ms = 0
        self.added_count = 0
        self._connection = connection
        self.memory = Memory() if memory is None else memory
        self._logged: defaultdict[type[Row], list[Row]] = defaultdict(list)
        self._added: defaultdict[type[Row], dict[Key, None]] = defaultdict(dict)
        self._changed: defaultdict[type[Row], dict[Key, None]] = defaultdict(dict)
        self._changed_fields: defaultdict[type[Row], dict[str, None]] = defaultdict(dict)
        self._grants: list[_Grant] = []
        self._adopted: list[tuple[int, str, str, int]] = []
        self._entries: list[tuple[str, bool, int, int]] = []
        self._fresh_events: dict[Object, list[tuple[int, int]]] = {}
        self._fresh_groups: dict[type[Row], dict[int | str, list[Key]]] = {}

    def get(self, row_type: type[RowT], *key: int | str) -> RowT | None:
        """Return the row with this key, or None."""
        known = self.memory.rows[row_type]
        if key not in known:
            table = TABLE_OF[row_type]
            matches = [table.c[f] == v for f, v in zip(KEY_OF[row_type], key, strict=True)]
            query = sa.select(table).where(*matches)
            record = self._connection.execute(query).mappings().one_or_none()
            known[key] = None if record is None else row_type(**record)
        row: RowT | None = known[key]
        return row

    def require(self, row_type: type[RowT], *key: int | str) -> RowT:
        """Return a row that earlier events made; raises InvariantViolation without it."""
        row = self.get(row_type, *key)
        if row is None:
            raise InvariantViolation("row_exists", f"{row_type.__name__} {key}")
        return row

    def fetch(self, row_type: type[Row], ids: Iterable[str]) -> None:
        """Look up many rows at once, for later reads; ``ids`` are keys of one field."""
        known = self.memory.rows[row_type]
        missing = [one for one in ids if (one,) not in known]
        table = TABLE_OF[row_type]
        column = table.c[KEY_OF[row_type][0]]
        for start in range(0, len(missing), _KEYS_AT_ONCE):
            query = sa.select(table).where(column.in_(missing[start : start + _KEYS_AT_ONCE]))
            for record in self._connection.execute(query).mappings():
                known[(record[column],)] = row_type(**record)

    def find(self, row_type: type[RowT], **wanted: int | str) -> list[RowT]:
        """Return all rows with these values, ascending by key."""
        field = GROUPED_BY.get(row_type)
        if field is None or field not in wanted:
            self.flush()
            return self._select(row_type, wanted)
        keys = self._group(row_type, field, wanted[field])
        known: dict[Key, RowT] = self.memory.rows[row_type]
        return [
            known[key]
            for key in sorted(keys)
            if all(getattr(known[key], name) == value for name, value in wanted.items())
        ]

    def log(self, row: Row) -> None:
        """Write a new row that nothing looks up again and no right follows from (``LOGGED``)."""
        self.added_count += 1
        self._logged[type(row)].append(row)

    def add(self, row: Row) -> None:
        """Write a new row."""
        row_type = type(row)
        self.added_count += 1
        key = _key_of(row)
        self.memory.rows[row_type][key] = row
        self._added[row_type][key] = None
        if row_type in GROUPED_BY:
            value = getattr(row, GROUPED_BY[row_type])
            groups = self.memory.groups.setdefault(row_type, {})
            if value in groups:
                groups[value][key] = None
            else:
                fresh = self._fresh_groups.setdefault(row_type, {})
                fresh.setdefault(value, []).append(key)
        kind = EARLY.get(row_type)
        if kind is not None and self._readers(kind, str(key[0])):
            self._adopted.append((self.height, kind, str(key[0]), NOT_BORN))

    def change(self, row: ChangingT, **fields: object) -> ChangingT:
        """Write a row with other values in some fields; return it."""
        row_type = type(row)
        changed = msgspec.structs.replace(row, changed_height=self.height, **fields)
        key = _key_of(row)
        self.memory.rows[row_type][key] = changed
        if key not in self._added[row_type]:
            self._changed[row_type][key] = None
            self._changed_fields[row_type].update(dict.fromkeys(fields))
        return changed

    def move(self, account: rows.AccountRow, balance_minor: int, reserved_minor: int) -> None:
        """Change the balance of an account, and what is reserved on it, by so much."""
        key = (account.account_id,)
        self.memory.rows[rows.AccountRow][key] = msgspec.structs.replace(
            account,
            changed_height=self.height,
            balance_minor=account.balance_minor + balance_minor,
            reserved_minor=account.reserved_minor + reserved_minor,
        )
        if key not in self._added[rows.AccountRow]:
            self._changed[rows.AccountRow][key] = None
            self._changed_fields[rows.AccountRow].update(_MOVED)

    def grant(self, object_kind: str, object_id: str, parties: Iterable[str]) -> None:
        """Give parties, or groups of parties, the right to read an object and its events."""
        born = self._born(object_kind, object_id)
        is_new = born == self.height and object_kind not in EARLY.values()
        known = self._readers(object_kind, object_id, is_new=is_new)
        for party_id in parties:
            if party_id and party_id not in known:
                known[party_id] = None
                self._grants.append((party_id, object_kind, born, 0, object_id, self.height))
                for height, position in self._events_of(object_kind, object_id, is_new=is_new):
                    self._entries.append((party_id, False, height, position))

    def grant_new(
        self,
        object_kind: str,
        object_id: str,
        parties: Iterable[str],
        place: int = 0,
    ) -> None:
        """Give the right to read an object that arises now and gets all its rights at once."""
        readers = dict.fromkeys(party for party in parties if party)
        self.memory.readers[object_kind, object_id] = readers
        self._grants += [
            (party, object_kind, self.height, place, object_id, self.height) for party in readers
        ]

    def grant_transfer(self, position: int, parties: Iterable[str]) -> None:
        """Give the right to read the transfer at a position of this block, and its event."""
        height = self.height
        self._entries += [(party, True, height, position) for party in dict.fromkeys(parties)]

    def note_event(self, object_kind: str, object_id: str, position: int) -> None:
        """Let the readers of an object read an event about it, now and later."""
        here = (self.height, position)
        name = (object_kind, object_id)
        if name in self.memory.events:
            self.memory.events[name].append(here)
        else:
            self._fresh_events.setdefault(name, []).append(here)
        for party in self._readers(object_kind, object_id):
            self._entries.append((party, False, *here))

    def readers_of(self, object_kind: str, object_id: str) -> list[str]:
        """Return who may read an object, ascending."""
        return sorted(self._readers(object_kind, object_id))

    def flush(self) -> None:
        """Send everything that was gathered to the database."""
        for table, row_type in _IN_ORDER:
            if self._logged[row_type]:
                logged = self._logged[row_type]
                if row_type is rows.LegRow:
                    logged.sort(key=_key_of)  # beside those of its account
                records = [_record(row) for row in logged]
                bulk.insert(self._connection, table, row_type.__struct_fields__, records)
            elif self._added[row_type]:
                known = self.memory.rows[row_type]
                records = [_record(known[key]) for key in self._added[row_type]]
                bulk.insert(self._connection, table, row_type.__struct_fields__, records)
        for row_type, changed in self._changed.items():
            if changed:
                self._update(row_type, changed)
        self._write_rights()
        for part in (self._logged, self._added, self._changed, self._changed_fields):
            part.clear()
        self._fresh_events.clear()
        self._fresh_groups.clear()

    def _select(self, row_type: type[RowT], wanted: Mapping[str, int | str]) -> list[RowT]:
        table = TABLE_OF[row_type]
        key = [table.c[field] for field in KEY_OF[row_type]]
        matches = [table.c[field] == value for field, value in wanted.items()]
        query = sa.select(table).where(*matches).order_by(*key)
        return [row_type(**record) for record in self._connection.execute(query).mappings()]

    def _group(self, row_type: type[Row], field: str, value: int | str) -> dict[Key, None]:
        """Return the keys of all rows with a value in the field that groups them."""
        groups = self.memory.groups.setdefault(row_type, {})
        if value not in groups:
            known = self.memory.rows[row_type]
            found: dict[Key, None] = {}
            for row in self._select(row_type, {field: value}):
                key = _key_of(row)
                found[key] = None
                if known.get(key) is None:
                    known[key] = row  # what is known may be newer
            fresh = self._fresh_groups.get(row_type, {}).pop(value, [])
            groups[value] = {**found, **dict.fromkeys(fresh)}
        return groups[value]

    def _born(self, object_kind: str, object_id: str) -> int:
        home = HOMES.get(object_kind)
        row = None if home is None else self.get(home, object_id)
        return NOT_BORN if row is None else row.height

    def _readers(
        self,
        object_kind: str,
        object_id: str,
        *,
        is_new: bool = False,
    ) -> dict[str, None]:
        known = self.memory.readers
        name = (object_kind, object_id)
        if name not in known:
            query = sa.select(READERS.c.party_id).where(
                READERS.c.object_kind == object_kind,
                READERS.c.object_id == object_id,
            )
            known[name] = {} if is_new else dict.fromkeys(self._connection.scalars(query))
        return known[name]

    def _events_of(
        self,
        object_kind: str,
        object_id: str,
        *,
        is_new: bool,
    ) -> list[tuple[int, int]]:
        known = self.memory.events
        name = (object_kind, object_id)
        if name not in known:
            query = sa.select(EVENTS.c.height, EVENTS.c.position).where(
                EVENTS.c.object_kind == object_kind,
                EVENTS.c.object_id == object_id,
                sa.text(f"object_kind <> '{Kind.TRANSFER}'"),
            )
            stored = [] if is_new else [(h, p) for h, p in self._connection.execute(query)]
            known[name] = stored + self._fresh_events.pop(name, [])
        return known[name]

    def _update(self, row_type: type[Row], keys: Iterable[Key]) -> None:
        fields = ("changed_height", *self._changed_fields[row_type])
        key_fields = KEY_OF[row_type]
        known = self.memory.rows[row_type]
        value_of = _reader_of((*fields, *key_fields))
        lists = TEXT_LISTS[row_type]
        records = [value_of(known[key]) for key in keys]
        if lists.intersection(fields):
            records = [tuple(map(_stored, record)) for record in records]
        bulk.update(self._connection, TABLE_OF[row_type], fields, key_fields, records)

    def _write_rights(self) -> None:
        if self._adopted:
            key = ("object_kind", "object_id", "born_height")
            bulk.update(self._connection, READERS, ("born_height",), key, self._adopted)
        if self._grants:
            grants = sorted(map(self._located, self._grants))
            bulk.insert(self._connection, READERS, _READER_FIELDS, grants)
        if self._entries:
            bulk.insert(self._connection, ENTRY_READERS, _ENTRY_FIELDS, sorted(self._entries))
        self.added_count += len(self._grants) + len(self._entries)
        self._adopted.clear()
        self._grants.clear()
        self._entries.clear()

    def _located(self, grant: _Grant) -> _Grant:
        """Return a grant with the height of a row that arose after it."""
        party_id, object_kind, born, place, object_id, height = grant
        if born != NOT_BORN:
            return grant
        return (party_id, object_kind, self._born(object_kind, object_id), place, object_id, height)


_IN_ORDER: Final = [
    (table, row_type)
    for table in METADATA.sorted_tables
    for row_type, of in TABLE_OF.items()
    if of is table and issubclass(row_type, Row)
]


def _reader_of(fields: tuple[str, ...]) -> Callable[[Row], tuple[Any, ...]]:
    """Return the function that gives the values of some fields of a row."""
    read = operator.attrgetter(*fields)
    return (lambda row: (read(row),)) if len(fields) == 1 else read


_KEY_VALUES: Final = {row_type: _reader_of(key) for row_type, key in KEY_OF.items()}


def _key_of(row: Row) -> Key:
    return _KEY_VALUES[type(row)](row)


def _record(row: Row) -> tuple[Any, ...]:
    """Return the values that are stored, in the order of the row's fields."""
    record = msgspec.structs.astuple(row)
    return tuple(map(_stored, record)) if TEXT_LISTS[type(row)] else record


def _stored(value: object) -> object:
    return " ".join(value) if isinstance(value, tuple) else value
