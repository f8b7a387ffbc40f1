import pytest

from xinlian.testing import Consortium
from xinlian.testing.trade import Trade


@pytest.fixture
def trade():
    """A trade whose invoice is registered and corroborated."""
    consortium = Consortium()
    registered = Trade(consortium)
    registered.register()
    yield registered
    assert consortium.broken_invariants() == []
    consortium.close()
