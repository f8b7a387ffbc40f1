"""Duplicates: the number again, the goods again; corrections and neighbours in a series are not."""

import pytest

from unit.apps.supply_chain.fraud.trades import advanced, invoice, judged
from xinlian.apps.supply_chain.fraud import Credit, Typology

OURS = invoice()


@pytest.mark.parametrize("number", ["0042", "42", "No. 42", "00-42", " 4 2 "])
def test_the_same_number_is_found_however_it_is_written(number):
    earlier = invoice(name="earlier", day=90, number=number, lots=("others",), gross_minor=1_00)
    assert judged([earlier, OURS], 101)[Typology.DUPLICATE] == ("earlier", "ours")


@pytest.mark.parametrize("number", ["0043", "0421", "0002", "042X"])
def test_a_number_that_is_one_letter_off_counts_with_the_same_goods_only(number):
    near = invoice(name="near", day=90, number=number, gross_minor=70_000_00)
    assert Typology.DUPLICATE in judged([near, OURS], 101)
    other_goods = invoice(name="near", day=90, number=number, lots=("others",))
    assert Typology.DUPLICATE not in judged([other_goods, OURS], 101)


def test_the_same_goods_at_nearly_the_same_amount_are_found_under_any_number():
    again = invoice(name="again", day=90, number="9731", gross_minor=50_400_00)
    assert Typology.DUPLICATE in judged([again, OURS], 101)
    far = invoice(name="again", day=90, number="9731", gross_minor=51_000_00)
    assert Typology.DUPLICATE not in judged([far, OURS], 101)


def test_other_sellers_may_use_the_same_number_and_sell_the_same_goods_on():
    elsewhere = invoice(name="elsewhere", day=90, seller="another")
    assert Typology.DUPLICATE not in judged([elsewhere, OURS], 101)


def test_a_correction_is_no_duplicate_unless_the_first_was_financed_before():
    wrong = invoice(name="wrong", day=90)
    credit = Credit("credit", 95, "wrong")
    assert Typology.DUPLICATE not in judged([wrong, credit, OURS], 101)
    financed = advanced(wrong, 93, 40_000_00)
    assert Typology.DUPLICATE in judged([wrong, financed, credit, OURS], 101)


def test_the_first_of_a_pair_is_not_found():
    later = invoice(name="later", day=101)
    assert Typology.DUPLICATE not in judged([OURS, later], 102)
