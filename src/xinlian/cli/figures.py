"""Figures of a portrait as people read them: yuan with decimals, shares in percent, days.

Rules this file keeps:
 1. A figure without a value is told as one; it is never shown as nought.
"""

from collections.abc import Mapping
from typing import Final

from xinlian.cli.output import amount_for_people

NO_VALUE: Final = "—"
_UNITS: Final = {
    "count": "笔 number",
    "months": "月 months",
    "days": "天 days",
    "e4": "%",
}
_MONEY: Final = "minor"
_SHARE: Final = "e4"
_CNY: Final = "CNY"
"""The yuan, which people call by its name."""


def figure_for_people(figure: Mapping[str, object], currency: str) -> dict[str, object]:
    """Return a figure's name, value, unit, number of facts and words."""
    unit, value = str(figure["unit"]), str(figure["value"])
    return {
        "name": figure["name"],
        "value": _shown(unit, value) if value else NO_VALUE,
        "unit": ("元 yuan" if currency == _CNY else currency)
        if unit == _MONEY
        else _UNITS.get(unit, unit),
        "facts": figure["fact_count"],
        "figure": f"{figure['chinese']} / {figure['english']}",
    }


def _shown(unit: str, value: str) -> str:
    if unit == _MONEY:
        return amount_for_people(int(value))
    if unit == _SHARE:
        sign, share = ("-", -int(value)) if value.startswith("-") else ("", int(value))
        return f"{sign}{share // 100}.{share % 100:02}"
    return value
