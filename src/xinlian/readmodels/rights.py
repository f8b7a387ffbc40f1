"""Who may read what: the one place that decides it.

While blocks are projected, each new row gives its parties the right to read the object that it
describes, as rows of ``readers``.  Whatever gives no right here, nobody reads.

::

    directory, keys    members; the party itself; its sponsor; its counterparties
    policy             members
    official role      every party: who may be asked, and whose orders count
    validator          every party: whose votes make blocks, and who answers for them
    proposal, votes    members; the organisation that it is about
    transaction        the payer and the parties acted for
    account            its owner and its keeper: the bank of a deposit, the obligor of a claim
    transfer           the owners of both accounts and the keeper
    bank entry         the account's owner and the bank
    bank statement     the readers of its account
    pending transfer   the owners of both accounts, the settler and the keeper
    closed period      the party whose books they are
    document           its owner and countersigners; the readers of what it is a fact about
    fact, verdict      the readers of their subject, and who gave them
    invoice            seller, buyer, and each financier that was asked on a leaf of it, alone or
                       by a call for offers
    certificate        obligor, first holder, every holder, each financier asked, the account's bank
    leaf               obligor; who holds or held it, its parent or one of its descendants;
                       each financier asked on it or on one of its descendants
    encumbrance        financier, seller, obligor
    offer              who offers and to whom
    freeze order       the court; once it is confirmed also who confirmed it, obligor, holder,
                       financier, and whose account it names
    guarantee          guarantor, obligor, first supplier, every holder, each financier asked
    dispute            obligor, holder, financier, who raised it, the court that gave the grounds
                       or decided
    call for offers    its holder and the banks that it invites
    bank's offer       the holder and that bank; all invited banks once it is opened
    payment order      obligor, payee, bank
    obligation         debtor and creditors of record; guarantors; the bank that is to pay it
    issue line         its obligor
    standing           the party that it is of
    rule pack          the party whose rules they are
    case               who asked and whose rules decide it
    consent, its reads the subject and the reader that it names
    credit record      its provider and its subject
    credit inquiry     who asked and the subject, answered or denied
    its records        who asked, while its consent is in force; the subject
    credit objection   the subject and the provider
    portrait           the organisation that it is of; who has a consent of it in force and has
                       recorded a read: the kinds of data and the height of that read

Rules this file keeps:
 1. A right once given stays: what a party has seen it may see again.  Suspension changes nothing.
 2. An event is read by the readers of the one object that it is about (``subjects.py``).
 3. Naming another organisation's document gives nobody a right to it; only its signers share it.
 4. Data that a consent opens is no right that stays: each question looks at the consent anew.

Source: docs/concepts/certificates.md (parties of a certificate).
"""

import itertools
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, NamedTuple

from xinlian.modules.consent.types import PORTRAIT_KINDS
from xinlian.readmodels import rows
from xinlian.readmodels.errors import ConsentNotInForce, ReadNotRecorded
from xinlian.readmodels.finance_offer_rights import grant_finance_call, grant_finance_offer
from xinlian.readmodels.kinds import Kind
from xinlian.readmodels.rows import Row
from xinlian.readmodels.sharing import counterparties as _counterparties
from xinlian.readmodels.sharing import grant_party as _grant_party
from xinlian.readmodels.sharing import introduce as _introduce
from xinlian.readmodels.sharing import keeper as _keeper
from xinlian.readmodels.sharing import open_invoice as _open_invoice
from xinlian.readmodels.subjects import (
    CHAIN_CLOCK,
    entry_id,
    obligation_of,
    official_role_id,
    read_id,
    statement_id,
)
from xinlian.readmodels.working_set import WorkingSet

MEMBERS: Final = "members"
"""The group of all members; no party id looks like it."""
EVERY_PARTY: Final = "every-party"
"""The group of all parties of the directory."""
RIGHTS_FIELDS: Final = frozenset(
    {
        "sponsor",
        "holder",
        "financier",
        "account_id",
        "countersigners",
        "signer",
        "confirmed_by",
        "ended_by",
        "proposed_by",
    },
)
"""The fields whose change may give a right."""
_GIVEN: Final = "given"


def grant_for(state: WorkingSet, row: Row) -> None:
    """Give the rights that follow from a new or changed row."""
    rule = _RULES.get(type(row))
    if rule is not None:
        rule(state, row)


