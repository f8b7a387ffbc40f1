"""The reference model's rules: what each message must have had, and what it does.

Rules this file keeps:
 1. A rule runs only for messages that the ledger accepted: it says why that was right, or objects.
 2. One short function a message or event; the tables at the end say which is whose.
"""

from collections.abc import Iterator, Mapping
from typing import Final

from xinlian.apps.supply_chain import events as sce
from xinlian.apps.supply_chain import messages as sc
from xinlian.contracts.message import Event, Message
from xinlian.modules.accounts import events as ace
from xinlian.modules.accounts import messages as accounts
from xinlian.modules.documents import messages as documents
from xinlian.modules.evidence import events as eve
from xinlian.modules.evidence import messages as evidence
from xinlian.modules.governance import messages as governance
from xinlian.modules.members import messages as members
from xinlian.modules.schedule import messages as schedule
from xinlian.primitives.time import MS_PER_DAY, china_day, china_midnight_ms
from xinlian.testing.simulator.consequences import (
    PROMISE_EVENTS,
    on_scheduled_payment,
)
from xinlian.testing.simulator.deposit_rules import (
    DEPOSIT_RULES,
    on_pending_closed,
    overdue_pendings,
    transfer_rule,
)
from xinlian.testing.simulator.member_rules import (
    MEMBER_RULES,
    covering_rule,
    has_mandate,
    not_restrained,
    not_suspended,
)
from xinlian.testing.simulator.model import EventRule, MessageRule, Model, Rules
from xinlian.testing.simulator.promise_duties import overdue_promises
from xinlian.testing.simulator.promise_rules import PROMISE_RULES
from xinlian.testing.simulator.records import Certificate, Leaf, Order, Posting
from xinlian.testing.simulator.vote_rules import (
    VOTE_EVENTS,
    VOTE_RULES,
    may_vote,
    overdue_proposals,
)

OBLIGOR_KEYS_MIN: Final = 2
_E9: Final = 10**9
_LATE_RATE: Final = "supply_chain.late_rate_e9_per_day"


def _register_document(
    model: Model,
    party: bytes,
    message: documents.RegisterDocument,
) -> list[Posting]:
    model.require(message.root not in model.documents, "a root is registered once")
    model.documents[message.root] = {party}
    model.document_ms[message.root] = model.time_ms
    return []


def _countersign(
    model: Model,
    party: bytes,
    message: documents.CountersignDocument,
) -> list[Posting]:
    signers = model.documents.get(message.root)
    model.require(signers is not None and party not in signers, "others countersign, once")
    if signers is not None:
        signers.add(party)
    return []


def _record_fact(model: Model, party: bytes, message: evidence.RecordFact) -> list[Posting]:
    signers = model.documents.get(message.document_root, set())
    model.require(party in signers, "a fact is offered by a signer of its document")
    return []


def _verdict(model: Model, party: bytes, message: evidence.SubmitVerdict) -> list[Posting]:
    asked = {
        financier
        for leaf_id, (financier, until_ms) in model.locks.items()
        if model.certificates[model.leaves[leaf_id].certificate].invoice == message.subject
        and model.time_ms <= until_ms
    }
    entitled = {*model.sides[message.subject], *asked}
    model.require(party in entitled, "a side of the claim, or who is asked to finance it, judges")
    model.verdicts[message.subject, party] = message
    return []


def _nothing(model: Model, party: bytes, message: Message) -> list[Posting]:
    del model, party, message
    return []


def _register_invoice(model: Model, party: bytes, message: sc.RegisterInvoice) -> list[Posting]:
    model.require(message.root not in model.invoices, "an invoice is registered once")
    free_minor = message.gross_minor - message.prepaid_minor
    model.invoices[message.root] = (party, message.buyer, free_minor)
    model.sides[message.root] = (party, message.buyer)
    return []


