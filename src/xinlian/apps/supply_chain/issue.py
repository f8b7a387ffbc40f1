"""SC-T1 to SC-T4: from a registered invoice to an accepted certificate."""

import msgspec

from xinlian.apps.supply_chain import events
from xinlian.apps.supply_chain.dates import certificate_dates, contract_at_ms
from xinlian.apps.supply_chain.errors import (
    AmountInvalid,
    AuthorityInvalid,
    DueDateInvalid,
    InvoiceExists,
    LineExceeded,
    NotObligor,
    NotSupplier,
    Occupied,
    PartiesInvalid,
    StopIssue,
    WindowClosed,
    WrongState,
)
from xinlian.apps.supply_chain.guarantee_calls import follow_certificate
from xinlian.apps.supply_chain.keeper import (
    CNY,
    change_line,
    change_occupation,
    issue_line,
    put_leaf,
    require_all_flows,
    require_certificate,
    require_invoice,
    require_passing_verdict,
)
from xinlian.apps.supply_chain.messages import (
    AcceptCertificate,
    DeclineCertificate,
    IssueCertificate,
    ProposeCertificate,
    RegisterInvoice,
    WithdrawCertificate,
)
from xinlian.apps.supply_chain.policy import (
    ACCEPT_DAYS,
    DRAFT_DAYS,
    LATE_RATE_E9_PER_DAY,
)
from xinlian.apps.supply_chain.stop_flags import is_stopped
from xinlian.apps.supply_chain.terms import check_term, needs_examination
from xinlian.apps.supply_chain.types import (
    CERTIFICATES,
    INVOICES,
    Certificate,
    Finance,
    Invoice,
    Leaf,
    Life,
)
from xinlian.contracts.context import Context
from xinlian.modules.accounts.keeper import create_asset, open_account, post
from xinlian.modules.accounts.types import ACCOUNTS, ASSETS, AccountClass, AssetKind
from xinlian.modules.documents.handlers import require_document
from xinlian.modules.evidence.contradiction import require_no_contradiction
from xinlian.modules.evidence.keeper import open_subject, require_new_subject
from xinlian.modules.evidence.watches import require_not_withheld
from xinlian.modules.members.keeper import require_party, require_signing_keys
from xinlian.modules.obligations.keeper import cancel_obligation, open_obligation, propose
from xinlian.modules.obligations.moments import due_moments
from xinlian.modules.obligations.types import (
    OBLIGATIONS,
    Obligation,
    ObligationStatus,
    SourceKind,
)
from xinlian.modules.policy.dates import PolicyDates, dates_of
from xinlian.modules.policy.keeper import policy_value
from xinlian.modules.schedule.keeper import add_item
from xinlian.primitives.time import MS_PER_DAY, china_day

WINDOW_HANDLER = 0x1001
OBLIGOR_KEYS_MIN = 2


def register_invoice(context: Context, message: RegisterInvoice) -> None:
    """Write an invoice and open the collection of facts about it."""
    # AUTHORISE
    require_party(context.state, message.buyer)
    document = require_document(context.state, message.root)
    if document.owner != context.acting_for:
        raise NotSupplier("the seller registers the document first")
    # VALIDATE
    if INVOICES.get(context.state, message.root) is not None:
        raise InvoiceExists(message.root.hex())
    if message.buyer == context.acting_for:
        raise PartiesInvalid("seller and buyer are the same")
    require_new_subject(context.state, message.root)
    # WRITE
    INVOICES.put(
        context.state,
        Invoice(
            seller=context.acting_for,
            buyer=message.buyer,
            currency=message.currency,
            gross_minor=message.gross_minor,
            occupied_minor=0,
            paid_minor=message.prepaid_minor,
            registered_at_ms=context.time_ms,
        ),
        message.root,
    )
    open_subject(context.state, message.root, context.acting_for, message.buyer)
    # EMIT
    context.emit(
        events.InvoiceRegistered(
            message.root,
            context.acting_for,
            message.buyer,
            message.currency,
            message.gross_minor,
        ),
    )
    if message.prepaid_minor:
        context.emit(events.InvoiceOccupied(message.root, 0, message.prepaid_minor))


