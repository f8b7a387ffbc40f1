import pytest

from xinlian.testing import Consortium
from xinlian.testing.agreements import Agreement


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
