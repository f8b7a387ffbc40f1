"""The table of transitions, walked whole: every state against every message.

What is allowed leads to the state named; what is refused gives the code named and changes nothing.
"""

from collections.abc import Callable
from typing import NamedTuple

import pytest

from unit.apps.supply_chain.looking import certificate_of, leaf_of, try_out
from xinlian.apps.supply_chain.messages import (
    AcceptCertificate,
    AcceptTransfer,
    AgreeCancellation,
    DeclineCertificate,
    DischargeEarly,
    OfferAssignment,
    OfferTransfer,
    PayRecourse,
    ProposeCancellation,
    RecordRegistration,
    ReleaseLock,
    ReleasePledge,
    RepayPledge,
    RequestFinance,
    StartRecourse,
    WithdrawCertificate,
    WithdrawRecourse,
)
from xinlian.apps.supply_chain.types import Finance, Life
from xinlian.primitives.time import MS_PER_DAY, china_midnight_ms
from xinlian.testing.trade import FACE_MINOR, SUCCEEDED, Trade

WRONG_STATE = "supply_chain/wrong_state"
OCCUPIED = "supply_chain/occupied"
WINDOW_CLOSED = "supply_chain/window_closed"
NOT_FINANCIER = "supply_chain/not_financier"
UNKNOWN_OFFER = "supply_chain/unknown_offer"
TOO_NEAR_DUE = "supply_chain/too_near_due"


def draft(trade: Trade) -> bytes:
    return trade.propose()


def offered(trade: Trade) -> bytes:
    certificate = trade.propose()
    trade.issue(certificate)
    return certificate


def active(trade: Trade) -> bytes:
    return trade.certify()[0]


def due(trade: Trade) -> bytes:
    certificate = active(trade)
    trade.drain()
    trade.to_due_day()
    return certificate


def overdue(trade: Trade) -> bytes:
    certificate = due(trade)
    trade.to_due_day(18 * 3_600_000)
    return certificate


def discharged(trade: Trade) -> bytes:
    certificate = due(trade)
    trade.credit(FACE_MINOR)
    return certificate


def void(trade: Trade) -> bytes:
    certificate = offered(trade)
    trade.step("supplier1", DeclineCertificate(certificate))
    return certificate


def lapsed(trade: Trade) -> bytes:
    certificate = draft(trade)
    trade.consortium.advance_to(trade.consortium.now_ms() + 8 * MS_PER_DAY)
    return certificate


def cancel(trade: Trade, leaf: bytes) -> None:
    later_ms = trade.consortium.now_ms() + MS_PER_DAY
    trade.step("core", ProposeCancellation(leaf, FACE_MINOR, later_ms))
    trade.step("supplier1", AgreeCancellation(leaf, FACE_MINOR))


def all_cancelled(trade: Trade) -> bytes:
    certificate, leaf = trade.certify()
    cancel(trade, leaf)
    return certificate


class CertificateRow(NamedTuple):
    """A state of a certificate, and what each message gives in it."""

    prepare: Callable[[Trade], bytes]
    life: Life
    issue: Life | str = WRONG_STATE
    accept: Life | str = WRONG_STATE
    decline: Life | str = WRONG_STATE
    withdraw: Life | str = WRONG_STATE


CERTIFICATE_ROWS = [
    CertificateRow(draft, Life.DRAFT, issue=Life.OFFERED, withdraw=Life.VOID),
    CertificateRow(offered, Life.OFFERED, accept=Life.ACTIVE, decline=Life.VOID),
    CertificateRow(active, Life.ACTIVE),
    CertificateRow(due, Life.DUE),
    CertificateRow(overdue, Life.OVERDUE),
    CertificateRow(discharged, Life.DISCHARGED),
    CertificateRow(void, Life.VOID),
    CertificateRow(lapsed, Life.VOID),
    CertificateRow(all_cancelled, Life.CANCELLED),
]


@pytest.mark.parametrize("row", CERTIFICATE_ROWS, ids=lambda row: row.prepare.__name__)
def test_every_state_of_a_certificate_against_every_message(trade, row):
    certificate = row.prepare(trade)
    c = trade.consortium
    assert certificate_of(c, certificate).life == row.life
    for name in ("core", "supplier1"):
        trade.step(name, trade.verdict())
    for expected, actor, message in (
        (row.issue, "core", trade.promise(certificate)),
        (row.accept, "supplier1", AcceptCertificate(certificate, free_choice=True)),
        (row.decline, "supplier1", DeclineCertificate(certificate)),
        (row.withdraw, "core", WithdrawCertificate(certificate)),
    ):
        tried = try_out(c, actor, message)
        if isinstance(expected, Life):
            assert tried.reference == SUCCEEDED, message
            assert tried.certificate(certificate).life == expected, message
        else:
            assert tried.reference == expected, message
            assert tried.changes_nothing, message


