"""The reference model's rules: what each message must have had, and what it does.

Rules this file keeps:
 1. A rule runs only for messages that the ledger accepted: it says why that was right, or objects.
 2. One short function a message or event; the tables at the end say which is whose.
"""

from collections.abc import Mapping
from typing import Final

from xinlian.apps.supply_chain import events as sce
from xinlian.apps.supply_chain import messages as sc
from xinlian.contracts.message import Event, Message
from xinlian.modules.accounts import events as ace
from xinlian.modules.documents import messages as documents
from xinlian.modules.evidence import messages as evidence
from xinlian.modules.members import events as mbe
from xinlian.modules.members import messages as members
from xinlian.modules.members.types import key_id_of, organisation_id
from xinlian.modules.schedule import messages as schedule
from xinlian.primitives.time import china_midnight_ms
from xinlian.testing.simulator_deposit_rules import DEPOSIT_RULES, on_pending_closed
from xinlian.testing.simulator_model import (
    Certificate,
    EventRule,
    Leaf,
    MessageRule,
    Model,
    Order,
    Posting,
)

OBLIGOR_KEYS_MIN: Final = 2
SUSPENDED: Final = 2
"""The published number of a suspended party's status."""


def _register_document(
    model: Model,
    party: bytes,
    message: documents.RegisterDocument,
) -> list[Posting]:
    model.require(message.root not in model.documents, "a root is registered once")
    model.documents[message.root] = {party}
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
    model.verdicts[message.subject, party] = message
    return []


def _admit(model: Model, party: bytes, message: members.AdmitParticipant) -> list[Posting]:
    del party
    admitted = organisation_id(model.beginning.chain_id, message.uscc)
    model.require(admitted not in model.parties, "an organisation is admitted once")
    model.parties.add(admitted)
    _add_key(model, admitted, message.suite, message.public_key)
    return []


def _register_key(model: Model, party: bytes, message: members.RegisterKey) -> list[Posting]:
    _add_key(model, party, message.suite, message.public_key)
    return []


def _add_key(model: Model, party: bytes, suite: str, public_key: bytes) -> None:
    key_id = key_id_of(suite, public_key)
    model.require(key_id not in model.ever_keys, "a key belongs to one party for ever")
    model.ever_keys.add(key_id)
    model.keys[key_id] = party


def _revoke_key(model: Model, party: bytes, message: members.RevokeKey) -> list[Posting]:
    model.require(model.keys.get(message.key_id) == party, "a party revokes its own keys")
    model.keys.pop(message.key_id, None)
    return []


def _nothing(model: Model, party: bytes, message: Message) -> list[Posting]:
    del model, party, message
    return []


def _register_invoice(model: Model, party: bytes, message: sc.RegisterInvoice) -> list[Posting]:
    model.require(message.root not in model.invoices, "an invoice is registered once")
    free_minor = message.gross_minor - message.prepaid_minor
    model.invoices[message.root] = (party, message.buyer, free_minor)
    return []


def _propose(model: Model, party: bytes, message: sc.ProposeCertificate) -> list[Posting]:
    invoice = model.invoices.get(message.invoice_root)
    if invoice is None:
        model.require(invoice, "a certificate is on a registered invoice")
        return []
    seller, buyer, _ = invoice
    model.require(party in (seller, buyer), "a party of the invoice proposes")
    model.certificates[model.new_id("cert")] = Certificate(
        buyer, seller, message.invoice_root, message.face_minor, message.due_day, party
    )
    return []


def _issue(model: Model, party: bytes, message: sc.IssueCertificate) -> list[Posting]:
    certificate = _certificate_in(model, message.certificate, "draft")
    model.require(party == certificate.obligor, "the obligor promises")
    model.require(model.signatures_of(party) >= OBLIGOR_KEYS_MIN, "with two of its keys")
    model.require(model.beginning.owners.get(message.account) == party, "over its own account")
    model.require(not _is_overdue(model, party), "not while it is overdue")
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
    return []


def _is_overdue(model: Model, party: bytes) -> bool:
    return any(
        certificate.is_overdue and model.outstanding_minor(certificate_id)
        for certificate_id, certificate in model.certificates.items()
        if certificate.obligor == party
    )


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
    owners = model.beginning.owners
    sides = (owners.get(message.from_account), owners.get(message.to_account))
    model.require(sides == (party, leaf.holder), "from the financier to the holder")
    model.require(message.advance_minor <= leaf.amount_minor, "no more than the leaf")
    leaf.holder, leaf.is_assigned = party, True
    postings = [(message.to_account, message.from_account, message.advance_minor)]
    if message.discount_minor:
        postings.append((message.from_account, message.to_account, message.discount_minor))
    return postings


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


def _on_discharged(model: Model, event: sce.LeafDischarged) -> None:
    leaf = model.leaves[event.leaf]
    leaf.discharged_minor += event.amount_minor
    open_minor = leaf.amount_minor - leaf.discharged_minor
    model.require(not leaf.is_spent and leaf.holder == event.holder, "the holder is paid")
    model.require(open_minor == event.outstanding_minor >= 0, "no more than what is owed")


def _on_ordered(model: Model, event: sce.PaymentOrdered) -> None:
    model.orders[event.order] = Order(event.leaf, event.account, event.amount_minor)


def _on_order_ended(model: Model, event: sce.PaymentOrderEnded) -> None:
    model.require(model.orders[event.order].is_open, "an order ends once")
    model.orders[event.order].is_open = False


def _on_interest(model: Model, event: sce.LateInterestFixed) -> None:
    model.require(model.certificates[event.certificate].is_overdue, "interest is for lateness")
    model.interest[event.obligation] = (event.certificate, event.amount_minor)


def _on_admitted(model: Model, event: mbe.PartyAdmitted) -> None:
    model.parties.add(event.party)


def _on_key(model: Model, event: mbe.KeyRegistered) -> None:
    model.require(model.keys.get(event.key_id, event.party) == event.party, "a key has one party")
    model.ever_keys.add(event.key_id)
    model.keys[event.key_id] = event.party


def _on_key_revoked(model: Model, event: mbe.KeyRevoked) -> None:
    model.keys.pop(event.key_id, None)


def _on_status(model: Model, event: mbe.PartyStatusChanged) -> None:
    change = model.suspended.add if event.status == SUSPENDED else model.suspended.discard
    change(event.party)


MESSAGE_RULES: Final[Mapping[type[Message], MessageRule]] = {
    **DEPOSIT_RULES,
    documents.RegisterDocument: _register_document,
    documents.CountersignDocument: _countersign,
    evidence.RecordFact: _record_fact,
    evidence.SubmitVerdict: _verdict,
    members.AdmitParticipant: _admit,
    members.RegisterKey: _register_key,
    members.RevokeKey: _revoke_key,
    members.SetMandate: _nothing,
    members.SuspendParticipant: _nothing,
    members.ReinstateParticipant: _nothing,
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
    ace.PendingClosed: on_pending_closed,
    mbe.PartyAdmitted: _on_admitted,
    mbe.KeyRegistered: _on_key,
    mbe.KeyRevoked: _on_key_revoked,
    mbe.PartyStatusChanged: _on_status,
    sce.CertificateVoided: _on_voided,
    sce.LeafUnlocked: _on_unlocked,
    sce.CertificateDue: _on_due,
    sce.CertificateOverdue: _on_overdue,
    sce.LeafDischarged: _on_discharged,
    sce.PaymentOrdered: _on_ordered,
    sce.PaymentOrderEnded: _on_order_ended,
    sce.LateInterestFixed: _on_interest,
}
