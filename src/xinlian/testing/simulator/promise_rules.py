"""The reference model's rules of agreed obligations: what each message must have had and does.

Rules this file keeps:
 1. Everybody whose money or word it is must have given it: debtor, creditor, each guarantor.
 2. What a message brings about at once is done here; what follows from a payment or a default is
    in ``consequences.py``.
"""

from collections.abc import Mapping
from typing import Final

from xinlian.contracts.message import Message
from xinlian.modules.accounts.messages import BookEntry
from xinlian.modules.obligations import messages as obligations
from xinlian.primitives import AMOUNT_MINOR_MAX
from xinlian.primitives.time import china_day
from xinlian.testing.simulator.consequences import (
    CANCELLED,
    ENDED_UNPAID,
    FORGIVEN,
    REDUCED,
    due_ms,
    end,
    give_order,
    is_being_paid,
    last_day,
    let_go,
    moments_of,
    on_banking_day,
    order_ends_ms,
    owe_back,
    paid,
    relieve,
)
from xinlian.testing.simulator.model import MessageRule, Model
from xinlian.testing.simulator.records import (
    AUTHORITY,
    LOCKED,
    UNSECURED,
    Guarantor,
    Posting,
    Promise,
)

NOTHING: Final = "none"
SUBJECT_BYTES: Final = 32
ANYTHING: Final = (0, AMOUNT_MINOR_MAX)
_DEBTORS_BANK, _CREDITORS_BANK, _CREDITOR = 1, 2, 3


def _known(model: Model, promise_id: bytes, stages: tuple[str, ...]) -> Promise:
    found = model.promises.get(promise_id)
    model.require(found is not None and found.stage in stages, f"the obligation is {stages}")
    return found or Promise(b"", b"", 0, 0)


def _propose(model: Model, party: bytes, message: obligations.ProposeObligation) -> list[Posting]:
    everybody = (message.debtor, message.creditor, *message.guarantors)
    model.require(party in everybody[:2], "one of the two sides proposes")
    model.require(all(one in model.parties for one in everybody), "to parties that are there")
    model.require(len(set(everybody)) == len(everybody), "each in one part")
    model.require(message.asset == model.beginning.deposit, "in deposit money")
    model.require(message.due_day >= china_day(model.time_ms), "for a day to come")
    promise_id = model.new_id("obligation")
    promise = Promise(
        debtor=message.debtor,
        creditor=message.creditor,
        amount_minor=message.amount_minor,
        due_day=message.due_day,
        proposer=party,
        security=message.security,
        may_be_part=message.part_performance,
        grace_days=message.grace_days,
        late_row="" if message.late_row == NOTHING else message.late_row,
        agreed_ms=model.time_ms,
        guarantors={one: Guarantor() for one in message.guarantors},
        window_ms=model.time_ms + model.policy_value("obligations.proposal_days") * 86_400_000,
    )
    if message.condition_kind != NOTHING:
        own = promise_id.ljust(SUBJECT_BYTES, b"\0")
        subject = message.condition_subject or own
        is_theirs = model.sides.get(subject) == (message.creditor, message.debtor)
        model.require(subject == own or is_theirs, "a condition is about the same two sides")
        promise.condition = (message.condition_kind, message.condition_grade, subject)
    model.promises[promise_id] = promise
    _give_account(model, party, promise, message)
    return []


def _give_account(
    model: Model,
    party: bytes,
    promise: Promise,
    given: obligations.ProposeObligation | obligations.AcceptObligation,
) -> None:
    """The creditor says where it is paid, the debtor from what."""
    _require_own(model, party, given.account)
    if party == promise.creditor:
        promise.payee = given.account
        return
    needs_one = promise.security in (AUTHORITY, LOCKED)
    model.require(given.account or not needs_one, "a security is over an account")
    model.require(not given.account or promise.security != UNSECURED, "no security, no account")
    promise.account = given.account
    if not given.account:
        return
    if promise.security == LOCKED:
        promise.cap_minor = promise.amount_minor
        return
    promise.cap_minor = given.authority_cap_minor
    promise.until_ms = given.authority_until_ms
    model.require(promise.cap_minor >= promise.amount_minor, "an authority covers the amount")
    moments_of(model, promise)
    latest_day = promise.due_day + (promise.condition is not None)
    ends_ms = on_banking_day(model, latest_day + promise.grace_days, promise.cutoff_minute)
    model.require(promise.until_ms >= ends_ms, "and the last moment at which it may be paid")


