"""The executor: decoding, precedence, limits, the schedule, and what stops the node."""

import msgspec
import pytest

from unit.ledger.fakes import CHAIN, PAYER, START_MS, OpenQuotas, TableView, body, signed
from xinlian.bootstrap import build_contracts
from xinlian.contracts.context import Context
from xinlian.contracts.errors import (
    FieldInvalid,
    MessageMalformed,
    NonCanonicalMessage,
    TooManyEvents,
    UnknownMessageType,
    WorkExceeded,
)
from xinlian.contracts.fields import Count, Hash, Name
from xinlian.contracts.message import Event, Message, type_no
from xinlian.contracts.registry import Registry
from xinlian.contracts.runtime import Contracts, Position
from xinlian.ledger import limits
from xinlian.ledger.block import Misbehaviour, MisbehaviourKind
from xinlian.ledger.executor import BlockEnvironment, CallRefused, Execution
from xinlian.ledger.overlay import Overlay
from xinlian.ledger.ports import StoreError
from xinlian.ledger.transaction import decode_transaction
from xinlian.modules.accounts.messages import BookEntry, Transfer
from xinlian.modules.documents.messages import CountersignDocument
from xinlian.primitives import InvariantViolation, Rejected, Unauthorised

KEY = b"\x7f\x00\x01"
ENVIRONMENT = BlockEnvironment(CHAIN, 5, START_MS, 1)


class Do(Message, frozen=True, tag=0x7F01):
    """Does what the test asks: some events, some work, some failure."""

    events: Count = 0
    work_units: Count = 0
    name: Name = "none"

    def validate_basic(self) -> None:
        """Refuse the name ``basic``."""
        if self.name == "basic":
            raise FieldInvalid("name", "never right")


class Done(Event, frozen=True, tag=0x7F01):
    """An event with a commitment."""

    number: Count
    root: Hash


class Forbidden(Unauthorised):
    """The authority of the tests refuses."""

    codespace = "tests"
    code = 1
    name = "forbidden"


class Full(Rejected):
    """The handler of the tests refuses."""

    codespace = "tests"
    code = 2
    name = "full"


FAILURES: dict[str, Exception] = {
    "handler": Full(),
    "invariant": InvariantViolation("sums"),
    "bug": ZeroDivisionError(),
    "memory": MemoryError(),
    "store": StoreError("damaged"),
    "disk": OSError(5, "disk"),
    "recursion": RecursionError(),
}


def do(context: Context, message: Do) -> None:
    """Handle ``Do``."""
    context.state.put(KEY, b"written")
    context.charge(message.work_units)
    for number in range(message.events):
        context.emit(Done(number, bytes(32)))
    if message.name in FAILURES:
        raise FAILURES[message.name]


class Gate:
    """An authority that refuses the names ``authority`` and ``basic``."""

    def signer_key(self, state, key_id):
        """Return None."""
        del state, key_id

    def authorise(self, context: Context, message: Message) -> None:
        """Refuse by name."""
        del context
        if isinstance(message, Do) and message.name in {"authority", "basic"}:
            raise Forbidden


class Item:
    """A due item."""

    def __init__(self, handler_no: int, subject: bytes) -> None:
        self.handler_no = handler_no
        self.subject = subject
        self.charged_to = b""


class Queue:
    """A schedule in a list."""

    def __init__(self, *items: Item) -> None:
        self.items = list(items)
        self.parked: list[Item] = []
        self.charged: list[bytes] = []

    def next_due_at_ms(self, state):
        """Return 0 while there are items."""
        del state
        return 0 if self.items else None

    def due_work(self, state, time_ms):
        """Return itself: everything is due."""
        del state, time_ms
        return self

    def take(self):
        """Return the next item."""
        return self.items.pop(0) if self.items else None

    def position(self, state):
        """Return the journal's point."""
        return Position(state.mark(), None)

    def charge_added(self, state, since, party, time_ms):
        """Remember who was charged."""
        del time_ms
        assert state.mark() >= since.journal
        self.charged.append(party)
        return self.position(state)

    def inherit_added(self, since, item):
        """Remember on whose account due work ran."""
        del since
        self.charged.append(item.charged_to)

    def park(self, state, item):
        """Remember a parked item."""
        del state
        self.parked.append(item)


