"""Every message and every field has its line of help in Chinese and in English."""

import re
from typing import Any

import pytest
from typer.main import get_command

from xinlian.bootstrap import build_registry
from xinlian.cli.message_fields import field_types, notation_of
from xinlian.cli.message_words import (
    Words,
    field_words,
    message_words,
    module_words,
    notation_words,
    word_table,
)
from xinlian.cli.transactions import transactions_app
from xinlian.contracts.message import type_name
from xinlian.modules.accounts.messages import BookEntry, BookStatement, Transfer

MESSAGES = tuple(build_registry().messages.values())
CHINESE = re.compile("[\u4e00-\u9fff]")


@pytest.mark.parametrize("kind", MESSAGES, ids=type_name)
def test_the_table_has_a_message_its_module_fields_and_notations(kind):
    assert CHINESE.search(message_words(kind).zh)
    assert message_words(kind).en
    assert CHINESE.search(module_words(type_name(kind).partition(".")[0]).zh)
    for name, annotation in field_types(kind).items():
        assert field_words(kind, name).en, name
        assert CHINESE.search(field_words(kind, name).zh), name
        assert notation_words(notation_of(name, annotation)).zh


def test_the_table_has_nothing_that_does_not_exist():
    names = {type_name(kind) for kind in MESSAGES}
    fields = {f"{type_name(kind)}.{field}" for kind in MESSAGES for field in field_types(kind)}
    table = word_table()
    assert set(table.messages) <= names
    assert set(table.fields) <= fields | {field.rpartition(".")[2] for field in fields}
    assert set(table.modules) == {name.partition(".")[0] for name in names}


def test_a_field_may_mean_something_else_in_one_message():
    assert field_words(BookEntry, "is_credit") == Words("true when money comes in", "入账为 true")
    assert "overdrawn" in field_words(BookStatement, "is_credit").en


def test_what_the_table_lacks_is_shown_in_english():
    assert str(module_words("of_tomorrow")) == "messages of of-tomorrow"
    assert str(field_words(Transfer, "of_tomorrow")) == ""


def test_help_shows_what_a_field_is_and_how_it_is_written():
    root: Any = get_command(transactions_app())
    command = root.commands["accounts"].commands["transfer"]
    assert command.help.startswith("存款所有人向同一银行的另一账户付款 / The owner of a deposit")
    (option,) = [p for p in command.params if p.name == "amount_minor"]
    assert option.help == "金额(金额,如 1000000.00) / the amount: amount, such as 1000000.00"
