"""SC-T7 by rule: a request that its financier's signed rules cover is paid without a hand.

A holder asks; the financier's verifier gives its verdict, its agent records the number of the
public register, neither of them with a key that moves value.  With the last of these the case is
complete, and the ledger decides it by the financier's own rule pack for ``supply_chain.Disburse``.

Rules this file keeps:
 1. The rules see what every validator sees: amounts, dates, counts, and the results of verdicts.
 2. What a disbursement by hand must fulfil, one by rule must too: the same checks, the same terms.
 3. Without a registration there is no case yet; whoever comes first triggers no decision.
"""

from collections.abc import Mapping
from typing import Final

from xinlian.apps.supply_chain import events
from xinlian.apps.supply_chain.errors import (
    AccountMismatch,
    NotFinancier,
    TermsInvalid,
    WindowClosed,
)
from xinlian.apps.supply_chain.financing import assign, check_disbursal
from xinlian.apps.supply_chain.keeper import (
    has_passing_verdict,
    is_locked,
    issue_line,
    payout_account,
    require_leaf,
)
from xinlian.apps.supply_chain.messages import Disburse, RecordRegistration
from xinlian.apps.supply_chain.offer_types import ACCEPTED
from xinlian.apps.supply_chain.types import (
    ASKED,
    CERTIFICATES,
    INVOICES,
    LEAVES,
    REGISTRATIONS,
    REQUESTS,
    Certificate,
    Leaf,
    Registration,
)
from xinlian.contracts.context import Context
from xinlian.contracts.message import type_no
from xinlian.modules.accounts.keeper import require_account
from xinlian.modules.accounts.types import ASSETS, AccountClass, AssetKind
from xinlian.modules.conditions.keeper import Case, decide, pack_in_force
from xinlian.modules.conditions.language.types import (
    BOOL,
    INT,
    NS_PER_MS,
    TIMESTAMP,
    Type,
    Value,
)
from xinlian.modules.conditions.types import RulePack
from xinlian.modules.evidence.corroboration import corroboration_of
from xinlian.modules.schedule.keeper import add_item
from xinlian.modules.standing.keeper import standing_of
from xinlian.primitives import RATE_SCALE, floor_div, half_up_div
from xinlian.primitives.time import china_day

DECISION_HANDLER: Final = 0x1006
DISBURSE: Final = type_no(Disburse)
ADVANCE_SHARE: Final = "advance_share_e4"
DISCOUNT_RATE: Final = "discount_rate_e9_per_year"
DECISIONS_AT_ONCE_MAX: Final = 4
"""Requests that new evidence decides in its own block; further ones come with the next."""
_SHARE_SCALE: Final = 10_000
_DAYS_PER_YEAR: Final = 365

NAMES: Final[Mapping[str, Type]] = {
    "advance_minor": INT,
    "leaf_minor": INT,
    "face_minor": INT,
    "days_to_due": INT,
    "hops": INT,
    "invoice_gross_minor": INT,
    "invoice_certified_minor": INT,
    "line_limit_minor": INT,
    "line_used_minor": INT,
    "overdue_certificates": INT,
    "obligor_kept_in_time": INT,
    "obligor_defaults": INT,
    "obligor_open_defaults": INT,
    "flows_corroborated": INT,
    "is_contradicted": BOOL,
    "verdict_passed": BOOL,
    "issued_at": TIMESTAMP,
    "now": TIMESTAMP,
}
"""What the rules of a financier may refer to, for one leaf that a holder wants financed."""


class FinanceRules:
    """Disbursing by rule, as the rule packs see it."""

    def names(self) -> Mapping[str, Type]:
        """Return what the rules may refer to."""
        return NAMES

    def check_pack(self, context: Context, pack: RulePack) -> None:
        """Refuse terms or an account with which nothing could be disbursed.

        Raises:
            TermsInvalid: a term is missing, unknown or out of range.
            AccountMismatch: the account is no deposit account of the principal.
        """
        terms = {term.name: term.value for term in pack.terms}
        if set(terms) != {ADVANCE_SHARE, DISCOUNT_RATE}:
            raise TermsInvalid(f"the terms are {ADVANCE_SHARE} and {DISCOUNT_RATE}")
        if not 0 < terms[ADVANCE_SHARE] <= _SHARE_SCALE:
            raise TermsInvalid(f"{ADVANCE_SHARE} is from 1 to {_SHARE_SCALE}")
        if not 0 <= terms[DISCOUNT_RATE] < RATE_SCALE:
            raise TermsInvalid(f"{DISCOUNT_RATE} is below {RATE_SCALE}")
        account = require_account(context.state, pack.account)
        asset = ASSETS.require(context.state, account.asset)
        is_deposit = asset.kind == AssetKind.DEPOSIT
        if account.owner != context.acting_for or account.account_class != AccountClass.HOLDER:
            raise AccountMismatch(pack.account.hex())
        if not is_deposit:
            raise AccountMismatch("not a deposit account")


