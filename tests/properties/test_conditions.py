"""Our evaluator of the condition profile and an independent one agree on whatever is written.

The other implementation is the C++ runtime of the language; it comes as wheels for Linux and macOS.
"""

import datetime as dt

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from xinlian.modules.conditions.errors import ConditionRefused, EvaluationFailed, TooMuchWork
from xinlian.modules.conditions.language import compile_expression
from xinlian.modules.conditions.language.types import (
    BOOL,
    DURATION,
    INT,
    TIMESTAMP,
    ListOf,
    Text,
    Type,
)

cel = pytest.importorskip(
    "cel_expr_python.cel",
    reason="cel-expr-python has no wheel for this system or Python",
)

NAMES: dict[str, Type] = {
    "a": INT,
    "b": INT,
    "p": BOOL,
    "s": Text(12),
    "t": Text(12),
    "xs": ListOf(INT, 5),
    "now": TIMESTAMP,
    "span": DURATION,
}
THEIRS = cel.NewEnv(
    variables={
        "a": cel.Type.INT,
        "b": cel.Type.INT,
        "p": cel.Type.BOOL,
        "s": cel.Type.STRING,
        "t": cel.Type.STRING,
        "xs": cel.Type.List(cel.Type.INT),
        "now": cel.Type.TIMESTAMP,
        "span": cel.Type.DURATION,
    },
)
EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
SIXTY_FOUR_BITS = st.integers(-(2**63), 2**63 - 1)
integers = st.one_of(st.integers(-3, 3), SIXTY_FOUR_BITS)
short = st.text(st.sampled_from("ab中é😀"), max_size=4)


def of(form, *parts):
    """Return texts of a form whose parts are drawn."""
    return st.tuples(*parts).map(lambda drawn: form.format(*drawn))


def literal_text(text):
    return '"' + text + '"'


@st.composite
def texts(draw, kind, depth):
    """Draw the text of an expression of a type."""
    if depth == 0:
        return draw(LEAVES[kind])
    deeper = {name: texts(name, depth - 1) for name in LEAVES}
    return draw(st.one_of(LEAVES[kind], *forms(kind, deeper)))


LEAVES = {
    "bool": st.sampled_from(["p", "true", "false"]),
    "int": st.one_of(st.sampled_from(["a", "b"]), integers.map(str)),
    "string": st.one_of(st.sampled_from(["s", "t"]), short.map(literal_text)),
    "list": st.sampled_from(["xs", "[1, 2]", "[a]", "[a, b, -1]"]),
    "timestamp": st.sampled_from(["now", 'timestamp("2026-02-28T23:59:59.5+08:00")']),
    "duration": st.sampled_from(["span", 'duration("36h")', 'duration("-1.5s")']),
}
PARTS = ("FullYear", "Month", "Date", "DayOfMonth", "DayOfWeek", "DayOfYear", "Hours", "Minutes")


def forms(kind, of_type):
    flag, number, text = of_type["bool"], of_type["int"], of_type["string"]
    numbers, moment, span = of_type["list"], of_type["timestamp"], of_type["duration"]
    choice = [of("({} ? {} : {})", flag, of_type[kind], of_type[kind])]
    order = st.sampled_from(["<", "<=", ">", ">=", "==", "!="])
    element = st.sampled_from(["x > 0", "10 / x > 1", "x + a == b", "x in xs", "x % 2 == 0"])
    return (
        choice
        + {
            "bool": [
                of("!({})", flag),
                of("({} {} {})", flag, st.sampled_from(["&&", "||"]), flag),
                *(
                    of("({} {} {})", each, order, each)
                    for each in (number, text, moment, span, flag)
                ),
                of("({} == {})", numbers, numbers),
                of("({} in {})", number, numbers),
                of(
                    "{}.{}({})", text, st.sampled_from(["contains", "startsWith", "endsWith"]), text
                ),
                of(
                    "{}.{}(x, {})",
                    numbers,
                    st.sampled_from(["all", "exists", "exists_one"]),
                    element,
                ),
            ],
            "int": [
                of("({} {} {})", number, st.sampled_from(["+", "-", "*", "/", "%"]), number),
                of("-({})", number),
                of("size({})", numbers),
                of("{}.size()", text),
                of("{}[{}]", numbers, st.integers(-1, 3)),
                of("int({})", moment),
                of("{}.get{}()", moment, st.sampled_from([*PARTS, "Seconds", "Milliseconds"])),
                of(
                    '{}.get{}("{}")',
                    moment,
                    st.sampled_from(PARTS),
                    st.sampled_from(["+08:00", "-03:30"]),
                ),
                of("{}.get{}()", span, st.sampled_from(["Hours", "Minutes", "Seconds"])),
            ],
            "string": [of("({} + {})", text, text)],
            "list": [
                of("({} + {})", numbers, numbers),
                of("{}.filter(x, {})", numbers, element),
                of("{}.map(x, x * 2)", numbers),
                of("{}.map(x, {}, x - a)", numbers, element),
            ],
            "timestamp": [of("({} {} {})", moment, st.sampled_from(["+", "-"]), span)],
            "duration": [
                of("({} - {})", moment, moment),
                of("({} {} {})", span, st.sampled_from(["+", "-"]), span),
            ],
        }[kind]
    )


