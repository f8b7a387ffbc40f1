"""What the rules notice in a series of readings, when that ends, and what they do not mind."""

import math

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from unit.connectors.devices.series import MINUTE_MS, TERMS, reading, series
from xinlian.connectors.devices.rules import (
    RECOVERY,
    is_reachable,
    judge,
    window_size,
)
from xinlian.modules.devices.types import ALERT_RULES

replace = msgspec.structs.replace
SHANGHAI = (312_304_000, 1_214_737_000)
BEIJING = (399_042_000, 1_164_074_000)
"""1 067 km apart, by the great circle."""


def standing_after(readings, terms=TERMS):
    """Return what stands after each reading, judged one by one as the gateway does."""
    standing: tuple[str, ...] = ()
    told = []
    for place in range(len(readings)):
        window = readings[max(0, place + 1 - window_size(terms)) : place + 1]
        standing = judge(window, terms, standing, window[-1].taken_at_ms)
        told.append(standing)
    return told


def test_good_readings_are_not_minded():
    assert set(standing_after(series(5_000, 5_100, 4_900, 5_200, 5_000))) == {()}


@pytest.mark.parametrize(
    ("value", "rule"), [(8_001, "above_limit"), (1_999, "below_limit"), (8_000, ""), (2_000, "")]
)
def test_the_first_value_outside_the_limits_is_noticed(value, rule):
    assert standing_after(series(5_000, value))[-1] == ((rule,) if rule else ())


def test_a_value_at_the_limit_does_not_flicker():
    found = standing_after(series(8_001, 7_999, 8_001, 7_999, 7_990, 7_999))
    assert set(found) == {("above_limit",)}, "within the margin nothing is well again"
    ended = standing_after(series(8_001, *(7_800 - step for step in range(RECOVERY))))
    assert ended == [("above_limit",)] * RECOVERY + [()]


def test_equal_values_in_a_row_are_a_flat_line_until_they_move_again():
    found = standing_after(series(*[5_000] * 6, 5_001, 5_002, 5_003))
    assert found[3] == ()
    assert found[4] == found[7] == ("flat_line",)
    assert found[8] == ()


def test_a_seal_is_always_the_same_and_no_flat_line():
    terms = replace(TERMS, flat_after=0, lowest_e3=1, highest_e3=1)
    assert set(standing_after(series(*[1] * 20), terms)) == {()}
    assert standing_after(series(1, 0), terms)[-1] == ("below_limit",)


def test_a_gap_is_noticed_by_the_clock_and_ends_with_readings_in_time():
    window = series(5_000, 5_100)
    last_ms = window[-1].taken_at_ms
    assert judge(window, TERMS, (), last_ms + 2 * MINUTE_MS) == ()
    assert judge(window, TERMS, (), last_ms + 2 * MINUTE_MS + 1) == ("gap",)
    back = [*window, *(reading(no, 5_000 + no, minute=no + 5) for no in range(3, 7))]
    assert standing_after(back)[2:] == [("gap",)] * RECOVERY + [()]


def test_a_device_that_never_spoke_is_a_gap_since_it_was_registered():
    assert judge([], TERMS, (), 2 * MINUTE_MS, heard_at_ms=0) == ()
    assert judge([], TERMS, (), 2 * MINUTE_MS + 1, heard_at_ms=0) == ("gap",)


def test_two_cities_in_a_minute_are_impossible_travel():
    here, there = reading(1, place=SHANGHAI), reading(2, 5_001, place=BEIJING)
    assert judge([here, there], TERMS, (), there.taken_at_ms) == ("impossible_travel",)
    assert judge([here, there], replace(TERMS, speed_max_kmh=0), (), there.taken_at_ms) == ()


@pytest.mark.parametrize(("hours", "possible"), [(9.69, False), (9.71, True)])
def test_the_way_from_shanghai_to_beijing_takes_its_time(hours, possible):
    """1 067 km by the great circle at 110 km/h: 9.70 hours."""
    here = reading(1, place=SHANGHAI)
    there = replace(reading(2, place=BEIJING), taken_at_ms=MINUTE_MS + int(hours * 3_600_000))
    assert is_reachable(here, there, 110) == possible


POINTS = st.tuples(
    st.integers(-900_000_000, 900_000_000), st.integers(-1_800_000_000, 1_800_000_000)
)


def kilometres(one, other):
    """Return the distance by the spherical law of cosines for near and far, with binary floats."""
    (a, b), (c, d) = ([math.radians(x / 1e7) for x in point] for point in (one, other))
    x = [math.cos(a) * math.cos(b), math.cos(a) * math.sin(b), math.sin(a)]
    y = [math.cos(c) * math.cos(d), math.cos(c) * math.sin(d), math.sin(c)]
    cross = math.dist((0, 0, 0), (x[1] * y[2] - x[2] * y[1], x[2] * y[0] - x[0] * y[2],
                                  x[0] * y[1] - x[1] * y[0]))  # fmt: skip
    return 6371.0088 * math.atan2(cross, sum(p * q for p, q in zip(x, y, strict=True)))


@given(POINTS, POINTS, st.integers(1, 1_000))
def test_distances_agree_with_vectors_in_binary_floats(one, other, speed_kmh):
    hours = kilometres(one, other) / speed_kmh
    for share, possible in ((0.99, False), (1.01, True)):
        taken_at_ms = int(hours * share * 3_600_000)
        if hours * speed_kmh < 20:
            continue  # the error of two fixes hides it
        after = replace(reading(2, place=other), taken_at_ms=taken_at_ms)
        before = replace(reading(1, place=one), taken_at_ms=0)
        assert is_reachable(before, after, speed_kmh) == possible


VALUES = st.lists(st.integers(0, 10_000), min_size=1, max_size=30)


@given(VALUES)
def test_a_verdict_replays_and_names_only_known_rules_ascending(values):
    readings = series(*values)
    found = standing_after(readings)
    assert found == standing_after(list(readings))
    assert all(list(rules) == sorted(set(rules)) and set(rules) <= ALERT_RULES for rules in found)


@given(VALUES)
def test_an_alert_of_limits_always_ends_after_enough_good_readings(values):
    good = [5_000 + step for step in range(RECOVERY + TERMS.flat_after)]
    assert standing_after(series(*values, *good))[-1] == ()
