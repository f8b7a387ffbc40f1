"""Tokens: strings with their escapes, integers, operators."""

import pytest

from xinlian.modules.conditions.errors import SyntaxRefused
from xinlian.modules.conditions.language.lexer import tokens_of


def kinds_and_texts(text):
    return [(token.kind, token.text) for token in tokens_of(text)]


def test_comments_and_space_are_no_tokens():
    assert kinds_and_texts("a // rest\n<= 1") == [
        ("name", "a"),
        ("operator", "<="),
        ("integer", "1"),
        ("end", ""),
    ]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("'a'", "a"),
        ('"""a\n"b"""', 'a\n"b'),
        ("'''it's'''", "it's"),
        (r"'\u4e2d\U0001F600\101\x41'", "中😀AA"),
        (r"R'\u4e2d'", r"\u4e2d"),
        (r"'\a\b\f\n\r\t\v\\\'\"\`\?'", "\a\b\f\n\r\t\v\\'\"`?"),
    ],
)
def test_strings_have_the_escapes_of_the_language(text, value):
    assert kinds_and_texts(text)[0] == ("string", value)


@pytest.mark.parametrize(
    "text",
    [
        "'a",
        "'a\n'",
        r"'\q'",
        r"'\u12'",
        r"'\ud800'",
        r"'\U00110000'",
        r"'\400'",
        r"'\09'",
        "'\\",
        "#",
    ],
)
def test_what_is_no_token_is_refused(text):
    with pytest.raises(SyntaxRefused):
        tokens_of(text)