def perform(context: Context, subject: bytes) -> None:
    """Handle a due item: its subject names a failure, or what to write."""
    context.state.put(KEY + subject, b"written")
    context.emit(Done(context.call_index, bytes(32)))
    name = subject.decode()
    if name in FAILURES:
        raise FAILURES[name]


def punish(context: Context, shown: Misbehaviour) -> None:
    """Do what follows from a report: its key names a failure, or what to write."""
    perform(context, shown.public_key)


def contracts(queue: Queue | None = None) -> Contracts:
    registry = Registry()
    registry.add_message(Do, do)
    registry.add_events(Done)
    registry.add_scheduled(1, perform)
    registry.add_misbehaviour(punish)
    return Contracts(registry, Gate(), queue or Queue(), OpenQuotas())


encode = msgspec.msgpack.encode


def execute(*messages: bytes, work_max: int = 1_000):
    state = Overlay(TableView())
    transaction = decode_transaction(signed(body(*messages)))
    return state, contracts().execute(state, ENVIRONMENT, transaction, work_max)


def refusal_of(*messages: bytes, work_max: int = 1_000) -> CallRefused:
    with pytest.raises(CallRefused) as refused:
        execute(*messages, work_max=work_max)
    return refused.value


LONG_HEADER = b"\xdc\x00\x04" + encode(Do())[1:]
ROWS: list[tuple[bytes, type[Exception]]] = [
    (b"", UnknownMessageType),
    (b"\xc1", UnknownMessageType),
    (encode(["text"]), UnknownMessageType),
    (encode([0x7F02]), UnknownMessageType),
    (encode([0x7F02, "basic"]), UnknownMessageType),
    (b"\x91" * 50_000, UnknownMessageType),
    (encode({"type": 0x7F01}), UnknownMessageType),
    (b"\xdc\x00", UnknownMessageType),
    (encode([0x7F01, -1]), MessageMalformed),
    (encode([0x7F01, 0, 0, "Not A Name"]), MessageMalformed),
    (encode([0x7F01, 0, 0, "name\n"]), MessageMalformed),
    (encode([0x7F01, 0, 0, "none", 1]), MessageMalformed),
    (encode([0x7F01, 1.5]), MessageMalformed),
    (b"\x92\xcd\x7f\x01" + b"\x91" * 50_000, MessageMalformed),
    (b"\xdd\x00\x00\x00\x02\xcd\x7f\x01\xc1", MessageMalformed),
    (b"\x93\xcd\x7f\x01\x00", MessageMalformed),
    (b"\x94\xcd\x7f\x01\x00\x00\xa1\xff", MessageMalformed),
    (LONG_HEADER, NonCanonicalMessage),
    (encode([0x7F01]), NonCanonicalMessage),
    (encode(Do()) + b"\x00", MessageMalformed),
    (encode(Do(name="basic")), FieldInvalid),
    (encode(Do(name="authority")), Forbidden),
    (encode(Do(name="handler")), Full),
    (encode(Do(events=limits.EVENTS_PER_CALL_MAX + 1)), TooManyEvents),
    (encode(Do(work_units=1_000)), WorkExceeded),
]


@pytest.mark.parametrize(("message", "expected"), ROWS)
def test_refusals_come_in_their_order_of_precedence(message, expected):
    refused = refusal_of(message)
    assert type(refused.refusal) is expected
    assert refused.call_index == 0


