"""Whatever happens to the index, the store finds what a reading of every record would find."""

import hashlib

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from unit.client.test_document_store import INVOICE, SOURCE, with_source
from xinlian.client.document_index import DocumentIndex, Entry
from xinlian.client.document_store import DocumentStore

NAMES = ("contract", "order", "invoice", "receipt", "bank")
ROOTS = [bytes((number,)) * 32 for number in range(4)]
ENTRY = Entry("invoice", "ab" * 32)


def unread(root: bytes) -> Entry:
    pytest.fail(f"{root.hex()} was read")


def test_what_was_noted_is_known_without_reading_and_after_reopening(tmp_path):
    index = DocumentIndex(tmp_path / "index")
    for root in ROOTS:
        index.note(root, ENTRY)
    expected = dict.fromkeys(ROOTS, ENTRY)
    assert index.entries(ROOTS, unread) == expected
    assert DocumentIndex(tmp_path / "index").entries(ROOTS, unread) == expected


def test_what_another_process_added_is_known(tmp_path):
    first, second = DocumentIndex(tmp_path / "index"), DocumentIndex(tmp_path / "index")
    first.note(ROOTS[0], ENTRY)
    assert second.entries(ROOTS[:1], unread) == {ROOTS[0]: ENTRY}
    first.note(ROOTS[1], ENTRY)
    assert second.entries(ROOTS[:2], unread) == dict.fromkeys(ROOTS[:2], ENTRY)


def test_a_record_that_nobody_noted_is_read_once(tmp_path):
    read = []

    def reading(root: bytes) -> Entry:
        read.append(root)
        return ENTRY

    DocumentIndex(tmp_path / "index").entries(ROOTS, reading)
    assert read == ROOTS
    assert DocumentIndex(tmp_path / "index").entries(ROOTS, unread) == dict.fromkeys(ROOTS, ENTRY)


@pytest.mark.parametrize("torn", range(1, 120))
def test_a_line_that_was_torn_costs_a_reading_and_harms_no_line_after_it(tmp_path, torn):
    path = tmp_path / "index"
    DocumentIndex(path).note(ROOTS[0], ENTRY)
    whole = path.read_bytes()
    path.write_bytes(whole[: torn % len(whole)])
    DocumentIndex(path).note(ROOTS[1], ENTRY)
    found = DocumentIndex(path).entries(ROOTS[:2], lambda _: ENTRY)
    assert found == dict.fromkeys(ROOTS[:2], ENTRY)
    assert DocumentIndex(path).entries(ROOTS[:2], unread) == found


def test_no_changed_bit_of_it_is_believed(tmp_path):
    path = tmp_path / "index"
    DocumentIndex(path).note(ROOTS[0], ENTRY)
    whole = path.read_bytes()
    for bit in range(8 * len(whole)):
        damaged = bytearray(whole)
        damaged[bit // 8] ^= 1 << (bit % 8)
        path.write_bytes(damaged)
        found = DocumentIndex(path).entries(ROOTS[:1], lambda _: ENTRY)
        assert found == {ROOTS[0]: ENTRY}


@pytest.mark.parametrize("line", ["not-hex invoice ab", "zz invoice ab", "  "])
def test_a_line_that_somebody_made_up_says_nothing(tmp_path, line):
    check = hashlib.sha256(line.encode()).hexdigest()[:16]
    (tmp_path / "index").write_text(f"{line} {check}\n")
    assert DocumentIndex(tmp_path / "index").entries(ROOTS[:1], lambda _: ENTRY)


def test_an_index_that_cannot_be_written_stands_in_nobodys_way(tmp_path):
    (tmp_path / "index").mkdir()
    index = DocumentIndex(tmp_path / "index")
    index.note(ROOTS[0], ENTRY)
    assert index.entries(ROOTS[:1], unread) == {ROOTS[0]: ENTRY}
    assert DocumentIndex(tmp_path / "index").entries(ROOTS[:1], lambda _: ENTRY)


def test_a_link_in_its_place_is_replaced_and_not_followed(tmp_path):
    elsewhere = tmp_path / "elsewhere"
    elsewhere.write_bytes(b"a diary\n")
    store = DocumentStore(tmp_path / "documents")
    (tmp_path / "documents" / "index").symlink_to(elsewhere)
    added = store.add(INVOICE, SOURCE)
    assert store.all("invoice") == (added,)
    assert elsewhere.read_bytes() == b"a diary\n"


@st.composite
def damages(draw):
    kind = draw(st.sampled_from(("none", "remove", "cut", "flip", "append", "reopen")))
    return kind, draw(st.integers(0, 5_000)), draw(st.binary(max_size=20))


def damage(path, kind: str, at: int, more: bytes) -> None:
    content = bytearray(path.read_bytes() if path.exists() else b"")
    if kind == "remove":
        path.unlink(missing_ok=True)
    elif content and kind == "flip":
        content[at % len(content)] ^= 1 << at % 8
        path.write_bytes(content)
    elif kind == "cut":
        path.write_bytes(content[: at % (len(content) + 1)])
    elif kind == "append":
        path.write_bytes(content + more)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40)
@given(steps=st.lists(st.tuples(st.sampled_from(NAMES), damages()), max_size=8))
def test_the_store_finds_what_reading_every_record_finds(tmp_path_factory, steps):
    folder = tmp_path_factory.mktemp("documents")
    store = DocumentStore(folder)
    for name, (kind, at, more) in steps:
        store.add(*with_source(name))
        damage(folder / "index", kind, at, more)
        if kind != "none":
            store = DocumentStore(folder)
        everything = store.all()
        for schema in {document.schema for document in everything}:
            assert store.all(schema) == tuple(d for d in everything if d.schema == schema)
        for digest in {document.source_hash for document in everything}:
            expected = tuple(d for d in everything if d.source_hash == digest)
            assert store.from_source(digest) == expected


def test_a_record_that_is_gone_is_not_looked_for(tmp_path):
    store = DocumentStore(tmp_path)
    kept, gone = store.add(INVOICE, SOURCE), store.add(INVOICE, SOURCE)
    (tmp_path / "records" / f"{gone.root.hex()}.json").unlink()
    assert store.all("invoice") == (kept,)
