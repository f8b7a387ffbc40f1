"""Over the candidates alone the checks come to what they come to over every earlier invoice."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from unit.apps.supply_chain.checks.trades import BUYER, CLEAN, SELLER, STRANGER, root_of
from xinlian.apps.supply_chain.checks import (
    EarlierInvoices,
    OpenedDocument,
    TradeFile,
    check_trade,
    find_copies,
)
from xinlian.modules.evidence.statements import InvoiceStatement, TradeLine, TradeParty

INVOICE = CLEAN.invoice
DAY = INVOICE.issue_day
NUMBER = INVOICE.number
NUMBERS = ("", "1", "2", "12", NUMBER, NUMBER[1:], f"{NUMBER}9", f"２{NUMBER[1:]}", f" {NUMBER}-")
PARTIES = (
    BUYER,
    SELLER,
    STRANGER,
    TradeParty(SELLER.name, None, None),
    TradeParty(None, SELLER.uscc, None),
    TradeParty(BUYER.name, None, None),
    TradeParty(None, None, None),
    TradeParty(SELLER.name, STRANGER.uscc, None),
)
GROSSES = (INVOICE.gross_minor, INVOICE.gross_minor + 1, INVOICE.gross_minor * 2, 0)


def mostly(usual, *others):
    return st.one_of(st.just(usual), st.sampled_from((usual, *others)))


@st.composite
def lines(draw) -> tuple[TradeLine, ...]:
    first = INVOICE.lines[0]
    return tuple(
        msgspec.structs.replace(
            first,
            item_id=draw(mostly(first.item_id, None, "", "own:7")),
            unit=draw(mostly(first.unit, None, "KGM")),
            unit_price_e6=draw(st.sampled_from((None, 0, 10**9, 15 * 10**8, 3 * 10**9))),
        )
        for _ in range(draw(st.integers(0, 2)))
    )


@st.composite
def invoices(draw) -> InvoiceStatement:
    number = st.one_of(st.sampled_from(NUMBERS), st.text("12０-", max_size=4))
    return msgspec.structs.replace(
        INVOICE,
        number=draw(number),
        seller=draw(mostly(SELLER, *PARTIES)),
        buyer=draw(mostly(BUYER, *PARTIES)),
        currency=draw(mostly("CNY", "USD", "")),
        issue_day=DAY + draw(st.sampled_from((0, 0, 1, -1, -89, -90, -91))),
        gross_minor=draw(st.sampled_from(GROSSES)),
        contract_number=draw(st.sampled_from((INVOICE.contract_number, "HT-2", None))),
        order_number=draw(st.sampled_from((INVOICE.order_number, "PO-2", None))),
        receipt_number=draw(st.sampled_from((INVOICE.receipt_number, "SH-2", None))),
        despatch_number=draw(st.sampled_from((INVOICE.despatch_number, "FH-2", None))),
        lines=draw(lines()),
    )


@st.composite
def files(draw) -> TradeFile:
    """The clean trade with an invoice like those of the store, or with its own."""
    trade = CLEAN.lacking(*draw(st.sets(st.sampled_from(("contract", "order", "receipt")))))
    own = draw(st.one_of(st.just([INVOICE]), st.lists(invoices(), min_size=1, max_size=2)))
    for number, invoice in enumerate(own):
        trade = trade.adding(f"own {number}", invoice)
    return trade.lacking("invoice").file()


def documents_of(store: list[InvoiceStatement]) -> tuple[OpenedDocument, ...]:
    return tuple(OpenedDocument(root_of(f"earlier {n}"), each) for n, each in enumerate(store))


def index_of(earlier: tuple[OpenedDocument, ...]) -> EarlierInvoices:
    index = EarlierInvoices()
    for document in earlier:
        assert isinstance(document.statement, InvoiceStatement)
        index.add(document.root, document.statement)
    return index


def with_earlier(file: TradeFile, earlier: tuple[OpenedDocument, ...]) -> TradeFile:
    return TradeFile(file.parties, file.documents, earlier)


@given(files(), st.lists(invoices(), max_size=30))
def test_candidates_give_the_same_report_and_copies_as_the_full_walk(file, store):
    earlier = documents_of(store)
    index = index_of(earlier)
    chosen = index.candidates(file)
    few = tuple(document for document in earlier if document.root in chosen)
    assert check_trade(with_earlier(file, few)) == check_trade(with_earlier(file, earlier))
    likely = index.copy_candidates(file)
    few = tuple(document for document in earlier if document.root in likely)
    assert find_copies(file, few) == find_copies(file, earlier)


@given(
    st.text("AB1", max_size=4),
    st.lists(st.text("ABC12", max_size=5), max_size=200),
)
def test_a_number_one_character_away_is_found_among_few_numbers_and_among_many(number, others):
    """Few numbers are walked; where there are many, the possible spellings are tried."""
    file = CLEAN.but("invoice", number=number, receipt_number=None, despatch_number=None).file()
    like = msgspec.structs.replace(INVOICE, receipt_number=None, despatch_number=None)
    earlier = documents_of([msgspec.structs.replace(like, number=other) for other in others])
    chosen = index_of(earlier).copy_candidates(file)
    few = tuple(document for document in earlier if document.root in chosen)
    assert find_copies(file, few) == find_copies(file, earlier)


def test_invoices_that_have_nothing_to_do_with_a_file_are_no_candidates():
    apart = msgspec.structs.replace(
        INVOICE, seller=STRANGER, lines=(msgspec.structs.replace(INVOICE.lines[0], item_id="x"),)
    )
    store = [msgspec.structs.replace(apart, number=str(number)) for number in range(100)]
    assert index_of(documents_of(store)).candidates(CLEAN.file()) == frozenset()


@pytest.mark.parametrize(
    ("days_before", "is_candidate"), [(-1, False), (0, True), (90, True), (91, False)]
)
def test_a_price_is_a_candidate_for_ninety_days(days_before, is_candidate):
    seen = msgspec.structs.replace(
        INVOICE, number="7", seller=STRANGER, issue_day=DAY - days_before
    )
    chosen = index_of(documents_of([seen])).candidates(CLEAN.file())
    assert (root_of("earlier 0") in chosen) == is_candidate
