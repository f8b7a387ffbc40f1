"""The full life of receivable certificates: registered, issued, accepted, split, financed, settled.

Rules this file keeps:
 1. Every step is signed by whom the ledger asks: two keys for the promise, one key otherwise.
 2. A party's messages of one step travel in one transaction, as a client would send them; lives go
    on each at its own pace, with the next step when the one before is durable.
 3. Settlement is real: the bank's leaf is paid by the schedule at maturity, the second supplier's
    by the settlement bank's entry that executes the payment order.
"""

import dataclasses
import hashlib
import time
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from pathlib import Path
from queue import SimpleQueue
from typing import Final

from bench.figures import Row, rate_row
from bench.profiles import profile_blocks
from bench.transfers import WorkloadBroken
from xinlian.apps.supply_chain.messages import (
    AcceptCertificate,
    AcceptTransfer,
    Disburse,
    IssueCertificate,
    OfferTransfer,
    ProposeCertificate,
    RegisterInvoice,
    RequestFinance,
)
from xinlian.apps.supply_chain.types import CERTIFICATES, ORDERS, Life
from xinlian.client import SignedTransaction
from xinlian.contracts.message import Message
from xinlian.ledger.errors import Overloaded
from xinlian.ledger.header import decode_block
from xinlian.ledger.node import Committed
from xinlian.ledger.transaction import decode_transaction
from xinlian.modules.accounts.messages import BookEntry
from xinlian.modules.accounts.types import bank_entry_identity
from xinlian.modules.documents.messages import CountersignDocument, RegisterDocument
from xinlian.modules.evidence.messages import RecordFact, SubmitVerdict
from xinlian.primitives.time import (
    MS_PER_DAY,
    MS_PER_HOUR,
    china_day,
    china_midnight_ms,
    weekday_of_day,
)
from xinlian.storage import LmdbStore
from xinlian.testing import Consortium

FACE_MINOR: Final = 1_000_00
PREPAID_MINOR: Final = 130_00
SPLIT_MINOR: Final = 226_00
ADVANCE_MINOR: Final = 774_00
DISCOUNT_MINOR: Final = 7_74
TERM_DAYS: Final = 90
OPENING_MINOR: Final = 1_000_000_000_00
_FRIDAY: Final = 4
ONE_KEY: Final = ("finance-1",)
TWO_KEYS: Final = ("finance-1", "finance-2")


