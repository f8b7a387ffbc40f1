"""What the table of types forbids is refused before anything is looked up."""

from typing import Any

import pytest

from xinlian.apps.credit.messages import PublishRecord
from xinlian.apps.credit.record_types import FORBIDDEN_KINDS, TYPE_RULES, WARNED_KINDS
from xinlian.primitives import LedgerError

FIELDS: dict[str, Any] = {
    "subject": b"s" * 20,
    "record_type": "loan_account",
    "schema_version": 1,
    "polarity": "neutral",
    "event_day": 1,
    "end_day": 0,
    "as_of_day": 1,
    "amount_minor": 0,
    "legal_basis": "consent",
    "consent": b"c" * 20,
    "law": "",
    "document_root": b"d" * 32,
    "previous": b"",
}


def said(**changes):
    try:
        PublishRecord(**(FIELDS | changes)).validate_basic()
    except LedgerError as error:
        return error.name
    return "ok"


@pytest.mark.parametrize("kind", sorted(FORBIDDEN_KINDS))
def test_what_article_14_forbids_is_refused_by_its_own_name(kind):
    assert said(record_type=kind) == "forbidden_kind"


@pytest.mark.parametrize("kind", sorted(WARNED_KINDS))
def test_what_article_14_ties_to_a_warning_is_refused_too(kind):
    assert said(record_type=kind) == "warned_kind"


@pytest.mark.parametrize("kind", ["query", "objection_mark", "horoscope"])
def test_what_is_in_no_list_or_arises_by_itself_is_refused(kind):
    assert said(record_type=kind) == "type_unknown"


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, "ok"),
        ({"schema_version": 2}, "schema_unknown"),
        ({"polarity": "excellent"}, "polarity_unfit"),
        ({"record_type": "utility_arrears"}, "polarity_unfit"),
        ({"record_type": "five_class", "amount_minor": 1}, "amount_unfit"),
        ({"legal_basis": "public_by_law", "law": "a", "consent": b""}, "basis_unfit"),
        ({"consent": b""}, "basis_unfit"),
        ({"consent": b"c"}, "basis_unfit"),
        ({"law": "cn.credit_regulation.art13"}, "basis_unfit"),
        ({"previous": b"p"}, "basis_unfit"),
    ],
)
def test_the_table_of_types_decides_what_a_record_may_say(changes, expected):
    assert said(**changes) == expected


def test_no_lender_reports_without_consent_and_no_office_under_one():
    for kind in ("loan_account", "monthly_status", "five_class", "guarantee"):
        assert TYPE_RULES[kind].bases == {"consent"}
    for kind in ("court_enforcement", "public_penalty", "tax_arrears"):
        assert TYPE_RULES[kind].bases == {"public_by_law"}
