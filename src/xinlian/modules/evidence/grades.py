"""The grade of a fact: kind × signers.

Grades [this project's own decision, from who vouches for what]:

=============  ===========  ==============================================================
kind           flow         grade
=============  ===========  ==============================================================
contract       information  B signed by both sides, C by one
order          information  B signed by both sides, C by one
invoice        information  A accepted by the debtor (against its interest), C by the creditor
despatch       goods        B by the creditor (the shipper), C otherwise
goods_receipt  goods        A by the debtor (the buyer, against its interest), C otherwise
goods_event    goods        A by the debtor (the buyer, against its interest), C otherwise
bank_entry     money        A by an unrelated party that keeps the books (the bank)
=============  ===========  ==============================================================
"""

from typing import Final

from xinlian.modules.evidence.types import FactKind, Flow, Grade

FLOWS: Final = {
    FactKind.CONTRACT: Flow.INFORMATION,
    FactKind.ORDER: Flow.INFORMATION,
    FactKind.INVOICE: Flow.INFORMATION,
    FactKind.DESPATCH: Flow.GOODS,
    FactKind.GOODS_RECEIPT: Flow.GOODS,
    FactKind.GOODS_EVENT: Flow.GOODS,
    FactKind.BANK_ENTRY: Flow.MONEY,
}

_BY_BOTH: Final = {FactKind.CONTRACT: Grade.B, FactKind.ORDER: Grade.B, FactKind.DESPATCH: Grade.B}
_BY_DEBTOR: Final = {
    FactKind.INVOICE: Grade.A,
    FactKind.GOODS_RECEIPT: Grade.A,
    FactKind.GOODS_EVENT: Grade.A,
}
_BY_CREDITOR: Final = {FactKind.DESPATCH: Grade.B}
_BY_BANK: Final = {FactKind.BANK_ENTRY: Grade.A}


def grade_of(
    kind: FactKind,
    *,
    by_debtor: bool,
    by_creditor: bool,
    by_bank: bool,
) -> Grade:
    """Return the best grade that the signers of a fact's document earn it."""
    earned = [Grade.C]
    if by_debtor and by_creditor:
        earned.append(_BY_BOTH.get(kind, Grade.C))
    if by_debtor:
        earned.append(_BY_DEBTOR.get(kind, Grade.C))
    if by_creditor:
        earned.append(_BY_CREDITOR.get(kind, Grade.C))
    if by_bank:
        earned.append(_BY_BANK.get(kind, Grade.C))
    return min(earned)
