"""One small, consistent trade in each format: what the tests of the readers change and break."""

import json
from typing import Final

from xinlian.modules.members.uscc import check_character

_UBL: Final = "urn:oasis:names:specification:ubl:schema:xsd"


def _uscc(number: int) -> str:
    """Return a well-formed code that belongs to nobody."""
    body = f"91990000MA{number:07d}"
    return body + check_character(body)


BUYER: Final = _uscc(1)
SELLER: Final = _uscc(4)
BANK: Final = _uscc(3)
GTIN: Final = "06901234567892"
SSCC: Final = "040123450000001112"  # of the CBV's own example


def _party(role: str, name: str, uscc: str) -> str:
    return f"""
 <cac:{role}>
  <cac:Party>
   <cac:PartyIdentification><cbc:ID schemeID="USCC">{uscc}</cbc:ID></cac:PartyIdentification>
   <cac:PartyLegalEntity><cbc:RegistrationName>{name}</cbc:RegistrationName></cac:PartyLegalEntity>
  </cac:Party>
 </cac:{role}>"""


def _ubl(kind: str, body: str) -> bytes:
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<{kind} xmlns="{_UBL}:{kind}-2" xmlns:cac="{_UBL}:CommonAggregateComponents-2"
 xmlns:cbc="{_UBL}:CommonBasicComponents-2">
 <cbc:UBLVersionID>2.1</cbc:UBLVersionID>{body}
