"""A party's documents: found again byte for byte, or refused by name."""

import hashlib
import os
import stat

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from unit.apps.supply_chain.checks.trades import CLEAN
from xinlian.client import document_store
from xinlian.client.document_store import (
    DocumentDamaged,
    DocumentError,
    DocumentStore,
    DocumentUnfit,
    DocumentUnknown,
    FolderUnusable,
    PackageInvalid,
)
from xinlian.crypto.field_tree import document_root
from xinlian.modules.evidence.statements import SCHEMAS, InvoiceStatement

SOURCE = "发票 26991000000000000001".encode()
INVOICE = msgspec.structs.replace(CLEAN.invoice, source_hash=hashlib.sha256(SOURCE).hexdigest())


@pytest.fixture
def store(tmp_path):
    return DocumentStore(tmp_path / "documents")


@pytest.fixture
def record_path(tmp_path):
    return lambda root: tmp_path / "documents" / "records" / f"{root.hex()}.json"


def with_source(name: str):
    source = name.encode()
    statement = getattr(CLEAN, name)
    digest = hashlib.sha256(source).hexdigest()
    return msgspec.structs.replace(statement, source_hash=digest), source


def test_a_document_comes_back_as_it_was_added(store):
    added = store.add(INVOICE, SOURCE)
    assert store.get(added.root) == added
    assert store.get(added.root).statement == INVOICE
    assert store.source(added.root) == SOURCE
    assert (added.schema, added.version) == ("invoice", 1)


def test_the_root_is_the_salted_field_tree_root_of_what_the_record_holds(store, record_path):
    added = store.add(INVOICE, SOURCE)
    record = msgspec.json.decode(record_path(added.root).read_bytes())
    salt = bytes.fromhex(record["salt"])
    assert len(salt) == 32
    assert document_root("invoice", 1, record["fields"], salt) == added.root
    assert record["fields"] == msgspec.json.decode(msgspec.json.encode(INVOICE))


def test_the_same_document_added_twice_has_two_salts_and_two_roots(store):
    assert store.add(INVOICE, SOURCE).root != store.add(INVOICE, SOURCE).root


@pytest.mark.parametrize(
    "name", ["contract", "order", "despatch", "receipt", "invoice", "event", "bank"]
)
def test_documents_of_every_schema_are_kept_and_shared(store, tmp_path, name):
    statement, source = with_source(name)
    added = store.add(statement, source)
    other = DocumentStore(tmp_path / "other")
    assert other.import_shared(store.share(added.root)) == added
    assert other.get(added.root).statement == statement
    assert other.source(added.root) == source


def test_documents_are_listed_by_schema_in_the_order_of_their_roots(store):
    added = [store.add(*with_source(name)) for name in ("order", "invoice", "receipt")]
    added.append(store.add(INVOICE, SOURCE))
    assert store.all() == tuple(sorted(added, key=lambda document: document.root))
    assert {d.schema for d in store.all("invoice")} == {"invoice"}
    assert [s for _, s in store.statements(InvoiceStatement)] == [
        document.statement for document in store.all("invoice")
    ]
    assert store.all("credit_note") == ()


def test_a_reopened_store_knows_its_documents(store, tmp_path):
    added = store.add(INVOICE, SOURCE)
    assert DocumentStore(tmp_path / "documents").get(added.root) == added


def test_an_unknown_root_is_said_to_be_unknown(store):
    with pytest.raises(DocumentUnknown) as refusal:
        store.get(bytes(32))
    assert refusal.value.reference == "document_store/unknown"


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(position=st.integers(0, 10_000), flip=st.integers(1, 255))
def test_one_changed_byte_of_a_record_is_found_and_the_file_named(
    store, record_path, position, flip
):
    root = store.add(INVOICE, SOURCE).root
    path = record_path(root)
    content = bytearray(path.read_bytes())
    content[position % len(content)] ^= flip
    path.write_bytes(content)
    try:
        is_same_or_named = store.get(root).statement == INVOICE  # the case of a salt's digit
    except DocumentDamaged as damaged:
        is_same_or_named = damaged.path == path
    assert is_same_or_named
    path.unlink()


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{}",
        b"[" * 100_000,
        b'{"format":"xinlian-document-1","schema":"nothing","version":1,"salt":"","fields":{}}',
        b'{"format":"xinlian-document-1","schema":"invoice","version":1,"salt":"","fields":{}}',
    ],
)
def test_a_record_that_is_no_record_is_damaged(store, record_path, content):
    root = store.add(INVOICE, SOURCE).root
    record_path(root).write_bytes(content)
    with pytest.raises(DocumentDamaged):
        store.get(root)