class LeafState(NamedTuple):
    """A prepared leaf, its holder, and an offer of it that was made while it was free."""

    leaf: bytes
    holder: str
    offer: bytes


def free(trade: Trade) -> LeafState:
    leaf = trade.certify()[1]
    return LeafState(leaf, "supplier1", trade.offer(leaf, 1_000_00))


def locked(trade: Trade) -> LeafState:
    state = free(trade)
    trade.request(state.leaf)
    return state


def lock_expired(trade: Trade) -> LeafState:
    state = locked(trade)
    trade.consortium.advance_to(trade.consortium.now_ms() + 3 * MS_PER_DAY)
    return state


def assigned(trade: Trade) -> LeafState:
    state = free(trade)
    trade.finance(state.leaf)
    return state._replace(holder="bank")


def spent(trade: Trade) -> LeafState:
    state = free(trade)
    trade.split(state.leaf, 5_000_00)
    return state


def cancelled(trade: Trade) -> LeafState:
    state = free(trade)
    cancel(trade, state.leaf)
    return state


def pledged(trade: Trade) -> LeafState:
    state = free(trade)
    trade.pledge(state.leaf)
    return state


def locked_for_pledge(trade: Trade) -> LeafState:
    state = free(trade)
    trade.request_on_terms(state.leaf, as_pledge=True)
    return state


def assigned_with_recourse(trade: Trade) -> LeafState:
    state = free(trade)
    trade.request_on_terms(state.leaf, with_recourse=True)
    trade.step("bank", trade.verdict(), trade.advance(state.leaf))
    return state._replace(holder="bank")


def in_recourse(trade: Trade) -> LeafState:
    state = defaulted(assigned_with_recourse)(trade)
    trade.step("bank", StartRecourse(state.leaf))
    return state


def recourse_paid(trade: Trade) -> LeafState:
    state = in_recourse(trade)
    top_up = trade.booking(1_00, is_credit=True, reference="recourse", account="supplier1")
    trade.step("settle", top_up)
    accounts = (trade.consortium.account("supplier1"), trade.consortium.account("bank"))
    trade.step("supplier1", PayRecourse(state.leaf, 100_00, *accounts))
    return state._replace(holder="supplier1")


def paid_in_recourse(trade: Trade) -> LeafState:
    state = in_recourse(trade)
    trade.credit(FACE_MINOR)
    return state


def to_stop(trade: Trade) -> None:
    trade.consortium.advance_to(china_midnight_ms(trade.due_day) - MS_PER_DAY)


def free_near_due(trade: Trade) -> LeafState:
    state = free(trade)
    to_stop(trade)
    return state


def locked_near_due(trade: Trade) -> LeafState:
    state = free(trade)
    trade.consortium.advance_to(china_midnight_ms(trade.due_day) - 2 * MS_PER_DAY)
    trade.request(state.leaf)
    to_stop(trade)
    return state


def fallen_due(prepare: Callable[[Trade], LeafState]) -> Callable[[Trade], LeafState]:
    def prepared(trade: Trade) -> LeafState:
        state = prepare(trade)
        trade.drain()
        trade.to_due_day()
        return state

    prepared.__name__ = f"{prepare.__name__}_fallen_due"
    return prepared


def defaulted(prepare: Callable[[Trade], LeafState]) -> Callable[[Trade], LeafState]:
    def prepared(trade: Trade) -> LeafState:
        state = fallen_due(prepare)(trade)
        trade.to_due_day(18 * 3_600_000)
        return state

    prepared.__name__ = f"{prepare.__name__}_defaulted"
    return prepared


def paid(prepare: Callable[[Trade], LeafState]) -> Callable[[Trade], LeafState]:
    def prepared(trade: Trade) -> LeafState:
        state = fallen_due(prepare)(trade)
        trade.credit(FACE_MINOR)
        return state

    prepared.__name__ = f"{prepare.__name__}_paid"
    return prepared


Next = tuple[Life, Finance]


