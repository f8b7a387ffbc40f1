"""What must hold at every height; tests and ``doctor`` run these over a whole state.

Each returns what it found broken, in words, or nothing.
"""

from collections import defaultdict
from collections.abc import Iterator

from xinlian.apps.supply_chain import guarantee_invariants, offer_invariants
from xinlian.apps.supply_chain.credit_note_types import LOWERINGS
from xinlian.apps.supply_chain.dispute_types import DISPUTES, DisputeStatus
from xinlian.apps.supply_chain.keeper import CNY, claim_account
from xinlian.apps.supply_chain.types import (
    CERTIFICATES,
    ENCUMBRANCES,
    INVOICES,
    LEAVES,
    LINES,
    STOP_FLAGS,
    Encumbrance,
    Finance,
    Leaf,
    Life,
)
from xinlian.ledger.ports import StateView
from xinlian.modules.accounts.types import ACCOUNTS, AssetKind, account_id, asset_id
from xinlian.modules.obligations.types import OBLIGATIONS


def certificate_sums(state: StateView) -> Iterator[str]:
    """SC-I1: face = outstanding + discharged + cancelled + reduced; its obligation agrees."""
    for (certificate_id,), certificate in CERTIFICATES.scan(state):
        is_void = certificate.life == Life.VOID and not certificate.reduced_minor
        if certificate.life in (Life.DRAFT, Life.OFFERED) or is_void:
            continue
        total_minor = (
            certificate.outstanding_minor
            + certificate.discharged_minor
            + certificate.cancelled_minor
            + certificate.reduced_minor
        )
        if total_minor != certificate.face_minor:
            yield f"SC-I1: {certificate_id.hex()} sums to {total_minor}"
        obligation = OBLIGATIONS.require(state, certificate_id)
        if obligation.performed_minor != certificate.discharged_minor:
            yield f"obligation of {certificate_id.hex()} differs from its certificate"
        released_minor = certificate.cancelled_minor + certificate.reduced_minor
        if obligation.released_minor != released_minor:
            yield f"obligation of {certificate_id.hex()} was released otherwise than cancelled"


def leaves_carry_certificates(state: StateView) -> Iterator[str]:
    """SC-I16: claim balances equal the outstanding amounts of each holder's leaves."""
    by_holder: dict[tuple[bytes, bytes], int] = defaultdict(int)
    by_certificate: dict[bytes, int] = defaultdict(int)
    for (leaf_id,), leaf in LEAVES.scan(state):
        if leaf.outstanding_minor < leaf.awaiting_minor + leaf.disputed_minor:
            yield f"leaf {leaf_id.hex()} awaits and disputes more than it is owed"
        if leaf.life == Life.DISCHARGED and leaf.outstanding_minor:
            yield f"leaf {leaf_id.hex()} is discharged with an open amount"
        if leaf.is_live:
            by_holder[leaf.certificate, leaf.holder] += leaf.outstanding_minor
            by_certificate[leaf.certificate] += leaf.outstanding_minor
        if leaf.finance == Finance.LOCKED and leaf.life != Life.ACTIVE:
            yield f"leaf {leaf_id.hex()} is locked and not active"
    for (certificate_id, holder), outstanding_minor in by_holder.items():
        account = ACCOUNTS.require(state, claim_account(certificate_id, holder))
        if account.balance_minor != outstanding_minor:
            yield f"SC-I16: claim balance of {holder.hex()} differs from its leaves"
    for (certificate_id,), certificate in CERTIFICATES.scan(state):
        if certificate.outstanding_minor != by_certificate[certificate_id]:
            yield f"leaves of {certificate_id.hex()} do not add up to its outstanding amount"


def occupation_within_invoices(state: StateView) -> Iterator[str]:
    """SC-I3, SC-I7: occupied + paid ≤ gross; used lines equal the live faces."""
    for (root,), invoice in INVOICES.scan(state):
        if invoice.occupied_minor + invoice.paid_minor > invoice.gross_minor:
            yield f"SC-I3: invoice {root.hex()} is over-occupied"
    used: dict[bytes, int] = defaultdict(int)
    for _, certificate in CERTIFICATES.scan(state):
        if certificate.life == Life.OFFERED:
            used[certificate.obligor] += certificate.face_minor
        used[certificate.obligor] += certificate.outstanding_minor
    for (obligor,), line in LINES.scan(state):
        if line.used_minor != used[obligor]:
            yield f"SC-I7: line of {obligor.hex()} counts {line.used_minor}"


def lowerings_add_up(state: StateView) -> Iterator[str]:
    """SC-I3: what stands of credit notes and outside payments is what an invoice is lowered by."""
    lowered: dict[bytes, int] = defaultdict(int)
    for (root, _), found in LOWERINGS.scan(state):
        lowered[root] += 0 if found.is_reversed else found.amount_minor
    for (root,), invoice in INVOICES.scan(state):
        if invoice.lowered_minor != lowered[root]:
            yield f"SC-I3: the credit notes of invoice {root.hex()} do not add up"
        if invoice.lowered_minor > invoice.gross_minor:
            yield f"SC-I3: more is taken off invoice {root.hex()} than it is for"


