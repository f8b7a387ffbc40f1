"""Certificates and leaves brought into each of their states, for the tables of the tests."""

from collections.abc import Callable
from typing import NamedTuple

from unit.apps.supply_chain.looking import leaf_of
from xinlian.apps.supply_chain.dispute_messages import AgreeOutcome, OpenDispute, ProposeOutcome
from xinlian.apps.supply_chain.dispute_types import Ground
from xinlian.apps.supply_chain.guarantee_messages import GiveGuarantee
from xinlian.apps.supply_chain.keeper import live_leaves
from xinlian.apps.supply_chain.messages import (
    AgreeCancellation,
    DeclineCertificate,
    PayRecourse,
    ProposeCancellation,
    StartRecourse,
)
from xinlian.apps.supply_chain.types import Finance, Life
from xinlian.modules.documents.messages import RegisterDocument
from xinlian.primitives.time import MS_PER_DAY, china_midnight_ms
from xinlian.testing.trade import FACE_MINOR, Trade

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


def _dispute_whole(trade: Trade, leaf: bytes, side: str, other: str) -> None:
    root = trade.root("grounds")
    trade.step(side, RegisterDocument(root, "dispute_grounds", 1))
    message = OpenDispute(leaf, FACE_MINOR, Ground.FRAUD, root)
    opened = trade.step(side, message).created_id("dispute")
    trade.step(side, ProposeOutcome(opened, FACE_MINOR, frees_invoice=True))
    trade.step(other, AgreeOutcome(opened, FACE_MINOR, frees_invoice=True))


def voided(trade: Trade) -> LeafState:
    state = free(trade)
    _dispute_whole(trade, state.leaf, "core", "supplier1")
    return state


def voided_assigned(trade: Trade) -> LeafState:
    state = assigned(trade)
    _dispute_whole(trade, state.leaf, "bank", "core")
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


def guaranteed(cap_minor: int) -> Callable[[Trade], LeafState]:
    """Return how to get a free leaf that the bank guarantees up to a cap."""

    def prepared(trade: Trade) -> LeafState:
        state, c = free(trade), trade.consortium
        letter = trade.root("letter of guarantee")
        until_ms = china_midnight_ms(trade.due_day) + 90 * MS_PER_DAY
        certificate = leaf_of(c, state.leaf).certificate
        give = GiveGuarantee(certificate, 1, cap_minor, c.account("bank"), until_ms, letter)
        trade.step("bank", RegisterDocument(letter, "guarantee", 1), give)
        return state

    prepared.__name__ = "guaranteed"
    return prepared


def _first_leaf_of(trade: Trade, spent_leaf: bytes, name: str) -> LeafState:
    certificate = leaf_of(trade.consortium, spent_leaf).certificate
    with trade.consortium.engine.application.store.snapshot() as snapshot:
        found = live_leaves(snapshot, certificate)
    party = trade.consortium[name].party
    return LeafState(next(one for one, leaf in found if leaf.holder == party), name, bytes(20))


def taken_over(trade: Trade) -> LeafState:
    return defaulted(guaranteed(FACE_MINOR))(trade)._replace(holder="bank")


def taken_over_in_part(trade: Trade) -> LeafState:
    return defaulted(guaranteed(FACE_MINOR // 4))(trade)


def part_of_the_guarantor(trade: Trade) -> LeafState:
    return _first_leaf_of(trade, taken_over_in_part(trade).leaf, "bank")


def rest_of_the_holder(trade: Trade) -> LeafState:
    return _first_leaf_of(trade, taken_over_in_part(trade).leaf, "supplier1")


def taken_over_and_paid(trade: Trade) -> LeafState:
    state = taken_over(trade)
    trade.credit(FACE_MINOR)
    return state


def paid(prepare: Callable[[Trade], LeafState]) -> Callable[[Trade], LeafState]:
    def prepared(trade: Trade) -> LeafState:
        state = fallen_due(prepare)(trade)
        trade.credit(FACE_MINOR)
        return state

    prepared.__name__ = f"{prepare.__name__}_paid"
    return prepared


Next = tuple[Life, Finance]


ACTIVE_FREE = (Life.ACTIVE, Finance.NONE)
ACTIVE_LOCKED = (Life.ACTIVE, Finance.LOCKED)
