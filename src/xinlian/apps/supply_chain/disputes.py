"""SC-T16, SC-T22: an amount of a leaf is disputed; the rest runs on until it is settled.

Rules this file keeps:
 1. Obligor or holder disputes an amount of an active, due or overdue leaf that is open and at no
    bank. Nothing else of the certificate waits for it: the rest falls due and is paid (SC-R8).
 2. Quality is no ground: the obligor waived it by its promise, and before T3 there is no leaf.
    Fraud, identity and a court's document are.
 3. Who financed a leaf relied on that promise: its payment is held up by a court's document alone,
    unless the financier itself disputes.
 4. A side disputes a leaf once on its own word; what it gave up, lost or let lapse, it disputes
    again only on a court's document, each of which serves once a leaf. So nobody keeps a holder
    from being paid by words.
 5. A dispute has a clock. Until then who raised it withdraws it, both sides agree on an outcome, or
    a court decides; then policy does.
 6. What is rejected is owed again, with a fresh cut-off; what is upheld is owed no more.
 7. What a pledge secures is not given up by obligor and holder without its financier.
 8. Guarantors are not called for what is disputed; once it is rejected, and late, they are.
 9. While a court's order holds the leaf nothing opens a dispute and nothing reduces the leaf; a
    dispute may be given up, and then all of it is paid into the account of the order.

Source: docs/concepts/certificates.md; Civil Code article 763 and the Supreme People's Court's
interpretation on guarantees, article 61: a debtor that confirmed a claim does not plead against who
financed it that there was none [unverified].
"""

from typing import Final

import msgspec

from xinlian.apps.supply_chain import dispute_events
from xinlian.apps.supply_chain.dates import certificate_dates
from xinlian.apps.supply_chain.dispute_errors import (
    DefenceWaived,
    DisputedBefore,
    DisputeTooLarge,
    GroundsNotOwn,
    NotDisputing,
    PledgeUncovered,
    UnknownDispute,
)
from xinlian.apps.supply_chain.dispute_messages import (
    AgreeOutcome,
    OpenDispute,
    ProposeOutcome,
    WithdrawDispute,
)
from xinlian.apps.supply_chain.dispute_types import (
    DISPUTES,
    DISPUTES_OF,
    PAPERS_USED,
    Dispute,
    DisputeOf,
    DisputeStatus,
    Ground,
    PaperUsed,
)
from xinlian.apps.supply_chain.errors import UnknownOffer, WrongState
from xinlian.apps.supply_chain.freezes import require_neutral
from xinlian.apps.supply_chain.guarantee_calls import follow_certificate
from xinlian.apps.supply_chain.holds import require_unheld
from xinlian.apps.supply_chain.keeper import put_leaf, require_idle, require_leaf
from xinlian.apps.supply_chain.outcomes import DISPUTE_HANDLER, end_dispute
from xinlian.apps.supply_chain.policy import COURT_DISPUTE_DAYS, DISPUTE_DAYS
from xinlian.apps.supply_chain.types import (
    CERTIFICATES,
    ENCUMBRANCES,
    LEAVES,
    Certificate,
    Finance,
    Leaf,
    Life,
)
from xinlian.contracts.context import Context
from xinlian.ledger.ports import StateView
from xinlian.modules.documents.handlers import require_document
from xinlian.modules.members.roles import OfficialRole, require_role
from xinlian.modules.obligations.keeper import change_dispute
from xinlian.modules.policy.keeper import policy_value
from xinlian.modules.schedule.keeper import add_item
from xinlian.primitives.time import MS_PER_DAY

_DISPUTABLE: Final = (Life.ACTIVE, Life.DUE, Life.OVERDUE)


