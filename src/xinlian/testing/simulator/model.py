"""What the ledger should be, kept by other means: plain dictionaries, no keeper, no overlay.

The simulator tells the model what was sent and what came of it; the model says whether that could
be right, does it in its own way, and is then compared with the whole state.

Rules this file keeps:
 1. Nothing of the ledger's own bookkeeping is used: only names of messages, events and records,
    and the published rules of how ids are derived.
 2. Every effect of a known message follows from the message; only what the schedule did is taken
    from events, and each is checked against what was promised.
 3. What must follow is expected, and must have happened when the transaction, or the due work of
    the block, is over; what is overdue must happen within a few blocks.
 4. A message that the model does not know may move deposit only as its events say.
"""

import dataclasses
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final

from xinlian.apps.supply_chain import messages as trade
from xinlian.contracts.context import object_id
from xinlian.contracts.message import Event, Message
from xinlian.ledger.block import TransactionResult
from xinlian.modules.accounts.events import TransferPosted
from xinlian.modules.evidence import messages as evidence
from xinlian.primitives.time import (
    MS_PER_DAY,
    MS_PER_MINUTE,
    china_day,
    china_midnight_ms,
    iso_of_day,
    weekday_of_day,
)
from xinlian.testing.simulator.records import (
    BAD_SIGNATURE,
    GARBLED,
    NOTHING_SENT,
    Beginning,
    Certificate,
    Leaf,
    Order,
    Pending,
    Posting,
    Promise,
    Proposal,
    Sent,
)

_LEDGER: Final = "ledger"
_QUOTAS: Final = "quotas"
_BYTES_ROW: Final = "quotas.bytes_per_window"
SATURDAY: Final = 5
PATIENCE_BLOCKS: Final = 4
"""Within so many blocks what is overdue must have happened."""


class Disagreement(Exception):  # noqa: N818 - names what was found
    """The ledger did what the model says it may not, or not what it must."""


