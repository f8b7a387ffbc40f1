"""What is wrong with a series of readings, and when it is well again.

Rules this file keeps:
 1. A verdict is a pure function of a window of readings, what was standing before, the terms of the
    device, and for a gap the moment of asking: whoever has the readings comes to the same.
 2. A rule begins with the first reading that breaks it.  It ends after ``RECOVERY`` good readings
    in a row, of limits within a margin of the range, so that a value at a limit does not flicker.
 3. Positions are compared without binary floats: half of the great-circle angle by the haversine,
    in decimals of 30 digits, against the angle that the speed allows; every machine agrees.

The rules, version 1::

    gap                no reading for more than two intervals, between two readings or until now
    flat_line          so many equal values in a row as the terms name
    impossible_travel  two positions further apart than the greatest speed allows
    below_limit        a value below the lowest
    above_limit        a value above the highest

Source: docs/concepts/devices.md (transit, flat line); the haversine formula:
R. W. Sinnott, Virtues of the Haversine, Sky and Telescope 68 (1984) 159; mean Earth radius of IUGG.
"""

import decimal
import itertools
from collections.abc import Sequence
from decimal import Decimal
from typing import Final

from xinlian.connectors.devices.readings import Reading
from xinlian.modules.devices.types import AlertRule, DeviceTerms

RULES_VERSION: Final = 1
RECOVERY: Final = 3
"""So many good readings in a row end an alert."""
WINDOW_MIN: Final = RECOVERY + 1
GAP_INTERVALS: Final = 2
MARGIN_SHARE: Final = 50
"""A value is well again at least a fiftieth of the range inside the limits."""
_EARTH_RADIUS_M: Final = Decimal("6371008.8")
_POSITION_ERROR_M: Final = 50
"""Two fixes may be so far apart without any travel."""
_CONTEXT: Final = decimal.Context(prec=30, rounding=decimal.ROUND_HALF_EVEN)
_PI: Final = Decimal("3.14159265358979323846264338327950288")
_DEGREE_E7: Final = 1_800_000_000
"""Half a turn."""
_SERIES_END: Final = Decimal("1e-25")


def window_size(terms: DeviceTerms) -> int:
    """Return how many of the last readings are judged."""
    return max(WINDOW_MIN, terms.flat_after)


def judge(
    window: Sequence[Reading],
    terms: DeviceTerms,
    standing: Sequence[str],
    now_ms: int,
    heard_at_ms: int = 0,
) -> tuple[str, ...]:
    """Return which rules notice something, ascending.

    Args:
        window: the last readings, oldest first; at most ``window_size`` of them.
        terms: of the device.
        standing: what was noticed before the last reading.
        now_ms: the moment of asking; the last reading's own where only readings are judged.
        heard_at_ms: when the device was heard of last, where the window is empty.
    """
    found = set()
    for rule, broken in _BROKEN.items():
        is_broken = broken(window, terms)
        if is_broken or (rule in standing and _good_run(window, terms, rule) < RECOVERY):
            found.add(str(rule))
    last_ms = window[-1].taken_at_ms if window else heard_at_ms
    if now_ms - last_ms > GAP_INTERVALS * terms.interval_ms:
        found.add(str(AlertRule.GAP))
    return tuple(sorted(found))


def _gap(window: Sequence[Reading], terms: DeviceTerms) -> bool:
    return len(window) > 1 and not _is_good(window, len(window) - 1, terms, AlertRule.GAP)


def _flat_line(window: Sequence[Reading], terms: DeviceTerms) -> bool:
    if not terms.flat_after or len(window) < terms.flat_after:
        return False
    last = itertools.islice(reversed(window), terms.flat_after)
    return all(reading.value_e3 == window[-1].value_e3 for reading in last)


def _travel(window: Sequence[Reading], terms: DeviceTerms) -> bool:
    last = len(window) - 1
    return last > 0 and not _is_good(window, last, terms, AlertRule.IMPOSSIBLE_TRAVEL)


def _below(window: Sequence[Reading], terms: DeviceTerms) -> bool:
    return bool(window) and window[-1].value_e3 < terms.lowest_e3


def _above(window: Sequence[Reading], terms: DeviceTerms) -> bool:
    return bool(window) and window[-1].value_e3 > terms.highest_e3


_BROKEN: Final = {
    AlertRule.GAP: _gap,
    AlertRule.FLAT_LINE: _flat_line,
    AlertRule.IMPOSSIBLE_TRAVEL: _travel,
    AlertRule.BELOW_LIMIT: _below,
    AlertRule.ABOVE_LIMIT: _above,
}


def _good_run(window: Sequence[Reading], terms: DeviceTerms, rule: AlertRule) -> int:
    """Return how many of the last readings, at most ``RECOVERY``, are good by a rule in a row."""
    places = range(len(window) - 1, max(-1, len(window) - 1 - RECOVERY), -1)
    good = itertools.takewhile(lambda place: _is_good(window, place, terms, rule), places)
    return sum(1 for _ in good)


def _is_good(window: Sequence[Reading], place: int, terms: DeviceTerms, rule: AlertRule) -> bool:
    reading = window[place]
    margin = (terms.highest_e3 - terms.lowest_e3) // MARGIN_SHARE
    if rule is AlertRule.BELOW_LIMIT:
        return reading.value_e3 >= terms.lowest_e3 + margin
    if rule is AlertRule.ABOVE_LIMIT:
        return reading.value_e3 <= terms.highest_e3 - margin
    if place == 0:
        return False  # what it is compared with is not in the window
    before = window[place - 1]
    if rule is AlertRule.FLAT_LINE:
        return reading.value_e3 != before.value_e3
    if rule is AlertRule.GAP:
        return reading.taken_at_ms - before.taken_at_ms <= GAP_INTERVALS * terms.interval_ms
    return is_reachable(before, reading, terms.speed_max_kmh)


def is_reachable(before: Reading, after: Reading, speed_max_kmh: int) -> bool:
    """Return whether something gets from one reading's position to the other's in the time between.

    True where a position is missing or no speed is judged.
    """
    if before.position is None or after.position is None or not speed_max_kmh:
        return True
    if before.position == after.position:
        return True
    seconds_e3 = max(after.taken_at_ms - before.taken_at_ms, 0)
    with decimal.localcontext(_CONTEXT):
        metres = Decimal(speed_max_kmh) * seconds_e3 / 3_600 + _POSITION_ERROR_M
        half_angle = metres / _EARTH_RADIUS_M / 2
        if half_angle >= _PI / 2:
            return True
        return _haversine(before.position, after.position) <= _sine(half_angle) ** 2


def _haversine(one: tuple[int, int], other: tuple[int, int]) -> Decimal:
    """Return the square of the sine of half the angle between two positions."""
    (latitude, longitude), (to_latitude, to_longitude) = one, other
    across = _sine(_radians(to_longitude - longitude) / 2)
    along = _sine(_radians(to_latitude - latitude) / 2)
    cosines = _cosine(_radians(latitude)) * _cosine(_radians(to_latitude))
    return along * along + cosines * across * across


def _radians(degrees_e7: int) -> Decimal:
    return _PI * degrees_e7 / _DEGREE_E7


def _cosine(angle: Decimal) -> Decimal:
    return _sine(_PI / 2 - angle)


def _sine(angle: Decimal) -> Decimal:
    """Return the sine of an angle between minus and plus one turn, by its series."""
    term = total = angle
    square = angle * angle
    place = 1
    while abs(term) > _SERIES_END:
        term = -term * square / ((place + 1) * (place + 2))
        total += term
        place += 2
    return total