def test_the_refused_call_is_named_and_its_work_counted():
    refused = refusal_of(encode(Do(work_units=5)), encode(Do(work_units=7, name="handler")))
    assert refused.call_index == 1
    assert refused.work == 1 + 5 + 1 + 7


def test_events_carry_their_call_and_work_adds_up():
    state, execution = execute(encode(Do(events=2, work_units=3)), encode(Do(events=1)))
    assert [record.call_index for record in execution.events] == [0, 0, 1]
    assert bytes(execution.events[1].event) == encode(Done(1, bytes(32)))
    assert execution.work == 1 + 3 + 1
    assert state.get(KEY) == b"written"


def test_exactly_the_ceiling_of_events_is_allowed():
    _, execution = execute(encode(Do(events=limits.EVENTS_PER_CALL_MAX)))
    assert len(execution.events) == limits.EVENTS_PER_CALL_MAX


def test_each_call_has_the_ceilings_of_events_to_itself(monkeypatch):
    monkeypatch.setattr(limits, "EVENT_BYTES_PER_CALL_MAX", 5 * len(encode(Done(0, bytes(32)))))
    calls = (encode(Do(events=5)), encode(Do(events=4)))
    assert len(execute(*calls)[1].events) == 9
    refused = refusal_of(*calls, encode(Do(events=6)))
    assert (refused.call_index, type(refused.refusal)) == (2, TooManyEvents)


def test_event_bytes_have_a_ceiling_of_their_own(monkeypatch):
    size = len(encode(Done(0, bytes(32))))
    monkeypatch.setattr(limits, "EVENT_BYTES_PER_CALL_MAX", 2 * size)
    assert len(execute(encode(Do(events=2)))[1].events) == 2
    assert type(refusal_of(encode(Do(events=3))).refusal) is TooManyEvents


def test_work_may_be_used_up_to_the_last_unit_and_is_charged_before_the_handler():
    assert execute(encode(Do(work_units=9)), work_max=10)[1].work == 10
    assert refusal_of(encode(Do(work_units=10)), work_max=10).work == 10
    assert type(refusal_of(encode(Do()), work_max=0).refusal) is WorkExceeded


@pytest.mark.parametrize("name", ["invariant", "bug"])
def test_our_own_bugs_travel_to_the_machine_as_they_are(name):
    assert refusal_of(encode(Do(name=name))).refusal is FAILURES[name]


@pytest.mark.parametrize("name", ["memory", "store", "disk", "recursion"])
def test_failures_of_the_machine_are_never_a_refusal(name):
    with pytest.raises(type(FAILURES[name])):
        execute(encode(Do(name=name)))


def run(*subjects: str, work_max: int = 100, handler_no: int = 1):
    queue = Queue(*(Item(handler_no, subject.encode()) for subject in subjects))
    state = Overlay(TableView())
    execution, alarms = contracts(queue).run_schedule(state, ENVIRONMENT, work_max)
    return queue, state, execution, alarms


def written(state: Overlay) -> list[str]:
    return [key[3:].decode() for key, _ in state.scan(KEY, b"\x7f\x00\x02")]


def test_due_items_run_in_order_and_count_their_calls():
    queue, state, execution, alarms = run("a", "b")
    assert (queue.items, queue.parked, list(alarms)) == ([], [], [])
    assert written(state) == ["a", "b"]
    assert [record.call_index for record in execution.events] == [0, 1]
    assert execution.work == 2


@pytest.mark.parametrize("name", ["handler", "invariant", "bug"])
def test_an_item_that_fails_is_rolled_back_alone_parked_and_alarmed(name):
    queue, state, execution, alarms = run("a", name, "b")
    assert written(state) == ["a", "b"]
    assert [item.subject.decode() for item in queue.parked] == [name]
    assert len(alarms) == 1
    assert type(FAILURES[name]).__name__ in alarms[0]
    assert [record.call_index for record in execution.events] == [0, 2]


def test_an_item_without_a_handler_is_parked():
    queue, _, _, alarms = run("a", handler_no=9)
    assert len(queue.parked) == len(alarms) == 1


