"""A party's verifier: what it holds of a claim, checked against what the ledger says of it.

Rules this file keeps:
 1. Buyer, seller and amounts come from the ledger, what they should agree with from the party's
    own store; nothing of a document leaves this machine.
 2. Only documents that are facts about the claim on the ledger count, and only those whose root
    this store can open; what is missing is said.
 3. Every invoice that was registered earlier, that the store holds and that can matter is compared,
    so a copy under another root is caught, and the invoice that it copies is not.
"""

import dataclasses
import hashlib
import math
from collections.abc import Sequence
from typing import Final

import msgspec

from xinlian.apps.supply_chain.checks import (
    CheckReport,
    CopyFound,
    LedgerParties,
    OpenedDocument,
    Purpose,
    RegisteredInvoice,
    TradeFile,
    check_trade,
    find_copies,
)
from xinlian.client.document_store import DocumentStore, DocumentUnknown, StoredDocument
from xinlian.client.errors import ApiError
from xinlian.client.session import Session
from xinlian.modules.evidence.messages import SubmitVerdict
from xinlian.modules.evidence.statements import InvoiceStatement, PromiseStatement, TradeParty
from xinlian.primitives.time import MS_PER_DAY, iso_of_day

PROMISE_FORMAT: Final = "xinlian-promise-1"


class InvoiceOnLedger(msgspec.Struct, frozen=True):
    """A registered invoice, as the ledger's API gives it."""

    root: str
    height: int
    """When it was registered."""
    seller: str
    buyer: str
    currency: str
    gross_minor: str
    occupied_minor: str
    paid_minor: str


class _FactOnLedger(msgspec.Struct, frozen=True):
    document_root: str
    kind: str


class _Party(msgspec.Struct, frozen=True):
    party_id: str
    uscc: str


class Trade:
    """The documents of one claim as one party holds them."""

    def __init__(self, session: Session, store: DocumentStore) -> None:
        self._session = session
        self._store = store

    def invoice(self, root: bytes) -> InvoiceOnLedger:
        """Return a registered invoice; raises ApiError where this party may not read it."""
        answer = self._session.node.get(f"/v1/invoices/{root.hex()}")
        return msgspec.convert(answer["item"], InvoiceOnLedger)

    def open_file(self, invoice_root: bytes, due_day: int | None = None) -> TradeFile:
        """Return everything that this party's store can open of a claim.

        Args:
            invoice_root: the claim's subject.
            due_day: when a certificate on it is to be due, where known.

        Raises:
            DocumentUnknown: the store lacks the invoice itself.
            DocumentDamaged: a record of the store was changed.
        """
        invoice = self.invoice(invoice_root)
        roots = {bytes.fromhex(fact.document_root) for fact in self._facts(invoice_root)}
        documents = [self._opened(invoice_root)]
        for root in sorted(roots - {invoice_root}):
            try:
                documents.append(self._opened(root))
            except DocumentUnknown:
                continue  # the checks name what the file lacks without it
        file = TradeFile(
            parties=LedgerParties(self._uscc(invoice.buyer), self._uscc(invoice.seller)),
            documents=tuple(documents),
            due_day=due_day,
            registered=RegisteredInvoice(
                invoice_root,
                invoice.currency,
                int(invoice.gross_minor),
                int(invoice.paid_minor),
            ),
        )
        earlier = self._registered_before(invoice.height, self._store.invoices.candidates(file))
        return dataclasses.replace(file, earlier_invoices=earlier)

    def check(
        self,
        invoice_root: bytes,
        due_day: int | None = None,
        purpose: Purpose = Purpose.FINANCE,
    ) -> CheckReport:
        """Return what the checks of the three flows come to; raises as ``open_file``."""
        file = dataclasses.replace(self.open_file(invoice_root, due_day), purpose=purpose)
        return check_trade(file)

    def copies_of(self, root: bytes) -> tuple[CopyFound, ...]:
        """Return what in this party's own store an invoice repeats; asks the ledger nothing."""
        document = self._opened(root)
        file = TradeFile(LedgerParties("", ""), (document,))
        return find_copies(file, self._store.invoices.copy_candidates(file))

    def _facts(self, subject: bytes) -> list[_FactOnLedger]:
        path = f"/v1/subjects/{subject.hex()}/facts"
        return list(self._session.node.iterate(path, _FactOnLedger))

    def _opened(self, root: bytes) -> OpenedDocument:
        return OpenedDocument(root, self._store.get(root).statement)

    def _registered_before(
        self, height: int, invoices: Sequence[OpenedDocument]
    ) -> tuple[OpenedDocument, ...]:
        """Return the invoices that the ledger had before a height, as far as this party knows.

        A copy that came later blocks itself, not the invoice that it copies.
        """
        return tuple(each for each in invoices if self._height(each.root) < height)

    def _height(self, root: bytes) -> float:
        """Return when an invoice was registered; never, where this party knows of none."""
        try:
            return self.invoice(root).height
        except ApiError as error:
            if not error.is_not_found:
                raise
            return math.inf

    def _uscc(self, party: str) -> str:
        return msgspec.convert(self._session.node.get(f"/v1/parties/{party}")["item"], _Party).uscc


def verdict_of(report: CheckReport, subject: bytes, now_ms: int) -> SubmitVerdict:
    """Return the message that puts a report's result on the ledger for a day."""
    return SubmitVerdict(subject, *report.verdict_fields, now_ms + MS_PER_DAY)


def keep_promise(
    store: DocumentStore,
    invoice: InvoiceStatement,
    face_minor: int,
    due_day: int,
    issue_day: int,
) -> StoredDocument:
    """Write an obligor's promise to pay a certificate on an invoice, and keep it."""
    letter = {
        "format": PROMISE_FORMAT,
        "number": f"P-{invoice.number}",
        "issue_date": iso_of_day(issue_day),
        "obligor": msgspec.to_builtins(_named(invoice.buyer)),
        "creditor": msgspec.to_builtins(_named(invoice.seller)),
        "currency": invoice.currency,
        "face_minor": str(face_minor),
        "due_date": iso_of_day(due_day),
        "invoices": [invoice.number],
    }
    source = msgspec.json.format(msgspec.json.encode(letter), indent=2)
    statement = PromiseStatement(
        source_format=PROMISE_FORMAT,
        source_hash=hashlib.sha256(source).hexdigest(),
        number=f"P-{invoice.number}",
        issue_day=issue_day,
        obligor=_named(invoice.buyer),
        creditor=_named(invoice.seller),
        currency=invoice.currency,
        face_minor=face_minor,
        due_day=due_day,
        invoice_numbers=(invoice.number,),
    )
    return store.add(statement, source)


def _named(party: TradeParty) -> TradeParty:
    """Return a party by name and code alone."""
    return TradeParty(party.name, party.uscc, None)
