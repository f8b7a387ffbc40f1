"""Every state of a certificate, and of its guarantee, against every message about guarantees."""

from collections.abc import Callable
from typing import NamedTuple

import pytest

from support.guarantor import Guaranteed
from unit.apps.supply_chain.looking import try_out
from unit.apps.supply_chain.states import cancel
from xinlian.apps.supply_chain.guarantee_messages import PayGuarantee, ReleaseGuarantee
from xinlian.apps.supply_chain.guarantee_records import STANDING, TRANSITIONS, GuaranteeStatus
from xinlian.apps.supply_chain.messages import DeclineCertificate
from xinlian.primitives.time import MS_PER_DAY
from xinlian.testing.trade import SUCCEEDED

WRONG_STATE = "supply_chain/wrong_state"
UNKNOWN_CALL = "supply_chain/unknown_call_of_guarantee"
NO_MONEY = "accounts/insufficient_balance"
NOT_COVERED = "supply_chain/not_covered"
PART_MINOR = 250_000_00


@pytest.fixture
def guaranteed():
    """A trade, and organisations that guarantee for its obligor."""
    made = Guaranteed()
    yield made
    made.close()


def draft(g: Guaranteed) -> bytes:
    certificate = g.trade.propose()
    g.give(certificate)
    return certificate


def offered(g: Guaranteed) -> bytes:
    certificate = draft(g)
    g.trade.issue(certificate)
    return certificate


def active(g: Guaranteed) -> bytes:
    certificate = offered(g)
    g.trade.accept(certificate)
    return certificate


def due(g: Guaranteed) -> bytes:
    certificate = active(g)
    g.trade.drain()
    g.trade.to_due_day()
    return certificate


def called(g: Guaranteed) -> bytes:
    certificate = active(g)
    g.keep("parent", 0)
    g.default()
    return certificate


def called_and_paid(g: Guaranteed) -> bytes:
    certificate = active(g)
    g.default()
    return certificate


def in_default_itself(g: Guaranteed) -> bytes:
    certificate = called(g)
    g.trade.to_due_day(days_later=3)
    return certificate


def called_and_after_its_end(g: Guaranteed) -> bytes:
    """The account is not the ledger's to pay from any more; the guarantor still owes."""
    certificate, _ = g.trade.certify()
    g.give(certificate, until_ms=g.cutoff_ms() + MS_PER_DAY)
    g.keep("parent", 0)
    g.default()
    g.trade.to_due_day(days_later=3)
    g.credit("parent", PART_MINOR)
    return certificate


def released(g: Guaranteed) -> bytes:
    certificate = active(g)
    g.release(certificate, "supplier1")
    return certificate


def paid_by_the_obligor(g: Guaranteed) -> bytes:
    certificate = active(g)
    g.trade.to_due_day()
    return certificate


def cancelled(g: Guaranteed) -> bytes:
    certificate = active(g)
    cancel(g.trade, g.leaf_of(certificate, "supplier1"))
    return certificate


def declined(g: Guaranteed) -> bytes:
    certificate = offered(g)
    g.trade.step("supplier1", DeclineCertificate(certificate))
    return certificate


class Row(NamedTuple):
    """A state with a guarantee in the first place, and what each message gives in it."""

    prepare: Callable[[Guaranteed], bytes]
    status: GuaranteeStatus
    give: str = WRONG_STATE
    """A second guarantee."""
    release: str = WRONG_STATE
    """By the first supplier."""
    pay: str = UNKNOWN_CALL
    """A part of the call, by its guarantor."""


ROWS = [
    Row(draft, GuaranteeStatus.IN_FORCE, give=SUCCEEDED, release=SUCCEEDED),
    Row(offered, GuaranteeStatus.IN_FORCE, give=SUCCEEDED, release=SUCCEEDED),
    Row(active, GuaranteeStatus.IN_FORCE, give=SUCCEEDED, release=SUCCEEDED),
    Row(due, GuaranteeStatus.IN_FORCE, release=SUCCEEDED),
    Row(called, GuaranteeStatus.CALLED, release=SUCCEEDED, pay=NO_MONEY),
    Row(in_default_itself, GuaranteeStatus.CALLED, release=SUCCEEDED, pay=NO_MONEY),
    Row(called_and_after_its_end, GuaranteeStatus.CALLED, release=SUCCEEDED, pay=SUCCEEDED),
    Row(called_and_paid, GuaranteeStatus.CALLED, release=NOT_COVERED, pay=WRONG_STATE),
    Row(released, GuaranteeStatus.RELEASED, give=SUCCEEDED),
    Row(paid_by_the_obligor, GuaranteeStatus.ENDED, release=NOT_COVERED),
    Row(cancelled, GuaranteeStatus.ENDED, release=NOT_COVERED),
    Row(declined, GuaranteeStatus.ENDED, release=NOT_COVERED),
]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.prepare.__name__)
def test_every_state_against_every_message_about_guarantees(guaranteed, row):
    certificate = row.prepare(guaranteed)
    c = guaranteed.c
    assert guaranteed.guarantee(certificate).status == row.status
    claims = guaranteed.claim_ids(certificate)
    pay = PayGuarantee(claims[0] if claims else bytes(20), PART_MINOR, c.account("parent"))
    for expected, actor, message in (
        (row.give, "insurer", guaranteed.giving(certificate, "insurer", order_no=2)),
        (row.release, "supplier1", ReleaseGuarantee(certificate, 1)),
        (row.pay, "parent", pay),
    ):
        tried = try_out(c, actor, message)
        assert tried.reference == expected, message
        assert tried.changes_nothing or expected == SUCCEEDED, message


@pytest.mark.parametrize("status", GuaranteeStatus)
def test_a_guarantee_that_does_not_stand_never_stands_again(status):
    assert bool(TRANSITIONS[status]) == (status in STANDING)
    assert status not in TRANSITIONS[status]
