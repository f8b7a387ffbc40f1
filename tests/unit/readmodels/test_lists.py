"""Paging: every row once, in order, whatever the limit; hostile values find nothing."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xinlian.readmodels import CursorInvalid, LimitInvalid, lists
from xinlian.readmodels.cursors import encode_cursor
from xinlian.readmodels.lists import Access, RowList
from xinlian.readmodels.queries.certificates import CERTIFICATE_ROLES

PAGED = ("parties", "keys", "policy", "accounts", "transfers", "documents", "facts", "leaves")
ALL_LISTS = [value for value in vars(lists).values() if isinstance(value, RowList)]


def all_pages(question, reader, limit, **wanted):
    rows, cursor = [], None
    while True:
        page = question(reader, cursor=cursor, limit=limit, **wanted)
        rows += page.rows
        assert len(page.rows) <= limit
        cursor = page.next_cursor
        if cursor is None:
            return rows
        assert page.rows, "a cursor is given only when there is more"


@pytest.mark.parametrize("name", PAGED)
@pytest.mark.parametrize("limit", [1, 2, 3, 7])
def test_pages_of_any_size_give_every_row_once_in_the_same_order(paid, name, limit):
    reader, question = paid.told.party("core"), getattr(paid.model, name)
    whole = question(reader, limit=200)
    assert whole.next_cursor is None
    assert len(whole.rows) > 1
    assert all_pages(question, reader, limit) == list(whole.rows)


def test_newest_first_is_the_same_list_turned_around(paid):
    reader, question = paid.told.party("supplier1"), paid.model.transactions
    oldest_first = list(question(reader, limit=200).rows)
    assert all_pages(question, reader, 3, newest_first=True) == oldest_first[::-1]
    cursor = question(reader, limit=3).next_cursor
    with pytest.raises(CursorInvalid):
        question(reader, cursor=cursor, newest_first=True)


def test_a_page_that_ends_with_the_list_has_no_cursor(paid):
    question, reader = paid.model.leaves, paid.told.party("core")
    assert question(reader, limit=3).next_cursor is None
    assert question(reader, limit=2).next_cursor is not None


def test_a_cursor_of_another_list_is_refused(paid):
    reader = paid.told.party("core")
    cursor = paid.model.parties(reader, limit=1).next_cursor
    with pytest.raises(CursorInvalid):
        paid.model.accounts(reader, cursor=cursor)


def test_a_cursor_gives_no_right(paid):
    """A cursor of one's own making, before all rows, shows no row that one may not read."""
    cursor = encode_cursor("policy_versions", ["", 0])
    assert paid.model.policy(paid.told.party("core"), cursor=cursor).rows
    assert paid.model.policy(paid.told.party("supplier1"), cursor=cursor).rows == ()


@pytest.mark.parametrize("limit", [0, 201, -5])
def test_a_limit_outside_its_range_is_refused(paid, limit):
    with pytest.raises(LimitInvalid):
        paid.model.blocks(limit=limit)


def test_lists_are_filtered_by_the_values_that_are_wanted(paid):
    reader, told = paid.told.party("core"), paid.told
    lives = {row.life for row in paid.model.leaves(reader, life="spent").rows}
    assert lives == {"spent"}
    kinds = {row.asset_kind for row in paid.model.accounts(reader, asset_kind="deposit").rows}
    assert kinds == {"deposit"}
    owned = paid.model.accounts(reader, owner=told.party_text("bank")).rows
    assert {row.asset_kind for row in owned} == {"claim"}


@given(value=st.text(max_size=300))
def test_no_value_of_a_caller_breaks_a_question(paid, value):
    reader = paid.told.party("core")
    assert paid.model.leaf(reader, value) is None
    assert paid.model.leaves(reader, life=value + "\0").rows == ()
    assert paid.model.statement(reader, value) is None
    assert paid.model.events(reader, object_id=value + "名").rows == ()


@given(reader=st.binary(max_size=40))
def test_who_is_not_in_the_directory_reads_nothing(paid, reader):
    for name in PAGED:
        assert getattr(paid.model, name)(reader).rows == ()


@pytest.mark.parametrize("height", [-1, 2**63, 10**40])
def test_a_height_that_cannot_be_has_no_block(paid, height):
    assert paid.model.block(height) is None


@pytest.mark.parametrize("after", [(-1, 0), (0, 2**63), (10**40, 0)])
def test_a_position_that_cannot_be_is_refused(paid, after):
    with pytest.raises(CursorInvalid):
        paid.model.events(paid.told.party("core"), after=after)


@pytest.mark.parametrize(
    ("role", "name", "expected"),
    [
        ("obligor", "core", {"certificate", "declined", "withdrawn"}),
        ("obligor", "supplier1", set()),
        ("first_holder", "supplier1", {"certificate", "declined", "withdrawn"}),
        ("holder", "supplier2", {"certificate"}),
        ("holder", "bank", {"certificate"}),
        ("holder", "core", set()),
        ("financier", "bank", {"certificate"}),
        ("financier", "supplier1", set()),
        ("banker", "core", set()),
    ],
)
def test_certificates_are_found_by_what_the_reader_is_to_them(paid, role, name, expected):
    found = paid.model.certificates(paid.told.party(name), role=role).rows
    ids = {paid.told.text("cert", key): key for key in ("certificate", "declined", "withdrawn")}
    assert {ids[row.certificate_id] for row in found} == expected
    assert role in CERTIFICATE_ROLES or not expected


@pytest.mark.parametrize("of", ALL_LISTS, ids=lambda of: of.table.name)
def test_only_blocks_are_open(of):
    assert (of.access is Access.OPEN) == (of is lists.BLOCKS)


@pytest.mark.parametrize("of", ALL_LISTS, ids=lambda of: of.table.name)
def test_the_order_of_a_list_is_total(of, paid):
    """No two rows have the same place, but votes, which are listed a proposal at a time."""
    order = of.order if of is not lists.VOTES else ("proposal_id", *of.order)
    places = [tuple(getattr(row, field) for field in order) for row in paid.rows(of.row_type)]
    assert len(places) == len(set(places))
