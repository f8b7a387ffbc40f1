"""Identifiers: 20 bytes on the ledger, ``<kind>_<base32>`` for people.

Rules this file keeps:
 1. An id has exactly one text form; any other spelling is refused.
 2. The kind is part of the text, so a leaf is never pasted where a party is meant.
"""

import base64
import binascii
from typing import Final, NewType

ID_BYTES: Final = 20
_TEXT_CHARS: Final = 32

PartyId = NewType("PartyId", bytes)
KeyId = NewType("KeyId", bytes)
AssetId = NewType("AssetId", bytes)
AccountId = NewType("AccountId", bytes)
TransferId = NewType("TransferId", bytes)
ObligationId = NewType("ObligationId", bytes)
AuthorityId = NewType("AuthorityId", bytes)
CertificateId = NewType("CertificateId", bytes)
LeafId = NewType("LeafId", bytes)
OfferId = NewType("OfferId", bytes)
DocumentRoot = NewType("DocumentRoot", bytes)
TransactionId = NewType("TransactionId", bytes)

ID_KINDS: Final = frozenset(
    {
        "party",
        "key",
        "asset",
        "account",
        "transfer",
        "obligation",
        "authority",
        "cert",
        "leaf",
        "offer",
        "fact",
        "order",
        "proposal",
        "pending",
        "consent",
        "record",
        "inquiry",
        "objection",
        "freeze",
        "dispute",
        "device",
        "call",
    },
)


class MalformedId(ValueError):  # noqa: N818 - names the state of the text
    """A text is not the one text form of an id of the expected kind."""


def format_id(kind: str, raw: bytes) -> str:
    """Return the text form of a 20-byte id.

    >>> format_id("leaf", bytes(20))
    'leaf_aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa'
    """
    if kind not in ID_KINDS or len(raw) != ID_BYTES:
        raise MalformedId(f"not a {kind} id: {raw.hex()}")
    return f"{kind}_{base64.b32encode(raw).decode('ascii').lower()}"


def parse_id(kind: str, text: str) -> bytes:
    """Return the 20 bytes of the text form of an id of ``kind``.

    Raises:
        MalformedId: wrong kind, length, alphabet or letter case.
    """
    prefix, separator, body = text.partition("_")
    if prefix != kind or not separator or len(body) != _TEXT_CHARS or not body.isascii():
        raise MalformedId(f"expected {kind}_ and {_TEXT_CHARS} characters, got {text[:60]!r}")
    try:
        raw = base64.b32decode(body.upper())
    except binascii.Error:
        raise MalformedId(f"not base32: {text[:60]!r}") from None
    if len(raw) != ID_BYTES or format_id(kind, raw) != text:
        raise MalformedId(f"not the one text form of a {kind} id: {text[:60]!r}")
    return raw
