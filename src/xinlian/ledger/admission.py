"""Does the envelope verify?  Everything that is decided before a message is looked at.

Rules this file keeps:
 1. The order of checks is the order of precedence in ``errors.py``.
 2. A refusal here consumes nothing and is no outcome.
 3. A signature cache may hold only the pure fact "these bytes verify under this key"; whether the
    key is registered and whose it is, is asked of the state every time.
"""

from collections.abc import Callable, Sequence

from xinlian.crypto.ed25519 import verify_signature
from xinlian.ledger import limits
from xinlian.ledger.errors import (
    Duplicate,
    Expired,
    IdempotencyConflict,
    InvalidSignature,
    PayerNotSigning,
    UnknownSigner,
    ValidityTooLong,
    WrongChain,
)
from xinlian.ledger.executor import BlockEnvironment, Executor, Quotas, SignerKey
from xinlian.ledger.outcomes import check_not_consumed
from xinlian.ledger.ports import StateView
from xinlian.ledger.transaction import Transaction, signing_bytes

SignatureFact = tuple[str, bytes, bytes, bytes]
"""(suite, public key, message, blob): whether it is true depends on nothing else."""

SignatureCheck = Callable[[str, bytes, bytes, bytes], bool]
"""(suite, public key, message, blob) → does it verify?  Pure; may be cached."""


def check_envelope(
    state: StateView,
    environment: BlockEnvironment,
    transaction: Transaction,
    executor: Executor,
    quotas: Quotas,
    signature_check: SignatureCheck = verify_signature,
) -> None:
    """Refuse a transaction whose envelope does not verify at this height.

    Raises:
        InvalidTransaction: wrong chain, outside its validity, duplicate.
        Rejected: a quota of the payer is used up.
        Unauthorised: unknown key, payer not signing, bad signature.
    """
    facts = facts_to_verify(state, environment, transaction, executor, quotas)
    for index, fact in enumerate(facts):
        if not signature_check(*fact):
            raise InvalidSignature(index)


def facts_to_verify(
    state: StateView,
    environment: BlockEnvironment,
    transaction: Transaction,
    executor: Executor,
    quotas: Quotas,
) -> list[SignatureFact]:
    """Return what must be true of the signatures of an envelope that is otherwise in order.

    Signatures come last in the order of precedence, so they may be looked at elsewhere and later.

    Raises:
        LedgerError: as ``check_envelope``, but for bad signatures.
    """
    body = transaction.body
    if body.chain_id != environment.chain_id:
        raise WrongChain(body.chain_id)
    _check_validity(body.valid_until_ms, environment.time_ms)
    keys = _signer_keys(state, transaction, executor)
    if all(key.party != body.payer for key in keys):
        raise PayerNotSigning
    check_not_consumed(state, transaction)
    quotas.check(state, transaction)
    return signature_facts(transaction, keys)


def signature_facts(transaction: Transaction, keys: Sequence[SignerKey]) -> list[SignatureFact]:
    """Return what each signer's signature claims, in the order of the signers."""
    message = signing_bytes(transaction.transaction_id)
    return [
        (key.suite, key.public_key, message, blob)
        for key, blob in zip(keys, transaction.signatures, strict=True)
    ]


def check_unused(used: dict[tuple[bytes, bytes], bytes], transaction: Transaction) -> None:
    """Note the idempotency key of a transaction of a list; refuse one that was there before.

    Raises:
        Duplicate: by this very transaction.
        IdempotencyConflict: by another one.
    """
    key = (transaction.body.payer, transaction.body.idempotency_key)
    first = used.get(key)
    if first is not None:
        raise Duplicate if first == transaction.transaction_id else IdempotencyConflict
    used[key] = transaction.transaction_id


def _check_validity(valid_until_ms: int, time_ms: int) -> None:
    if time_ms > valid_until_ms:
        raise Expired(valid_until_ms, time_ms)
    if valid_until_ms > time_ms + limits.VALIDITY_MS_MAX:
        raise ValidityTooLong(valid_until_ms, time_ms + limits.VALIDITY_MS_MAX)


def _signer_keys(
    state: StateView,
    transaction: Transaction,
    executor: Executor,
) -> list[SignerKey]:
    keys: list[SignerKey] = []
    for key_id in transaction.signers:
        key = executor.signer_key(state, key_id)
        if key is None:
            raise UnknownSigner(key_id.hex())
        keys.append(key)
    return keys
