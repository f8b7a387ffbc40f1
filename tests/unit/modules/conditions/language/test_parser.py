"""Texts become trees within bounds; what is wrong is named with its place."""

import pytest

from xinlian.modules.conditions.errors import (
    ConditionRefused,
    NotInProfile,
    SyntaxRefused,
    TextTooLong,
    TooDeep,
    TooManyNodes,
)
from xinlian.modules.conditions.language.parser import DEPTH_MAX, NODES_MAX, TREE_DEPTH_MAX, parse
from xinlian.modules.conditions.language.syntax import Binary, Comprehension, depth_of, spelled


@pytest.mark.parametrize(
    ("text", "spelling"),
    [
        ("a&&b||c", "a && b || c"),
        ("a&&(b||c)", "a && (b || c)"),
        ("1-(2-3)-4", "1 - (2 - 3) - 4"),
        ("a?b:c?d:e", "a ? b : c ? d : e"),
        ("(a?b:c)?d:e", "(a ? b : c) ? d : e"),
        ("! ( a . b )", "!a.b"),
        ("-(a+b)", "-(a + b)"),
        ("- 5", "-5"),
        ("--5", "-(-5)"),
        ("0x10", "16"),
        ("(-1).size()", "(-1).size()"),
        ("'a\\x41\\n\"'", '"aA\\n\\""'),
        ("r'\\n'", '"\\\\n"'),
        ("xs.map(x,x>0,x*2)[0]", "xs.map(x, x > 0, x * 2)[0]"),
        ("has( a.b )", "has(a.b)"),
        ("[1,2,]", "[1, 2]"),
        ("a in[1]", "a in [1]"),
    ],
)
def test_every_tree_has_one_spelling(text, spelling):
    assert spelled(parse(text)) == spelling
    assert spelled(parse(spelling)) == spelling


def test_operators_of_one_strength_group_from_the_left():
    tree = parse("a - b - c")
    assert isinstance(tree, Binary)
    assert isinstance(tree.left, Binary)


def test_a_macro_is_known_by_its_form():
    assert isinstance(parse("xs.all(x, x > 0)"), Comprehension)
    with pytest.raises(SyntaxRefused, match="takes a variable"):
        parse("xs.all(1, true)")
    with pytest.raises(SyntaxRefused, match="takes a variable"):
        parse("xs.filter(x, true, x)")


@pytest.mark.parametrize(
    ("text", "error", "position"),
    [
        ("a ++", SyntaxRefused, 3),
        ("a b", SyntaxRefused, 2),
        ("(a", SyntaxRefused, 2),
        ("", SyntaxRefused, 0),
        ("a &", SyntaxRefused, 2),
        ("!-a", SyntaxRefused, 0),
        ("has(a)", SyntaxRefused, 0),
        ("has(has(a.b))", SyntaxRefused, 0),
        ("for", SyntaxRefused, 0),
        ("9223372036854775808", SyntaxRefused, 0),
        ("-9223372036854775809", SyntaxRefused, 1),
        ("1" * 21, SyntaxRefused, 0),
        ("金额 > 1", SyntaxRefused, 0),
        ("1.5 > 1", NotInProfile, 0),
        ("1e9 > 1", NotInProfile, 0),
        (".5 > 1", NotInProfile, 0),
        ("1u > 1", NotInProfile, 0),
        ("b'x'", NotInProfile, 0),
        ("null", NotInProfile, 0),
        ("{1: 2}", NotInProfile, 0),
        ("M{a: 1}", NotInProfile, 0),
        (".a", NotInProfile, 0),
        ("a.matches('x')", NotInProfile, 2),
        ("dyn(a)", NotInProfile, 0),
    ],
)
def test_what_is_no_condition_is_named_with_its_place(text, error, position):
    with pytest.raises(error) as refused:
        parse(text)
    assert refused.value.position == position


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("a" * 4_097, TextTooLong),
        ("(" * (DEPTH_MAX + 1) + "a" + ")" * (DEPTH_MAX + 1), TooDeep),
        ("[" * 2_000, TooDeep),
        ("!" * 2_000 + "a", TooManyNodes),
        (" + ".join(["a"] * (TREE_DEPTH_MAX + 1)), TooDeep),
        ("a" + ".b" * TREE_DEPTH_MAX, TooDeep),
        ("[" + ",".join(["1"] * NODES_MAX) + "]", TooManyNodes),
    ],
)
def test_size_and_depth_are_bounded(text, error):
    with pytest.raises(error):
        parse(text)


def test_the_deepest_tree_that_is_allowed_is_read():
    text = " + ".join(["a"] * TREE_DEPTH_MAX)
    assert depth_of(parse(text)) == TREE_DEPTH_MAX
    brackets = "(" * DEPTH_MAX + "a" + ")" * DEPTH_MAX
    assert spelled(parse(brackets)) == "a"


def test_a_refusal_counts_characters_from_one():
    with pytest.raises(ConditionRefused, match=r"character 3\)"):
        parse("a b")
