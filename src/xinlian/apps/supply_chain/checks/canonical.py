"""Canonical forms in which names, numbers, goods and CBV terms of documents are compared.

Rules this file keeps:
 1. Text is compared after Unicode NFKC and stripping: 全角 digits equal ASCII digits.
 2. A document number matches exactly; only the search for copies ignores its punctuation.
 3. Goods are compared by GTIN of 14 digits where an identifier holds one, whatever its spelling.

Source: Unicode UAX 15; GS1 EPC Tag Data Standard and Digital Link for the spellings of a GTIN;
CBV 2.0 for those of business steps, dispositions and transaction types.
"""

import re
import unicodedata
from typing import Final

from xinlian.modules.evidence.statements import TradeLine, TradeParty

GTIN_DIGITS: Final = 14
_GTIN_SCHEMES: Final = frozenset({"0160", "gtin"})
_GTIN_LENGTHS: Final = frozenset({8, 12, 13, 14})
_ITEM_MAX: Final = 1_000
_EPC: Final = re.compile(r"urn:epc:(?:id|class|idpat):(?:sgtin|lgtin):(\d{6,12})\.(\d)(\d{0,6})\.")
_DIGITAL_LINK: Final = re.compile(r"https?://[^/]+/(?:.*/)?(?:01|gtin)/(\d{8}|\d{12,14})(?:/|\?|$)")


def canonical_text(text: str) -> str:
    """Return text after NFKC, stripped.

    >>> canonical_text(" ＨＴ-２０２６ ")
    'HT-2026'
    """
    return unicodedata.normalize("NFKC", text).strip()


def same_number(one: str | None, other: str | None) -> bool:
    """Return whether two document numbers are both given and the same."""
    return one is not None and other is not None and canonical_text(one) == canonical_text(other)


def bare_number(number: str) -> str:
    """Return a document number without case, spaces and punctuation, to find copies.

    >>> bare_number("inv 2026/001")
    'INV2026001'
    """
    folded = canonical_text(number).upper()
    return "".join(character for character in folded if character.isalnum())


def within_one_character(one: str, other: str) -> bool:
    """Return whether one text becomes the other by changing, adding or dropping ≤ 1 character.

    >>> within_one_character("A1", "A2"), within_one_character("A1", "A12")
    (True, True)
    >>> within_one_character("A12", "A21")
    False
    """
    shorter, longer = sorted((one, other), key=len)
    if len(longer) - len(shorter) > 1:
        return False
    same = 0
    while same < len(shorter) and shorter[same] == longer[same]:
        same += 1
    if len(shorter) == len(longer):
        return shorter[same + 1 :] == longer[same + 1 :]
    return shorter[same:] == longer[same + 1 :]


def canonical_uscc(party: TradeParty | None) -> str | None:
    """Return the unified social credit code that a document gives for a party."""
    if party is None or party.uscc is None:
        return None
    return canonical_text(party.uscc).upper()


def canonical_account(number: str) -> str:
    """Return an account number without spaces and dashes.

    >>> canonical_account("99-0001-0001")
    '9900010001'
    """
    return bare_number(number)


def canonical_item(item_id: str) -> str:
    """Return ``gtin:`` and 14 digits where an identifier holds a GTIN, else its canonical text.

    >>> canonical_item("0160:6901234567892")
    'gtin:06901234567892'
    >>> canonical_item("urn:epc:class:lgtin:690123456.0789.L1")
    'gtin:06901234567892'
    >>> canonical_item("https://id.gs1.org/01/06901234567892/10/L1")
    'gtin:06901234567892'
    """
    text = canonical_text(item_id)[:_ITEM_MAX]
    scheme, _, value = text.partition(":")
    if scheme.lower() in _GTIN_SCHEMES and value.isdecimal() and len(value) in _GTIN_LENGTHS:
        return f"gtin:{value.zfill(GTIN_DIGITS)}"
    if found := _DIGITAL_LINK.match(text):
        return f"gtin:{found[1].zfill(GTIN_DIGITS)}"
    if found := _EPC.match(text):
        return f"gtin:{_gtin_of_epc(found[1], found[2], found[3])}"
    return text


def line_item(line: TradeLine) -> str | None:
    """Return what a line is about: its item, else its name, None where it gives neither."""
    if line.item_id is not None:
        return canonical_item(line.item_id)
    if line.item_name is not None and canonical_text(line.item_name):
        return f"name:{canonical_text(line.item_name)}"
    return None


def cbv_term(term: str | None) -> str | None:
    """Return the bare word of a CBV term, whichever of its spellings is used.

    >>> cbv_term("https://ref.gs1.org/cbv/BizStep-receiving")
    'receiving'
    >>> cbv_term("urn:epcglobal:cbv:btt:po"), cbv_term("po")
    ('po', 'po')
    """
    if term is None:
        return None
    for prefix in ("https://ref.gs1.org/cbv/", "cbv:"):
        if term.startswith(prefix):
            return term.removeprefix(prefix).partition("-")[2]
    return term.rpartition(":")[2] if term.startswith("urn:epcglobal:cbv:") else term


def transaction_number(identifier: str) -> str:
    """Return the document number in the identifier of a business transaction.

    >>> transaction_number("urn:epcglobal:cbv:bt:6901234500009:PO-1"), transaction_number("PO-1")
    ('PO-1', 'PO-1')
    """
    text = canonical_text(identifier)
    return text.rpartition(":")[2] if text.startswith("urn:epcglobal:cbv:bt:") else text


def _gtin_of_epc(company_prefix: str, indicator: str, item_reference: str) -> str:
    body = indicator + company_prefix + item_reference
    return body + gtin_check_digit(body)


def gtin_check_digit(body: str) -> str:
    """Return the check digit of a GTIN's other digits.

    Source: GS1 General Specifications 7.9, weights 3 and 1 from the right.

    >>> gtin_check_digit("0690123456789")
    '2'
    """
    total = sum(int(digit) * (3 - 2 * (i % 2)) for i, digit in enumerate(reversed(body)))
    return str(-total % 10)
