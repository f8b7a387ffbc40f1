"""The signed envelope: its fields, its one encoding, its id and what is signed.

Rules this file keeps:
 1. A transaction is ``[body, signatures]``; ``body`` is the canonical encoding of
    ``[version, chain_id, payer, idempotency_key, valid_until_ms, signers, calls]`` as a byte
    string, and a call is ``[acting_for, message]`` with the message's encoding as a byte string:
    an envelope has a fixed depth, so that no nesting of a sender's can overflow one node's stack
    and not another's.
 2. ``transaction_id`` covers the body alone: no third party changes it by touching signatures.
 3. What is signed is a hash of the id under a domain of its own; the body names the chain.
 4. A non-canonical encoding of a valid transaction is refused: re-encoding gives the same bytes.
 5. ``signers`` are sorted, distinct and part of what is signed; signature i is by signer i.
"""

import dataclasses
import functools
from typing import Final, cast

import msgspec

from xinlian.crypto.hashing import Domain, tagged_hash
from xinlian.ledger import limits
from xinlian.ledger.errors import (
    MalformedEnvelope,
    NonCanonicalEncoding,
    TransactionTooLarge,
    Undecodable,
    UnsupportedVersion,
)
from xinlian.primitives import ID_BYTES, KeyId, PartyId, TransactionId
from xinlian.primitives.misfits import misfit_words

TRANSACTION_VERSION: Final = 1
IDEMPOTENCY_KEY_BYTES: Final = 16
SMALL_BYTES_MAX: Final = 4 << 10
SMALL_KEPT: Final = 8_192


class Call(msgspec.Struct, array_like=True, frozen=True, forbid_unknown_fields=True):
    """One message, encoded, and the party in whose name it is sent."""

    acting_for: bytes
    message: bytes


class TransactionBody(msgspec.Struct, array_like=True, frozen=True, forbid_unknown_fields=True):
    """Everything that is signed."""

    version: int
    chain_id: str
    payer: bytes
    idempotency_key: bytes
    valid_until_ms: int
    signers: tuple[bytes, ...]
    calls: tuple[Call, ...]


class _Wire(msgspec.Struct, array_like=True, frozen=True, forbid_unknown_fields=True):
    body: bytes
    signatures: tuple[bytes, ...]


@dataclasses.dataclass(frozen=True, slots=True)
class Transaction:
    """A decoded transaction: well formed, its signatures not yet checked."""

    raw: bytes
    transaction_id: TransactionId
    body: TransactionBody
    signatures: tuple[bytes, ...]

    @property
    def payer(self) -> PartyId:
        """The party that owns the idempotency key and pays from its quota."""
        return PartyId(self.body.payer)

    @property
    def signers(self) -> tuple[KeyId, ...]:
        """The ids of the signing keys, ascending."""
        return cast("tuple[KeyId, ...]", self.body.signers)


_encode = msgspec.msgpack.Encoder().encode
_decode_wire = msgspec.msgpack.Decoder(_Wire).decode
_decode_body = msgspec.msgpack.Decoder(TransactionBody).decode


def transaction_id_of(body: bytes) -> TransactionId:
    """Return the 32-byte id of an encoded body."""
    return TransactionId(tagged_hash(Domain.TRANSACTION_ID, body))


def signing_bytes(transaction_id: TransactionId) -> bytes:
    """Return the 32 bytes that each signer signs."""
    return tagged_hash(Domain.TRANSACTION_SIGNATURE, transaction_id)


def encode_body(body: TransactionBody) -> bytes:
    """Return the canonical bytes of a body whose messages are canonical."""
    return _encode(body)


def encode_transaction(body: bytes, signatures: tuple[bytes, ...]) -> bytes:
    """Return the bytes that are submitted: an encoded body with its signatures."""
    return _encode(_Wire(body, signatures))


def decode_transaction(raw: bytes) -> Transaction:
    """Return the transaction of its bytes; signatures are not checked here.

    Raises:
        TransactionTooLarge: more than 1 MiB.
        Undecodable: not a transaction.
        NonCanonicalEncoding: a second spelling of a transaction.
        UnsupportedVersion: written by rules this release does not know.
        MalformedEnvelope: a field breaks its bounds.
    """
    if len(raw) > limits.TRANSACTION_BYTES_MAX:
        raise TransactionTooLarge(len(raw), limits.TRANSACTION_BYTES_MAX)
    return _decode_small(raw) if len(raw) <= SMALL_BYTES_MAX else _decode(raw)


def _decode(raw: bytes) -> Transaction:
    try:
        wire = _decode_wire(raw)
        body = _decode_body(wire.body)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise Undecodable(f"no transaction: {misfit_words(error)}") from None
    if _encode(wire) != raw or _encode(body) != wire.body:
        raise NonCanonicalEncoding
    if body.version != TRANSACTION_VERSION:
        raise UnsupportedVersion(body.version)
    _check_bounds(body, wire.signatures)
    return Transaction(raw, transaction_id_of(wire.body), body, wire.signatures)


_decode_small = functools.lru_cache(SMALL_KEPT)(_decode)
"""Admission and the block decode the same bytes: a pure function need not run twice.  Small ones
only, so that what is kept stays below 32 MiB of bytes; a refusal is never kept."""


def _check_bounds(body: TransactionBody, signatures: tuple[bytes, ...]) -> None:
    """Refuse an envelope whose fields break their bounds; raises MalformedEnvelope."""
    if not 0 < len(body.chain_id) <= limits.CHAIN_ID_CHARS_MAX:
        raise MalformedEnvelope("chain_id")
    if len(body.payer) != ID_BYTES:
        raise MalformedEnvelope("payer")
    if len(body.idempotency_key) != IDEMPOTENCY_KEY_BYTES:
        raise MalformedEnvelope("idempotency_key")
    if not 0 < body.valid_until_ms < 1 << 62:
        raise MalformedEnvelope("valid_until_ms")
    _check_signers(body.signers, signatures)
    if not 0 < len(body.calls) <= limits.CALLS_MAX:
        raise MalformedEnvelope("calls")
    for call in body.calls:
        if len(call.acting_for) != ID_BYTES:
            raise MalformedEnvelope("acting_for")


def _check_signers(signers: tuple[bytes, ...], signatures: tuple[bytes, ...]) -> None:
    """Refuse signers that are not sorted and distinct, or not each with one signature."""
    if not 0 < len(signers) <= limits.SIGNATURES_MAX:
        raise MalformedEnvelope("signers")
    before = b""
    for signer in signers:
        if len(signer) != ID_BYTES or signer <= before:
            raise MalformedEnvelope("signers")
        before = signer
    if len(signatures) != len(signers):
        raise MalformedEnvelope("signatures")
    for blob in signatures:
        if len(blob) > limits.SIGNATURE_BYTES_MAX:
            raise MalformedEnvelope("signatures")
