"""Offers under seal: a call's own key, a bank's box for it, and what the boxes of a call say.

Rules this file keeps:
 1. Every call has a key pair of its own: opening it publishes the private key, which opens nothing
    else.
 2. Terms are checked before they are sealed: a bank does not learn at the opening that it offered
    nothing.
 3. The private key lies in ``HOME/calls`` with mode 0600, as the salts of documents do; no text, no
    repr and no error has it.  Who loses it opens nothing: the call lapses.
 4. Sealing draws the randomness of HPKE from the operating system; terms are of one length.

Source: RFC 9180.
"""

import secrets
from pathlib import Path
from typing import NamedTuple

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PublicKey

from xinlian.apps.supply_chain.offer_terms import OfferTerms, box_purpose, encode_terms
from xinlian.client.files import write_private
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


class CallKeyMissing(Exception):  # noqa: N818 - names the state of the key
    """The private key of a call is not in this home folder; the text names the file."""


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


def keep_call_keys(home: Path, keys: CallKeys) -> None:
    """Write the private key of a call into the home folder, before the call is sent."""
    write_private(_key_file(home, keys.box_key), keys.box_secret.hex().encode("ascii"))


def kept_secret(home: Path, box_key: bytes) -> bytes:
    """Return the private key that was kept for a call.

    Raises:
        CallKeyMissing: there is none, or the file holds another one.
    """
    file = _key_file(home, box_key)
    try:
        secret = bytes.fromhex(file.read_text("ascii"))
        fits = box_key_of(secret) == box_key
    except (OSError, ValueError):
        fits = False
    if not fits:
        raise CallKeyMissing(f"{file} does not hold the key of this call")
    return secret


def _key_file(home: Path, box_key: bytes) -> Path:
    return home / "calls" / f"{box_key.hex()}.key"
