"""SC-T10: a guarantor that pays a holder takes its place; the obligor owes as before.

Rules this file keeps:
 1. Who is paid of a leaf is who the obligor would pay: the financier of a pledge first.
 2. Paying all of a leaf moves it as it is. Paying a part consumes it: one child is the guarantor's,
    the other keeps holder, life, finance and encumbrance of the leaf.
 3. What the guarantor gets is overdue and free: a pledge, an assignment and a recourse stay with
    those who agreed on them, lessened by what was paid.
 4. Late interest up to the day of its payment is the former holder's, after it the guarantor's.
 5. A leaf waits while a court's order holds it, a part is disputed, a bank is bringing money to it,
    or one of its payees has no mirrored account.
 6. No part is below a thousandth of the face, so that live leaves stay within their number.

Source: docs/concepts/certificates.md (T10); Civil Code article 700 (a guarantor that paid has the
creditor's rights against the debtor, to no harm of the creditor).
"""

from collections.abc import Sequence

import msgspec

from xinlian.apps.supply_chain.dispute_types import DISPUTES_OF
from xinlian.apps.supply_chain.finance_dues import leaf_was_paid, release_open
from xinlian.apps.supply_chain.guarantee_events import LeafTakenOver
from xinlian.apps.supply_chain.guarantee_records import CALLS, covered_leaves
from xinlian.apps.supply_chain.holds import hold_of
from xinlian.apps.supply_chain.keeper import CNY, claim_account, put_leaf
from xinlian.apps.supply_chain.late_interest import fix_late_interest
from xinlian.apps.supply_chain.payees import payees_of_record
from xinlian.apps.supply_chain.pledge import is_financiers_part, loan_paid
from xinlian.apps.supply_chain.recourse import lower_recourse
from xinlian.apps.supply_chain.types import (
    CERTIFICATES,
    ENCUMBRANCES,
    LEAVES,
    LEAVES_PER_CERTIFICATE_MAX,
    Encumbrance,
    Finance,
    Leaf,
    Life,
)
from xinlian.contracts.context import Context
from xinlian.modules.accounts.keeper import move_reserved, open_account, pay_reserved, post, release
from xinlian.modules.accounts.types import ACCOUNTS, RESERVATIONS, AssetKind, asset_id
from xinlian.modules.obligations.keeper import record_performance
from xinlian.modules.obligations.types import OBLIGATIONS, ReleaseReason
from xinlian.primitives import allocate_largest_remainder, ceil_div
from xinlian.primitives.time import china_day


def ready_leaves(context: Context, certificate_id: bytes) -> list[tuple[bytes, Leaf]]:
    """Return (id, leaf) of what a guarantor can pay now, ascending by id."""
    found = covered_leaves(context.state, certificate_id)
    return [(leaf_id, leaf) for leaf_id, leaf in found if _is_ready(context, leaf_id, leaf)]


def plan(context: Context, certificate_id: bytes, amount_minor: int) -> list[tuple[bytes, int]]:
    """Return (leaf, share) of an amount that a guarantor pays, above 0 each."""
    ready = ready_leaves(context, certificate_id)
    face_minor = CERTIFICATES.require(context.state, certificate_id).face_minor
    least_minor = ceil_div(face_minor, LEAVES_PER_CERTIFICATE_MAX)
    shares = shares_of(amount_minor, [leaf.outstanding_minor for _, leaf in ready], least_minor)
    return [(leaf_id, share) for (leaf_id, _), share in zip(ready, shares, strict=True) if share]


def shares_of(amount_minor: int, owed: Sequence[int], least_minor: int) -> list[int]:
    """Return what is paid of each of several amounts: in proportion, no part being too small.

    What cannot be paid so goes to the earlier ones; what nobody can take stays unpaid.

    >>> shares_of(50, [60, 40], 10)
    [30, 20]
    >>> shares_of(11, [60, 40], 10)
    [11, 0]
    >>> shares_of(98, [60, 40], 10)
    [60, 30]
    """
    if amount_minor >= sum(owed):
        return list(owed)
    pro_rata = allocate_largest_remainder(amount_minor, list(owed))
    shares = [
        _fitting(share, whole, least_minor) for share, whole in zip(pro_rata, owed, strict=True)
    ]
    left_minor = amount_minor - sum(shares)
    for index, whole in enumerate(owed):
        share = _fitting(shares[index] + left_minor, whole, least_minor)
        left_minor -= share - shares[index]
        shares[index] = share
    return shares


