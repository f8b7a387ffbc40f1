"""Questions to the books: each reader its own, page by page, and closings that stay true."""

import hashlib

import pytest

from unit.readmodels.books.asking import ageing_of, trial_of
from unit.readmodels.stories import Told, open_model, sqlite_address
from xinlian.modules.accounts.messages import ClosePeriod, Transfer
from xinlian.primitives.time import china_midnight_ms, day_of_iso
from xinlian.readmodels.books.sheets import csv_bytes, trial_balance_sheet
from xinlian.readmodels.errors import CursorInvalid, LimitInvalid, PeriodUnknown
from xinlian.testing import Consortium


def test_nobody_and_strangers_have_no_books(paid):
    books = paid.model.books
    for reader in (bytes(20), b"short"):
        assert books.trial_balance(reader, "2026-11") is None
        assert books.ageing(reader, "2026-11") is None
        assert books.vouchers(reader, "2026-11", limit=10).rows == ()
        assert books.closes(reader, limit=10).rows == ()
        assert books.pending_transfers(reader, limit=10).rows == ()
        assert books.bank_statements(reader, limit=10).rows == ()


def test_pages_of_vouchers_join_to_the_whole(paid):
    books, party = paid.model.books, paid.told.party("core")
    whole = books.vouchers(party, "2026-11", limit=200).rows
    for limit in (1, 2, 3):
        cursor, joined = None, []
        while True:
            page = books.vouchers(party, "2026-11", cursor=cursor, limit=limit)
            joined += page.rows
            cursor = page.next_cursor
            if cursor is None:
                break
        assert tuple(joined) == whole
    assert len(whole) > 2


def test_malformed_questions_are_refused(paid):
    books, party = paid.model.books, paid.told.party("core")
    with pytest.raises(PeriodUnknown):
        books.trial_balance(party, "November")
    with pytest.raises(CursorInvalid):
        books.vouchers(party, "2026-11", cursor="x", limit=1)
    with pytest.raises(LimitInvalid):
        books.vouchers(party, "2026-11", limit=0)


def test_ageing_counts_days_from_the_legal_due_day(late):
    for name, side in (("core", "payable"), ("supplier2", "receivable")):
        before = ageing_of(late.model, late.told.party(name), "2027-02")
        assert [(x.side, x.bucket, x.days_overdue) for x in before.lines] == [(side, "not-due", 0)]
        assert ageing_of(late.model, late.told.party(name), "2027-03").lines == ()
    assert (
        ageing_of(late.model, late.told.party("supplier2"), "2027-02").lines[0].amount_minor
        == 226_000_00
    )


def test_pending_transfers_and_statements_are_read_by_those_concerned(late):
    books, told = late.model.books, late.told
    for name in ("supplier1", "bank", "settle"):
        rows = books.pending_transfers(told.party(name), limit=10).rows
        assert sorted(row.status for row in rows) == ["expired", "posted", "voided"]
    voided = books.pending_transfers(told.party("bank"), status="voided", limit=10).rows
    assert [(row.posted_minor, row.amount_minor) for row in voided] == [(50, 200)]
    assert books.pending_transfers(told.party("core"), limit=10).rows == ()
    assert len(books.bank_statements(told.party("supplier1"), limit=10).rows) == 1
    assert books.bank_statements(told.party("core"), limit=10).rows == ()


def test_a_closed_month_never_changes_and_names_what_was_signed(tmp_path):
    """The hash is that of the file, computed here; what comes later is in a later month."""
    c = Consortium()
    told = Told(c)
    pay = Transfer(c.account("core"), c.account("bank"), 100)
    told.send("core", pay)
    c.advance_to(china_midnight_ms(day_of_iso("2026-12-01")))
    model = open_model(sqlite_address(tmp_path), c)
    model.project(told.store)
    party = told.party("core")
    november = trial_of(model, party, "2026-11")
    content = csv_bytes(trial_balance_sheet(november))
    digest = hashlib.sha256(content).hexdigest()
    assert (november.csv_sha256, november.is_over, november.closed_hash) == (digest, True, "")
    told.send("core", ClosePeriod(202611, november.to_height, bytes.fromhex(digest)))
    told.send("core", pay)
    model.project(told.store)
    again = trial_of(model, party, "2026-11")
    assert csv_bytes(trial_balance_sheet(again)) == content
    assert again.closed_hash == again.csv_sha256 == digest
    assert [row.period for row in model.books.closes(party, limit=5).rows] == [202611]
    assert model.books.closes(told.party("bank"), limit=5).rows == ()
    december = trial_of(model, party, "2026-12")
    assert sum(line.credit_minor for line in december.lines if line.code == "1002.01") == 100
    assert (december.is_over, december.from_height) == (False, november.to_height + 1)
    model.close()
    c.close()
