"""A trade between core and supplier1, carried as far as a test wants it.

Every step sends what the parties of a real trade would send; a step that the ledger refuses raises
``StepRefused`` with the public name of the refusal.
"""

import hashlib
from typing import Final

from xinlian.apps.supply_chain.messages import (
    AcceptCertificate,
    AcceptTransfer,
    Disburse,
    IssueCertificate,
    OfferTransfer,
    PledgeLeaf,
    ProposeCertificate,
    RegisterInvoice,
    RequestFinance,
    RequestFinanceOnTerms,
)
from xinlian.client import SignedTransaction
from xinlian.contracts.message import Message
from xinlian.ledger.block import TransactionResult
from xinlian.modules.accounts.messages import BookEntry, Transfer
from xinlian.modules.documents.messages import CountersignDocument, RegisterDocument
from xinlian.modules.evidence.messages import RecordFact, SubmitVerdict
from xinlian.primitives import LedgerError
from xinlian.primitives.time import (
    MS_PER_DAY,
    MS_PER_HOUR,
    china_day,
    china_midnight_ms,
    day_of_iso,
)
from xinlian.testing.consortium import Consortium

DUE_DAY: Final = day_of_iso("2027-03-01")
"""A Monday, within six months of the consortium's genesis."""
GROSS_MINOR: Final = 1_130_000_00
FACE_MINOR: Final = 1_000_000_00
OPENING_MS: Final = 10 * MS_PER_HOUR
"""An hour of the day when banks are open and the cut-off has not passed."""
EVENING_MS: Final = 18 * MS_PER_HOUR
"""An hour of the day when the cut-off has passed."""
SUCCEEDED: Final = "ok"


class StepRefused(Exception):  # noqa: N818 - names what happened
    """The ledger refused a step that a test needs; the text is the refusal's public name."""


def reference_of(result: TransactionResult) -> str:
    """Return ``ok``, or the public name of a refusal such as ``supply_chain/occupied``."""
    if result.succeeded:
        return SUCCEEDED
    pending: list[type[LedgerError]] = [LedgerError]
    while pending:
        refusal = pending.pop()
        if (refusal.codespace, refusal.code) == (result.codespace, result.code):
            return f"{refusal.codespace}/{refusal.name}"
        pending += refusal.__subclasses__()
    return f"{result.codespace}/{result.code}"


