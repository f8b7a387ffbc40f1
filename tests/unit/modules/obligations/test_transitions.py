"""The table of transitions, walked whole: every state against every message.

What is allowed leads to the state named; what is refused gives the code named and changes nothing.
"""

from collections.abc import Callable
from typing import NamedTuple

import pytest

from support.judgment import Judgment, with_courts
from unit.apps.supply_chain.looking import try_out
from xinlian.modules.obligations.messages import (
    CancelObligation,
    ConfirmPayment,
    DischargeByReceipt,
    DisputeObligation,
    EndAuthority,
    ForgiveObligation,
    SettleDispute,
)
from xinlian.modules.obligations.types import OBLIGATIONS, ObligationStatus
from xinlian.testing import Consortium
from xinlian.testing.agreements import EVENING_MS, PROMISED_MINOR, Agreement
from xinlian.testing.trade import SUCCEEDED

WRONG_STATE = "obligations/wrong_state"
TOO_LARGE = "obligations/amount_too_large"
TOO_LATE = "obligations/too_late_to_dispute"
AT_A_BANK = "obligations/payment_under_way"
UNLIKE = "obligations/amount_differs"
IN_FORCE = "obligations/already_enforced"
S = ObligationStatus


@pytest.fixture
def consortium():
    """A consortium with two courts."""
    running = with_courts()
    yield running
    running.settle_due_work()
    assert running.broken_invariants() == []
    running.close()


def proposed(consortium: Consortium) -> Agreement:
    promise = Agreement(consortium)
    promise.propose()
    return promise


def open_(consortium: Consortium) -> Agreement:
    promise = Agreement(consortium)
    promise.agree()
    return promise


def due(consortium: Consortium) -> Agreement:
    promise = open_(consortium)
    promise.drain()
    promise.to_due_day()
    return promise


def part_performed(consortium: Consortium) -> Agreement:
    promise = due(consortium)
    promise.step("supplier1", DischargeByReceipt(promise.id, 1_00, bytes(32)))
    consortium.settle_due_work()
    return promise


def at_a_bank(consortium: Consortium) -> Agreement:
    promise = Agreement(consortium, creditor="supplier2")
    promise.agree()
    promise.to_due_day()
    return promise


def defaulted(consortium: Consortium) -> Agreement:
    promise = open_(consortium)
    promise.drain()
    promise.to_due_day(EVENING_MS)
    return promise


def called(consortium: Consortium) -> Agreement:
    promise = Agreement(consortium)
    promise.agree_guaranteed("supplier2")
    promise.drain()
    promise.to_due_day(EVENING_MS)
    return promise


def subrogated(consortium: Consortium) -> Agreement:
    promise = Agreement(consortium)
    promise.agree_guaranteed("bank")
    promise.drain()
    promise.to_due_day(EVENING_MS)
    return promise


def disputed(consortium: Consortium) -> Agreement:
    promise = open_(consortium)
    promise.dispute(30_000_00)
    promise.to_due_day()
    return promise


def performed(consortium: Consortium) -> Agreement:
    promise = open_(consortium)
    promise.to_due_day()
    return promise


def cured(consortium: Consortium) -> Agreement:
    promise = defaulted(consortium)
    promise.credit(PROMISED_MINOR)
    return promise


def executed_in_part(consortium: Consortium) -> Agreement:
    promise = defaulted(consortium)
    Judgment(promise, "an earlier one").enforce(PROMISED_MINOR)
    promise.credit(40_000_00)
    return promise


def enforced(consortium: Consortium) -> Agreement:
    promise = executed_in_part(consortium)
    promise.credit(60_000_00, "the rest")
    return promise


def forgiven(consortium: Consortium) -> Agreement:
    promise = open_(consortium)
    promise.step("supplier1", ForgiveObligation(promise.id, PROMISED_MINOR))
    return promise


def cancelled(consortium: Consortium) -> Agreement:
    promise = open_(consortium)
    for name in ("core", "supplier1"):
        promise.step(name, CancelObligation(promise.id, PROMISED_MINOR))
    return promise


def lapsed(consortium: Consortium) -> Agreement:
    promise = proposed(consortium)
    promise.to_due_day()
    return promise


class Row(NamedTuple):
    """A state, and what each message gives in it."""

    prepare: Callable[[Consortium], Agreement]
    status: ObligationStatus
    accept: ObligationStatus | str = WRONG_STATE
    cancel: ObligationStatus | str = WRONG_STATE
    end_authority: ObligationStatus | str = WRONG_STATE
    dispute: ObligationStatus | str = WRONG_STATE
    settle: ObligationStatus | str = WRONG_STATE
    forgive: ObligationStatus | str = WRONG_STATE
    receipt: ObligationStatus | str = WRONG_STATE
    confirm: ObligationStatus | str = WRONG_STATE
    decide: ObligationStatus | str = WRONG_STATE
    enforce: ObligationStatus | str = WRONG_STATE
    lift: ObligationStatus | str = WRONG_STATE


