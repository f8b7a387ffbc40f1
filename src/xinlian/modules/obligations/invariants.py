"""What must hold at every height for obligations; each returns what it found broken, in words."""

from collections.abc import Iterator

from xinlian.ledger.ports import StateView
from xinlian.modules.accounts.types import ACCOUNTS, RESERVATIONS
from xinlian.modules.obligations.life import BINDING
from xinlian.modules.obligations.types import (
    ENFORCEMENTS,
    OBLIGATIONS,
    TERMS,
    EnforcementStatus,
    ObligationStatus,
)

_NOT_ENDED = (ObligationStatus.PROPOSED, *BINDING)


def obligations_add_up(state: StateView) -> Iterator[str]:
    """Performed + open + released = amount; an ended one has nothing open; caps hold."""
    for (obligation_id,), obligation in OBLIGATIONS.scan(state):
        inside_minor = obligation.awaiting_minor + obligation.disputed_minor
        if obligation.open_minor < 0 or inside_minor > max(obligation.open_minor, 0):
            yield f"obligation {obligation_id.hex()} does not add up"
        has_ended = obligation.status not in _NOT_ENDED
        if has_ended and obligation.open_minor:
            yield f"obligation {obligation_id.hex()} ended with an open amount"
        if not has_ended and not obligation.open_minor:
            yield f"obligation {obligation_id.hex()} has nothing open and has not ended"
        if obligation.account and obligation.performed_minor > obligation.authority_cap_minor:
            yield f"obligation {obligation_id.hex()} was paid beyond its authority"


def securities_are_the_debtors(state: StateView) -> Iterator[str]:
    """Locked money is what is open; an account that secures an obligation is its debtor's."""
    for (obligation_id,), obligation in OBLIGATIONS.scan(state):
        if obligation.account:
            account = ACCOUNTS.require(state, obligation.account)
            if (account.owner, account.asset) != (obligation.debtor, obligation.asset):
                yield f"obligation {obligation_id.hex()} is secured by another's account"
        if not obligation.is_locked:
            continue
        reservation = RESERVATIONS.get(state, obligation_id)
        locked_minor = 0 if reservation is None else reservation.left_minor
        open_minor = obligation.open_minor if obligation.status in BINDING else 0
        if locked_minor != open_minor:
            yield f"obligation {obligation_id.hex()} locks {locked_minor} for {open_minor}"


def calls_are_within_the_debt(state: StateView) -> Iterator[str]:
    """No guarantor owes more than it answers for, nor more than the debtor still does.

    What a bank is executing for a guarantor is not taken back while the debtor pays too.
    """
    for (obligation_id,), terms in TERMS.scan(state):
        origin = OBLIGATIONS.require(state, obligation_id)
        for guarantee in terms.guarantees:
            if not guarantee.claim:
                continue
            claim = OBLIGATIONS.require(state, guarantee.claim)
            if claim.amount_minor > guarantee.liability_minor:
                yield f"guarantor {guarantee.party.hex()} is called for too much"
            if claim.open_minor > max(origin.open_minor, claim.awaiting_minor):
                yield f"guarantor {guarantee.party.hex()} owes more than the debtor"


def a_debt_is_paid_once(state: StateView) -> Iterator[str]:
    """A creditor keeps no more than was promised; what is let go or paid bears no interest."""
    for (obligation_id,), terms in TERMS.scan(state):
        owed = OBLIGATIONS.require(state, obligation_id)
        claims = [guarantee.claim for guarantee in terms.guarantees if guarantee.claim]
        kept_minor = owed.performed_minor + sum(_kept_minor(state, claim) for claim in claims)
        if kept_minor > owed.amount_minor:
            yield f"obligation {obligation_id.hex()} was paid more than once"
        if terms.late_base_minor > max(owed.open_minor - owed.disputed_minor, 0):
            yield f"obligation {obligation_id.hex()} bears interest on what is not owed"
        booked_minor = max(terms.debit_booked_minor, terms.credit_booked_minor)
        if not booked_minor <= terms.ledger_paid_minor <= owed.performed_minor:
            yield f"obligation {obligation_id.hex()} was booked beyond what the ledger paid"


def orders_of_courts_hold(state: StateView) -> Iterator[str]:
    """An order moves no more than it is for, from accounts of the debtor, while it owes."""
    for (obligation_id,), order in ENFORCEMENTS.scan(state):
        owed = OBLIGATIONS.require(state, obligation_id)
        if order.left_minor < 0 or order.paid_minor > owed.enforced_minor:
            yield f"the order on {obligation_id.hex()} moved more than it is for"
        if order.ordered_minor not in (0, owed.awaiting_minor):
            yield f"the order on {obligation_id.hex()} is not what its bank executes"
        is_in_force = order.status == EnforcementStatus.IN_FORCE
        if is_in_force != owed.is_enforced or (is_in_force and owed.status not in BINDING):
            yield f"the order on {obligation_id.hex()} and the obligation differ"
        accounts = [ACCOUNTS.require(state, account) for account in order.accounts]
        if any((one.owner, one.asset) != (owed.debtor, owed.asset) for one in accounts):
            yield f"the order on {obligation_id.hex()} is on another's account"
    for (obligation_id,), owed in OBLIGATIONS.scan(state):
        if owed.enforced_minor > owed.performed_minor:
            yield f"obligation {obligation_id.hex()} was enforced for more than was performed"
        if owed.is_enforced and ENFORCEMENTS.get(state, obligation_id) is None:
            yield f"obligation {obligation_id.hex()} is enforced without an order"


def _kept_minor(state: StateView, claim_id: bytes) -> int:
    """Return what a guarantor paid that its creditor does not owe back."""
    paid_minor = OBLIGATIONS.require(state, claim_id).performed_minor
    return max(paid_minor - TERMS.require(state, claim_id).surplus_minor, 0)


INVARIANTS = (
    obligations_add_up,
    securities_are_the_debtors,
    calls_are_within_the_debt,
    a_debt_is_paid_once,
    orders_of_courts_hold,
)
