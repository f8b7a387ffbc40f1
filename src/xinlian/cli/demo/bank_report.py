"""The settlement bank's side of the demonstration: it writes camt.054 as a bank would."""

from typing import NamedTuple
from xml.sax.saxutils import escape

from xinlian.primitives.time import iso_of_day, iso_of_ms

_TEMPLATE = """<?xml version="1.0" encoding="UTF-8"?>
<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.054.001.08">
  <BkToCstmrDbtCdtNtfctn>
    <GrpHdr><MsgId>{reference}</MsgId><CreDtTm>{created}</CreDtTm></GrpHdr>
    <Ntfctn>
      <Id>{reference}</Id>
      <CreDtTm>{created}</CreDtTm>
      <Acct>
        <Id><Othr><Id>{account}</Id></Othr></Id><Ccy>CNY</Ccy>
        <Ownr><Nm>{owner}</Nm></Ownr>
        <Svcr><FinInstnId><Nm>{bank}</Nm></FinInstnId></Svcr>
      </Acct>
      <Ntry>
        <Amt Ccy="CNY">{amount}</Amt>
        <CdtDbtInd>{indicator}</CdtDbtInd>
        <Sts><Cd>BOOK</Cd></Sts>
        <BookgDt><Dt>{day}</Dt></BookgDt>
        <ValDt><Dt>{day}</Dt></ValDt>
        <AcctSvcrRef>{reference}</AcctSvcrRef>
        <BkTxCd><Prtry><Cd>TRF</Cd></Prtry></BkTxCd>
        <NtryDtls><TxDtls>
          <Refs><AcctSvcrRef>{reference}</AcctSvcrRef><EndToEndId>{end_to_end_id}</EndToEndId></Refs>
          <Amt Ccy="CNY">{amount}</Amt>
          <CdtDbtInd>{indicator}</CdtDbtInd>
        </TxDtls></NtryDtls>
      </Ntry>
    </Ntfctn>
  </BkToCstmrDbtCdtNtfctn>
</Document>
"""


class Booking(NamedTuple):
    """One booked entry of the settlement bank's books."""

    reference: str
    bank: str
    owner: str
    account: str
    amount_minor: int
    is_credit: bool
    day: int
    created_at_ms: int
    end_to_end_id: str = "NOTPROVIDED"


def write_report(booking: Booking) -> bytes:
    """Return a camt.054.001.08 with one booked entry."""
    text = _TEMPLATE.format(
        reference=escape(booking.reference),
        bank=escape(booking.bank),
        owner=escape(booking.owner),
        account=escape(booking.account),
        amount=f"{booking.amount_minor // 100}.{booking.amount_minor % 100:02}",
        indicator="CRDT" if booking.is_credit else "DBIT",
        day=iso_of_day(booking.day),
        created=iso_of_ms(booking.created_at_ms),
        end_to_end_id=escape(booking.end_to_end_id),
    )
    return text.encode("utf-8")