def _require_own(model: Model, party: bytes, account: bytes) -> None:
    is_own = not account or model.beginning.owners.get(account) == party
    model.require(is_own, "everybody names an account of its own")


def _accept(model: Model, party: bytes, message: obligations.AcceptObligation) -> list[Posting]:
    promise = _waiting_for_consent(model, message.obligation)
    model.require(party in (promise.debtor, promise.creditor), "one of the two sides accepts")
    model.require(party != promise.proposer and not promise.is_accepted, "the other one, once")
    model.require(message.amount_minor == promise.amount_minor, "what was proposed")
    promise.is_accepted = True
    _give_account(model, party, promise, message)
    _open_if_agreed(model, message.obligation, promise)
    return []


def _accept_guarantee(
    model: Model, party: bytes, message: obligations.AcceptGuarantee
) -> list[Posting]:
    promise = _waiting_for_consent(model, message.obligation)
    guarantor = promise.guarantors.get(party)
    if guarantor is None:
        model.require(guarantor, "who was named answers")
        return []
    model.require(not guarantor.liability_minor, "once")
    model.require(0 < message.amount_minor <= promise.amount_minor, "for no more than is promised")
    _require_own(model, party, message.account)
    guarantor.liability_minor = message.amount_minor
    guarantor.account, guarantor.until_ms = message.account, message.authority_until_ms
    _open_if_agreed(model, message.obligation, promise)
    return []


def _waiting_for_consent(model: Model, promise_id: bytes) -> Promise:
    promise = _known(model, promise_id, ("proposed",))
    model.require(model.time_ms <= promise.window_ms, "consent comes in time")
    model.require(promise.due_day >= china_day(model.time_ms), "before the day itself")
    return promise


def _open_if_agreed(model: Model, promise_id: bytes, promise: Promise) -> None:
    """A promise binds when nobody's consent is missing."""
    answered = all(one.liability_minor for one in promise.guarantors.values())
    if not promise.is_accepted or not answered:
        return
    if promise.is_locked:
        free_minor = model.free_minor(promise.account)
        model.require(promise.amount_minor <= free_minor, "what is locked is there, once")
    promise.stage, promise.issued_ms = "open", model.time_ms
    moments_of(model, promise)
    if promise.condition is not None and promise.condition[2].startswith(promise_id):
        model.sides[promise.condition[2]] = (promise.creditor, promise.debtor)
    model.expect("opened", promise_id)


def _cancel(model: Model, party: bytes, message: obligations.CancelObligation) -> list[Posting]:
    promise = _known(model, message.obligation, ("proposed", "open", "late"))
    is_proposal = promise.stage == "proposed"
    entitled = {promise.debtor, promise.creditor, *(promise.guarantors if is_proposal else ())}
    model.require(party in entitled, "who is bound by it, or would be")
    model.require(message.amount_minor == promise.open_minor, "for what is open")
    model.require(not promise.awaiting_minor, "not while a bank is paying")
    model.require(party != promise.cancel_asked_by, "each asks once")
    if is_proposal:
        end(promise, ENDED_UNPAID)
    elif promise.cancel_asked_by:
        let_go(model, message.obligation, promise.open_minor, CANCELLED)
        relieve(model, message.obligation)
    else:
        promise.cancel_asked_by = party
    return []


def _end_authority(model: Model, party: bytes, message: obligations.EndAuthority) -> list[Posting]:
    promise = _known(model, message.obligation, ("open", "late"))
    model.require(party == promise.creditor, "the creditor lets an authority go")
    model.require(promise.account and not promise.is_locked, "where there is one")
    model.require(not promise.awaiting_minor, "not while a bank is paying")
    promise.until_ms = 0
    return []