class WaitingRequests:
    """Requests that wait for evidence about their invoice."""

    def evidence_changed(self, context: Context, subject: bytes) -> None:
        """Decide the requests on an invoice again."""
        for number, (parts, _) in enumerate(REQUESTS.scan(context.state, subject)):
            if number < DECISIONS_AT_ONCE_MAX:
                decide_request(context, parts[1])
            elif REGISTRATIONS.get(context.state, parts[1]) is not None:
                add_item(context.state, context.time_ms, DECISION_HANDLER, parts[1])


class AskedFinanciers:
    """Whom the holders of a claim's leaves ask for finance now."""

    def is_asked(self, context: Context, subject: bytes, party: bytes) -> bool:
        """Return whether a party is asked to finance a leaf on an invoice."""
        return any(
            is_locked(LEAVES.require(context.state, leaf_id), context.time_ms)
            for (_, _, leaf_id), _ in ASKED.scan(context.state, subject, party)
        )


def record_registration(context: Context, message: RecordRegistration) -> None:
    """Keep the number that the public register gave to the financing of a locked leaf."""
    # AUTHORISE
    leaf = require_leaf(context.state, message.leaf)
    if leaf.financier != context.acting_for:
        raise NotFinancier(context.acting_for.hex())
    # VALIDATE
    if not is_locked(leaf, context.time_ms):
        raise WindowClosed(str(leaf.lock_expires_at_ms))
    # WRITE
    registration = Registration(message.register_no, context.time_ms)
    REGISTRATIONS.put(context.state, registration, message.leaf)
    # EMIT
    context.emit(events.FinanceRegistered(message.leaf, context.acting_for, message.register_no))
    decide_request(context, message.leaf)


def decide_request(context: Context, leaf_id: bytes) -> None:
    """Decide a complete request by its financier's rules; also due work for what had to wait."""
    leaf = LEAVES.require(context.state, leaf_id)
    registration = REGISTRATIONS.get(context.state, leaf_id)
    if registration is None or not is_locked(leaf, context.time_ms):
        return
    pack = pack_in_force(context, leaf.financier, DISBURSE)
    if pack is None:
        return
    certificate = CERTIFICATES.require(context.state, leaf.certificate)
    if REQUESTS.require(context.state, certificate.invoice_root, leaf_id).as_pledge:
        return  # a pack for disbursing says nothing about lending
    terms = _terms(context, leaf_id, leaf, certificate, pack, registration)
    values = _values(context, leaf, certificate, terms.advance_minor)
    case = Case(leaf.financier, DISBURSE, leaf_id, terms.advance_minor, values)

    def perform() -> None:
        terms.validate_basic()
        check_disbursal(context, terms, leaf)
        assign(context, terms, leaf)

    decide(context, pack, case, NAMES, perform)


def _terms(
    context: Context,
    leaf_id: bytes,
    leaf: Leaf,
    certificate: Certificate,
    pack: RulePack,
    registration: Registration,
) -> Disburse:
    """Return the disbursement that was accepted, or else the one that a pack gives for a leaf."""
    numbers = {term.name: term.value for term in pack.terms}
    advance_minor = floor_div(leaf.amount_minor * numbers[ADVANCE_SHARE], _SHARE_SCALE)
    days = max(certificate.due_day - china_day(context.time_ms), 0)
    interest = advance_minor * numbers[DISCOUNT_RATE] * days
    discount_minor = half_up_div(interest, RATE_SCALE * _DAYS_PER_YEAR)
    accepted = ACCEPTED.get(context.state, leaf_id)
    if accepted is not None:
        advance_minor, discount_minor = accepted.advance_minor, accepted.kept_minor
    return Disburse(
        leaf=leaf_id,
        advance_minor=advance_minor,
        discount_minor=discount_minor,
        register_no=registration.register_no,
        from_account=pack.account,
        to_account=payout_account(certificate.deposit, leaf.holder),
    )


def _values(
    context: Context,
    leaf: Leaf,
    certificate: Certificate,
    advance_minor: int,
) -> dict[str, Value]:
    """Return what the rules are decided on."""
    invoice = INVOICES.require(context.state, certificate.invoice_root)
    line = issue_line(context.state, certificate.obligor)
    standing = standing_of(context.state, certificate.obligor)
    corroboration = corroboration_of(context.state, certificate.invoice_root, context.time_ms)
    return {
        "advance_minor": advance_minor,
        "leaf_minor": leaf.amount_minor,
        "face_minor": certificate.face_minor,
        "days_to_due": certificate.due_day - china_day(context.time_ms),
        "hops": leaf.hops,
        "invoice_gross_minor": invoice.gross_minor,
        "invoice_certified_minor": invoice.occupied_minor,
        "line_limit_minor": line.limit_minor,
        "line_used_minor": line.used_minor,
        "overdue_certificates": line.overdue_certificates,
        "obligor_kept_in_time": standing.on_time,
        "obligor_defaults": standing.defaulted,
        "obligor_open_defaults": standing.open_defaults,
        "flows_corroborated": len(corroboration.corroborated),
        "is_contradicted": corroboration.is_contradicted,
        "verdict_passed": has_passing_verdict(context, certificate.invoice_root, leaf.financier),
        "issued_at": certificate.issued_at_ms * NS_PER_MS,
        "now": context.time_ms * NS_PER_MS,
    }
