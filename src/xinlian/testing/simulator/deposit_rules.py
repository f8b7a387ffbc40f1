"""The reference model's rules of deposit money: who may move it, and that it is not given twice."""

from collections.abc import Iterator, Mapping
from typing import Final

from xinlian.contracts.message import Message
from xinlian.modules.accounts import events as ace
from xinlian.modules.accounts import messages as accounts
from xinlian.primitives.time import china_day, iso_of_day
from xinlian.testing.simulator.model import MessageRule, Model
from xinlian.testing.simulator.promise_rules import (
    ANYTHING,
    follow_named_entry,
    require_creatable,
)
from xinlian.testing.simulator.records import Pending, Posting


def _transfer(model: Model, party: bytes, message: accounts.Transfer) -> list[Posting]:
    postings = transfer_rule(model, party, message)
    _await_bookings(model, postings, [model.new_id("transfer")])
    return postings


def _await_bookings(model: Model, postings: list[Posting], names: list[bytes]) -> None:
    """What owners chose to move, banks will book on both sides, by the name of the transfer."""
    for (receiving, giving, amount_minor), name in zip(postings, names, strict=True):
        model.unbooked_minor[receiving, True] += amount_minor
        model.unbooked_minor[giving, False] += amount_minor
        model.transfers[name] = (receiving, giving, amount_minor)


def _is_booked(model: Model, mirror: bytes, message: accounts.BookEntry) -> bool:
    """An entry of a transfer adds nothing, as far as something is unbooked."""
    side = (mirror, message.is_credit)
    if message.amount_minor > model.unbooked_minor[side]:
        return False
    model.unbooked_minor[side] -= message.amount_minor
    return True


def transfer_rule(model: Model, party: bytes, message: accounts.Transfer) -> list[Posting]:
    """A payment that its owner chose."""
    owners = model.beginning.owners
    model.require(owners.get(message.from_account) == party, "only the owner pays")
    return [_chosen(model, message)]


def _chosen(model: Model, link: accounts.Transfer | accounts.LinkedTransfer) -> Posting:
    """One payment of what is not promised to somebody else, within the bounds of both."""
    _require_circulation(model)
    model.require(link.to_account in model.beginning.owners, "payments go to accounts that exist")
    require_free(model, link.from_account, link.amount_minor)
    _require_room(model, link.to_account, link.amount_minor)
    return (link.to_account, link.from_account, link.amount_minor)


def require_free(model: Model, account: bytes, amount_minor: int) -> None:
    """Require that an owner may choose to give an amount: it is there, and not set aside."""
    free_minor = model.free_minor(account)
    lower_minor = model.bounds.get(account, ANYTHING)[0]
    model.require(amount_minor <= free_minor, "what is set aside is not given away")
    is_kept = not lower_minor or free_minor - amount_minor >= lower_minor
    model.require(is_kept, "an owner keeps what it chose to keep")


def _require_room(model: Model, account: bytes, amount_minor: int) -> None:
    upper_minor = model.bounds.get(account, ANYTHING)[1]
    has_room = model.balances_minor[account] + amount_minor <= upper_minor
    model.require(has_room, "nobody holds more than it chose to hold")


def _require_circulation(model: Model) -> None:
    model.require(model.policy_value("accounts.deposit_circulates"), "deposit may circulate")


def _book_entry(model: Model, party: bytes, message: accounts.BookEntry) -> list[Posting]:
    beginning = model.beginning
    model.require(party == beginning.bank, "only the bank enters bank facts")
    model.require(message.bank_account in beginning.mirrors, "the account is known")
    model.require(message.identity not in model.entries, "a bank entry counts once")
    model.entries.add(message.identity)
    mirror = beginning.mirrors[message.bank_account]
    today = china_day(model.time_ms)
    model.booked_day = message.booking_day
    model.require(message.booking_day <= today, "what is booked is in the books")
    if message.end_to_end_id in model.promises:
        return _mended(model, mirror, follow_named_entry(model, message, mirror))
    issue = beginning.issue_account
    if not mirror:
        return []
    order = model.orders.get(message.end_to_end_id)
    if message.end_to_end_id and (message.is_credit or order is None):
        is_booked = _is_booked(model, mirror, message)
        model.require(is_booked or message.is_credit, "a debit that is named is of a transfer")
        return _mended(model, mirror, [])
    if message.end_to_end_id:
        fits = order and (order.account, order.amount_minor) == (mirror, message.amount_minor)
        model.require(fits and order and order.is_open, "an entry fits the order that it names")
        model.require(message.value_day <= today, "nothing was executed tomorrow")
        return _mended(model, mirror, [(issue, mirror, message.amount_minor)])
    if message.is_credit:
        require_creatable(model, mirror, message.amount_minor)
    sides = (mirror, issue) if message.is_credit else (issue, mirror)
    return _mended(model, mirror, [(*sides, message.amount_minor)])


