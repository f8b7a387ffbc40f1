import pytest

from support.judgment import Judgment, with_courts
from xinlian.modules.obligations.types import ObligationStatus
from xinlian.testing import Consortium
from xinlian.testing.agreements import EVENING_MS, Agreement


@pytest.fixture
def consortium():
    """A consortium in which every registered invariant holds when the test is over."""
    running = Consortium()
    yield running
    running.settle_due_work()
    assert running.broken_invariants() == []
    running.close()


@pytest.fixture
def promise(consortium):
    """A promise of core to supplier1 that nobody has proposed yet."""
    return Agreement(consortium)


@pytest.fixture
def in_court():
    """A promise in a consortium with two courts; every invariant holds when the test is over."""
    running = with_courts()
    yield Agreement(running)
    running.settle_due_work()
    assert running.broken_invariants() == []
    running.close()


@pytest.fixture
def judgment(in_court):
    """The court's word on a promise without security that is in default, its debtor penniless."""
    in_court.agree_unsecured()
    in_court.drain()
    in_court.to_due_day(EVENING_MS, days_later=2)
    assert in_court.status() == ObligationStatus.DEFAULTED
    return Judgment(in_court)
