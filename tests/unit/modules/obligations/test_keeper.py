"""Obligations at the keeper itself, with a source that only counts what it is asked to pay."""

import msgspec
import pytest

from unit.ledger.fakes import TableView
from xinlian.contracts.context import Context
from xinlian.contracts.ports import Ports
from xinlian.ledger.overlay import Overlay
from xinlian.modules.accounts.keeper import create_asset, new_account
from xinlian.modules.accounts.types import ACCOUNTS, AccountClass, AssetKind, account_id
from xinlian.modules.obligations.invariants import obligations_add_up
from xinlian.modules.obligations.keeper import (
    cancel_obligation,
    change_awaiting,
    default_after_failed_order,
    fall_due,
    open_obligation,
    pass_cutoff,
    record_performance,
    retry_account,
)
from xinlian.modules.obligations.ports import ONLY, ObligationListener, ObligationSource
from xinlian.modules.obligations.types import (
    OBLIGATIONS,
    WAITING,
    Obligation,
    ObligationStatus,
    SourceKind,
)
from xinlian.modules.schedule.types import ITEMS
from xinlian.modules.standing.keeper import KeepsStanding
from xinlian.primitives import InvariantViolation, PartyId

DEBTOR, BANK = b"d" * 20, b"b" * 20
DUE_MS, CUTOFF_MS = 1_000, 2_000
A, B, C = (bytes((number,)) * 20 for number in (1, 2, 3))


class Source:
    """Pays at once by taking the money off the account; remembers what happened."""

    def __init__(self) -> None:
        self.happened: list[tuple[str, bytes, int]] = []
        self.paying: set[bytes] = set()

    def on_due(self, context: Context, obligation: bytes) -> None:
        """Remember."""
        del context
        self.happened.append(("due", obligation, 0))

    def pay(self, context: Context, obligation: bytes, amount_minor: int) -> None:
        """Take the money and record the performance."""
        self.happened.append(("pay", obligation, amount_minor))
        account = OBLIGATIONS.require(context.state, obligation).account
        found = ACCOUNTS.require(context.state, account)
        less = msgspec.structs.replace(found, credits_minor=found.credits_minor + amount_minor)
        ACCOUNTS.put(context.state, less, account)
        record_performance(context, obligation, amount_minor)

    def on_default(self, context: Context, obligation: bytes) -> None:
        """Remember."""
        del context
        self.happened.append(("default", obligation, 0))

    def is_paying(self, context: Context, obligation: bytes) -> bool:
        """Return what the test says."""
        del context
        return obligation in self.paying


class Debtor:
    """A debtor with one account and a clock."""

    def __init__(self, money_minor: int = 0) -> None:
        self.source = Source()
        ports = Ports()
        ports.provide(ObligationSource, SourceKind.CERTIFICATE, self.source)
        ports.provide(ObligationListener, ONLY, KeepsStanding())
        self.state = Overlay(TableView())
        asset = create_asset(self.state, AssetKind.DEPOSIT, BANK, "CNY", 2)
        self.asset = asset
        self.account = account_id(DEBTOR, asset, 1)
        holder = new_account(DEBTOR, asset, AccountClass.HOLDER, number=1, mirrored=True)
        ACCOUNTS.put(self.state, holder, self.account)
        self.ports = ports
        self.time_ms = 0
        self.credit(money_minor)

    def credit(self, amount_minor: int) -> None:
        """Put money on the account."""
        found = ACCOUNTS.require(self.state, self.account)
        more = msgspec.structs.replace(found, debits_minor=found.debits_minor + amount_minor)
        ACCOUNTS.put(self.state, more, self.account)

    def context(self) -> Context:
        """Return the context of one call at the debtor's time."""
        nobody = PartyId(bytes(20))
        return Context(
            state=self.state,
            chain_id="test",
            height=1,
            time_ms=self.time_ms,
            acting_for=nobody,
            payer=nobody,
            signers=(),
            idempotency_key=b"",
            call_index=0,
            work_left=1_000,
            ports=self.ports,
        )

    def promise(self, obligation: bytes, amount_minor: int = 100, **changes: int) -> None:
        """Open a promise with an authority over the account."""
        plain = Obligation(
            debtor=DEBTOR,
            asset=self.asset,
            amount_minor=amount_minor,
            performed_minor=0,
            released_minor=0,
            awaiting_minor=0,
            due_day=0,
            due_at_ms=DUE_MS,
            cutoff_at_ms=CUTOFF_MS,
            status=ObligationStatus.PROPOSED,
            source_kind=SourceKind.CERTIFICATE,
            account=self.account,
            authority_cap_minor=amount_minor,
            authority_until_ms=10_000,
        )
        promised = msgspec.structs.replace(plain, **changes)
        open_obligation(self.context(), obligation, promised)

    def run_until(self, time_ms: int) -> None:
        """Do the due work up to a moment, as the schedule would."""
        handlers = {0x0501: fall_due, 0x0502: pass_cutoff, 0x0503: retry_account}
        while True:
            due = next(iter(ITEMS.scan(self.state)), None)
            if due is None or int.from_bytes(due[0][0], "big") > time_ms:
                self.time_ms = max(self.time_ms, time_ms)
                return
            parts, item = due
            ITEMS.delete(self.state, *parts)
            self.time_ms = max(self.time_ms, int.from_bytes(parts[0], "big"))
            handlers[item.handler_no](self.context(), item.subject)
            assert list(obligations_add_up(self.state)) == []

    def status(self, obligation: bytes) -> ObligationStatus:
        """Return where an obligation stands."""
        return ObligationStatus(OBLIGATIONS.require(self.state, obligation).status)

    def paid(self) -> list[tuple[bytes, int]]:
        """Return what was paid, in order."""
        return [(who, amount) for what, who, amount in self.source.happened if what == "pay"]