class Model:
    """The state of one consortium, written differently."""

    def __init__(self, beginning: Beginning, rules: "Rules") -> None:
        self.beginning = beginning
        self._rules = rules
        self._overdue_blocks: dict[tuple[str, bytes], int] = {}
        self.time_ms = beginning.time_ms
        self.height = 0
        self.consumed: dict[tuple[bytes, bytes], tuple[Sent, int, int, int]] = {}
        self.used_bytes: dict[tuple[bytes, int], int] = {}
        """(payer, window) → bytes of what was placed in blocks."""
        self.outcomes: dict[bytes, tuple[int, int, str, int]] = {}
        self._begin_directory()
        self._begin_money()
        self._begin_trade()
        self.policy = {name: [(0, value, "issue")] for name, value in beginning.policy.items()}
        """Row → (from when on, value, by which date of an object), as they were decided."""
        self.calendar: dict[int, dict[int, bool]] = {}
        self.proposals: dict[bytes, Proposal] = {}
        self.planned_upgrade: tuple[int, int] | None = None
        self.promises: dict[bytes, Promise] = {}
        self.coming: list[Promise] = []
        """Promises that must open next, in this order."""
        self.expected: list[tuple[object, ...]] = []
        """What must be told by the events that follow."""
        self.is_scheduled = False
        """Whether what is followed was done by the schedule."""
        self._sent = NOTHING_SENT
        self._call = 0
        self.actor = b""

    def _begin_directory(self) -> None:
        beginning = self.beginning
        self.keys = dict(beginning.keys)
        self.registered_ms = dict.fromkeys(beginning.keys, beginning.time_ms)
        self.ever_keys = set(beginning.keys)
        self.parties = set(beginning.keys.values())
        self.suspended: set[bytes] = set()
        self.members = dict.fromkeys(beginning.members, beginning.time_ms)
        self.heads: dict[bytes, bytes] = {}
        """A member that gave its vote away → who has it."""
        self.sponsors = dict(beginning.sponsors)
        self.asked_sponsor: dict[bytes, bytes] = {}
        self.mandates = dict(beginning.mandates)
        self.moved_minor: dict[tuple[bytes, int, int, tuple[bytes, ...], int], int] = {}
        """(party, message type, day, keys, threshold) → what they moved under daily caps."""
        self.held: dict[bytes, tuple[int, int]] = {}
        """A party → (since when registered keys are held, until when)."""
        self.frozen: dict[bytes, bytes] = {}

    def _begin_money(self) -> None:
        self.balances_minor = defaultdict(int, self.beginning.balances_minor)
        self.entries: set[bytes] = set()
        self.pendings: dict[bytes, Pending] = {}
        self.bounds: dict[bytes, tuple[int, int]] = {}
        self.transfers: dict[bytes, Posting] = {}
        """What owners chose to move, by the name under which banks book it."""
        self.unbooked_minor: defaultdict[tuple[bytes, bool], int] = defaultdict(int)
        """(account, is it a credit) → what banks have yet to book of that."""
        self.movements: list[tuple[bytes, int, int]] = []
        """(account, day in the bank's books, change)."""
        self.booked_day: int | None = None
        """The day of a bank's entry that is being followed."""
        self.statements: dict[bytes, int] = {}
        self.disputed_balances: dict[bytes, tuple[int, int]] = {}
        """Account → (day, closing balance) that the ledger does not have."""
        self.closed_periods: dict[bytes, int] = {}

    def _begin_trade(self) -> None:
        self.documents: dict[bytes, set[bytes]] = {}
        self.document_ms: dict[bytes, int] = {}
        self.schemas: dict[bytes, str] = {}
        self.sides: dict[bytes, tuple[bytes, bytes]] = {}
        """Subject → (creditor, debtor)."""
        self.facts: dict[bytes, dict[bytes, tuple[str, str]]] = defaultdict(dict)
        self.verdicts: dict[tuple[bytes, bytes], evidence.SubmitVerdict] = {}
        self.invoices: dict[bytes, tuple[bytes, bytes, int]] = {}
        self.certificates: dict[bytes, Certificate] = {}
        self.leaves: dict[bytes, Leaf] = {}
        self.offers: dict[bytes, trade.OfferTransfer] = {}
        self.locks: dict[bytes, tuple[bytes, int]] = {}
        self.orders: dict[bytes, Order] = {}
        self.interest: dict[bytes, tuple[bytes, int]] = {}

    def apply(
        self,
        height: int,
        time_ms: int,
        sent: Sequence[Sent],
        results: Sequence[TransactionResult],
        groups: Sequence[Sequence[Event]],
    ) -> None:
        """Follow one committed block; raises Disagreement.

        Args:
            height: of the block.
            time_ms: its consensus time.
            sent: its transactions, in order.
            results: what the ledger says came of them.
            groups: events of the schedule, then of each transaction.
        """
        self.require(height == self.height + 1, "heights follow one another")
        self.require(time_ms > self.time_ms, "time is strictly increasing")
        self.height, self.time_ms = height, time_ms
        self.consumed = {
            key: entry
            for key, entry in self.consumed.items()
            if entry[0].valid_until_ms + MS_PER_DAY >= time_ms
        }
        self.require(len(groups) == len(sent) + 1, "every transaction has events")
        self._follow_schedule(groups[0])
        for index, (one, result, events) in enumerate(zip(sent, results, groups[1:], strict=True)):
            self._follow_transaction(index, one, result, events)
        self._check_duties()

    def require(self, holds: object, rule: str) -> None:
        """Raise Disagreement with the rule unless it holds."""
        if not holds:
            raise Disagreement(rule)

    def expect(self, *told: object) -> None:
        """Note what the events that follow must tell."""
        self.expected.append(told)

    def met(self, *told: object) -> bool:
        """Return whether something was expected; it is not any more."""
        if told not in self.expected:
            return False
        self.expected.remove(told)
        return True

    def live_leaves(self, certificate: bytes) -> Iterator[tuple[bytes, Leaf]]:
        """Yield the unspent leaves of a certificate."""
        for leaf_id, leaf in self.leaves.items():
            if leaf.certificate == certificate and not leaf.is_spent:
                yield leaf_id, leaf

    def reserved_minor(self, account: bytes) -> int:
        """Return what of an account's money is set aside."""
        pended = (p.left_minor for p in self.pendings.values() if p.from_account == account)
        ordered = (
            o.amount_minor for o in self.orders.values() if o.is_open and o.account == account
        )
        promised = (p.reserved_minor for p in self.promises.values() if p.account == account)
        return sum(pended) + sum(ordered) + sum(promised)

    def free_minor(self, account: bytes) -> int:
        """Return what an account can give: nothing of it is set aside for somebody."""
        return self.balances_minor[account] - self.reserved_minor(account)

    def outstanding_minor(self, certificate: bytes) -> int:
        """Return what is still owed on a certificate."""
        return sum(
            leaf.amount_minor - leaf.discharged_minor for _, leaf in self.live_leaves(certificate)
        )

    def balance_at_end_of(self, account: bytes, day: int) -> int:
        """Return what an account held when a day of its bank's books ended."""
        moved = (delta for of, on, delta in self.movements if of == account and on <= day)
        return self.beginning.balances_minor.get(account, 0) + sum(moved)

    def policy_value(
        self,
        row: str,
        default: int = 0,
        of: Promise | Certificate | None = None,
    ) -> int:
        """Return the value of a policy row now, for what has dates of its own by those."""
        issued_ms = 0 if of is None else of.issued_ms
        agreed_ms = 0 if of is None else of.agreed_ms
        dates = {"event": self.time_ms, "issue": issued_ms or self.time_ms}
        dates["contract"] = agreed_ms or dates["issue"]
        for since, value, by in self.policy.get(row, ()):
            default = value if since <= dates[by] else default
        return default

    def banking_day(self, day: int, later: int = 0) -> int:
        """Return the first banking day from a day on, or one that comes so many after it."""
        while not self.is_banking_day(day):
            day += 1
        return day if not later else self.banking_day(day + 1, later - 1)

    def next_day_before_cutoff(self, of: Promise) -> int:
        """Return today, or tomorrow when today's cut-off has passed."""
        today = china_day(self.time_ms)
        cutoff_ms = self.policy_value("banking.cutoff_minute", of=of) * MS_PER_MINUTE
        return today + (self.time_ms >= china_midnight_ms(today) + cutoff_ms)

    def is_banking_day(self, day: int) -> bool:
        """Return whether banks work on a day, as it is published."""
        published = self.calendar.get(int(iso_of_day(day)[:4]), {})
        return published.get(day, weekday_of_day(day) < SATURDAY)

    def _expected_refusal(self, sent: Sent) -> tuple[str, int]:
        """Return the (codespace, code) of the envelope's first fault, code 0 without one."""
        entry = self.consumed.get((sent.payer, sent.idempotency_key))
        is_again = entry is not None and entry[0].transaction_id == sent.transaction_id
        markers = sum(payer == sent.payer for payer, _ in self.consumed)
        used_bytes = self.used_bytes.get((sent.payer, self._window()), 0)
        faults = (
            (sent.chain_id != self.beginning.chain_id, _LEDGER, 6),
            (self.time_ms > sent.valid_until_ms, _LEDGER, 7),
            (sent.valid_until_ms > self.time_ms + MS_PER_DAY, _LEDGER, 8),
            (any(key not in self.keys for key in sent.signers), _LEDGER, 9),
            (all(self.keys.get(key) != sent.payer for key in sent.signers), _LEDGER, 10),
            (is_again, _LEDGER, 12),
            (entry is not None, _LEDGER, 13),
            (markers >= self.policy_value("quotas.markers_max"), _QUOTAS, 1),
            (used_bytes + len(sent.raw) > self.policy_value(_BYTES_ROW), _QUOTAS, 2),
            (sent.condition == BAD_SIGNATURE, _LEDGER, 11),
        )
        return next(((space, code) for is_fault, space, code in faults if is_fault), ("", 0))

    def _window(self) -> int:
        return self.time_ms // (self.policy_value("quotas.window_seconds") * 1_000)

    def _follow_transaction(
        self,
        index: int,
        sent: Sent,
        result: TransactionResult,
        events: Sequence[Event],
    ) -> None:
        if sent.condition == GARBLED:
            self.require(not result.consumed and result.code, "garbled bytes consume nothing")
            self.require(not events, "garbled bytes do nothing")
            return
        space, code = self._expected_refusal(sent)
        if code:
            found = (result.codespace, result.code, result.consumed)
            self.require(found == (space, code, False), f"{space} fault {code}, not {found}")
            self.require(not events, "a refused envelope does nothing")
            return
        self.require(result.consumed, f"a verified envelope consumes its key: {result}")
        self.require(result.codespace != "internal", f"no message is our fault: {result}")
        used = (sent.payer, self._window())
        self.used_bytes[used] = self.used_bytes.get(used, 0) + len(sent.raw)
        self.consumed[sent.payer, sent.idempotency_key] = (sent, self.height, index, result.code)
        self.outcomes[sent.transaction_id] = (self.height, index, result.codespace, result.code)
        if not result.succeeded:
            self.require(not events, "a refused transaction does nothing")
            self._check_refusal(sent, result)
            return
        self._succeed(sent, events)

    def _check_refusal(self, sent: Sent, result: TransactionResult) -> None:
        """Require that nothing was refused of which the model knows that it stands."""
        (party, message), *others = sent.calls
        must_stand = self._rules.must_stand.get(type(message))
        if others or must_stand is None:
            return
        self._sent, self.actor = sent, party
        try:
            stands = must_stand(self, party, message)
        except Disagreement:
            return
        name = type(message).__name__
        self.require(not stands, f"{name} refused: {result.codespace} {result.code}")

    def _succeed(self, sent: Sent, events: Sequence[Event]) -> None:
        self._sent = sent
        expected: list[Posting] = []
        is_known = True
        for self._call, (party, message) in enumerate(sent.calls):
            self.actor = party
            self.booked_day = None
            for check in self._rules.always:
                check(self, party, message)
            rule = self._rules.messages.get(type(message))
            is_known = is_known and rule is not None
            if rule is not None:
                for posting in rule(self, party, message):
                    expected.append(posting)
                    self._post(posting)
        posted = [posting for posting, _ in self._deposit_postings(events)]
        if is_known:
            self.require(posted == expected, "deposit moves as the messages say")
        else:
            for posting in posted:
                self._post(posting)
        self._follow_events(events)
        self._nothing_is_missing()

    def _follow_schedule(self, events: Sequence[Event]) -> None:
        """Take in what the ledger did by itself, if it was entitled to."""
        self.is_scheduled, self.booked_day, self._sent = True, None, NOTHING_SENT
        for event in events:
            self._follow_events((event,))
            for posting, purpose in self._deposit_postings((event,)):
                entitled = self.promises.get(purpose)
                if entitled is None:
                    self._draw_for_certificate(posting, purpose)
                else:
                    self._rules.on_promise_paid(self, purpose, posting)
                self._post(posting)
        self.is_scheduled = False
        self._nothing_is_missing()

    def _nothing_is_missing(self) -> None:
        self.require(not self.expected, f"what follows has happened: {self.expected}")
        self.require(not self.coming, f"what follows is owed: {self.coming}")

    def _draw_for_certificate(self, posting: Posting, purpose: bytes) -> None:
        _, giving, amount_minor = posting
        leaf = self.leaves.get(purpose)
        owed = self.interest.get(purpose)
        certificate_id = leaf.certificate if leaf else owed[0] if owed else b""
        certificate = self.certificates.get(certificate_id)
        if certificate is None:
            self.require(certificate, "the schedule pays what was promised")
            return
        self.require(giving == certificate.account, "the schedule pays from the named account")
        self.require(
            self.time_ms >= china_midnight_ms(certificate.due_day),
            "the schedule pays nothing before the due day",
        )
        self.require(self.time_ms <= certificate.until_ms, "an authority ends")
        certificate.drawn_minor += amount_minor
        self.require(certificate.drawn_minor <= certificate.cap_minor, "an authority is capped")

    def _deposit_postings(self, events: Sequence[Event]) -> list[tuple[Posting, bytes]]:
        return [
            ((event.debit_account, event.credit_account, event.amount_minor), event.purpose)
            for event in events
            if isinstance(event, TransferPosted) and event.asset == self.beginning.deposit
        ]

    def _post(self, posting: Posting) -> None:
        receiving, giving, amount_minor = posting
        self.require(amount_minor > 0, "a posting moves something")
        day = china_day(self.time_ms) if self.booked_day is None else self.booked_day
        self.balances_minor[giving] -= amount_minor
        self.balances_minor[receiving] += amount_minor
        self.movements += [(giving, day, -amount_minor), (receiving, day, amount_minor)]
        self.require(
            self.balances_minor[giving] >= 0 or giving == self.beginning.issue_account,
            "nobody gives what it does not have",
        )

    def _follow_events(self, events: Sequence[Event]) -> None:
        for event in events:
            rule = self._rules.events.get(type(event))
            if rule is not None:
                rule(self, event)

    def _check_duties(self) -> None:
        """Require that nothing stays overdue; raises Disagreement."""
        before, self._overdue_blocks = self._overdue_blocks, {}
        for duty in self._rules.duties:
            for key in duty(self):
                blocks = before.get(key, 0) + 1
                self.require(blocks <= PATIENCE_BLOCKS, f"{key[0]}: {key[1].hex()}")
                self._overdue_blocks[key] = blocks

    def new_id(self, kind: str, ordinal: int = 0) -> bytes:
        """Return the id that the present call gives to a new object."""
        sent = self._sent
        # A key alone may come again, a day after its end; with its end it cannot.
        key = sent.idempotency_key + sent.valid_until_ms.to_bytes(8, "big")
        return object_id(kind, sent.payer, key, self._call, ordinal)

    def signers_of(self, party: bytes) -> list[bytes]:
        """Return the keys of a party that signed what is being followed."""
        return [key for key in self._sent.signers if self.keys.get(key) == party]


MessageRule = Callable[[Model, bytes, Any], list[Posting]]
"""(model, acting party, message) → what deposit must move; raises Disagreement."""
EventRule = Callable[[Model, Any], None]
Duty = Callable[[Model], Iterator[tuple[str, bytes]]]
"""model → (rule, id) of what is overdue and must happen soon."""


@dataclasses.dataclass(frozen=True, slots=True)
class Rules:
    """Everything that the model knows of the modules."""

    always: Sequence[Callable[[Model, bytes, Any], None]]
    """What holds of every message that was accepted."""
    messages: Mapping[type[Message], MessageRule]
    events: Mapping[type[Event], EventRule]
    on_promise_paid: Callable[[Model, bytes, Posting], None]
    """(model, obligation, posting): the schedule is about to pay."""
    must_stand: Mapping[type[Message], Callable[[Model, bytes, Any], bool]]
    """Whether a message must be accepted; raises Disagreement with why it need not."""
    duties: Sequence[Duty]
