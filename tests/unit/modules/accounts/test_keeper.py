"""Postings and reservations at the keeper itself, under every sequence of operations."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from unit.ledger.fakes import TableView
from xinlian.contracts.context import Context
from xinlian.contracts.ports import Ports
from xinlian.ledger.overlay import Overlay
from xinlian.modules.accounts.errors import (
    BalanceTooLarge,
    InsufficientBalance,
    MixedAssets,
    UnknownAccount,
)
from xinlian.modules.accounts.invariants import INVARIANTS
from xinlian.modules.accounts.keeper import (
    create_asset,
    move_reserved,
    new_account,
    open_account,
    pay_reserved,
    post,
    release,
    require_account,
    reserve,
)
from xinlian.modules.accounts.ports import ONLY, CreditListener
from xinlian.modules.accounts.types import (
    ACCOUNTS,
    RESERVATIONS,
    AccountClass,
    AssetKind,
    account_id,
)
from xinlian.primitives import AMOUNT_MINOR_MAX, InvariantViolation, LedgerError, PartyId

BANK, ALICE, BOB = (bytes((number,)) * 20 for number in (1, 2, 3))
PURPOSE = b"p" * 20
FIRST, SECOND = b"r" * 20, b"s" * 20


class Listener:
    """Remembers which accounts were credited."""

    def __init__(self) -> None:
        self.credited: list[bytes] = []

    def on_credit(self, context: Context, account: bytes) -> None:
        """Remember."""
        del context
        self.credited.append(account)


class Books:
    """A bank's issue account and two holders in one deposit; a holder in another."""

    def __init__(self, opening_minor: int = 0) -> None:
        self.listener = Listener()
        ports = Ports()
        ports.provide(CreditListener, ONLY, self.listener)
        self.context = Context(
            state=Overlay(TableView()),
            chain_id="test",
            height=1,
            time_ms=1,
            acting_for=PartyId(BANK),
            payer=PartyId(BANK),
            signers=(),
            idempotency_key=b"",
            call_index=0,
            work_left=10_000,
            ports=ports,
        )
        state = self.context.state
        self.asset = create_asset(state, AssetKind.DEPOSIT, BANK, "CNY", 2)
        other = create_asset(state, AssetKind.DEPOSIT, BANK, "USD", 2)
        self.issue = open_account(self.context, BANK, self.asset, AccountClass.ISSUE)
        self.alice, self.bob = (account_id(owner, self.asset, 1) for owner in (ALICE, BOB))
        for owner, account in ((ALICE, self.alice), (BOB, self.bob)):
            mirrored = new_account(
                owner, self.asset, AccountClass.HOLDER, number=1, mirrored=owner == ALICE
            )
            ACCOUNTS.put(state, mirrored, account)
        self.foreign = open_account(self.context, ALICE, other)
        if opening_minor:
            post(self.context, self.alice, self.issue, opening_minor, PURPOSE)
        self.context.events.clear()

    def available(self, account: bytes) -> int:
        """Return what an account may give."""
        return require_account(self.context.state, account).available_minor

    def broken(self) -> list[str]:
        """Return the broken invariants."""
        return [text for invariant in INVARIANTS for text in invariant(self.context.state)]


def test_a_posting_moves_one_amount_between_two_accounts_of_one_asset():
    books = Books(100)
    post(books.context, books.bob, books.alice, 40, PURPOSE)
    assert (books.available(books.alice), books.available(books.bob)) == (60, 40)
    assert books.available(books.issue) == -100
    assert books.broken() == []


@pytest.mark.parametrize(
    ("debit", "credit", "amount", "expected"),
    [
        ("bob", "alice", 101, InsufficientBalance),
        ("foreign", "alice", 1, MixedAssets),
        ("alice", "alice", 1, MixedAssets),
        ("bob", "issue", AMOUNT_MINOR_MAX, BalanceTooLarge),
    ],
)
def test_what_cannot_be_posted_is_refused(debit, credit, amount, expected):
    books = Books(100)
    post(books.context, books.bob, books.alice, 1, PURPOSE)
    with pytest.raises(expected):
        post(books.context, getattr(books, debit), getattr(books, credit), amount, PURPOSE)
    assert books.broken() == []


def test_unknown_accounts_are_named():
    books = Books(100)
    for debit, credit in ((b"x" * 20, books.alice), (books.alice, b"x" * 20)):
        with pytest.raises(UnknownAccount):
            post(books.context, debit, credit, 1, PURPOSE)


def test_only_a_credit_to_a_mirrored_account_is_announced():
    books = Books(100)
    books.listener.credited.clear()
    post(books.context, books.bob, books.alice, 40, PURPOSE)
    assert books.listener.credited == []
    post(books.context, books.alice, books.bob, 40, PURPOSE)
    assert books.listener.credited == [books.alice]


def test_a_reservation_pays_no_more_than_it_holds_and_ends_when_it_is_empty():
    books = Books(100)
    reserve(books.context, books.alice, 80, FIRST)
    assert books.available(books.alice) == 20
    with pytest.raises(InsufficientBalance):
        reserve(books.context, books.alice, 21, SECOND)
    pay_reserved(books.context, FIRST, books.bob, 30, PURPOSE)
    with pytest.raises(InvariantViolation):
        pay_reserved(books.context, FIRST, books.bob, 51, PURPOSE)
    pay_reserved(books.context, FIRST, books.bob, 50, PURPOSE)
    assert RESERVATIONS.get(books.context.state, FIRST) is None
    assert (books.available(books.alice), books.available(books.bob)) == (20, 80)
    assert books.broken() == []


def test_a_reservation_can_be_split_and_let_go_and_letting_go_is_announced():
    books = Books(100)
    reserve(books.context, books.alice, 80, FIRST)
    move_reserved(books.context, FIRST, SECOND, 30)
    with pytest.raises(InvariantViolation):
        move_reserved(books.context, FIRST, b"t" * 20, 51)
    assert books.available(books.alice) == 20
    books.listener.credited.clear()
    release(books.context, SECOND)
    release(books.context, SECOND)
    assert books.available(books.alice) == 50
    assert books.listener.credited == [books.alice]
    assert books.broken() == []


accounts = st.sampled_from(["alice", "bob", "issue", "foreign"])
reservations = st.sampled_from([FIRST, SECOND])
amounts = st.integers(1, 60)
steps = st.lists(
    st.one_of(
        st.tuples(st.just(post), accounts, accounts, amounts),
        st.tuples(st.just(reserve), accounts, amounts, reservations),
        st.tuples(st.just(pay_reserved), reservations, accounts, amounts),
        st.tuples(st.just(release), reservations),
    ),
    max_size=25,
)


@given(steps)
def test_sums_are_conserved_under_every_sequence(sequence):
    books = Books(100)
    state = books.context.state
    for operation, *arguments in sequence:
        resolved = [getattr(books, a) if isinstance(a, str) else a for a in arguments]
        run: Callable[..., None] = operation
        if operation is post:
            resolved.append(PURPOSE)
        if operation is reserve and RESERVATIONS.get(state, resolved[2]) is not None:
            continue
        if operation is pay_reserved:
            if RESERVATIONS.get(state, resolved[0]) is None:
                continue
            resolved.append(PURPOSE)
        mark = state.mark()
        books.context.events.clear()
        books.context.event_bytes = 0
        try:
            run(books.context, *resolved)
        except (LedgerError, InvariantViolation):
            state.rollback(mark)
        assert books.broken() == []