</{kind}>
""".encode()


_ITEM: Final = f"""
  <cac:Item>
   <cbc:Name>不锈钢离心泵</cbc:Name>
   <cac:StandardItemIdentification>
    <cbc:ID schemeID="0160">{GTIN}</cbc:ID>
   </cac:StandardItemIdentification>
   <cac:ClassifiedTaxCategory><cbc:ID>S</cbc:ID><cbc:Percent>13</cbc:Percent></cac:ClassifiedTaxCategory>
  </cac:Item>"""
_PRICE: Final = """
  <cac:Price><cbc:PriceAmount currencyID="CNY">1500.125</cbc:PriceAmount></cac:Price>"""

_BUYER_CUSTOMER: Final = _party("BuyerCustomerParty", "演示核心企业", BUYER)
_SELLER_SUPPLIER: Final = _party("SellerSupplierParty", "演示一级供应商", SELLER)
_DESPATCH_SUPPLIER: Final = _party("DespatchSupplierParty", "演示一级供应商", SELLER)
_DELIVERY_CUSTOMER: Final = _party("DeliveryCustomerParty", "演示核心企业", BUYER)
_ACCOUNTING_SUPPLIER: Final = _party("AccountingSupplierParty", "演示一级供应商", SELLER)
_ACCOUNTING_CUSTOMER: Final = _party("AccountingCustomerParty", "演示核心企业", BUYER)

ORDER: Final = _ubl(
    "Order",
    f"""
 <cbc:ID>PO-1</cbc:ID>
 <cbc:IssueDate>2026-09-01</cbc:IssueDate>
 <cbc:DocumentCurrencyCode>CNY</cbc:DocumentCurrencyCode>
 <cac:Contract><cbc:ID>HT-1</cbc:ID></cac:Contract>{_BUYER_CUSTOMER}{_SELLER_SUPPLIER}
 <cac:AnticipatedMonetaryTotal>
  <cbc:LineExtensionAmount currencyID="CNY">6000.50</cbc:LineExtensionAmount>
  <cbc:PayableAmount currencyID="CNY">6780.57</cbc:PayableAmount>
 </cac:AnticipatedMonetaryTotal>
 <cac:OrderLine><cac:LineItem>
  <cbc:ID>1</cbc:ID>
  <cbc:Quantity unitCode="EA">4</cbc:Quantity>
  <cbc:LineExtensionAmount currencyID="CNY">6000.50</cbc:LineExtensionAmount>{_PRICE}{_ITEM}
 </cac:LineItem></cac:OrderLine>""",
)
DESPATCH: Final = _ubl(
    "DespatchAdvice",
    f"""
 <cbc:ID>FH-1</cbc:ID>
 <cbc:IssueDate>2026-09-10</cbc:IssueDate>
 <cac:OrderReference><cbc:ID>PO-1</cbc:ID></cac:OrderReference>{_DESPATCH_SUPPLIER}{_DELIVERY_CUSTOMER}
 <cac:Shipment>
  <cbc:ID>1</cbc:ID>
  <cac:ShipmentStage><cac:TransportMeans><cac:RoadTransport>
   <cbc:LicensePlateID>演A00001</cbc:LicensePlateID>
  </cac:RoadTransport></cac:TransportMeans></cac:ShipmentStage>
  <cac:Delivery><cac:Despatch><cbc:ActualDespatchDate>2026-09-11</cbc:ActualDespatchDate></cac:Despatch></cac:Delivery>
  <cac:TransportHandlingUnit><cbc:ID schemeID="SSCC">{SSCC}</cbc:ID></cac:TransportHandlingUnit>
 </cac:Shipment>
 <cac:DespatchLine>
  <cbc:ID>1</cbc:ID>
  <cbc:DeliveredQuantity unitCode="EA">4</cbc:DeliveredQuantity>
  <cac:OrderLineReference><cbc:LineID>1</cbc:LineID></cac:OrderLineReference>{_ITEM}
 </cac:DespatchLine>""",
)
RECEIPT: Final = _ubl(
    "ReceiptAdvice",
    f"""
 <cbc:ID>SH-1</cbc:ID>
 <cbc:IssueDate>2026-09-13</cbc:IssueDate>
 <cac:OrderReference><cbc:ID>PO-1</cbc:ID></cac:OrderReference>
 <cac:DespatchDocumentReference><cbc:ID>FH-1</cbc:ID></cac:DespatchDocumentReference>{_DELIVERY_CUSTOMER}{_DESPATCH_SUPPLIER}
 <cac:ReceiptLine>
  <cbc:ID>1</cbc:ID>
  <cbc:ReceivedQuantity unitCode="EA">4</cbc:ReceivedQuantity>
  <cbc:RejectedQuantity unitCode="EA">1</cbc:RejectedQuantity>
  <cbc:ReceivedDate>2026-09-12</cbc:ReceivedDate>
  <cac:OrderLineReference><cbc:LineID>1</cbc:LineID></cac:OrderLineReference>{_ITEM}
 </cac:ReceiptLine>""",
)


def _bill(kind: str, head: str, quantity: str, tail: str) -> bytes:
    return _ubl(
        kind,
        f"""
 <cbc:ID>FP-1</cbc:ID>
 <cbc:IssueDate>2026-09-20</cbc:IssueDate>{head}
 <cbc:DocumentCurrencyCode>CNY</cbc:DocumentCurrencyCode>{tail}{_ACCOUNTING_SUPPLIER}{_ACCOUNTING_CUSTOMER}
 <cac:TaxTotal><cbc:TaxAmount currencyID="CNY">780.07</cbc:TaxAmount></cac:TaxTotal>
 <cac:LegalMonetaryTotal>
  <cbc:LineExtensionAmount currencyID="CNY">6000.50</cbc:LineExtensionAmount>
  <cbc:TaxExclusiveAmount currencyID="CNY">6000.50</cbc:TaxExclusiveAmount>
  <cbc:TaxInclusiveAmount currencyID="CNY">6780.57</cbc:TaxInclusiveAmount>
  <cbc:PrepaidAmount currencyID="CNY">780.57</cbc:PrepaidAmount>
  <cbc:PayableAmount currencyID="CNY">6000.00</cbc:PayableAmount>
 </cac:LegalMonetaryTotal>
 <cac:{kind}Line>
  <cbc:ID>1</cbc:ID>
  <cbc:{quantity} unitCode="EA">4</cbc:{quantity}>
  <cbc:LineExtensionAmount currencyID="CNY">6000.50</cbc:LineExtensionAmount>{_ITEM}{_PRICE}
 </cac:{kind}Line>""",
    )


INVOICE: Final = _bill(
    "Invoice",
    "\n <cbc:DueDate>2026-12-19</cbc:DueDate>\n <cbc:InvoiceTypeCode>380</cbc:InvoiceTypeCode>",
    "InvoicedQuantity",
    """
 <cac:OrderReference><cbc:ID>PO-1</cbc:ID></cac:OrderReference>
 <cac:DespatchDocumentReference><cbc:ID>FH-1</cbc:ID></cac:DespatchDocumentReference>
 <cac:ReceiptDocumentReference><cbc:ID>SH-1</cbc:ID></cac:ReceiptDocumentReference>
 <cac:ContractDocumentReference><cbc:ID>HT-1</cbc:ID></cac:ContractDocumentReference>""",
)
CREDIT_NOTE: Final = _bill(
    "CreditNote",
    "",
    "CreditedQuantity",
    """
 <cac:BillingReference><cac:InvoiceDocumentReference><cbc:ID>FP-0</cbc:ID></cac:InvoiceDocumentReference></cac:BillingReference>""",
)
CAMT054: Final = f"""<?xml version="1.0" encoding="UTF-8"?>
<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.054.001.08">
 <BkToCstmrDbtCdtNtfctn>
  <GrpHdr><MsgId>QS-1</MsgId><CreDtTm>2026-09-02T10:00:00+08:00</CreDtTm></GrpHdr>
  <Ntfctn>
   <Id>QS-1-1</Id>
   <Acct>
    <Id><Othr><Id>6228480000000004</Id></Othr></Id><Ccy>CNY</Ccy>
    <Ownr><Nm>演示一级供应商</Nm><Id><OrgId><Othr><Id>{SELLER}</Id><SchmeNm><Prtry>USCC</Prtry></SchmeNm></Othr></OrgId></Id></Ownr>
    <Svcr><FinInstnId><Nm>演示清算银行</Nm><Othr><Id>{BANK}</Id></Othr></FinInstnId></Svcr>
   </Acct>
   <Ntry>
    <Amt Ccy="CNY">780.57</Amt>
    <CdtDbtInd>CRDT</CdtDbtInd>
    <Sts><Cd>BOOK</Cd></Sts>
    <BookgDt><Dt>2026-09-02</Dt></BookgDt>
    <ValDt><Dt>2026-09-02</Dt></ValDt>
    <AcctSvcrRef>QS20260902-1</AcctSvcrRef>
    <NtryDtls><TxDtls>
     <Refs><EndToEndId>PO-1-YF</EndToEndId><UETR>8a562c67-ca16-48ba-b074-65581be6f001</UETR></Refs>
     <RltdPties>
      <Dbtr><Pty><Nm>演示核心企业</Nm></Pty></Dbtr>
      <DbtrAcct><Id><Othr><Id>6228480000000001</Id></Othr></Id></DbtrAcct>
      <Cdtr><Pty><Nm>演示一级供应商</Nm></Pty></Cdtr>
      <CdtrAcct><Id><Othr><Id>6228480000000004</Id></Othr></Id></CdtrAcct>
     </RltdPties>
     <RmtInf><Ustrd>PO-1 预付款</Ustrd><Strd><RfrdDocInf><Nb>PO-1</Nb></RfrdDocInf></Strd></RmtInf>
    </TxDtls></NtryDtls>
   </Ntry>
  </Ntfctn>
 </BkToCstmrDbtCdtNtfctn>
