"""What a document states, as typed fields: P data, kept with its parties and never on the ledger.

A statement is what a format's reader makes of a file; its field tree gives the document root.

Rules this file keeps:
 1. One schema name and version a kind of document; the name is that of its fact kind.
 2. Absent optional fields are ``None``, so that absence can be shown.
 3. Amounts are minor units, quantities 1e-6 of the named unit, prices 1e-6 of a currency unit,
    rates 1e-9, dates days since 1970-01-01: no float anywhere.
"""

from typing import Final

import msgspec

TEXT_CHARS_MAX: Final = 1_000
LINES_MAX: Final = 10_000
QUANTITY_SCALE: Final = 1_000_000
PRICE_SCALE: Final = 1_000_000
STATEMENT_VERSION: Final = 1


class Statement(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Base of all statements; ``source_format`` and ``source_hash`` bind the file it was read from.

    ``source_hash`` is the SHA-256 of the file, hexadecimal.
    """

    source_format: str
    source_hash: str


class TradeParty(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A party as a document names it."""

    name: str | None
    uscc: str | None
    """Unified social credit code, where the document gives a valid one."""
    other_id: str | None
    """Any other identifier, as ``scheme:value``."""


class TradeLine(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One line of an order, despatch, receipt, invoice or credit note."""

    line_no: str
    item_id: str | None
    """GTIN or seller's item number, as ``scheme:value``."""
    item_name: str | None
    quantity_e6: int
    unit: str | None
    """UN/ECE Recommendation 20 code."""
    unit_price_e6: int | None
    net_minor: int | None
    tax_rate_e9: int | None
    rejected_quantity_e6: int | None
    """What a receipt turned away; None on other documents."""
    order_line_no: str | None


class ContractStatement(Statement, frozen=True):
    """A sales contract: schema ``contract``."""

    number: str
    signed_day: int
    buyer: TradeParty
    seller: TradeParty
    currency: str
    amount_minor: int
    payment_term_days: int
    accepts_certificates: bool
    """The clause by which the seller may be paid by a certificate (SC-R4)."""
    subject_matter: str


class OrderStatement(Statement, frozen=True):
    """A purchase order: schema ``order``."""

    number: str
    issue_day: int
    buyer: TradeParty
    seller: TradeParty
    currency: str | None
    contract_number: str | None
    lines: tuple[TradeLine, ...]
    net_minor: int | None


class DespatchStatement(Statement, frozen=True):
    """A despatch advice: schema ``despatch``."""

    number: str
    issue_day: int
    despatch_day: int | None
    buyer: TradeParty
    seller: TradeParty
    order_number: str | None
    vehicle: str | None
    handling_units: tuple[str, ...]
    """SSCCs."""
    lines: tuple[TradeLine, ...]


class GoodsReceiptStatement(Statement, frozen=True):
    """A receipt advice: schema ``goods_receipt``."""

    number: str
    issue_day: int
    receipt_day: int | None
    buyer: TradeParty
    seller: TradeParty
    order_number: str | None
    despatch_number: str | None
    lines: tuple[TradeLine, ...]


class InvoiceStatement(Statement, frozen=True):
    """An invoice: schema ``invoice``."""

    number: str
    type_code: str
    """UNTDID 1001: 380 commercial invoice."""
    issue_day: int
    due_day: int | None
    seller: TradeParty
    buyer: TradeParty
    payee: TradeParty | None
    currency: str
    contract_number: str | None
    order_number: str | None
    despatch_number: str | None
    receipt_number: str | None
    lines: tuple[TradeLine, ...]
    lines_net_minor: int
    """Sum of the lines as the document gives it."""
    allowances_minor: int
    charges_minor: int
    net_minor: int
    tax_minor: int
    gross_minor: int
    prepaid_minor: int
    rounding_minor: int
    """May be negative."""
    payable_minor: int


class CreditNoteStatement(Statement, frozen=True):
    """A credit note (红字): schema ``credit_note``."""

    number: str
    issue_day: int
    seller: TradeParty
    buyer: TradeParty
    currency: str
    invoice_numbers: tuple[str, ...]
    lines: tuple[TradeLine, ...]
    net_minor: int
    tax_minor: int
    gross_minor: int


class GoodsQuantity(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A quantity of a class of goods."""

    item_id: str
    quantity_e6: int
    unit: str | None


class GoodsEvent(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One event that happened to goods."""

    event_type: str
    """``ObjectEvent``, ``AggregationEvent``, ``TransactionEvent`` …"""
    event_hash: str
    """CBV 2.0 hash id, ``ni:///sha-256;…?ver=CBV2.0``."""
    event_time_ms: int
    action: str | None
    business_step: str | None
    disposition: str | None
    read_point: str | None
    business_location: str | None
    objects: tuple[str, ...]
    quantities: tuple[GoodsQuantity, ...]
    business_transactions: tuple[tuple[str, str], ...]
    """(type, id), for example ("po", "PO-1")."""
    sources: tuple[tuple[str, str], ...]
    destinations: tuple[tuple[str, str], ...]
    sensor_readings: int
    """How many sensor reports the event carries."""


class GoodsEventStatement(Statement, frozen=True):
    """A file of goods events: schema ``goods_event``."""

    created_at_ms: int | None
    events: tuple[GoodsEvent, ...]


class BookedEntry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One entry of an account at a bank."""

    servicer_reference: str | None
    """AcctSvcrRef: without it an entry may inform and match, never discharge."""
    end_to_end_id: str | None
    uetr: str | None
    amount_minor: int
    currency: str
    is_credit: bool
    is_reversal: bool
    is_return: bool
    """It carries return information (RtrInf): never discharges."""
    status: str
    """``BOOK``, ``PDNG``, ``INFO`` …"""
    booking_day: int | None
    value_day: int | None
    debtor: TradeParty | None
    debtor_account: str | None
    creditor: TradeParty | None
    creditor_account: str | None
    remittance_text: str | None
    document_numbers: tuple[str, ...]
    """Structured references to invoices, orders or contracts."""


class BankEntryStatement(Statement, frozen=True):
    """A bank's report of booked entries on one account: schema ``bank_entry``."""

    message_type: str
    """``camt.053.001.08`` …"""
    message_id: str
    created_at_ms: int | None
    servicer: TradeParty | None
    account: str
    account_owner: TradeParty | None
    entries: tuple[BookedEntry, ...]
    opening_balance_minor: int | None
    closing_balance_minor: int | None


class PromiseStatement(Statement, frozen=True):
    """An obligor's promise to pay a certificate: schema ``promise``."""

    number: str
    issue_day: int
    obligor: TradeParty
    creditor: TradeParty
    currency: str
    face_minor: int
    due_day: int
    invoice_numbers: tuple[str, ...]


SCHEMAS: Final[dict[str, type[Statement]]] = {
    "contract": ContractStatement,
    "order": OrderStatement,
    "despatch": DespatchStatement,
    "goods_receipt": GoodsReceiptStatement,
    "invoice": InvoiceStatement,
    "credit_note": CreditNoteStatement,
    "goods_event": GoodsEventStatement,
    "bank_entry": BankEntryStatement,
    "promise": PromiseStatement,
}
"""Schema name → statement type, at ``STATEMENT_VERSION``."""


def schema_of(statement: Statement) -> str:
    """Return the schema name of a statement."""
    for name, statement_type in SCHEMAS.items():
        if type(statement) is statement_type:
            return name
    raise TypeError(type(statement).__name__)


def fields_of(statement: Statement) -> dict[str, object]:
    """Return the plain fields of a statement, from which its field tree is built."""
    fields: dict[str, object] = msgspec.to_builtins(statement)
    return fields