def propose_certificate(context: Context, message: ProposeCertificate) -> None:
    """SC-T1: write a draft."""
    # AUTHORISE
    invoice = require_invoice(context.state, message.invoice_root)
    if context.acting_for not in (invoice.buyer, invoice.seller):
        raise PartiesInvalid("only buyer or seller of the invoice proposes")
    require_document(context.state, message.contract_root)
    # VALIDATE
    # Whether it still lacks an examination is asked when it is issued.
    needs_examination(context.state, context.time_ms, message.due_day, message.contract_root)
    _check_line(context, invoice.buyer, message.face_minor)
    asset = ASSETS.get(context.state, message.deposit)
    if asset is None or asset.kind != AssetKind.DEPOSIT or asset.currency != invoice.currency:
        raise AmountInvalid("deposit is not money in the invoice's currency")
    # COMPUTE
    certificate_id = context.new_id("cert")
    contract_ms = contract_at_ms(context.state, message.contract_root)
    dates = dates_of(context.time_ms, contract_ms=contract_ms)
    days = policy_value(context.state, DRAFT_DAYS, dates)
    draft = Certificate(
        obligor=invoice.buyer,
        first_holder=invoice.seller,
        proposer=context.acting_for,
        deposit=message.deposit,
        face_minor=message.face_minor,
        invoice_root=message.invoice_root,
        contract_root=message.contract_root,
        promise_root=b"",
        life=Life.DRAFT,
        proposed_at_ms=context.time_ms,
        issued_at_ms=0,
        window_ends_at_ms=context.time_ms + days * MS_PER_DAY,
        due_day=message.due_day,
        outstanding_minor=0,
        discharged_minor=0,
        account=b"",
        authority_cap_minor=0,
        authority_until_ms=0,
        late_rate_e9_per_day=policy_value(context.state, LATE_RATE_E9_PER_DAY, dates),
        interest_fixed_minor=0,
        live_leaves=0,
    )
    # WRITE
    CERTIFICATES.put(context.state, draft, certificate_id)
    add_item(context.state, draft.window_ends_at_ms + 1, WINDOW_HANDLER, certificate_id)
    # EMIT
    context.emit(
        events.CertificateProposed(
            certificate_id,
            draft.obligor,
            draft.first_holder,
            draft.invoice_root,
            draft.face_minor,
            draft.due_day,
            draft.proposer,
            draft.contract_root,
            draft.deposit,
            draft.window_ends_at_ms,
            draft.late_rate_e9_per_day,
        ),
    )


def issue_certificate(context: Context, message: IssueCertificate) -> None:
    """SC-T2: bind the obligor's promise to verified trade and a standing authority."""
    # AUTHORISE
    draft = require_certificate(context.state, message.certificate)
    if context.acting_for != draft.obligor:
        raise NotObligor(context.acting_for.hex())
    require_signing_keys(context, draft.obligor, OBLIGOR_KEYS_MIN)
    # VALIDATE
    _check_window(context, draft, Life.DRAFT)
    check_term(context, message.certificate)
    _check_line(context, draft.obligor, draft.face_minor)
    invoice = require_invoice(context.state, draft.invoice_root)
    if draft.face_minor > invoice.free_minor:
        raise Occupied(draft.invoice_root.hex())
    require_all_flows(context, draft.invoice_root)
    for party in (draft.obligor, draft.first_holder):
        require_passing_verdict(context, draft.invoice_root, party)
    require_no_contradiction(context.state, draft.invoice_root, context.time_ms)
    require_not_withheld(context.state, draft.invoice_root, context.time_ms)
    dates = certificate_dates(context.state, draft, context.time_ms)
    due_at_ms, cutoff_at_ms = due_moments(context, draft.due_day, dates)
    _check_authority(context, draft, message, cutoff_at_ms)
    # COMPUTE
    days = policy_value(context.state, ACCEPT_DAYS, dates)
    offered = msgspec.structs.replace(
        draft,
        life=Life.OFFERED,
        promise_root=message.promise_root,
        issued_at_ms=context.time_ms,
        window_ends_at_ms=context.time_ms + days * MS_PER_DAY,
        account=message.account,
        authority_cap_minor=message.authority_cap_minor,
        authority_until_ms=message.authority_until_ms,
        late_rate_e9_per_day=policy_value(context.state, LATE_RATE_E9_PER_DAY, dates),
    )
    # WRITE
    CERTIFICATES.put(context.state, offered, message.certificate)
    propose(context.state, message.certificate, _promise(offered, dates, due_at_ms, cutoff_at_ms))
    change_occupation(context, draft.invoice_root, occupied_delta_minor=draft.face_minor)
    change_line(context, draft.obligor, draft.face_minor)
    add_item(context.state, offered.window_ends_at_ms + 1, WINDOW_HANDLER, message.certificate)
    # EMIT
    context.emit(
        events.CertificateIssued(
            message.certificate,
            message.account,
            message.authority_cap_minor,
            offered.window_ends_at_ms,
            offered.authority_until_ms,
            offered.promise_root,
            offered.late_rate_e9_per_day,
        ),
    )


def _promise(
    offered: Certificate,
    dates: PolicyDates,
    due_at_ms: int,
    cutoff_at_ms: int,
) -> Obligation:
    """Return the obligation that an issued certificate is."""
    return Obligation(
        debtor=offered.obligor,
        asset=offered.deposit,
        amount_minor=offered.face_minor,
        performed_minor=0,
        released_minor=0,
        awaiting_minor=0,
        due_day=offered.due_day,
        due_at_ms=due_at_ms,
        cutoff_at_ms=cutoff_at_ms,
        status=ObligationStatus.PROPOSED,
        source_kind=SourceKind.CERTIFICATE,
        account=offered.account,
        authority_cap_minor=offered.authority_cap_minor,
        authority_until_ms=offered.authority_until_ms,
        cutoff_from_day=offered.due_day,
        contract_at_ms=dates.contract_ms,
        issued_at_ms=dates.issue_ms,
    )


