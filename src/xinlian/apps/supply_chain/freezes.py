"""SC-T17: a court orders, a member of governance confirms, the court alone lifts, the clock ends.

Rules this file keeps:
 1. Two authorities sign: the court's order holds nothing until a member with a vote has confirmed
    it. Neither is a party to the claim, and they do not vote as one.
 2. An order names its case and its document by their roots, its scope, the account into which
    payments go meanwhile, and its end, at most as many months away as policy says.
 3. That account is a mirrored account in the certificate's deposit. Its owner is licensed to keep
    frozen money, and is no party to the claim.
 4. A confirmed order is lifted by the court alone, and ends by the clock. What it held stays as it
    was; what was paid meanwhile stays in the named account, for the court to give out.

Source: docs/concepts/certificates.md (T17, and where money goes meanwhile).
"""

from typing import Final

import msgspec

from xinlian.apps.supply_chain import events
from xinlian.apps.supply_chain.errors import (
    CourtDocumentInvalid,
    FreezePeriodInvalid,
    HeldAccountInvalid,
    NotFreezeOfficer,
    NotOrderingCourt,
    PartiesInvalid,
    TooManyFreezes,
    UnknownFreeze,
    UnknownLeaf,
    WrongState,
)
from xinlian.apps.supply_chain.freeze_messages import ConfirmFreeze, LiftFreeze, OrderFreeze
from xinlian.apps.supply_chain.guarantee_calls import look_again
from xinlian.apps.supply_chain.holds import (
    FREEZES,
    HOLDS,
    HOLDS_MAX,
    FreezeOrder,
    FreezeStatus,
    Hold,
    holds_on,
)
from xinlian.apps.supply_chain.keeper import claim_account, require_certificate, require_leaf
from xinlian.apps.supply_chain.policy import FREEZE_MONTHS_MAX
from xinlian.apps.supply_chain.types import CERTIFICATES, LEAVES, Certificate, Life
from xinlian.contracts.context import Context
from xinlian.ledger.ports import StateView
from xinlian.ledger.records import integer_part
from xinlian.modules.accounts.keeper import require_account
from xinlian.modules.accounts.types import ACCOUNTS, AccountClass
from xinlian.modules.documents.handlers import require_document
from xinlian.modules.members.keeper import require_party
from xinlian.modules.members.membership import ELECTORS, vote_holder
from xinlian.modules.members.roles import OfficialRole, has_role, require_role
from xinlian.modules.policy.dates import happening
from xinlian.modules.policy.keeper import policy_value
from xinlian.modules.schedule.keeper import add_item
from xinlian.primitives.time import add_months, china_day, china_midnight_ms

FREEZE_HANDLER: Final = 0x1010


def order_freeze(context: Context, message: OrderFreeze) -> None:
    """Write a court's order; it holds nothing yet."""
    # AUTHORISE
    court = context.acting_for
    require_role(context.state, court, OfficialRole.COURT)
    require_court_document(context, message.order_root)
    certificate = require_certificate(context.state, message.certificate)
    # VALIDATE
    require_neutral(context.state, certificate, message.leaf or message.holder, court)
    _require_live(context.state, message.certificate, message.leaf, message.holder)
    months = policy_value(context.state, FREEZE_MONTHS_MAX, happening(context.time_ms))
    last_day = add_months(china_day(context.time_ms), months)
    if not context.time_ms < message.expires_at_ms < china_midnight_ms(last_day + 1):
        raise FreezePeriodInvalid(f"it ends later than now, and within {months} months")
    # COMPUTE
    freeze_id = context.new_id("freeze")
    order = FreezeOrder(
        authority=court,
        case_root=message.case_root,
        order_root=message.order_root,
        certificate=message.certificate,
        subject=message.leaf or message.holder,
        is_of_holder=not message.leaf,
        account=message.account,
        ordered_at_ms=context.time_ms,
        confirmed_at_ms=0,
        confirmed_by=b"",
        expires_at_ms=message.expires_at_ms,
        status=FreezeStatus.ORDERED,
    )
    _require_keeper(context.state, certificate, order)
    # WRITE
    FREEZES.put(context.state, order, freeze_id)
    add_item(context.state, message.expires_at_ms + 1, FREEZE_HANDLER, freeze_id)
    # EMIT
    context.emit(
        events.FreezeOrdered(
            freeze_id,
            court,
            message.certificate,
            message.leaf,
            message.holder,
            message.case_root,
            message.order_root,
            message.account,
            message.expires_at_ms,
        ),
    )


