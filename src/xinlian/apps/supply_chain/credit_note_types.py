"""What lowers an invoice after it was registered: credit notes, and payments outside the ledger.

Rules this file keeps:
 1. Each is a record of its own under its invoice and its document; the invoice counts their sum.
 2. A record that was made by mistake is taken back by a further entry, never removed.

Source: docs/concepts/certificates.md (I3).
"""

import enum
from typing import Final

from xinlian.apps.supply_chain.types import MODULE_NO
from xinlian.contracts.fields import AmountMinor, Count, Flag, OptionalId, TimeMs
from xinlian.crypto.hashing import HASH_BYTES
from xinlian.ledger.records import Collection, Record


class LoweringKind(enum.IntEnum):
    """Why an invoice is for less than it says."""

    CREDIT_NOTE = 1
    """红字发票: the seller took an amount back."""
    OUTSIDE_PAYMENT = 2
    """The buyer paid an amount to the seller outside the ledger."""


class Lowering(Record, frozen=True):
    """A credit note on an invoice, or a payment of it outside the ledger."""

    kind: Count
    amount_minor: AmountMinor
    recorded_at_ms: TimeMs
    reversal_asked_by: OptionalId = b""
    """Which side says that it was a mistake; empty without one."""
    is_reversed: Flag = False
    """Both sides took it back."""


LOWERINGS: Final = Collection(MODULE_NO, 42, Lowering, (HASH_BYTES, HASH_BYTES))
"""By invoice, and by the document that says it."""
