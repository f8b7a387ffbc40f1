"""Step 2: documents of real formats become commitments, graded facts and signed verdicts."""

import dataclasses
from collections.abc import Iterable
from pathlib import Path
from typing import TypeVar

from xinlian.apps.supply_chain.checks import CheckReport, Purpose
from xinlian.apps.supply_chain.messages import RegisterInvoice
from xinlian.cli.demo.case import CaseDocument, CaseTrade, file_of
from xinlian.cli.demo.narrator import Narrator
from xinlian.cli.demo.world import World
from xinlian.client.document_store import StoredDocument
from xinlian.client.trade import verdict_of
from xinlian.connectors import read_document
from xinlian.modules.documents.messages import CountersignDocument, RegisterDocument
from xinlian.modules.evidence.messages import RecordFact
from xinlian.modules.evidence.statements import InvoiceStatement
from xinlian.modules.evidence.types import VerdictOutcome

PAPER_ROLES = ("operations",)
VERIFIER_ROLES = ("verifier",)
KeyT = TypeVar("KeyT")


@dataclasses.dataclass(frozen=True, slots=True)
class Papers:
    """The documents of one trade, by kind; the invoice is the subject of its facts."""

    trade: CaseTrade
    by_kind: dict[str, StoredDocument]

    @property
    def invoice_root(self) -> bytes:
        """The root of the invoice."""
        return self.by_kind["invoice"].root

    @property
    def invoice(self) -> InvoiceStatement:
        """What the invoice states."""
        statement = self.by_kind["invoice"].statement
        if not isinstance(statement, InvoiceStatement):
            raise TypeError("the case's invoice is no invoice")
        return statement

    @property
    def contract_root(self) -> bytes:
        """The root of the contract."""
        return self.by_kind["contract"].root


def keep_documents(world: World, folder: Path, trade: CaseTrade) -> Papers:
    """Read each file into its owner's store and share it with those who sign or verify it."""
    kept: dict[str, StoredDocument] = {}
    for document in trade.documents:
        source = file_of(folder, document.file)
        owner = world.stores[document.registered_by]
        stored = owner.add(read_document(source), source)
        package = owner.share(stored.root)
        readers = {trade.buyer, trade.seller, *document.countersigned_by, *trade.verifiers}
        for name in sorted(readers - {document.registered_by}):
            world.stores[name].import_shared(package)
        kept[document.kind] = stored
    return Papers(trade, kept)


def register_documents(world: World, narrator: Narrator, papers: Papers) -> None:
    """Commit to the documents, countersign them, open the invoice's file, record the facts."""
    documents = papers.trade.documents
    for owner, owned in _grouped((d.registered_by, d) for d in documents).items():
        registrations = [
            RegisterDocument(stored.root, stored.schema, stored.version)
            for stored in (papers.by_kind[document.kind] for document in owned)
        ]
        submitted = world.sessions[owner].submit(*registrations, roles=PAPER_ROLES)
        kinds = ", ".join(document.kind for document in owned)
        narrator.act(owner, PAPER_ROLES, submitted, "登记文档根", f"commits to {kinds}")
    countersigned = ((name, d) for d in documents for name in d.countersigned_by)
    for name, signed in _grouped(countersigned).items():
        roots = [papers.by_kind[document.kind].root for document in signed]
        signatures = [CountersignDocument(root) for root in roots]
        submitted = world.sessions[name].submit(*signatures, roles=PAPER_ROLES)
        kinds = ", ".join(document.kind for document in signed)
        narrator.act(name, PAPER_ROLES, submitted, "会签", f"countersigns {kinds}")


def open_claim(world: World, narrator: Narrator, papers: Papers) -> None:
    """Register the invoice; record every document as a graded fact about it."""
    invoice, seller = papers.invoice, papers.trade.seller
    register = RegisterInvoice(
        papers.invoice_root,
        world.party(papers.trade.buyer),
        invoice.currency,
        invoice.gross_minor,
        invoice.prepaid_minor,
    )
    submitted = world.sessions[seller].submit(register, roles=PAPER_ROLES)
    narrator.act(
        seller,
        PAPER_ROLES,
        submitted,
        f"登记发票 {invoice.number},价税合计 {money(invoice.gross_minor)}",
        f"registers invoice {invoice.number}",
    )
    record_facts(world, narrator, papers)


def record_facts(world: World, narrator: Narrator, papers: Papers) -> None:
    """Record every document as a fact, by the party that registered it."""
    by_owner = _grouped((d.registered_by, d) for d in papers.trade.documents)
    for owner, owned in by_owner.items():
        facts = [_fact(papers, document) for document in owned]
        submitted = world.sessions[owner].submit(*facts, roles=PAPER_ROLES)
        narrator.act(owner, PAPER_ROLES, submitted, "提交证据", f"records {len(facts)} facts")


def give_verdict(
    world: World,
    narrator: Narrator,
    name: str,
    papers: Papers,
    due_day: int | None = None,
) -> CheckReport:
    """Run a party's checks over its own documents and put the verdict on the ledger."""
    purpose = Purpose(papers.trade.purpose)
    report = world.trade(name).check(papers.invoice_root, due_day, purpose)
    session = world.sessions[name]
    verdict = verdict_of(report, papers.invoice_root, session.now_ms())
    submitted = session.submit(verdict, roles=VERIFIER_ROLES)
    narrator.act(
        name,
        VERIFIER_ROLES,
        submitted,
        f"核验 {len(report.document_roots)} 份单据:{report.outcome.name}",
        f"checked {len(report.document_roots)} documents: "
        f"{report.outcome.name.lower()} {', '.join(report.codes)}".rstrip(),
    )
    return report


def check_corroborated(world: World, narrator: Narrator, papers: Papers) -> None:
    """Show each fact's grade, and that every flow is corroborated."""
    subject = papers.invoice_root.hex()
    seller = papers.trade.seller
    world.settle()
    facts = world.rows(seller, f"/v1/subjects/{subject}/facts")
    grades = ", ".join(f"{fact['kind']} {fact['grade'].upper()}" for fact in facts)
    answer = world.sessions[seller].node.get(f"/v1/subjects/{subject}/corroboration")
    narrator.check(
        "three flows corroborated",
        holds=not answer["missing"] and len(facts) == len(papers.trade.documents),
        chinese=f"三流互证成立:{grades}",
        english="money, information and goods each stand on graded facts",
    )


def check_passed(narrator: Narrator, name: str, report: CheckReport) -> None:
    """Record that a verifier passed the file."""
    narrator.check(
        f"{name} verifier passes",
        holds=report.outcome == VerdictOutcome.PASS,
        chinese=f"{name} 的核验通过",
        english=f"the verifier of {name} passes the file",
    )


def money(amount_minor: int) -> str:
    """Return an amount of minor units for people."""
    return f"{amount_minor // 100:,}.{amount_minor % 100:02}"


def _fact(papers: Papers, document: CaseDocument) -> RecordFact:
    stored = papers.by_kind[document.kind]
    return RecordFact(papers.invoice_root, stored.root, stored.schema)


def _grouped(pairs: Iterable[tuple[KeyT, CaseDocument]]) -> dict[KeyT, list[CaseDocument]]:
    grouped: dict[KeyT, list[CaseDocument]] = {}
    for key, document in pairs:
        grouped.setdefault(key, []).append(document)
    return grouped
