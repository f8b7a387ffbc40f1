"""What the ledger should be, kept by other means: plain dictionaries, no keeper, no overlay.

The simulator tells the model what was sent and what came of it; the model says whether that could
be right, does it in its own way, and is then compared with the whole state.

Rules this file keeps:
 1. Nothing of the ledger's own bookkeeping is used: only names of messages, events and records,
    and the published rules of how ids are derived.
 2. Every effect of a known message follows from the message; only what the schedule did is taken
    from events, and each is checked against what was promised.
 3. A message that the model does not know may move deposit only as its events say.
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
from xinlian.primitives.time import MS_PER_DAY, china_midnight_ms

WHOLE, GARBLED, BAD_SIGNATURE = "whole", "garbled", "bad signature"
_LEDGER: Final = "ledger"
Posting = tuple[bytes, bytes, int]
"""(receiving account, giving account, amount)."""


class Disagreement(Exception):  # noqa: N818 - names what was found
    """The ledger did what the model says it may not, or not what it must."""


@dataclasses.dataclass(frozen=True, slots=True)
class Sent:
    """A transaction as its sender knows it."""

    raw: bytes
    transaction_id: bytes
    chain_id: str
    payer: bytes
    idempotency_key: bytes
    valid_until_ms: int
    signers: tuple[bytes, ...]
    calls: tuple[tuple[bytes, Message], ...]
    condition: str = WHOLE


@dataclasses.dataclass(slots=True)
class Certificate:
    """A promise, as the parties remember it."""

    obligor: bytes
    first_holder: bytes
    invoice: bytes
    face_minor: int
    due_day: int
    proposer: bytes
    state: str = "draft"
    account: bytes = b""
    cap_minor: int = 0
    until_ms: int = 0
    drawn_minor: int = 0
    is_overdue: bool = False


@dataclasses.dataclass(slots=True)
class Leaf:
    """A share of a promise, as its holder remembers it."""

    certificate: bytes
    holder: bytes
    amount_minor: int
    discharged_minor: int = 0
    is_spent: bool = False
    is_assigned: bool = False


@dataclasses.dataclass(slots=True)
class Pending:
    """What a giver has set aside for a receiver."""

    from_account: bytes
    to_account: bytes
    settler: bytes
    left_minor: int
    expires_at_ms: int


@dataclasses.dataclass(slots=True)
class Order:
    """A payment that a bank was asked to make."""

    leaf: bytes
    account: bytes
    amount_minor: int
    is_open: bool = True


@dataclasses.dataclass(frozen=True, slots=True)
class Beginning:
    """What the genesis file says: the model starts from it."""

    chain_id: str
    time_ms: int
    deposit: bytes
    issue_account: bytes
    bank: bytes
    balances_minor: dict[bytes, int]
    owners: dict[bytes, bytes]
    mirrors: dict[bytes, bytes]
    """Commitment to an account number → the account that mirrors it, empty where none does."""
    keys: dict[bytes, bytes]
    """Key id → party."""


class Model:
    """The state of one consortium, written differently."""

    def __init__(
        self,
        beginning: Beginning,
        message_rules: "Mapping[type[Message], MessageRule]",
        event_rules: "Mapping[type[Event], EventRule]",
    ) -> None:
        self.beginning = beginning
        self._message_rules = message_rules
        self._event_rules = event_rules
        self.time_ms = beginning.time_ms
        self.height = 0
        self.consumed: dict[tuple[bytes, bytes], tuple[Sent, int, int, int]] = {}
        self.outcomes: dict[bytes, tuple[int, int, str, int]] = {}
        self.keys = dict(beginning.keys)
        self.ever_keys = set(beginning.keys)
        self.parties = set(beginning.keys.values())
        self.suspended: set[bytes] = set()
        self.balances_minor = defaultdict(int, beginning.balances_minor)
        self.entries: set[bytes] = set()
        self.documents: dict[bytes, set[bytes]] = {}
        self.verdicts: dict[tuple[bytes, bytes], evidence.SubmitVerdict] = {}
        self.invoices: dict[bytes, tuple[bytes, bytes, int]] = {}
        self.certificates: dict[bytes, Certificate] = {}
        self.leaves: dict[bytes, Leaf] = {}
        self.offers: dict[bytes, trade.OfferTransfer] = {}
        self.locks: dict[bytes, tuple[bytes, int]] = {}
        self.pendings: dict[bytes, Pending] = {}
        self.orders: dict[bytes, Order] = {}
        self.promised: set[bytes] = set()
        """Obligations that an event has named."""
        self.interest: dict[bytes, tuple[bytes, int]] = {}
        self._sent = _NOBODY
        self._call = 0
        self.actor = b""

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

    def require(self, holds: object, rule: str) -> None:
        """Raise Disagreement with the rule unless it holds."""
        if not holds:
            raise Disagreement(rule)

    def live_leaves(self, certificate: bytes) -> Iterator[tuple[bytes, Leaf]]:
        """Yield the unspent leaves of a certificate."""
        for leaf_id, leaf in self.leaves.items():
            if leaf.certificate == certificate and not leaf.is_spent:
                yield leaf_id, leaf

    def pended_minor(self, account: bytes) -> int:
        """Return what an account has set aside for transfers that are pending."""
        return sum(
            pending.left_minor
            for pending in self.pendings.values()
            if pending.from_account == account
        )

    def outstanding_minor(self, certificate: bytes) -> int:
        """Return what is still owed on a certificate."""
        return sum(
            leaf.amount_minor - leaf.discharged_minor for _, leaf in self.live_leaves(certificate)
        )

    def _expected_refusal(self, sent: Sent) -> int:
        """Return the code of the envelope's first fault, 0 without one."""
        entry = self.consumed.get((sent.payer, sent.idempotency_key))
        is_again = entry is not None and entry[0].transaction_id == sent.transaction_id
        faults = (
            (sent.chain_id != self.beginning.chain_id, 6),
            (self.time_ms > sent.valid_until_ms, 7),
            (sent.valid_until_ms > self.time_ms + MS_PER_DAY, 8),
            (any(key not in self.keys for key in sent.signers), 9),
            (all(self.keys.get(key) != sent.payer for key in sent.signers), 10),
            (is_again, 12),
            (entry is not None, 13),
            (sent.condition == BAD_SIGNATURE, 11),
        )
        return next((code for is_fault, code in faults if is_fault), 0)

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
        code = self._expected_refusal(sent)
        if code:
            found = (result.codespace, result.code, result.consumed)
            self.require(found == (_LEDGER, code, False), f"envelope fault {code}, not {found}")
            self.require(not events, "a refused envelope does nothing")
            return
        self.require(result.consumed, f"a verified envelope consumes its key: {result}")
        self.require(result.codespace != "internal", f"no message is our fault: {result}")
        self.consumed[sent.payer, sent.idempotency_key] = (sent, self.height, index, result.code)
        self.outcomes[sent.transaction_id] = (self.height, index, result.codespace, result.code)
        if not result.succeeded:
            self.require(not events, "a refused transaction does nothing")
            return
        self._succeed(sent, events)

    def _succeed(self, sent: Sent, events: Sequence[Event]) -> None:
        self._sent = sent
        expected: list[Posting] = []
        is_known = True
        for self._call, (party, message) in enumerate(sent.calls):
            self.actor = party
            self.require(
                party not in self.suspended or not message.creates_obligation,
                f"a suspended party takes on nothing: {type(message).__name__}",
            )
            rule = self._message_rules.get(type(message))
            is_known = is_known and rule is not None
            if rule is not None:
                expected += rule(self, party, message)
        posted = [posting for posting, _ in self._deposit_postings(events)]
        if is_known:
            self.require(posted == expected, "deposit moves as the messages say")
        for posting in posted:
            self._post(posting)
        self._follow_events(events)

    def _follow_schedule(self, events: Sequence[Event]) -> None:
        """Take in what the ledger did by itself, if it was entitled to."""
        self._follow_events(events)
        for (receiving, giving, amount_minor), purpose in self._deposit_postings(events):
            leaf = self.leaves.get(purpose)
            owed = self.interest.get(purpose)
            certificate_id = leaf.certificate if leaf else owed[0] if owed else b""
            certificate = self.certificates.get(certificate_id)
            if certificate is None:
                self.require(purpose in self.promised, "the schedule pays what was promised")
                self._post((receiving, giving, amount_minor))
                continue
            self.require(giving == certificate.account, "the schedule pays from the named account")
            self.require(
                self.time_ms >= china_midnight_ms(certificate.due_day),
                "the schedule pays nothing before the due day",
            )
            self.require(self.time_ms <= certificate.until_ms, "an authority ends")
            certificate.drawn_minor += amount_minor
            self.require(certificate.drawn_minor <= certificate.cap_minor, "an authority is capped")
            self._post((receiving, giving, amount_minor))

    def _deposit_postings(self, events: Sequence[Event]) -> list[tuple[Posting, bytes]]:
        return [
            ((event.debit_account, event.credit_account, event.amount_minor), event.purpose)
            for event in events
            if isinstance(event, TransferPosted) and event.asset == self.beginning.deposit
        ]

    def _post(self, posting: Posting) -> None:
        receiving, giving, amount_minor = posting
        self.require(amount_minor > 0, "a posting moves something")
        self.balances_minor[giving] -= amount_minor
        self.balances_minor[receiving] += amount_minor
        self.require(
            self.balances_minor[giving] >= 0 or giving == self.beginning.issue_account,
            "nobody gives what it does not have",
        )

    def _follow_events(self, events: Sequence[Event]) -> None:
        for event in events:
            self.promised.add(getattr(event, "obligation", b""))
            rule = self._event_rules.get(type(event))
            if rule is not None:
                rule(self, event)

    def new_id(self, kind: str, ordinal: int = 0) -> bytes:
        """Return the id that the present call gives to a new object."""
        sent = self._sent
        # A key alone may come again, a day after its end; with its end it cannot.
        key = sent.idempotency_key + sent.valid_until_ms.to_bytes(8, "big")
        return object_id(kind, sent.payer, key, self._call, ordinal)

    def signatures_of(self, party: bytes) -> int:
        """Return how many keys of a party signed what is being followed."""
        return sum(self.keys.get(key) == party for key in self._sent.signers)


MessageRule = Callable[[Model, bytes, Any], list[Posting]]
"""(model, acting party, message) → what deposit must move; raises Disagreement."""
EventRule = Callable[[Model, Any], None]
_NOBODY: Final = Sent(b"", b"", "", b"", b"", 0, (), ())