def accept_certificate(context: Context, message: AcceptCertificate) -> None:
    """SC-T3: the claim and its first leaf come to exist."""
    # AUTHORISE
    offered = require_certificate(context.state, message.certificate)
    if context.acting_for != offered.first_holder:
        raise NotSupplier(context.acting_for.hex())
    # VALIDATE
    _check_window(context, offered, Life.OFFERED)
    if not message.free_choice:
        raise WrongState("acceptance is of free choice, and says so (SC-R4)")
    if china_day(context.time_ms) > offered.due_day:
        raise DueDateInvalid(str(offered.due_day))
    # COMPUTE
    leaf_id = context.new_id("leaf")
    leaf = Leaf(
        certificate=message.certificate,
        parent=b"",
        holder=offered.first_holder,
        amount_minor=offered.face_minor,
        discharged_minor=0,
        awaiting_minor=0,
        life=Life.ACTIVE,
        finance=Finance.NONE,
        hops=0,
        sequence_no=0,
        financier=b"",
        lock_expires_at_ms=0,
    )
    active = msgspec.structs.replace(
        offered,
        life=Life.ACTIVE,
        outstanding_minor=offered.face_minor,
        live_leaves=1,
    )
    # WRITE
    CERTIFICATES.put(context.state, active, message.certificate)
    put_leaf(context, leaf_id, leaf)
    claim = create_asset(context.state, AssetKind.CLAIM, message.certificate, CNY, 2)
    issue = open_account(context, offered.obligor, claim, AccountClass.ISSUE)
    holding = open_account(context, offered.first_holder, claim)
    post(context, holding, issue, offered.face_minor, leaf_id)
    obligation = OBLIGATIONS.require(context.state, message.certificate)
    open_obligation(context, message.certificate, obligation)
    # EMIT
    context.emit(
        events.CertificateAccepted(
            message.certificate,
            leaf_id,
            offered.first_holder,
            offered.face_minor,
        ),
    )


def decline_certificate(context: Context, message: DeclineCertificate) -> None:
    """SC-T4: the supplier does not want it."""
    # AUTHORISE
    offered = require_certificate(context.state, message.certificate)
    if context.acting_for != offered.first_holder:
        raise NotSupplier(context.acting_for.hex())
    # VALIDATE
    _check_window(context, offered, Life.OFFERED)
    # WRITE and EMIT
    _void(context, message.certificate, offered)


def withdraw_certificate(context: Context, message: WithdrawCertificate) -> None:
    """SC-T1a: the proposer takes its draft back."""
    # AUTHORISE
    draft = require_certificate(context.state, message.certificate)
    if context.acting_for != draft.proposer:
        raise PartiesInvalid("only the proposer withdraws")
    # VALIDATE
    _check_window(context, draft, Life.DRAFT)
    # WRITE and EMIT
    _void(context, message.certificate, draft)


def end_window(context: Context, certificate_id: bytes) -> None:
    """Due work: a draft that was not issued, or an offer that was not accepted, lapses."""
    found = CERTIFICATES.require(context.state, certificate_id)
    is_waiting = found.life in (Life.DRAFT, Life.OFFERED)
    if is_waiting and context.time_ms > found.window_ends_at_ms:
        _void(context, certificate_id, found)


def _void(context: Context, certificate_id: bytes, found: Certificate) -> None:
    was_offered = found.life == Life.OFFERED
    voided = msgspec.structs.replace(found, life=Life.VOID)
    CERTIFICATES.put(context.state, voided, certificate_id)
    if was_offered:
        change_occupation(context, found.invoice_root, occupied_delta_minor=-found.face_minor)
        change_line(context, found.obligor, -found.face_minor)
        cancel_obligation(context, certificate_id)
    context.emit(events.CertificateVoided(certificate_id, was_offered))
    follow_certificate(context, certificate_id)


def _check_window(context: Context, found: Certificate, life: Life) -> None:
    if found.life != life:
        raise WrongState(f"the certificate is {Life(found.life).name.lower()}")
    if context.time_ms > found.window_ends_at_ms:
        raise WindowClosed(str(found.window_ends_at_ms))


def _check_line(context: Context, obligor: bytes, face_minor: int) -> None:
    line = issue_line(context.state, obligor)
    if is_stopped(context, obligor):
        raise StopIssue(obligor.hex())
    if line.used_minor + face_minor > line.limit_minor:
        raise LineExceeded(f"{line.limit_minor - line.used_minor} is free")


def _check_authority(
    context: Context,
    draft: Certificate,
    message: IssueCertificate,
    cutoff_at_ms: int,
) -> None:
    account = ACCOUNTS.get(context.state, message.account)
    if (
        account is None
        or (account.owner, account.asset) != (draft.obligor, draft.deposit)
        or account.account_class != AccountClass.HOLDER
    ):
        raise AuthorityInvalid("not an account of the obligor in the certificate's deposit")
    if message.authority_cap_minor < draft.face_minor:
        raise AuthorityInvalid("the cap is below the face")
    if message.authority_until_ms < cutoff_at_ms:
        raise AuthorityInvalid("it ends before the cut-off of the due banking day")
