"""What would corroborate a flow that is not: read off the table of grades, in two languages.

Rules this file keeps:
 1. Whatever is named here earns the grade by ``grades.py``; a test compares the two.
"""

from collections.abc import Mapping
from typing import Final, NamedTuple

from xinlian.modules.evidence.types import Flow


class Cure(NamedTuple):
    """What would cure something, for people."""

    english: str
    chinese: str


CURES: Final[Mapping[Flow, Cure]] = {
    Flow.MONEY: Cure(
        "a bank_entry signed by a bank that is related to neither side",
        "由与双方均无关联的银行签署 bank_entry(银行流水)",
    ),
    Flow.INFORMATION: Cure(
        "the invoice accepted by the debtor, or contract and order signed by both sides,"
        " which are not related",
        "由付款方确认 invoice(发票), 或由无关联的双方共同签署 contract(合同) 和 order(订单)",
    ),
    Flow.GOODS: Cure(
        "a goods_receipt or goods_event signed by the debtor, who is not related to the creditor",
        "由与收款方无关联的付款方签署 goods_receipt(收货单) 或 goods_event(货物事件)",
    ),
}
"""Flow → what corroborates it."""
AGREE: Final = Cure(
    "one of the verifiers checks the documents again and gives a new verdict, or a verdict expires",
    "由一方重新核验单据并提交新的核验结论, 或等待核验结论到期",
)
"""What ends a contradiction."""
SPEAK_AGAIN: Final = Cure(
    "the owner of the device clears its alert, or records its readings again; or the buyer or a"
    " financier that is asked ends the watch of a device that is broken",
    "由设备所有方解除报警或恢复上报读数; 设备损坏时由付款方或被申请的融资方终止监测",
)
"""What ends a warning of a device."""
