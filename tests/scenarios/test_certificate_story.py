"""The story of a receivable certificate, from invoice to money, as the ledger tells it.

Roles: core owes; supplier1 is owed and owes supplier2; bank finances; settle keeps the money.
"""

import hashlib

import pytest

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
from xinlian.apps.supply_chain.types import CERTIFICATES, LEAVES, LINES, ORDERS, Life
from xinlian.client import SignedTransaction
from xinlian.ledger.node import Committed
from xinlian.modules.accounts.messages import BookEntry
from xinlian.modules.accounts.types import bank_entry_identity
from xinlian.modules.documents.messages import CountersignDocument, RegisterDocument
from xinlian.modules.evidence.messages import RecordFact, SubmitVerdict
from xinlian.primitives.time import MS_PER_DAY, MS_PER_HOUR, china_midnight_ms, day_of_iso
from xinlian.testing import Consortium

FACE = 1_000_000_00
DUE_DAY = day_of_iso("2027-03-01")


def root_of(name: str) -> bytes:
    return hashlib.sha256(name.encode()).digest()


def ok(sent: tuple[SignedTransaction, Committed]) -> SignedTransaction:
    signed, committed = sent
    assert committed.result.code == 0, committed.result
    return signed


def refused(sent: tuple[SignedTransaction, Committed]) -> str:
    _, committed = sent
    return f"{committed.result.codespace}/{committed.result.code}"


class Story:
    """Drives the consortium through the steps; each step is one or two transactions."""

    def __init__(self, consortium: Consortium) -> None:
        self.c = consortium

    def register_trade(self) -> None:
        c = self.c
        both = {"contract": "core", "order": "core"}
        for kind in ("contract", "order", "invoice", "despatch"):
            ok(c.send("supplier1", RegisterDocument(root_of(kind), kind, 1)))
        for kind, other in both.items():
            ok(c.send(other, CountersignDocument(root_of(kind))))
        ok(c.send("core", RegisterDocument(root_of("receipt"), "goods_receipt", 1)))
        ok(c.send("settle", RegisterDocument(root_of("prepayment"), "bank_entry", 1)))
        invoice = root_of("invoice")
        message = RegisterInvoice(invoice, c["core"].party, "CNY", 1_130_000_00, 0)
        ok(c.send("supplier1", message))
        for name, kind, document in (
            ("supplier1", "contract", "contract"),
            ("supplier1", "order", "order"),
            ("supplier1", "invoice", "invoice"),
            ("supplier1", "despatch", "despatch"),
            ("core", "goods_receipt", "receipt"),
            ("settle", "bank_entry", "prepayment"),
        ):
            ok(c.send(name, RecordFact(invoice, root_of(document), kind)))

    def give_verdict(self, name: str) -> None:
        roots = (root_of("invoice"), root_of("contract"))
        expires = self.c.now_ms() + MS_PER_DAY
        ok(self.c.send(name, SubmitVerdict(root_of("invoice"), 1, (), roots, 1, expires)))

    def issue(self, face: int = FACE) -> bytes:
        c = self.c
        proposal = ProposeCertificate(
            root_of("invoice"), root_of("contract"), c.deposit, face, DUE_DAY
        )
        certificate = ok(c.send("core", proposal)).created_id("cert")
        for name in ("core", "supplier1"):
            self.give_verdict(name)
        ok(c.send("core", self.promise(certificate)))
        return certificate

    def promise(self, certificate: bytes) -> IssueCertificate:
        until = china_midnight_ms(DUE_DAY) + 90 * MS_PER_DAY
        return IssueCertificate(
            certificate, root_of("promise"), self.c.account("core"), 1_100_000_00, until
        )

    def accept(self, certificate: bytes) -> bytes:
        message = AcceptCertificate(certificate, free_choice=True)
        return ok(self.c.send("supplier1", message)).created_id("leaf")

    def pay_supplier2(self, leaf: bytes, amount: int) -> tuple[bytes, bytes]:
        """Return (supplier2's leaf, supplier1's rest)."""
        c = self.c
        ok(c.send("supplier1", RegisterDocument(root_of("invoice2"), "invoice", 1)))
        offer = OfferTransfer(
            leaf, c["supplier2"].party, amount, root_of("invoice2"), c.now_ms() + MS_PER_DAY
        )
        offer_id = ok(c.send("supplier1", offer)).created_id("offer")
        signed = ok(c.send("supplier2", AcceptTransfer(offer_id)))
        return signed.created_id("leaf", 0, 0), signed.created_id("leaf", 0, 1)

    def finance(self, leaf: bytes, advance: int, discount: int) -> None:
        c = self.c
        request = RequestFinance(leaf, c["bank"].party, c.now_ms() + MS_PER_DAY)
        ok(c.send("supplier1", request))
        self.give_verdict("bank")
        ok(
            c.send(
                "bank",
                Disburse(
                    leaf,
                    advance,
                    discount,
                    root_of("reg"),
                    c.account("bank"),
                    c.account("supplier1"),
                ),
            )
        )

    def leaf(self, leaf_id: bytes):
        with self.c.engine.application.store.snapshot() as snapshot:
            return LEAVES.require(snapshot, leaf_id)

    def certificate(self, certificate: bytes):
        with self.c.engine.application.store.snapshot() as snapshot:
            return CERTIFICATES.require(snapshot, certificate)