@pytest.mark.parametrize("name", ["memory", "store", "disk", "recursion"])
def test_failures_of_the_machine_stop_the_schedule(name):
    with pytest.raises(type(FAILURES[name])):
        run("a", name)


def shown(name: str) -> Misbehaviour:
    return Misbehaviour(name.encode(), MisbehaviourKind.DOUBLE_VOTE, 1)


def test_what_the_engine_shows_is_done_in_its_order_and_counted_before_due_items():
    state = Overlay(TableView())
    rules = contracts(Queue(Item(1, b"due")))
    execution, alarms = rules.report(state, ENVIRONMENT, [shown("b"), shown("a")])
    assert (written(state), execution.work, list(alarms)) == (["a", "b"], 2, [])
    later, _ = rules.run_schedule(state, ENVIRONMENT, 9, 2)
    events = (*execution.events, *later.events)
    assert [record.call_index for record in events] == [0, 1, 2]


@pytest.mark.parametrize("name", ["handler", "invariant", "bug"])
def test_a_report_that_fails_is_rolled_back_alone_and_alarmed(name):
    state = Overlay(TableView())
    execution, alarms = contracts().report(
        state, ENVIRONMENT, [shown("a"), shown(name), shown("b")]
    )
    assert written(state) == ["a", "b"]
    assert len(alarms) == 1
    assert type(FAILURES[name]).__name__ in alarms[0]
    assert [record.call_index for record in execution.events] == [0, 2]


@pytest.mark.parametrize("name", ["memory", "store", "disk", "recursion"])
def test_failures_of_the_machine_stop_a_report(name):
    with pytest.raises(type(FAILURES[name])):
        contracts().report(Overlay(TableView()), ENVIRONMENT, [shown(name)])


def test_a_chain_whose_rules_know_no_validators_does_nothing_with_a_report():
    registry = Registry()
    registry.add_message(Do, do)
    rules = Contracts(registry, Gate(), Queue(), OpenQuotas())
    assert rules.report(Overlay(TableView()), ENVIRONMENT, [shown("a")]) == (Execution((), 0), [])


def test_a_backlog_is_cut_at_the_work_and_goes_on_in_the_next_block():
    queue, state, execution, _ = run("a", "b", "c", work_max=2)
    assert written(state) == ["a", "b"]
    assert [item.subject for item in queue.items] == [b"c"]
    assert execution.work == 2


def test_no_nesting_of_a_real_message_reaches_the_stack():
    real = build_contracts()
    deep = b"\x91" * 100_000
    root = encode(bytes(32))
    number = encode(CountersignDocument.__struct_config__.tag)
    for raw in (deep, b"\x92" + number + deep, b"\x93" + number + root + deep):
        with pytest.raises((UnknownMessageType, MessageMalformed)):
            real.decode(raw)


def test_what_a_handler_adds_to_the_schedule_is_charged_to_whom_it_is_called_for():
    queue = Queue(Item(1, b"fine"))
    queue.items[0].charged_to = b"c" * 20
    state = Overlay(TableView())
    rules = contracts(queue)
    rules.execute(
        state, ENVIRONMENT, decode_transaction(signed(body(encode(Do()), encode(Do())))), 9
    )
    rules.run_schedule(state, ENVIRONMENT, 9)
    assert queue.charged == [PAYER, PAYER, b"c" * 20]


def test_a_share_of_a_block_is_kept_for_transactions_of_such_messages_alone():
    rules = build_contracts()
    entry, transfer = (encode([type_no(kind)]) for kind in (BookEntry, Transfer))
    for messages, expected in (
        ((entry,), True),
        ((entry, entry), True),
        ((entry, transfer), False),
        ((b"\xc1",), False),
    ):
        transaction = decode_transaction(signed(body(*messages)))
        assert rules.is_kept_for(transaction) is expected
