"""Refusals of the envelope and of the machine itself.

Order of precedence, for every transaction::

    1 TransactionTooLarge   2 Undecodable        3 NonCanonicalEncoding  4 UnsupportedVersion
    5 MalformedEnvelope     6 WrongChain         7 Expired | ValidityTooLong
    8 UnknownSigner         9 PayerNotSigning   10 Duplicate | IdempotencyConflict
   11 the payer's quotas (``quotas/*``)         12 InvalidSignature
   13 then the messages, in order               14 what they took of the quotas

None of these consumes the idempotency key, none is an outcome.  ``internal/*`` are results of our
own bugs: they consume the key, change nothing else, and raise an alarm.
"""

from typing import ClassVar, Final

from xinlian.primitives import InvalidTransaction, Unauthorised

CODESPACE: Final = "ledger"
INTERNAL_CODESPACE: Final = "internal"
INTERNAL_INVARIANT_CODE: Final = 1
INTERNAL_ERROR_CODE: Final = 2


class TransactionTooLarge(InvalidTransaction):
    """The bytes exceed the ceiling of one transaction."""

    codespace: ClassVar[str] = CODESPACE
    code: ClassVar[int] = 1
    name: ClassVar[str] = "transaction_too_large"

    def __init__(self, size_bytes: int, limit_bytes: int) -> None:
        super().__init__(f"{size_bytes} bytes, at most {limit_bytes} are allowed")


class Undecodable(InvalidTransaction):
    """The bytes are not a transaction."""

    codespace: ClassVar[str] = CODESPACE
    code: ClassVar[int] = 2
    name: ClassVar[str] = "undecodable"


class NonCanonicalEncoding(InvalidTransaction):
    """The bytes are a second spelling of something with one canonical form."""

    codespace: ClassVar[str] = CODESPACE
    code: ClassVar[int] = 3
    name: ClassVar[str] = "non_canonical_encoding"

    def __init__(self) -> None:
        super().__init__("re-encode it: shortest headers, no trailing bytes")


class UnsupportedVersion(InvalidTransaction):
    """The envelope's version is unknown to this release."""

    codespace: ClassVar[str] = CODESPACE
    code: ClassVar[int] = 4
    name: ClassVar[str] = "unsupported_version"

    def __init__(self, version: int) -> None:
        super().__init__(f"transaction version {version}")


class MalformedEnvelope(InvalidTransaction):
    """A field of the envelope breaks its bounds."""

    codespace: ClassVar[str] = CODESPACE
    code: ClassVar[int] = 5
    name: ClassVar[str] = "malformed_envelope"

    def __init__(self, field: str) -> None:
        super().__init__(f"field {field} breaks its bounds")
        self.field = field


class WrongChain(InvalidTransaction):
    """The transaction was signed for another chain."""

    codespace: ClassVar[str] = CODESPACE
    code: ClassVar[int] = 6
    name: ClassVar[str] = "wrong_chain"

    def __init__(self, chain_id: str) -> None:
        super().__init__(f"signed for chain {chain_id!r}")


class Expired(InvalidTransaction):
    """``valid_until`` has passed."""

    codespace: ClassVar[str] = CODESPACE
    code: ClassVar[int] = 7
    name: ClassVar[str] = "expired"

    def __init__(self, valid_until_ms: int, time_ms: int) -> None:
        super().__init__(f"valid until {valid_until_ms}, the ledger's time is {time_ms}")


class ValidityTooLong(InvalidTransaction):
    """``valid_until`` lies more than 24 hours ahead."""

    codespace: ClassVar[str] = CODESPACE
    code: ClassVar[int] = 8
    name: ClassVar[str] = "validity_too_long"
    transient: ClassVar[bool] = True

    def __init__(self, valid_until_ms: int, limit_ms: int) -> None:
        super().__init__(f"valid until {valid_until_ms}, at most {limit_ms} is allowed now")


class UnknownSigner(Unauthorised):
    """A signer's key is not registered, or no longer active."""

    codespace: ClassVar[str] = CODESPACE
    code: ClassVar[int] = 9
    name: ClassVar[str] = "unknown_signer"

    def __init__(self, key_id_hex: str) -> None:
        super().__init__(f"key {key_id_hex} is not an active key of this ledger")


class PayerNotSigning(Unauthorised):
    """No key of the payer is among the signers."""

    codespace: ClassVar[str] = CODESPACE
    code: ClassVar[int] = 10
    name: ClassVar[str] = "payer_not_signing"

    def __init__(self) -> None:
        super().__init__("one signer must be a key of the payer")


class InvalidSignature(Unauthorised):
    """A signature does not verify."""

    codespace: ClassVar[str] = CODESPACE
    code: ClassVar[int] = 11
    name: ClassVar[str] = "invalid_signature"

    def __init__(self, signer_index: int) -> None:
        super().__init__(f"signature {signer_index} does not verify")
        self.signer_index = signer_index


class Duplicate(InvalidTransaction):
    """This very transaction already has an outcome; ask for it."""

    codespace: ClassVar[str] = CODESPACE
    code: ClassVar[int] = 12
    name: ClassVar[str] = "duplicate"

    def __init__(self) -> None:
        super().__init__("this transaction was already ordered; ask for its outcome")


class IdempotencyConflict(InvalidTransaction):
    """The idempotency key was already used for another body."""

    codespace: ClassVar[str] = CODESPACE
    code: ClassVar[int] = 13
    name: ClassVar[str] = "idempotency_conflict"

    def __init__(self) -> None:
        super().__init__("this idempotency key was used for another transaction")


class BlockFull(InvalidTransaction):
    """The block has no work units left for this transaction."""

    codespace: ClassVar[str] = CODESPACE
    code: ClassVar[int] = 14
    name: ClassVar[str] = "block_full"
    transient: ClassVar[bool] = True

    def __init__(self) -> None:
        super().__init__("the block's work is used up; submit again")


class Overloaded(InvalidTransaction):
    """The node holds as many waiting transactions as it may."""

    codespace: ClassVar[str] = CODESPACE
    code: ClassVar[int] = 15
    name: ClassVar[str] = "overloaded"
    transient: ClassVar[bool] = True

    def __init__(self) -> None:
        super().__init__("too many transactions are waiting; submit again later")


class ClockUnconfirmed(InvalidTransaction):
    """The node's clock jumped, or stood still too long: its operator must confirm it first."""

    codespace: ClassVar[str] = CODESPACE
    code: ClassVar[int] = 16
    name: ClassVar[str] = "clock_unconfirmed"
    transient: ClassVar[bool] = True
