"""Bank reports: which messages and versions are read, and whose account they are about."""

import pytest

from unit.connectors.samples import BANK, CAMT053, CAMT054, SELLER, changed, wrap
from xinlian.connectors.errors import (
    AmountInvalid,
    MissingElement,
    SchemaInvalid,
    UnsupportedDocumentType,
    WrongCheckDigit,
)
from xinlian.connectors.iso20022 import read_iso20022
from xinlian.connectors.xml_input import read_xml
from xinlian.modules.evidence.statements import TradeParty
from xinlian.primitives.time import MS_PER_HOUR, china_midnight_ms, day_of_iso

OPENING = """<Bal><Tp><CdOrPrtry><Cd>OPBD</Cd></CdOrPrtry></Tp><Amt Ccy="CNY">100.00</Amt>
 <CdtDbtInd>DBIT</CdtDbtInd><Dt><Dt>2026-09-01</Dt></Dt></Bal>"""
CLOSING = OPENING.replace("OPBD", "CLBD").replace("100.00", "680.57").replace("DBIT", "CRDT")


def _read(data):
    return read_iso20022(read_xml(data), "ab")


def _refused(error, data):
    with pytest.raises(error) as refused:
        _read(data)
    return refused.value.where


def test_a_notification_names_bank_account_and_owner():
    statement = _read(CAMT054)
    assert (statement.source_format, statement.source_hash) == ("iso20022-camt.054.001.08", "ab")
    assert (statement.message_type, statement.message_id) == ("camt.054.001.08", "QS-1")
    assert statement.created_at_ms == china_midnight_ms(day_of_iso("2026-09-02")) + 10 * MS_PER_HOUR
    assert statement.servicer == TradeParty("演示清算银行", BANK, None)
    assert statement.account == "6228480000000004"
    assert statement.account_owner == TradeParty("演示一级供应商", SELLER, None)
    assert len(statement.entries) == 1
    assert (statement.opening_balance_minor, statement.closing_balance_minor) == (None, None)


@pytest.mark.parametrize("version", [f"{number:02}" for number in range(2, 15)])
@pytest.mark.parametrize("message", ["camt.053", "camt.054"])
def test_every_version_from_02_to_14_is_read(message, version):
    data = changed(CAMT053 if message == "camt.053" else CAMT054, "001.08", f"001.{version}")
    statement = _read(data)
    assert statement.message_type == f"{message}.001.{version}"
    assert statement.entries == _read(CAMT054).entries


@pytest.mark.parametrize(
    "name",
    ["camt.052.001.08", "camt.053.001.01", "camt.054.001.15", "camt.054.002.08", "pain.001.001.09",
     "pacs.008.001.08", "camt.054.001.8"],
)  # fmt: skip
def test_other_messages_and_versions_are_refused_by_name(name):
    with pytest.raises(UnsupportedDocumentType) as refused:
        _read(changed(CAMT054, "camt.054.001.08", name))
    assert name in refused.value.detail


def test_a_time_without_an_offset_is_china_s():
    silent = changed(CAMT054, "10:00:00+08:00", "10:00:00")
    assert _read(silent).created_at_ms == _read(CAMT054).created_at_ms


def test_booked_balances_are_signed():
    data = changed(CAMT053, "<Ntry>", OPENING + CLOSING + "<Ntry>")
    statement = _read(data)
    assert statement.opening_balance_minor == -100_00
    assert statement.closing_balance_minor == 680_57


def test_the_closing_of_the_day_before_is_an_opening():
    previous = OPENING.replace("OPBD", "PRCD")
    assert _read(changed(CAMT053, "<Ntry>", previous + "<Ntry>")).opening_balance_minor == -100_00


def test_a_balance_of_part_of_the_account_is_not_the_balance():
    part = OPENING.replace("</CdOrPrtry>", "</CdOrPrtry><SubTp><Cd>INTM</Cd></SubTp>")
    assert _read(changed(CAMT053, "<Ntry>", part + "<Ntry>")).opening_balance_minor is None
    assert _refused(SchemaInvalid, changed(CAMT053, "<Ntry>", OPENING * 2 + "<Ntry>"))


def test_a_balance_in_another_currency_is_refused():
    other = OPENING.replace("CNY", "USD")
    assert _refused(SchemaInvalid, changed(CAMT053, "<Ntry>", other + "<Ntry>")).endswith("@Ccy")


def test_a_statement_without_movement_is_read():
    start, end = CAMT053.index(b"<Ntry>"), CAMT053.index(b"</Ntry>") + len(b"</Ntry>")
    assert _read(CAMT053[:start] + CAMT053[end:]).entries == ()
    silent = changed(CAMT053[:start] + CAMT053[end:], "<Ccy>CNY</Ccy>", "")
    assert _read(silent).entries == ()


def test_one_file_is_about_one_account():
    start, end = CAMT054.index(b"<Ntfctn>"), CAMT054.index(b"</Ntfctn>") + len(b"</Ntfctn>")
    twice = CAMT054[:end] + CAMT054[start:end] + CAMT054[end:]
    assert _refused(SchemaInvalid, twice) == "/Document/BkToCstmrDbtCdtNtfctn"


@pytest.mark.parametrize(
    ("piece", "where"),
    [
        ("<MsgId>QS-1</MsgId>", "/Document/BkToCstmrDbtCdtNtfctn/GrpHdr/MsgId"),
        ("<Id><Othr><Id>6228480000000004</Id></Othr></Id><Ccy>", "Ntfctn/Acct/Id"),
        ('<Amt Ccy="CNY">780.57</Amt>', "/Ntry[1]/Amt"),
        ("<CdtDbtInd>CRDT</CdtDbtInd>", "/Ntry[1]/CdtDbtInd"),
        ("<Sts><Cd>BOOK</Cd></Sts>", "/Ntry[1]/Sts"),
    ],
)
def test_what_a_report_must_have_is_named(piece, where):
    kept = "<Ccy>" if piece.endswith("<Ccy>") else ""
    assert _refused(MissingElement, changed(CAMT054, piece, kept)).endswith(where)


def test_a_message_of_another_kind_inside_is_refused():
    other = changed(CAMT054, "BkToCstmrDbtCdtNtfctn", "BkToCstmrStmt")
    assert _refused(MissingElement, other) == "/Document/BkToCstmrDbtCdtNtfctn"


def test_wrong_codes_and_amounts_are_refused():
    assert _refused(AmountInvalid, changed(CAMT054, "780.57", "780.575"))
    assert _refused(AmountInvalid, changed(CAMT054, "780.57", "-780.57"))
    assert _refused(AmountInvalid, changed(CAMT054, "<Ccy>CNY</Ccy>", "<Ccy>元</Ccy>"))
    wrong = BANK[:-1] + ("0" if BANK[-1] != "0" else "1")
    assert _refused(WrongCheckDigit, changed(CAMT054, BANK, wrong))
    owner = SELLER[:-1] + ("0" if SELLER[-1] != "0" else "1")
    assert _refused(WrongCheckDigit, changed(CAMT054, SELLER, owner))


def test_an_iban_is_an_account_too():
    iban = changed(
        CAMT054, wrap("Id/Othr/Id", "6228480000000004"), wrap("Id/IBAN", "GB29NWBK60161331926819")
    )
    assert _read(iban).account == "GB29NWBK60161331926819"