def pay_ready_leaf(context: Context, leaf_id: bytes, amount_minor: int, claim_id: bytes) -> None:
    """Pay an amount of a leaf out of what a guarantor set aside, unless it has to wait now."""
    leaf = LEAVES.require(context.state, leaf_id)
    if not _is_ready(context, leaf_id, leaf):
        return
    certificate = CERTIFICATES.require(context.state, leaf.certificate)
    encumbrance = ENCUMBRANCES.get(context.state, leaf_id)
    paying = RESERVATIONS.require(context.state, claim_id).account
    for payee in payees_of_record(certificate, leaf, encumbrance, amount_minor):
        if payee.account == paying:  # it is the pledgee as well: its loan is set off
            set_off = context.derived_id("set-off", leaf_id)
            move_reserved(context, claim_id, set_off, payee.amount_minor)
            release(context, set_off)
        else:
            pay_reserved(context, claim_id, payee.account, payee.amount_minor, leaf_id)
        if is_financiers_part(leaf, payee.party):
            loan_paid(context, leaf_id, payee.amount_minor)
    _take_over(context, leaf_id, amount_minor, claim_id)


def _is_ready(context: Context, leaf_id: bytes, leaf: Leaf) -> bool:
    """Return whether a leaf has to wait for nothing."""
    if leaf.life not in (Life.OVERDUE, Life.RECOURSE):
        return False
    if leaf.payable_minor != leaf.outstanding_minor or hold_of(context, leaf_id, leaf) is not None:
        return False
    certificate = CERTIFICATES.require(context.state, leaf.certificate)
    encumbrance = ENCUMBRANCES.get(context.state, leaf_id)
    payees = payees_of_record(certificate, leaf, encumbrance, leaf.outstanding_minor)
    accounts = [ACCOUNTS.get(context.state, payee.account) for payee in payees]
    return all(account is not None and account.mirrored for account in accounts)


def _fitting(share_minor: int, whole_minor: int, least_minor: int) -> int:
    """Return the most of a share that leaves no part below the least one."""
    if share_minor >= whole_minor:
        return whole_minor
    fitting_minor = min(share_minor, whole_minor - least_minor)
    return fitting_minor if fitting_minor >= least_minor else 0


def _take_over(context: Context, leaf_id: bytes, amount_minor: int, claim_id: bytes) -> None:
    """Move what was paid to the guarantor: claim, leaf, and what it secured."""
    leaf = LEAVES.require(context.state, leaf_id)
    guarantor = OBLIGATIONS.require(context.state, claim_id).debtor
    fix_late_interest(context, leaf_id, leaf, amount_minor)
    claim = asset_id(AssetKind.CLAIM, leaf.certificate, CNY, 2)
    receiving = open_account(context, guarantor, claim)
    giving = claim_account(leaf.certificate, leaf.holder)
    post(context, receiving, giving, amount_minor, leaf_id)
    _lessen_encumbrance(context, leaf_id, amount_minor)
    leaf = LEAVES.require(context.state, leaf_id)  # its recourse may have ended
    taken = msgspec.structs.replace(
        leaf,
        holder=guarantor,
        life=Life.OVERDUE,
        finance=Finance.NONE,
        financier=b"",
        taken_over_minor=amount_minor,
        interest_from_day=china_day(context.time_ms),
    )
    is_whole = amount_minor == leaf.outstanding_minor
    if is_whole and leaf.finance != Finance.PLEDGED:
        _move(context, leaf_id, taken)
        taken_id, rest_id = leaf_id, b""
    else:
        taken_id, rest_id = _consume(context, leaf_id, leaf, taken, amount_minor)
    record_performance(context, claim_id, amount_minor)
    context.emit(
        LeafTakenOver(
            leaf_id,
            leaf.certificate,
            claim_id,
            guarantor,
            CALLS.require(context.state, claim_id).order_no,
            leaf.holder,
            amount_minor,
            taken_id,
            rest_id,
        ),
    )


