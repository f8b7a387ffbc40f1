"""Registration of supply-chain finance."""

from xinlian.apps.supply_chain import (
    approval,
    assignment,
    cancellation,
    early,
    events,
    financing,
    freeze_messages,
    freezes,
    guarantee_events,
    guarantee_messages,
    guarantee_payment,
    guarantee_records,
    guarantees,
    holds,
    issue,
    messages,
    pledge,
    recourse,
    settlement,
    stop_flags,
    term_messages,
    terms,
    transfer,
    types,
)
from xinlian.apps.supply_chain.dispute_registration import register_disputes
from xinlian.apps.supply_chain.finance_dues import FinanceDueSource
from xinlian.apps.supply_chain.late_interest import LateInterestSource
from xinlian.apps.supply_chain.offer_registration import register_offers
from xinlian.contracts.registry import Registry
from xinlian.modules.accounts.ports import OrderListener
from xinlian.modules.conditions.ports import RuledMessage
from xinlian.modules.evidence.ports import EvidenceListener, Financiers
from xinlian.modules.obligations.ports import OF_BUSINESSES, ObligationSource
from xinlian.modules.obligations.types import SourceKind
from xinlian.modules.schedule.ports import FollowsCalendar


def register(registry: Registry) -> None:
    """Add the business to the registry."""
    registry.add_collections(
        types.INVOICES,
        types.LINES,
        types.CERTIFICATES,
        types.LEAVES,
        types.LEAVES_OF,
        types.ENCUMBRANCES,
        types.OFFERS,
        types.ORDERS,
        types.ALLOCATIONS,
        types.PAYMENTS,
        types.LATE_INTEREST,
        types.REQUESTS,
        types.REGISTRATIONS,
        types.FINANCE_DUES,
        types.ASSIGNMENT_OFFERS,
        types.EARLY_DISCOUNTS,
        types.CANCELLATIONS,
        types.TERM_EXAMINATIONS,
        types.STOP_FLAGS,
        types.ASKED,
    )
    registry.add_collections(holds.FREEZES, holds.HOLDS)
    _add_messages(registry)
    register_offers(registry)
    _add_freezes(registry)
    _add_guarantees(registry)
    register_disputes(registry)
    _add_events(registry)
    registry.add_scheduled(issue.WINDOW_HANDLER, issue.end_window)
    registry.add_scheduled(financing.LOCK_HANDLER, financing.end_lock)
    registry.add_scheduled(transfer.OFFER_HANDLER, transfer.end_offer)
    registry.add_scheduled(approval.DECISION_HANDLER, approval.decide_request)
    registry.add_scheduled(settlement.DISCHARGE_HANDLER, settlement.discharge_chunk)
    registry.add_scheduled(settlement.ORDER_HANDLER, settlement.expire_order)
    registry.add_scheduled(stop_flags.STOP_HANDLER, stop_flags.lift_stop)
    registry.ports.provide(FollowsCalendar, settlement.ORDER_HANDLER, settlement.DatedOrder())
    certificates = settlement.CertificateSource()
    registry.ports.provide(ObligationSource, SourceKind.CERTIFICATE, certificates)
    registry.ports.provide(ObligationSource, SourceKind.LATE_INTEREST, LateInterestSource())
    for kind in (SourceKind.PLEDGE_LOAN, SourceKind.FINANCE_RECOURSE, SourceKind.RETAINED_PART):
        registry.ports.provide(ObligationSource, kind, FinanceDueSource())
    registry.ports.provide(OrderListener, OF_BUSINESSES, settlement.OrderBook())
    registry.ports.provide(EvidenceListener, OF_BUSINESSES, approval.WaitingRequests())
    registry.ports.provide(Financiers, OF_BUSINESSES, approval.AskedFinanciers())
    registry.ports.provide(RuledMessage, approval.DISBURSE, approval.FinanceRules())


def _add_messages(registry: Registry) -> None:
    registry.add_message(messages.RegisterInvoice, issue.register_invoice)
    registry.add_message(messages.ProposeCertificate, issue.propose_certificate)
    registry.add_message(term_messages.ExamineTerm, terms.examine_term)
    registry.add_message(messages.IssueCertificate, issue.issue_certificate)
    registry.add_message(messages.AcceptCertificate, issue.accept_certificate)
    registry.add_message(messages.DeclineCertificate, issue.decline_certificate)
    registry.add_message(messages.WithdrawCertificate, issue.withdraw_certificate)
    registry.add_message(messages.OfferTransfer, transfer.offer_transfer)
    registry.add_message(messages.AcceptTransfer, transfer.accept_transfer)
    registry.add_message(messages.RequestFinance, financing.request_finance)
    registry.add_message(messages.ReleaseLock, financing.release_lock)
    registry.add_message(messages.RecordRegistration, approval.record_registration)
    registry.add_message(messages.Disburse, financing.disburse)
    _add_finance_messages(registry)


