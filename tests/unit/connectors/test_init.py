"""Reading a file whatever its format, and refusing it by name whatever is wrong with it."""

import hashlib

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

import xinlian.connectors
from unit.connectors.samples import ALL, CONTRACT, EVENT, INVOICE, changed, document_of, json_bytes
from xinlian.connectors import SUPPORTED, DocumentError, read_document
from xinlian.connectors.errors import NotXml, TooLarge, UnknownFormat, UnsupportedDocumentType
from xinlian.connectors.ubl import UBL_KINDS
from xinlian.crypto.field_tree import disclose, document_root, verify_disclosure
from xinlian.modules.evidence.statements import (
    SCHEMAS,
    STATEMENT_VERSION,
    Statement,
    fields_of,
    schema_of,
)

SCHEMA_OF_SAMPLE = {
    "camt.053": "bank_entry",
    "camt.054": "bank_entry",
    "event": "goods_event",
    "events": "goods_event",
}


def test_the_public_names_are_these():
    assert xinlian.connectors.__all__ == [
        "DOCUMENT_BYTES_MAX",
        "SUPPORTED",
        "AccountStatement",
        "DocumentError",
        "PaymentInstruction",
        "StatementEntry",
        "SupportedDocument",
        "read_document",
        "write_payment_order",
        "write_statement",
    ]


@pytest.mark.parametrize("name", ALL)
def test_a_format_is_recognised_by_its_content(name):
    statement = read_document(ALL[name])
    assert schema_of(statement) == SCHEMA_OF_SAMPLE.get(name, name)
    assert statement.source_hash == hashlib.sha256(ALL[name]).hexdigest()


@pytest.mark.parametrize("name", ALL)
def test_a_byte_order_mark_changes_only_the_hash(name):
    marked = read_document(b"\xef\xbb\xbf" + ALL[name])
    plain = read_document(ALL[name])
    assert {**fields_of(marked), "source_hash": ""} == {**fields_of(plain), "source_hash": ""}


@pytest.mark.parametrize("name", ALL)
def test_what_is_read_can_be_committed_to_and_opened_field_by_field(name):
    statement = read_document(ALL[name])
    fields, schema, salt = fields_of(statement), schema_of(statement), bytes(range(32))
    root = document_root(schema, STATEMENT_VERSION, fields, salt)
    disclosure = disclose(schema, STATEMENT_VERSION, fields, salt, [("source_hash",)])
    opened = verify_disclosure(root, disclosure)
    assert opened.values == {("source_hash",): statement.source_hash}


def test_every_supported_kind_becomes_a_known_statement():
    assert {document.schema for document in SUPPORTED} <= set(SCHEMAS)
    assert {document.schema for document in SUPPORTED} == {
        schema_of(read_document(sample)) for sample in ALL.values()
    }
    assert {document.kind for document in SUPPORTED if "UBL" in document.standard} == set(UBL_KINDS)


@pytest.mark.parametrize(
    ("data", "error"),
    [
        (b"", UnknownFormat),
        (b"   \n", UnknownFormat),
        (b"%PDF-1.7", UnknownFormat),
        (b"PK\x03\x04", UnknownFormat),
        (b"\x00", UnknownFormat),
        (b'"text"', UnknownFormat),
        (b"12", UnknownFormat),
        (b"[]", UnknownFormat),
        (b"{}", UnknownFormat),
        (b'{"type":"Feature"}', UnknownFormat),
        (b'{"format":1}', UnknownFormat),
        (b'{"format":"xinlian-contract-2"}', UnsupportedDocumentType),
        (b"<Invoice/>", UnknownFormat),
        (b'<Invoice xmlns="urn:example"/>', UnknownFormat),
        (b'<rss version="2.0"/>', UnknownFormat),
        ("<Invoice/>".encode("utf-16"), NotXml),
        (b"<" * (5 * 1024 * 1024 + 1), TooLarge),
    ],
    ids=lambda value: value.__name__ if isinstance(value, type) else repr(value[:20]),
)
def test_what_is_no_format_of_ours_is_refused_by_name(data, error):
    with pytest.raises(error):
        read_document(data)


def test_a_wrong_namespace_is_named():
    with pytest.raises(UnknownFormat) as refused:
        read_document(changed(INVOICE, "urn:oasis:names:specification:ubl", "urn:example:ubl"))
    assert "urn:example:ubl" in refused.value.detail


def _refused_or_read(data):
    """Anything but a statement or a named refusal fails the test that called."""
    refusal: DocumentError | None = None
    try:
        statement = read_document(data)
    except DocumentError as error:
        refusal = error
    if refusal is not None:
        assert str(refusal).endswith(refusal.advice)
        assert refusal.text_zh.endswith(refusal.advice_zh)
        return
    assert isinstance(statement, Statement)
    assert document_root("s", 1, fields_of(statement), bytes(32))


@pytest.mark.parametrize("name", ALL)
@given(data=st.data())
def test_a_changed_byte_is_refused_by_name_or_read(name, data):
    raw = bytearray(ALL[name])
    for _ in range(data.draw(st.integers(1, 3))):
        raw[data.draw(st.integers(0, len(raw) - 1))] = data.draw(st.integers(0, 255))
    _refused_or_read(bytes(raw))


@pytest.mark.parametrize("name", ALL)
@given(data=st.data())
def test_a_cut_or_spliced_file_is_refused_by_name_or_read(name, data):
    raw = ALL[name]
    start = data.draw(st.integers(0, len(raw)))
    end = data.draw(st.integers(start, len(raw)))
    _refused_or_read(raw[:start] + raw[end:])
    _refused_or_read(raw[:start] + raw[start:end] * 2 + raw[end:])


@given(st.binary(max_size=200))
@example(b'<?xml version="1.0"?>')
def test_any_bytes_are_refused_by_name(data):
    with pytest.raises(DocumentError):
        read_document(data)


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4)
    ),
    max_leaves=8,
)


@given(st.sampled_from(sorted(EVENT)), _JSON, st.booleans())
def test_any_value_in_an_event_is_refused_by_name_or_read(name, value, is_in_document):
    event = {**EVENT, name: value}
    _refused_or_read(json_bytes(document_of(event) if is_in_document else event))


@given(st.sampled_from(sorted(CONTRACT)), _JSON)
def test_any_value_in_a_contract_is_refused_by_name_or_read(name, value):
    _refused_or_read(json_bytes({**CONTRACT, name: value}))
