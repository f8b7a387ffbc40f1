"""A height whose earlier blocks are not here: the rows of what its state holds.

Rules this file keeps:
 1. Every row that a later block may change or ask for is there, with the values that the blocks
    before would have given it; what only those blocks told (transactions, postings, what has ended
    and was removed from the state) is not, and lists say since which height they are whole.
 2. Rights follow from what is there; who could read something only because of what has ended since
    is not told, and does not.
 3. Rows are born at this height: when they really arose, nobody here knows.
 4. Balances are complete: an account opens with what it has.
"""

from xinlian.apps.supply_chain.types import (
    CERTIFICATES,
    ENCUMBRANCES,
    INVOICES,
    LEAVES,
    OFFERS,
    ORDERS,
    Finance,
    Leaf,
    Life,
    OrderStatus,
)
from xinlian.ledger.ports import StateView
from xinlian.modules.accounts.types import (
    ACCOUNTS,
    BANK_ROUTES,
    DIFFERENCES,
    PENDING,
    PERIODS,
    RESERVATIONS,
    STATEMENTS,
    AssetKind,
    PendingStatus,
)
from xinlian.modules.documents.types import DOCUMENTS
from xinlian.modules.evidence.types import FACTS, VERDICTS, VerdictOutcome
from xinlian.modules.governance.types import BALLOTS, PROPOSALS, ProposalKind, ProposalStatus
from xinlian.modules.obligations.types import (
    COURT_CASES,
    ENFORCEMENTS,
    NOTHING,
    OBLIGATIONS,
    TERMS,
    ObligationStatus,
    SourceKind,
    Terms,
)
from xinlian.readmodels import rows
from xinlian.readmodels.projection.consents import project_consents
from xinlian.readmodels.projection.credit import project_credit
from xinlian.readmodels.projection.devices import project_devices
from xinlian.readmodels.projection.disputes import project_disputes
from xinlian.readmodels.projection.finance_offers import project_finance_offers
from xinlian.readmodels.projection.freezes import project_freezes
from xinlian.readmodels.projection.genesis import (
    project_accounts,
    project_directory,
    project_routes,
)
from xinlian.readmodels.projection.guarantees import project_guarantees
from xinlian.readmodels.projection.writer import Writer
from xinlian.readmodels.rights import grant_agreed, grant_subject
from xinlian.readmodels.subjects import close_id, fact_id, verdict_id
from xinlian.readmodels.text import enum_text, id_text

NO_CONTENT = "{}"
"""The content of a proposal is in the message that published it, in a block before."""


def project_state(writer: Writer, state: StateView) -> None:
    """Write the rows of a whole state; the writer stands at its height."""
    project_directory(writer, state)
    for project in (
        _documents,
        _evidence,
        _invoices,
        _deposit_accounts,
        project_routes,
        _certificates,
        _claim_accounts,
        _leaves,
        _encumbrances,
        _obligations,
        _payments,
        _money,
        _banks,
        _governance,
        project_consents,
        project_credit,
        project_freezes,
        project_guarantees,
        project_disputes,
        project_finance_offers,
        project_devices,
    ):
        project(writer, state)


def _deposit_accounts(writer: Writer, state: StateView) -> None:
    project_accounts(writer, state, (AssetKind.DEPOSIT,))


def _claim_accounts(writer: Writer, state: StateView) -> None:
    """Whoever keeps a claim's accounts follows from its certificate, which must be there."""
    others = tuple(kind for kind in AssetKind if kind != AssetKind.DEPOSIT)
    project_accounts(writer, state, others)


def _documents(writer: Writer, state: StateView) -> None:
    for (root,), document in DOCUMENTS.scan(state):
        writer.add(
            rows.DocumentRow(
                **writer.born_changing(),
                root=root.hex(),
                owner=id_text("party", document.owner),
                schema=document.schema,
                schema_version=document.schema_version,
                countersigners=tuple(
                    id_text("party", signer) for signer in document.countersigners
                ),
            ),
        )


