"""Pending transfers: value set aside for a receiver, posted in parts, voided, or expired.

Rules this file keeps:
 1. What is pending is a reservation under its own id: it stays in the giver's balance and nobody
    else is paid from it.
 2. The settler posts; the settler or the receiver voids; the giver gets back what is not posted by
    their word or when the time is up, and not before.
 3. Every guard compares consensus time with the expiry itself; due work only gives back.
"""

from typing import Final

import msgspec

from xinlian.contracts.context import Context
from xinlian.ledger.ports import StateView
from xinlian.modules.accounts import events
from xinlian.modules.accounts.errors import (
    ExpiryOutOfRange,
    MixedAssets,
    MoreThanPending,
    NotSettler,
    PendingEnded,
    PendingExpired,
    UnknownPending,
)
from xinlian.modules.accounts.keeper import (
    pay_reserved,
    release,
    require_account,
    require_lower_bound,
    require_upper_bound,
    reserve,
)
from xinlian.modules.accounts.messages import PendTransfer, PostTransfer, VoidTransfer
from xinlian.modules.accounts.policy import PENDING_DAYS_CEILING, PENDING_DAYS_MAX
from xinlian.modules.accounts.transfers import (
    require_circulation,
    require_owner,
    require_transferable,
)
from xinlian.modules.accounts.types import PENDING, PendingStatus, PendingTransfer
from xinlian.modules.members.keeper import require_party
from xinlian.modules.policy.dates import happening
from xinlian.modules.policy.keeper import policy_value
from xinlian.modules.schedule.keeper import add_item
from xinlian.primitives.time import MS_PER_DAY

EXPIRY_HANDLER: Final = 0x0401


def pend_transfer(context: Context, message: PendTransfer) -> None:
    """Set an amount aside for a receiver."""
    # AUTHORISE
    giving = require_owner(context.state, message.from_account, context.acting_for)
    require_party(context.state, message.settler)
    # VALIDATE
    receiving = require_transferable(context.state, giving, message.to_account)
    if receiving.asset != giving.asset:
        raise MixedAssets(f"{receiving.asset.hex()} and {giving.asset.hex()}")
    _check_expiry(context, message.expires_at_ms)
    require_circulation(context)
    require_lower_bound(context.state, (message.from_account, giving), message.amount_minor)
    # COMPUTE
    pending_id = context.new_id("pending")
    pending = PendingTransfer(
        from_account=message.from_account,
        to_account=message.to_account,
        settler=message.settler,
        amount_minor=message.amount_minor,
        posted_minor=0,
        expires_at_ms=message.expires_at_ms,
        status=PendingStatus.PENDING,
    )
    # WRITE
    reserve(context, message.from_account, message.amount_minor, pending_id)
    PENDING.put(context.state, pending, pending_id)
    add_item(context.state, message.expires_at_ms + 1, EXPIRY_HANDLER, pending_id)
    # EMIT
    context.emit(
        events.TransferPended(
            pending_id,
            message.from_account,
            message.to_account,
            message.settler,
            message.amount_minor,
            message.expires_at_ms,
        ),
    )


def post_transfer(context: Context, message: PostTransfer) -> None:
    """Pay a pending transfer, in full or in part."""
    # AUTHORISE
    pending = _require_pending(context.state, message.pending)
    if pending.settler != context.acting_for:
        raise NotSettler(context.acting_for.hex())
    # VALIDATE
    _require_open(context, pending)
    if message.amount_minor > pending.left_minor:
        raise MoreThanPending(str(pending.left_minor))
    require_circulation(context)
    # The giver's bound was kept when the amount was set aside.
    receiving = require_account(context.state, pending.to_account)
    require_upper_bound(context.state, (pending.to_account, receiving), message.amount_minor)
    # WRITE
    posted = msgspec.structs.replace(
        pending,
        posted_minor=pending.posted_minor + message.amount_minor,
    )
    PENDING.put(context.state, posted, message.pending)
    pay_reserved(
        context,
        message.pending,
        pending.to_account,
        message.amount_minor,
        message.pending,
        is_chosen=True,
    )
    # EMIT
    context.emit(
        events.PendingPosted(message.pending, message.amount_minor, posted.left_minor),
    )
    if not posted.left_minor:
        _close(context, message.pending, posted, PendingStatus.POSTED)


def void_transfer(context: Context, message: VoidTransfer) -> None:
    """Give back what is left of a pending transfer."""
    # AUTHORISE
    pending = _require_pending(context.state, message.pending)
    receiver = require_account(context.state, pending.to_account).owner
    if context.acting_for not in (pending.settler, receiver):
        raise NotSettler(context.acting_for.hex())
    # VALIDATE
    if pending.status != PendingStatus.PENDING:
        raise PendingEnded(message.pending.hex())
    # WRITE and EMIT
    _close(context, message.pending, pending, PendingStatus.VOIDED)


def expire_transfer(context: Context, pending_id: bytes) -> None:
    """Due work: the time is up; what was not posted goes back."""
    pending = PENDING.require(context.state, pending_id)
    if pending.status == PendingStatus.PENDING and context.time_ms > pending.expires_at_ms:
        _close(context, pending_id, pending, PendingStatus.EXPIRED)


def _close(
    context: Context,
    pending_id: bytes,
    pending: PendingTransfer,
    status: PendingStatus,
) -> None:
    ended = msgspec.structs.replace(pending, status=status)
    PENDING.put(context.state, ended, pending_id)
    context.emit(events.PendingClosed(pending_id, status, pending.left_minor))
    release(context, pending_id)


def _check_expiry(context: Context, expires_at_ms: int) -> None:
    days = min(
        policy_value(context.state, PENDING_DAYS_MAX, happening(context.time_ms)),
        PENDING_DAYS_CEILING,
    )
    if not context.time_ms < expires_at_ms <= context.time_ms + days * MS_PER_DAY:
        raise ExpiryOutOfRange(f"within {days} days")


def _require_pending(state: StateView, pending_id: bytes) -> PendingTransfer:
    found = PENDING.get(state, pending_id)
    if found is None:
        raise UnknownPending(pending_id.hex())
    return found


def _require_open(context: Context, pending: PendingTransfer) -> None:
    if pending.status != PendingStatus.PENDING:
        raise PendingEnded(str(pending.status))
    if context.time_ms > pending.expires_at_ms:
        raise PendingExpired(str(pending.expires_at_ms))
