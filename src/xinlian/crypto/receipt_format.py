"""The shapes of the files that a stranger verifies, shared by who writes and who verifies them.

Every file begins with ``[format, engine, hash suite, …]``; what follows is the engine's.  Of the
embedded engine::

    receipt     = [format, engine, hash suite, transaction part or expiry part or nil,
                   state part or nil]
    transaction part = [attested header, transaction, index, transaction path,
                        result, result path, events, events path]
    expiry part      = [attested header, transaction, proof that its marker is absent]
    state part       = [attested header, [[key, value or nil, proof], …]]

    checkpoint  = [format, engine, hash suite, genesis hash, clock, [operator key, …],
                   [[code, name, kind, [key, …]], …], attested header]
    equivocation = [format, engine, hash suite, signed header, signed header]

    signed header   = [header, [[public key, signature], …]]
    attested header = [header, [[public key, signature], …], [later header, …],
                       [[height, public key, signature], …], [[height, token], …]]

Of a network of validators (``cometbft``) a receipt has committed headers in place of attested ones
(``verifier/cometbft.py``), and the path of a transaction is in the tree of the engine's block.

A header is the array of ``HEADER_FIELDS`` in this order; a later header is its encoding, as a byte
string.  ``xinlian-receipt-1``, which is still read, has signed headers in place of attested ones.
"""

from typing import Final

RECEIPT_FORMAT: Final = "xinlian-receipt-2"
RECEIPT_FORMAT_1: Final = "xinlian-receipt-1"
CHECKPOINT_FORMAT: Final = "xinlian-checkpoint-1"
EQUIVOCATION_FORMAT: Final = "xinlian-equivocation-1"
ENGINE_EMBEDDED: Final = "embedded"
ENGINE_COMETBFT: Final = "cometbft"
HASH_SUITE: Final = "sha256"
RECEIPT_BYTES_MAX: Final = 4 << 20
STATE_PROOFS_MAX: Final = 32
LATER_HEADERS_MAX: Final = 256
"""How far after a header it may be countersigned or stamped for its own sake."""
SIGNATURES_MAX: Final = 64
"""Of operators, and of countersigners, of one header."""
TIME_STAMPS_MAX: Final = 8
TIME_STAMP_BYTES_MAX: Final = 64 << 10
CHECKPOINT_PARTIES_MAX: Final = 4_096
CHECKPOINT_KEYS_MAX: Final = 64
"""Of one party."""
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