def _evidence(writer: Writer, state: StateView) -> None:
    for (subject, root), fact in FACTS.scan(state):
        writer.add(
            rows.FactRow(
                **writer.born_changing(),
                fact_id=fact_id(subject.hex(), root.hex()),
                subject=subject.hex(),
                document_root=root.hex(),
                kind=fact.kind,
                flow=fact.flow,
                grade=fact.grade,
                signer=id_text("party", fact.signer),
            ),
        )
    for (subject, party), verdict in VERDICTS.scan(state):
        writer.add(
            rows.VerdictRow(
                **writer.born_changing(),
                verdict_id=verdict_id(subject.hex(), id_text("party", party)),
                subject=subject.hex(),
                party=id_text("party", party),
                outcome=enum_text(VerdictOutcome(verdict.outcome)),
                failures=verdict.failures,
                document_roots=tuple(root.hex() for root in verdict.document_roots),
                checks_version=verdict.checks_version,
                given_at_ms=verdict.given_at_ms,
                expires_at_ms=verdict.expires_at_ms,
            ),
        )


def _obligations(writer: Writer, state: StateView) -> None:
    for (obligation_id,), terms in TERMS.scan(state):
        obligation = OBLIGATIONS.get(state, obligation_id)
        debtor = b"" if obligation is None else obligation.debtor
        sides = [id_text("party", party) for party in (debtor, terms.creditor) if party]
        text = id_text("obligation", obligation_id)
        grant_agreed(writer, text, sides)
        for guarantee in terms.guarantees:
            grant_agreed(writer, text, [id_text("party", guarantee.party)])
        if terms.condition_kind != NOTHING:
            grant_subject(writer, terms.condition_subject.hex(), sides)
    for (obligation_id, _), case in COURT_CASES.scan(state):
        grant_agreed(writer, id_text("obligation", obligation_id), [id_text("party", case.court)])
    for (obligation_id,), obligation in OBLIGATIONS.scan(state):
        agreed = TERMS.get(state, obligation_id)
        if _never_bound(state, obligation_id, agreed):
            continue
        order = ENFORCEMENTS.get(state, obligation_id) if obligation.is_enforced else None
        writer.add(
            rows.ObligationRow(
                **writer.born_changing(),
                obligation_id=id_text("obligation", obligation_id),
                debtor=id_text("party", obligation.debtor),
                creditor="" if agreed is None else id_text("party", agreed.creditor),
                asset_id=id_text("asset", obligation.asset),
                amount_minor=obligation.amount_minor,
                performed_minor=obligation.performed_minor,
                released_minor=obligation.released_minor,
                open_minor=obligation.open_minor,
                awaiting_minor=obligation.awaiting_minor,
                disputed_minor=obligation.disputed_minor,
                due_day=obligation.due_day,
                due_at_ms=obligation.due_at_ms,
                cutoff_at_ms=obligation.cutoff_at_ms,
                status=enum_text(ObligationStatus(obligation.status)),
                source_kind=enum_text(SourceKind(obligation.source_kind)),
                account_id=id_text("account", obligation.account),
                authority_cap_minor=obligation.authority_cap_minor,
                authority_until_ms=obligation.authority_until_ms,
                enforced_minor=obligation.enforced_minor,
                enforced_by="" if order is None else id_text("party", order.court),
                enforceable_minor=0 if order is None else order.amount_minor - order.paid_minor,
            ),
        )


def _never_bound(state: StateView, obligation_id: bytes, agreed: Terms | None) -> bool:
    """Return whether a promise was never accepted: then it has no row."""
    certificate = CERTIFICATES.get(state, obligation_id)
    if certificate is not None:
        is_void = certificate.life == Life.VOID and not certificate.reduced_minor
        return is_void or certificate.life in (Life.DRAFT, Life.OFFERED)
    return agreed is not None and not agreed.is_accepted


def _invoices(writer: Writer, state: StateView) -> None:
    for (root,), invoice in INVOICES.scan(state):
        writer.add(
            rows.InvoiceRow(
                **writer.born_changing(),
                root=root.hex(),
                seller=id_text("party", invoice.seller),
                buyer=id_text("party", invoice.buyer),
                currency=invoice.currency,
                gross_minor=invoice.gross_minor,
                occupied_minor=invoice.occupied_minor,
                paid_minor=invoice.paid_minor,
                lowered_minor=invoice.lowered_minor,
                over_minor=invoice.over_minor,
            ),
        )


