"""What guarantees cover: leaves of everybody but guarantors, as far as they are undisputed."""

import pytest

from support.guarantor import Guaranteed
from xinlian.apps.supply_chain.guarantee_records import (
    covered_leaves,
    guarantee_at,
    guarantees_of,
    missing_minor,
)


@pytest.fixture(scope="module")
def given():
    """Parent guarantees in the second place, insurer in the first; insurer holds a leaf too."""
    guaranteed = Guaranteed()
    certificate, leaf = guaranteed.trade.certify()
    guaranteed.give(certificate, "parent", order_no=2)
    guaranteed.give(certificate, "insurer", order_no=1, cap_minor=1)
    guaranteed.trade.split(leaf, 300_000_00, "insurer")
    yield guaranteed, certificate
    guaranteed.close()


def test_guarantees_come_in_the_order_in_which_they_are_called(given):
    guaranteed, certificate = given
    with guaranteed.c.engine.application.store.snapshot() as snapshot:
        found = [(place, one.guarantor) for place, one in guarantees_of(snapshot, certificate)]
        assert guarantee_at(snapshot, certificate, 3) is None
    assert found == [(1, guaranteed.c["insurer"].party), (2, guaranteed.c["parent"].party)]


def test_nobody_answers_to_a_guarantor(given):
    guaranteed, certificate = given
    with guaranteed.c.engine.application.store.snapshot() as snapshot:
        ((_, leaf),) = covered_leaves(snapshot, certificate)
        assert missing_minor(snapshot, certificate) == leaf.outstanding_minor == 700_000_00
    assert leaf.holder == guaranteed.c["supplier1"].party
