"""Offers under seal: a call's own key, a bank's box for it, and what the boxes of a call say.

Rules this file keeps:
 1. Every call has a key pair of its own: opening it publishes the private key, which opens nothing
    else.
 2. Terms are checked before they are sealed: a bank does not learn at the opening that it offered
    nothing.
 3. Sealing draws the randomness of HPKE from the operating system; terms are of one length.

Source: RFC 9180.
"""

import secrets
from typing import NamedTuple

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PublicKey

from xinlian.apps.supply_chain.offer_terms import OfferTerms, box_purpose, encode_terms
from xinlian.crypto.hpke import BOX_KEY_BYTES, SUITE, box_key_of


class CallKeys(NamedTuple):
    """The key pair of one call."""

    box_key: bytes
    """Named in the call; banks seal to it."""
    box_secret: bytes
    """Kept until the call has closed, then published to open all offers."""

    def __repr__(self) -> str:
        """Return the public half alone."""
        return f"CallKeys({self.box_key.hex()})"


class UnsealableKey(ValueError):  # noqa: N818 - names the state of the key
    """Nothing can be sealed to this key; the call names a wrong one."""


def new_call_keys() -> CallKeys:
    """Return a fresh key pair for one call."""
    secret = secrets.token_bytes(BOX_KEY_BYTES)
    return CallKeys(box_key_of(secret), secret)


def seal_terms(chain_id: str, call: bytes, bank: bytes, box_key: bytes, terms: OfferTerms) -> bytes:
    """Return the box that holds a bank's terms for a call.

    Args:
        chain_id: of the ledger.
        call: the call's id.
        bank: who offers.
        box_key: the key that the call names, 32 bytes.
        terms: what is offered.

    Raises:
        ValueError: the terms are not sound.
        UnsealableKey: the key is none to which anything can be sealed.
    """
    plain = encode_terms(terms)
    try:
        public = X25519PublicKey.from_public_bytes(box_key)
        return SUITE.encrypt(plain, public, info=box_purpose(chain_id, call, bank))
    except ValueError:
        raise UnsealableKey("ask the holder for a new call") from None