def test_nothing_is_paid_before_the_due_moment_and_everything_at_it():
    debtor = Debtor(100)
    debtor.promise(A)
    debtor.run_until(DUE_MS - 1)
    assert (debtor.status(A), debtor.paid()) == (ObligationStatus.OPEN, [])
    debtor.run_until(DUE_MS)
    assert (debtor.status(A), debtor.paid()) == (ObligationStatus.PERFORMED, [(A, 100)])


@pytest.mark.parametrize("accepted", [(A, B, C), (C, B, A), (B, C, A)])
def test_obligations_of_one_moment_are_paid_in_the_order_of_their_ids(accepted):
    debtor = Debtor(200)
    for obligation in accepted:
        debtor.promise(obligation)
    debtor.run_until(DUE_MS)
    assert debtor.paid() == [(A, 100), (B, 100)]
    debtor.credit(30)
    debtor.run_until(CUTOFF_MS)
    assert debtor.paid()[2:] == [(C, 30)]
    assert debtor.status(C) == ObligationStatus.DEFAULTED


def test_the_earlier_due_moment_comes_before_the_lower_id():
    debtor = Debtor(0)
    debtor.promise(A, due_at_ms=DUE_MS + 1, cutoff_at_ms=CUTOFF_MS + 1)
    debtor.promise(B)
    debtor.run_until(DUE_MS + 1)
    debtor.credit(150)
    retry_account(debtor.context(), debtor.account)
    debtor.run_until(CUTOFF_MS + 1)
    assert debtor.paid() == [(B, 100), (A, 50)]


def test_before_the_cutoff_all_or_nothing_and_at_it_whatever_is_there():
    debtor = Debtor(99)
    debtor.promise(A)
    debtor.run_until(CUTOFF_MS - 1)
    assert debtor.paid() == []
    debtor.run_until(CUTOFF_MS)
    assert debtor.paid() == [(A, 99)]
    assert debtor.source.happened[-1] == ("default", A, 0)


def test_an_empty_account_is_in_default_at_the_cutoff_and_cured_by_later_credits():
    debtor = Debtor()
    debtor.promise(A)
    debtor.run_until(CUTOFF_MS)
    assert debtor.status(A) == ObligationStatus.DEFAULTED
    for amount_minor in (40, 60):
        debtor.credit(amount_minor)
        retry_account(debtor.context(), debtor.account)
    assert debtor.paid() == [(A, 40), (A, 60)]
    assert debtor.status(A) == ObligationStatus.CURED
    assert list(WAITING.scan(debtor.state)) == []


@pytest.mark.parametrize(
    ("changes", "paid"),
    [
        ({"authority_cap_minor": 60}, [(A, 60)]),
        ({"authority_until_ms": DUE_MS}, [(A, 100)]),
        ({"authority_until_ms": DUE_MS - 1}, []),
    ],
)
def test_no_debit_goes_beyond_the_cap_or_the_end_of_the_authority(changes, paid):
    debtor = Debtor(500)
    debtor.promise(A, **changes)
    debtor.run_until(CUTOFF_MS)
    assert debtor.paid() == paid


def test_an_authority_that_has_ended_holds_nobody_up():
    debtor = Debtor()
    debtor.promise(A, authority_until_ms=DUE_MS)
    debtor.promise(B)
    debtor.run_until(CUTOFF_MS)
    debtor.credit(100)
    retry_account(debtor.context(), debtor.account)
    assert debtor.paid() == [(B, 100)]


def test_what_a_bank_executes_is_neither_paid_again_nor_in_default():
    debtor = Debtor(0)
    debtor.promise(A)
    debtor.run_until(DUE_MS)
    change_awaiting(debtor.context(), A, 100)
    debtor.credit(100)
    retry_account(debtor.context(), debtor.account)
    debtor.run_until(CUTOFF_MS)
    assert (debtor.paid(), debtor.status(A)) == ([], ObligationStatus.DUE)
    change_awaiting(debtor.context(), A, -100)
    default_after_failed_order(debtor.context(), A)
    assert debtor.status(A) == ObligationStatus.DEFAULTED
    retry_account(debtor.context(), debtor.account)
    assert debtor.paid() == [(A, 100)]


def test_a_failed_order_before_the_cutoff_is_no_default():
    debtor = Debtor()
    debtor.promise(A)
    debtor.run_until(DUE_MS)
    default_after_failed_order(debtor.context(), A)
    assert debtor.status(A) == ObligationStatus.DUE


def test_an_obligation_that_is_being_paid_waits_for_that():
    debtor = Debtor(500)
    debtor.promise(A)
    debtor.source.paying.add(A)
    debtor.run_until(CUTOFF_MS)
    assert debtor.paid() == []
    assert debtor.status(A) == ObligationStatus.DUE


def test_only_a_proposal_is_cancelled_and_no_more_is_performed_than_is_open():
    debtor = Debtor(100)
    debtor.promise(A)
    with pytest.raises(InvariantViolation, match="only_proposed"):
        cancel_obligation(debtor.context(), A)
    with pytest.raises(InvariantViolation, match="performed_within_open"):
        record_performance(debtor.context(), A, 101)
    for delta_minor in (101, -1):
        with pytest.raises(InvariantViolation, match="awaiting_within_open"):
            change_awaiting(debtor.context(), A, delta_minor)
