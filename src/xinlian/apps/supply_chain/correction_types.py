"""A proposal to correct a leaf."""

from typing import Final

from xinlian.apps.supply_chain.types import MODULE_NO
from xinlian.contracts.fields import AmountMinor, Count, Hash, Id, TimeMs
from xinlian.ledger.records import Collection, Record
from xinlian.primitives import ID_BYTES


class Correction(Record, frozen=True):
    """One side's wish to take a part off a leaf; it binds nobody until the other agrees."""

    leaf_sequence_no: Count
    proposer: Id
    amount_minor: AmountMinor
    corrects_root: Hash
    expires_at_ms: TimeMs


CORRECTIONS: Final = Collection(MODULE_NO, 43, Correction, (ID_BYTES,))
"""By leaf: one is open, a new one takes its place."""