def _add_finance_messages(registry: Registry) -> None:
    registry.add_message(messages.RequestFinanceOnTerms, financing.request_on_terms)
    registry.add_message(messages.PledgeLeaf, pledge.pledge_leaf)
    registry.add_message(messages.ReleasePledge, pledge.release_pledge)
    registry.add_message(messages.RepayPledge, pledge.repay_pledge)
    registry.add_message(messages.OfferAssignment, assignment.offer_assignment)
    registry.add_message(messages.AcceptAssignment, assignment.accept_assignment)
    registry.add_message(messages.StartRecourse, recourse.start_recourse)
    registry.add_message(messages.PayRecourse, recourse.pay_recourse)
    registry.add_message(messages.WithdrawRecourse, recourse.withdraw_recourse)
    registry.add_message(messages.AgreeDiscount, early.agree_discount)
    registry.add_message(messages.DischargeEarly, early.discharge_early)
    registry.add_message(messages.ProposeCancellation, cancellation.propose_cancellation)
    registry.add_message(messages.AgreeCancellation, cancellation.agree_cancellation)


def _add_freezes(registry: Registry) -> None:
    registry.add_message(freeze_messages.OrderFreeze, freezes.order_freeze)
    registry.add_message(freeze_messages.ConfirmFreeze, freezes.confirm_freeze)
    registry.add_message(freeze_messages.LiftFreeze, freezes.lift_freeze)
    registry.add_scheduled(freezes.FREEZE_HANDLER, freezes.expire_freeze)
    registry.add_events(
        events.FreezeOrdered,
        events.FreezeConfirmed,
        events.FreezeEnded,
        events.PaymentHeld,
    )


def _add_guarantees(registry: Registry) -> None:
    registry.add_collections(
        guarantee_records.GUARANTEES,
        guarantee_records.GUARANTEE_RELEASES,
        guarantee_records.CALLS,
        guarantee_records.CALLS_OF,
    )
    registry.add_message(guarantee_messages.GiveGuarantee, guarantees.give_guarantee)
    registry.add_message(guarantee_messages.ReleaseGuarantee, guarantees.release_guarantee)
    registry.add_message(guarantee_messages.PayGuarantee, guarantee_payment.pay_guarantee)
    calls = guarantee_payment.CallSource()
    registry.ports.provide(ObligationSource, SourceKind.CERTIFICATE_CALL, calls)
    registry.add_events(
        guarantee_events.GuaranteeGiven,
        guarantee_events.GuaranteeReleaseAgreed,
        guarantee_events.GuaranteeEnded,
        guarantee_events.GuaranteeCalled,
        guarantee_events.CallRaised,
        guarantee_events.LeafTakenOver,
    )


def _add_events(registry: Registry) -> None:
    registry.add_events(
        events.InvoiceRegistered,
        events.InvoiceOccupied,
        events.CertificateProposed,
        events.TermExamined,
        events.CertificateIssued,
        events.CertificateAccepted,
        events.CertificateVoided,
        events.TransferOffered,
        events.LeafSpent,
        events.LeafCreated,
        events.LeafLocked,
        events.LeafUnlocked,
        events.LeafAssigned,
        events.CertificateDue,
        events.LeafDischarged,
        events.CertificateOverdue,
        events.StopFlagChanged,
        events.PaymentOrdered,
        events.PaymentOrderEnded,
        events.LateInterestFixed,
        events.PaymentOrderMoved,
        events.TransferOfferEnded,
        events.FinanceRegistered,
        events.FinanceTermsAsked,
        events.LeafPledged,
        events.PledgeReleased,
        events.AssignmentOffered,
        events.LeafReassigned,
        events.LeafBoughtBack,
        events.RecourseStarted,
        events.RecourseEnded,
        events.DiscountAgreed,
        events.LeafPaidEarly,
        events.CancellationProposed,
        events.LeafCancelled,
    )