class Trade:
    """One invoice of supplier1 on core, and the certificates on it; several fit one consortium."""

    def __init__(
        self,
        consortium: Consortium,
        name: str = "trade",
        *,
        due_day: int = DUE_DAY,
        gross_minor: int = GROSS_MINOR,
    ) -> None:
        """Begin a trade; ``name`` tells its documents from those of other trades."""
        self.consortium = consortium
        self.name = name
        self.due_day = due_day
        self.gross_minor = gross_minor

    def root(self, document: str) -> bytes:
        """Return the root of one of the trade's documents."""
        return hashlib.sha256(f"{self.name} {document}".encode()).digest()

    def step(self, name: str, *messages: Message) -> SignedTransaction:
        """Send messages of an organisation in one transaction.

        Raises:
            StepRefused: with the public name of the refusal.
        """
        signed, committed = self.consortium.send(name, *messages)
        if not committed.result.succeeded:
            raise StepRefused(reference_of(committed.result))
        return signed

    def register(self) -> None:
        """Register documents, invoice and facts, so that every flow is corroborated."""
        by_supplier = ("contract", "order", "invoice", "despatch")
        self.step(
            "supplier1", *(RegisterDocument(self.root(kind), kind, 1) for kind in by_supplier)
        )
        self.step(
            "core",
            CountersignDocument(self.root("contract")),
            CountersignDocument(self.root("order")),
            RegisterDocument(self.root("goods_receipt"), "goods_receipt", 1),
        )
        self.step("settle", RegisterDocument(self.root("bank_entry"), "bank_entry", 1))
        invoice = self.root("invoice")
        buyer = self.consortium["core"].party
        self.step("supplier1", RegisterInvoice(invoice, buyer, "CNY", self.gross_minor, 0))
        facts = {"supplier1": by_supplier, "core": ("goods_receipt",), "settle": ("bank_entry",)}
        for name, kinds in facts.items():
            self.step(name, *(RecordFact(invoice, self.root(kind), kind) for kind in kinds))

    def verdict(self) -> SubmitVerdict:
        """Return a passing verdict on the invoice, valid for a day."""
        roots = (self.root("invoice"), self.root("contract"))
        expires_at_ms = self.consortium.now_ms() + MS_PER_DAY
        return SubmitVerdict(self.root("invoice"), 1, (), roots, 1, expires_at_ms)

    def proposal(self, face_minor: int = FACE_MINOR) -> ProposeCertificate:
        """Return the proposal of a certificate."""
        return ProposeCertificate(
            self.root("invoice"),
            self.root("contract"),
            self.consortium.deposit,
            face_minor,
            self.due_day,
        )

    def promise(
        self,
        certificate: bytes,
        cap_minor: int = 1_100_000_00,
        until_ms: int | None = None,
    ) -> IssueCertificate:
        """Return the promise, with a standing authority until 90 days after the due day."""
        default_ms = china_midnight_ms(self.due_day) + 90 * MS_PER_DAY
        return IssueCertificate(
            certificate,
            self.root("promise"),
            self.consortium.account("core"),
            cap_minor,
            default_ms if until_ms is None else until_ms,
        )

    def propose(self, face_minor: int = FACE_MINOR, by: str = "core") -> bytes:
        """Return a certificate in draft."""
        return self.step(by, self.proposal(face_minor)).created_id("cert")

    def issue(self, certificate: bytes, **promise: int) -> None:
        """Give both sides' verdicts and promise."""
        self.step("supplier1", self.verdict())
        self.step("core", self.verdict(), self.promise(certificate, **promise))

    def accept(self, certificate: bytes) -> bytes:
        """Accept a certificate; return its first leaf."""
        return self.step("supplier1", AcceptCertificate(certificate, free_choice=True)).created_id(
            "leaf"
        )

    def certify(self, face_minor: int = FACE_MINOR, **promise: int) -> tuple[bytes, bytes]:
        """Return (certificate, leaf) of a certificate that is active."""
        certificate = self.propose(face_minor)
        self.issue(certificate, **promise)
        return certificate, self.accept(certificate)

    def offer(
        self,
        leaf: bytes,
        amount_minor: int,
        to: str = "supplier2",
        by: str = "supplier1",
        *,
        days: int = 200,
    ) -> bytes:
        """Return an offer of a part of a leaf that stays open for some days."""
        message = OfferTransfer(
            leaf,
            self.consortium[to].party,
            amount_minor,
            self.root("contract"),
            self.consortium.now_ms() + days * MS_PER_DAY,
        )
        return self.step(by, message).created_id("offer")

    def split(self, leaf: bytes, amount_minor: int, to: str = "supplier2") -> tuple[bytes, bytes]:
        """Return (the leaf of the transferee, the holder's rest)."""
        signed = self.step(to, AcceptTransfer(self.offer(leaf, amount_minor, to)))
        return signed.created_id("leaf", 0, 0), signed.created_id("leaf", 0, 1)

    def request(self, leaf: bytes, days: int = 3) -> None:
        """Lock a leaf for the bank."""
        expires_at_ms = self.consortium.now_ms() + days * MS_PER_DAY
        self.step("supplier1", RequestFinance(leaf, self.consortium["bank"].party, expires_at_ms))

    def advance(
        self, leaf: bytes, advance_minor: int = 100_00, discount_minor: int = 1_00
    ) -> Disburse:
        """Return the bank's disbursement on a leaf of supplier1."""
        return Disburse(
            leaf,
            advance_minor,
            discount_minor,
            self.root("register"),
            self.consortium.account("bank"),
            self.consortium.account("supplier1"),
        )

    def finance(self, leaf: bytes) -> None:
        """Have the bank take a leaf by assignment."""
        self.request(leaf)
        self.step("bank", self.verdict(), self.advance(leaf))

    def request_on_terms(self, leaf: bytes, **terms: bool) -> None:
        """Lock a leaf of supplier1 for the bank, on terms."""
        plain = {"as_pledge": False, "with_recourse": False, "keeps_rest": False}
        expires_at_ms = self.consortium.now_ms() + MS_PER_DAY
        bank = self.consortium["bank"].party
        self.step("supplier1", RequestFinanceOnTerms(leaf, bank, expires_at_ms, **(plain | terms)))

    def pledging(
        self, leaf: bytes, advance_minor: int = 100_00, discount_minor: int = 1_00
    ) -> PledgeLeaf:
        """Return the bank's loan against a leaf of supplier1."""
        advance = self.advance(leaf, advance_minor, discount_minor)
        return PledgeLeaf(
            leaf,
            advance_minor,
            discount_minor,
            advance.register_no,
            advance.from_account,
            advance.to_account,
        )

    def pledge(self, leaf: bytes, advance_minor: int = 100_00) -> None:
        """Have the bank lend against a leaf of supplier1."""
        self.request_on_terms(leaf, as_pledge=True)
        self.step("bank", self.verdict(), self.pledging(leaf, advance_minor))

    def drain(self, keep_minor: int = 0) -> None:
        """Leave core with ``keep_minor`` on its account."""
        c = self.consortium
        amount_minor = c.balance_minor("core") - keep_minor
        if amount_minor:
            self.step("core", Transfer(c.account("core"), c.account("bank"), amount_minor))

    def booking(
        self,
        amount_minor: int,
        *,
        is_credit: bool,
        order: bytes = b"",
        reference: str = "1",
        account: str = "core",
    ) -> BookEntry:
        """Return an entry of the settlement bank's books on an account, booked today."""
        c = self.consortium
        return BookEntry(
            self.root(f"entry {reference}"),
            c.bank_account(account),
            amount_minor,
            is_credit,
            china_day(c.now_ms()),
            china_day(c.now_ms()),
            order,
            self.root("camt"),
        )

    def credit(self, amount_minor: int, reference: str = "credit") -> None:
        """Credit core's account from outside, and let what waits for it be performed."""
        self.step("settle", self.booking(amount_minor, is_credit=True, reference=reference))
        self.consortium.settle_due_work()

    def to_due_day(self, hours_ms: int = OPENING_MS, days_later: int = 0) -> None:
        """Move the clock to an hour of the due day, or of a day after it."""
        self.consortium.advance_to(china_midnight_ms(self.due_day + days_later) + hours_ms)
        self.consortium.settle_due_work()