def _propose(model: Model, party: bytes, message: sc.ProposeCertificate) -> list[Posting]:
    invoice = model.invoices.get(message.invoice_root)
    if invoice is None:
        model.require(invoice, "a certificate is on a registered invoice")
        return []
    seller, buyer, _ = invoice
    model.require(party in (seller, buyer), "a party of the invoice proposes")
    model.require(message.contract_root in model.document_ms, "under a registered contract")
    model.certificates[model.new_id("cert")] = Certificate(
        buyer,
        seller,
        message.invoice_root,
        message.face_minor,
        message.due_day,
        party,
        agreed_ms=model.document_ms.get(message.contract_root, 0),
    )
    return []


def _issue(model: Model, party: bytes, message: sc.IssueCertificate) -> list[Posting]:
    certificate = _certificate_in(model, message.certificate, "draft")
    model.require(party == certificate.obligor, "the obligor promises")
    model.require(len(model.signers_of(party)) >= OBLIGOR_KEYS_MIN, "with two of its keys")
    model.require(model.beginning.owners.get(message.account) == party, "over its own account")
    model.require(not _is_stopped(model, party), "not while it is stopped")
    certificate.state = "offered"
    promised_minor = sum(
        other.face_minor
        for other in model.certificates.values()
        if other.invoice == certificate.invoice and other.state in ("offered", "active")
    )
    free_minor = model.invoices[certificate.invoice][2]
    model.require(promised_minor <= free_minor, "an invoice is not certified beyond its amount")
    certificate.account = message.account
    certificate.cap_minor = message.authority_cap_minor
    certificate.until_ms = message.authority_until_ms
    certificate.issued_ms = model.time_ms
    return []


def _is_stopped(model: Model, party: bytes) -> bool:
    """Return whether something of a party is overdue, or was within the days of the policy."""
    days = model.policy_value("supply_chain.stop_lift_days")
    return any(
        certificate.is_overdue
        and (
            model.outstanding_minor(certificate_id) > 0
            or model.time_ms < certificate.cured_at_ms + days * MS_PER_DAY
        )
        for certificate_id, certificate in model.certificates.items()
        if certificate.obligor == party
    )


def _on_stop_changed(model: Model, event: sce.StopFlagChanged) -> None:
    model.require(event.is_set == _is_stopped(model, event.obligor), "stopped while it must be")


def _accept(model: Model, party: bytes, message: sc.AcceptCertificate) -> list[Posting]:
    certificate = _certificate_in(model, message.certificate, "offered")
    model.require(party == certificate.first_holder and message.free_choice, "of its free choice")
    certificate.state = "active"
    leaf = Leaf(message.certificate, party, certificate.face_minor)
    model.leaves[model.new_id("leaf")] = leaf
    return []


def _void(
    model: Model,
    party: bytes,
    message: sc.DeclineCertificate | sc.WithdrawCertificate,
) -> list[Posting]:
    is_decline = isinstance(message, sc.DeclineCertificate)
    certificate = _certificate_in(model, message.certificate, "offered" if is_decline else "draft")
    entitled = certificate.first_holder if is_decline else certificate.proposer
    model.require(party == entitled, "declined by the supplier, withdrawn by the proposer")
    certificate.state = "void"
    return []


def _certificate_in(model: Model, certificate_id: bytes, state: str) -> Certificate:
    found = model.certificates.get(certificate_id)
    model.require(found is not None and found.state == state, f"the certificate is {state}")
    return found or Certificate(b"", b"", b"", 0, 0, b"")


def _movable_leaf(model: Model, leaf_id: bytes) -> Leaf:
    leaf = model.leaves.get(leaf_id)
    if leaf is None:
        model.require(leaf, "the leaf exists")
        return Leaf(b"", b"", 0)
    model.require(not leaf.is_spent, "a leaf is spent once")
    due_ms = china_midnight_ms(model.certificates[leaf.certificate].due_day)
    model.require(model.time_ms < due_ms, "a leaf moves before its due day alone")
    model.require(not leaf.is_assigned, "a financed leaf stays")
    financier, until_ms = model.locks.get(leaf_id, (b"", 0))
    is_promised = model.time_ms <= until_ms
    model.require(not is_promised or financier == model.actor, "a locked leaf stays")
    return leaf