ROWS = [
    Row(proposed, S.PROPOSED, accept=S.OPEN, cancel=S.CANCELLED),
    Row(
        open_,
        S.OPEN,
        cancel=S.OPEN,
        end_authority=S.OPEN,
        dispute=S.OPEN,
        settle=TOO_LARGE,
        forgive=S.OPEN,
        receipt=S.OPEN,
        decide=UNLIKE,
    ),
    Row(
        due,
        S.DUE,
        cancel=S.DUE,
        end_authority=S.DUE,
        dispute=TOO_LATE,
        settle=TOO_LARGE,
        forgive=S.DUE,
        receipt=S.PART_PERFORMED,
        decide=UNLIKE,
    ),
    Row(
        part_performed,
        S.PART_PERFORMED,
        cancel=S.PART_PERFORMED,
        end_authority=S.PART_PERFORMED,
        dispute=TOO_LATE,
        settle=TOO_LARGE,
        forgive=S.PART_PERFORMED,
        receipt=S.PART_PERFORMED,
        decide=UNLIKE,
    ),
    Row(
        at_a_bank,
        S.DUE,
        cancel=AT_A_BANK,
        end_authority=AT_A_BANK,
        dispute=TOO_LATE,
        settle=TOO_LARGE,
        forgive=TOO_LARGE,
        receipt=AT_A_BANK,
        confirm=S.DUE,
        decide=UNLIKE,
    ),
    Row(
        defaulted,
        S.DEFAULTED,
        cancel=S.DEFAULTED,
        end_authority=S.DEFAULTED,
        dispute=TOO_LATE,
        settle=TOO_LARGE,
        forgive=S.DEFAULTED,
        receipt=S.DEFAULTED,
        decide=UNLIKE,
        enforce=S.DEFAULTED,
    ),
    Row(
        called,
        S.CALLED,
        cancel=S.CALLED,
        end_authority=S.CALLED,
        dispute=TOO_LATE,
        settle=TOO_LARGE,
        forgive=S.CALLED,
        receipt=S.CALLED,
        decide=UNLIKE,
        enforce=S.CALLED,
    ),
    Row(
        disputed,
        S.DISPUTED,
        cancel=S.DISPUTED,
        end_authority=S.DISPUTED,
        dispute=TOO_LATE,
        settle=S.DISPUTED,
        forgive=S.DISPUTED,
        receipt=S.DISPUTED,
        decide=S.PART_PERFORMED,
    ),
    Row(performed, S.PERFORMED),
    Row(cured, S.CURED),
    Row(forgiven, S.FORGIVEN),
    Row(cancelled, S.CANCELLED),
    Row(lapsed, S.CANCELLED),
    Row(subrogated, S.SUBROGATED),
    Row(
        executed_in_part,
        S.DEFAULTED,
        cancel=S.DEFAULTED,
        end_authority=S.DEFAULTED,
        dispute=TOO_LATE,
        settle=TOO_LARGE,
        forgive=S.DEFAULTED,
        receipt=S.DEFAULTED,
        decide=UNLIKE,
        enforce=IN_FORCE,
        lift=S.DEFAULTED,
    ),
    Row(enforced, S.ENFORCED),
]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.prepare.__name__)
def test_every_state_against_every_message(consortium, row):
    promise = row.prepare(consortium)
    obligation, root = promise.id, bytes(32)
    creditor, judgment = promise.creditor, Judgment(promise)
    found = promise.found()
    assert found.status == row.status
    for expected, actor, message in (
        (row.accept, creditor, promise.acceptance()),
        (row.cancel, creditor, CancelObligation(obligation, found.open_minor or 1)),
        (row.end_authority, creditor, EndAuthority(obligation)),
        (row.dispute, "core", DisputeObligation(obligation, 1_00, root)),
        (row.settle, creditor, SettleDispute(obligation, 1_00)),
        (row.forgive, creditor, ForgiveObligation(obligation, 1_00)),
        (row.receipt, creditor, DischargeByReceipt(obligation, 1_00, root)),
        (row.confirm, "settle", ConfirmPayment(obligation, found.awaiting_minor or 1)),
        (row.decide, "court", judgment.deciding(owed_minor=found.disputed_minor or 1)),
        (row.enforce, "court", judgment.enforcing(1_00)),
        (row.lift, "court", judgment.lifting()),
    ):
        tried = try_out(consortium, actor, message)
        if isinstance(expected, str):
            assert tried.reference == expected, message
            assert tried.changes_nothing, message
            continue
        assert tried.reference == SUCCEEDED, message
        written = tried.writes.get(OBLIGATIONS.key(obligation))
        status = OBLIGATIONS.decode(written).status if written else found.status
        assert status == expected, message


def test_the_table_leaves_no_state_out():
    assert {row.status for row in ROWS} == set(ObligationStatus)


STRANGERS = [
    ("bank", lambda p: p.acceptance()),
    ("bank", lambda p: CancelObligation(p.id, PROMISED_MINOR)),
    ("core", lambda p: EndAuthority(p.id)),
    ("bank", lambda p: EndAuthority(p.id)),
    ("supplier1", lambda p: DisputeObligation(p.id, 1, bytes(32))),
    ("bank", lambda p: SettleDispute(p.id, 1)),
    ("core", lambda p: ForgiveObligation(p.id, 1)),
    ("core", lambda p: DischargeByReceipt(p.id, 1, bytes(32))),
    ("bank", lambda p: ConfirmPayment(p.id, 1)),
]


@pytest.mark.parametrize(("name", "message"), STRANGERS)
def test_nobody_does_what_another_answers_for(consortium, name, message):
    promise = open_(consortium)
    tried = try_out(consortium, name, message(promise))
    assert tried.reference == "obligations/not_entitled"
    assert tried.changes_nothing


def test_what_does_not_exist_is_refused(consortium):
    promise = Agreement(consortium)
    promise.id = b"?" * 20
    for name, message in (("supplier1", promise.acceptance()), ("core", EndAuthority(promise.id))):
        assert try_out(consortium, name, message).reference == "obligations/unknown_obligation"
