"""Late interest: computed from dates when it is paid, as an obligation of fixed amount.

Rules this file keeps:
 1. interest = paid amount × daily rate × days from the due day, rounded half up, once; on what a
    guarantor took over the days count from when it paid: those before are its predecessor's.
 2. It is paid by the same standing authority as far as its cap goes beyond the face; what the cap
    does not cover is owed without one.
 3. While it is owed, ``interest(certificate)`` shows it: Dr holder / Cr obligor,
    reversed when paid.
 4. The interest of a held leaf goes where the leaf is paid: into the account of the court's order.

Source: agreed or statutory late interest, State Council Order 802 article 17 (policy row
``supply_chain.late_rate_e9_per_day``).
"""

import msgspec

from xinlian.apps.supply_chain import events
from xinlian.apps.supply_chain.holds import Held, first_hold, hold_of, payment_was_held
from xinlian.apps.supply_chain.keeper import CNY, interest_account, payout_account
from xinlian.apps.supply_chain.types import (
    CERTIFICATES,
    LATE_INTEREST,
    Certificate,
    LateInterest,
    Leaf,
)
from xinlian.contracts.context import Context
from xinlian.modules.accounts.keeper import create_asset, open_account, post
from xinlian.modules.accounts.types import ACCOUNTS, AccountClass, AssetKind
from xinlian.modules.obligations.keeper import open_due_now, record_performance
from xinlian.modules.obligations.performance import late_interest_minor
from xinlian.modules.obligations.types import Obligation, ObligationStatus, SourceKind
from xinlian.primitives.time import china_day


def fix_late_interest(context: Context, leaf_id: bytes, leaf: Leaf, base_minor: int) -> None:
    """Turn the interest of a late payment into an obligation that is due at once."""
    certificate = CERTIFICATES.require(context.state, leaf.certificate)
    from_day = leaf.interest_from_day or certificate.due_day
    days = max(china_day(context.time_ms) - from_day, 0)
    amount_minor = late_interest_minor(base_minor, certificate.late_rate_e9_per_day, days)
    if not amount_minor:
        return
    obligation_id = context.derived_id("obligation", leaf_id)
    asset = create_asset(context.state, AssetKind.INTEREST, leaf.certificate, CNY, 2)
    owing = open_account(context, certificate.obligor, asset, AccountClass.ISSUE)
    owed = open_account(context, leaf.holder, asset)
    post(context, owed, owing, amount_minor, obligation_id)
    LATE_INTEREST.put(
        context.state,
        LateInterest(leaf.certificate, leaf_id, leaf.holder),
        obligation_id,
    )
    CERTIFICATES.put(
        context.state,
        msgspec.structs.replace(
            certificate,
            interest_fixed_minor=certificate.interest_fixed_minor + amount_minor,
        ),
        leaf.certificate,
    )
    context.emit(
        events.LateInterestFixed(
            obligation_id,
            leaf.certificate,
            leaf_id,
            leaf.holder,
            base_minor,
            days,
            amount_minor,
        ),
    )
    open_due_now(
        context,
        obligation_id,
        _obligation(
            context,
            certificate,
            leaf,
            amount_minor,
            is_held=hold_of(context, leaf_id, leaf) is not None,
        ),
    )


class LateInterestSource:
    """Late interest as the source of obligations: one creditor, one payment."""

    def on_due(self, context: Context, obligation: bytes) -> None:
        """Nothing to note: it is born due."""

    def pay(self, context: Context, obligation: bytes, amount_minor: int) -> None:
        """Pay the creditor on the ledger and take the interest claim back."""
        owed = LATE_INTEREST.require(context.state, obligation)
        certificate = CERTIFICATES.require(context.state, owed.certificate)
        held = _hold(context, owed)
        payee = payout_account(certificate.deposit, owed.creditor)
        if held is not None:
            payee = held.account
            payment_was_held(context, held, owed.leaf, amount_minor)
        post(context, payee, certificate.account, amount_minor, obligation)
        post(
            context,
            interest_account(owed.certificate, certificate.obligor),
            interest_account(owed.certificate, owed.creditor),
            amount_minor,
            obligation,
        )
        record_performance(context, obligation, amount_minor)

    def on_default(self, context: Context, obligation: bytes) -> None:
        """Interest bears no interest; nothing follows."""

    def is_paying(self, context: Context, obligation: bytes) -> bool:
        """Return False: it is paid in one step."""
        del context, obligation
        return False


def _hold(context: Context, owed: LateInterest) -> Held | None:
    """Return what holds the leaf of an interest, or the claims of its creditor."""
    subjects = (owed.certificate, owed.leaf, owed.creditor)
    return first_hold(context.state, *subjects, context.time_ms)


def _obligation(
    context: Context,
    certificate: Certificate,
    leaf: Leaf,
    amount_minor: int,
    *,
    is_held: bool,
) -> Obligation:
    payee = ACCOUNTS.get(context.state, payout_account(certificate.deposit, leaf.holder))
    is_payable = payee is not None or is_held
    left_of_cap_minor = (
        certificate.authority_cap_minor - certificate.face_minor - certificate.interest_fixed_minor
    )
    is_covered = is_payable and amount_minor <= left_of_cap_minor
    return Obligation(
        debtor=certificate.obligor,
        asset=certificate.deposit,
        amount_minor=amount_minor,
        performed_minor=0,
        released_minor=0,
        awaiting_minor=0,
        due_day=china_day(context.time_ms),
        due_at_ms=context.time_ms,
        cutoff_at_ms=context.time_ms,
        status=ObligationStatus.DUE,
        source_kind=SourceKind.LATE_INTEREST,
        account=certificate.account if is_covered else b"",
        authority_cap_minor=amount_minor if is_covered else 0,
        authority_until_ms=certificate.authority_until_ms,
    )
