"""What a watch says: the typology, the facts it rests on, and words for people."""

import dataclasses
import enum


class Typology(enum.Enum):
    """A way to obtain finance by deceit.

    Source: docs/concepts/fraud.md, where each is described with its known cases.
    """

    DUPLICATE = "duplicate"
    CIRCULAR_TRADE = "circular_trade"
    RELATED_PARTIES = "related_parties"
    OVER_FINANCING = "over_financing"
    ROUND_TRIP_MONEY = "round_trip_money"
    SPLITTING = "splitting"
    PHANTOM_GOODS = "phantom_goods"
    FALSE_CONFIRMATION = "false_confirmation"

    @property
    def title_en(self) -> str:
        """What was seen, in English."""
        return _TITLES[self][0]

    @property
    def title_zh(self) -> str:
        """What was seen, in Chinese."""
        return _TITLES[self][1]


_TITLES: dict[Typology, tuple[str, str]] = {
    Typology.DUPLICATE: (
        "the invoice, or its goods, are those of an earlier one",
        "该发票或其货物与先前发票重复",
    ),
    Typology.CIRCULAR_TRADE: (
        "goods were sold round in a circle at nearly the same value",
        "货物以相近金额循环买卖（空转）",
    ),
    Typology.RELATED_PARTIES: (
        "seller and buyer are under one control, or depend on each other",
        "买卖双方存在关联或高度依赖",
    ),
    Typology.OVER_FINANCING: (
        "more was advanced than goods were received for",
        "融资总额超过已核实收货价值",
    ),
    Typology.ROUND_TRIP_MONEY: (
        "the buyer's payment came back to the buyer",
        "货款回流至付款方",
    ),
    Typology.SPLITTING: (
        "invoices gather just below the amount from which they are examined",
        "多张发票集中在审查门槛之下",
    ),
    Typology.PHANTOM_GOODS: (
        "the goods are pledged elsewhere, or were never taken in",
        "货物已在他处质押或从未入库",
    ),
    Typology.FALSE_CONFIRMATION: (
        "the term changed suddenly and the debtor's key confirmed nothing",
        "账期突变且无债务人密钥确认",
    ),
}


@dataclasses.dataclass(frozen=True, slots=True)
class Alert:
    """A warning about a request for finance."""

    typology: Typology
    ask: str
    day: int
    evidence: tuple[str, ...]
    """The facts that it rests on, in the order in which they became known."""
