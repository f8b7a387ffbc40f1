"""The same invoice again: what is exact, what is near, and what is only alike."""

import msgspec
import pytest

from unit.apps.supply_chain.checks.trades import (
    CLEAN,
    GTINS,
    SIGNED,
    STRANGER,
    Item,
    root_of,
    trade_of,
)
from xinlian.apps.supply_chain.checks import OpenedDocument, find_copies
from xinlian.modules.evidence.statements import InvoiceStatement, TradeParty

INVOICE = CLEAN.invoice
MONTHLY = msgspec.structs.replace(
    INVOICE, despatch_number="FH-2026-002", receipt_number="SH-2026-002", issue_day=SIGNED + 43
)


def copies_of(earlier: InvoiceStatement, root: bytes = root_of("earlier")) -> list[str]:
    found = find_copies(CLEAN.file(), (OpenedDocument(root, earlier),))
    return [copy.code for copy in found]


def test_the_same_invoice_under_another_root_is_an_exact_copy():
    (copy,) = find_copies(CLEAN.file(), (OpenedDocument(root_of("earlier"), INVOICE),))
    assert copy.code == "copy.exact"
    assert (copy.root, copy.earlier_root) == (root_of("invoice"), root_of("earlier"))


def test_a_document_is_no_copy_of_itself():
    assert copies_of(INVOICE, root_of("invoice")) == []


@pytest.mark.parametrize(
    "changes",
    [
        {"number": " 2699 1000 0000 0000 0001"},
        {"number": "".join(chr(ord(digit) + 0xFEE0) for digit in INVOICE.number)},
        {"source_hash": "11" * 32, "source_format": "another"},
        {"seller": TradeParty("另一种写法", INVOICE.seller.uscc, None)},
        {"lines": (), "despatch_number": None, "receipt_number": None},
    ],
)
def test_another_layout_of_the_same_invoice_is_an_exact_copy(changes):
    assert copies_of(msgspec.structs.replace(INVOICE, **changes)) == ["copy.exact"]


@pytest.mark.parametrize(
    "number", ["26991000000000000002", "2699100000000000001", "269910000000000000011"]
)
def test_one_character_off_with_nearly_the_same_amount_is_near(number):
    gross = INVOICE.gross_minor + INVOICE.gross_minor // 100
    near = msgspec.structs.replace(INVOICE, number=number, gross_minor=gross)
    assert copies_of(near) == ["copy.near"]


def test_the_same_number_with_anything_else_changed_is_near():
    changed = msgspec.structs.replace(MONTHLY, gross_minor=5 * INVOICE.gross_minor)
    assert copies_of(changed) == ["copy.near"]


def test_the_same_goods_under_an_unlike_number_are_near():
    assert copies_of(msgspec.structs.replace(INVOICE, number="77", issue_day=SIGNED)) == [
        "copy.near"
    ]


def test_the_next_number_for_the_next_delivery_is_no_copy():
    assert copies_of(msgspec.structs.replace(MONTHLY, number="26991000000000000002")) == []


def test_the_next_number_for_unnamed_goods_is_near():
    unnamed = msgspec.structs.replace(
        INVOICE, number="26991000000000000002", despatch_number=None, receipt_number=None
    )
    assert copies_of(unnamed) == ["copy.near"]


@pytest.mark.parametrize(
    "changes",
    [
        {"buyer": STRANGER},
        {"seller": STRANGER},
        {"currency": "USD"},
        {"number": "77", "gross_minor": 1},
        {"number": "26991000000000000002", "gross_minor": INVOICE.gross_minor * 2},
    ],
)
def test_what_is_only_alike_is_no_copy(changes):
    assert copies_of(msgspec.structs.replace(INVOICE, **changes)) == []


def test_two_copies_inside_one_file_are_found_once():
    file = CLEAN.adding("again", INVOICE).file()
    assert [copy.code for copy in find_copies(file, ())] == ["copy.exact"]


def test_other_kinds_of_earlier_documents_are_left_alone():
    order = OpenedDocument(root_of("order of another"), CLEAN.order)
    assert find_copies(CLEAN.file(), (order,)) == ()


def test_a_failure_names_the_document_of_the_file_and_not_the_earlier_one():
    other = trade_of([Item(GTINS[0], 1, 1_00, 0)]).invoice
    copies = find_copies(CLEAN.file(), (OpenedDocument(root_of("earlier"), other),))
    assert [copy.failure.document_roots for copy in copies] == [(root_of("invoice"),)]


def test_a_party_without_code_is_known_by_its_name():
    named = TradeParty(f" {INVOICE.seller.name}", None, None)
    assert copies_of(msgspec.structs.replace(INVOICE, seller=named)) == ["copy.exact"]
    other = TradeParty("另一家公司", None, None)
    assert copies_of(msgspec.structs.replace(INVOICE, seller=other)) == []
    nameless = TradeParty(None, None, "gln:9521234000013")
    assert copies_of(msgspec.structs.replace(INVOICE, seller=nameless)) == []
