"""What a court may do to an obligation at all: its role, the parties, one act a case.

Rules this file keeps:
 1. Who acts holds the role of a court now, and is no party to the obligation or to what it follows
    from: no debtor, creditor or guarantor of it.
 2. The order names debtor and creditor as they are.
 3. A case acts on an obligation once, whatever it does; the record of it stays for good.
 4. Only obligations with terms: those of businesses have other creditors and other orders.
"""

from xinlian.contracts.context import Context
from xinlian.modules.members.roles import OfficialRole, require_role
from xinlian.modules.obligations.agreement import require_agreed
from xinlian.modules.obligations.errors import (
    CaseUsed,
    CourtIsParty,
    OfBusiness,
    PartiesDiffer,
)
from xinlian.modules.obligations.types import (
    COURT_CASES,
    OBLIGATIONS,
    TERMS,
    CourtAct,
    CourtCase,
    Obligation,
    Terms,
)


def require_court(
    context: Context,
    obligation_id: bytes,
    debtor: bytes,
    creditor: bytes,
) -> tuple[Obligation, Terms]:
    """Return an obligation that the sending court may act on.

    Raises:
        NotInRole: the sender is no court.
        OfBusiness: the obligation is that of a business, such as a certificate.
        UnknownObligation: there is none of that id.
        CourtIsParty: the court is debtor, creditor or guarantor.
        PartiesDiffer: the obligation is between others.
    """
    court = context.acting_for
    require_role(context.state, court, OfficialRole.COURT)
    is_known = OBLIGATIONS.get(context.state, obligation_id) is not None
    if is_known and TERMS.get(context.state, obligation_id) is None:
        raise OfBusiness("its creditors are those of its business, not one")
    found, terms = require_agreed(context, obligation_id)
    if court in (found.debtor, *_creditors_side(terms), *_of_origin(context, terms)):
        raise CourtIsParty(court.hex())
    if (debtor, creditor) != (found.debtor, terms.creditor):
        raise PartiesDiffer("the debtor and the creditor of the obligation, as they are")
    return found, terms


def require_new_case(context: Context, obligation_id: bytes, case_root: bytes) -> None:
    """Refuse a case that has acted on the obligation before; raises CaseUsed."""
    if COURT_CASES.get(context.state, obligation_id, case_root) is not None:
        raise CaseUsed(case_root.hex())


def write_case(
    context: Context,
    obligation_id: bytes,
    case_root: bytes,
    order_root: bytes,
    act: CourtAct,
) -> None:
    """Write that a case has acted on an obligation."""
    case = CourtCase(context.acting_for, act, order_root, context.time_ms)
    COURT_CASES.put(context.state, case, obligation_id, case_root)


def _creditors_side(terms: Terms) -> tuple[bytes, ...]:
    return (terms.creditor, *(guarantee.party for guarantee in terms.guarantees))


def _of_origin(context: Context, terms: Terms) -> tuple[bytes, ...]:
    """Return who is party to what an obligation follows from."""
    if not terms.origin:
        return ()
    debtor = OBLIGATIONS.require(context.state, terms.origin).debtor
    return (debtor, *_creditors_side(TERMS.require(context.state, terms.origin)))
