"""Trades whose three flows agree, to start from: fixed ones and generated ones."""

import dataclasses
import hashlib
from typing import Any

import msgspec
from hypothesis import strategies as st

from xinlian.apps.supply_chain.checks import LedgerParties, OpenedDocument, Purpose, TradeFile
from xinlian.modules.evidence.statements import (
    BankEntryStatement,
    BookedEntry,
    ContractStatement,
    DespatchStatement,
    GoodsEvent,
    GoodsEventStatement,
    GoodsQuantity,
    GoodsReceiptStatement,
    InvoiceStatement,
    OrderStatement,
    Statement,
    TradeLine,
    TradeParty,
)
from xinlian.primitives import RATE_SCALE, half_up_div
from xinlian.primitives.time import china_midnight_ms, day_of_iso
from xinlian.testing.consortium import account_number, demo_uscc

BUYER = TradeParty("演示核心企业", demo_uscc(1), None)
SELLER = TradeParty("演示一级供应商", demo_uscc(4), None)
STRANGER = TradeParty("演示二级供应商", demo_uscc(5), None)
PARTIES = LedgerParties(
    demo_uscc(1), demo_uscc(4), (account_number("core"),), (account_number("supplier1"),)
)
UNIT = 1_000_000
PERCENT_E9 = 10_000_000
GTINS = ("06901234567892", "06901234567908", "06901234567915", "06901234567922", "06901234567939")
SIGNED = day_of_iso("2026-09-01")


def root_of(label: str) -> bytes:
    return hashlib.sha256(label.encode()).digest()


def source(name: str) -> dict[str, str]:
    return {"source_format": "test", "source_hash": hashlib.sha256(name.encode()).hexdigest()}


@dataclasses.dataclass(frozen=True)
class Trade:
    """The documents of one trade; ``but`` changes one of them."""

    contract: ContractStatement
    order: OrderStatement
    despatch: DespatchStatement
    receipt: GoodsReceiptStatement
    invoice: InvoiceStatement
    event: GoodsEventStatement
    bank: BankEntryStatement
    more: tuple[tuple[str, Statement], ...] = ()
    earlier: tuple[tuple[str, Statement], ...] = ()
    without: tuple[str, ...] = ()

    def but(self, name: str, **changes: Any) -> "Trade":
        """Return the trade with fields of one document changed."""
        changed = msgspec.structs.replace(getattr(self, name), **changes)
        return dataclasses.replace(self, **{name: changed})

    def but_line(self, name: str, **changes: Any) -> "Trade":
        """Return the trade with the first line of one document changed."""
        first, *rest = getattr(self, name).lines
        return self.but(name, lines=(msgspec.structs.replace(first, **changes), *rest))

    def but_entry(self, **changes: Any) -> "Trade":
        """Return the trade with the bank's entry changed."""
        entry = msgspec.structs.replace(self.bank.entries[0], **changes)
        return self.but("bank", entries=(entry,))

    def but_event(self, **changes: Any) -> "Trade":
        """Return the trade with the receiving event changed."""
        event = msgspec.structs.replace(self.event.events[0], **changes)
        return self.but("event", events=(event,))

    def lacking(self, *names: str) -> "Trade":
        """Return the trade without some documents."""
        return dataclasses.replace(self, without=(*self.without, *names))

    def adding(self, label: str, statement: Statement) -> "Trade":
        """Return the trade with one more document."""
        return dataclasses.replace(self, more=(*self.more, (label, statement)))

    def after(self, label: str, statement: Statement) -> "Trade":
        """Return the trade with an earlier invoice in the checker's store."""
        return dataclasses.replace(self, earlier=(*self.earlier, (label, statement)))

    def documents(self) -> list[OpenedDocument]:
        names = ("contract", "order", "despatch", "receipt", "invoice", "event", "bank")
        own = [(name, getattr(self, name)) for name in names if name not in self.without]
        return [OpenedDocument(root_of(label), says) for label, says in (*own, *self.more)]

    def file(self, **changes: Any) -> TradeFile:
        fields: dict[str, Any] = {
            "parties": PARTIES,
            "documents": tuple(self.documents()),
            "earlier_invoices": tuple(
                OpenedDocument(root_of(label), says) for label, says in self.earlier
            ),
            "purpose": Purpose.FINANCE,
        }
        return TradeFile(**{**fields, **changes})


@dataclasses.dataclass(frozen=True)
class Item:
    """One item of a generated trade: counted goods at a price in whole fen."""

    gtin: str
    count: int
    price_minor: int
    percent: int
    unit: str = "EA"

    @property
    def net_minor(self) -> int:
        return self.count * self.price_minor

    def line(self, number: int, **fields: Any) -> TradeLine:
        values: dict[str, Any] = {
            "line_no": str(number),
            "item_id": f"gtin:{self.gtin}",
            "item_name": f"货物{number}",
            "quantity_e6": self.count * UNIT,
            "unit": self.unit,
            "unit_price_e6": None,
            "net_minor": None,
            "tax_rate_e9": None,
            "rejected_quantity_e6": None,
            "order_line_no": str(number),
        }
        return TradeLine(**{**values, **fields})