@dataclasses.dataclass(slots=True)
class OneLife:
    """A certificate on its way; ids are known before the transactions are signed."""

    c: Consortium
    number: int
    due_day: int
    certificate: bytes = b""
    whole: bytes = b""
    offer: bytes = b""
    rest: bytes = b""
    leaf2: bytes = b""

    def root(self, name: str) -> bytes:
        """Return the root of a document of this trade."""
        return hashlib.sha256(f"{self.number} {name}".encode()).digest()

    def sign(
        self,
        name: str,
        *messages: Message,
        roles: tuple[str, ...] = ONE_KEY,
    ) -> SignedTransaction:
        """Return a transaction of an organisation."""
        return self.c.sign(name, *messages, roles=roles)

    def register_trade(self) -> SignedTransaction:
        """Register the supplier's documents and the invoice, and offer them as facts."""
        invoice = self.root("invoice")
        kinds = ("contract", "order", "invoice", "despatch")
        return self.sign(
            "supplier1",
            *(RegisterDocument(self.root(kind), kind, 1) for kind in kinds),
            RegisterInvoice(
                invoice,
                self.c["core"].party,
                "CNY",
                FACE_MINOR + PREPAID_MINOR,
                PREPAID_MINOR,
            ),
        )

    def confirm_trade(self) -> SignedTransaction:
        """Countersign, and record the receipt of the goods."""
        return self.sign(
            "core",
            CountersignDocument(self.root("contract")),
            CountersignDocument(self.root("order")),
            RegisterDocument(self.root("receipt"), "goods_receipt", 1),
            RecordFact(self.root("invoice"), self.root("receipt"), "goods_receipt"),
        )

    def confirm_money(self) -> SignedTransaction:
        """Record the bank's entry of the prepayment."""
        return self.sign(
            "settle",
            RegisterDocument(self.root("prepayment"), "bank_entry", 1),
            RecordFact(self.root("invoice"), self.root("prepayment"), "bank_entry"),
        )

    def offer_facts(self) -> SignedTransaction:
        """Offer the supplier's documents as facts and give its verdict."""
        invoice = self.root("invoice")
        kinds = ("contract", "order", "invoice", "despatch")
        facts = (RecordFact(invoice, self.root(kind), kind) for kind in kinds)
        return self.sign("supplier1", *facts, self.verdict())

    def propose(self) -> SignedTransaction:
        """Propose the certificate and give the obligor's verdict."""
        signed = self.sign(
            "core",
            ProposeCertificate(
                self.root("invoice"),
                self.root("contract"),
                self.c.deposit,
                FACE_MINOR,
                self.due_day,
            ),
            self.verdict(),
        )
        self.certificate = signed.created_id("cert")
        return signed

    def issue(self) -> SignedTransaction:
        """Promise to pay."""
        until_ms = china_midnight_ms(self.due_day) + TERM_DAYS * MS_PER_DAY
        promise = IssueCertificate(
            self.certificate,
            self.root("promise"),
            self.c.account("core"),
            2 * FACE_MINOR,
            until_ms,
        )
        return self.sign("core", promise, roles=TWO_KEYS)

    def accept(self) -> SignedTransaction:
        """Accept the promise."""
        signed = self.sign("supplier1", AcceptCertificate(self.certificate, free_choice=True))
        self.whole = signed.created_id("leaf")
        return signed

    def split(self) -> SignedTransaction:
        """Offer a part to the second supplier for the invoice it is owed."""
        offer = OfferTransfer(
            self.whole,
            self.c["supplier2"].party,
            SPLIT_MINOR,
            self.root("invoice2"),
            self.c.now_ms() + MS_PER_DAY,
        )
        signed = self.sign(
            "supplier1",
            RegisterDocument(self.root("invoice2"), "invoice", 1),
            offer,
        )
        self.offer = signed.created_id("offer", 1)
        return signed

    def take_part(self) -> SignedTransaction:
        """Take the part."""
        signed = self.sign("supplier2", AcceptTransfer(self.offer))
        self.leaf2, self.rest = (signed.created_id("leaf", 0, ordinal) for ordinal in (0, 1))
        return signed

    def request_finance(self) -> SignedTransaction:
        """Ask the bank for money on the rest."""
        until_ms = self.c.now_ms() + MS_PER_DAY
        request = RequestFinance(self.rest, self.c["bank"].party, until_ms)
        return self.sign("supplier1", request)

    def finance(self) -> SignedTransaction:
        """Give the bank's verdict and pay the advance."""
        return self.sign(
            "bank",
            self.verdict(),
            Disburse(
                self.rest,
                ADVANCE_MINOR,
                DISCOUNT_MINOR,
                self.root("register"),
                self.c.account("bank"),
                self.c.account("supplier1"),
            ),
        )

    def execute_order(self, order: bytes) -> SignedTransaction:
        """Enter the bank's booking that executes the payment order."""
        account = self.c.bank_account("core")
        identity = bank_entry_identity(self.c["settle"].party, account, f"REF-{self.number}")
        day = self.due_day
        return self.sign(
            "settle",
            BookEntry(identity, account, SPLIT_MINOR, False, day, day, order, self.root("entry")),  # noqa: FBT003 - a field of the message
        )

    def verdict(self) -> SubmitVerdict:
        """Return a passing verdict about the trade."""
        roots = (self.root("invoice"), self.root("contract"))
        expires_at_ms = self.c.now_ms() + MS_PER_DAY
        return SubmitVerdict(self.root("invoice"), 1, (), roots, 1, expires_at_ms)


