"""Two lives of a certificate, told to a ledger, for the tests of the read model.

``tell_paid`` has everything that goes well or is called off: admission, keys, suspension, a draft
that is withdrawn, an offer that is declined, a split, a lock that is released, finance, payment on
the ledger and by a bank.  ``tell_late`` has default, a lock that the due day ends, late payment
with interest, an order that the bank does not execute in time and one that it does; then pending
transfers, bounds, a statement that differs, and a closed month.
"""

import contextlib
import dataclasses
import hashlib
from collections.abc import Iterator, Sequence
from pathlib import Path

from xinlian.apps.supply_chain.approval import DISBURSE
from xinlian.apps.supply_chain.messages import (
    AcceptCertificate,
    AcceptTransfer,
    DeclineCertificate,
    Disburse,
    IssueCertificate,
    OfferTransfer,
    ProposeCertificate,
    RecordRegistration,
    RegisterInvoice,
    ReleaseLock,
    RequestFinance,
    WithdrawCertificate,
)
from xinlian.apps.supply_chain.types import ORDERS, OrderStatus
from xinlian.bootstrap import GenesisState, build_contracts
from xinlian.client import SignedTransaction
from xinlian.contracts.message import Message
from xinlian.crypto.ed25519 import SUITE_ED25519, SigningKey
from xinlian.ledger.genesis import parse_genesis
from xinlian.ledger.overlay import Overlay
from xinlian.ledger.ports import StateView, Store
from xinlian.modules.accounts.messages import (
    BookEntry,
    BookStatement,
    ClosePeriod,
    PendTransfer,
    PostTransfer,
    SetBounds,
    Transfer,
    VoidTransfer,
)
from xinlian.modules.accounts.types import bank_entry_identity
from xinlian.modules.conditions.messages import EndRulePack, SignRulePack
from xinlian.modules.conditions.types import Rule, Term
from xinlian.modules.documents.messages import CountersignDocument, RegisterDocument
from xinlian.modules.evidence.messages import RecordFact, SubmitVerdict
from xinlian.modules.members.messages import (
    AdmitParticipant,
    RegisterKey,
    ReinstateParticipant,
    RevokeKey,
    SetMandate,
    SuspendParticipant,
)
from xinlian.modules.members.types import MandateRule, key_id_of, organisation_id, possession_bytes
from xinlian.primitives import format_id
from xinlian.primitives.time import (
    MS_PER_DAY,
    MS_PER_HOUR,
    china_day,
    china_midnight_ms,
    day_of_iso,
)
from xinlian.readmodels import ReadModel
from xinlian.storage import MemoryStore
from xinlian.testing import Consortium
from xinlian.testing.consortium import demo_uscc

FACE = 1_000_000_00
TO_SUPPLIER2 = 226_000_00
REST = FACE - TO_SUPPLIER2
DUE_DAY = day_of_iso("2027-03-01")
INVOICE = hashlib.sha256(b"invoice").digest()
NEWCOMER = "newcomer"


def root_of(name: str) -> bytes:
    return hashlib.sha256(name.encode()).digest()


@dataclasses.dataclass
class Told:
    """A ledger with a story in it, and the ids that the story met, by name."""

    consortium: Consortium
    ids: dict[str, bytes] = dataclasses.field(default_factory=dict)

    @property
    def store(self) -> Store:
        return self.consortium.engine.application.store

    def party(self, name: str) -> bytes:
        if name == NEWCOMER:
            return organisation_id(self.consortium.chain_id, demo_uscc(77))
        return self.consortium[name].party

    def text(self, kind: str, name: str) -> str:
        """Return the text of an id that the story met."""
        return format_id(kind, self.ids[name])

    def party_text(self, name: str) -> str:
        return format_id("party", self.party(name))

    @contextlib.contextmanager
    def state(self) -> Iterator[StateView]:
        """Give the committed state: the source that is independent of the read model."""
        with self.store.snapshot() as snapshot:
            yield snapshot

    def send(
        self,
        name: str,
        *messages: Message,
        code: int = 0,
        roles: Sequence[str] = ("finance-1", "finance-2"),
    ) -> SignedTransaction:
        signed, committed = self.consortium.send(name, *messages, roles=roles)
        assert committed.result.code == code, committed.result
        return signed


def genesis_state(consortium: Consortium) -> StateView:
    """Return the state of height 0, as the genesis file describes it."""
    with MemoryStore().snapshot() as empty:
        overlay = Overlay(empty)
    GenesisState(parse_genesis(consortium.genesis_bytes), build_contracts())(overlay)
    return overlay


def open_model(address: str, consortium: Consortium) -> ReadModel:
    return ReadModel(address, build_contracts(), genesis_state(consortium))


def sqlite_address(folder: Path, name: str = "read.db") -> str:
    return f"sqlite:///{folder / name}"


def tell_paid(store: Store | None = None) -> Told:
    told = Told(Consortium(store))
    told.send("core", Transfer(told.consortium.account("core"), told.consortium.account("bank"), 7))
    _admit_and_suspend(told)
    _register_trade(told)
    _call_off(told)
    certificate = _issue(told, FACE)
    accept = told.send("supplier1", AcceptCertificate(certificate, free_choice=True))
    told.ids.update(certificate=certificate, whole=accept.created_id("leaf"))
    _split(told)
    _finance(told)
    _pay(told)
    return told