def trade_of(items: list[Item], *, prepaid_share: int = 8, headroom_minor: int = 0) -> Trade:
    """Return an agreeing trade of some items; 1/prepaid_share of the gross was prepaid."""
    net = sum(item.net_minor for item in items)
    tax = half_up_div(sum(i.net_minor * i.percent * PERCENT_E9 for i in items), RATE_SCALE)
    gross = net + tax
    prepaid = gross // prepaid_share if prepaid_share else 0
    plain = tuple(item.line(n) for n, item in enumerate(items, 1))
    priced = tuple(
        item.line(
            n,
            unit_price_e6=item.price_minor * 10_000,
            net_minor=item.net_minor,
            tax_rate_e9=item.percent * PERCENT_E9,
        )
        for n, item in enumerate(items, 1)
    )
    return Trade(
        contract=ContractStatement(
            **source("contract"), number="HT-2026-001", signed_day=SIGNED, buyer=BUYER,
            seller=SELLER, currency="CNY", amount_minor=gross + headroom_minor,
            payment_term_days=60, accepts_certificates=True, subject_matter="电机配件",
        ),
        order=OrderStatement(
            **source("order"), number="PO-2026-001", issue_day=SIGNED + 3, buyer=BUYER,
            seller=SELLER, currency="CNY", contract_number="HT-2026-001", lines=priced,
            net_minor=net,
        ),
        despatch=DespatchStatement(
            **source("despatch"), number="FH-2026-001", issue_day=SIGNED + 10,
            despatch_day=SIGNED + 10, buyer=BUYER, seller=SELLER, order_number="PO-2026-001",
            vehicle="演A00001", handling_units=(), lines=plain,
        ),
        receipt=GoodsReceiptStatement(
            **source("receipt"), number="SH-2026-001", issue_day=SIGNED + 12,
            receipt_day=SIGNED + 12, buyer=BUYER, seller=SELLER, order_number="PO-2026-001",
            despatch_number="FH-2026-001", lines=plain,
        ),
        invoice=InvoiceStatement(
            **source("invoice"), number="26991000000000000001", type_code="380",
            issue_day=SIGNED + 13, due_day=SIGNED + 60, seller=SELLER, buyer=BUYER, payee=None,
            currency="CNY", contract_number="HT-2026-001", order_number="PO-2026-001",
            despatch_number="FH-2026-001", receipt_number="SH-2026-001", lines=priced,
            lines_net_minor=net, allowances_minor=0, charges_minor=0, net_minor=net,
            tax_minor=tax, gross_minor=gross, prepaid_minor=prepaid, rounding_minor=0,
            payable_minor=gross - prepaid,
        ),
        event=GoodsEventStatement(
            **source("event"), created_at_ms=None, events=(receiving_event(items),)
        ),
        bank=BankEntryStatement(
            **source("bank"), message_type="camt.054.001.08", message_id="MSG-1",
            created_at_ms=None, servicer=None, account=account_number("core"),
            account_owner=BUYER, entries=(booked_entry(prepaid or gross // 4),),
            opening_balance_minor=None, closing_balance_minor=None,
        ),
    )  # fmt: skip


def receiving_event(items: list[Item]) -> GoodsEvent:
    return GoodsEvent(
        event_type="ObjectEvent",
        event_hash="ni:///sha-256;00?ver=CBV2.0",
        event_time_ms=china_midnight_ms(SIGNED + 12),
        action="OBSERVE",
        business_step="receiving",
        disposition="in_progress",
        read_point=None,
        business_location=None,
        objects=("urn:epc:id:sscc:690123456.10000001",),
        quantities=tuple(
            GoodsQuantity(f"https://id.gs1.org/01/{item.gtin}/10/L1", item.count * UNIT, None)
            for item in items
        ),
        business_transactions=(("po", "PO-2026-001"), ("desadv", "FH-2026-001")),
        sources=(),
        destinations=(),
        sensor_readings=0,
    )


def booked_entry(amount_minor: int) -> BookedEntry:
    return BookedEntry(
        servicer_reference="REF-1",
        end_to_end_id="E2E-1",
        uetr=None,
        amount_minor=amount_minor,
        currency="CNY",
        is_credit=False,
        is_reversal=False,
        is_return=False,
        status="BOOK",
        booking_day=SIGNED + 5,
        value_day=SIGNED + 5,
        debtor=BUYER,
        debtor_account=account_number("core"),
        creditor=SELLER,
        creditor_account=account_number("supplier1"),
        remittance_text="合同 HT-2026-001 预付款",
        document_numbers=(),
    )


CLEAN = trade_of([Item(GTINS[0], 400, 1_500_00, 13), Item(GTINS[1], 1_000, 400_00, 13)])


@st.composite
def items(draw: st.DrawFn) -> list[Item]:
    """Goods of a trade: 1 to 5 items, whole counts, prices in fen, legal rates."""
    gtins = draw(st.permutations(GTINS))[: draw(st.integers(1, 5))]
    return [
        Item(
            gtin,
            draw(st.integers(2, 5_000)),
            draw(st.integers(10_00, 20_000_00)),
            draw(st.sampled_from((0, 1, 3, 6, 9, 13))),
        )
        for gtin in gtins
    ]


@st.composite
def clean_trades(draw: st.DrawFn) -> Trade:
    """Trades whose three flows agree."""
    return trade_of(
        draw(items()),
        prepaid_share=draw(st.sampled_from((0, 2, 8, 10))),
        headroom_minor=draw(st.integers(0, 10**9)),
    )