def confirm_freeze(context: Context, message: ConfirmFreeze) -> None:
    """Let an order hold what it names from now on."""
    # AUTHORISE
    order = _require_freeze(context.state, message.freeze)
    certificate = CERTIFICATES.require(context.state, order.certificate)
    _require_officer(context, order, certificate)
    # VALIDATE
    if order.status != FreezeStatus.ORDERED or context.time_ms > order.expires_at_ms:
        raise WrongState(f"the order is {_now(order, context.time_ms).name.lower()}")
    if message.order_root != order.order_root:
        raise CourtDocumentInvalid("the court ordered by another document")
    if not has_role(context.state, order.authority, OfficialRole.COURT):
        raise WrongState("who ordered it is no court any more")
    leaf, holder = (b"", order.subject) if order.is_of_holder else (order.subject, b"")
    _require_live(context.state, order.certificate, leaf, holder)
    _require_keeper(context.state, certificate, order)
    standing = holds_on(context.state, order.certificate, order.subject, context.time_ms)
    if sum(1 for _ in standing) >= HOLDS_MAX:
        raise TooManyFreezes(str(HOLDS_MAX))
    # WRITE
    confirmed = msgspec.structs.replace(
        order,
        confirmed_at_ms=context.time_ms,
        confirmed_by=context.acting_for,
        status=FreezeStatus.IN_FORCE,
    )
    FREEZES.put(context.state, confirmed, message.freeze)
    hold = Hold(order.account, order.expires_at_ms)
    HOLDS.put(context.state, hold, *_place(message.freeze, confirmed))
    # EMIT
    context.emit(events.FreezeConfirmed(message.freeze, context.acting_for))


def lift_freeze(context: Context, message: LiftFreeze) -> None:
    """End an order by the court's own decision."""
    # AUTHORISE
    order = _require_freeze(context.state, message.freeze)
    court = context.acting_for
    require_role(context.state, court, OfficialRole.COURT)
    if court != order.authority and has_role(context.state, order.authority, OfficialRole.COURT):
        raise NotOrderingCourt("the court that ordered it lifts it")
    require_court_document(context, message.document_root)
    # VALIDATE
    standing = _now(order, context.time_ms)
    if standing not in (FreezeStatus.ORDERED, FreezeStatus.IN_FORCE):
        raise WrongState(f"the order is {standing.name.lower()}")
    # WRITE and EMIT
    _end(context, message.freeze, order, FreezeStatus.LIFTED)


def expire_freeze(context: Context, freeze_id: bytes) -> None:
    """Due work: the time of an order is up."""
    order = FREEZES.require(context.state, freeze_id)
    is_open = order.status in (FreezeStatus.ORDERED, FreezeStatus.IN_FORCE)
    if is_open and context.time_ms > order.expires_at_ms:
        _end(context, freeze_id, order, FreezeStatus.EXPIRED)


def require_court_document(context: Context, root: bytes) -> None:
    """Refuse a document that the sending court did not register itself.

    Raises:
        UnknownDocument: nobody registered it.
        CourtDocumentInvalid: another party did.
    """
    if require_document(context.state, root).owner != context.acting_for:
        raise CourtDocumentInvalid("the court registers the document itself")


def _end(context: Context, freeze_id: bytes, order: FreezeOrder, status: FreezeStatus) -> None:
    if order.status == FreezeStatus.IN_FORCE:
        HOLDS.delete(context.state, *_place(freeze_id, order))
    FREEZES.put(context.state, msgspec.structs.replace(order, status=status), freeze_id)
    context.emit(events.FreezeEnded(freeze_id, status))
    look_again(context, order.certificate)  # guarantors pay what had to wait