def grant_at_genesis(state: WorkingSet) -> None:
    """Give the rights on what no row describes."""
    state.grant(Kind.CLOCK, CHAIN_CLOCK, [EVERY_PARTY])


def _party(state: WorkingSet, row: rows.PartyRow) -> None:
    _grant_party(state, row.party_id, [row.party_id, row.sponsor, MEMBERS])
    for own in (Kind.MANDATE, Kind.STANDING, Kind.RULE_PACK):
        state.grant(own, row.party_id, [row.party_id])
    if row.sponsor:
        _grant_party(state, row.sponsor, [row.party_id])


def _proposal(state: WorkingSet, row: rows.ProposalRow) -> None:
    state.grant(Kind.PROPOSAL, row.proposal_id, [MEMBERS, row.party])


def _validator(state: WorkingSet, row: rows.ValidatorRow) -> None:
    state.grant_new(Kind.VALIDATOR, row.public_key, [EVERY_PARTY])


def _official_role(state: WorkingSet, row: rows.OfficialRoleRow) -> None:
    held = official_role_id(row.official_role, row.party_id)
    state.grant_new(Kind.OFFICIAL_ROLE, held, [EVERY_PARTY])


def _key(state: WorkingSet, row: rows.KeyRow) -> None:
    state.grant_new(Kind.KEY, row.key_id, state.readers_of(Kind.PARTY, row.party_id))


def _account(state: WorkingSet, row: rows.AccountRow) -> None:
    keeper = _keeper(state, row)
    state.grant_new(Kind.ACCOUNT, row.account_id, [row.owner, keeper])
    _counterparties(state, row.owner, keeper)


def _reservation(state: WorkingSet, row: rows.ReservationRow) -> None:
    account = state.require(rows.AccountRow, row.account_id)
    state.grant_new(Kind.RESERVATION, row.reservation_id, [account.owner, _keeper(state, account)])


def _bank_account(state: WorkingSet, row: rows.BankAccountRow) -> None:
    state.grant(Kind.BANK_ACCOUNT, row.bank_account, [row.owner, row.bank])
    _counterparties(state, row.owner, row.bank)


def _bank_entry(state: WorkingSet, row: rows.BankEntryRow) -> None:
    state.grant_new(Kind.BANK_ENTRY, entry_id(row.bank, row.identity), [row.owner, row.bank])


def _bank_statement(state: WorkingSet, row: rows.BankStatementRow) -> None:
    account = state.require(rows.AccountRow, row.account_id)
    stated = statement_id(row.account_id, row.statement_day)
    state.grant_new(Kind.BANK_STATEMENT, stated, [account.owner, _keeper(state, account)])


def _pending(state: WorkingSet, row: rows.PendingTransferRow) -> None:
    keeper = _keeper(state, state.require(rows.AccountRow, row.from_account))
    parties = [row.giver, row.receiver, row.settler]
    state.grant(Kind.PENDING, row.pending_id, [*parties, keeper])
    _counterparties(state, row.giver, row.receiver)
    for party in (row.giver, row.receiver):
        _counterparties(state, party, row.settler)


def _period(state: WorkingSet, row: rows.PeriodCloseRow) -> None:
    state.grant(Kind.PERIOD, row.close_id, [row.party_id])


def _document(state: WorkingSet, row: rows.DocumentRow) -> None:
    state.grant(Kind.DOCUMENT, row.root, [row.owner, *row.countersigners])
    for countersigner in row.countersigners:
        _counterparties(state, row.owner, countersigner)


def _fact(state: WorkingSet, row: rows.FactRow) -> None:
    readers = state.readers_of(Kind.INVOICE, row.subject)
    state.grant(Kind.FACT, row.fact_id, [row.signer, *readers])
    state.grant(Kind.DOCUMENT, row.document_root, readers)


def _verdict(state: WorkingSet, row: rows.VerdictRow) -> None:
    readers = state.readers_of(Kind.INVOICE, row.subject)
    state.grant(Kind.VERDICT, row.verdict_id, [row.party, *readers])


def _invoice(state: WorkingSet, row: rows.InvoiceRow) -> None:
    _open_invoice(state, row.root, row.seller, row.buyer)
    _counterparties(state, row.seller, row.buyer)