class LeafRow(NamedTuple):
    """A state of a leaf (life × finance), and what each message gives in it."""

    prepare: Callable[[Trade], LeafState]
    state: Next
    offer: str | None = WRONG_STATE
    accept: Next | str = WRONG_STATE
    request: Next | str = WRONG_STATE
    release: Next | str = WRONG_STATE
    disburse: Next | str = NOT_FINANCIER


ACTIVE_FREE = (Life.ACTIVE, Finance.NONE)
ACTIVE_LOCKED = (Life.ACTIVE, Finance.LOCKED)
TAKEN = {"accept": UNKNOWN_OFFER, "request": OCCUPIED, "disburse": OCCUPIED}

LEAF_ROWS = [
    LeafRow(
        free,
        ACTIVE_FREE,
        offer=None,
        accept=(Life.SPENT, Finance.NONE),
        request=ACTIVE_LOCKED,
    ),
    LeafRow(
        locked,
        ACTIVE_LOCKED,
        offer=OCCUPIED,
        accept=UNKNOWN_OFFER,
        request=OCCUPIED,
        release=ACTIVE_FREE,
        disburse=(Life.ACTIVE, Finance.ASSIGNED),
    ),
    LeafRow(
        locked_for_pledge,
        ACTIVE_LOCKED,
        offer=OCCUPIED,
        accept=UNKNOWN_OFFER,
        request=OCCUPIED,
        release=ACTIVE_FREE,
        disburse="supply_chain/terms_mismatch",
    ),
    LeafRow(pledged, (Life.ACTIVE, Finance.PLEDGED), offer=OCCUPIED, **TAKEN),
    LeafRow(fallen_due(pledged), (Life.DUE, Finance.PLEDGED), **TAKEN),
    LeafRow(defaulted(pledged), (Life.OVERDUE, Finance.PLEDGED), **TAKEN),
    LeafRow(paid(pledged), (Life.DISCHARGED, Finance.NONE), accept=UNKNOWN_OFFER),
    LeafRow(in_recourse, (Life.RECOURSE, Finance.ASSIGNED), **TAKEN),
    LeafRow(recourse_paid, (Life.OVERDUE, Finance.NONE), accept=UNKNOWN_OFFER),
    LeafRow(paid_in_recourse, (Life.DISCHARGED, Finance.ASSIGNED), **TAKEN),
    LeafRow(lock_expired, ACTIVE_FREE, None, UNKNOWN_OFFER, ACTIVE_LOCKED),
    LeafRow(assigned, (Life.ACTIVE, Finance.ASSIGNED), offer=OCCUPIED, **TAKEN),
    LeafRow(spent, (Life.SPENT, Finance.NONE), accept=UNKNOWN_OFFER),
    LeafRow(cancelled, (Life.CANCELLED, Finance.NONE), accept=UNKNOWN_OFFER),
    LeafRow(free_near_due, ACTIVE_FREE, TOO_NEAR_DUE, TOO_NEAR_DUE, TOO_NEAR_DUE),
    LeafRow(
        locked_near_due,
        ACTIVE_LOCKED,
        offer=TOO_NEAR_DUE,
        accept=UNKNOWN_OFFER,
        request=OCCUPIED,
        release=ACTIVE_FREE,
        disburse=TOO_NEAR_DUE,
    ),
    LeafRow(fallen_due(free), (Life.DUE, Finance.NONE), accept=UNKNOWN_OFFER),
    LeafRow(fallen_due(locked_near_due), (Life.DUE, Finance.NONE), accept=UNKNOWN_OFFER),
    LeafRow(fallen_due(assigned), (Life.DUE, Finance.ASSIGNED), **TAKEN),
    LeafRow(defaulted(free), (Life.OVERDUE, Finance.NONE), accept=UNKNOWN_OFFER),
    LeafRow(defaulted(assigned), (Life.OVERDUE, Finance.ASSIGNED), **TAKEN),
    LeafRow(paid(free), (Life.DISCHARGED, Finance.NONE), accept=UNKNOWN_OFFER),
    LeafRow(paid(assigned), (Life.DISCHARGED, Finance.ASSIGNED), **TAKEN),
]


