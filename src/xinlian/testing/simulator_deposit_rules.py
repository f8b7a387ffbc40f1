"""The reference model's rules of deposit money: who may move it, and that it is not given twice."""

from collections.abc import Mapping
from typing import Final

from xinlian.contracts.message import Message
from xinlian.modules.accounts import events as ace
from xinlian.modules.accounts import messages as accounts
from xinlian.testing.simulator_model import MessageRule, Model, Pending, Posting


def _transfer(model: Model, party: bytes, message: accounts.Transfer) -> list[Posting]:
    owners = model.beginning.owners
    model.require(owners.get(message.from_account) == party, "only the owner pays")
    return _moved(model, message)


def _moved(model: Model, link: accounts.Transfer | accounts.LinkedTransfer) -> list[Posting]:
    """One payment of what is not promised to somebody else."""
    model.require(link.to_account in model.beginning.owners, "payments go to accounts that exist")
    free_minor = model.balances_minor[link.from_account] - model.pended_minor(link.from_account)
    model.require(link.amount_minor <= free_minor, "what is set aside is not given away")
    return [(link.to_account, link.from_account, link.amount_minor)]


def _book_entry(model: Model, party: bytes, message: accounts.BookEntry) -> list[Posting]:
    beginning = model.beginning
    model.require(party == beginning.bank, "only the bank enters bank facts")
    model.require(message.bank_account in beginning.mirrors, "the account is known")
    model.require(message.identity not in model.entries, "a bank entry counts once")
    model.entries.add(message.identity)
    mirror, issue = beginning.mirrors[message.bank_account], beginning.issue_account
    if not mirror or (message.end_to_end_id and message.is_credit):
        return []
    if message.end_to_end_id:
        order = model.orders.get(message.end_to_end_id)
        fits = order and (order.account, order.amount_minor) == (mirror, message.amount_minor)
        model.require(fits and order and order.is_open, "an entry fits the order that it names")
        return [(issue, mirror, message.amount_minor)]
    sides = (mirror, issue) if message.is_credit else (issue, mirror)
    return [(*sides, message.amount_minor)]


def _link(model: Model, party: bytes, message: accounts.LinkTransfers) -> list[Posting]:
    owners = [model.beginning.owners.get(link.from_account) for link in message.transfers]
    model.require(party in owners, "one of the owners asks")
    postings: list[Posting] = []
    for owner, link in zip(owners, message.transfers, strict=True):
        model.require(owner and model.signatures_of(owner), "every owner of a giving account signs")
        model.require(owner not in model.suspended, "and none of them is suspended")
        model.require(link.to_account in model.beginning.owners, "to accounts that exist")
        postings.append((link.to_account, link.from_account, link.amount_minor))
    return postings


def _pend(model: Model, party: bytes, message: accounts.PendTransfer) -> list[Posting]:
    model.require(model.beginning.owners.get(message.from_account) == party, "the owner pends")
    free_minor = model.balances_minor[message.from_account]
    free_minor -= model.pended_minor(message.from_account)
    model.require(message.amount_minor <= free_minor, "what is set aside is there, once")
    pending = Pending(
        message.from_account,
        message.to_account,
        message.settler,
        message.amount_minor,
        message.expires_at_ms,
    )
    model.pendings[model.new_id("pending")] = pending
    return []


def _post_pending(model: Model, party: bytes, message: accounts.PostTransfer) -> list[Posting]:
    pending = model.pendings.get(message.pending)
    if pending is None:
        model.require(pending, "only what is pending is posted")
        return []
    model.require(party == pending.settler, "by its settler")
    model.require(model.time_ms <= pending.expires_at_ms, "in time")
    pending.left_minor -= message.amount_minor
    model.require(pending.left_minor >= 0, "and no more than was set aside")
    return [(pending.to_account, pending.from_account, message.amount_minor)]


def _void_pending(model: Model, party: bytes, message: accounts.VoidTransfer) -> list[Posting]:
    pending = model.pendings.get(message.pending)
    if pending is None:
        model.require(pending, "only what is pending is voided")
        return []
    receiver = model.beginning.owners[pending.to_account]
    model.require(party in (pending.settler, receiver), "by the settler or the receiver")
    return []


def on_pending_closed(model: Model, event: ace.PendingClosed) -> None:
    """What was set aside and not posted is free again."""
    pending = model.pendings.pop(event.pending)
    model.require(pending.left_minor == event.returned_minor, "what is left goes back")


DEPOSIT_RULES: Final[Mapping[type[Message], MessageRule]] = {
    accounts.Transfer: _transfer,
    accounts.BookEntry: _book_entry,
    accounts.LinkTransfers: _link,
    accounts.PendTransfer: _pend,
    accounts.PostTransfer: _post_pending,
    accounts.VoidTransfer: _void_pending,
}
