"""Reads and writes that several steps of a certificate's life share.

Rules this file keeps:
 1. A live leaf is in the index of its certificate, and only a live one.
 2. Occupation of an invoice and use of an issue line change together with what they count.
 3. In the claim asset the obligor is the issue account; a holder's balance is the sum of the
    outstanding amounts of its leaves (SC-I16).
"""

import msgspec

from xinlian.apps.supply_chain import events
from xinlian.apps.supply_chain.dates import certificate_dates
from xinlian.apps.supply_chain.dispute_errors import LeafDisputed, OverOccupied
from xinlian.apps.supply_chain.errors import (
    NotCorroborated,
    PaymentUnderWay,
    TooNearDue,
    UnknownCertificate,
    UnknownInvoice,
    UnknownLeaf,
    VerdictMissing,
    WrongState,
)
from xinlian.apps.supply_chain.holds import require_unheld
from xinlian.apps.supply_chain.policy import (
    OVER_OCCUPIED_STOPS_FINANCE,
    TRANSFER_STOP_DAYS,
    VERDICT_HOURS,
)
from xinlian.apps.supply_chain.types import (
    CERTIFICATES,
    INVOICES,
    LEAVES,
    LEAVES_OF,
    LINES,
    PAYMENTS,
    Certificate,
    Finance,
    Invoice,
    IssueLine,
    Leaf,
    LeafOfCertificate,
    Life,
)
from xinlian.contracts.context import Context
from xinlian.ledger.ports import StateView
from xinlian.modules.accounts.types import AssetKind, account_id, asset_id
from xinlian.modules.evidence.contradiction import require_no_contradiction
from xinlian.modules.evidence.corroboration import corroboration_of
from xinlian.modules.evidence.types import VERDICTS, VerdictOutcome
from xinlian.modules.evidence.watches import require_not_withheld
from xinlian.modules.policy.dates import dates_of
from xinlian.modules.policy.keeper import policy_value
from xinlian.primitives.time import MS_PER_DAY, MS_PER_HOUR, china_midnight_ms

CNY = "CNY"


def require_invoice(state: StateView, root: bytes) -> Invoice:
    """Return a registered invoice; raises UnknownInvoice."""
    found = INVOICES.get(state, root)
    if found is None:
        raise UnknownInvoice(root.hex())
    return found


def require_certificate(state: StateView, certificate: bytes) -> Certificate:
    """Return a certificate; raises UnknownCertificate."""
    found = CERTIFICATES.get(state, certificate)
    if found is None:
        raise UnknownCertificate(certificate.hex())
    return found


def require_leaf(state: StateView, leaf: bytes) -> Leaf:
    """Return a leaf; raises UnknownLeaf."""
    found = LEAVES.get(state, leaf)
    if found is None:
        raise UnknownLeaf(leaf.hex())
    return found


def require_movable(context: Context, leaf_id: bytes, leaf: Leaf) -> Certificate:
    """Return the certificate of a leaf that may be transferred or financed now.

    Raises:
        WrongState: the leaf is not active.
        TooNearDue: the stop before the due date has begun.
        PaymentUnderWay: its certificate is being paid.
        LeafFrozen: a court's order holds it.
        LeafDisputed: a part of it is disputed.
    """
    certificate = CERTIFICATES.require(context.state, leaf.certificate)
    if leaf.life != Life.ACTIVE:
        raise WrongState(f"the leaf is {Life(leaf.life).name.lower()}")
    dates = certificate_dates(context.state, certificate, context.time_ms)
    stop_days = policy_value(context.state, TRANSFER_STOP_DAYS, dates)
    if context.time_ms >= china_midnight_ms(certificate.due_day) - stop_days * MS_PER_DAY:
        raise TooNearDue(str(certificate.due_day))
    require_idle(context, leaf.certificate)
    require_unheld(context, leaf_id, leaf)
    require_undisputed(leaf_id, leaf)
    return certificate


def require_undisputed(leaf_id: bytes, leaf: Leaf) -> None:
    """Refuse what ends or passes on a leaf of which a part is disputed; raises LeafDisputed."""
    if leaf.disputed_minor:
        raise LeafDisputed(leaf_id.hex())


def require_idle(context: Context, certificate_id: bytes, awaiting_minor: int = 0) -> None:
    """Refuse while a certificate is being paid, or a bank brings money; raises PaymentUnderWay."""
    if PAYMENTS.get(context.state, certificate_id) is not None or awaiting_minor:
        raise PaymentUnderWay(certificate_id.hex())


def is_taken(leaf: Leaf, time_ms: int) -> bool:
    """Return whether a leaf is financed, or locked for a financier now."""
    return leaf.is_financed or is_locked(leaf, time_ms)


def is_locked(leaf: Leaf, time_ms: int) -> bool:
    """Return whether a leaf's lock is open now, whether or not the clock has removed it."""
    return leaf.finance == Finance.LOCKED and time_ms <= leaf.lock_expires_at_ms