@pytest.mark.parametrize("row", LEAF_ROWS, ids=lambda row: row.prepare.__name__)
def test_every_state_of_a_leaf_against_every_message(trade, row):
    leaf, holder, offer = row.prepare(trade)
    c = trade.consortium
    found = leaf_of(c, leaf)
    assert (found.life, found.finance) == row.state
    trade.step("bank", trade.verdict())
    later_ms = c.now_ms() + MS_PER_DAY
    party = c["supplier2"].party
    for expected, actor, message in (
        (row.offer, holder, OfferTransfer(leaf, party, 1_000_00, trade.root("order"), later_ms)),
        (row.accept, "supplier2", AcceptTransfer(offer)),
        (row.request, holder, RequestFinance(leaf, c["settle"].party, later_ms)),
        (row.release, holder, ReleaseLock(leaf)),
        (row.disburse, "bank", trade.advance(leaf)),
    ):
        tried = try_out(c, actor, message)
        if isinstance(expected, str):
            assert tried.reference == expected, message
            assert tried.changes_nothing, message
            continue
        assert tried.reference == SUCCEEDED, message
        if expected is not None:
            changed = tried.leaf(leaf)
            assert (changed.life, changed.finance) == expected, message


@pytest.mark.parametrize("row", LEAF_ROWS, ids=lambda row: row.prepare.__name__)
def test_a_registration_is_recorded_for_a_locked_leaf_and_changes_no_state(trade, row):
    leaf, _, _ = row.prepare(trade)
    found = leaf_of(trade.consortium, leaf)
    if row.state == ACTIVE_LOCKED:
        expected = SUCCEEDED
    else:
        is_financed = row.state[1] in (Finance.ASSIGNED, Finance.PLEDGED)
        expected = WINDOW_CLOSED if is_financed else NOT_FINANCIER
    message = RecordRegistration(leaf, trade.root("register"))
    assert try_out(trade.consortium, "bank", message).reference == expected
    assert leaf_of(trade.consortium, leaf) == found


class FinanceRow(NamedTuple):
    """A state of a leaf (life × finance), and what each message of its financing gives in it."""

    prepare: Callable[[Trade], LeafState]
    state: Next
    pledge: Next | str = NOT_FINANCIER
    let_go: Next | str = WRONG_STATE
    repay: Next | str = WRONG_STATE
    pass_on: Next | str = WRONG_STATE
    sell_back: Next | str = WRONG_STATE
    start: Next | str = NOT_FINANCIER
    pay: Next | str = WRONG_STATE
    withdraw: Next | str = NOT_FINANCIER
    early: Next | str = WRONG_STATE


ASSIGNED = (Life.ACTIVE, Finance.ASSIGNED)
PAID = (Life.DISCHARGED, Finance.NONE)
PAID_ASSIGNED = (Life.DISCHARGED, Finance.ASSIGNED)
OF_FINANCIER = {"pledge": OCCUPIED, "start": WRONG_STATE, "withdraw": WRONG_STATE}

FINANCE_ROWS = [
    FinanceRow(free, ACTIVE_FREE, early=PAID),
    FinanceRow(
        locked,
        ACTIVE_LOCKED,
        pledge="supply_chain/terms_mismatch",
        start=WRONG_STATE,
        withdraw=WRONG_STATE,
        early=OCCUPIED,
    ),
    FinanceRow(
        locked_for_pledge,
        ACTIVE_LOCKED,
        pledge=(Life.ACTIVE, Finance.PLEDGED),
        start=WRONG_STATE,
        withdraw=WRONG_STATE,
        early=OCCUPIED,
    ),
    FinanceRow(
        pledged,
        (Life.ACTIVE, Finance.PLEDGED),
        let_go=ACTIVE_FREE,
        repay=ACTIVE_FREE,
        early=PAID,
        **OF_FINANCIER,
    ),
    FinanceRow(
        assigned,
        ASSIGNED,
        pass_on=SUCCEEDED,
        sell_back=SUCCEEDED,
        early=PAID_ASSIGNED,
        **OF_FINANCIER,
    ),
    FinanceRow(spent, (Life.SPENT, Finance.NONE)),
    FinanceRow(cancelled, (Life.CANCELLED, Finance.NONE)),
    FinanceRow(fallen_due(free), (Life.DUE, Finance.NONE)),
    FinanceRow(
        fallen_due(pledged),
        (Life.DUE, Finance.PLEDGED),
        let_go=(Life.DUE, Finance.NONE),
        repay=(Life.DUE, Finance.NONE),
        **OF_FINANCIER,
    ),
    FinanceRow(fallen_due(assigned), (Life.DUE, Finance.ASSIGNED), **OF_FINANCIER),
    FinanceRow(defaulted(free), (Life.OVERDUE, Finance.NONE)),
    FinanceRow(
        defaulted(pledged),
        (Life.OVERDUE, Finance.PLEDGED),
        let_go=(Life.OVERDUE, Finance.NONE),
        repay=(Life.OVERDUE, Finance.NONE),
        **OF_FINANCIER,
    ),
    FinanceRow(
        defaulted(assigned),
        (Life.OVERDUE, Finance.ASSIGNED),
        sell_back=SUCCEEDED,
        **(OF_FINANCIER | {"start": "supply_chain/recourse_not_agreed"}),
    ),
    FinanceRow(
        defaulted(assigned_with_recourse),
        (Life.OVERDUE, Finance.ASSIGNED),
        sell_back=SUCCEEDED,
        **(OF_FINANCIER | {"start": (Life.RECOURSE, Finance.ASSIGNED)}),
    ),
    FinanceRow(
        in_recourse,
        (Life.RECOURSE, Finance.ASSIGNED),
        pledge=OCCUPIED,
        start=WRONG_STATE,
        pay=(Life.OVERDUE, Finance.NONE),
        withdraw=(Life.OVERDUE, Finance.ASSIGNED),
    ),
    FinanceRow(recourse_paid, (Life.OVERDUE, Finance.NONE)),
    FinanceRow(paid(free), PAID),
    FinanceRow(paid(pledged), PAID),
    FinanceRow(paid(assigned), PAID_ASSIGNED, **OF_FINANCIER),
    FinanceRow(paid_in_recourse, PAID_ASSIGNED, **OF_FINANCIER),
]


