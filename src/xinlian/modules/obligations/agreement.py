"""Making and ending an agreed obligation: propose, accept, guarantee, cancel.

Rules this file keeps:
 1. A promise binds when debtor, creditor and every named guarantor have agreed, and not before.
 2. Each names its own account only: nobody gives an authority over another's money.
 3. An authority holds from the opening until its end; it covers the whole amount and the last
    moment at which the obligation may be performed.
 4. Both sides end what binds; the creditor alone lets an authority go, the debtor never alone.
"""

from typing import Final

import msgspec

from xinlian.contracts.context import Context
from xinlian.modules.accounts.keeper import reserve
from xinlian.modules.accounts.types import ACCOUNTS, ASSETS, AccountClass, AssetKind
from xinlian.modules.members.keeper import require_party
from xinlian.modules.obligations import events
from xinlian.modules.obligations.conditions import check_condition, wait_for_fact
from xinlian.modules.obligations.errors import (
    AlreadyAgreed,
    AmountDiffers,
    DueDayInvalid,
    NotEntitled,
    PaymentUnderWay,
    SecurityInvalid,
    TermsInvalid,
    UnknownLateRow,
    UnknownObligation,
    WindowClosed,
    WrongState,
)
from xinlian.modules.obligations.keeper import (
    cancel_obligation,
    open_obligation,
    put_obligation,
)
from xinlian.modules.obligations.life import BINDING
from xinlian.modules.obligations.messages import (
    AcceptGuarantee,
    AcceptObligation,
    CancelObligation,
    EndAuthority,
    ProposeObligation,
)
from xinlian.modules.obligations.moments import authority_ends_at_ms, with_moments
from xinlian.modules.obligations.policy import PROPOSAL_DAYS, RATE_UNIT
from xinlian.modules.obligations.releases import let_go, trim_calls
from xinlian.modules.obligations.types import (
    NOTHING,
    OBLIGATIONS,
    TERMS,
    Guarantee,
    Obligation,
    ObligationStatus,
    PartTerm,
    ReleaseReason,
    Security,
    SourceKind,
    Terms,
    first_terms,
    subject_of,
)
from xinlian.modules.policy.dates import happening
from xinlian.modules.policy.keeper import policy_value, value_in_unit
from xinlian.modules.schedule.keeper import add_item
from xinlian.primitives.time import MS_PER_DAY, china_day

PROPOSAL_HANDLER: Final = 0x0504


def require_agreed(context: Context, obligation_id: bytes) -> tuple[Obligation, Terms]:
    """Return an obligation that has terms; raises UnknownObligation."""
    terms = TERMS.get(context.state, obligation_id)
    if terms is None:
        raise UnknownObligation(obligation_id.hex())
    return OBLIGATIONS.require(context.state, obligation_id), terms


def require_binding(found: Obligation) -> None:
    """Refuse unless something is owed; raises WrongState."""
    if found.status not in BINDING:
        raise WrongState(f"the obligation is {ObligationStatus(found.status).name.lower()}")


def propose_obligation(context: Context, message: ProposeObligation) -> None:
    """Write a proposal that waits for the other side, and for the guarantors."""
    # AUTHORISE
    if context.acting_for not in (message.debtor, message.creditor):
        raise NotEntitled(context.acting_for.hex())
    for party in (message.debtor, message.creditor, *message.guarantors):
        require_party(context.state, party)
    # VALIDATE
    asset = ASSETS.get(context.state, message.asset)
    if asset is None or asset.kind != AssetKind.DEPOSIT:
        raise DueDayInvalid("the asset is no deposit of this ledger")
    if message.due_day < china_day(context.time_ms):
        raise DueDayInvalid(str(message.due_day))
    obligation_id = context.new_id("obligation")
    check_condition(context, message, obligation_id)
    rate_e9 = _late_rate(context, message.late_row)
    # COMPUTE
    proposed = _proposed(message, context.time_ms)
    terms = _proposed_terms(context, message, obligation_id, rate_e9)
    if context.acting_for == message.debtor:
        proposed = _with_security(
            context,
            proposed,
            terms,
            message.account,
            message.authority_cap_minor,
            message.authority_until_ms,
        )
    else:
        _check_own_account(context, message.account, proposed.asset)
        terms = msgspec.structs.replace(terms, payee_account=message.account)
    # WRITE
    OBLIGATIONS.put(context.state, proposed, obligation_id)
    TERMS.put(context.state, terms, obligation_id)
    add_item(context.state, terms.window_ends_at_ms + 1, PROPOSAL_HANDLER, obligation_id)
    # EMIT
    context.emit(
        events.ObligationProposed(
            obligation_id,
            message.debtor,
            message.creditor,
            terms.proposer,
            message.amount_minor,
            message.due_day,
            message.security,
            message.source_root,
            terms.condition_kind,
            terms.condition_grade,
            terms.condition_subject,
            terms.window_ends_at_ms,
        ),
    )
    for guarantor in message.guarantors:
        context.emit(events.GuarantorNamed(obligation_id, guarantor))