REGISTRATION: Final[tuple[Callable[[OneLife], SignedTransaction], ...]] = (
    OneLife.register_trade,
    OneLife.confirm_trade,
    OneLife.confirm_money,
    OneLife.offer_facts,
)
LIFE: Final[tuple[Callable[[OneLife], SignedTransaction], ...]] = (
    OneLife.propose,
    OneLife.issue,
    OneLife.accept,
    OneLife.split,
    OneLife.take_part,
    OneLife.request_finance,
    OneLife.finance,
)


def measure(folder: Path, lives: int, rounds: int) -> tuple[list[Row], str]:
    """Return the rows of certificates, and the profile of applying their blocks."""
    consortium = Consortium(LmdbStore(folder), opening_minor=OPENING_MINOR)
    try:
        spans: list[tuple[int, int, int]] = []
        rows = _measure(consortium, lives, rounds, spans)
        table, changed_keys = profile_blocks(
            consortium.engine.application.store,
            consortium.genesis_bytes,
            folder.with_name(f"{folder.name}-again"),
        )
        for row, side in zip(rows, (1, 0), strict=True):
            changed = sum(sum(changed_keys[span[side] : span[2]]) for span in spans)
            row.notes["changed_keys_per_life"] = changed / (lives * rounds)
        return rows, table
    finally:
        consortium.close()
        consortium.engine.application.store.close()


def _measure(
    consortium: Consortium,
    lives: int,
    rounds: int,
    spans: list[tuple[int, int, int]],
) -> list[Row]:
    """Return the rows; note at which heights each round's trades and lives began, and its end."""
    alone: list[float] = []
    with_trade: list[float] = []
    waits_s: list[float] = []
    signing_s = 0.0
    counts: dict[str, float] = {}
    for number in range(rounds):
        first_height = consortium.engine.height() + 1
        batch = _batch(consortium, number * lives, lives)
        registered = _live(batch, REGISTRATION, waits_s)
        begin_height = consortium.engine.height() + 1
        lived = _live(batch, LIFE, waits_s)
        settled = _settle(consortium, batch, waits_s)
        spans.append((first_height, begin_height, consortium.engine.height() + 1))
        signing_s += registered.signing_s + lived.signing_s + settled.signing_s
        seconds = lived.seconds + settled.seconds
        alone.append(lives / seconds)
        with_trade.append(lives / (seconds + registered.seconds))
        if not counts:
            counts = _counts(consortium, begin_height, lives)
            counts["transactions_with_trade"] = _counts(consortium, first_height, lives)[
                "transactions"
            ]
    broken = consortium.broken_invariants()
    if broken:
        raise WorkloadBroken("; ".join(broken[:3]))
    notes: dict[str, object] = {
        "per_life": counts,
        "clients_signing_ms_per_life": signing_s / (lives * rounds) * 1e3,
        "lives_side_by_side": lives,
        "latency": "of one transaction",
    }
    return [
        rate_row(
            "certificate life: issue, accept, split, finance, settle",
            "lives/s",
            alone,
            waits_s,
            **notes,
        ),
        rate_row("the same with the registration of its trade", "lives/s", with_trade, waits_s),
    ]


@dataclasses.dataclass(slots=True)
class _Spent:
    seconds: float = 0.0
    signing_s: float = 0.0


def _batch(consortium: Consortium, first: int, lives: int) -> list[OneLife]:
    due_day = china_day(consortium.now_ms()) + TERM_DAYS
    if weekday_of_day(due_day) > _FRIDAY:
        due_day += 7 - weekday_of_day(due_day)
    return [OneLife(consortium, first + number, due_day) for number in range(lives)]


def _live(
    batch: list[OneLife],
    steps: tuple[Callable[[OneLife], SignedTransaction], ...],
    waits_s: list[float],
) -> _Spent:
    """Take all lives through the steps; they are signed before, which is not counted."""
    begin = time.perf_counter()
    signed = [[step(life) for step in steps] for life in batch]
    signing_s = time.perf_counter() - begin
    return _Spent(_Clients(batch[0].c, signed, waits_s).run(), signing_s)


