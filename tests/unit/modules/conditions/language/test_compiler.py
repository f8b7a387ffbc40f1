"""Types and the worst case are known before anybody signs."""

import pytest

from xinlian.modules.conditions.errors import (
    TooDeep,
    TooMuchWork,
    TypesDisagree,
    UnknownName,
)
from xinlian.modules.conditions.language import compile_expression
from xinlian.modules.conditions.language.compiler import WORK_MAX
from xinlian.modules.conditions.language.types import (
    BOOL,
    DURATION,
    INT,
    TIMESTAMP,
    ListOf,
    Record,
    Text,
    Type,
)

ITEM = Record("Item", {"minor": INT, "tags": ListOf(Text(8), 5)})
NAMES: dict[str, Type] = {
    "a": INT,
    "p": BOOL,
    "s": Text(32),
    "now": TIMESTAMP,
    "span": DURATION,
    "items": ListOf(ITEM, 100),
    "many": ListOf(INT, 1_000),
}


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("a + 1", INT),
        ("s + 'xy'", Text(34)),
        ("now - now", DURATION),
        ("now - span", TIMESTAMP),
        ("span + now", TIMESTAMP),
        ("p ? 'a' : s", Text(32)),
        ("items.map(item, item.minor)", ListOf(INT, 100)),
        ("many.filter(each, each > a)", ListOf(INT, 1_000)),
        ("[1] + many", ListOf(INT, 1_001)),
        ("[]", ListOf(None, 0)),
        ("[[], [1]]", ListOf(ListOf(INT, 1), 2)),
        ("items[0].tags[1]", Text(8)),
        ("timestamp(a)", TIMESTAMP),
        ("span.getMinutes()", INT),
        ("many == []", BOOL),
    ],
)
def test_every_part_has_its_type(text, kind):
    assert compile_expression(text, NAMES).type == kind


@pytest.mark.parametrize(
    "text",
    [
        "a == '5'",
        "a && p",
        "p + p",
        "-s",
        "!a",
        "p ? 1 : 'x'",
        "s[0]",
        "many['x']",
        "a.field",
        "[1, 'x']",
        "a in s",
        "'x' in many",
        "items[0] == items[1]",
        "items[0] in items",
        "items < items",
        "many < many",
        "now + now",
        "now * 2",
        "size(a)",
        "a.size()",
        "contains(s, 'x')",
        "s.timestamp()",
        "s.contains(1)",
        "s.all(c, true)",
        "many.all(each, each)",
        "many.map(each, each, each)",
        "[].all(each, true)",
        "now.getHours(s)",
        "now.getHours('Asia/Shanghai')",
        "now.getHours('+08:00', '+08:00')",
        "span.getHours('+08:00')",
        "span.getFullYear()",
        "timestamp('yesterday')",
        "timestamp(s)",
        "duration('5')",
        "unknown(1)",
    ],
)
def test_types_that_an_operator_does_not_take_are_refused(text):
    with pytest.raises(TypesDisagree):
        compile_expression(text, NAMES)


@pytest.mark.parametrize("text", ["b", "items[0].price", "many.all(a, a > 0)", "has(items[0].x)"])
def test_only_declared_names_and_fields_exist(text):
    with pytest.raises(UnknownName):
        compile_expression(text, NAMES)


def test_a_variable_ends_with_its_comprehension():
    compile_expression("many.all(x, x > 0) && many.exists(x, x > 1)", NAMES)
    with pytest.raises(UnknownName):
        compile_expression("many.all(x, x > 0) && x > 0", NAMES)


def test_comprehensions_lie_at_most_two_deep():
    names: dict[str, Type] = {"few": ListOf(INT, 3)}
    compile_expression("few.all(x, few.all(y, x > y))", names)
    with pytest.raises(TooDeep):
        compile_expression("few.all(x, few.all(y, few.all(z, x + y > z)))", names)


def test_the_worst_case_grows_with_declared_lengths():
    few = compile_expression(
        "xs.all(x, ys.all(y, x != y))", {n: ListOf(INT, 10) for n in ("xs", "ys")}
    )
    more = compile_expression(
        "xs.all(x, ys.all(y, x != y))", {n: ListOf(INT, 100) for n in ("xs", "ys")}
    )
    assert 100 * 3 <= few.work_max < 100 * 6
    assert 10_000 * 3 <= more.work_max < WORK_MAX
    with pytest.raises(TooMuchWork):
        compile_expression("many.all(x, many.all(y, x != y))", NAMES)


@pytest.mark.parametrize(
    "text",
    [
        "(" + " + ".join(["big"] * 2) + ") == 'x'",
        "(long + long)[0] == 0",
        "long.all(x, long == long)",
        "texts.all(x, x in texts)",
    ],
)
def test_what_might_grow_or_cost_too_much_is_refused(text):
    names: dict[str, Type] = {
        "big": Text(4_096),
        "long": ListOf(INT, 9_000),
        "texts": ListOf(Text(4_000), 100),
    }
    with pytest.raises(TooMuchWork):
        compile_expression(text, names)