def tell_late(store: Store | None = None) -> Told:
    told = Told(Consortium(store, opening_minor=0))
    c = told.consortium
    _register_trade(told)
    certificate = _issue(told, FACE)
    accept = told.send("supplier1", AcceptCertificate(certificate, free_choice=True))
    told.ids.update(certificate=certificate, whole=accept.created_id("leaf"))
    _split(told)
    c.advance_to(china_midnight_ms(DUE_DAY - 3))
    lock = RequestFinance(told.ids["rest"], c["bank"].party, c.now_ms() + 6 * MS_PER_DAY)
    told.send("supplier1", lock)
    c.advance_to(china_midnight_ms(DUE_DAY) + 18 * MS_PER_HOUR)
    c.advance_to(china_midnight_ms(DUE_DAY + 10) + 10 * MS_PER_HOUR)
    _book(told, "core", 1_020_000_00, is_credit=True)
    c.settle_due_work()
    told.ids["expired_order"] = _open_order(told)
    c.advance_to(china_midnight_ms(DUE_DAY + 15))
    c.settle_due_work()
    told.ids["order"] = _open_order(told)
    _book(told, "core", TO_SUPPLIER2, is_credit=False, order=told.ids["order"])
    c.settle_due_work()
    _keep_books(told)
    return told


def _keep_books(told: Told) -> None:
    """Pending transfers that end in each way, bounds, a difference that is mended, a closing."""
    c = told.consortium
    own, banks = c.account("supplier1"), c.account("bank")
    until = c.now_ms() + MS_PER_DAY
    for name, amount in (("posted", 300), ("voided", 200), ("expired", 100)):
        message = PendTransfer(own, banks, c["settle"].party, amount, until)
        told.ids[name] = told.send("supplier1", message).created_id("pending")
    told.send("settle", PostTransfer(told.ids["posted"], 300))
    told.send("settle", PostTransfer(told.ids["voided"], 50))
    told.send("bank", VoidTransfer(told.ids["voided"]))
    told.send("supplier1", SetBounds(own, 1, 10**12))
    c.advance_to(until + MS_PER_DAY)
    c.settle_due_work()
    over = china_day(c.now_ms()) - 1
    stated = c.balance_minor("supplier1") + 77
    bank_account = c.bank_account("supplier1")
    told.send("settle", BookStatement(bank_account, over, stated, True, root_of("camt053")))
    identity = bank_entry_identity(c["settle"].party, bank_account, "missing")
    missing = BookEntry(identity, bank_account, 77, True, over, over, b"", root_of("camt"))
    told.send("settle", missing)
    told.send("settle", BookStatement(bank_account, over, stated, True, root_of("camt053")))
    height = c.engine.height()
    told.send("supplier1", ClosePeriod(202701, height, root_of("trial balance")))


def _admit_and_suspend(told: Told) -> None:
    c = told.consortium
    key = SigningKey(hashlib.sha256(b"newcomer").digest())
    proof = key.sign(possession_bytes(c.chain_id, told.party(NEWCOMER), "finance-1"))
    told.send(
        "bank",
        AdmitParticipant(
            demo_uscc(77), "新来的供应商", SUITE_ED25519, key.public_key, "finance-1", proof
        ),
    )
    second = SigningKey(hashlib.sha256(b"second key").digest())
    proof = second.sign(possession_bytes(c.chain_id, told.party("supplier2"), "spare-1"))
    told.send("supplier2", RegisterKey(SUITE_ED25519, second.public_key, "spare-1", proof))
    told.ids["spare"] = key_id_of(SUITE_ED25519, second.public_key)
    told.send("supplier2", SetMandate(0x0102, (MandateRule((told.ids["spare"],), 1, 0, 0),)))
    told.send("supplier2", RevokeKey(told.ids["spare"]))
    told.send("bank", SuspendParticipant(c["supplier2"].party))
    told.send("bank", ReinstateParticipant(c["supplier2"].party))
    told.send("bank", SuspendParticipant(told.party(NEWCOMER)))


def _register_trade(told: Told) -> None:
    for kind in ("contract", "order", "invoice", "despatch"):
        told.send("supplier1", RegisterDocument(root_of(kind), kind, 1))
    told.send("core", RegisterDocument(root_of("receipt"), "goods_receipt", 1))
    told.send("settle", RegisterDocument(root_of("prepayment"), "bank_entry", 1))
    buyer = told.consortium["core"].party
    told.send("supplier1", RegisterInvoice(INVOICE, buyer, "CNY", 1_130_000_00, 10_000_00))
    told.send("supplier1", RecordFact(INVOICE, root_of("contract"), "contract"))
    for kind in ("contract", "order"):
        told.send("core", CountersignDocument(root_of(kind)))
    told.send("core", RecordFact(INVOICE, root_of("contract"), "contract"))
    for name, kind, document in (
        ("supplier1", "order", "order"),
        ("supplier1", "invoice", "invoice"),
        ("supplier1", "despatch", "despatch"),
        ("core", "goods_receipt", "receipt"),
        ("settle", "bank_entry", "prepayment"),
    ):
        told.send(name, RecordFact(INVOICE, root_of(document), kind))


