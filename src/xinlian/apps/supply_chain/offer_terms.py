"""What a sealed offer says, and for what it is sealed; the ledger and the clients agree on both.

Rules this file keeps:
 1. Terms are 25 bytes: version 1, then advance, discount and fee, 8 bytes each, big-endian.  All
    boxes of offers are of one length, so that a length tells nothing.
 2. A box is for one call and one bank of one chain: who copies another bank's box has nothing.
 3. Discount and fee together are below the advance; both are kept back when it is paid.
"""

from typing import Final, NamedTuple

from xinlian.crypto.hpke import OVERHEAD_BYTES, open_box
from xinlian.primitives import AMOUNT_MINOR_MAX

VERSION: Final = b"\x01"
_AMOUNT_BYTES: Final = 8
TERMS_BYTES: Final = len(VERSION) + 3 * _AMOUNT_BYTES
SEALED_BYTES: Final = TERMS_BYTES + OVERHEAD_BYTES
_PURPOSE: Final = b"xinlian/finance-offer/1"


class OfferTerms(NamedTuple):
    """What a bank offers for a leaf."""

    advance_minor: int
    """What it pays before deductions."""
    discount_minor: int
    """Interest that it keeps back."""
    fee_minor: int
    """Any other charge that it keeps back."""

    @property
    def kept_minor(self) -> int:
        """What is kept back in all."""
        return self.discount_minor + self.fee_minor

    @property
    def net_minor(self) -> int:
        """What arrives."""
        return self.advance_minor - self.kept_minor

    @property
    def is_sound(self) -> bool:
        """True when amounts are in range and something arrives."""
        in_range = all(0 <= amount <= AMOUNT_MINOR_MAX for amount in self)
        return in_range and self.net_minor > 0


def box_purpose(chain_id: str, call: bytes, bank: bytes) -> bytes:
    """Return for what a bank's box under a call is sealed."""
    return _PURPOSE + call + bank + chain_id.encode("ascii")


def encode_terms(terms: OfferTerms) -> bytes:
    """Return the 25 bytes of sound terms; raises ValueError for others."""
    if not terms.is_sound:
        raise ValueError("discount and fee together are not below the advance")
    return VERSION + b"".join(amount.to_bytes(_AMOUNT_BYTES, "big") for amount in terms)


def decode_terms(raw: bytes) -> OfferTerms | None:
    """Return the terms of their bytes, or None where they are none."""
    if len(raw) != TERMS_BYTES or raw[:1] != VERSION:
        return None
    starts = range(1, TERMS_BYTES, _AMOUNT_BYTES)
    amounts = (int.from_bytes(raw[start : start + _AMOUNT_BYTES], "big") for start in starts)
    terms = OfferTerms(*amounts)
    return terms if terms.is_sound else None


def open_terms(secret: bytes, box: bytes, purpose: bytes) -> OfferTerms | None:
    """Return what a bank offered, or None where its box does not open to sound terms."""
    opened = open_box(secret, box, purpose)
    return None if opened is None else decode_terms(opened)
