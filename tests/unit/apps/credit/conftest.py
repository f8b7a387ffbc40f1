"""One consortium for the tests of a file: what they write does not meet."""

import pytest

from support.bureau import Bureau


@pytest.fixture(scope="module")
def bureau():
    made = Bureau()
    yield made
    made.close()


@pytest.fixture
def fresh():
    """A consortium of one test's own: it moves the clock."""
    made = Bureau()
    yield made
    made.close()
