"""Every value of an unchecked file is of its documented shape, or fails under its step."""

import pytest

from xinlian.verifier.reading import (
    VerificationFailed,
    array_of,
    bytes_of,
    cut,
    decoded,
    integer_of,
    list_of,
    text_of,
)


@pytest.mark.parametrize(
    ("read", "value"),
    [
        (lambda value: array_of(value, 2, "part"), (1, 2, 3)),
        (lambda value: array_of(value, 2, "part"), b"ab"),
        (lambda value: list_of(value, 2, "part"), (1, 2, 3)),
        (lambda value: list_of(value, 2, "part"), "ab"),
        (lambda value: bytes_of(value, "part"), "text"),
        (lambda value: bytes_of(value, "part", 2), b"abc"),
        (lambda value: text_of(value, "part"), b"bytes"),
        (lambda value: integer_of(value, "part"), True),
        (lambda value: integer_of(value, "part"), -1),
        (lambda value: integer_of(value, "part"), 2**63),
        (lambda value: integer_of(value, "part", 5), 6),
        (lambda value: decoded(value, "part"), b"\xc1"),
        (lambda value: decoded(value, "part"), 7),
    ],
)
def test_another_shape_fails_under_the_step_that_it_belongs_to(read, value):
    with pytest.raises(VerificationFailed) as failure:
        read(value)
    assert failure.value.step == "part"


def test_what_has_the_shape_is_given_back():
    assert array_of((1, 2), 2, "part") == list_of((1, 2), 2, "part") == (1, 2)
    assert bytes_of(b"ab", "part", 2) == b"ab"
    assert text_of("ab", "part") == "ab"
    assert integer_of(2**63 - 1, "part") == 2**63 - 1
    assert decoded(b"\x92\x01\x02", "part") == (1, 2)


def test_what_a_file_says_is_shown_cut():
    assert len(cut("x" * 10_000)) == 200