def _lessen_encumbrance(context: Context, leaf_id: bytes, amount_minor: int) -> None:
    """Count what an assigned leaf's financier was paid of its advance."""
    found = ENCUMBRANCES.get(context.state, leaf_id)
    if found is None or LEAVES.require(context.state, leaf_id).finance != Finance.ASSIGNED:
        return
    covered_minor = found.covered_minor + amount_minor
    covered = msgspec.structs.replace(found, covered_minor=covered_minor)
    ENCUMBRANCES.put(context.state, covered, leaf_id)
    lower_recourse(context, leaf_id)


def _move(context: Context, leaf_id: bytes, taken: Leaf) -> None:
    """Let the guarantor hold the leaf; a part that was retained of it is due."""
    leaf_was_paid(context, leaf_id)
    encumbrance = ENCUMBRANCES.get(context.state, leaf_id)
    if encumbrance is not None:
        release_open(context, encumbrance.obligation, ReleaseReason.REDUCED)
    ENCUMBRANCES.delete(context.state, leaf_id)
    moved = msgspec.structs.replace(taken, sequence_no=taken.sequence_no + 1)
    put_leaf(context, leaf_id, moved)


def _pass_on_disputes(context: Context, leaf_id: bytes, leaf: Leaf, rest_id: bytes) -> None:
    """Let a side that disputed a leaf have disputed what is left of it too."""
    obligor = CERTIFICATES.require(context.state, leaf.certificate).obligor
    for side in (obligor, leaf.holder):
        before = DISPUTES_OF.get(context.state, leaf_id, side)
        if before is not None:
            DISPUTES_OF.put(context.state, before, rest_id, side)


def _consume(
    context: Context,
    leaf_id: bytes,
    leaf: Leaf,
    taken: Leaf,
    amount_minor: int,
) -> tuple[bytes, bytes]:
    """Spend a leaf for the guarantor's and the rest; return both ids, the second empty if none.

    A loan that is larger than what was left of its leaf stays with the spent one.
    """
    taken_id = context.derived_id("leaf-taken", leaf_id)
    first = {"parent": leaf_id, "discharged_minor": 0, "sequence_no": 0}
    put_leaf(
        context,
        taken_id,
        msgspec.structs.replace(taken, amount_minor=amount_minor, **first),
    )
    rest_minor = leaf.outstanding_minor - amount_minor
    rest_id = context.derived_id("leaf-rest", leaf_id) if rest_minor else b""
    spent = msgspec.structs.replace(leaf, life=Life.SPENT, sequence_no=leaf.sequence_no + 1)
    if rest_id:
        rest = msgspec.structs.replace(leaf, amount_minor=rest_minor, **first)
        put_leaf(context, rest_id, rest)
        _pass_on_encumbrance(context, leaf_id, leaf, rest_id)
        _pass_on_disputes(context, leaf_id, leaf, rest_id)
        spent = msgspec.structs.replace(spent, finance=Finance.NONE, financier=b"")
    put_leaf(context, leaf_id, spent)
    certificate = CERTIFICATES.require(context.state, leaf.certificate)
    live_leaves = certificate.live_leaves + bool(rest_id)
    counted = msgspec.structs.replace(certificate, live_leaves=live_leaves)
    CERTIFICATES.put(context.state, counted, leaf.certificate)
    return taken_id, rest_id


def _pass_on_encumbrance(context: Context, leaf_id: bytes, leaf: Leaf, rest_id: bytes) -> None:
    found: Encumbrance | None = ENCUMBRANCES.get(context.state, leaf_id)
    if found is None:
        return
    passed_on = msgspec.structs.replace(
        found,
        covered_minor=found.covered_minor + leaf.discharged_minor,
        loan_leaf=found.loan_leaf or leaf_id,
    )
    ENCUMBRANCES.delete(context.state, leaf_id)
    ENCUMBRANCES.put(context.state, passed_on, rest_id)
