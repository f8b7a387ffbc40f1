"""CSV that spreadsheets read as text and amounts, never as formulas; the same bytes every time."""

import csv
import io

import pytest

from unit.readmodels.books.asking import ageing_of, trial_of
from xinlian.readmodels.books.sheets import (
    Amount,
    Sheet,
    ageing_sheet,
    cell_text,
    csv_bytes,
    trial_balance_sheet,
    vouchers_sheet,
)


def read(content: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1"])
def test_a_text_that_looks_like_a_formula_stays_text(text):
    assert cell_text(text) == f"'{text}"
    sheet = Sheet("t", (), ("a",), ((text,),))
    assert read(csv_bytes(sheet))[-1] == [f"'{text}"]


def test_amounts_are_exact_decimals():
    amounts = {
        0: "0.00",
        5: "0.05",
        -5: "-0.05",
        -12345: "-123.45",
        2**63 - 1: "92233720368547758.07",
    }
    assert {minor: Amount(minor).text() for minor in amounts} == amounts


def test_a_trial_balance_is_written_with_its_heights_and_totals(paid):
    found = trial_of(paid.model, paid.told.party("core"), "2026-11")
    rows = read(csv_bytes(trial_balance_sheet(found)))
    about = dict(row for row in rows[1:7])
    assert about["截止高度 to height"] == str(found.to_height)
    assert about["主体 party"] == paid.told.party_text("core")
    total = rows[-1]
    assert total[4] == total[5]
    assert total[6] == total[7]
    assert total[8] == total[9]
    assert len(rows) == 9 + len(found.lines) + 1


def test_names_that_a_party_chose_cannot_compute(paid):
    found = trial_of(paid.model, paid.told.party("core"), "2026-11")
    evil = Sheet("=cmd|'/c calc'!A0", (("=a", "=b"),), ("=c",), ())
    assert all(cell.startswith("'") for row in read(csv_bytes(evil)) for cell in row if cell)
    listed = paid.model.books.vouchers(paid.told.party("core"), "2026-11", limit=200).rows
    assert csv_bytes(vouchers_sheet(found, listed)) == csv_bytes(vouchers_sheet(found, listed))


def test_ageing_is_written_by_certificate(paid):
    found = ageing_of(paid.model, paid.told.party("core"), "2026-12")
    rows = read(csv_bytes(ageing_sheet(found)))
    assert [row[0] for row in rows[7:]] == ["payable"]
    assert rows[7][7] == "1000000.00"
