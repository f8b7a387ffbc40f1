"""Every state of a call and of its leaf against every message of offers, allowed and refused."""

from collections.abc import Callable
from typing import Any, NamedTuple

import msgspec
import pytest

from support.bidding import Bidding
from unit.apps.supply_chain.looking import leaf_of, try_out
from unit.apps.supply_chain.states import (
    OCCUPIED,
    TOO_NEAR_DUE,
    WINDOW_CLOSED,
    WRONG_STATE,
    to_stop,
)
from xinlian.apps.supply_chain.messages import ReleaseLock
from xinlian.apps.supply_chain.offer_messages import EndCall, WithdrawOffer
from xinlian.apps.supply_chain.offer_types import CALLS, TRANSITIONS, CallStatus
from xinlian.apps.supply_chain.types import Finance, Life
from xinlian.primitives.time import MS_PER_DAY, MS_PER_HOUR, china_midnight_ms
from xinlian.testing.trade import SUCCEEDED, Trade

CALL_OPEN = "supply_chain/call_open"
NO_OFFER = "supply_chain/no_offer"
NOT_INVITED = "supply_chain/not_invited"
NOT_TIME = "supply_chain/not_time_to_decide"


@pytest.fixture
def bidding():
    started = Bidding()
    yield started
    started.close()


def asked(bidding: Bidding) -> None:
    bidding.ask()


def offered(bidding: Bidding) -> None:
    asked(bidding)
    bidding.offer()


def closed_without_offers(bidding: Bidding) -> None:
    asked(bidding)
    bidding.close_call()


def closed(bidding: Bidding) -> None:
    offered(bidding)
    bidding.close_call()


def opened(bidding: Bidding) -> None:
    bidding.open_all()


def opened_and_locked_for_another(bidding: Bidding) -> None:
    opened(bidding)
    bidding.trade.request(bidding.leaf)


def opened_and_spent(bidding: Bidding) -> None:
    opened(bidding)
    bidding.trade.split(bidding.leaf, 1_000_00)


def opened_near_due(bidding: Bidding) -> None:
    bidding.c.advance_to(china_midnight_ms(bidding.trade.due_day) - 3 * MS_PER_DAY - MS_PER_HOUR)
    opened(bidding)
    to_stop(bidding.trade)


def accepted(bidding: Bidding) -> None:
    opened(bidding)
    bidding.trade.step("supplier1", bidding.accepting("bank"))


def accepted_and_released(bidding: Bidding) -> None:
    accepted(bidding)
    bidding.trade.step("bank", ReleaseLock(bidding.leaf))


def paid_out(bidding: Bidding) -> None:
    accepted(bidding)
    bidding.trade.step("bank", bidding.trade.verdict(), bidding.disbursing("bank"))


def lapsed(bidding: Bidding) -> None:
    opened(bidding)
    bidding.c.advance_to(bidding.decides_by_ms + 2)


def withdrawn(bidding: Bidding) -> None:
    offered(bidding)
    bidding.trade.step("supplier1", EndCall(bidding.call))


class CallRow(NamedTuple):
    """A state, and what each message gives in it: the call's next status, or a refusal."""

    prepare: Callable[[Bidding], None]
    status: CallStatus
    call: str = SUCCEEDED
    seal: CallStatus | str = NOT_INVITED
    take_back: CallStatus | str = NOT_INVITED
    open: CallStatus | str = WRONG_STATE
    accept: CallStatus | str = WRONG_STATE
    end: CallStatus | str = WRONG_STATE