def _mended(model: Model, mirror: bytes, postings: list[Posting]) -> list[Posting]:
    """Forget a difference that the bank's own entry mends."""
    found = model.disputed_balances.get(mirror)
    if found is not None:
        day, closing_minor = found
        change_minor = sum(
            (mirror == receiving) * amount - (mirror == giving) * amount
            for receiving, giving, amount in postings
            if model.booked_day is None or model.booked_day <= day
        )
        if model.balance_at_end_of(mirror, day) + change_minor == closing_minor:
            del model.disputed_balances[mirror]
    return postings


def _book_statement(model: Model, party: bytes, message: accounts.BookStatement) -> list[Posting]:
    mirror = model.beginning.mirrors.get(message.bank_account, b"")
    model.require(party == model.beginning.bank and mirror, "a bank states what it mirrors")
    earliest_day = model.statements.get(mirror, 0)
    is_in_order = earliest_day <= message.statement_day < china_day(model.time_ms)
    model.require(is_in_order, "statements come in order, of days that are over")
    model.statements[mirror] = message.statement_day
    stated_minor = message.closing_minor if message.is_credit else -message.closing_minor
    if model.balance_at_end_of(mirror, message.statement_day) == stated_minor:
        model.disputed_balances.pop(mirror, None)
    else:
        model.disputed_balances[mirror] = (message.statement_day, stated_minor)
    return []


def _set_bounds(model: Model, party: bytes, message: accounts.SetBounds) -> list[Posting]:
    model.require(model.beginning.owners.get(message.account) == party, "the owner sets bounds")
    model.require(message.lower_minor <= message.upper_minor, "bounds that a balance fits")
    model.bounds[message.account] = (message.lower_minor, message.upper_minor)
    if model.bounds[message.account] == ANYTHING:
        del model.bounds[message.account]
    return []


def _close_period(model: Model, party: bytes, message: accounts.ClosePeriod) -> list[Posting]:
    this_month = int(iso_of_day(china_day(model.time_ms))[:7].replace("-", ""))
    model.require(message.period < this_month, "a month is closed when it is over")
    model.require(message.as_of_height < model.height, "up to a height that is there")
    model.require(message.period > model.closed_periods.get(party, 0), "once, and in order")
    model.closed_periods[party] = message.period
    return []


def _link(model: Model, party: bytes, message: accounts.LinkTransfers) -> list[Posting]:
    owners = [model.beginning.owners.get(link.from_account) for link in message.transfers]
    model.require(party in owners, "one of the owners asks")
    postings: list[Posting] = []
    for owner, link in zip(owners, message.transfers, strict=True):
        model.require(owner and model.signers_of(owner), "every owner of a giving account signs")
        model.require(owner not in model.suspended, "and none of them is suspended")
        postings.append((link.to_account, link.from_account, link.amount_minor))
        model.require(link.to_account in model.beginning.owners, "to accounts that exist")
        # One after the other: what an earlier one brings, a later one may give.
        given_minor = sum(
            p[2] * ((p[1] == link.from_account) - (p[0] == link.from_account)) for p in postings
        )
        model.require(given_minor <= model.free_minor(link.from_account), "what is there is given")
    _require_circulation(model)
    names = [model.new_id("transfer", ordinal) for ordinal in range(len(postings))]
    _await_bookings(model, postings, names)
    return postings


def _pend(model: Model, party: bytes, message: accounts.PendTransfer) -> list[Posting]:
    model.require(model.beginning.owners.get(message.from_account) == party, "the owner pends")
    require_free(model, message.from_account, message.amount_minor)
    _require_circulation(model)
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
    _require_room(model, pending.to_account, message.amount_minor)
    _require_circulation(model)
    postings = [(pending.to_account, pending.from_account, message.amount_minor)]
    _await_bookings(model, postings, [message.pending])
    return postings


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
    is_over = not model.is_scheduled or model.time_ms > pending.expires_at_ms
    model.require(is_over, "by itself when its time is up")


def overdue_pendings(model: Model) -> Iterator[tuple[str, bytes]]:
    """Yield what is still set aside though its time is up."""
    for pending_id, pending in model.pendings.items():
        if model.time_ms > pending.expires_at_ms:
            yield "what is pending goes back in time", pending_id


DEPOSIT_RULES: Final[Mapping[type[Message], MessageRule]] = {
    accounts.Transfer: _transfer,
    accounts.BookEntry: _book_entry,
    accounts.LinkTransfers: _link,
    accounts.PendTransfer: _pend,
    accounts.PostTransfer: _post_pending,
    accounts.VoidTransfer: _void_pending,
    accounts.SetBounds: _set_bounds,
    accounts.BookStatement: _book_statement,
    accounts.ClosePeriod: _close_period,
}
