"""One call's view of the world: the ids that it gives, and its own share of events."""

from collections.abc import Sequence

import pytest

from unit.ledger.fakes import CHAIN, PAYER, START_MS, TableView
from xinlian.contracts.context import Context, object_id
from xinlian.contracts.errors import TooManyEvents
from xinlian.contracts.fields import Count
from xinlian.contracts.message import Event
from xinlian.contracts.ports import Ports
from xinlian.ledger import limits
from xinlian.ledger.overlay import Overlay
from xinlian.primitives import PartyId


class Counted(Event, frozen=True, tag=0x7F02):
    """An event of the tests."""

    number: Count


def context_of(payer: bytes = PAYER, key: bytes = b"k" * 16, call_index: int = 0) -> Context:
    return Context(
        state=Overlay(TableView()),
        chain_id=CHAIN,
        height=5,
        time_ms=START_MS,
        acting_for=PartyId(payer),
        payer=PartyId(payer),
        signers=(),
        idempotency_key=key,
        call_index=call_index,
        work_left=1,
        ports=Ports(),
    )


def all_different(values: Sequence[bytes]) -> bool:
    return len(set(values)) == len(values)


def test_new_ids_are_known_to_the_client_and_differ_by_everything_they_follow_from():
    context = context_of()
    assert context.new_id("leaf", 2) == object_id("leaf", PAYER, b"k" * 16, 0, 2)
    assert all_different(
        [
            context.new_id("leaf"),
            context.new_id("leaf", 1),
            context.new_id("cert"),
            context_of(call_index=1).new_id("leaf"),
            context_of(key=b"l" * 16).new_id("leaf"),
            context_of(payer=b"q" * 20).new_id("leaf"),
        ]
    )


def test_ids_derived_for_a_subject_differ_between_two_transactions_of_one_block():
    assert all_different(
        [
            context_of().derived_id("order", b"leaf"),
            context_of().derived_id("order", b"other"),
            context_of().derived_id("obligation", b"leaf"),
            context_of(call_index=1).derived_id("order", b"leaf"),
            context_of(key=b"l" * 16).derived_id("order", b"leaf"),
            context_of(payer=b"q" * 20).derived_id("order", b"leaf"),
        ]
    )


def test_a_new_call_acts_for_its_own_party_and_has_room_for_events_of_its_own():
    context = context_of()
    for call_index in range(3):
        party = PartyId(bytes([call_index]) * 20)
        context.begin_call(call_index, party)
        assert context.acting_for == party
        for number in range(limits.EVENTS_PER_CALL_MAX):
            context.emit(Counted(number))
        with pytest.raises(TooManyEvents):
            context.emit(Counted(0))
    indexes = [record.call_index for record in context.events]
    assert indexes == sorted(indexes)
    assert indexes.count(1) == limits.EVENTS_PER_CALL_MAX
