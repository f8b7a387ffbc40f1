"""No page reads or sorts a whole table: every statement is explained, on both databases.

Each list is asked by a member, by a participant and by a stranger, with each of its filters, from
the beginning and behind a cursor; whatever reaches the database meanwhile is run again as EXPLAIN.
"""

import inspect
import re

import pytest
import sqlalchemy as sa

from unit.readmodels.stories import open_model, sqlite_address, tell_late
from xinlian.readmodels import lists, paging
from xinlian.readmodels.queries.certificates import CERTIFICATE_ROLES

SMALL = "projection|policy_versions|chosen|counted|(\\d+ )?CONSTANT"
"""What may be read whole: one row, a few rows that all members read, and what a statement holds."""
SQLITE_WHOLE = re.compile(rf"^SCAN (?!({SMALL})\b)(?!\S+ USING (COVERING )?INDEX)(\S+)|TEMP B-TREE")
FILTERS = {
    "keys": ["party_id"],
    "proposals": ["status"],
    "policy": ["name"],
    "accounts": ["owner", "asset_kind"],
    "reservations": ["account_id"],
    "bank_entries": ["bank_account"],
    "documents": ["schema", "owner"],
    "facts": ["subject"],
    "verdicts": ["subject"],
    "invoices": ["seller", "buyer"],
    "certificates": ["life", "role", "invoice_root"],
    "leaves": ["certificate_id", "holder", "life"],
    "encumbrances": ["certificate_id"],
    "transfer_offers": ["leaf_id", "status"],
    "payment_orders": ["certificate_id", "status"],
    "obligations": ["debtor", "status"],
    "late_interest": ["certificate_id"],
    "transactions": ["payer", "newest_first"],
    "transfers": ["asset_id"],
    "events": ["object_kind", "object_id", "transaction_id"],
    "parties": [],
    "bank_accounts": [],
    "issue_lines": [],
}
BOOKS = {"closes": [], "pending_transfers": ["status"], "bank_statements": ["account_id"]}


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def model(request, tmp_path_factory, postgres):
    told = tell_late()
    if request.param == "sqlite":
        model = open_model(sqlite_address(tmp_path_factory.mktemp("plans")), told.consortium)
    else:
        postgres.create_database("plans")
        model = open_model(postgres.url("plans"), told.consortium)
    model.project(told.store)
    yield told, model
    model.close()
    told.consortium.close()
    if request.param == "postgresql":
        postgres.drop_database("plans")


class Asked:
    """The statements that reach a database while it is listened to."""

    def __init__(self, model):
        self._engine = model._database._engine
        self.statements = []

    def __enter__(self):
        sa.event.listen(self._engine, "before_cursor_execute", self._note)
        return self

    def __exit__(self, *_):
        sa.event.remove(self._engine, "before_cursor_execute", self._note)

    def _note(self, _connection, _cursor, statement, parameters, _context, _many):
        if statement.startswith("SELECT"):
            self.statements.append((statement, parameters))

    def plans(self):
        """Yield each statement with the lines of its plan; PostgreSQL may not scan if it can."""
        is_sqlite = self._engine.dialect.name == "sqlite"
        with self._engine.connect() as connection:
            if not is_sqlite:
                for setting in ("seqscan", "sort"):
                    connection.exec_driver_sql(f"SET enable_{setting} TO off")
            word = "EXPLAIN QUERY PLAN" if is_sqlite else "EXPLAIN"
            for statement, parameters in self.statements:
                records = connection.exec_driver_sql(f"{word} {statement}", parameters)
                yield statement, [str(record[-1]) for record in records]


def whole(lines, *, is_sqlite):
    """Return the lines of a plan that read or sort a whole table."""
    if is_sqlite:
        return [line for line in lines if SQLITE_WHOLE.search(line)]
    small = re.compile(rf"Seq Scan on ({SMALL})\b")
    marks = re.compile(r"Seq Scan on|Sort  \(|Incremental Sort")
    return [line for line in lines if marks.search(line) and not small.search(line)]


