"""Events of disputes, credit notes and corrections."""

from typing import Final

from xinlian.apps.supply_chain.types import MODULE_NO
from xinlian.contracts.fields import (
    AmountMinor,
    Count,
    Flag,
    Hash,
    Id,
    OptionalHash,
    OptionalId,
    TimeMs,
)
from xinlian.contracts.message import Event

_BASE: Final = MODULE_NO * 256


class DisputeOpened(Event, frozen=True, tag=_BASE + 60):
    """SC-T16: an amount of a leaf is disputed; the rest runs on."""

    dispute: Id
    leaf: Id
    certificate: Id
    raised_by: Id
    amount_minor: AmountMinor
    ground: Count
    grounds_root: Hash
    ends_at_ms: TimeMs
    leaf_disputed_minor: AmountMinor


class OutcomeProposed(Event, frozen=True, tag=_BASE + 61):
    """SC-T22: a side proposes how a dispute ends."""

    dispute: Id
    proposed_by: Id
    upheld_minor: AmountMinor
    frees_invoice: Flag


class DisputeEnded(Event, frozen=True, tag=_BASE + 62):
    """SC-T22: withdrawn, agreed, decided, or its time was up."""

    dispute: Id
    leaf: Id
    status: Count
    upheld_minor: AmountMinor
    frees_invoice: Flag
    owed_again_minor: AmountMinor
    leaf_disputed_minor: AmountMinor
    decision_root: OptionalHash
    ended_by: OptionalId


class LeafReduced(Event, frozen=True, tag=_BASE + 63):
    """SC-T22: an amount of a leaf is owed no more although nobody paid it."""

    leaf: Id
    certificate: Id
    holder: Id
    amount_minor: AmountMinor
    leaf_outstanding_minor: AmountMinor
    certificate_outstanding_minor: AmountMinor
    life: Count
    certificate_life: Count
    frees_invoice: Flag


class LeafOverdue(Event, frozen=True, tag=_BASE + 64):
    """SC-T13: a leaf whose dispute was rejected is overdue after its fresh cut-off."""

    leaf: Id
    certificate: Id


class InvoiceLowered(Event, frozen=True, tag=_BASE + 65):
    """SC-I3: a credit note or an outside payment lowers an invoice, or was taken back by both."""

    root: Hash
    document_root: Hash
    kind: Count
    amount_minor: AmountMinor
    is_reversed: Flag
    lowered_minor: AmountMinor
    """By how much it is lowered in all."""
    over_minor: AmountMinor
    """How much more of it is occupied and paid than is left; above 0 it is over-occupied: who holds
    or financed a claim on it may ask a court for a freeze."""


class ReversalAsked(Event, frozen=True, tag=_BASE + 66):
    """A side says that a credit note or payment was recorded by mistake; the other has not yet."""

    root: Hash
    document_root: Hash
    asked_by: Id


class CorrectionProposed(Event, frozen=True, tag=_BASE + 67):
    """SC-T18 for a part: a side says that a leaf was certified for too much."""

    leaf: Id
    proposer: Id
    amount_minor: AmountMinor
    corrects_root: Hash
    expires_at_ms: TimeMs


class LeafCorrected(Event, frozen=True, tag=_BASE + 68):
    """SC-T18 for a part: both sides took it back; ``LeafReduced`` beside it has what is left."""

    leaf: Id
    certificate: Id
    amount_minor: AmountMinor
    corrects_root: Hash
    proposer: Id
    agreed_by: Id