def _dispute(model: Model, party: bytes, message: obligations.DisputeObligation) -> list[Posting]:
    promise = _known(model, message.obligation, ("open",))
    model.require(party == promise.debtor, "the debtor disputes")
    is_early = promise.condition is not None or model.time_ms < due_ms(model, promise)
    model.require(is_early and not promise.is_due, "before it is due")
    model.require(message.amount_minor <= promise.payable_minor, "no more than is owed")
    promise.disputed_minor += message.amount_minor
    return []


def _settle(model: Model, party: bytes, message: obligations.SettleDispute) -> list[Posting]:
    promise = _known(model, message.obligation, ("open", "late"))
    model.require(party in (promise.debtor, promise.creditor), "a side gives way")
    model.require(message.amount_minor <= promise.disputed_minor, "in what is disputed")
    promise.disputed_minor -= message.amount_minor
    if party == promise.creditor:
        let_go(model, message.obligation, message.amount_minor, REDUCED)
        return []
    if promise.is_due and promise.stage == "open":
        promise.owed_again_day = model.next_day_before_cutoff(promise)
    pays_now = promise.is_locked and promise.is_due and promise.payee
    if not pays_now or is_being_paid(model, message.obligation):
        return []
    amount_minor = promise.payable_minor
    promise.ledger_paid_minor += amount_minor
    paid(model, message.obligation, amount_minor)
    return [(promise.payee, promise.account, amount_minor)]


def _forgive(model: Model, party: bytes, message: obligations.ForgiveObligation) -> list[Posting]:
    promise = _known(model, message.obligation, ("open", "late"))
    model.require(party == promise.creditor, "the creditor forgives")
    at_no_bank_minor = promise.open_minor - promise.awaiting_minor
    model.require(message.amount_minor <= at_no_bank_minor, "what is open and at no bank")
    let_go(model, message.obligation, message.amount_minor, FORGIVEN)
    relieve(model, message.obligation)
    return []


def _receipt(model: Model, party: bytes, message: obligations.DischargeByReceipt) -> list[Posting]:
    promise = _known(model, message.obligation, ("open", "late"))
    model.require(party == promise.creditor, "the creditor says that it was paid")
    model.require(not is_being_paid(model, message.obligation), "not while a bank is paying")
    total_minor = promise.shown_minor.get(_CREDITOR, 0) + message.amount_minor
    most_minor = promise.outside_minor + promise.open_minor
    model.require(total_minor <= most_minor, "no more than was owed")
    _show(model, message.obligation, _CREDITOR, message.amount_minor, china_day(model.time_ms))
    return []


def _confirm(model: Model, party: bytes, message: obligations.ConfirmPayment) -> list[Posting]:
    promise = _known(model, message.obligation, ("open", "late"))
    model.require(party == model.beginning.bank, "the bank confirms")
    model.require(0 < promise.awaiting_minor == message.amount_minor, "an order of this amount")
    before_ms = order_ends_ms(model, promise)
    model.require(model.time_ms <= before_ms, "that is open")
    give_order(model, promise, "obligations.accepted_order_banking_days")
    model.require(order_ends_ms(model, promise) > before_ms, "and holds longer from now on")
    return []