</Document>
""".encode()
CAMT053: Final = (
    CAMT054.replace(b"camt.054", b"camt.053")
    .replace(b"BkToCstmrDbtCdtNtfctn", b"BkToCstmrStmt")
    .replace(b"Ntfctn>", b"Stmt>")
)
CONTRACT: Final = {
    "format": "xinlian-contract-1",
    "number": "HT-1",
    "signed_date": "2026-08-20",
    "buyer": {"name": "演示核心企业", "uscc": BUYER},
    "seller": {"name": "演示一级供应商", "uscc": SELLER},
    "currency": "CNY",
    "amount": "1000000.00",
    "payment_term_days": 90,
    "accepts_certificates": True,
    "subject_matter": "不锈钢离心泵",
}
EVENT: Final = {
    "@context": [
        "https://ref.gs1.org/standards/epcis/epcis-context.jsonld",
        {"demo": "https://example.com/demo/"},
    ],
    "type": "AggregationEvent",
    "eventTime": "2026-09-12T10:00:00+08:00",
    "eventTimeZoneOffset": "+08:00",
    "action": "OBSERVE",
    "parentID": "urn:epc:id:sscc:4012345.0000000111",
    "childQuantityList": [
        {"epcClass": "https://id.gs1.org/01/06901234567892/10/L1", "quantity": 4, "uom": "EA"}
    ],
    "bizStep": "receiving",
    "disposition": "in_progress",
    "readPoint": {"id": "urn:epc:id:sgln:4012345.00005.0"},
    "bizTransactionList": [
        {"type": "po", "bizTransaction": "urn:epcglobal:cbv:bt:4012345000009:PO-1"}
    ],
    "demo:dock": "3",
}


def json_bytes(document: object) -> bytes:
    """Return a document as a file."""
    return json.dumps(document, ensure_ascii=False).encode()


def document_of(*events: object) -> dict[str, object]:
    """Return an EPCIS document with the events."""
    return {
        "@context": ["https://ref.gs1.org/standards/epcis/epcis-context.jsonld"],
        "type": "EPCISDocument",
        "schemaVersion": "2.0",
        "creationDate": "2026-09-12T11:00:00Z",
        "epcisBody": {"eventList": list(events)},
    }


def changed(data: bytes, old: str, new: str) -> bytes:
    """Return a file with every occurrence of a piece replaced; the piece must be there."""
    if old.encode() not in data:
        raise LookupError(old)
    return data.replace(old.encode(), new.encode())


def wrap(names: str, text: str) -> str:
    """Return text inside of elements, the outermost first: ``cac:Party/cbc:ID``."""
    for name in reversed(names.split("/")):
        text = f"<{name}>{text}</{name.split(' ')[0]}>"
    return text


ALL: Final = {
    "order": ORDER,
    "despatch": DESPATCH,
    "goods_receipt": RECEIPT,
    "invoice": INVOICE,
    "credit_note": CREDIT_NOTE,
    "camt.054": CAMT054,
    "camt.053": CAMT053,
    "contract": json_bytes(CONTRACT),
    "event": json_bytes(EVENT),
    "events": json_bytes(document_of({k: v for k, v in EVENT.items() if k != "demo:dock"})),
}