def open_dispute(context: Context, message: OpenDispute) -> None:
    """SC-T16: take an amount out of what is paid, until the dispute has ended."""
    # AUTHORISE
    leaf = require_leaf(context.state, message.leaf)
    certificate = CERTIFICATES.require(context.state, leaf.certificate)
    side = context.acting_for
    if side not in (certificate.obligor, leaf.holder):
        raise NotDisputing(side.hex())
    _require_grounds(context, certificate, message)
    # VALIDATE
    if leaf.life not in _DISPUTABLE:
        raise WrongState(f"the leaf is {Life(leaf.life).name.lower()}")
    _require_defence(leaf, message.ground, side)
    _require_first(context.state, message, side)
    _require_fresh_paper(context.state, message)
    require_idle(context, leaf.certificate)
    require_unheld(context, message.leaf, leaf)
    if message.amount_minor > leaf.payable_minor:
        raise DisputeTooLarge(f"{leaf.payable_minor} is open, undisputed and at no bank")
    # COMPUTE
    dispute_id = context.new_id("dispute")
    dates = certificate_dates(context.state, certificate, context.time_ms)
    row = COURT_DISPUTE_DAYS if message.ground == Ground.COURT else DISPUTE_DAYS
    ends_at_ms = context.time_ms + policy_value(context.state, row, dates) * MS_PER_DAY
    dispute = Dispute(
        leaf=message.leaf,
        certificate=leaf.certificate,
        raised_by=side,
        amount_minor=message.amount_minor,
        ground=message.ground,
        grounds_root=message.grounds_root,
        raised_at_ms=context.time_ms,
        ends_at_ms=ends_at_ms,
        status=DisputeStatus.OPEN,
    )
    disputed_minor = leaf.disputed_minor + message.amount_minor
    # WRITE
    DISPUTES.put(context.state, dispute, dispute_id)
    DISPUTES_OF.put(context.state, DisputeOf(dispute_id), message.leaf, side)
    if message.ground == Ground.COURT:
        PAPERS_USED.put(context.state, PaperUsed(), message.leaf, message.grounds_root)
    disputed = msgspec.structs.replace(leaf, disputed_minor=disputed_minor)
    put_leaf(context, message.leaf, disputed)
    change_dispute(context, leaf.certificate, message.amount_minor, message.grounds_root)
    follow_certificate(context, leaf.certificate)
    add_item(context.state, ends_at_ms + 1, DISPUTE_HANDLER, dispute_id)
    # EMIT
    context.emit(
        dispute_events.DisputeOpened(
            dispute_id,
            message.leaf,
            leaf.certificate,
            side,
            message.amount_minor,
            message.ground,
            message.grounds_root,
            ends_at_ms,
            disputed_minor,
        ),
    )


def withdraw_dispute(context: Context, message: WithdrawDispute) -> None:
    """SC-T22: the side that disputes gives it up; all of it is owed again."""
    # AUTHORISE
    found = require_dispute(context.state, message.dispute)
    if context.acting_for != found.raised_by:
        raise NotDisputing(context.acting_for.hex())
    # VALIDATE
    require_open(context, found)
    # WRITE and EMIT
    ended = msgspec.structs.replace(found, status=DisputeStatus.WITHDRAWN)
    end_dispute(context, message.dispute, ended)


def propose_outcome(context: Context, message: ProposeOutcome) -> None:
    """SC-T22: write what a side would agree to; nothing moves."""
    # AUTHORISE
    found = require_dispute(context.state, message.dispute)
    leaf, _ = _require_sides(context, found)
    # VALIDATE
    require_open(context, found)
    require_unheld(context, found.leaf, leaf)
    require_within(found, message.upheld_minor)
    _require_pledge_covered(context.state, found.leaf, leaf, message.upheld_minor)
    # WRITE
    proposed = msgspec.structs.replace(
        found,
        proposed_by=context.acting_for,
        proposed_minor=message.upheld_minor,
        proposal_frees_invoice=message.frees_invoice,
    )
    DISPUTES.put(context.state, proposed, message.dispute)
    # EMIT
    context.emit(
        dispute_events.OutcomeProposed(
            message.dispute,
            context.acting_for,
            message.upheld_minor,
            message.frees_invoice,
        ),
    )


