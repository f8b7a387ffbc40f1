"""A told life of validators, projected: the rows equal the state's records."""

import pytest

from support.validators import ValidatedChain, power
from xinlian.bootstrap import open_read_model
from xinlian.primitives import format_id


@pytest.fixture(scope="module")
def chain():
    made = ValidatedChain()
    made.decide("rail", made.addition("rail", "new"))
    made.decide("core", made.succession("core", 0, "next"))
    made.decide("bank", power(2, 0))
    made.settle()
    made.decide("dock", made.addition("dock", "late"))
    return made


def test_rows_equal_the_records_of_the_state(chain, tmp_path):
    model = open_read_model(tmp_path, chain.driven.genesis_bytes)
    model.project(chain.driven.store)
    rows = model.validators(chain.c["supplier1"].party).rows
    assert {
        row.public_key: (
            row.party_id,
            row.power,
            row.target_power,
            row.successor,
            row.double_signed,
        )
        for row in rows
    } == {
        key.hex(): (
            format_id("party", found.party),
            found.power,
            found.target,
            found.successor.hex(),
            found.double_signed,
        )
        for key, found in chain.validators().items()
    }
    assert sorted(row.status for row in rows) == ["active"] * 6 + ["removed"] * 2
    model.close()
