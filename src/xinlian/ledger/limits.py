"""Hard ceilings of the ledger; policy may set lower values, never higher ones.

Each exists so that no outside bytes can make a node work or store without bound.
"""

from typing import Final

from xinlian.primitives.time import MS_PER_DAY

TRANSACTION_BYTES_MAX: Final = 1 << 20
SIGNATURES_MAX: Final = 16
CALLS_MAX: Final = 1_000
SIGNATURE_BYTES_MAX: Final = 1 << 10
STATE_KEY_BYTES_MAX: Final = 128
STATE_VALUE_BYTES_MAX: Final = 64 << 10
EVENTS_PER_CALL_MAX: Final = 64
EVENT_BYTES_PER_CALL_MAX: Final = 64 << 10
CHAIN_ID_CHARS_MAX: Final = 48
BLOCK_BYTES_MAX: Final = 4 << 20
BLOCK_TRANSACTIONS_MAX: Final = 20_000
BLOCK_WORK_MAX: Final = 400_000
"""Work units of one block; a plain message costs 1."""
SCHEDULE_WORK_MAX: Final = BLOCK_WORK_MAX // 2
"""A block with a backlog of due items still gives transactions half its work."""
VALIDITY_MS_MAX: Final = MS_PER_DAY
"""``valid_until`` lies within (now, now + 24 h]."""
MARKER_RETENTION_MS: Final = MS_PER_DAY
"""A marker is dropped this long after its ``valid_until``."""
MARKERS_DROPPED_PER_BLOCK_MAX: Final = 2_000
QUOTA_WINDOW_MS_MAX: Final = MS_PER_DAY
QUOTA_BYTES_MAX: Final = 1 << 32
"""Bytes of transactions a payer and window."""
QUOTA_WORK_MAX: Final = 1_000_000_000
QUOTA_STATE_BYTES_MAX: Final = 1 << 32
QUOTA_MARKERS_MAX: Final = 50_000_000
"""Idempotency markers that a payer owns at any time."""
QUOTA_OPEN_ITEMS_MAX: Final = 100_000
"""Items of the schedule that are open on account of an organisation."""
