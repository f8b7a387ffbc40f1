"""A missed duty is a fact beside the promises of money, and mixes with none of them."""

from unit.modules.standing.test_keeper import DEBTOR, Book
from xinlian.modules.obligations.types import ObligationStatus
from xinlian.modules.standing.invariants import standing_adds_up
from xinlian.modules.standing.keeper import record_missed_duty, standing_of
from xinlian.modules.standing.types import CREDIT_FACTS, CreditFactKind


def test_a_missed_duty_is_counted_apart_and_the_facts_add_up():
    book = Book()
    book.end(b"o" * 20, ObligationStatus.PERFORMED)
    record_missed_duty(book.context(), DEBTOR, b"x" * 20, 20_000)
    record_missed_duty(book.context(), DEBTOR, b"y" * 20, 20_001)
    standing = standing_of(book.state, DEBTOR)
    assert (standing.fact_count, standing.on_time, standing.duties_missed) == (3, 1, 2)
    assert (standing.defaulted, standing.open_defaults) == (0, 0)
    facts = [fact for _, fact in CREDIT_FACTS.scan(book.state, DEBTOR)]
    assert [fact.kind for fact in facts[1:]] == [CreditFactKind.DUTY_MISSED] * 2
    assert [(fact.obligation, fact.due_day) for fact in facts[1:]] == [
        (b"x" * 20, 20_000),
        (b"y" * 20, 20_001),
    ]
    assert list(standing_adds_up(book.state)) == []