def follow_named_entry(model: Model, message: BookEntry, mirror: bytes) -> list[Posting]:
    """Follow a bank's entry that names an agreed obligation."""
    named, amount_minor = message.end_to_end_id, message.amount_minor
    promise, issue = model.promises[named], model.beginning.issue_account
    owner = model.beginning.holders[message.bank_account]
    is_past = message.value_day <= china_day(model.time_ms)
    if mirror and not message.is_credit:
        model.require(owner == promise.debtor and is_past, "the debtor's bank shows its debit")
        if _is_echo(promise, message):
            return []
        if promise.awaiting_minor:
            _execute(model, message, mirror)
        else:
            _show(model, named, _DEBTORS_BANK, amount_minor, message.value_day)
        return [(issue, mirror, amount_minor)]
    if not is_past:
        return []
    if not message.is_credit and owner == promise.debtor:
        _show(model, named, _DEBTORS_BANK, amount_minor, message.value_day)
    if not message.is_credit or owner != promise.creditor:
        return []
    if mirror and _is_echo(promise, message):
        return []
    postings = []
    if mirror:
        require_creatable(model, mirror, amount_minor)
        postings = [(mirror, issue, amount_minor)]
    _show(model, named, _CREDITORS_BANK, amount_minor, message.value_day)
    return postings


def _is_echo(promise: Promise, message: BookEntry) -> bool:
    """The bank books what the ledger paid: once on each side, and no more than that."""
    booked_minor = promise.booked_minor.get(message.is_credit, 0) + message.amount_minor
    if booked_minor > promise.ledger_paid_minor:
        return False
    promise.booked_minor[message.is_credit] = booked_minor
    return True


def _execute(model: Model, message: BookEntry, mirror: bytes) -> None:
    """A bank carried out the order that it was given."""
    promise = model.promises[message.end_to_end_id]
    is_the_order = (mirror, message.amount_minor) == (promise.account, promise.awaiting_minor)
    model.require(is_the_order, "an entry fits the order that it names")
    promise.awaiting_minor = 0
    model.expect("executed", message.end_to_end_id)
    shown_minor = promise.shown_minor.get(_DEBTORS_BANK, 0)
    promise.shown_minor[_DEBTORS_BANK] = shown_minor + message.amount_minor
    is_on_time = message.value_day <= last_day(model, promise)
    paid(model, message.end_to_end_id, message.amount_minor, is_on_time=is_on_time)


def _show(model: Model, named: bytes, witness: int, amount_minor: int, value_day: int) -> None:
    """Of three witnesses the one that has shown most counts, beyond what has been counted."""
    promise = model.promises[named]
    promise.shown_minor[witness] = promise.shown_minor.get(witness, 0) + amount_minor
    known_minor = promise.performed_minor - promise.ledger_paid_minor
    known_minor += promise.awaiting_minor + promise.surplus_minor
    at_no_bank_minor = promise.open_minor - promise.awaiting_minor if promise.is_binding else 0
    counted_minor = min(max(promise.outside_minor - known_minor, 0), at_no_bank_minor)
    model.expect("shown", named, witness, promise.shown_minor[witness], counted_minor)
    if counted_minor:
        is_on_time = 0 < value_day <= last_day(model, promise)
        paid(model, named, counted_minor, is_on_time=is_on_time)
    came_minor = max(promise.shown_minor.get(one, 0) for one in (_CREDITORS_BANK, _CREDITOR))
    too_much_minor = came_minor - known_minor - counted_minor
    if too_much_minor > 0 and promise.stage != "proposed":
        owe_back(model, named, too_much_minor)


def require_creatable(model: Model, account: bytes, amount_minor: int) -> None:
    """Require that a bank may create deposit: its statements agree, or this mends one."""
    own = model.disputed_balances.get(account)
    if own is not None and (model.booked_day or 0) <= own[0]:
        held_minor = model.balance_at_end_of(account, own[0])
        if held_minor + amount_minor <= own[1]:
            return
    model.require(not model.disputed_balances, "no deposit is created while a statement differs")


PROMISE_RULES: Final[Mapping[type[Message], MessageRule]] = {
    obligations.ProposeObligation: _propose,
    obligations.AcceptObligation: _accept,
    obligations.AcceptGuarantee: _accept_guarantee,
    obligations.CancelObligation: _cancel,
    obligations.EndAuthority: _end_authority,
    obligations.DisputeObligation: _dispute,
    obligations.SettleDispute: _settle,
    obligations.ForgiveObligation: _forgive,
    obligations.DischargeByReceipt: _receipt,
    obligations.ConfirmPayment: _confirm,
}
