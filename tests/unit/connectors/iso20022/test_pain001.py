"""Payment orders: the same instruction gives the same bytes, nothing is cut."""

import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from xinlian.connectors import PaymentInstruction, read_document, write_payment_order
from xinlian.connectors.errors import (
    AmountInvalid,
    DateInvalid,
    DocumentError,
    MissingElement,
    SchemaInvalid,
    UnsupportedDocumentType,
)
from xinlian.connectors.iso20022.pain001 import PAIN001_NAMESPACE
from xinlian.primitives.time import china_midnight_ms, day_of_iso

DAY = day_of_iso("2026-12-19")
ORDER = PaymentInstruction(
    message_id="XL-PAY-1",
    created_at_ms=china_midnight_ms(DAY) + 1,
    requested_day=DAY,
    debtor_name="演示核心企业",
    debtor_account="6228480000000001",
    debtor_bank_name="演示清算银行",
    creditor_name="演示二级供应商",
    creditor_account="6228480000000005",
    creditor_bank_name="其他银行",
    end_to_end_id="XL0123456789ABCDEF",
    amount_minor=123_456_78,
    currency="CNY",
    remittance_text="信链凭证 1 号到期付款",
)
GOLDEN = """<?xml version='1.0' encoding='UTF-8'?>
<Document xmlns="urn:iso:std:iso:20022:tech:xsd:pain.001.001.09">
  <CstmrCdtTrfInitn>
    <GrpHdr>
      <MsgId>XL-PAY-1</MsgId>
      <CreDtTm>2026-12-19T00:00:00.001+08:00</CreDtTm>
      <NbOfTxs>1</NbOfTxs>
      <CtrlSum>123456.78</CtrlSum>
      <InitgPty>
        <Nm>演示核心企业</Nm>
      </InitgPty>
    </GrpHdr>
    <PmtInf>
      <PmtInfId>XL-PAY-1</PmtInfId>
      <PmtMtd>TRF</PmtMtd>
      <NbOfTxs>1</NbOfTxs>
      <CtrlSum>123456.78</CtrlSum>
      <ReqdExctnDt>
        <Dt>2026-12-19</Dt>
      </ReqdExctnDt>
      <Dbtr>
        <Nm>演示核心企业</Nm>
      </Dbtr>
      <DbtrAcct>
        <Id>
          <Othr>
            <Id>6228480000000001</Id>
          </Othr>
        </Id>
        <Ccy>CNY</Ccy>
      </DbtrAcct>
      <DbtrAgt>
        <FinInstnId>
          <Nm>演示清算银行</Nm>
        </FinInstnId>
      </DbtrAgt>
      <CdtTrfTxInf>
        <PmtId>
          <EndToEndId>XL0123456789ABCDEF</EndToEndId>
        </PmtId>
        <Amt>
          <InstdAmt Ccy="CNY">123456.78</InstdAmt>
        </Amt>
        <CdtrAgt>
          <FinInstnId>
            <Nm>其他银行</Nm>
          </FinInstnId>
        </CdtrAgt>
        <Cdtr>
          <Nm>演示二级供应商</Nm>
        </Cdtr>
        <CdtrAcct>
          <Id>
            <Othr>
              <Id>6228480000000005</Id>
            </Othr>
          </Id>
        </CdtrAcct>
        <RmtInf>
          <Ustrd>信链凭证 1 号到期付款</Ustrd>
        </RmtInf>
      </CdtTrfTxInf>
    </PmtInf>
  </CstmrCdtTrfInitn>
</Document>
"""


def _with(**changes):
    return dataclasses.replace(ORDER, **changes)


def _texts(order, name):
    root = etree.fromstring(write_payment_order(order))
    return [element.text for element in root.iter(f"{{{PAIN001_NAMESPACE}}}{name}")]


def test_an_order_is_written_as_the_message_definition_orders_its_parts():
    assert write_payment_order(ORDER).decode() == GOLDEN


def test_an_iban_is_written_as_one():
    assert _texts(_with(creditor_account="GB29NWBK60161331926819"), "IBAN") == [
        "GB29NWBK60161331926819"
    ]


@pytest.mark.parametrize(
    ("minor", "currency", "text"), [(1, "CNY", "0.01"), (100, "JPY", "100"), (5, "KWD", "0.005")]
)
def test_amounts_have_their_currency_s_decimals(minor, currency, text):
    order = _with(amount_minor=minor, currency=currency)
    assert _texts(order, "InstdAmt") == [text]
    assert _texts(order, "CtrlSum") == [text, text]


@pytest.mark.parametrize(
    ("changes", "error", "where"),
    [
        ({"end_to_end_id": "9" * 36}, SchemaInvalid, "end_to_end_id"),
        ({"message_id": "9" * 36}, SchemaInvalid, "message_id"),
        ({"creditor_account": "9" * 35}, SchemaInvalid, "creditor_account"),
        ({"creditor_name": "名" * 141}, SchemaInvalid, "creditor_name"),
        ({"remittance_text": "9" * 141}, SchemaInvalid, "remittance_text"),
        ({"remittance_text": "a\x00b"}, SchemaInvalid, "remittance_text"),
        ({"remittance_text": "a\ud800b"}, SchemaInvalid, "remittance_text"),
        ({"remittance_text": "a\uffffb"}, SchemaInvalid, "remittance_text"),
        ({"debtor_name": " "}, MissingElement, "debtor_name"),
        ({"amount_minor": 0}, AmountInvalid, "amount_minor"),
        ({"amount_minor": -1}, AmountInvalid, "amount_minor"),
        ({"amount_minor": 2**63}, AmountInvalid, "amount_minor"),
        ({"currency": "RMB元"}, AmountInvalid, "currency"),
        ({"created_at_ms": -1}, DateInvalid, "created_at_ms"),
        ({"requested_day": 10**9}, DateInvalid, "requested_day"),
    ],
)
def test_what_the_message_cannot_hold_is_refused_not_cut(changes, error, where):
    with pytest.raises(error) as refused:
        write_payment_order(_with(**changes))
    assert refused.value.where == where


@given(st.text(min_size=1, max_size=140))
def test_any_text_is_written_as_it_is_or_refused(text):
    try:
        written = _texts(_with(remittance_text=text), "Ustrd")
    except DocumentError:
        return
    assert written == [text]


def test_a_payment_order_is_not_evidence_of_a_payment():
    with pytest.raises(UnsupportedDocumentType):
        read_document(write_payment_order(ORDER))
