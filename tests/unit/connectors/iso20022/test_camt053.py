"""Statements that are written are read back as what they say, or are not written."""

import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xinlian.connectors import AccountStatement, StatementEntry, read_document, write_statement
from xinlian.connectors.errors import AmountInvalid, SchemaInvalid
from xinlian.modules.evidence.statements import BankEntryStatement
from xinlian.primitives.time import day_of_iso

FIRST = day_of_iso("2026-12-01")
MOMENT_MS = 1_796_200_000_000
ENTRIES = (
    StatementEntry("7.3", 100_00, True, MOMENT_MS, "leaf_a"),
    StatementEntry("9.0", 40_01, False, MOMENT_MS, ""),
)
STATEMENT = AccountStatement(
    message_id="2026-12-55",
    created_at_ms=MOMENT_MS,
    account="a" * 32,
    owner_name="演示核心企业 & <子公司>",
    servicer_name="演示清算银行",
    currency="CNY",
    first_day=FIRST,
    last_day=FIRST + 30,
    opening_minor=5,
    closing_minor=60_04,
    entries=ENTRIES,
)
replace = dataclasses.replace


def read(statement: AccountStatement) -> BankEntryStatement:
    found = read_document(write_statement(statement))
    assert isinstance(found, BankEntryStatement)
    return found


def test_what_is_written_is_read_back():
    found = read(STATEMENT)
    assert found.source_format == "iso20022-camt.053.001.08"
    assert (found.opening_balance_minor, found.closing_balance_minor) == (5, 60_04)
    assert found.account == STATEMENT.account
    assert found.account_owner is not None
    assert found.account_owner.name == STATEMENT.owner_name
    assert [
        (e.servicer_reference, e.amount_minor, e.is_credit, e.status, e.remittance_text)
        for e in found.entries
    ] == [("7.3", 100_00, True, "BOOK", "leaf_a"), ("9.0", 40_01, False, "BOOK", None)]


@given(
    st.lists(st.tuples(st.integers(1, 10**12), st.booleans()), max_size=8), st.integers(0, 10**12)
)
def test_balances_and_entries_read_back_add_up(moves, opening_minor):
    entries = [
        StatementEntry(f"1.{at}", amount, is_credit, MOMENT_MS, "")
        for at, (amount, is_credit) in enumerate(moves)
    ]
    closing = opening_minor + sum(e.amount_minor * (1 if e.is_credit else -1) for e in entries)
    found = read(
        replace(STATEMENT, entries=entries, opening_minor=opening_minor, closing_minor=closing)
    )
    moved = sum(e.amount_minor * (1 if e.is_credit else -1) for e in found.entries)
    assert found.opening_balance_minor is not None
    assert found.opening_balance_minor + moved == found.closing_balance_minor == closing


def test_balances_that_do_not_add_up_are_not_written():
    with pytest.raises(AmountInvalid):
        write_statement(replace(STATEMENT, closing_minor=60_05))
    with pytest.raises(AmountInvalid):
        write_statement(replace(STATEMENT, entries=[replace(ENTRIES[0], amount_minor=0)]))


@pytest.mark.parametrize(
    "change",
    [
        {"message_id": "x" * 36},
        {"account": "x" * 35},
        {"account": " "},
        {"owner_name": "x" * 141},
        {"servicer_name": "a\x00b"},
        {"entries": (replace(ENTRIES[0], reference=""), ENTRIES[1])},
        {"entries": (replace(ENTRIES[0], remittance_text="x" * 141), ENTRIES[1])},
    ],
)
def test_what_has_no_room_is_refused(change):
    with pytest.raises(SchemaInvalid):
        write_statement(replace(STATEMENT, **change))


def test_the_same_statement_gives_the_same_bytes():
    assert write_statement(STATEMENT) == write_statement(STATEMENT)