def questions(told, model):
    """Yield every question, as the arguments of a call."""
    values = {
        "status": "open",
        "life": "active",
        "role": CERTIFICATE_ROLES[2],
        "newest_first": True,
        "object_id": told.text("leaf", "rest"),
        "transaction_id": model.transactions(told.party("core")).rows[-1].transaction_id,
        "party_id": told.party_text("core"),
        "owner": told.party_text("core"),
        "holder": told.party_text("supplier1"),
    }
    for name, filters in (FILTERS | BOOKS).items():
        question = getattr(model if name in FILTERS else model.books, name)
        yield question, {}
        for one in filters:
            yield question, {one: values.get(one, "deposit")}


def ask(model, readers, question, wanted):
    for reader in readers:
        page = question(reader, limit=2, **wanted)
        for _ in range(2):
            if page.next_cursor is None:
                break
            page = question(reader, limit=2, cursor=page.next_cursor, **wanted)


@pytest.mark.parametrize("few", [0, paging.FEW], ids=["by rights", "by filters"])
def test_no_page_of_a_list_reads_or_sorts_a_whole_table(model, few, monkeypatch):
    told, readmodel = model
    monkeypatch.setattr(paging, "FEW", few)
    monkeypatch.setattr(paging, "COUNTED", few)
    readers = [told.party("core"), told.party("supplier1"), bytes(20)]
    asked = Asked(readmodel)
    with asked:
        for question, wanted in questions(told, readmodel):
            ask(readmodel, readers, question, wanted)
        readmodel.blocks(limit=2, newest_first=True)
        readmodel.balances(readers[0], 5, limit=2)
        account = readmodel.accounts(readers[1]).rows[0].account_id
        readmodel.statement(readers[1], account, limit=2)
        batch = readmodel.transactions(readers[0]).rows[0].transaction_id
        readmodel.messages(readers[0], batch)
    is_sqlite = readmodel._database._engine.dialect.name == "sqlite"
    found = {
        statement: bad
        for statement, lines in asked.plans()
        if (bad := whole(lines, is_sqlite=is_sqlite))
    }
    assert found == {}
    assert len(asked.statements) > 200


def test_the_check_sees_a_scan_and_a_sort(model):
    _, readmodel = model
    asked = Asked(readmodel)
    with asked, readmodel._database.reading() as connection:
        leaves = lists.LEAVES.table
        for field in ("outstanding_minor", "hops"):
            connection.execute(sa.select(leaves).order_by(leaves.c[field]).limit(2))
    is_sqlite = readmodel._database._engine.dialect.name == "sqlite"
    assert all(whole(lines, is_sqlite=is_sqlite) for _, lines in asked.plans())


def test_every_list_and_every_filter_is_looked_at(model):
    _, readmodel = model
    named = {
        name: [
            one
            for one in inspect.signature(getattr(owner, name)).parameters
            if one not in {"reader", "cursor", "limit", "after"}
        ]
        for owner, names in ((readmodel, FILTERS), (readmodel.books, BOOKS))
        for name in names
    }
    assert named == FILTERS | BOOKS


@pytest.mark.parametrize("name", ["leaves", "accounts", "documents", "obligations"])
@pytest.mark.parametrize("reader", ["core", "supplier1"])
def test_both_ways_to_find_a_page_give_the_same_rows(model, monkeypatch, name, reader):
    told, readmodel = model
    for one in FILTERS[name]:
        question = getattr(readmodel, name)
        everything = question(told.party(reader), limit=200).rows
        for value in {getattr(row, one) for row in everything}:
            expected = [row for row in everything if getattr(row, one) == value]
            for few in (0, 1_000):
                monkeypatch.setattr(paging, "FEW", few)
                monkeypatch.setattr(paging, "COUNTED", few)
                assert (
                    list(question(told.party(reader), limit=200, **{one: value}).rows) == expected
                )