@st.composite
def assignments(draw):
    moment = st.datetimes(dt.datetime(1900, 1, 1), dt.datetime(2100, 1, 1))  # noqa: DTZ001 - zoned below
    return {
        "a": draw(integers),
        "b": draw(integers),
        "p": draw(st.booleans()),
        "s": draw(short),
        "t": draw(short),
        "xs": tuple(draw(st.lists(integers, max_size=5))),
        "now": draw(moment).replace(tzinfo=dt.UTC),
        "span": dt.timedelta(microseconds=draw(st.integers(-(10**13), 10**13))),
    }


def ours(text, values):
    """Return our result, or None where there is none."""
    converted = dict(values)
    converted["now"] = (values["now"] - EPOCH) // dt.timedelta(microseconds=1) * 1_000
    converted["span"] = values["span"] // dt.timedelta(microseconds=1) * 1_000
    try:
        return compile_expression(text, NAMES).evaluate(converted)
    except EvaluationFailed:
        return None


def theirs(text, values):
    """Return the other implementation's result in our terms, or None where there is none."""
    result = THEIRS.compile(text).eval(data={**values, "xs": list(values["xs"])})
    if result.type() == cel.Type.ERROR:
        return None
    value = result.plain_value()
    if isinstance(value, dt.datetime):
        return (value - EPOCH) // dt.timedelta(microseconds=1) * 1_000
    if isinstance(value, dt.timedelta):
        return value // dt.timedelta(microseconds=1) * 1_000
    return tuple(value) if isinstance(value, list) else value


VALUES = {
    "a": -(2**63),
    "b": -1,
    "p": False,
    "s": "é",
    "t": "中",
    "xs": (0, 1),
    "now": EPOCH,
    "span": dt.timedelta(0),
}


@settings(max_examples=600)
@given(st.sampled_from(sorted(LEAVES)).flatmap(lambda kind: texts(kind, 3)), assignments())
@example("a / b", VALUES)
@example("a % b", VALUES)
@example("-a", VALUES)
@example("xs.all(x, 1 / x > 0)", VALUES)
@example("xs.exists(x, 1 / x > 0)", VALUES)
def test_two_implementations_agree(text, values):
    try:
        mine = ours(text, values)
    except TooMuchWork:  # refused before anything is signed; the other has no such rule
        assume(False)
    other = theirs(text, values)
    assert (type(mine), mine) == (type(other), other)


@given(st.sampled_from(sorted(LEAVES)).flatmap(lambda kind: texts(kind, 3)), assignments())
def test_the_one_spelling_means_the_same(text, values):
    try:
        expression = compile_expression(text, NAMES)
    except TooMuchWork:
        assume(False)
    again = compile_expression(expression.text, NAMES)
    assert again.text == expression.text
    assert (again.type, again.work_max) == (expression.type, expression.work_max)
    assert ours(expression.text, values) == ours(text, values)


@given(st.text(st.sampled_from("ab1 .,()[]!<>=&|?:+-*/%'\"\\xs{}nu"), max_size=60))
def test_whatever_is_written_is_a_condition_or_refused(text):
    try:
        problem = -1 if compile_expression(text, NAMES).work_max > 0 else len(text) + 1
    except ConditionRefused as refused:
        problem = refused.position
    assert -1 <= problem <= len(text)
