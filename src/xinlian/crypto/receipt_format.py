"""The shape of a receipt file, shared by who writes and who verifies it.

A receipt is the canonical encoding of::

    [format, engine, hash suite, transaction part or expiry part or nil, state part or nil]
    transaction part = [signed header, transaction, index, transaction path,
                        result, result path, events, events path]
    expiry part      = [signed header, transaction, proof that its marker is absent]
    state part       = [signed header, [[key, value or nil, proof], …]]
    signed header    = [header, [[public key, signature], …]]

and a header is the array of ``HEADER_FIELDS`` in this order.
"""

from typing import Final

RECEIPT_FORMAT: Final = "xinlian-receipt-1"
ENGINE_EMBEDDED: Final = "embedded"
HASH_SUITE: Final = "sha256"
RECEIPT_BYTES_MAX: Final = 4 << 20
STATE_PROOFS_MAX: Final = 32
MARKER_PREFIX: Final = b"\x00\x00\x01"
"""The key of a marker is this, then payer (20 bytes) and idempotency key (16 bytes)."""
MARKER_RETENTION_MS: Final = 24 * 60 * 60 * 1_000
"""A marker stays so long after ``valid_until``: until then its absence proves expiry."""

HEADER_FIELDS: Final = (
    "version",
    "chain_id",
    "height",
    "time_ms",
    "simulated",
    "previous_hash",
    "transactions_root",
    "transaction_count",
    "state_root",
    "results_root",
    "events_root",
    "app_version",
    "app_hash",
)