def accept_obligation(context: Context, message: AcceptObligation) -> None:
    """Bind the other side; the promise opens when nobody's consent is missing."""
    # AUTHORISE
    found, terms = require_agreed(context, message.obligation)
    if context.acting_for not in (found.debtor, terms.creditor):
        raise NotEntitled(context.acting_for.hex())
    # VALIDATE
    _require_proposed(context, found, terms)
    if context.acting_for == terms.proposer or terms.is_accepted:
        raise AlreadyAgreed(context.acting_for.hex())
    if message.amount_minor != found.amount_minor:
        raise AmountDiffers(str(found.amount_minor))
    # COMPUTE
    terms = msgspec.structs.replace(terms, is_accepted=True)
    if context.acting_for == found.debtor:
        found = _with_security(
            context,
            found,
            terms,
            message.account,
            message.authority_cap_minor,
            message.authority_until_ms,
        )
    else:
        _check_own_account(context, message.account, found.asset)
        terms = msgspec.structs.replace(terms, payee_account=message.account)
    # WRITE and EMIT
    context.emit(events.ObligationAgreed(message.obligation, context.acting_for))
    _open_if_agreed(context, message.obligation, found, terms)


def accept_guarantee(context: Context, message: AcceptGuarantee) -> None:
    """Bind a guarantor, up to an amount."""
    # AUTHORISE
    found, terms = require_agreed(context, message.obligation)
    parties = [guarantee.party for guarantee in terms.guarantees]
    if context.acting_for not in parties:
        raise NotEntitled(context.acting_for.hex())
    # VALIDATE
    _require_proposed(context, found, terms)
    index = parties.index(context.acting_for)
    if terms.guarantees[index].liability_minor:
        raise AlreadyAgreed(context.acting_for.hex())
    if message.amount_minor > found.amount_minor:
        raise AmountDiffers(str(found.amount_minor))
    _check_own_account(context, message.account, found.asset)
    # COMPUTE
    guarantees = list(terms.guarantees)
    guarantees[index] = Guarantee(
        context.acting_for,
        message.amount_minor,
        message.account,
        message.authority_until_ms,
        b"",
    )
    terms = msgspec.structs.replace(terms, guarantees=tuple(guarantees))
    # WRITE and EMIT
    context.emit(events.ObligationAgreed(message.obligation, context.acting_for))
    _open_if_agreed(context, message.obligation, found, terms)


def cancel_by_party(context: Context, message: CancelObligation) -> None:
    """End a proposal, or what both sides give up."""
    # AUTHORISE
    found, terms = require_agreed(context, message.obligation)
    is_proposal = found.status == ObligationStatus.PROPOSED
    guarantors = [guarantee.party for guarantee in terms.guarantees] if is_proposal else []
    if context.acting_for not in (found.debtor, terms.creditor, *guarantors):
        raise NotEntitled(context.acting_for.hex())
    # VALIDATE
    if not is_proposal:
        require_binding(found)
    if message.amount_minor != found.open_minor:
        raise AmountDiffers(str(found.open_minor))
    if found.awaiting_minor:
        raise PaymentUnderWay(message.obligation.hex())
    if context.acting_for == terms.cancel_asked_by:
        raise AlreadyAgreed(context.acting_for.hex())
    # WRITE and EMIT
    if is_proposal:
        cancel_obligation(context, message.obligation)
    elif terms.cancel_asked_by:
        let_go(context, message.obligation, found.open_minor, ReleaseReason.CANCELLED)
        trim_calls(context, message.obligation)
    else:
        asked = msgspec.structs.replace(terms, cancel_asked_by=context.acting_for)
        TERMS.put(context.state, asked, message.obligation)
        context.emit(events.CancellationAsked(message.obligation, context.acting_for))


def end_authority(context: Context, message: EndAuthority) -> None:
    """Let the standing authority go; the creditor alone may."""
    # AUTHORISE
    found, terms = require_agreed(context, message.obligation)
    if context.acting_for != terms.creditor:
        raise NotEntitled(context.acting_for.hex())
    # VALIDATE
    require_binding(found)
    has_ended = context.time_ms > authority_ends_at_ms(context.state, found)
    if not found.account or found.is_locked or has_ended:
        raise WrongState("there is no standing authority")
    if found.awaiting_minor:
        raise PaymentUnderWay(message.obligation.hex())
    # WRITE
    ended = msgspec.structs.replace(found, authority_until_ms=0)
    put_obligation(context, message.obligation, ended)
    # EMIT
    context.emit(events.AuthorityEnded(message.obligation))


def end_proposal(context: Context, obligation_id: bytes) -> None:
    """Due work: a proposal that not everybody accepted in time lapses."""
    found = OBLIGATIONS.require(context.state, obligation_id)
    terms = TERMS.require(context.state, obligation_id)
    is_over = context.time_ms > terms.window_ends_at_ms
    if found.status == ObligationStatus.PROPOSED and is_over:
        cancel_obligation(context, obligation_id)