OPEN: dict[str, Any] = {"call": CALL_OPEN, "end": CallStatus.WITHDRAWN}
CLOSED: dict[str, Any] = {**OPEN, "seal": WINDOW_CLOSED, "take_back": WINDOW_CLOSED}
ROWS = [
    CallRow(
        asked, CallStatus.OPEN, seal=CallStatus.OPEN, take_back=NO_OFFER, open=NOT_TIME, **OPEN
    ),
    CallRow(
        offered,
        CallStatus.OPEN,
        seal=CallStatus.OPEN,
        take_back=CallStatus.OPEN,
        open=NOT_TIME,
        **OPEN,
    ),
    CallRow(closed_without_offers, CallStatus.OPEN, open=NO_OFFER, **CLOSED),
    CallRow(closed, CallStatus.OPEN, open=CallStatus.OPENED, **CLOSED),
    CallRow(opened, CallStatus.OPENED, accept=CallStatus.ACCEPTED, **CLOSED),
    CallRow(
        opened_and_locked_for_another,
        CallStatus.OPENED,
        accept=OCCUPIED,
        **(CLOSED | {"call": OCCUPIED}),
    ),
    CallRow(opened_and_spent, CallStatus.OPENED, **(CLOSED | {"call": WRONG_STATE})),
    CallRow(
        opened_near_due,
        CallStatus.OPENED,
        accept=TOO_NEAR_DUE,
        **(CLOSED | {"call": TOO_NEAR_DUE}),
    ),
    CallRow(accepted, CallStatus.ACCEPTED, call=OCCUPIED),
    CallRow(accepted_and_released, CallStatus.ACCEPTED),
    CallRow(paid_out, CallStatus.ACCEPTED, call=OCCUPIED),
    CallRow(lapsed, CallStatus.LAPSED),
    CallRow(withdrawn, CallStatus.WITHDRAWN),
]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.prepare.__name__)
def test_every_state_of_a_call_against_every_message(bidding, row):
    row.prepare(bidding)
    call = bidding.call
    for expected, actor, message in (
        (row.call, "supplier1", bidding.calling()),
        (row.seal, "bank", bidding.sealing("bank")),
        (row.take_back, "bank", WithdrawOffer(call)),
        (row.open, "supplier1", bidding.opening()),
        (row.accept, "supplier1", bidding.accepting("bank")),
        (row.end, "supplier1", EndCall(call)),
    ):
        tried = try_out(bidding.c, actor, message)
        if isinstance(expected, str):
            assert tried.reference == expected, message
            assert tried.changes_nothing == (expected != SUCCEEDED), message
            continue
        assert tried.reference == SUCCEEDED, message
        written = tried.writes.get(CALLS.key(call))
        status = row.status if written is None else CallStatus(CALLS.decode(written).status)
        assert status == expected, message
        assert status == row.status or status in TRANSITIONS[row.status]


def test_the_states_of_a_call_are_all_in_the_table():
    assert {row.status for row in ROWS} == set(CallStatus)


class LeafRow(NamedTuple):
    """What becomes of a leaf, and what a call on it gives."""

    life: Life
    finance: Finance
    call: str


def by_pledge(trade: Trade, leaf: bytes) -> None:
    trade.pledge(leaf)


def by_assignment(trade: Trade, leaf: bytes) -> None:
    trade.finance(leaf)


def by_default(trade: Trade, leaf: bytes) -> None:
    del leaf
    trade.drain()
    trade.to_due_day()


def by_payment(trade: Trade, leaf: bytes) -> None:
    by_default(trade, leaf)
    trade.credit(1_000_000_00)


@pytest.mark.parametrize(
    ("prepare", "row"),
    [
        (by_pledge, LeafRow(Life.ACTIVE, Finance.PLEDGED, OCCUPIED)),
        (by_assignment, LeafRow(Life.ACTIVE, Finance.ASSIGNED, OCCUPIED)),
        (by_default, LeafRow(Life.DUE, Finance.NONE, WRONG_STATE)),
        (by_payment, LeafRow(Life.DISCHARGED, Finance.NONE, WRONG_STATE)),
    ],
    ids=lambda each: getattr(each, "__name__", ""),
)
def test_no_call_is_made_on_a_leaf_that_is_financed_due_or_paid(bidding, prepare, row):
    prepare(bidding.trade, bidding.leaf)
    found = leaf_of(bidding.c, bidding.leaf)
    assert (found.life, found.finance) == (row.life, row.finance)
    asked_by = "bank" if prepare is by_assignment else "supplier1"
    banks = tuple(sorted((bidding.party("bank2"), bidding.party("bank3"))))
    message = msgspec.structs.replace(bidding.calling(), banks=banks)
    assert try_out(bidding.c, asked_by, message).reference == row.call