def _certificates(writer: Writer, state: StateView) -> None:
    for (certificate_id,), certificate in CERTIFICATES.scan(state):
        writer.add(
            rows.CertificateRow(
                **writer.born_changing(),
                certificate_id=id_text("cert", certificate_id),
                obligor=id_text("party", certificate.obligor),
                first_holder=id_text("party", certificate.first_holder),
                proposer=id_text("party", certificate.proposer),
                deposit=id_text("asset", certificate.deposit),
                face_minor=certificate.face_minor,
                invoice_root=certificate.invoice_root.hex(),
                contract_root=certificate.contract_root.hex(),
                promise_root=certificate.promise_root.hex(),
                life=enum_text(Life(certificate.life)),
                issued_at_ms=certificate.issued_at_ms,
                window_ends_at_ms=certificate.window_ends_at_ms,
                due_day=certificate.due_day,
                outstanding_minor=certificate.outstanding_minor,
                discharged_minor=certificate.discharged_minor,
                account_id=id_text("account", certificate.account),
                authority_cap_minor=certificate.authority_cap_minor,
                authority_until_ms=certificate.authority_until_ms,
                late_rate_e9_per_day=certificate.late_rate_e9_per_day,
                interest_fixed_minor=certificate.interest_fixed_minor,
                live_leaves=certificate.live_leaves,
            ),
        )


def _leaves(writer: Writer, state: StateView) -> None:
    """Write each leaf behind the one that it was split from, whose holder may read it."""
    written: set[bytes] = set()
    for (leaf_id,), _ in LEAVES.scan(state):
        line: list[tuple[bytes, Leaf]] = []
        above = leaf_id
        while above and above not in written:
            leaf = LEAVES.require(state, above)
            line.append((above, leaf))
            written.add(above)
            above = leaf.parent
        for found_id, found in reversed(line):
            writer.add(_leaf_row(writer, found_id, found))


def _encumbrances(writer: Writer, state: StateView) -> None:
    for (leaf_id,), held in ENCUMBRANCES.scan(state):
        if LEAVES.require(state, leaf_id).finance != Finance.ASSIGNED:
            continue
        writer.add(
            rows.EncumbranceRow(
                **writer.born(),
                leaf_id=id_text("leaf", leaf_id),
                certificate_id=id_text("cert", LEAVES.require(state, leaf_id).certificate),
                financier=id_text("party", held.financier),
                seller=id_text("party", held.seller),
                advance_minor=held.advance_minor,
                discount_minor=held.discount_minor,
                register_no=held.register_no.hex(),
            ),
        )


_GONE = frozenset({Life.SPENT, Life.CANCELLED})
"""Lives of a leaf on which nothing is owed any more."""


def _leaf_row(writer: Writer, leaf_id: bytes, leaf: Leaf) -> rows.LeafRow:
    return rows.LeafRow(
        **writer.born_changing(),
        leaf_id=id_text("leaf", leaf_id),
        certificate_id=id_text("cert", leaf.certificate),
        parent=id_text("leaf", leaf.parent),
        holder=id_text("party", leaf.holder),
        amount_minor=leaf.amount_minor,
        discharged_minor=leaf.discharged_minor,
        outstanding_minor=0 if leaf.life in _GONE else leaf.outstanding_minor,
        awaiting_minor=leaf.awaiting_minor,
        life=enum_text(Life(leaf.life)),
        finance=enum_text(Finance(leaf.finance)),
        hops=leaf.hops,
        financier=id_text("party", leaf.financier),
        lock_expires_at_ms=leaf.lock_expires_at_ms,
    )


