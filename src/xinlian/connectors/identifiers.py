"""Identifiers of parties, goods and handling units, with their check characters.

Rules this file keeps:
 1. What a document calls a unified social credit code, and what has the form of one, must have
    its check character; so must a GTIN under its ISO 6523 code 0160, and an SSCC.
 2. Other identifiers are kept as ``scheme:value``.

Source: GB 32100-2015; GS1 General Specifications 7.9 (check digits).
"""

import re
from typing import Final

from stdnum import ean

from xinlian.connectors.errors import WrongCheckDigit, quoted
from xinlian.modules.members.uscc import is_valid_uscc

_USCC_FORM: Final = re.compile(r"[0-9A-HJ-NPQRTUWXY]{2}[0-9]{6}[0-9A-HJ-NPQRTUWXY]{10}")
_SSCC_FORM: Final = re.compile(r"[0-9]{18}")
_GTIN_FORM: Final = re.compile(r"[0-9]{8}|[0-9]{12,14}")
_USCC_SCHEME: Final = "USCC"
_SSCC_SCHEME: Final = "SSCC"
_GTIN_CODE: Final = "0160"
_GTIN_SCHEME: Final = "GTIN"
_GS1_PARTY_SCHEMES: Final = frozenset(("0088", "GLN", "GSRN"))
"""Their numbers may have eighteen digits without being credit codes."""


def uscc_of(value: str, scheme: str | None, where: str) -> str | None:
    """Return the unified social credit code that an identifier is, None if it is another.

    Raises:
        WrongCheckDigit: it says or looks as if it were one, but is not.
    """
    if (scheme or "").upper() in _GS1_PARTY_SCHEMES:
        return None
    if (scheme or "").upper() != _USCC_SCHEME and not _USCC_FORM.fullmatch(value):
        return None
    return checked_uscc(value, where)


def checked_uscc(value: str, where: str) -> str:
    """Return a unified social credit code; raises WrongCheckDigit for anything else."""
    if not is_valid_uscc(value):
        raise WrongCheckDigit(where, f"{quoted(value)} is no unified social credit code")
    return value


def item_id_of(value: str, scheme: str | None, where: str) -> str:
    """Return ``scheme:value`` of an item; a GTIN is ``gtin:…`` whatever the document calls it.

    The word ``GTIN`` is no registered scheme, and published samples use it with invented digits:
    such a number stays ``unchecked-gtin:…`` and matches no GTIN.

    Raises:
        WrongCheckDigit: a GTIN under its code 0160 is none.
    """
    is_gtin = bool(_GTIN_FORM.fullmatch(value)) and has_gs1_check_digit(value)
    if scheme == _GTIN_CODE and not is_gtin:
        raise WrongCheckDigit(where, f"{quoted(value)} is no GTIN")
    if scheme == _GTIN_CODE or (scheme == _GTIN_SCHEME and is_gtin):
        return f"gtin:{value}"
    if scheme == _GTIN_SCHEME:
        return f"unchecked-gtin:{value}"
    return f"{scheme or 'standard'}:{value}"


def sscc_of(value: str, scheme: str | None, where: str) -> str | None:
    """Return the serial shipping container code that an identifier is, None if it is another.

    Raises:
        WrongCheckDigit: it says or looks as if it were one, but is not.
    """
    is_named = (scheme or "").upper() == _SSCC_SCHEME
    if not is_named and (scheme or not _SSCC_FORM.fullmatch(value)):
        return None
    if not _SSCC_FORM.fullmatch(value) or not has_gs1_check_digit(value):
        raise WrongCheckDigit(where, f"{quoted(value)} is no SSCC")
    return value


def has_gs1_check_digit(digits: str) -> bool:
    """Return whether the last digit of a GS1 key is its check digit."""
    return digits[-1] == gs1_check_digit(digits[:-1])


def gs1_check_digit(body: str) -> str:
    """Return the check digit of a GS1 key without it."""
    return str(ean.calc_check_digit(body))
