"""The table of codes."""

import re

import pytest

from xinlian.apps.supply_chain.checks import Check

NAME = re.compile(r"[a-z0-9][a-z0-9._\-]{0,47}")


@pytest.mark.parametrize("check", Check)
def test_a_code_is_a_name_that_the_ledger_takes(check):
    assert NAME.fullmatch(check.code)


def test_no_two_checks_share_a_code():
    assert len({check.code for check in Check}) == len(Check)


@pytest.mark.parametrize("check", Check)
def test_each_code_is_explained_with_its_cure_in_chinese_and_english(check):
    for text in (check.what, check.cure):
        assert re.search("[\u4e00-\u9fff]", text.zh)
        assert text.en.isascii() or re.search(r"[×−→]", text.en)