def _payments(writer: Writer, state: StateView) -> None:
    for (offer_id,), offer in OFFERS.scan(state):
        leaf = LEAVES.require(state, offer.leaf)
        writer.add(
            rows.OfferRow(
                **writer.born_changing(),
                offer_id=id_text("offer", offer_id),
                leaf_id=id_text("leaf", offer.leaf),
                certificate_id=id_text("cert", leaf.certificate),
                offered_by=id_text("party", leaf.holder),
                offered_to=id_text("party", offer.to),
                amount_minor=offer.amount_minor,
                evidence_root=offer.evidence_root.hex(),
                expires_at_ms=offer.expires_at_ms,
                status="open" if leaf.sequence_no == offer.leaf_sequence_no else "lapsed",
            ),
        )
    for (order_id,), order in ORDERS.scan(state):
        certificate = CERTIFICATES.require(state, order.certificate)
        writer.add(
            rows.PaymentOrderRow(
                **writer.born_changing(),
                order_id=id_text("order", order_id),
                certificate_id=id_text("cert", order.certificate),
                leaf_id=id_text("leaf", order.leaf),
                obligor=id_text("party", certificate.obligor),
                payee=id_text("party", order.payee),
                bank=id_text("party", order.bank),
                account_id=id_text("account", order.account),
                amount_minor=order.amount_minor,
                expires_at_ms=order.expires_at_ms,
                status=enum_text(OrderStatus(order.status)),
            ),
        )


def _money(writer: Writer, state: StateView) -> None:
    for (reservation_id,), reservation in RESERVATIONS.scan(state):
        writer.add(
            rows.ReservationRow(
                **writer.born_changing(),
                reservation_id=reservation_id.hex(),
                account_id=id_text("account", reservation.account),
                left_minor=reservation.left_minor,
            ),
        )
    for (pending_id,), pending in PENDING.scan(state):
        writer.add(
            rows.PendingTransferRow(
                **writer.born_changing(),
                pending_id=id_text("pending", pending_id),
                from_account=id_text("account", pending.from_account),
                to_account=id_text("account", pending.to_account),
                giver=_owner(state, pending.from_account),
                receiver=_owner(state, pending.to_account),
                settler=id_text("party", pending.settler),
                amount_minor=pending.amount_minor,
                posted_minor=pending.posted_minor,
                expires_at_ms=pending.expires_at_ms,
                status=enum_text(PendingStatus(pending.status)),
            ),
        )


def _owner(state: StateView, account: bytes) -> str:
    return id_text("party", ACCOUNTS.require(state, account).owner)


def _banks(writer: Writer, state: StateView) -> None:
    differing = {account for (_, account), _ in DIFFERENCES.scan(state)}
    for (account,), statement in STATEMENTS.scan(state):
        bank_account = ACCOUNTS.require(state, account).bank_account
        writer.add(
            rows.BankStatementRow(
                **writer.born_changing(),
                account_id=id_text("account", account),
                statement_day=statement.statement_day,
                bank=id_text("party", BANK_ROUTES.require(state, bank_account).bank),
                closing_minor=statement.closing_minor,
                ledger_minor=statement.ledger_minor,
                differs=account in differing,
            ),
        )
    for (party, period), close in PERIODS.scan(state):
        party_id = id_text("party", party)
        month = int.from_bytes(period, "big")
        writer.add(
            rows.PeriodCloseRow(
                **writer.born(),
                close_id=close_id(party_id, month),
                party_id=party_id,
                period=month,
                as_of_height=close.as_of_height,
                trial_balance_hash=close.trial_balance_hash.hex(),
                transaction_id="",
            ),
        )


def _governance(writer: Writer, state: StateView) -> None:
    for (proposal_id,), proposal in PROPOSALS.scan(state):
        writer.add(
            rows.ProposalRow(
                **writer.born_changing(),
                proposal_id=id_text("proposal", proposal_id),
                kind=enum_text(ProposalKind(proposal.kind)),
                status=enum_text(ProposalStatus(proposal.status)),
                proposer=id_text("party", proposal.proposer),
                party=id_text("party", proposal.party),
                content_json=NO_CONTENT,
                expires_at_ms=proposal.expires_at_ms,
                enact_at_ms=proposal.enact_at_ms,
                round_no=proposal.round_no,
                evidence=proposal.evidence.hex(),
                refusal="",
            ),
        )
    for (proposal_id, round_no, member), ballot in BALLOTS.scan(state):
        writer.log(
            rows.VoteRow(
                **writer.born(),
                proposal_id=id_text("proposal", proposal_id),
                round_no=int.from_bytes(round_no, "big"),
                member=id_text("party", member),
                in_favour=ballot.in_favour,
            ),
        )