def has_passing_verdict(context: Context, subject: bytes, party: bytes) -> bool:
    """Return whether a party's own verifier passed the subject recently."""
    verdict = VERDICTS.get(context.state, subject, party)
    if verdict is None:
        return False
    dates = dates_of(context.time_ms, issue_ms=verdict.given_at_ms)
    hours = policy_value(context.state, VERDICT_HOURS, dates)
    return (
        verdict.outcome == VerdictOutcome.PASS
        and context.time_ms <= verdict.expires_at_ms
        and context.time_ms <= verdict.given_at_ms + hours * MS_PER_HOUR
    )


def require_passing_verdict(context: Context, subject: bytes, party: bytes) -> None:
    """Refuse unless a party's own verifier passed the subject recently.

    Raises:
        VerdictMissing: there is no verdict, it does not pass, or it is stale.
    """
    if not has_passing_verdict(context, subject, party):
        raise VerdictMissing(party.hex())


def require_corroborated(context: Context, subject: bytes) -> None:
    """Refuse a claim that its facts and verdicts do not corroborate now.

    Raises:
        Contradicted: verifiers contradict one another.
        OverOccupied: more of the invoice is certified than is left of it.
        Withheld: a device that watches the goods warns.
        NotCorroborated: facts of a flow are missing.
    """
    require_no_contradiction(context.state, subject, context.time_ms)
    require_not_withheld(context.state, subject, context.time_ms)
    require_not_over_occupied(context, subject)
    require_all_flows(context, subject)


def require_not_over_occupied(context: Context, root: bytes) -> None:
    """Refuse an invoice of which too much is certified, where policy says so.

    Raises:
        OverOccupied: credit notes and outside payments left less of it than is occupied.
    """
    invoice = INVOICES.get(context.state, root)
    if invoice is None or not invoice.over_minor:
        return
    dates = dates_of(context.time_ms, issue_ms=invoice.registered_at_ms)
    if policy_value(context.state, OVER_OCCUPIED_STOPS_FINANCE, dates):
        raise OverOccupied(str(invoice.over_minor))


def require_all_flows(context: Context, subject: bytes) -> None:
    """Refuse a claim of which a flow is not corroborated by facts; raises NotCorroborated."""
    missing = corroboration_of(context.state, subject, context.time_ms).missing
    if missing:
        raise NotCorroborated(", ".join(flow.value for flow in missing))


def put_leaf(context: Context, leaf_id: bytes, leaf: Leaf) -> None:
    """Write a leaf and keep the index of live leaves with it."""
    LEAVES.put(context.state, leaf, leaf_id)
    if leaf.is_live:
        LEAVES_OF.put(context.state, LeafOfCertificate(), leaf.certificate, leaf_id)
    else:
        LEAVES_OF.delete(context.state, leaf.certificate, leaf_id)


def live_leaves(state: StateView, certificate: bytes) -> list[tuple[bytes, Leaf]]:
    """Return (id, leaf) of all live leaves of a certificate, ascending by id; ≤ 1 000."""
    ids = [parts[1] for parts, _ in LEAVES_OF.scan(state, certificate)]
    return [(leaf_id, LEAVES.require(state, leaf_id)) for leaf_id in ids]


def change_occupation(
    context: Context,
    root: bytes,
    *,
    occupied_delta_minor: int,
    paid_delta_minor: int = 0,
) -> None:
    """Change how much of an invoice is spoken for and paid."""
    invoice = INVOICES.require(context.state, root)
    changed = msgspec.structs.replace(
        invoice,
        occupied_minor=invoice.occupied_minor + occupied_delta_minor,
        paid_minor=invoice.paid_minor + paid_delta_minor,
    )
    INVOICES.put(context.state, changed, root)
    context.emit(events.InvoiceOccupied(root, changed.occupied_minor, changed.paid_minor))


def issue_line(state: StateView, obligor: bytes) -> IssueLine:
    """Return an obligor's issue line; without one nothing may be issued."""
    return LINES.get(state, obligor) or IssueLine(0, 0, 0)


def change_line(context: Context, obligor: bytes, used_delta_minor: int) -> None:
    """Change how much of an issue line is in use."""
    line = issue_line(context.state, obligor)
    LINES.put(
        context.state,
        msgspec.structs.replace(line, used_minor=line.used_minor + used_delta_minor),
        obligor,
    )


def claim_account(certificate_id: bytes, owner: bytes) -> bytes:
    """Return the id of an owner's account in the claim asset of a certificate."""
    return account_id(owner, asset_id(AssetKind.CLAIM, certificate_id, CNY, 2))


def interest_account(certificate_id: bytes, owner: bytes) -> bytes:
    """Return the id of an owner's account in the late-interest asset of a certificate."""
    return account_id(owner, asset_id(AssetKind.INTEREST, certificate_id, CNY, 2))


def payout_account(deposit: bytes, owner: bytes) -> bytes:
    """Return the id of the mirrored account on which a party is paid, whether it exists or not."""
    return account_id(owner, deposit, 1)