def test_a_changed_or_lost_source_is_found(store, tmp_path):
    root = store.add(INVOICE, SOURCE).root
    path = tmp_path / "documents" / "sources" / INVOICE.source_hash
    path.write_bytes(SOURCE + b" ")
    with pytest.raises(DocumentDamaged) as damaged:
        store.share(root)
    assert damaged.value.path == path
    path.unlink()
    with pytest.raises(DocumentDamaged):
        store.source(root)


def test_a_source_that_the_statement_was_not_read_from_is_refused(store):
    with pytest.raises(DocumentUnfit):
        store.add(INVOICE, SOURCE + b"x")
    with pytest.raises(DocumentUnfit):
        store.add(msgspec.structs.replace(INVOICE, source_hash="../../evil"), SOURCE)
    assert store.all() == ()


def test_sizes_are_bounded(store, monkeypatch):
    big = b"x" * (document_store.SOURCE_BYTES_MAX + 1)
    statement = msgspec.structs.replace(INVOICE, source_hash=hashlib.sha256(big).hexdigest())
    with pytest.raises(DocumentUnfit):
        store.add(statement, big)
    monkeypatch.setattr(document_store, "RECORD_BYTES_MAX", 100)
    with pytest.raises(DocumentUnfit):
        store.add(INVOICE, SOURCE)


def test_a_full_store_refuses_and_keeps_what_it_has(store, monkeypatch):
    store.add(INVOICE, SOURCE)
    monkeypatch.setattr(document_store, "DOCUMENTS_MAX", 1)
    with pytest.raises(FolderUnusable):
        store.add(INVOICE, SOURCE)
    assert len(store.all()) == 1


def test_fields_without_a_canonical_encoding_are_refused(store):
    with pytest.raises(DocumentUnfit):
        store.add(msgspec.structs.replace(INVOICE, gross_minor=2**70), SOURCE)


def test_only_the_owner_may_read_files_and_enter_folders(tmp_path):
    loose = tmp_path / "documents"
    loose.mkdir(mode=0o755)
    DocumentStore(loose).add(INVOICE, SOURCE)
    for path in (loose, *loose.rglob("*")):
        mode = stat.S_IMODE(path.stat().st_mode)
        assert mode == (0o700 if path.is_dir() else 0o600), path


@pytest.mark.parametrize("place", ["documents", "documents/records", "documents/sources"])
def test_a_link_in_place_of_a_folder_is_refused(tmp_path, place):
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / place).parent.mkdir(exist_ok=True)
    (tmp_path / place).symlink_to(tmp_path / "elsewhere")
    with pytest.raises(FolderUnusable):
        DocumentStore(tmp_path / "documents")


def test_a_file_in_place_of_the_folder_is_refused(tmp_path):
    (tmp_path / "documents").write_bytes(b"")
    with pytest.raises(FolderUnusable):
        DocumentStore(tmp_path / "documents")


def test_a_link_or_pipe_in_place_of_a_record_is_not_read(store, record_path, tmp_path):
    root = store.add(INVOICE, SOURCE).root
    path = record_path(root)
    moved = path.rename(tmp_path / "moved.json")
    path.symlink_to(moved)
    with pytest.raises(DocumentDamaged):
        store.get(root)
    path.unlink()
    os.mkfifo(path)
    with pytest.raises(DocumentDamaged):
        store.get(root)


