"""Tables follow their row types; lists of text survive a round trip."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.dialects import sqlite

from xinlian.readmodels.tables import KEY_OF, METADATA, TABLE_OF, TextList

LISTS = st.lists(st.text("abcdef0123456789_.", min_size=1, max_size=20), max_size=8)


@pytest.mark.parametrize("row_type", TABLE_OF, ids=lambda row_type: row_type.__name__)
def test_a_table_has_the_fields_of_its_row_type_and_no_other(row_type):
    table = TABLE_OF[row_type]
    assert sorted(table.c.keys()) == sorted(row_type.__struct_fields__)
    assert tuple(table.primary_key.columns.keys()) == KEY_OF[row_type]
    assert not any(column.nullable for column in table.c)


def test_one_table_alone_has_no_row_type():
    assert set(METADATA.tables) - {table.name for table in TABLE_OF.values()} == {"projection"}


@given(LISTS)
def test_a_list_of_names_comes_back_as_it_was_stored(names):
    stored = TextList().process_bind_param(names, sqlite.dialect())
    assert TextList().process_result_value(stored, sqlite.dialect()) == tuple(names)


def test_no_list_is_no_text():
    assert TextList().process_bind_param(None, sqlite.dialect()) is None
    assert TextList().process_result_value(None, sqlite.dialect()) is None
