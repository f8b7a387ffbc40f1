"""A party's verifier reads amounts from the ledger and statements from its own store."""

import io
from pathlib import Path

import msgspec
import pytest
from rich.console import Console

from xinlian.apps.supply_chain.messages import RegisterInvoice
from xinlian.cli.demo.case import load_full_case
from xinlian.cli.demo.narrator import Narrator
from xinlian.cli.demo.papers import keep_documents, open_claim, register_documents
from xinlian.cli.demo.world import World, draw_keyrings
from xinlian.client.document_store import DocumentStore, DocumentUnknown
from xinlian.client.errors import ApiError
from xinlian.client.trade import PROMISE_FORMAT, Trade, keep_promise, verdict_of
from xinlian.modules.documents.messages import RegisterDocument
from xinlian.modules.evidence.types import VerdictOutcome
from xinlian.primitives.time import MS_PER_DAY, iso_of_day

CASE = load_full_case(Path(__file__).parents[3] / "examples" / "receivable-finance")


@pytest.fixture(scope="module")
def told(tmp_path_factory):
    """The case's documents are registered, and facts of the first trade are recorded."""
    folder = tmp_path_factory.mktemp("trade")
    cast = CASE.case.cast()
    keyrings = draw_keyrings(folder, cast)
    narrator = Narrator(Console(file=io.StringIO()))
    with World(folder, "test-trade", cast, keyrings, CASE.case.starts_at_ms, {}) as world:
        papers = keep_documents(world, CASE.folder, CASE.case.trade)
        register_documents(world, narrator, papers)
        open_claim(world, narrator, papers)
        yield world, papers


def test_a_party_with_all_documents_passes_the_trade(told):
    world, papers = told
    report = world.trade("core").check(papers.invoice_root, CASE.certificate.due_day)
    assert report.outcome == VerdictOutcome.PASS
    assert len(report.document_roots) == len(CASE.case.trade.documents)


def test_a_verdict_names_the_subject_and_ends_after_a_day(told):
    world, papers = told
    report = world.trade("core").check(papers.invoice_root)
    verdict = verdict_of(report, papers.invoice_root, 1_000)
    assert (verdict.subject, verdict.outcome) == (papers.invoice_root, VerdictOutcome.PASS)
    assert verdict.expires_at_ms == 1_000 + MS_PER_DAY


def test_a_document_that_is_not_shared_is_missing_from_the_file(told, tmp_path):
    world, papers = told
    few = DocumentStore(tmp_path / "documents")
    for kind in ("invoice", "contract"):
        root = papers.by_kind[kind].root
        few.import_shared(world.stores["supplier1"].share(root))
    report = Trade(world.sessions["supplier1"], few).check(papers.invoice_root)
    assert report.outcome == VerdictOutcome.HOLD
    assert "goods_receipt.missing" in report.codes


def test_without_the_invoice_itself_there_is_nothing_to_check(told, tmp_path):
    world, papers = told
    empty = DocumentStore(tmp_path / "documents")
    with pytest.raises(DocumentUnknown):
        Trade(world.sessions["supplier1"], empty).check(papers.invoice_root)


def test_a_stranger_to_the_claim_is_not_told_that_it_exists(told):
    world, papers = told
    with pytest.raises(ApiError, match="api/not_found"):
        Trade(world.sessions["supplier2"], world.stores["supplier1"]).check(papers.invoice_root)


def test_an_invoice_registered_under_two_roots_is_found_by_whoever_holds_both(told):
    world, papers = told
    source = world.stores["core"].source(papers.invoice_root)
    again = world.stores["core"].add(papers.invoice, source)
    assert again.root != papers.invoice_root
    assert [found.code for found in world.trade("core").copies_of(again.root)] == ["copy.exact"]
    assert world.trade("bank").copies_of(papers.invoice_root) == ()


def test_a_promise_is_kept_as_a_document_of_its_own(told, tmp_path):
    _, papers = told
    store = DocumentStore(tmp_path / "documents")
    due_day = CASE.certificate.due_day
    promise = keep_promise(store, papers.invoice, 1_000_000_00, due_day, due_day - 90)
    letter = msgspec.json.decode(store.source(promise.root))
    assert letter["format"] == PROMISE_FORMAT
    assert letter["due_date"] == iso_of_day(due_day)
    assert letter["face_minor"] == "100000000"
    assert letter["obligor"]["uscc"] == papers.invoice.buyer.uscc
    assert store.get(promise.root).schema == "promise"


def test_a_copy_that_is_registered_later_blocks_itself_and_not_the_original(told):
    world, papers = told
    source = world.stores["supplier1"].source(papers.invoice_root)
    copy = world.stores["supplier1"].add(papers.invoice, source)
    invoice = papers.invoice
    world.sessions["supplier1"].submit(
        RegisterDocument(copy.root, copy.schema, copy.version),
        RegisterInvoice(
            copy.root,
            world.party("core"),
            invoice.currency,
            invoice.gross_minor,
            invoice.prepaid_minor,
        ),
        roles=("operations",),
    )
    world.settle()
    original = world.trade("supplier1").check(papers.invoice_root)
    assert original.outcome == VerdictOutcome.PASS
    assert "copy.exact" in world.trade("supplier1").check(copy.root).codes
