"""Every refusal that a person can meet says in Chinese what it means, and its cure in both."""

import importlib
import pkgutil
import re
from pathlib import Path

import pytest

import xinlian
from xinlian.api.problems import KINDS
from xinlian.client.document_store import DocumentError
from xinlian.client.refusal_words import NO_WORDS, refusal_table, refusal_words
from xinlian.primitives import LedgerError
from xinlian.readmodels.errors import ReadModelError

SOURCE = Path(xinlian.__file__).parent
CHINESE = re.compile("[\u4e00-\u9fff]")
SPACES = "api|cli|client|cometbft|engines|ledger|network|readmodels|storage|verifier"
NAMED = re.compile(rf'"((?:{SPACES})/[a-z_]+)"')


def concrete(root):
    waiting = [root]
    while waiting:
        kind = waiting.pop()
        waiting += kind.__subclasses__()
        if kind.__module__.startswith("xinlian.") and "name" in vars(kind) and kind is not root:
            yield kind


def references():
    for module in pkgutil.walk_packages(xinlian.__path__, "xinlian."):
        if module.name.endswith(".errors"):
            importlib.import_module(module.name)
    yield from (f"{kind.codespace}/{kind.name}" for kind in concrete(LedgerError) if kind.code)
    yield from (f"{kind.codespace}/{kind.name}" for kind in concrete(ReadModelError))
    yield from (f"document_store/{kind.name}" for kind in concrete(DocumentError))
    yield from (f"api/{kind.name}" for kind in KINDS)
    for file in SOURCE.rglob("*.py"):
        yield from NAMED.findall(file.read_text("utf-8"))


REFERENCES = sorted(set(references()))


@pytest.mark.parametrize("reference", REFERENCES)
def test_a_refusal_has_its_meaning_in_chinese_and_its_cure_in_both_languages(reference):
    words = refusal_words(reference)
    assert CHINESE.search(words.meaning_zh)
    assert words.cure_en
    assert not CHINESE.search(words.cure_en)
    assert CHINESE.search(words.cure_zh)


def test_the_table_has_nothing_that_does_not_exist():
    assert len(REFERENCES) > 300
    assert set(refusal_table()) - set(REFERENCES) == {"internal/error", "internal/invariant"}


def test_commands_that_a_cure_names_exist():
    from typer.main import get_command

    from xinlian.cli.app import build_app

    root = get_command(build_app())
    for reference, words in refusal_table().items():
        for command in re.findall(r"`xinlian ([a-z -]+?)(?: [A-Z-].*)?`", words.cure_en):
            found = root
            for word in command.split():
                if hasattr(found, "commands"):
                    found = found.commands.get(word)
                assert found is not None, (reference, command)


def test_a_refusal_of_a_later_release_has_no_words():
    assert refusal_words("tomorrow/unknown") == NO_WORDS
