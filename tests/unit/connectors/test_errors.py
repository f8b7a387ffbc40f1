"""Refusals of files: stable codes, a place, and what to do next in two languages."""

import pytest

from xinlian.connectors import errors
from xinlian.connectors.errors import DocumentError, MissingElement, quoted
from xinlian.primitives import LedgerError


def _concrete(root=DocumentError):
    for error in root.__subclasses__():
        yield from _concrete(error)
        if not error.__subclasses__():
            yield error


ERRORS = sorted(_concrete(), key=lambda error: error.code)


def test_the_codes_are_these_for_ever():
    assert [(error.code, error.name) for error in ERRORS] == [
        (1, "too_large"),
        (2, "not_xml"),
        (3, "not_json"),
        (4, "forbidden_construct"),
        (5, "too_deep"),
        (6, "too_many_nodes"),
        (7, "unknown_format"),
        (8, "unsupported_document_type"),
        (9, "schema_invalid"),
        (10, "missing_element"),
        (11, "duplicate_id"),
        (12, "wrong_check_digit"),
        (13, "amount_invalid"),
        (14, "mixed_currencies"),
        (15, "date_invalid"),
    ]


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: error.name)
def test_every_refusal_says_where_what_and_what_next_in_both_languages(error):
    refusal = error("/Invoice/cbc:ID", "detail")
    assert issubclass(error, LedgerError)
    assert refusal.reference == f"connectors/{error.name}"
    for text, advice in ((str(refusal), error.advice), (refusal.text_zh, error.advice_zh)):
        assert "/Invoice/cbc:ID" in text
        assert "detail" in text
        assert text.endswith(advice)
    assert error.advice.isascii() or "…" in error.advice
    assert not error.advice_zh.isascii()


def test_a_refusal_of_the_whole_file_says_so():
    assert str(MissingElement("")).startswith("the file: missing_element")


def test_a_quotation_is_short_and_printable():
    assert quoted("a") == "'a'"
    assert len(quoted("x" * 1_000)) <= errors.QUOTE_CHARS_MAX + 3
    assert quoted("a\x1b[31m").isprintable()
    assert quoted("\ud800").isascii()