def _call_off(told: Told) -> None:
    told.ids["withdrawn"] = _propose(told, 100_000_00)
    told.send("core", WithdrawCertificate(told.ids["withdrawn"]))
    told.ids["declined"] = _issue(told, 50_000_00)
    told.send("supplier1", DeclineCertificate(told.ids["declined"]))


def _propose(told: Told, face: int) -> bytes:
    deposit = told.consortium.deposit
    proposal = ProposeCertificate(INVOICE, root_of("contract"), deposit, face, DUE_DAY)
    return told.send("core", proposal).created_id("cert")


def _issue(told: Told, face: int) -> bytes:
    certificate = _propose(told, face)
    for name in ("core", "supplier1"):
        _give_verdict(told, name)
    until = china_midnight_ms(DUE_DAY) + 90 * MS_PER_DAY
    account = told.consortium.account("core")
    promise = IssueCertificate(certificate, root_of("promise"), account, 1_100_000_00, until)
    told.send("core", promise)
    return certificate


def _give_verdict(told: Told, name: str, *failures: str) -> None:
    roots = (root_of("invoice"), root_of("contract"))
    expires = told.consortium.now_ms() + MS_PER_DAY
    outcome = 2 if failures else 1
    told.send(name, SubmitVerdict(INVOICE, outcome, failures, roots, 1, expires))


def _split(told: Told) -> None:
    c = told.consortium
    told.send("supplier1", RegisterDocument(root_of("invoice2"), "invoice", 1))
    until = c.now_ms() + MS_PER_DAY
    to, evidence = c["supplier2"].party, root_of("invoice2")
    for name, amount in (("lapsed_offer", 100_000_00), ("offer", TO_SUPPLIER2)):
        offer = OfferTransfer(told.ids["whole"], to, amount, evidence, until)
        told.ids[name] = told.send("supplier1", offer).created_id("offer")
    accepted = told.send("supplier2", AcceptTransfer(told.ids["offer"]))
    told.ids["leaf2"] = accepted.created_id("leaf", 0, 0)
    told.ids["rest"] = accepted.created_id("leaf", 0, 1)


def _finance(told: Told) -> None:
    c = told.consortium
    rest, until = told.ids["rest"], c.now_ms() + MS_PER_DAY
    told.send("supplier1", RequestFinance(rest, c["settle"].party, until))
    told.send("supplier1", ReleaseLock(rest))
    told.send("supplier1", RequestFinance(rest, c["bank"].party, until))
    _give_verdict(told, "bank", "price_mismatch")
    _give_verdict(told, "bank")
    accounts = c.account("bank"), c.account("supplier1")
    _decide_by_rules(told, rest)
    told.send("bank", Disburse(rest, REST, 7_740_00, root_of("register"), *accounts))
    refused = told.send("supplier1", RequestFinance(rest, c["settle"].party, until), code=17)
    told.ids["refused"] = refused.transaction_id
    batch = [Transfer(accounts[1], accounts[0], amount) for amount in (100, 200)]
    told.ids["batch"] = told.send("supplier1", *batch).transaction_id


def _decide_by_rules(told: Told, leaf: bytes) -> None:
    """Have the bank's rules refer a case to people: they ask for a claim that was passed on."""
    c = told.consortium
    terms = (Term("advance_share_e4", 10_000), Term("discount_rate_e9_per_year", 0))
    pack = SignRulePack(
        DISBURSE,
        (Rule("passed-on", "hops > 30"),),
        terms,
        c.account("bank"),
        REST,
        REST,
        REST,
        c.now_ms() + MS_PER_DAY,
    )
    told.send("bank", pack, RecordRegistration(leaf, root_of("register")))
    told.send("bank", EndRulePack(DISBURSE))


def _pay(told: Told) -> None:
    c = told.consortium
    c.advance_to(china_midnight_ms(DUE_DAY) + 10 * MS_PER_HOUR)
    c.settle_due_work()
    told.ids["order"] = _open_order(told)
    _book(told, "core", TO_SUPPLIER2, is_credit=False, order=told.ids["order"])
    told.ids["entry"] = _book(told, "supplier2", TO_SUPPLIER2, is_credit=True)
    c.settle_due_work()


def _book(
    told: Told,
    name: str,
    amount: int,
    *,
    is_credit: bool,
    order: bytes = b"",
) -> bytes:
    c = told.consortium
    bank_account = c.bank_account(name)
    identity = bank_entry_identity(c["settle"].party, bank_account, f"{amount}-{is_credit}")
    day = DUE_DAY
    camt = root_of("camt")
    told.send("settle", BookEntry(identity, bank_account, amount, is_credit, day, day, order, camt))
    return identity


def _open_order(told: Told) -> bytes:
    with told.state() as state:
        ((order_id, _),) = [
            (parts[0], order)
            for parts, order in ORDERS.scan(state)
            if order.status == OrderStatus.OPEN
        ]
    return order_id
