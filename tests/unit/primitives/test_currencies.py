"""Decimals of currencies, and codes that are none."""

import pytest

from xinlian.primitives.currencies import decimals_of, meant_by


@pytest.mark.parametrize(
    ("code", "decimals"),
    [("CNY", 2), ("EUR", 2), ("JPY", 0), ("KRW", 0), ("KWD", 3), ("CLF", 4)],
)
def test_decimals_are_those_of_iso_4217(code, decimals):
    assert decimals_of(code) == decimals


def test_what_is_no_code_names_the_one_that_is_meant():
    assert meant_by("RMB") == "CNY"
    assert meant_by("CNY") == meant_by("USD") == ""
