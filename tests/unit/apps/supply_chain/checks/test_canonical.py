"""Spellings that mean the same compare equal, and nothing else does."""

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from stdnum import ean

from xinlian.apps.supply_chain.checks.canonical import (
    bare_number,
    canonical_item,
    canonical_text,
    cbv_term,
    gtin_check_digit,
    same_number,
    transaction_number,
    within_one_character,
)

GTIN = "gtin:06901234567892"


@pytest.mark.parametrize(
    "spelling",
    [
        "gtin:6901234567892",
        "GTIN:06901234567892",
        "0160:6901234567892",
        "urn:epc:class:lgtin:690123456.0789.LOT-7",
        "urn:epc:idpat:sgtin:690123456.0789.*",
        "urn:epc:id:sgtin:690123456.0789.1001",
        "urn:epc:id:sgtin:6901234.056789.1001",
        "https://id.gs1.org/01/06901234567892",
        "https://id.gs1.org/01/6901234567892",
        "https://id.gs1.org/01/06901234567892/10/LOT-7",
        "https://shop.example/goods/01/06901234567892?17=271231",
    ],
)
def test_every_spelling_of_a_gtin_is_one_item(spelling):
    assert canonical_item(spelling) == GTIN


@pytest.mark.parametrize(
    "spelling",
    ["unchecked-gtin:6901234567892", "seller:6901234567892", "gtin:690123456789X", "seller:A-1"],
)
def test_what_is_no_gtin_stays_what_it_is(spelling):
    assert canonical_item(spelling) == spelling


@given(st.text("0123456789", min_size=7, max_size=13))
def test_check_digits_agree_with_an_independent_library(body):
    assert gtin_check_digit(body) == str(ean.calc_check_digit(body))


def test_full_width_and_spaced_numbers_are_the_same_number():
    assert same_number(" ＨＴ－２０２６ ", "HT-2026")
    assert not same_number("HT-2026", "HT2026")
    assert not same_number(None, None)


def test_a_copy_hides_behind_neither_case_nor_punctuation():
    assert bare_number("inv.2026 / 001") == bare_number("INV-2026-001")


@given(st.text(max_size=20))
def test_canonical_text_is_stable(text):
    assert canonical_text(canonical_text(text)) == canonical_text(text)


@given(st.text("AB12", min_size=1, max_size=8), st.integers(0, 7), st.sampled_from("AB12"))
def test_one_changed_added_or_dropped_character_is_near(text, position, character):
    assume(position < len(text))
    before, after = text[:position], text[position + 1 :]
    for other in (before + character + after, before + after, before + character + text[position:]):
        assert within_one_character(text, other)
        assert within_one_character(other, text)


@given(st.text("AB12", max_size=8), st.text("AB12", max_size=8))
def test_nearness_agrees_with_the_edit_distance(one, other):
    assert within_one_character(one, other) == (edit_distance(one, other) <= 1)


def edit_distance(one: str, other: str) -> int:
    """Return the Levenshtein distance by the textbook recurrence."""
    row = list(range(len(other) + 1))
    for i, left in enumerate(one, 1):
        previous, row[0] = row[0], i
        for j, right in enumerate(other, 1):
            cost = min(row[j] + 1, row[j - 1] + 1, previous + (left != right))
            previous, row[j] = row[j], cost
    return row[-1]


@pytest.mark.parametrize(
    "spelling",
    [
        "receiving",
        "cbv:BizStep-receiving",
        "https://ref.gs1.org/cbv/BizStep-receiving",
        "urn:epcglobal:cbv:bizstep:receiving",
    ],
)
def test_every_spelling_of_a_business_step_is_one_step(spelling):
    assert cbv_term(spelling) == "receiving"


def test_a_step_of_ones_own_is_not_the_standards():
    assert cbv_term("https://example.com/steps/receiving") != "receiving"
    assert cbv_term(None) is None


def test_the_number_of_a_business_transaction_is_read_from_its_urn():
    assert transaction_number("urn:epcglobal:cbv:bt:6901234500009:PO-1") == "PO-1"
    assert transaction_number("https://erp.example/po/PO-1") != "PO-1"
