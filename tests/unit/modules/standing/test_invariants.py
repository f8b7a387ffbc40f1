"""The invariants find a standing that does not add up and a default that left no fact."""

import msgspec

from unit.modules.standing.test_keeper import DEBTOR, Book, number, obligation
from xinlian.modules.obligations.types import OBLIGATIONS, ObligationStatus
from xinlian.modules.standing.keeper import standing_of
from xinlian.modules.standing.types import STANDINGS


def test_the_invariants_find_a_wrong_sum_and_a_missing_default():
    book = Book()
    book.default(number(1))
    right = standing_of(book.state, DEBTOR)
    for name in ("fact_count", "on_time", "defaulted", "cured", "released", "open_defaults"):
        wrong = msgspec.structs.replace(right, **{name: getattr(right, name) + 1})
        STANDINGS.put(book.state, wrong, DEBTOR)
        assert book.problems()
    STANDINGS.put(book.state, right, DEBTOR)
    assert book.problems() == []
    OBLIGATIONS.put(book.state, obligation(status=ObligationStatus.CALLED), number(2))
    assert book.problems() == [f"default of {number(2).hex()} left no fact"]
