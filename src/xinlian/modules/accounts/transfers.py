"""Transfers that owners choose: one, or several that stand or fall together; and bounds.

Rules this file keeps:
 1. Only deposit is transferred, between holders of one bank, while policy lets it circulate.
 2. Every owner of a giving account signs with a mandate of its own for the message.
 3. Bounds of both accounts hold.
 4. Every transfer has an EndToEndId, its purpose: the bank's entries that book it name it.
"""

import dataclasses

from xinlian.contracts.context import Context
from xinlian.ledger.ports import StateView
from xinlian.modules.accounts import events
from xinlian.modules.accounts.errors import CirculationOff, NotAccountOwner, NotTransferable
from xinlian.modules.accounts.keeper import (
    Side,
    post_between,
    require_account,
    require_lower_bound,
    require_upper_bound,
)
from xinlian.modules.accounts.keeper import set_bounds as write_bounds
from xinlian.modules.accounts.messages import LinkedTransfer, LinkTransfers, SetBounds, Transfer
from xinlian.modules.accounts.policy import DEPOSIT_CIRCULATES
from xinlian.modules.accounts.types import ASSETS, Account, AccountClass, AssetKind
from xinlian.modules.members.keeper import MembersAuthority
from xinlian.modules.policy.dates import happening
from xinlian.modules.policy.keeper import policy_value
from xinlian.primitives import PartyId


def transfer(context: Context, message: Transfer) -> None:
    """Pay from one deposit account to another of the same bank."""
    # AUTHORISE
    giving = require_owner(context.state, message.from_account, context.acting_for)
    # VALIDATE
    receiving = require_transferable(context.state, giving, message.to_account)
    require_circulation(context)
    # WRITE and EMIT
    move(
        context,
        (message.to_account, receiving),
        (message.from_account, giving),
        message.amount_minor,
        context.new_id("transfer"),
    )


def link_transfers(context: Context, message: LinkTransfers) -> None:
    """Carry out several transfers; a refusal of one is a refusal of all."""
    # AUTHORISE
    by_owner: dict[bytes, list[LinkedTransfer]] = {}
    for link in message.transfers:
        owner = require_account(context.state, link.from_account).owner
        by_owner.setdefault(owner, []).append(link)
    if context.acting_for not in by_owner:
        raise NotAccountOwner(context.acting_for.hex())
    for owner, links in by_owner.items():
        if owner != context.acting_for:
            consent = dataclasses.replace(context, acting_for=PartyId(owner))
            MembersAuthority().authorise(consent, LinkTransfers(tuple(links)))
    # VALIDATE
    for link in message.transfers:
        giving = require_account(context.state, link.from_account)
        require_transferable(context.state, giving, link.to_account)
    require_circulation(context)
    # WRITE and EMIT
    for ordinal, link in enumerate(message.transfers):
        receiver, giver = (
            (account, require_account(context.state, account))
            for account in (link.to_account, link.from_account)
        )
        move(context, receiver, giver, link.amount_minor, context.new_id("transfer", ordinal))


def set_bounds(context: Context, message: SetBounds) -> None:
    """Choose what an account keeps at least and holds at most."""
    # AUTHORISE
    account = require_owner(context.state, message.account, context.acting_for)
    # VALIDATE
    require_deposit(context.state, account)
    # WRITE
    write_bounds(context.state, message.account, message.lower_minor, message.upper_minor)
    # EMIT
    context.emit(
        events.BoundsSet(message.account, message.lower_minor, message.upper_minor),
    )


def require_owner(state: StateView, account: bytes, party: bytes) -> Account:
    """Return an account of a party; raises UnknownAccount or NotAccountOwner."""
    found = require_account(state, account)
    if found.owner != party:
        raise NotAccountOwner(account.hex())
    return found


def require_deposit(state: StateView, account: Account) -> None:
    """Refuse an account that is no holder's deposit; raises NotTransferable."""
    if ASSETS.require(state, account.asset).kind != AssetKind.DEPOSIT:
        raise NotTransferable(account.asset.hex())
    if account.account_class == AccountClass.ISSUE:
        raise NotTransferable("deposit comes and goes with a bank entry alone")


def require_transferable(state: StateView, giving: Account, to_account: bytes) -> Account:
    """Return the receiving account; refuse a transfer of anything but deposit between holders.

    Raises:
        UnknownAccount: the receiving account does not exist.
        NotTransferable: one of them is no holder's deposit.
    """
    if ASSETS.require(state, giving.asset).kind != AssetKind.DEPOSIT:
        raise NotTransferable(giving.asset.hex())
    receiving = require_account(state, to_account)
    if AccountClass.ISSUE in (giving.account_class, receiving.account_class):
        raise NotTransferable("deposit comes and goes with a bank entry alone")
    return receiving


def require_circulation(context: Context) -> None:
    """Refuse transfers while policy has switched the circulation of deposit off."""
    if not policy_value(context.state, DEPOSIT_CIRCULATES, happening(context.time_ms)):
        raise CirculationOff(DEPOSIT_CIRCULATES)


def move(
    context: Context,
    receiver: Side,
    giver: Side,
    amount_minor: int,
    end_to_end_id: bytes,
) -> None:
    """Move an amount that an owner chose to give, within the bounds of both accounts."""
    require_lower_bound(context.state, giver, amount_minor)
    require_upper_bound(context.state, receiver, amount_minor)
    post_between(context, receiver, giver, amount_minor, end_to_end_id, is_chosen=True)
