"""A change of policy reaches what it says it reaches, told as a banker would tell it.

::

    core       the buyer, who promises
    supplier1  the seller, to whom is promised
    settle     the settlement bank
"""

import pytest

from xinlian.apps.supply_chain.types import CERTIFICATES
from xinlian.modules.obligations.types import OBLIGATIONS, TERMS, ObligationStatus, SourceKind
from xinlian.modules.policy.genesis import GenesisRow, GenesisVersion
from xinlian.modules.policy.types import AppliesBy
from xinlian.primitives.time import MS_PER_DAY, china_midnight_ms, day_of_iso
from xinlian.testing import Consortium
from xinlian.testing.agreements import EVENING_MS, LATE_ROW, OPENING_MS, Agreement
from xinlian.testing.trade import StepRefused, Trade

CHANGE_MS = china_midnight_ms(day_of_iso("2026-12-10"))
"""After both sides agreed, before anything was due."""


def changing_row(name: str, unit: str, before: int, after: int, by: AppliesBy) -> GenesisRow:
    first = GenesisVersion(0, before, by, "test", verified=False)
    return GenesisRow(
        name, unit, (first, GenesisVersion(CHANGE_MS, after, by, "test", verified=False))
    )


@pytest.fixture
def begin():
    """Begin a consortium in which a row changes on the tenth of December."""
    running = []

    def start(row: GenesisRow) -> Consortium:
        running.append(Consortium(dated_rows=(row,)))
        return running[-1]

    yield start
    for consortium in running:
        consortium.settle_due_work()
        assert consortium.broken_invariants() == []
        consortium.close()


@pytest.mark.parametrize(
    ("by", "interest_minor"),
    [(AppliesBy.CONTRACT, 500_00), (AppliesBy.ISSUE, 500_00), (AppliesBy.EVENT, 1_000_00)],
)
def test_late_interest_has_the_rate_of_the_date_that_its_row_applies_by(begin, by, interest_minor):
    c = begin(changing_row(LATE_ROW, "e9-per-day", 500_000, 1_000_000, by))
    promise = Agreement(c)
    promise.agree()
    promise.drain()
    promise.to_due_day(EVENING_MS)
    promise.to_due_day(OPENING_MS, days_later=10)
    promise.credit(200_000_00)
    assert promise.status() == ObligationStatus.CURED
    ((_, interest),) = promise.following(SourceKind.AGREED_INTEREST)
    assert interest.amount_minor == interest_minor, "100 000.00 for ten days"


@pytest.mark.parametrize(
    ("by", "rate_e9"),
    [(AppliesBy.CONTRACT, 500_000), (AppliesBy.ISSUE, 1_000_000), (AppliesBy.EVENT, 1_000_000)],
)
def test_a_certificate_under_an_earlier_contract_keeps_its_rate_only_by_contract(
    begin, by, rate_e9
):
    row = changing_row("supply_chain.late_rate_e9_per_day", "e9-per-day", 500_000, 1_000_000, by)
    c = begin(row)
    trade = Trade(c)
    trade.register()  # the contract, before the change
    c.advance_to(CHANGE_MS)
    certificate, _ = trade.certify()
    with c.engine.application.store.snapshot() as snapshot:
        assert CERTIFICATES.require(snapshot, certificate).late_rate_e9_per_day == rate_e9


@pytest.mark.parametrize(
    ("by", "is_stopped"),
    [(AppliesBy.CONTRACT, False), (AppliesBy.ISSUE, False), (AppliesBy.EVENT, True)],
)
def test_a_certificate_issued_before_a_change_keeps_the_stop_before_its_due_date(
    begin, by, is_stopped
):
    """Due on the thirtieth of May: from two hundred days before it, nothing would move."""
    c = begin(changing_row("supply_chain.transfer_stop_days", "day", 1, 200, by))
    trade = Trade(c)
    trade.register()
    _, leaf = trade.certify()
    c.advance_to(CHANGE_MS)
    if is_stopped:
        with pytest.raises(StepRefused, match="supply_chain/too_near_due"):
            trade.request(leaf)
    else:
        trade.request(leaf)


def test_a_row_that_begins_later_is_no_row_for_a_promise_made_before(begin):
    row = GenesisRow(
        "tests.late_rate_e9_per_day",
        "e9-per-day",
        (GenesisVersion(CHANGE_MS, 1, AppliesBy.EVENT, "test", verified=False),),
    )
    c = begin(row)
    promise = Agreement(c)
    with pytest.raises(StepRefused, match="obligations/unknown_late_row"):
        promise.propose(late_row=row.name)
    c.advance_to(CHANGE_MS)
    promise.propose(late_row=row.name)


def test_an_obligation_knows_when_it_was_agreed_and_when_it_came_to_bind(begin):
    c = begin(changing_row(LATE_ROW, "e9-per-day", 1, 2, AppliesBy.EVENT))
    promise = Agreement(c)
    promise.propose()
    proposed_ms = c.now_ms()
    c.advance_to(proposed_ms + MS_PER_DAY)
    promise.step(promise.creditor, promise.acceptance())
    with c.engine.application.store.snapshot() as snapshot:
        found = OBLIGATIONS.require(snapshot, promise.id)
        assert TERMS.require(snapshot, promise.id).late_rate_e9_per_day == 1
    assert found.contract_at_ms == proposed_ms
    assert found.issued_at_ms == c.now_ms()
