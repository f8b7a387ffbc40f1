"""Building and signing transactions on the user's machine.

Rules this file keeps:
 1. The idempotency key is drawn once per intent; signing the same intent again uses the same key.
 2. Ids of objects that a transaction creates are known before it is signed.
 3. Keys stay here: what leaves is bytes with signatures.
"""

import dataclasses
import secrets
from collections.abc import Sequence
from typing import Final

import msgspec

from xinlian.contracts.context import lasting_key, object_id
from xinlian.contracts.message import Message
from xinlian.crypto.ed25519 import SigningKey
from xinlian.ledger.transaction import (
    IDEMPOTENCY_KEY_BYTES,
    TRANSACTION_VERSION,
    Call,
    TransactionBody,
    encode_body,
    encode_transaction,
    signing_bytes,
    transaction_id_of,
)
from xinlian.modules.members.types import key_id_of
from xinlian.primitives import KeyId, PartyId, TransactionId
from xinlian.primitives.time import MS_PER_MINUTE

VALIDITY_MS_DEFAULT: Final = 10 * MS_PER_MINUTE

_encode = msgspec.msgpack.Encoder().encode


@dataclasses.dataclass(frozen=True, slots=True)
class SignedTransaction:
    """A transaction ready to submit."""

    raw: bytes
    transaction_id: TransactionId
    payer: PartyId
    idempotency_key: bytes
    valid_until_ms: int

    def created_id(self, kind: str, call_index: int = 0, ordinal: int = 0) -> bytes:
        """Return the id of an object that one of its calls creates."""
        key = lasting_key(self.idempotency_key, self.valid_until_ms)
        return object_id(kind, self.payer, key, call_index, ordinal)


@dataclasses.dataclass(frozen=True, slots=True)
class Intent:
    """What a party wants done, before anybody signed it."""

    chain_id: str
    payer: PartyId
    calls: tuple[tuple[PartyId, Message], ...]
    valid_until_ms: int
    idempotency_key: bytes = dataclasses.field(
        default_factory=lambda: secrets.token_bytes(IDEMPOTENCY_KEY_BYTES),
    )

    def sign(self, keys: Sequence[SigningKey]) -> SignedTransaction:
        """Return the transaction signed by all keys, in the order of their ids."""
        by_id = sorted(
            ((key_id_of(key.suite, key.public_key), key) for key in keys),
            key=lambda pair: pair[0],
        )
        body = encode_body(self._body(tuple(key_id for key_id, _ in by_id)))
        transaction_id = transaction_id_of(body)
        message = signing_bytes(transaction_id)
        signatures = tuple(key.sign(message) for _, key in by_id)
        return SignedTransaction(
            raw=encode_transaction(body, signatures),
            transaction_id=transaction_id,
            payer=self.payer,
            idempotency_key=self.idempotency_key,
            valid_until_ms=self.valid_until_ms,
        )

    def _body(self, signers: tuple[KeyId, ...]) -> TransactionBody:
        return TransactionBody(
            version=TRANSACTION_VERSION,
            chain_id=self.chain_id,
            payer=self.payer,
            idempotency_key=self.idempotency_key,
            valid_until_ms=self.valid_until_ms,
            signers=signers,
            calls=tuple(Call(acting_for, _encode(message)) for acting_for, message in self.calls),
        )