def _offer(model: Model, party: bytes, message: sc.OfferTransfer) -> list[Posting]:
    leaf = _movable_leaf(model, message.leaf)
    model.require(leaf.holder == party != message.to, "the holder offers, to another")
    model.require(message.amount_minor <= leaf.amount_minor, "no more than the leaf")
    model.offers[model.new_id("offer")] = message
    return []


def _accept_transfer(model: Model, party: bytes, message: sc.AcceptTransfer) -> list[Posting]:
    offer = model.offers.pop(message.offer, None)
    if offer is None:
        model.require(offer, "an offer is accepted once")
        return []
    model.require(party == offer.to, "by whom it was made to")
    model.require(model.time_ms <= offer.expires_at_ms, "in time")
    leaf = _movable_leaf(model, offer.leaf)
    leaf.is_spent = True
    rest_minor = leaf.amount_minor - offer.amount_minor
    model.require(rest_minor >= 0, "a split makes no value")
    model.leaves[model.new_id("leaf", 0)] = Leaf(leaf.certificate, party, offer.amount_minor)
    if rest_minor:
        model.leaves[model.new_id("leaf", 1)] = Leaf(leaf.certificate, leaf.holder, rest_minor)
    return []


def _request(model: Model, party: bytes, message: sc.RequestFinance) -> list[Posting]:
    leaf = _movable_leaf(model, message.leaf)
    model.require(leaf.holder == party != message.financier, "the holder asks another")
    model.require(model.time_ms >= model.locks.get(message.leaf, (b"", -1))[1], "one at a time")
    model.locks[message.leaf] = (message.financier, message.expires_at_ms)
    return []


def _release(model: Model, party: bytes, message: sc.ReleaseLock) -> list[Posting]:
    financier, _ = model.locks.pop(message.leaf, (b"", 0))
    model.require(party in (financier, model.leaves[message.leaf].holder), "by one of the two")
    return []


def _disburse(model: Model, party: bytes, message: sc.Disburse) -> list[Posting]:
    leaf = _movable_leaf(model, message.leaf)
    financier, until_ms = model.locks.pop(message.leaf, (b"", 0))
    model.require(financier == party and model.time_ms <= until_ms, "the asked financier, in time")
    verdict = model.verdicts.get((model.certificates[leaf.certificate].invoice, party))
    model.require(verdict is not None and not verdict.failures, "on its own passing verdict")
    subject = model.certificates[leaf.certificate].invoice
    outcomes = {
        given.outcome
        for (about, _), given in model.verdicts.items()
        if about == subject and model.time_ms <= given.expires_at_ms
    }
    model.require(not {1, 3} <= outcomes, "not while verifiers contradict one another")
    owners = model.beginning.owners
    sides = (owners.get(message.from_account), owners.get(message.to_account))
    model.require(sides == (party, leaf.holder), "from the financier to the holder")
    model.require(message.advance_minor <= leaf.amount_minor, "no more than the leaf")
    leaf.holder, leaf.is_assigned = party, True
    postings = [(message.to_account, message.from_account, message.advance_minor)]
    if message.discount_minor:
        postings.append((message.from_account, message.to_account, message.discount_minor))
    return postings


def _on_offer_ended(model: Model, event: sce.TransferOfferEnded) -> None:
    offer = model.offers.pop(event.offer)
    model.require(model.time_ms > _offer_ends_ms(model, offer), "an offer ends when its time is up")


def _offer_ends_ms(model: Model, offer: sc.OfferTransfer) -> int:
    due_day = model.certificates[model.leaves[offer.leaf].certificate].due_day
    return min(offer.expires_at_ms, china_midnight_ms(due_day) - 1)