def _certificate(state: WorkingSet, row: rows.CertificateRow) -> None:
    parties = [row.obligor, row.first_holder]
    if row.account_id:  # it was issued
        parties.append(_keeper(state, state.require(rows.AccountRow, row.account_id)))
        promise = obligation_of(row.certificate_id)
        state.grant(Kind.OBLIGATION, promise, [row.obligor, row.first_holder])
    state.grant(Kind.CERTIFICATE, row.certificate_id, parties)
    _counterparties(state, row.obligor, row.first_holder)


def _leaf(state: WorkingSet, row: rows.LeafRow) -> None:
    certificate = state.require(rows.CertificateRow, row.certificate_id)
    near = [row.holder, row.financier]
    state.grant(Kind.LEAF, row.leaf_id, [certificate.obligor, *near])
    state.grant(Kind.CERTIFICATE, row.certificate_id, near)
    state.grant(Kind.OBLIGATION, obligation_of(row.certificate_id), [row.holder])
    _counterparties(state, row.holder, certificate.obligor)
    for guarantee in state.find(rows.GuaranteeRow, certificate_id=row.certificate_id):
        _guarantee_reader(state, guarantee, near)
    if row.parent:
        held_parent = state.require(rows.LeafRow, row.parent).holder
        state.grant(Kind.LEAF, row.leaf_id, [held_parent])
        _counterparties(state, row.holder, held_parent)
    if row.financier:
        _open_invoice(state, certificate.invoice_root, row.financier)
        _counterparties(state, row.holder, row.financier)
    above = row.parent
    while above:
        state.grant(Kind.LEAF, above, near)
        above = state.require(rows.LeafRow, above).parent


def _guarantee_reader(
    state: WorkingSet,
    guarantee: rows.GuaranteeRow,
    parties: list[str],
) -> None:
    state.grant(Kind.GUARANTEE, guarantee.guarantee_id, parties)
    for party in parties:
        _counterparties(state, guarantee.guarantor, party)


def _encumbrance(state: WorkingSet, row: rows.EncumbranceRow) -> None:
    obligor = state.require(rows.CertificateRow, row.certificate_id).obligor
    state.grant(Kind.ENCUMBRANCE, row.leaf_id, [row.financier, row.seller, obligor])


def _offer(state: WorkingSet, row: rows.OfferRow) -> None:
    state.grant(Kind.OFFER, row.offer_id, [row.offered_by, row.offered_to])
    _counterparties(state, row.offered_by, row.offered_to)


def _freeze(state: WorkingSet, row: rows.FreezeRow) -> None:
    state.grant(Kind.FREEZE, row.freeze_id, [row.authority])
    if not row.confirmed_by:
        return  # whom it will hold does not see it coming
    obligor = state.require(rows.CertificateRow, row.certificate_id).obligor
    keeper = state.require(rows.AccountRow, row.account_id).owner
    held = [
        leaf
        for leaf in state.find(rows.LeafRow, certificate_id=row.certificate_id)
        if leaf.leaf_id == row.leaf_id or leaf.holder == row.holder
    ]
    holders = [party for leaf in held for party in (leaf.holder, leaf.financier)]
    concerned = [obligor, row.confirmed_by, keeper, *holders]
    state.grant(Kind.FREEZE, row.freeze_id, concerned)
    state.grant(Kind.CERTIFICATE, row.certificate_id, [row.authority])
    for leaf in held:
        state.grant(Kind.LEAF, leaf.leaf_id, [row.authority])
    for party in concerned:
        _counterparties(state, row.authority, party)


def _guarantee(state: WorkingSet, row: rows.GuaranteeRow) -> None:
    certificate = state.require(rows.CertificateRow, row.certificate_id)
    leaves = state.find(rows.LeafRow, certificate_id=row.certificate_id)
    near = [party for leaf in leaves for party in (leaf.holder, leaf.financier)]
    concerned = [certificate.obligor, certificate.first_holder, *near]
    state.grant(Kind.GUARANTEE, row.guarantee_id, [row.guarantor, *concerned])
    state.grant(Kind.CERTIFICATE, row.certificate_id, [row.guarantor])
    state.grant(Kind.OBLIGATION, obligation_of(row.certificate_id), [row.guarantor])
    for party in concerned:
        _counterparties(state, row.guarantor, party)


