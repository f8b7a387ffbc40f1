"""The table of transitions, walked whole: every state against every message.

What is allowed leads to the state named; what is refused gives the code named and changes nothing.
"""

from collections.abc import Callable
from typing import NamedTuple

import pytest

from unit.apps.supply_chain.looking import certificate_of, leaf_of, try_out
from unit.apps.supply_chain.states import (
    ACTIVE_FREE,
    ACTIVE_LOCKED,
    NOT_FINANCIER,
    OCCUPIED,
    TOO_NEAR_DUE,
    UNKNOWN_OFFER,
    WINDOW_CLOSED,
    WRONG_STATE,
    LeafState,
    Next,
    active,
    all_cancelled,
    assigned,
    cancelled,
    defaulted,
    discharged,
    draft,
    due,
    fallen_due,
    free,
    free_near_due,
    in_recourse,
    lapsed,
    lock_expired,
    locked,
    locked_for_pledge,
    locked_near_due,
    offered,
    overdue,
    paid,
    paid_in_recourse,
    part_of_the_guarantor,
    pledged,
    recourse_paid,
    rest_of_the_holder,
    spent,
    taken_over,
    taken_over_and_paid,
    taken_over_in_part,
    void,
    voided,
    voided_assigned,
)
from unit.apps.supply_chain.test_finance_transitions import FINANCE_ROWS
from xinlian.apps.supply_chain.messages import (
    AcceptCertificate,
    AcceptTransfer,
    DeclineCertificate,
    OfferTransfer,
    RecordRegistration,
    ReleaseLock,
    RequestFinance,
    WithdrawCertificate,
)
from xinlian.apps.supply_chain.types import Finance, Life
from xinlian.primitives.time import MS_PER_DAY
from xinlian.testing.trade import SUCCEEDED, Trade


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


class LeafRow(NamedTuple):
    """A state of a leaf (life × finance), and what each message gives in it."""

    prepare: Callable[[Trade], LeafState]
    state: Next
    offer: str | None = WRONG_STATE
    accept: Next | str = WRONG_STATE
    request: Next | str = WRONG_STATE
    release: Next | str = WRONG_STATE
    disburse: Next | str = NOT_FINANCIER


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
    LeafRow(voided, (Life.VOID, Finance.NONE), accept=UNKNOWN_OFFER),
    LeafRow(voided_assigned, (Life.VOID, Finance.ASSIGNED), **TAKEN),
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
    LeafRow(taken_over, (Life.OVERDUE, Finance.NONE), accept=UNKNOWN_OFFER),
    LeafRow(taken_over_in_part, (Life.SPENT, Finance.NONE), accept=UNKNOWN_OFFER),
    LeafRow(part_of_the_guarantor, (Life.OVERDUE, Finance.NONE), accept=UNKNOWN_OFFER),
    LeafRow(rest_of_the_holder, (Life.OVERDUE, Finance.NONE), accept=UNKNOWN_OFFER),
    LeafRow(taken_over_and_paid, (Life.DISCHARGED, Finance.NONE), accept=UNKNOWN_OFFER),
    LeafRow(paid(free), (Life.DISCHARGED, Finance.NONE), accept=UNKNOWN_OFFER),
    LeafRow(paid(assigned), (Life.DISCHARGED, Finance.ASSIGNED), **TAKEN),
]


@pytest.mark.parametrize("row", LEAF_ROWS, ids=lambda row: row.prepare.__name__)
def test_every_state_of_a_leaf_against_every_message(trade, row):
    leaf, holder, offer = row.prepare(trade)
    c = trade.consortium
    found = leaf_of(c, leaf)
    assert (found.life, found.finance) == row.state
    c.send("bank", trade.verdict())  # heard in the states in which the bank is asked
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


def test_the_tables_leave_no_state_out():
    assert {row.life for row in CERTIFICATE_ROWS} == set(Life) - {Life.SPENT, Life.RECOURSE}
    unreachable = {
        (life, finance)
        for life in Life
        for finance in Finance
        if life in (Life.DRAFT, Life.OFFERED)  # a leaf is born active
        or (finance == Finance.LOCKED and life != Life.ACTIVE)  # a lock ends first
        or (life == Life.RECOURSE and finance != Finance.ASSIGNED)  # a seller's debt to its buyer
        # the loan is paid first, unless a court decides otherwise (test_judgments.py)
        or (life in (Life.DISCHARGED, Life.VOID) and finance == Finance.PLEDGED)
        # what is financed is neither split nor cancelled
        or (life in (Life.SPENT, Life.CANCELLED) and finance != Finance.NONE)
    }
    everything = {(life, finance) for life in Life for finance in Finance}
    assert {row.state for row in LEAF_ROWS} == everything - unreachable
    assert {row.state for row in FINANCE_ROWS} == everything - unreachable