def _open_if_agreed(
    context: Context,
    obligation_id: bytes,
    found: Obligation,
    terms: Terms,
) -> None:
    """Write what was agreed; open the promise when no consent is missing."""
    TERMS.put(context.state, terms, obligation_id)
    OBLIGATIONS.put(context.state, found, obligation_id)
    if not terms.is_accepted or not all(g.liability_minor for g in terms.guarantees):
        return
    if found.is_locked:
        reserve(context, found.account, found.amount_minor, obligation_id)
    is_conditional = terms.is_conditional
    if not is_conditional:
        found = with_moments(context, found, terms, found.due_day)
    open_obligation(
        context,
        obligation_id,
        found,
        terms.creditor,
        is_conditional=is_conditional,
    )
    if is_conditional:
        wait_for_fact(context, obligation_id, found, terms)


def _proposed(message: ProposeObligation, at_ms: int) -> Obligation:
    return Obligation(
        debtor=message.debtor,
        asset=message.asset,
        amount_minor=message.amount_minor,
        performed_minor=0,
        released_minor=0,
        awaiting_minor=0,
        due_day=message.due_day,
        due_at_ms=0,
        cutoff_at_ms=0,
        status=ObligationStatus.PROPOSED,
        source_kind=SourceKind.AGREED,
        account=b"",
        authority_cap_minor=0,
        authority_until_ms=0,
        part_term=PartTerm.ALWAYS if message.part_performance else PartTerm.NEVER,
        is_locked=message.security == Security.LOCKED,
        contract_at_ms=at_ms,
    )


def _proposed_terms(
    context: Context,
    message: ProposeObligation,
    obligation_id: bytes,
    rate_e9: int,
) -> Terms:
    days = policy_value(context.state, PROPOSAL_DAYS, happening(context.time_ms))
    subject = message.condition_subject or subject_of(obligation_id)
    return first_terms(
        message.creditor,
        b"",
        proposer=context.acting_for,
        source_root=message.source_root,
        security=message.security,
        guarantees=tuple(Guarantee(party, 0, b"", 0, b"") for party in message.guarantors),
        grace_days=message.grace_days,
        late_row=message.late_row,
        late_rate_e9_per_day=rate_e9,
        window_ends_at_ms=context.time_ms + days * MS_PER_DAY,
        is_accepted=False,
        condition_kind=message.condition_kind,
        condition_grade=message.condition_grade,
        condition_subject=subject if message.condition_kind != NOTHING else b"",
    )


def _late_rate(context: Context, row: str) -> int:
    """Return the rate of a policy row for a promise that is agreed now; a default fixes it."""
    if row == NOTHING:
        return 0
    rate_e9 = value_in_unit(context.state, row, RATE_UNIT, happening(context.time_ms))
    if rate_e9 is None:
        raise UnknownLateRow(row)
    return rate_e9


def _require_proposed(context: Context, found: Obligation, terms: Terms) -> None:
    if found.status != ObligationStatus.PROPOSED:
        raise WrongState(f"the obligation is {ObligationStatus(found.status).name.lower()}")
    if context.time_ms > terms.window_ends_at_ms:
        raise WindowClosed(str(terms.window_ends_at_ms))
    if found.due_day < china_day(context.time_ms):
        raise DueDayInvalid(str(found.due_day))


def _check_own_account(context: Context, account_id: bytes, asset: bytes) -> None:
    """Refuse an account that is not the sender's own in the money of the obligation."""
    if not account_id:
        return
    account = ACCOUNTS.get(context.state, account_id)
    if (
        account is None
        or (account.owner, account.asset) != (context.acting_for, asset)
        or account.account_class != AccountClass.HOLDER
    ):
        raise SecurityInvalid("not an account of the sender in the obligation's deposit")


def _with_security(
    context: Context,
    found: Obligation,
    terms: Terms,
    account: bytes,
    cap_minor: int,
    until_ms: int,
) -> Obligation:
    """Return the obligation with the debtor's authority or locked money."""
    needs_account = terms.security in (Security.AUTHORITY, Security.LOCKED)
    if needs_account and not account:
        raise SecurityInvalid("the debtor names the account that it is performed from")
    if terms.security == Security.NONE and account:
        raise TermsInvalid("without a security the debtor names no account")
    _check_own_account(context, account, found.asset)
    if not account:
        return found
    if terms.security == Security.LOCKED:
        return msgspec.structs.replace(
            found,
            account=account,
            authority_cap_minor=found.amount_minor,
        )
    if cap_minor < found.amount_minor:
        raise SecurityInvalid("the cap is below the amount")
    secured = msgspec.structs.replace(
        found,
        account=account,
        authority_cap_minor=cap_minor,
        authority_until_ms=until_ms,
    )
    # A condition may be met on its last day after the cut-off: the next banking day is due then.
    latest_day = found.due_day + terms.is_conditional
    if until_ms < with_moments(context, secured, terms, latest_day).cutoff_at_ms:
        raise SecurityInvalid("it ends before the last cut-off")
    return secured