def _dispute(state: WorkingSet, row: rows.DisputeRow) -> None:
    leaf = state.require(rows.LeafRow, row.leaf_id)
    obligor = state.require(rows.CertificateRow, row.certificate_id).obligor
    grounds = state.get(rows.DocumentRow, row.grounds_root)
    court = "" if grounds is None else grounds.owner
    concerned = [obligor, leaf.holder, leaf.financier, row.raised_by, court, row.ended_by]
    state.grant(Kind.DISPUTE, row.dispute_id, concerned)
    for party in (court, row.ended_by):
        state.grant(Kind.LEAF, row.leaf_id, [party])
        state.grant(Kind.CERTIFICATE, row.certificate_id, [party])


def _payment_order(state: WorkingSet, row: rows.PaymentOrderRow) -> None:
    state.grant(Kind.PAYMENT_ORDER, row.order_id, [row.obligor, row.payee, row.bank])
    _counterparties(state, row.obligor, row.payee)


def _obligation(state: WorkingSet, row: rows.ObligationRow) -> None:
    state.grant(Kind.OBLIGATION, row.obligation_id, [row.debtor, row.creditor])
    if row.creditor:
        _counterparties(state, row.debtor, row.creditor)


def _late_interest(state: WorkingSet, row: rows.LateInterestRow) -> None:
    state.grant(Kind.OBLIGATION, row.obligation_id, [row.debtor, row.creditor])
    readers = state.readers_of(Kind.OBLIGATION, row.obligation_id)
    state.grant_new(Kind.LATE_INTEREST, row.obligation_id, readers)


def _issue_line(state: WorkingSet, row: rows.IssueLineRow) -> None:
    state.grant(Kind.ISSUE_LINE, row.obligor, [row.obligor])


def _consent(state: WorkingSet, row: rows.ConsentRow) -> None:
    state.grant(Kind.CONSENT, row.consent_id, [row.subject, row.reader])
    _counterparties(state, row.subject, row.reader)


def _device(state: WorkingSet, row: rows.DeviceRow) -> None:
    state.grant(Kind.DEVICE, row.device_id, [row.owner, row.serves])
    _counterparties(state, row.owner, row.serves)


def _watch(state: WorkingSet, row: rows.WatchRow) -> None:
    readers = list(state.readers_of(Kind.INVOICE, row.subject))
    owner = state.require(rows.DeviceRow, row.device_id).owner
    state.grant(Kind.WATCH, row.watch_id, [owner, *readers])
    state.grant(Kind.DEVICE, row.device_id, readers)


def _consent_read(state: WorkingSet, row: rows.ConsentReadRow) -> None:
    read = read_id(row.consent_id, row.read_no)
    state.grant_new(Kind.CONSENT_READ, read, [row.subject, row.reader])


def _credit_record(state: WorkingSet, row: rows.CreditRecordRow) -> None:
    state.grant(Kind.CREDIT_RECORD, row.record_id, [row.provider, row.subject])
    _counterparties(state, row.provider, row.subject)


def _credit_inquiry(state: WorkingSet, row: rows.CreditInquiryRow) -> None:
    state.grant(Kind.CREDIT_INQUIRY, row.inquiry_id, [row.inquirer, row.subject])
    if row.denied_as:  # whoever was denied learns nothing of the subject, which learns who asked
        _introduce(state, row.inquirer, row.subject)
    else:
        _counterparties(state, row.inquirer, row.subject)


def _credit_objection(state: WorkingSet, row: rows.CreditObjectionRow) -> None:
    state.grant(Kind.CREDIT_OBJECTION, row.objection_id, [row.provider, row.subject])


def credit_consent_in_force(consent: rows.ConsentRow, time_ms: int) -> bool:
    """Return whether an inquirer still reads under its consent what answered its inquiry."""
    return consent.status == _GIVEN and consent.from_ms <= time_ms <= consent.until_ms