def agree_outcome(context: Context, message: AgreeOutcome) -> None:
    """SC-T22: end a dispute as the other side proposed."""
    # AUTHORISE
    found = require_dispute(context.state, message.dispute)
    leaf, sides = _require_sides(context, found)
    if found.proposed_by not in sides - {context.acting_for}:
        raise UnknownOffer("the other side of today has proposed nothing")
    # VALIDATE
    require_open(context, found)
    terms = (message.upheld_minor, message.frees_invoice)
    if (found.proposed_minor, found.proposal_frees_invoice) != terms:
        raise UnknownOffer("the other side proposed another outcome")
    require_unheld(context, found.leaf, leaf)
    _require_pledge_covered(context.state, found.leaf, leaf, message.upheld_minor)
    # WRITE and EMIT
    ended = msgspec.structs.replace(
        found,
        status=DisputeStatus.AGREED,
        upheld_minor=message.upheld_minor,
        frees_invoice=message.frees_invoice,
        ended_by=context.acting_for,
    )
    end_dispute(context, message.dispute, ended)


def require_dispute(state: StateView, dispute_id: bytes) -> Dispute:
    """Return a dispute; raises UnknownDispute."""
    found = DISPUTES.get(state, dispute_id)
    if found is None:
        raise UnknownDispute(dispute_id.hex())
    return found


def require_open(context: Context, found: Dispute) -> None:
    """Refuse a dispute that has ended, whether or not the clock has run; raises WrongState."""
    status = DisputeStatus(found.status)
    if status == DisputeStatus.OPEN and context.time_ms > found.ends_at_ms:
        status = DisputeStatus.LAPSED
    if status != DisputeStatus.OPEN:
        raise WrongState(f"the dispute is {status.name.lower()}")


def require_within(found: Dispute, upheld_minor: int) -> None:
    """Refuse to uphold more than is disputed; raises DisputeTooLarge."""
    if upheld_minor > found.amount_minor:
        raise DisputeTooLarge(f"{found.amount_minor} is disputed")


def _require_grounds(context: Context, certificate: Certificate, message: OpenDispute) -> None:
    """Refuse grounds that are neither the side's own document nor, before a court, the court's."""
    owner = require_document(context.state, message.grounds_root).owner
    if message.ground != Ground.COURT:
        if owner != context.acting_for:
            raise GroundsNotOwn("who disputes registers its grounds itself")
        return
    require_role(context.state, owner, OfficialRole.COURT)
    require_neutral(context.state, certificate, message.leaf, owner)


def _require_defence(leaf: Leaf, ground: int, side: bytes) -> None:
    """Refuse a defence that was waived; raises DefenceWaived."""
    if ground == Ground.QUALITY:
        raise DefenceWaived("by its promise the obligor waived what concerns quality")
    if leaf.is_financed and ground != Ground.COURT and side != leaf.financier:
        raise DefenceWaived("the leaf is financed: a court's document alone holds its payment up")


def _require_first(state: StateView, message: OpenDispute, side: bytes) -> None:
    """Refuse a second dispute while one is open, or without a court; raises DisputedBefore."""
    before = DISPUTES_OF.get(state, message.leaf, side)
    if before is None:
        return
    is_open = DISPUTES.require(state, before.dispute).status == DisputeStatus.OPEN
    if is_open or message.ground != Ground.COURT:
        raise DisputedBefore(before.dispute.hex())


def _require_fresh_paper(state: StateView, message: OpenDispute) -> None:
    """Refuse a court's document that held this leaf up before; raises DisputedBefore."""
    if message.ground != Ground.COURT:
        return
    if PAPERS_USED.get(state, message.leaf, message.grounds_root) is not None:
        raise DisputedBefore(message.grounds_root.hex())


def _require_sides(context: Context, found: Dispute) -> tuple[Leaf, set[bytes]]:
    """Return the leaf and its sides of today, of which the sender is one; raises NotDisputing."""
    leaf = LEAVES.require(context.state, found.leaf)
    obligor = CERTIFICATES.require(context.state, found.certificate).obligor
    sides = {obligor, leaf.holder}
    if context.acting_for not in sides:
        raise NotDisputing(context.acting_for.hex())
    return leaf, sides


def _require_pledge_covered(
    state: StateView,
    leaf_id: bytes,
    leaf: Leaf,
    upheld_minor: int,
) -> None:
    """Refuse to leave less than a pledge secures; raises PledgeUncovered."""
    if not upheld_minor or leaf.finance != Finance.PLEDGED:
        return
    secured_minor = ENCUMBRANCES.require(state, leaf_id).secured_minor
    if leaf.outstanding_minor - upheld_minor < secured_minor:
        raise PledgeUncovered(f"{secured_minor} is secured")