def _overdue_offers(model: Model) -> Iterator[tuple[str, bytes]]:
    for offer_id, offer in model.offers.items():
        if model.time_ms > _offer_ends_ms(model, offer):
            yield "an offer ends", offer_id


def _on_voided(model: Model, event: sce.CertificateVoided) -> None:
    model.certificates[event.certificate].state = "void"


def _on_unlocked(model: Model, event: sce.LeafUnlocked) -> None:
    model.locks.pop(event.leaf, None)


def _on_due(model: Model, event: sce.CertificateDue) -> None:
    due_day = model.certificates[event.certificate].due_day
    model.require(model.time_ms >= china_midnight_ms(due_day), "not due before its day")
    for leaf_id, _ in model.live_leaves(event.certificate):
        model.locks.pop(leaf_id, None)


def _on_overdue(model: Model, event: sce.CertificateOverdue) -> None:
    certificate = model.certificates[event.certificate]
    open_minor = model.outstanding_minor(event.certificate)
    model.require(event.open_minor == open_minor > 0, "overdue with what is open")
    certificate.is_overdue = True
    certificate.rate_e9 = model.policy_value(_LATE_RATE, of=certificate)
    model.require(event.late_rate_e9_per_day == certificate.rate_e9, "at the rate of its row")


def _on_discharged(model: Model, event: sce.LeafDischarged) -> None:
    leaf = model.leaves[event.leaf]
    leaf.discharged_minor += event.amount_minor
    open_minor = leaf.amount_minor - leaf.discharged_minor
    model.require(not leaf.is_spent and leaf.holder == event.holder, "the holder is paid")
    model.require(open_minor == event.outstanding_minor >= 0, "no more than what is owed")
    certificate = model.certificates[event.certificate]
    if certificate.is_overdue and not model.outstanding_minor(event.certificate):
        certificate.cured_at_ms = model.time_ms


def _on_ordered(model: Model, event: sce.PaymentOrdered) -> None:
    model.orders[event.order] = Order(event.leaf, event.account, event.amount_minor)


def _on_order_ended(model: Model, event: sce.PaymentOrderEnded) -> None:
    model.require(model.orders[event.order].is_open, "an order ends once")
    model.orders[event.order].is_open = False


def _on_interest(model: Model, event: sce.LateInterestFixed) -> None:
    model.require(model.certificates[event.certificate].is_overdue, "interest is for lateness")
    certificate = model.certificates[event.certificate]
    days = max(china_day(model.time_ms) - certificate.due_day, 0)
    amount_minor = (2 * event.base_minor * certificate.rate_e9 * days + _E9) // (2 * _E9)
    model.require(event.amount_minor == amount_minor, f"interest for {days} days: {amount_minor}")
    model.interest[event.obligation] = (event.certificate, event.amount_minor)


def _on_recorded(model: Model, event: eve.FactRecorded) -> None:
    creditor, debtor = model.sides[event.subject]
    signers = model.documents[event.document_root]
    bank = model.beginning.bank
    of_group = {party: model.heads.get(party, party) for party in (creditor, debtor, bank)}
    is_group = of_group[creditor] == of_group[debtor]
    by_both = not is_group and {creditor, debtor} <= signers
    by_debtor = not is_group and debtor in signers
    by_bank = bank in signers and of_group[bank] not in (of_group[creditor], of_group[debtor])
    earned = {
        "contract": "b" if by_both else "c",
        "order": "b" if by_both else "c",
        "invoice": "a" if by_debtor else "c",
        "despatch": "b" if creditor in signers else "c",
        "goods_receipt": "a" if by_debtor else "c",
        "goods_event": "a" if by_debtor else "c",
        "bank_entry": "a" if by_bank else "c",
    }[event.kind]
    model.require(event.grade == earned, f"who signed it makes a {event.kind} worth {earned}")
    model.facts[event.subject][event.document_root] = (event.kind, event.grade)


