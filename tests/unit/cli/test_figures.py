"""A portrait is read by people: yuan, percent and days, never minor units."""

import pytest

from xinlian.cli.figures import figure_for_people
from xinlian.readmodels.portrait_figures import FIGURES


def shown(unit, value, currency="CNY"):
    figure = {"name": "x", "unit": unit, "value": value, "fact_count": 2}
    found = figure_for_people(figure | {"english": "word", "chinese": "词"}, currency)
    assert (found["figure"], found["facts"]) == ("词 / word", 2)
    return found["value"], found["unit"]


@pytest.mark.parametrize(
    ("unit", "value", "expected"),
    [
        ("minor", "113000000", ("1,130,000.00", "元 yuan")),
        ("minor", "5", ("0.05", "元 yuan")),
        ("e4", "10000", ("100.00", "%")),
        ("e4", "7", ("0.07", "%")),
        ("days", "31", ("31", "天 days")),
        ("days", "", ("—", "天 days")),
    ],
)
def test_a_figure_is_shown_in_the_unit_that_people_use(unit, value, expected):
    assert shown(unit, value) == expected


def test_money_of_another_currency_keeps_its_code():
    assert shown("minor", "100", "EUR") == ("1.00", "EUR")


def test_every_unit_of_the_portrait_has_a_word_for_people():
    for kind in FIGURES:
        assert shown(kind.unit, "1")[1] != kind.unit
