import itertools

import pytest

from xinlian.modules.evidence.corroboration import corroborate
from xinlian.modules.evidence.grades import FLOWS, grade_of
from xinlian.modules.evidence.types import Fact, FactKind, Flow, Grade


def fact(kind: FactKind, grade: Grade) -> Fact:
    return Fact(kind.value, FLOWS[kind].value, grade.value, bytes(20), 1)


@pytest.mark.parametrize(
    ("facts", "is_corroborated"),
    [
        ([], False),
        ([(FactKind.CONTRACT, Grade.C), (FactKind.ORDER, Grade.C)], False),
        ([(FactKind.CONTRACT, Grade.B)], False),
        ([(FactKind.CONTRACT, Grade.B)] * 2, False),
        ([(FactKind.CONTRACT, Grade.B), (FactKind.ORDER, Grade.C)], False),
        ([(FactKind.CONTRACT, Grade.B), (FactKind.ORDER, Grade.B)], True),
        ([(FactKind.INVOICE, Grade.A)], True),
        ([(FactKind.GOODS_RECEIPT, Grade.A), (FactKind.BANK_ENTRY, Grade.A)], False),
    ],
)
def test_one_a_or_two_b_of_different_kinds_corroborate_their_own_flow(facts, is_corroborated):
    found = corroborate(fact(kind, grade) for kind, grade in facts)
    assert (Flow.INFORMATION in found.corroborated) == is_corroborated
    assert set(found.corroborated) | set(found.missing) == set(Flow)


def test_the_order_of_facts_does_not_matter():
    facts = [fact(FactKind.CONTRACT, Grade.B), fact(FactKind.ORDER, Grade.B)]
    facts.append(fact(FactKind.BANK_ENTRY, Grade.A))
    assert len({corroborate(order) for order in itertools.permutations(facts)}) == 1


TABLE = {
    FactKind.CONTRACT: "cccb",
    FactKind.ORDER: "cccb",
    FactKind.INVOICE: "caca",
    FactKind.DESPATCH: "ccbb",
    FactKind.GOODS_RECEIPT: "caca",
    FactKind.GOODS_EVENT: "caca",
    FactKind.BANK_ENTRY: "cccc",
}
"""Kind → grade by nobody, by the debtor, by the creditor, by both."""


@pytest.mark.parametrize("kind", FactKind)
def test_grades_follow_the_table_of_the_module(kind):
    sides = [(False, False), (True, False), (False, True), (True, True)]
    found = "".join(
        grade_of(kind, by_debtor=debtor, by_creditor=creditor, by_bank=False).value
        for debtor, creditor in sides
    )
    assert found == TABLE[kind]
    by_bank = grade_of(kind, by_debtor=False, by_creditor=False, by_bank=True)
    assert by_bank == (Grade.A if kind == FactKind.BANK_ENTRY else Grade.C)
