"""Writing receipt files from what the store keeps.

A receipt proves one transaction at its height and, if asked, state entries as of the last height
or of an older one that is still kept.
"""

from collections.abc import Sequence

from xinlian.crypto.codec import Value, encode
from xinlian.crypto.merkle import inclusion_path
from xinlian.crypto.receipt_format import ENGINE_EMBEDDED, HASH_SUITE, RECEIPT_FORMAT
from xinlian.crypto.state_proof import ProofError, verify_state_proof
from xinlian.engines.embedded.attestation import Attest, unattested
from xinlian.ledger import limits
from xinlian.ledger.application import decode_outcome
from xinlian.ledger.block import event_leaves, result_leaves
from xinlian.ledger.clock import chain_meta
from xinlian.ledger.header import SignedHeader, decode_block
from xinlian.ledger.kept import header_at
from xinlian.ledger.node import BodyPruned, NoReceipt
from xinlian.ledger.outcomes import MARKERS
from xinlian.ledger.ports import Store, StoreError
from xinlian.ledger.state_tree import prove
from xinlian.ledger.transaction import decode_transaction
from xinlian.modules.policy.archive import archive_members


def build_receipt(
    store: Store,
    transaction_id: bytes | None,
    state_keys: Sequence[bytes] = (),
    attest: Attest = unattested,
    at_height: int | None = None,
) -> bytes:
    """Return a receipt file for a transaction, for state entries, or for both.

    Args:
        store: of the node.
        transaction_id: 32 bytes, or None.
        state_keys: keys whose entries, or whose absence, are proven.
        attest: adds who countersigned a header.
        at_height: as of which height the entries are; the head's by default.

    Raises:
        NoReceipt: no transaction with this id consumed its key here.
        BodyPruned: it did, in a block whose body is no longer here.
        StateNotKept: the state of that height is not here.
    """
    transaction = (
        None if transaction_id is None else _transaction_part(store, transaction_id, attest)
    )
    state = _state_part(store, state_keys, attest, at_height) if state_keys else None
    return encode((RECEIPT_FORMAT, ENGINE_EMBEDDED, HASH_SUITE, transaction, state))


def build_expiry_proof(store: Store, raw: bytes, attest: Attest = unattested) -> bytes:
    """Return a receipt file that a transaction has expired: as of the head its marker is absent.

    Raises:
        LedgerError: the bytes are no transaction.
        NoReceipt: it may still be ordered, was ordered, or expired over 24 hours ago.
    """
    body = decode_transaction(raw).body
    key = MARKERS.key(body.payer, body.idempotency_key)
    with store.snapshot() as snapshot:
        time_ms = chain_meta(snapshot).time_ms
        signed = header_at(store, snapshot.height)
        is_consumed = snapshot.get(key) is not None
        proof = prove(snapshot, key)
    if signed is None or is_consumed or time_ms <= body.valid_until_ms:
        raise NoReceipt("the idempotency key was used, or may still be")
    if time_ms > body.valid_until_ms + limits.MARKER_RETENTION_MS:
        raise NoReceipt("it expired over 24 hours ago: only a proof exported then shows it")
    part = (attest(signed), raw, proof)
    return encode((RECEIPT_FORMAT, ENGINE_EMBEDDED, HASH_SUITE, part, None))


def _transaction_part(store: Store, transaction_id: bytes, attest: Attest) -> Value:
    location = store.locate(transaction_id)
    if location is None:
        raise NoReceipt(transaction_id.hex())
    height, index = location
    block_bytes = store.block(height)
    outcome_bytes = store.outcome(height)
    if block_bytes is None or outcome_bytes is None:
        raise _pruned(store, height)
    block = decode_block(block_bytes)
    outcome = decode_outcome(outcome_bytes)
    results = result_leaves(outcome.results)
    events = event_leaves(outcome.event_groups)
    return (
        attest(block.signed_header),
        block.transactions[index],
        index,
        tuple(inclusion_path(block.transactions, index)),
        results[index],
        tuple(inclusion_path(results, index)),
        events[index + 1],
        tuple(inclusion_path(events, index + 1)),
    )


def _state_part(
    store: Store,
    keys: Sequence[bytes],
    attest: Attest,
    at_height: int | None,
) -> Value:
    with store.snapshot() if at_height is None else store.snapshot_at(at_height) as snapshot:
        signed = header_at(store, snapshot.height)
        if signed is None:
            raise NoReceipt(f"the header of height {snapshot.height} is not here")
        entries = tuple((key, snapshot.get(key), prove(snapshot, key)) for key in keys)
    _require_proven(signed, entries)
    return attest(signed), entries


def _require_proven(
    signed: SignedHeader, entries: Sequence[tuple[bytes, bytes | None, bytes]]
) -> None:
    """Refuse to hand out what does not verify: the tree, or its history, is damaged."""
    for key, value, proof in entries:
        try:
            verify_state_proof(signed.header.state_root, key, value, proof)
        except ProofError as error:
            raise StoreError(f"the tree is damaged: {error}; run `xinlian doctor`") from None


def _pruned(store: Store, height: int) -> BodyPruned:
    """Return why there is no receipt of a pruned height, and who has one."""
    with store.snapshot() as snapshot:
        archives = [f"{party.name} ({party.uscc})" for party in archive_members(snapshot)]
    return BodyPruned(height, store.extent().bodies_from, archives)