def _settle(consortium: Consortium, batch: list[OneLife], waits_s: list[float]) -> _Spent:
    """Let maturity come; the schedule pays the bank, entries execute the orders."""
    begin = time.perf_counter()
    consortium.advance_to(china_midnight_ms(batch[0].due_day) + 10 * MS_PER_HOUR)
    consortium.settle_due_work()
    spent = _Spent(time.perf_counter() - begin)
    orders = _orders(consortium)
    begin = time.perf_counter()
    signed = [[life.execute_order(orders[life.leaf2])] for life in batch]
    spent.signing_s += time.perf_counter() - begin
    spent.seconds += _Clients(consortium, signed, waits_s).run()
    with consortium.engine.application.store.snapshot() as snapshot:
        for life in batch:
            if CERTIFICATES.require(snapshot, life.certificate).life != Life.DISCHARGED:
                raise WorkloadBroken(f"certificate {life.number} is not discharged")
    return spent


def _orders(consortium: Consortium) -> dict[bytes, bytes]:
    with consortium.engine.application.store.snapshot() as snapshot:
        return {order.leaf: order_id for (order_id,), order in ORDERS.scan(snapshot)}


class _Clients:
    """Sends what each client has signed, one after the other, as soon as the last is durable."""

    def __init__(
        self,
        consortium: Consortium,
        signed: list[list[SignedTransaction]],
        waits_s: list[float],
    ) -> None:
        self._engine = consortium.engine
        self._to_send = [deque(of_client) for of_client in signed]
        self._ready = deque(range(len(signed)))
        """Clients whose last transaction is durable, and those that were told to come again."""
        self._ended: SimpleQueue[tuple[int, float, Committed]] = SimpleQueue()
        self._waits_s = waits_s

    def run(self) -> float:
        """Send everything and wait for every outcome; return the seconds."""
        begin = time.perf_counter()
        left = sum(map(len, self._to_send))
        while left:
            self._send_ready()
            client, seconds, committed = self._ended.get()
            self._waits_s.append(seconds)
            if committed.result.code:
                refused = committed.result
                raise WorkloadBroken(f"refused: {refused.codespace}/{refused.code}")
            self._to_send[client].popleft()
            self._ready.append(client)
            left -= 1
        return time.perf_counter() - begin

    def _send_ready(self) -> None:
        """Send the next of every client that waits for nothing, while the node has room."""
        while self._ready:
            client = self._ready[0]
            try:
                if self._to_send[client]:
                    self._send(client)
            except Overloaded:
                return
            self._ready.popleft()

    def _send(self, client: int) -> None:
        sent = time.perf_counter()

        def note(outcome: Future[Committed]) -> None:
            self._ended.put((client, time.perf_counter() - sent, outcome.result()))

        self._engine.submit(self._to_send[client][0].raw).add_done_callback(note)


def _counts(consortium: Consortium, first_height: int, lives: int) -> dict[str, float]:
    """Return transactions, signatures and events a life from a height on."""
    transactions = list(_transactions(consortium, first_height))
    signatures = sum(len(decode_transaction(raw).signatures) for raw in transactions)
    messages = sum(len(decode_transaction(raw).body.calls) for raw in transactions)
    return {
        "transactions": len(transactions) / lives,
        "messages": messages / lives,
        "signatures": signatures / lives,
        "transaction_bytes": sum(map(len, transactions)) / lives,
    }


def _transactions(consortium: Consortium, first_height: int) -> Iterator[bytes]:
    store = consortium.engine.application.store
    for height in range(first_height, consortium.engine.height() + 1):
        data = store.block(height)
        if data is None:
            raise WorkloadBroken(f"block {height} is missing")
        yield from decode_block(data).transactions