@pytest.fixture
def story():
    consortium = Consortium()
    yield Story(consortium)
    consortium.close()


def test_a_verified_invoice_is_certified_split_financed_and_paid_by_itself(story):
    c = story.c
    story.register_trade()
    certificate = story.issue()
    whole = story.accept(certificate)
    leaf2, rest = story.pay_supplier2(whole, 226_000_00)
    story.finance(rest, 774_000_00, 7_740_00)
    assert c.balance_minor("supplier1") == 774_000_00 - 7_740_00
    assert c.broken_invariants() == []
    c.advance_to(china_midnight_ms(DUE_DAY) + 10 * MS_PER_HOUR)
    c.settle_due_work()
    assert story.leaf(rest).life == Life.DISCHARGED
    assert story.leaf(leaf2).life == Life.DUE
    assert c.balance_minor("bank") == 5_000_000_00 + 7_740_00
    assert c.balance_minor("core") == 5_000_000_00 - 774_000_00
    with c.engine.application.store.snapshot() as snapshot:
        ((order_id,), order) = next(iter(ORDERS.scan(snapshot)))
    assert order.amount_minor == 226_000_00
    entry = BookEntry(
        bank_entry_identity(c["settle"].party, c.bank_account("core"), "REF-1"),
        c.bank_account("core"),
        226_000_00,
        False,
        DUE_DAY,
        DUE_DAY,
        order_id,
        root_of("camt"),
    )
    ok(c.send("settle", entry))
    assert story.leaf(leaf2).life == Life.DISCHARGED
    assert story.certificate(certificate).life == Life.DISCHARGED
    assert c.balance_minor("core") == 5_000_000_00 - 1_000_000_00
    assert refused(c.send("settle", entry)) == "accounts/6"
    assert c.broken_invariants() == []


def test_an_empty_account_defaults_at_the_cutoff_and_a_late_credit_pays_principal_and_interest():
    consortium = Consortium(opening_minor=0)
    story = Story(consortium)
    c = consortium
    story.register_trade()
    certificate = story.issue()
    story.accept(certificate)
    c.advance_to(china_midnight_ms(DUE_DAY) + 10 * MS_PER_HOUR)
    assert story.certificate(certificate).life == Life.DUE
    c.advance_to(china_midnight_ms(DUE_DAY) + 18 * MS_PER_HOUR)
    assert story.certificate(certificate).life == Life.OVERDUE
    with c.engine.application.store.snapshot() as snapshot:
        assert LINES.require(snapshot, c["core"].party).overdue_certificates == 1
    c.advance_to(china_midnight_ms(DUE_DAY + 10) + 10 * MS_PER_HOUR)
    entry = BookEntry(
        root_of("late-entry"),
        c.bank_account("core"),
        1_010_000_00,
        True,
        DUE_DAY + 10,
        DUE_DAY + 10,
        b"",
        root_of("camt"),
    )
    ok(c.send("settle", entry))
    c.settle_due_work()
    assert story.certificate(certificate).life == Life.DISCHARGED
    interest = 1_000_000_00 * 500_000 * 10 // 10**9
    assert c.balance_minor("supplier1") == FACE + interest
    assert c.balance_minor("core") == 1_010_000_00 - FACE - interest
    with c.engine.application.store.snapshot() as snapshot:
        assert LINES.require(snapshot, c["core"].party).overdue_certificates == 0
    assert c.broken_invariants() == []
    consortium.close()


def test_nothing_is_certified_or_financed_twice(story):
    c = story.c
    story.register_trade()
    certificate = story.issue()
    whole = story.accept(certificate)
    proposal = ProposeCertificate(
        root_of("invoice"), root_of("contract"), c.deposit, 200_000_00, DUE_DAY
    )
    second = ok(c.send("core", proposal)).created_id("cert")
    assert refused(c.send("core", story.promise(second))) == "supply_chain/17"
    story.finance(whole, FACE, 10_000_00)
    again = RequestFinance(whole, c["settle"].party, c.now_ms() + MS_PER_DAY)
    assert refused(c.send("supplier1", again)) == "supply_chain/17"


def test_one_key_of_the_obligor_does_not_issue(story):
    c = story.c
    story.register_trade()
    proposal = ProposeCertificate(root_of("invoice"), root_of("contract"), c.deposit, FACE, DUE_DAY)
    certificate = ok(c.send("core", proposal)).created_id("cert")
    sent = c.send("core", story.promise(certificate), roles=("finance-1",))
    assert refused(sent) == "members/6"
