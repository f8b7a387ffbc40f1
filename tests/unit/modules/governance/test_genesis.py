"""A genesis file gives governance its rows, but none beneath the floors of the code."""

import json

import pytest

from xinlian.bootstrap import check_genesis
from xinlian.ledger.genesis import GenesisInvalid
from xinlian.modules.governance.rules import NUMBERS
from xinlian.testing import Consortium

CONSORTIUM = Consortium()
CONSORTIUM.close()


def with_row(name: str, value: int, unit: str) -> bytes:
    """Return the genesis file of a consortium with one more policy row."""
    genesis = json.loads(CONSORTIUM.genesis_bytes)
    version = {
        "effective_from_ms": 0,
        "value": value,
        "applies_by": "event",
        "citation": "charter",
        "verified": False,
    }
    row = {"name": name, "unit": unit, "versions": [version]}
    genesis["sections"]["policy"]["rows"].append(row)
    return json.dumps(genesis).encode()


@pytest.mark.parametrize("name", sorted(NUMBERS))
def test_a_row_within_its_bounds_is_accepted_and_beyond_them_refused(name):
    number = NUMBERS[name]
    for value in (number.low, number.high):
        check_genesis(with_row(name, value, number.unit))
    for value in (number.low - 1, number.high + 1):
        with pytest.raises(GenesisInvalid, match=name):
            check_genesis(with_row(name, value, number.unit))


@pytest.mark.parametrize(
    ("name", "unit"),
    [("governance.voting_days", "hour"), ("governance.veto_everything", "flag")],
)
def test_a_row_of_another_unit_or_that_governance_does_not_have_is_refused(name, unit):
    with pytest.raises(GenesisInvalid, match="governance has no such row"):
        check_genesis(with_row(name, 30, unit))