def _overdue_certificates(model: Model) -> Iterator[tuple[str, bytes]]:
    """Yield certificates that are short after their cut-off and not called so."""
    for certificate_id, certificate in model.certificates.items():
        if certificate.state != "active" or certificate.is_overdue:
            continue
        ordered = any(
            order.is_open and model.leaves[order.leaf].certificate == certificate_id
            for order in model.orders.values()
        )
        cutoff_ms = china_midnight_ms(model.banking_day(certificate.due_day) + 1)
        is_short = model.outstanding_minor(certificate_id) > 0 and not ordered
        if is_short and model.time_ms >= cutoff_ms:
            yield "what is short is overdue", certificate_id


MESSAGE_RULES: Final[Mapping[type[Message], MessageRule]] = {
    **DEPOSIT_RULES,
    **PROMISE_RULES,
    **MEMBER_RULES,
    **VOTE_RULES,
    documents.RegisterDocument: _register_document,
    documents.CountersignDocument: _countersign,
    evidence.RecordFact: _record_fact,
    evidence.SubmitVerdict: _verdict,
    schedule.AdvanceClock: _nothing,
    schedule.ConfirmClock: _nothing,
    sc.RegisterInvoice: _register_invoice,
    sc.ProposeCertificate: _propose,
    sc.IssueCertificate: _issue,
    sc.AcceptCertificate: _accept,
    sc.DeclineCertificate: _void,
    sc.WithdrawCertificate: _void,
    sc.OfferTransfer: _offer,
    sc.AcceptTransfer: _accept_transfer,
    sc.RequestFinance: _request,
    sc.ReleaseLock: _release,
    sc.Disburse: _disburse,
}

EVENT_RULES: Final[Mapping[type[Event], EventRule]] = {
    **PROMISE_EVENTS,
    **VOTE_EVENTS,
    eve.FactRecorded: _on_recorded,
    ace.PendingClosed: on_pending_closed,
    sce.TransferOfferEnded: _on_offer_ended,
    sce.CertificateVoided: _on_voided,
    sce.LeafUnlocked: _on_unlocked,
    sce.CertificateDue: _on_due,
    sce.CertificateOverdue: _on_overdue,
    sce.StopFlagChanged: _on_stop_changed,
    sce.LeafDischarged: _on_discharged,
    sce.PaymentOrdered: _on_ordered,
    sce.PaymentOrderEnded: _on_order_ended,
    sce.LateInterestFixed: _on_interest,
}


def _may_send(model: Model, party: bytes, message: Message) -> bool:
    not_suspended(model, party, message)
    not_restrained(model, party, message)
    return covering_rule(model, party, message) is not None


def _transfer_stands(model: Model, party: bytes, message: accounts.Transfer) -> bool:
    is_to_another = message.from_account != message.to_account
    may_be_sent = is_to_another and _may_send(model, party, message)
    return may_be_sent and bool(transfer_rule(model, party, message))


def _vote_stands(model: Model, party: bytes, message: governance.Vote) -> bool:
    return _may_send(model, party, message) and may_vote(model, party, message)


def _revocation_stands(model: Model, party: bytes, message: members.RevokeKey) -> bool:
    return _may_send(model, party, message) and model.keys.get(message.key_id) == party


RULES: Final = Rules(
    always=(not_suspended, not_restrained, has_mandate),
    must_stand={
        accounts.Transfer: _transfer_stands,
        governance.Vote: _vote_stands,
        members.RevokeKey: _revocation_stands,
    },
    messages=MESSAGE_RULES,
    events=EVENT_RULES,
    on_promise_paid=on_scheduled_payment,
    duties=(
        overdue_pendings,
        overdue_promises,
        overdue_proposals,
        _overdue_certificates,
        _overdue_offers,
    ),
)
