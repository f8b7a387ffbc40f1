"""Identifiers with their check characters."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from unit.connectors.samples import BUYER, GTIN, SSCC
from xinlian.connectors.errors import WrongCheckDigit
from xinlian.connectors.identifiers import (
    checked_uscc,
    gs1_check_digit,
    has_gs1_check_digit,
    item_id_of,
    sscc_of,
    uscc_of,
)

WRONG = BUYER[:-1] + ("0" if BUYER[-1] != "0" else "1")


@pytest.mark.parametrize(("scheme"), [None, "USCC", "uscc", "CN"])
def test_a_credit_code_is_known_by_its_scheme_or_its_form(scheme):
    assert uscc_of(BUYER, scheme, "") == BUYER
    with pytest.raises(WrongCheckDigit) as refused:
        uscc_of(WRONG, scheme, "/party")
    assert refused.value.where == "/party"


@pytest.mark.parametrize("value", ["", BUYER[:-1], BUYER.lower(), "1122334455"])
def test_a_code_under_the_scheme_that_is_none_is_refused_whatever_its_form(value):
    with pytest.raises(WrongCheckDigit):
        uscc_of(value, "USCC", "")
    assert uscc_of(value, None, "") is None


def test_a_gs1_party_number_of_eighteen_digits_is_no_credit_code():
    assert uscc_of("401234500000067657", "GSRN", "") is None


def test_a_well_known_code_holds():
    assert checked_uscc("91110000600037341L", "") == "91110000600037341L"


@pytest.mark.parametrize(
    "code",
    ["00614141111114", "340123451111111111", "4012345000054", "40123452223334442", SSCC],
)
def test_keys_of_the_cbv_s_examples_have_their_check_digit(code):
    assert has_gs1_check_digit(code)


@given(st.text("0123456789", min_size=7, max_size=17), st.integers(1, 9))
def test_a_wrong_check_digit_is_always_seen(body, shift):
    digit = gs1_check_digit(body)
    assert has_gs1_check_digit(body + digit)
    assert not has_gs1_check_digit(body + str((int(digit) + shift) % 10))


def test_items_are_named_by_scheme_and_value():
    assert item_id_of(GTIN, "0160", "") == f"gtin:{GTIN}"
    assert item_id_of(GTIN, "GTIN", "") == f"gtin:{GTIN}"
    assert item_id_of("1234567890124", "GTIN", "") == "unchecked-gtin:1234567890124"
    assert item_id_of("A-7", "0088", "") == "0088:A-7"
    assert item_id_of("A-7", None, "") == "standard:A-7"


@pytest.mark.parametrize("value", [GTIN[:-1] + "3", "A-7", "123", "690123456789X"])
def test_under_the_registered_scheme_a_gtin_must_be_one(value):
    with pytest.raises(WrongCheckDigit):
        item_id_of(value, "0160", "")


def test_an_sscc_is_known_by_its_scheme_or_its_form():
    assert sscc_of(SSCC, "SSCC", "") == sscc_of(SSCC, None, "") == SSCC
    assert sscc_of("PALLET-1", None, "") is None
    assert sscc_of(SSCC, "ZZZ", "") is None
    for value, scheme in ((SSCC[:-1] + "3", None), (SSCC[:-1] + "3", "SSCC"), ("P-1", "SSCC")):
        with pytest.raises(WrongCheckDigit):
            sscc_of(value, scheme, "")