_RULES: Final[Mapping[type[Row], Callable[[WorkingSet, Any], None]]] = {
    rows.PartyRow: _party,
    rows.KeyRow: _key,
    rows.OfficialRoleRow: _official_role,
    rows.ValidatorRow: _validator,
    rows.ProposalRow: _proposal,
    rows.AccountRow: _account,
    rows.ReservationRow: _reservation,
    rows.BankAccountRow: _bank_account,
    rows.BankEntryRow: _bank_entry,
    rows.BankStatementRow: _bank_statement,
    rows.PendingTransferRow: _pending,
    rows.PeriodCloseRow: _period,
    rows.DocumentRow: _document,
    rows.FactRow: _fact,
    rows.VerdictRow: _verdict,
    rows.InvoiceRow: _invoice,
    rows.CertificateRow: _certificate,
    rows.LeafRow: _leaf,
    rows.EncumbranceRow: _encumbrance,
    rows.OfferRow: _offer,
    rows.FreezeRow: _freeze,
    rows.GuaranteeRow: _guarantee,
    rows.DisputeRow: _dispute,
    rows.FinanceCallRow: grant_finance_call,
    rows.FinanceOfferRow: grant_finance_offer,
    rows.PaymentOrderRow: _payment_order,
    rows.ObligationRow: _obligation,
    rows.LateInterestRow: _late_interest,
    rows.IssueLineRow: _issue_line,
    rows.ConsentRow: _consent,
    rows.DeviceRow: _device,
    rows.WatchRow: _watch,
    rows.ConsentReadRow: _consent_read,
    rows.CreditRecordRow: _credit_record,
    rows.CreditInquiryRow: _credit_inquiry,
    rows.CreditObjectionRow: _credit_objection,
}


class PortraitRight(NamedTuple):
    """What of a portrait may be seen."""

    data_kinds: frozenset[str]
    as_of_height: int | None
    """None where any height may be asked for."""
    read_id: str


def portrait_right(
    reader: str,
    subject: str,
    consents: Sequence[rows.ConsentRow],
    reads: Sequence[rows.ConsentReadRow],
    time_ms: int,
) -> PortraitRight | None:
    """Return what a reader may see of the portrait of a subject; None without any consent.

    Args:
        reader: who asks.
        subject: whose portrait it is.
        consents: of the subject to the reader, the newest first.
        reads: the last one under each of them.
        time_ms: of the height that the answer is read at.

    Raises:
        ConsentNotInForce: there were consents.
        ReadNotRecorded: a consent is in force, and no read was recorded under it.
    """
    if reader == subject:
        return PortraitRight(PORTRAIT_KINDS, None, "")
    if not consents:
        return None
    in_force = {
        consent.consent_id
        for consent in consents
        if consent.status == _GIVEN and consent.from_ms <= time_ms <= consent.until_ms
    }
    if not in_force:
        raise ConsentNotInForce(subject)
    usable = [read for read in reads if read.consent_id in in_force]
    if not usable:
        raise ReadNotRecorded(subject)
    last = max(usable, key=lambda read: (read.height, read.consent_id))
    found = read_id(last.consent_id, last.read_no)
    return PortraitRight(frozenset(last.data_kinds), last.height, found)


def grant_transaction(state: WorkingSet, row: rows.TransactionRow, acting_for: list[str]) -> None:
    """Let the payer and the parties acted for read a transaction."""
    readers = [row.payer, *acting_for]
    state.grant_new(Kind.TRANSACTION, row.transaction_id, readers, row.transaction_index)


def grant_transfer(
    state: WorkingSet,
    receiving: rows.AccountRow,
    giving: rows.AccountRow,
    position: int,
) -> None:
    """Let the owners of both accounts, and the keeper of the asset, read a transfer."""
    owners = receiving.owner, giving.owner
    state.grant_transfer(position, [*owners, _keeper(state, receiving)])
    _counterparties(state, *owners)


def grant_obligation(state: WorkingSet, obligation_id: str, parties: list[str]) -> None:
    """Let parties read an obligation, and what it is for where it is of late interest."""
    state.grant(Kind.OBLIGATION, obligation_id, parties)
    if state.get(rows.LateInterestRow, obligation_id) is not None:
        state.grant(Kind.LATE_INTEREST, obligation_id, parties)


def grant_case(state: WorkingSet, leaf: rows.LeafRow) -> None:
    """Let who asks for finance on a leaf, and who was asked, read how that is decided."""
    state.grant(Kind.CASE, leaf.leaf_id, [leaf.holder, leaf.financier])


def grant_agreed(state: WorkingSet, obligation_id: str, parties: list[str]) -> None:
    """Let the parties of an agreed obligation read it, from its proposal on."""
    grant_obligation(state, obligation_id, parties)
    for one, other in itertools.combinations(parties, 2):
        _counterparties(state, one, other)


def grant_subject(state: WorkingSet, subject: str, parties: list[str]) -> None:
    """Let the two sides of a subject read the facts about it."""
    _open_invoice(state, subject, *parties)
