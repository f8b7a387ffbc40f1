"""Whatever banks and holder do, in any order: a call is opened whole, once, as it was sealed.

A life is told to the ledger and to a model of a dozen lines, and both must say the same.
"""

import dataclasses
from typing import Final

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from support.bidding import BANKS, Bidding
from xinlian.apps.supply_chain.offer_messages import EndCall, WithdrawOffer
from xinlian.apps.supply_chain.offer_terms import SEALED_BYTES, OfferTerms
from xinlian.apps.supply_chain.offer_types import (
    CALLS,
    OPENED_OFFERS,
    SEALED_OFFERS,
    CallStatus,
)
from xinlian.contracts.message import Message
from xinlian.testing.trade import FACE_MINOR

BANK = st.sampled_from(BANKS)
AMOUNT = st.integers(1, FACE_MINOR + 2)
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("seal"), BANK, AMOUNT),
        st.tuples(st.just("noise"), BANK, AMOUNT),
        st.tuples(st.just("copy"), BANK, BANK),
        st.tuples(st.just("take back"), BANK, AMOUNT),
        st.tuples(st.sampled_from(["close", "open", "end"]), BANK, AMOUNT),
        st.tuples(st.just("accept"), BANK, AMOUNT),
    ),
    min_size=3,
    max_size=10,
)
NOTHING: Final = OfferTerms(0, 0, 0)


@dataclasses.dataclass
class Model:
    """What should be so."""

    status: CallStatus = CallStatus.OPEN
    is_closed: bool = False
    sealed: dict[str, OfferTerms] = dataclasses.field(default_factory=dict)
    opened: dict[str, OfferTerms] = dataclasses.field(default_factory=dict)

    def end(self, status: CallStatus) -> None:
        self.status = status
        self.sealed, self.opened = {}, {}


class Life:
    """One call on the ledger beside its model."""

    def __init__(self) -> None:
        self.bidding = Bidding()
        self.bidding.ask()
        self.model = Model()
        self.boxes: dict[str, bytes] = {}

    def succeeds(self, name: str, message: Message) -> bool:
        return self.bidding.c.send(name, message)[1].result.succeeded

    def put(self, name: str, box: bytes, terms: OfferTerms) -> None:
        message = msgspec.structs.replace(self.bidding.sealing(name, TERMS), sealed=box)
        may = self.model.status == CallStatus.OPEN and not self.model.is_closed
        assert self.succeeds(name, message) == may
        if may:
            self.model.sealed[name] = terms
            self.boxes[name] = box

    def seal(self, name: str, amount: int) -> None:
        terms = OfferTerms(amount, amount // 3, amount // 7)
        box = self.bidding.sealing(name, terms).sealed
        self.put(name, box, terms if amount <= FACE_MINOR else NOTHING)

    def noise(self, name: str, amount: int) -> None:
        self.put(name, amount.to_bytes(8, "big").ljust(SEALED_BYTES, b"!"), NOTHING)

    def copy(self, name: str, other: str) -> None:
        if other in self.boxes and other != name:
            self.put(name, self.boxes[other], NOTHING)

    def take_back(self, name: str, _: int) -> None:
        may = name in self.model.sealed and not self.model.is_closed
        assert self.succeeds(name, WithdrawOffer(self.bidding.call)) == may
        if may:
            del self.model.sealed[name]

    def close(self, _: str, __: int) -> None:
        if not self.model.is_closed:
            self.bidding.close_call()
            self.model.is_closed = True

    def open(self, _: str, __: int) -> None:
        model = self.model
        may = model.status == CallStatus.OPEN and model.is_closed and bool(model.sealed)
        assert self.succeeds("supplier1", self.bidding.opening()) == may
        if may:
            model.status = CallStatus.OPENED
            model.opened = {n: terms for n, terms in model.sealed.items() if terms != NOTHING}
            model.sealed = {}

    def accept(self, name: str, _: int) -> None:
        terms = self.model.opened.get(name, TERMS)
        may = name in self.model.opened
        assert self.succeeds("supplier1", self.bidding.accepting(name, terms)) == may
        if may:
            self.model.end(CallStatus.ACCEPTED)

    def end(self, _: str, __: int) -> None:
        may = self.model.status in (CallStatus.OPEN, CallStatus.OPENED)
        assert self.succeeds("supplier1", EndCall(self.bidding.call)) == may
        if may:
            self.model.end(CallStatus.WITHDRAWN)

    def found(self) -> tuple[int, set[str], dict[str, OfferTerms]]:
        call, names = self.bidding.call, {self.bidding.party(name): name for name in BANKS}
        with self.bidding.c.engine.application.store.snapshot() as snapshot:
            return (
                CALLS.require(snapshot, call).status,
                {names[bank] for (_, bank), _ in SEALED_OFFERS.scan(snapshot, call)},
                {
                    names[bank]: OfferTerms(*msgspec.structs.astuple(offer))
                    for (_, bank), offer in OPENED_OFFERS.scan(snapshot, call)
                },
            )


TERMS: Final = OfferTerms(100_00, 1_00, 0)


@settings(max_examples=6, deadline=None)
@given(STEPS)
def test_a_call_is_opened_whole_or_not_at_all_whatever_happens(steps):
    life = Life()
    for step, name, detail in [*steps, ("close", "bank", 1), ("open", "bank", 1)]:
        getattr(life, step.replace(" ", "_"))(name, detail)
        model = life.model
        assert life.found() == (model.status, set(model.sealed), model.opened), step
    life.bidding.close()