def test_a_draft_left_by_a_crash_is_passed_over(store, record_path):
    added = store.add(INVOICE, SOURCE)
    path = record_path(added.root)
    path.with_name(f".{path.name}.abc").write_bytes(b"half")
    assert store.all() == (added,)


def test_a_failed_write_leaves_no_record_behind(store, monkeypatch):
    def refuse(*_: object) -> None:
        raise OSError(28, "no space left on device")

    monkeypatch.setattr(document_store, "write_private", refuse)
    with pytest.raises(OSError, match="no space"):
        store.add(INVOICE, SOURCE)
    monkeypatch.undo()
    assert store.all() == ()


def test_the_salt_is_in_no_text(store, record_path, capsys):
    added = store.add(INVOICE, SOURCE)
    content = record_path(added.root).read_bytes()
    salt = msgspec.json.decode(content)["salt"]
    record = msgspec.json.decode(content, type=document_store._Record)
    package = msgspec.msgpack.decode(store.share(added.root), type=document_store._Package)
    record_path(added.root).write_bytes(content.replace(b"CNY", b"USD"))
    with pytest.raises(DocumentDamaged) as damaged:
        store.get(added.root)
    texts = [repr(x) for x in (added, store, record, package, damaged.value)]
    assert not any(salt in text or repr(bytes.fromhex(salt)) in text for text in texts)


# What another party shares


def repacked(package: bytes, **changes: object) -> bytes:
    return msgspec.msgpack.encode({**msgspec.msgpack.decode(package), **changes})


@pytest.mark.parametrize(
    "changes",
    [
        {"root": bytes(32)},
        {"salt": bytes(32)},
        {"salt": b"short"},
        {"source": b"another file"},
        {"schema": "order"},
        {"schema": "nothing"},
        {"version": 2},
        {"format": "xinlian-shared-document-2"},
        {"fields": {}},
        {"extra": 1},
    ],
)
def test_a_package_whose_parts_do_not_fit_is_refused(store, tmp_path, changes):
    package = store.share(store.add(INVOICE, SOURCE).root)
    other = DocumentStore(tmp_path / "other")
    with pytest.raises(PackageInvalid) as refusal:
        other.import_shared(repacked(package, **changes))
    assert refusal.value.reference == "document_store/package_invalid"
    assert other.all() == ()


@pytest.mark.parametrize(
    "change",
    [{"gross_minor": 1}, {"number": "26991000000000000002"}, {"unknown": 1}, {"number": 5}],
)
def test_a_changed_field_is_refused(store, tmp_path, change):
    package = store.share(store.add(INVOICE, SOURCE).root)
    fields = {**msgspec.msgpack.decode(package)["fields"], **change}
    with pytest.raises(PackageInvalid):
        DocumentStore(tmp_path / "other").import_shared(repacked(package, fields=fields))


@given(junk=st.binary(max_size=200) | st.just(b"\x91" * 100_000) | st.just(b"\xc1"))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_junk_is_refused(store, junk):
    with pytest.raises(PackageInvalid):
        store.import_shared(junk)


def test_an_oversized_package_is_refused_before_it_is_read(store, monkeypatch):
    monkeypatch.setattr(document_store, "PACKAGE_BYTES_MAX", 10)
    with pytest.raises(PackageInvalid, match="more than 10 bytes"):
        store.import_shared(b"x" * 11)


def test_importing_twice_keeps_one(store, tmp_path):
    package = store.share(store.add(INVOICE, SOURCE).root)
    other = DocumentStore(tmp_path / "other")
    assert other.import_shared(package) == other.import_shared(package)
    assert len(other.all()) == 1


def test_every_refusal_has_a_stable_name_of_its_own():
    names = [error.name for error in DocumentError.__subclasses__()]
    assert len(names) == len(set(names))
    assert "error" not in names


def test_every_schema_of_statements_can_be_kept():
    assert set(SCHEMAS) >= {"contract", "order", "invoice", "bank_entry", "goods_event"}