def stop_flags_fit_certificates(state: StateView) -> Iterator[str]:
    """SC-R6: who has something overdue is stopped without an end; any other stop has one."""
    overdue: dict[bytes, int] = defaultdict(int)
    for _, certificate in CERTIFICATES.scan(state):
        overdue[certificate.obligor] += certificate.life == Life.OVERDUE
    for (obligor,), line in LINES.scan(state):
        if line.overdue_certificates != overdue[obligor]:
            yield f"SC-R6: the line of {obligor.hex()} counts {line.overdue_certificates} overdue"
        flag = STOP_FLAGS.get(state, obligor)
        is_open = flag is not None and not flag.lifts_at_ms
        if is_open != (overdue[obligor] > 0):
            yield f"SC-R6: the stop flag of {obligor.hex()} does not fit what is overdue"


def encumbrances_fit_leaves(state: StateView) -> Iterator[str]:
    """SC-I2, SC-I4: one encumbrance a financed leaf; a loan, its claim and its obligation agree."""
    for (leaf_id,), leaf in LEAVES.scan(state):
        encumbrance = ENCUMBRANCES.get(state, leaf_id)
        if (encumbrance is not None) != leaf.is_financed:
            yield f"SC-I4: leaf {leaf_id.hex()} and its encumbrance differ"
        elif encumbrance is not None and encumbrance.financier != leaf.financier:
            yield f"SC-I2: leaf {leaf_id.hex()} names another financier than its encumbrance"
        elif encumbrance is not None and leaf.finance == Finance.PLEDGED:
            yield from _loan(state, leaf_id, leaf, encumbrance)
        if leaf.finance == Finance.ASSIGNED and leaf.holder != leaf.financier:
            yield f"SC-I2: leaf {leaf_id.hex()} is assigned to another than its holder"
        has_recourse = encumbrance is not None and encumbrance.with_recourse
        if leaf.life == Life.RECOURSE and not has_recourse:
            yield f"leaf {leaf_id.hex()} is in recourse that nobody agreed"


def _loan(
    state: StateView,
    leaf_id: bytes,
    leaf: Leaf,
    encumbrance: Encumbrance,
) -> Iterator[str]:
    owed = account_id(
        leaf.financier, asset_id(AssetKind.LOAN, encumbrance.loan_leaf or leaf_id, CNY, 2)
    )
    secured_minor = encumbrance.secured_minor
    if ACCOUNTS.require(state, owed).balance_minor != secured_minor:
        yield f"the loan on {leaf_id.hex()} is not what is secured"
    if OBLIGATIONS.require(state, encumbrance.obligation).open_minor != secured_minor:
        yield f"the obligation of the loan on {leaf_id.hex()} is not what is secured"
    if not 0 <= encumbrance.awaiting_minor <= min(secured_minor, leaf.awaiting_minor):
        yield f"banks bring more to the financier of {leaf_id.hex()} than it is owed"


def disputes_fit_leaves(state: StateView) -> Iterator[str]:
    """SC-T16: open disputes add up to what is disputed of their leaf, and to its obligation's."""
    by_leaf: dict[bytes, int] = defaultdict(int)
    by_certificate: dict[bytes, int] = defaultdict(int)
    for (dispute_id,), dispute in DISPUTES.scan(state):
        if not 0 <= dispute.upheld_minor <= dispute.amount_minor:
            yield f"dispute {dispute_id.hex()} was upheld for more than it was about"
        if dispute.status == DisputeStatus.OPEN:
            by_leaf[dispute.leaf] += dispute.amount_minor
            by_certificate[dispute.certificate] += dispute.amount_minor
    for (leaf_id,), leaf in LEAVES.scan(state):
        if leaf.disputed_minor != by_leaf[leaf_id]:
            yield f"disputes of leaf {leaf_id.hex()} do not add up"
    for (certificate_id,), certificate in CERTIFICATES.scan(state):
        disputed_minor = by_certificate[certificate_id]
        if certificate.life not in (Life.DRAFT, Life.OFFERED, Life.VOID) and (
            OBLIGATIONS.require(state, certificate_id).disputed_minor != disputed_minor
        ):
            yield f"obligation of {certificate_id.hex()} disputes another amount than its leaves"


INVARIANTS = (
    certificate_sums,
    leaves_carry_certificates,
    occupation_within_invoices,
    stop_flags_fit_certificates,
    encumbrances_fit_leaves,
    disputes_fit_leaves,
    lowerings_add_up,
    *guarantee_invariants.INVARIANTS,
    *offer_invariants.INVARIANTS,
)
