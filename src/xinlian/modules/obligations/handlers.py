"""Registration of the obligations module."""

from xinlian.contracts.registry import Registry
from xinlian.modules.accounts.ports import ONLY, CreditListener, EntryListener, OrderListener
from xinlian.modules.obligations import (
    agreement,
    conditions,
    court_messages,
    decisions,
    disputes,
    enforcement,
    events,
    keeper,
    messages,
    outside,
    performance,
    types,
)
from xinlian.modules.obligations.ports import EnforcementSource, ObligationSource
from xinlian.modules.obligations.redating import DatedCutoff, DatedDue, DatedOrder
from xinlian.modules.obligations.types import SourceKind
from xinlian.modules.schedule.ports import FollowsCalendar


def register(registry: Registry) -> None:
    """Add the module to the registry."""
    registry.add_collections(types.OBLIGATIONS, types.WAITING, types.TERMS, types.AWAITED)
    registry.add_collections(types.COURT_CASES, types.ENFORCEMENTS)
    _add_messages(registry)
    _add_events(registry)
    registry.add_scheduled(keeper.DUE_HANDLER, keeper.fall_due)
    registry.add_scheduled(keeper.CUTOFF_HANDLER, keeper.pass_cutoff)
    registry.add_scheduled(keeper.RETRY_HANDLER, keeper.retry_account)
    registry.add_scheduled(agreement.PROPOSAL_HANDLER, agreement.end_proposal)
    registry.add_scheduled(conditions.CONDITION_HANDLER, conditions.meet_condition)
    registry.add_scheduled(conditions.CONDITION_END_HANDLER, conditions.end_condition)
    registry.add_scheduled(performance.ORDER_HANDLER, performance.expire_order)
    registry.add_scheduled(enforcement.ENFORCEMENT_HANDLER, enforcement.begin_enforcement)
    registry.ports.provide(FollowsCalendar, keeper.DUE_HANDLER, DatedDue())
    registry.ports.provide(FollowsCalendar, keeper.CUTOFF_HANDLER, DatedCutoff())
    registry.ports.provide(FollowsCalendar, performance.ORDER_HANDLER, DatedOrder())
    registry.ports.provide(CreditListener, ONLY, keeper.ObligationsRetry())
    registry.ports.provide(EnforcementSource, ONLY, enforcement.EnforcesByOrder())
    named = outside.NamedOrders()
    registry.ports.provide(OrderListener, ONLY, named)
    registry.ports.provide(EntryListener, ONLY, named)
    agreed = performance.AgreedSource()
    for kind in (
        SourceKind.AGREED,
        SourceKind.AGREED_INTEREST,
        SourceKind.GUARANTEE_CALL,
        SourceKind.RECOURSE,
        SourceKind.RETURN,
    ):
        registry.ports.provide(ObligationSource, kind, agreed)


def _add_messages(registry: Registry) -> None:
    registry.add_message(messages.ProposeObligation, agreement.propose_obligation)
    registry.add_message(messages.AcceptObligation, agreement.accept_obligation)
    registry.add_message(messages.AcceptGuarantee, agreement.accept_guarantee)
    registry.add_message(messages.CancelObligation, agreement.cancel_by_party)
    registry.add_message(messages.EndAuthority, agreement.end_authority)
    registry.add_message(messages.DisputeObligation, disputes.dispute_obligation)
    registry.add_message(messages.SettleDispute, disputes.settle_dispute)
    registry.add_message(messages.ForgiveObligation, disputes.forgive_obligation)
    registry.add_message(messages.DischargeByReceipt, outside.discharge_by_receipt)
    registry.add_message(messages.ConfirmPayment, outside.confirm_payment)
    registry.add_message(court_messages.DecideDispute, decisions.decide_dispute)
    registry.add_message(court_messages.OrderEnforcement, enforcement.order_enforcement)
    registry.add_message(court_messages.LiftEnforcement, enforcement.lift_enforcement)


def _add_events(registry: Registry) -> None:
    registry.add_events(
        events.ObligationOpened,
        events.ObligationDue,
        events.ObligationPerformed,
        events.ObligationDefaulted,
        events.ObligationEnded,
        events.ObligationProposed,
        events.ObligationAgreed,
        events.ConditionMet,
        events.ObligationReleased,
        events.DisputeChanged,
        events.DefaultFixed,
        events.DefaultCured,
        events.GuarantorCalled,
        events.CancellationAsked,
        events.AuthorityEnded,
        events.ObligationOrdered,
        events.ObligationOrderHeld,
        events.ObligationOrderEnded,
        events.OutsideDischarge,
        events.GuarantorNamed,
        events.BankingDayMoved,
        events.ObligationOrderMoved,
        events.SurplusOwedBack,
        events.DisputeDecided,
        events.EnforcementOrdered,
        events.EnforcementNamed,
        events.EnforcementExecuted,
        events.EnforcementEnded,
    )
