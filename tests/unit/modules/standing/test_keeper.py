"""However an obligation takes its course, its facts add up."""

from types import MappingProxyType

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from xinlian.contracts.context import Context
from xinlian.contracts.ports import Ports
from xinlian.ledger.overlay import Overlay
from xinlian.modules.obligations.types import (
    OBLIGATIONS,
    Obligation,
    ObligationStatus,
    SourceKind,
)
from xinlian.modules.standing.invariants import open_defaults_are_open, standing_adds_up
from xinlian.modules.standing.keeper import KeepsStanding, standing_of
from xinlian.modules.standing.types import CREDIT_FACTS, CreditFactKind
from xinlian.primitives import PartyId
from xinlian.primitives.time import MS_PER_DAY, china_day
from xinlian.storage import MemoryStore

DEBTOR = b"d" * 20
START_MS = 1_700_000_000_000
ENDS = MappingProxyType(
    {
        ObligationStatus.PERFORMED: CreditFactKind.UNDONE,
        ObligationStatus.CURED: CreditFactKind.CURED,
        ObligationStatus.FORGIVEN: CreditFactKind.RELEASED,
        ObligationStatus.SUBROGATED: CreditFactKind.RELEASED,
        ObligationStatus.CANCELLED: CreditFactKind.RELEASED,
    },
)


def obligation(amount=100, status=ObligationStatus.OPEN):
    return Obligation(
        debtor=DEBTOR,
        asset=b"a" * 20,
        amount_minor=amount,
        performed_minor=0,
        released_minor=0,
        awaiting_minor=0,
        due_day=china_day(START_MS),
        due_at_ms=START_MS,
        cutoff_at_ms=START_MS,
        status=status,
        source_kind=SourceKind.AGREED,
        account=b"",
        authority_cap_minor=0,
        authority_until_ms=0,
    )


class Book:
    """The keeper over an empty state."""

    def __init__(self):
        self.state = Overlay(MemoryStore().snapshot())
        self.keeper = KeepsStanding()

    def context(self, days=0):
        return Context(
            state=self.state,
            chain_id="test-standing",
            height=1,
            time_ms=START_MS + days * MS_PER_DAY,
            acting_for=PartyId(DEBTOR),
            payer=PartyId(DEBTOR),
            signers=(),
            idempotency_key=b"",
            call_index=0,
            work_left=1_000,
            ports=Ports(),
        )

    def default(self, obligation_id, days=0):
        found = obligation(status=ObligationStatus.DEFAULTED)
        OBLIGATIONS.put(self.state, found, obligation_id)
        self.keeper.obligation_defaulted(self.context(days), obligation_id, found)

    def end(self, obligation_id, status, days=0):
        found = msgspec.structs.replace(
            obligation(status=status),
            performed_minor=100 if status == ObligationStatus.PERFORMED else 60,
            released_minor=0 if status == ObligationStatus.PERFORMED else 40,
        )
        OBLIGATIONS.put(self.state, found, obligation_id)
        self.keeper.obligation_ended(self.context(days), obligation_id, found, status)

    def kinds(self):
        return [fact.kind for _, fact in CREDIT_FACTS.scan(self.state, DEBTOR)]

    def problems(self):
        return [*standing_adds_up(self.state), *open_defaults_are_open(self.state)]


def number(at):
    return at.to_bytes(20, "big")


@given(
    st.lists(
        st.tuples(st.integers(0, 3), st.sampled_from(["default", *ENDS]), st.integers(0, 9)),
        max_size=20,
    ),
)
def test_facts_add_up_in_every_order(steps):
    book, ended = Book(), set()
    for at, step, days in steps:
        if at in ended:
            continue
        if step == "default":
            book.default(number(at), days)
        else:
            book.end(number(at), step, days)
            ended.add(at)
    assert book.problems() == []
    assert standing_of(book.state, DEBTOR).fact_count == len(book.kinds())


def test_each_end_of_a_default_is_a_fact_of_its_own_kind():
    for status, kind in ENDS.items():
        book = Book()
        book.default(number(1))
        book.end(number(1), status, days=3)
        assert book.kinds() == [CreditFactKind.DEFAULTED, kind]
        is_undone = kind == CreditFactKind.UNDONE
        assert standing_of(book.state, DEBTOR).days_late_max == (0 if is_undone else 3)


def test_a_default_is_counted_once_however_often_it_is_told():
    book = Book()
    book.default(number(1))
    book.default(number(1))
    assert book.kinds() == [CreditFactKind.DEFAULTED]


def test_what_ends_without_a_default_or_a_payment_says_nothing():
    book = Book()
    for at, status in enumerate((ObligationStatus.CANCELLED, ObligationStatus.FORGIVEN)):
        book.end(number(at), status)
    assert book.kinds() == []
