"""Registration of disputes of leaves and of corrections."""

from xinlian.apps.supply_chain import (
    correction_messages,
    correction_types,
    corrections,
    credit_note_messages,
    credit_note_types,
    credit_notes,
    dispute_events,
    dispute_messages,
    dispute_types,
    disputes,
    judgments,
    outcomes,
)
from xinlian.contracts.registry import Registry
from xinlian.modules.schedule.ports import FollowsCalendar


def register_disputes(registry: Registry) -> None:
    """Add disputes to the registry."""
    registry.add_collections(
        dispute_types.DISPUTES, dispute_types.DISPUTES_OF, dispute_types.PAPERS_USED
    )
    registry.add_message(dispute_messages.OpenDispute, disputes.open_dispute)
    registry.add_message(dispute_messages.WithdrawDispute, disputes.withdraw_dispute)
    registry.add_message(dispute_messages.ProposeOutcome, disputes.propose_outcome)
    registry.add_message(dispute_messages.AgreeOutcome, disputes.agree_outcome)
    registry.add_message(dispute_messages.JudgeDispute, judgments.judge_dispute)
    registry.add_scheduled(outcomes.DISPUTE_HANDLER, outcomes.end_by_clock)
    registry.add_scheduled(outcomes.OWED_AGAIN_HANDLER, outcomes.pass_fresh_cutoff)
    fresh_cutoffs = outcomes.DatedFreshCutoff()
    registry.ports.provide(FollowsCalendar, outcomes.OWED_AGAIN_HANDLER, fresh_cutoffs)
    registry.add_collections(credit_note_types.LOWERINGS, correction_types.CORRECTIONS)
    registry.add_message(correction_messages.ProposeCorrection, corrections.propose_correction)
    registry.add_message(correction_messages.AgreeCorrection, corrections.agree_correction)
    registry.add_message(credit_note_messages.LowerInvoice, credit_notes.lower_invoice)
    registry.add_message(credit_note_messages.ReverseLowering, credit_notes.reverse_lowering)
    registry.add_events(
        dispute_events.InvoiceLowered,
        dispute_events.ReversalAsked,
        dispute_events.CorrectionProposed,
        dispute_events.LeafCorrected,
        dispute_events.DisputeOpened,
        dispute_events.OutcomeProposed,
        dispute_events.DisputeEnded,
        dispute_events.LeafReduced,
        dispute_events.LeafOverdue,
    )
