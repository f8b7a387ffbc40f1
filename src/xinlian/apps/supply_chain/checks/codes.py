"""Every check of the three flows by its stable code: how grave, which flow, what cures it.

Rules this file keeps:
 1. A code is the name that a verdict puts on the ledger; it never changes its meaning.
 2. The gravity of a code is here and nowhere else; a check only says what it found.
 3. ``block``: do not finance.  ``hold``: not until it is cured.  ``review``: a person looks; the
    verdict holds until then.  ``note``: told to the reader, changes no verdict.
 4. Each code is explained, with its cure, in Chinese and English.

Source: docs/concepts/three-flows.md; what is marked [ours] is this project's own decision.
"""

import dataclasses
import enum
from collections.abc import Sequence
from typing import Final

from xinlian.apps.supply_chain.checks.report import CheckFailure, Severity
from xinlian.modules.evidence.types import Flow

FOUND_CHARS_MAX: Final = 400
_BLOCK: Final = Severity.BLOCK
_HOLD: Final = Severity.HOLD
_REVIEW: Final = Severity.REVIEW
_NOTE: Final = Severity.NOTE


@dataclasses.dataclass(frozen=True, slots=True)
class Text:
    """What a person reads, in both languages of the product."""

    zh: str
    en: str


class Check(enum.Enum):
    """A check: (code, severity, flow, what is wrong, what cures it)."""

    # Which documents there are, and how they hang together
    CONTRACT_MISSING = (
        "contract.missing", _HOLD, Flow.INFORMATION,
        Text("缺少合同", "no contract is given"),
        Text("补交双方签署的合同", "add the contract signed by both sides"),
    )  # fmt: skip
    ORDER_MISSING = (
        "order.missing", _HOLD, Flow.INFORMATION,
        Text("缺少订单", "no order is given"),
        Text("补交合同项下的订单", "add the order under the contract"),
    )  # fmt: skip
    INVOICE_MISSING = (
        "invoice.missing", _HOLD, Flow.INFORMATION,
        Text("缺少发票", "no invoice is given"),
        Text("补交卖方开具的发票", "add the invoice of the seller"),
    )  # fmt: skip
    DESPATCH_MISSING = (
        "despatch.missing", _HOLD, Flow.GOODS,
        Text("缺少发货通知", "no despatch advice is given"),
        Text("补交卖方的发货通知", "add the despatch advice of the seller"),
    )  # fmt: skip
    RECEIPT_MISSING = (
        "goods_receipt.missing", _HOLD, Flow.GOODS,
        Text("缺少收货通知", "no receipt advice is given"),
        Text("由买方签署收货通知", "have the buyer sign a receipt advice"),
    )  # fmt: skip
    BANK_ENTRY_MISSING = (
        "bank_entry.missing", _HOLD, Flow.MONEY,
        Text("缺少银行入账凭证", "no bank entry is given"),
        Text("由清算银行签署本交易的入账通知", "have the bank sign a booking of this trade"),
    )  # fmt: skip
    LINK_ORDER = (
        "link.order", _HOLD, Flow.INFORMATION,
        Text("订单未引用该合同", "the order does not name the contract"),
        Text("补交引用合同编号的订单或变更单", "add an order that names the contract"),
    )  # fmt: skip
    LINK_DESPATCH = (
        "link.despatch", _HOLD, Flow.GOODS,
        Text("发货通知未引用该订单", "the despatch advice does not name the order"),
        Text("补交引用订单编号的发货通知", "add a despatch advice that names the order"),
    )  # fmt: skip
    LINK_RECEIPT = (
        "link.receipt", _HOLD, Flow.GOODS,
        Text("收货通知未引用该发货通知", "the receipt advice does not name the despatch advice"),
        Text("补交引用发货编号的收货通知", "add a receipt advice that names the despatch"),
    )  # fmt: skip
    LINK_INVOICE = (
        "link.invoice", _HOLD, Flow.INFORMATION,
        Text("发票引用的单据不在本案卷内", "the invoice names no document of the file, or another"),
        Text("补交发票引用的单据，或重开发票", "add what the invoice names, or invoice anew"),
    )  # fmt: skip

    # Who and in what currency
    BUYER_DIFFERS = (
        "party.buyer_differs", _BLOCK, Flow.INFORMATION,
        Text("单据的买方不是账本上的债务人", "the document's buyer is not the obligor"),
        Text("核对债务人；此单据不属于本交易", "it belongs to another trade: leave it out"),
    )  # fmt: skip
    SELLER_DIFFERS = (
        "party.seller_differs", _BLOCK, Flow.INFORMATION,
        Text("单据的卖方不是账本上的债权人", "the document's seller is not the creditor"),
        Text("核对债权人；此单据不属于本交易", "it belongs to another trade: leave it out"),
    )  # fmt: skip
    PARTY_UNIDENTIFIED = (
        "party.unidentified", _HOLD, Flow.INFORMATION,
        Text("单据未载明统一社会信用代码", "the document gives no unified social credit code"),
        Text("补交载明统一社会信用代码的单据", "add a document that gives the code"),
    )  # fmt: skip
    OTHER_PAYEE = (
        "invoice.other_payee", _HOLD, Flow.INFORMATION,
        Text("发票指定他人收款，债权可能已转让", "another is to be paid: it may be assigned"),
        Text("由收款人与卖方书面说明", "have the payee and the seller explain it"),
    )  # fmt: skip
    CURRENCY_DIFFERS = (
        "currency.differs", _BLOCK, Flow.INFORMATION,
        Text("币种不一致", "the currencies differ"),
        Text("以同一币种重开单据", "issue the documents in one currency"),
    )  # fmt: skip

    # The invoice and what it may claim
    SUM_LINES = (
        "invoice.sum_lines", _BLOCK, Flow.INFORMATION,
        Text("发票行金额之和不等于合计", "the lines do not add up to their total"),
        Text("重开发票", "issue the invoice anew"),
    )  # fmt: skip
    SUM_NET = (
        "invoice.sum_net", _BLOCK, Flow.INFORMATION,
        Text("行合计减折让加附加费不等于不含税金额", "lines − allowances + charges is not the net"),
        Text("重开发票", "issue the invoice anew"),
    )  # fmt: skip
    SUM_GROSS = (
        "invoice.sum_gross", _BLOCK, Flow.INFORMATION,
        Text("不含税金额加税额不等于价税合计", "net + tax is not the gross"),
        Text("重开发票", "issue the invoice anew"),
    )  # fmt: skip
    SUM_PAYABLE = (
        "invoice.sum_payable", _BLOCK, Flow.INFORMATION,
        Text("价税合计减预付款不等于应付金额", "gross − prepaid + rounding is not the payable"),
        Text("重开发票", "issue the invoice anew"),
    )  # fmt: skip
    LINE_AMOUNT = (
        "invoice.line_amount", _HOLD, Flow.INFORMATION,
        Text("数量乘单价不等于行金额", "quantity × price is not the line's amount"),
        Text("由卖方说明行折扣，或重开发票", "have the seller explain it, or invoice anew"),
    )  # fmt: skip
    TAX_RATE = (
        "tax.rate", _BLOCK, Flow.INFORMATION,
        Text("税率不是法定税率", "the tax rate is none of the jurisdiction's"),
        Text("重开发票", "issue the invoice anew"),
    )  # fmt: skip
    TAX_AMOUNT = (
        "tax.amount", _BLOCK, Flow.INFORMATION,
        Text("税额不等于金额乘税率", "the tax is not net × rate"),
        Text("重开发票", "issue the invoice anew"),
    )  # fmt: skip
    TAX_UNKNOWN = (
        "tax.unknown", _HOLD, Flow.INFORMATION,
        Text("无法核算税额:缺税率，或多税率有折让", "the tax cannot be recomputed"),
        Text("补交载明各行税率的发票", "add an invoice that gives each line's rate"),
    )  # fmt: skip
    CONTRACT_EXCEEDED = (
        "contract.exceeded", _BLOCK, Flow.INFORMATION,
        Text("发票超过合同未开票余额", "the invoice exceeds the contract's open amount"),
        Text("补交合同变更", "add the amendment of the contract"),
    )  # fmt: skip
    NO_CERTIFICATES = (
        "contract.no_certificates", _BLOCK, Flow.INFORMATION,
        Text("合同未约定可用凭证付款", "the contract does not agree to payment by certificate"),
        Text("双方另行明确约定后再办理", "only after both sides clearly agree to it"),
    )  # fmt: skip
    PRICE_DIFFERS = (
        "price.differs", _BLOCK, Flow.INFORMATION,
        Text("发票单价与订单不符", "the invoiced price is not the ordered one"),
        Text("补交变更后的订单，或重开发票", "add the changed order, or invoice anew"),
    )  # fmt: skip
    PRICE_UNKNOWN = (
        "price.unknown", _HOLD, Flow.INFORMATION,
        Text("货物未订购或没有单价", "an item was not ordered, or has no price"),
        Text("补交载明该货物单价的订单", "add an order that prices the item"),
    )  # fmt: skip
    PRICE_MEDIAN = (
        "price.off_median", _REVIEW, Flow.INFORMATION,
        Text("单价偏离近 90 日同类货物中位价", "the price is far from the item's 90-day median"),
        Text("由业务人员核实价格依据", "a person checks what the price rests on"),
    )  # fmt: skip
    CREDITED = (
        "invoice.credited", _HOLD, Flow.INFORMATION,
        Text("发票已被红字冲减", "a credit note lowers the invoice"),
        Text("仅就冲减后余额办理", "finance only what is left of it"),
    )  # fmt: skip

    REGISTERED_DIFFERS = (
        "invoice.registered_differs", _BLOCK, Flow.INFORMATION,
        Text("账本登记的金额或币种与发票不符", "the ledger's amount is not the invoice's"),
        Text("按发票金额重新登记", "register the invoice with its own amount"),
    )  # fmt: skip
    PREPAYMENT_HIDDEN = (
        "invoice.prepayment_hidden", _BLOCK, Flow.MONEY,
        Text("登记时未扣除已付预付款", "a prepayment was left out when it was registered"),
        Text("按发票所载预付款重新登记", "register the invoice with its prepayment"),
    )  # fmt: skip

    # Goods
    RECEIVED_SHORT = (
        "goods.received_short", _HOLD, Flow.GOODS,
        Text("收货少于发货", "less was received than shipped"),
        Text(
            "补交短少部分的收货通知，或仅就已收部分开票融资",
            "add the receipt of the rest, or finance the received part only",
        ),
    )  # fmt: skip
    RECEIVED_MORE = (
        "goods.received_more", _HOLD, Flow.GOODS,
        Text("收货多于发货", "more was received than shipped"),
        Text("补交缺少的发货通知，或更正收货", "add the other despatch, or correct the receipt"),
    )  # fmt: skip
    INVOICED_MORE = (
        "goods.invoiced_more", _HOLD, Flow.GOODS,
        Text("开票数量超过累计实收数量", "more is invoiced than was received and kept"),
        Text("补交其余收货通知，或红字冲减", "add the receipt of the rest, or a credit note"),
    )  # fmt: skip
    UNIT_DIFFERS = (
        "goods.unit_differs", _HOLD, Flow.GOODS,
        Text("同一货物的计量单位不一致", "one item is counted in two units"),
        Text("以同一计量单位重出单据", "issue the documents in one unit"),
    )  # fmt: skip
    ITEM_UNIDENTIFIED = (
        "goods.item_unidentified", _HOLD, Flow.GOODS,
        Text("单据行没有货物标识", "a line does not say which item it is"),
        Text("补交载明 GTIN 或货号的单据", "add a document that gives the GTIN or item number"),
    )  # fmt: skip
    EVENT_NOT_RECEIVING = (
        "goods.event_not_receiving", _HOLD, Flow.GOODS,
        Text("物流事件中没有收货", "none of the goods events is a receiving"),
        Text("补交收货扫描事件", "add the event of receiving"),
    )  # fmt: skip
    EVENT_DIFFERS = (
        "goods.event_differs", _HOLD, Flow.GOODS,
        Text("收货事件与收货通知的货物或数量不符", "the receiving event differs from the receipt"),
        Text("盘点后更正其中一份", "count again and correct one of them"),
    )  # fmt: skip
    EVENT_UNLINKED = (
        "goods.event_unlinked", _HOLD, Flow.GOODS,
        Text("收货事件未引用订单或发货通知", "the receiving event names no order or despatch"),
        Text("补交引用单据编号的收货事件", "add an event that names the order or despatch"),
    )  # fmt: skip
    EVENT_DISPOSITION = (
        "goods.event_disposition", _HOLD, Flow.GOODS,
        Text("收货事件载明短少或残损", "the receiving event says short or damaged"),
        Text("由买方出具最终收货结论", "have the buyer state what it keeps"),
    )  # fmt: skip
    HANDLING_UNIT_TWICE = (
        "transit.handling_unit_twice", _BLOCK, Flow.GOODS,
        Text("同一物流单元出现在两份发货通知中", "one handling unit is in two despatch advices"),
        Text("更正其中一份发货通知", "have the seller correct one of them"),
    )  # fmt: skip
    VEHICLE_TWICE = (
        "transit.vehicle_twice", _BLOCK, Flow.GOODS,
        Text("同一车辆同时在两程运输中", "one vehicle is on two trips at once"),
        Text("由承运人出具实际运输记录", "add the carrier's own record of the trips"),
    )  # fmt: skip
    VEHICLE_OVERLOADED = (
        "transit.vehicle_overloaded", _BLOCK, Flow.GOODS,
        Text("一车载重超过道路车辆限值", "one vehicle carries more than a road vehicle may weigh"),
        Text("按车次分别出具发货通知", "issue one despatch advice for each trip"),
    )  # fmt: skip

    # Money
    PAYER_DIFFERS = (
        "money.payer_differs", _BLOCK, Flow.MONEY,
        Text("付款人不是债务人", "the payer is not the obligor"),
        Text("补交债务人自有账户的付款", "add a payment from the obligor's own account"),
    )  # fmt: skip
    PAYEE_DIFFERS = (
        "money.payee_differs", _BLOCK, Flow.MONEY,
        Text("收款人不是债权人", "the payee is not the creditor"),
        Text("补交债权人自有账户的收款", "add a payment to the creditor's own account"),
    )  # fmt: skip
    MONEY_UNIDENTIFIED = (
        "money.unidentified", _HOLD, Flow.MONEY,
        Text("入账凭证未载明付款人或收款人", "the entry does not say who paid or who was paid"),
        Text("补交载明双方账户的入账凭证", "add an entry that gives both accounts"),
    )  # fmt: skip
    NOT_BOOKED = (
        "money.not_booked", _HOLD, Flow.MONEY,
        Text("款项尚未入账", "the payment is not booked"),
        Text("入账后补交银行通知", "add the bank's report once it is booked"),
    )  # fmt: skip
    RETURNED = (
        "money.returned", _HOLD, Flow.MONEY,
        Text("款项已被退回或冲正", "the payment was returned or reversed"),
        Text("补交重新付款的入账凭证", "add the entry of the new payment"),
    )  # fmt: skip
    MONEY_UNLINKED = (
        "money.unlinked", _HOLD, Flow.MONEY,
        Text("款项未注明合同、订单或发票", "no entry names the contract, order or invoice"),
        Text("补交注明单据编号的入账凭证", "add an entry that names one of them"),
    )  # fmt: skip
    MONEY_AMOUNT = (
        "money.amount_differs", _HOLD, Flow.MONEY,
        Text("入账金额与发票所载预付款不符", "the booked amount is not what the invoice states"),
        Text("补交其余入账凭证，或更正发票", "add the other entries, or correct the invoice"),
    )  # fmt: skip

    # Time
    DATE_ORDER = (
        "date.order", _REVIEW, Flow.INFORMATION,
        Text("日期先后不合常理", "the dates are out of order"),
        Text("由业务人员核实日期", "a person checks the dates"),
    )  # fmt: skip
    INVOICE_WINDOW = (
        "date.invoice_window", _REVIEW, Flow.INFORMATION,
        Text("开票日期偏离交货期", "the invoice is dated far from the delivery"),
        Text("由业务人员核实日期", "a person checks the dates"),
    )  # fmt: skip
    TERM_STRETCHED = (
        "term.stretched", _HOLD, Flow.INFORMATION,
        Text("到期日超过合同约定的付款期限", "the due date is beyond the contract's term"),
        Text("按合同期限确定到期日", "make it due within the contract's term"),
    )  # fmt: skip
    TERM_LONG = (
        "term.long", _REVIEW, Flow.INFORMATION,
        Text("合同付款期限过长", "the contract's payment term is long"),
        Text("由业务人员审查期限合理性", "a person judges whether the term is reasonable"),
    )  # fmt: skip
    TERM_AGREED = (
        "term.agreed_beyond_60_days", _NOTE, Flow.INFORMATION,
        Text(
            "付款期限经约定超过 60 日，应合行业惯例",
            "the agreed term is beyond 60 days: it must be customary in the trade",
        ),
        Text("提示，不影响结论", "for information"),
    )  # fmt: skip

    # The same invoice again
    COPY_EXACT = (
        "copy.exact", _BLOCK, Flow.INFORMATION,
        Text("同一发票已以另一文件出现过", "the same invoice was seen before as another document"),
        Text("使用先前登记的发票", "use the invoice that was registered first"),
    )  # fmt: skip
    COPY_NEAR = (
        "copy.near", _HOLD, Flow.INFORMATION,
        Text("与先前的发票高度相似", "it is nearly the same as an earlier invoice"),
        Text("由卖方说明两张发票的不同货物", "have the seller show that the goods differ"),
    )  # fmt: skip

    def __init__(self, code: str, severity: Severity, flow: Flow, what: Text, cure: Text) -> None:
        self.code = code
        self.severity = severity
        self.flow = flow
        self.what = what
        self.cure = cure

    def failed(self, roots: Sequence[bytes], found: str) -> CheckFailure:
        """Return the failure of this check; ``found`` gives the figures, in English."""
        return CheckFailure(
            code=self.code,
            severity=self.severity,
            flow=self.flow,
            document_roots=tuple(sorted(roots)),
            what_zh=self.what.zh,
            what_en=self.what.en,
            found=found[:FOUND_CHARS_MAX],
            cure_zh=self.cure.zh,
            cure_en=self.cure.en,
        )
