"""A hash is typed by its first twelve digits where only one begins so."""

import pytest

from xinlian.cli.hashes import completed
from xinlian.cli.output import CommandRefused

ONE, OTHER = "ab" * 31 + "01", "ab" * 31 + "02"
THIRD = "cd" * 32


def known():
    return [ONE, OTHER, THIRD, THIRD]


def test_twelve_digits_are_enough_where_only_one_hash_begins_so():
    assert completed(THIRD[:12], known, "list") == THIRD
    assert completed(OTHER[:63] + "2", known, "list") == OTHER


@pytest.mark.parametrize("text", ["", "cdcdcdcdcdc", "CDCDCDCDCDCD", "party_aaaaaaaaaaaa", "12.50"])
def test_other_texts_stay_as_they_are_and_nothing_is_asked(text):
    def never():
        raise AssertionError

    assert completed(text, never, "list") == text


def test_a_prefix_of_none_or_of_several_is_refused():
    for text, reference in (("ef" * 6, "unknown_prefix"), (ONE[:20], "ambiguous_prefix")):
        with pytest.raises(CommandRefused) as refused:
            completed(text, known, "list")
        assert refused.value.reference == f"cli/{reference}"
        assert refused.value.next_step
