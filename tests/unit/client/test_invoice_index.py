"""A store's candidates are those of its records as they are now, whoever added or removed them."""

import hashlib

import msgspec
import pytest

from unit.apps.supply_chain.checks.trades import CLEAN
from xinlian.apps.supply_chain.checks import OpenedDocument
from xinlian.client.document_store import DocumentDamaged, DocumentStore, StoredDocument
from xinlian.client.invoice_index import InvoiceIndex

FILE = CLEAN.file()


def keep(store: DocumentStore, number: str = CLEAN.invoice.number) -> StoredDocument:
    source = number.encode()
    digest = hashlib.sha256(source).hexdigest()
    return store.add(
        msgspec.structs.replace(CLEAN.invoice, number=number, source_hash=digest), source
    )


def opened(*documents: StoredDocument) -> tuple[OpenedDocument, ...]:
    by_root = sorted(documents, key=lambda document: document.root)
    return tuple(OpenedDocument(document.root, document.statement) for document in by_root)


def test_what_is_added_later_by_this_process_or_another_becomes_a_candidate(tmp_path):
    store = DocumentStore(tmp_path)
    first = keep(store)
    assert store.invoices.candidates(FILE) == opened(first)
    second = keep(store)
    third = keep(DocumentStore(tmp_path))
    assert store.invoices.candidates(FILE) == opened(first, second, third)
    assert store.invoices.copy_candidates(FILE) == opened(first, second, third)


def test_an_invoice_that_is_gone_is_no_candidate(tmp_path):
    store = DocumentStore(tmp_path)
    kept, gone = keep(store), keep(store)
    assert len(store.invoices.candidates(FILE)) == 2
    (tmp_path / "records" / f"{gone.root.hex()}.json").unlink()
    assert store.invoices.candidates(FILE) == opened(kept)


def test_a_candidate_that_was_changed_is_refused(tmp_path):
    store = DocumentStore(tmp_path)
    document = keep(store)
    store.invoices.candidates(FILE)
    record = tmp_path / "records" / f"{document.root.hex()}.json"
    record.write_bytes(record.read_bytes().replace(b'"CNY"', b'"USD"'))
    with pytest.raises(DocumentDamaged):
        store.invoices.candidates(FILE)


def test_an_invoice_that_does_not_matter_is_read_once_only():
    apart = CLEAN.but("invoice", seller=CLEAN.invoice.buyer, lines=()).invoice
    statements = {b"1" * 32: CLEAN.invoice, b"2" * 32: apart}
    roots = list(statements)
    read = []

    def reading(root):
        read.append(root)
        return statements[root]

    index = InvoiceIndex(lambda since: (len(roots), roots[since:]), reading)
    for _ in range(2):
        assert [document.root for document in index.candidates(FILE)] == [b"1" * 32]
    assert sorted(read) == [b"1" * 32] * 3 + [b"2" * 32]


@pytest.mark.parametrize("change", ["remove", "cut", "tear", "rewrite"])
def test_what_came_while_the_index_of_the_store_was_harmed_is_a_candidate(tmp_path, change):
    store = DocumentStore(tmp_path)
    first = keep(store)
    assert store.invoices.candidates(FILE) == opened(first)
    index = tmp_path / "index"
    second = keep(DocumentStore(tmp_path))
    if change == "remove":
        index.unlink()
    elif change == "cut":
        index.write_bytes(b"")
    elif change == "tear":
        index.write_bytes(index.read_bytes()[:-9] + b"\n")
    else:
        lines = index.read_bytes()
        index.unlink()
        index.write_bytes(lines)
    third = keep(DocumentStore(tmp_path))
    assert store.invoices.candidates(FILE) == opened(first, second, third)


def test_a_record_that_comes_does_not_have_the_folder_listed_again(tmp_path, monkeypatch):
    store, other = DocumentStore(tmp_path), DocumentStore(tmp_path)
    documents = [keep(store)]
    store.invoices.candidates(FILE)
    keep_one = keep(other)
    monkeypatch.setattr(store, "_roots", lambda: pytest.fail("the folder was listed"))
    documents += [keep_one, keep(store)]
    assert store.invoices.candidates(FILE) == opened(*documents)