@pytest.mark.parametrize("row", FINANCE_ROWS, ids=lambda row: row.prepare.__name__)
def test_every_state_of_a_leaf_against_every_message_of_its_financing(trade, row):
    leaf, holder, _ = row.prepare(trade)
    c = trade.consortium
    found = leaf_of(c, leaf)
    assert (found.life, found.finance) == row.state
    top_up = trade.booking(1_00, is_credit=True, reference="top up", account="supplier1")
    trade.step("settle", top_up)
    trade.step("bank", trade.verdict())
    later_ms = c.now_ms() + MS_PER_DAY
    back, bank = (c.account("supplier1"), c.account("bank")), c.account("bank")
    seller, other = c["supplier1"].party, c["supplier2"].party
    owed_minor = max(found.outstanding_minor, 1)
    for expected, actor, message in (
        (row.pledge, "bank", trade.pledging(leaf)),
        (row.let_go, "bank", ReleasePledge(leaf, 100_00)),
        (row.repay, "supplier1", RepayPledge(leaf, 100_00, *back)),
        (row.pass_on, holder, OfferAssignment(leaf, other, 1_00, bank, later_ms)),
        (row.sell_back, holder, OfferAssignment(leaf, seller, 1_00, bank, later_ms)),
        (row.start, "bank", StartRecourse(leaf)),
        (row.pay, "supplier1", PayRecourse(leaf, 100_00, *back)),
        (row.withdraw, "bank", WithdrawRecourse(leaf)),
        (row.early, "core", DischargeEarly(leaf, owed_minor, 0, c.account("core"))),
    ):
        tried = try_out(c, actor, message)
        if isinstance(expected, str):
            assert tried.reference == expected, message
            assert tried.changes_nothing or expected == SUCCEEDED, message
            continue
        assert tried.reference == SUCCEEDED, message
        changed = tried.leaf(leaf)
        assert (changed.life, changed.finance) == expected, message


def test_the_tables_leave_no_state_out():
    assert {row.life for row in CERTIFICATE_ROWS} == set(Life) - {Life.SPENT, Life.RECOURSE}
    unreachable = {
        (life, finance)
        for life in Life
        for finance in Finance
        if life in (Life.DRAFT, Life.OFFERED, Life.VOID)  # a leaf is born active
        or (finance == Finance.LOCKED and life != Life.ACTIVE)  # a lock ends first
        or (life == Life.RECOURSE and finance != Finance.ASSIGNED)  # a seller's debt to its buyer
        or (life == Life.DISCHARGED and finance == Finance.PLEDGED)  # the loan is paid first
        # what is financed is neither split nor cancelled
        or (life in (Life.SPENT, Life.CANCELLED) and finance != Finance.NONE)
    }
    everything = {(life, finance) for life in Life for finance in Finance}
    assert {row.state for row in LEAF_ROWS} == everything - unreachable
    assert {row.state for row in FINANCE_ROWS} == everything - unreachable
