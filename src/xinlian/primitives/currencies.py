"""Currencies: how many decimals each has, and codes that people write by mistake.

Rules this file keeps:
 1. A currency is named by its alphabetic code of ISO 4217 and by nothing else.
 2. A minor unit is the smallest unit that the standard gives a currency: a fen, a cent, a yen.

Source: ISO 4217, minor units of currencies.
"""

from typing import Final

DEFAULT_DECIMALS: Final = 2
_DECIMALS: Final = {
    **dict.fromkeys(
        (
            "BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "UYI",
            "VND", "VUV", "XAF", "XOF", "XPF",
        ),
        0,
    ),
    **dict.fromkeys(("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"), 3),
    **dict.fromkeys(("CLF", "UYW"), 4),
}  # fmt: skip
_MEANT: Final = {"RMB": "CNY"}
"""What looks like a code and is none, with the code that is meant."""


def decimals_of(currency: str) -> int:
    """Return how many decimals a currency has: 2 unless ISO 4217 says otherwise.

    >>> [decimals_of(code) for code in ("CNY", "JPY", "KWD")]
    [2, 0, 3]
    """
    return _DECIMALS.get(currency, DEFAULT_DECIMALS)


def meant_by(code: str) -> str:
    """Return the code that is meant by one that ISO 4217 does not have; empty for any other.

    >>> meant_by("RMB"), meant_by("CNY")
    ('CNY', '')
    """
    return _MEANT.get(code, "")
