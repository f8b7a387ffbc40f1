"""Unified social credit codes, checked without leaving the standard library.

Source: GB 32100-2015, check character by ISO 7064-style weights modulo 31.
"""

from typing import Final

_ALPHABET: Final = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_WEIGHTS: Final = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)


def is_valid_uscc(code: str) -> bool:
    """Return whether a code has 18 characters of the alphabet and its check character.

    >>> is_valid_uscc("91110000600037341L"), is_valid_uscc("91110000600037341M")
    (True, False)
    """
    if len(code) != len(_WEIGHTS) + 1 or any(character not in _ALPHABET for character in code):
        return False
    return check_character(code[:-1]) == code[-1]


def check_character(body: str) -> str:
    """Return the 18th character of a code's first 17."""
    total = sum(
        _ALPHABET.index(character) * weight
        for character, weight in zip(body, _WEIGHTS, strict=True)
    )
    return _ALPHABET[(len(_ALPHABET) - total % len(_ALPHABET)) % len(_ALPHABET)]