def _place(freeze_id: bytes, order: FreezeOrder) -> tuple[bytes, bytes, bytes, bytes]:
    """Return the key parts of the hold of a confirmed order."""
    return order.certificate, order.subject, integer_part(order.confirmed_at_ms), freeze_id


def _now(order: FreezeOrder, time_ms: int) -> FreezeStatus:
    """Return where an order stands, whether or not the clock has ended it."""
    status = FreezeStatus(order.status)
    is_open = status in (FreezeStatus.ORDERED, FreezeStatus.IN_FORCE)
    return FreezeStatus.EXPIRED if is_open and time_ms > order.expires_at_ms else status


def _require_freeze(state: StateView, freeze_id: bytes) -> FreezeOrder:
    found = FREEZES.get(state, freeze_id)
    if found is None:
        raise UnknownFreeze(freeze_id.hex())
    return found


def _require_live(state: StateView, certificate: bytes, leaf_id: bytes, holder: bytes) -> None:
    """Refuse a scope in which nothing is owed.

    Raises:
        UnknownLeaf: the leaf is none of the certificate.
        WrongState: nothing is owed on the leaf, or to the holder.
    """
    if leaf_id:
        leaf = require_leaf(state, leaf_id)
        if leaf.certificate != certificate:
            raise UnknownLeaf("a leaf of another certificate")
        if not leaf.is_live:
            raise WrongState(f"the leaf is {Life(leaf.life).name.lower()}")
        return
    account = ACCOUNTS.get(state, claim_account(certificate, holder))
    if account is None or account.balance_minor <= 0:
        raise WrongState("nothing is owed to this holder on the certificate")


def require_neutral(
    state: StateView,
    certificate: Certificate,
    subject: bytes,
    party: bytes,
) -> None:
    """Refuse a party to the claim that an order is on; raises PartiesInvalid."""
    leaf = LEAVES.get(state, subject)
    of_leaf = () if leaf is None else (leaf.holder, leaf.financier)
    if party in (certificate.obligor, certificate.first_holder, subject, *of_leaf):
        raise PartiesInvalid("a party to the claim neither freezes it nor keeps its money")


def _require_officer(context: Context, order: FreezeOrder, certificate: Certificate) -> None:
    """Refuse who may not be the second authority of an order.

    Raises:
        NotFreezeOfficer: it has no vote, is suspended, or votes as one with the court.
        PartiesInvalid: it is a party to the claim.
    """
    officer = context.acting_for
    if ELECTORS.get(context.state, officer) is None:
        raise NotFreezeOfficer("a member with a vote confirms")
    if require_party(context.state, officer).is_suspended:
        raise NotFreezeOfficer("a suspended member confirms nothing")
    if vote_holder(context.state, officer) == vote_holder(context.state, order.authority):
        raise NotFreezeOfficer("another authority than the court's own confirms")
    require_neutral(context.state, certificate, order.subject, officer)


def _require_keeper(state: StateView, certificate: Certificate, order: FreezeOrder) -> None:
    """Refuse an account into which held payments may not go.

    Raises:
        UnknownAccount: there is no such account.
        HeldAccountInvalid: it is no mirrored deposit account in the certificate's deposit, or its
            owner is not licensed to keep frozen money.
        PartiesInvalid: its owner is a party to the claim.
    """
    account = require_account(state, order.account)
    if account.asset != certificate.deposit or account.account_class != AccountClass.HOLDER:
        raise HeldAccountInvalid("not a deposit account in the certificate's deposit")
    if not account.mirrored:
        raise HeldAccountInvalid("its bank's books do not come to the ledger")
    if not has_role(state, account.owner, OfficialRole.FROZEN_MONEY_KEEPER):
        raise HeldAccountInvalid("its owner is not licensed to keep frozen money")
    require_neutral(state, certificate, order.subject, account.owner)
