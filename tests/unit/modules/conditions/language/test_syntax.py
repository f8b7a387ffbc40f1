"""Trees: what they are made of, how deep they are, how strings are written."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xinlian.modules.conditions.language.lexer import tokens_of
from xinlian.modules.conditions.language.parser import parse
from xinlian.modules.conditions.language.syntax import Name, children, depth_of, quoted


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("a + b", "ab"),
        ("a ? b : c", "abc"),
        ("a.f(b, c)", "abc"),
        ("f(a, b)", "ab"),
        ("a.map(x, b, c)", "abc"),
        ("a[b]", "ab"),
        ("[a, b]", "ab"),
        ("!a", "a"),
        ("a.b", "a"),
        ("a", ""),
    ],
)
def test_the_parts_of_a_part_come_in_the_order_of_the_text(text, names):
    assert [part.text for part in children(parse(text)) if isinstance(part, Name)] == list(names)


def test_depth_counts_parts_in_one_another():
    assert depth_of(parse("a")) == 1
    assert depth_of(parse("a + b * c")) == 3
    assert depth_of(parse("[a, [b]]")) == 3


@given(st.text(st.characters(codec="utf-8"), max_size=40))
def test_a_quoted_string_is_read_back(text):
    (token, _) = tokens_of_any_form(text)
    assert token.text == text


def tokens_of_any_form(text):
    """Return the tokens of a quoted string; characters outside NFC are written as escapes."""
    written = quoted(text)
    escaped = "".join(c if c.isascii() else f"\\U{ord(c):08x}" for c in written)
    return tokens_of(escaped)
