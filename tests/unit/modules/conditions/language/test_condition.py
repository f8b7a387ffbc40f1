"""A condition lets something happen only where its result is exactly true."""

import json
from pathlib import Path

import pytest

from xinlian.modules.conditions.errors import (
    ConditionRefused,
    EvaluationFailed,
    NotInProfile,
    TypesDisagree,
    ValueUnfit,
)
from xinlian.modules.conditions.language import compile_condition, compile_expression
from xinlian.modules.conditions.language.types import INT, TIMESTAMP, ListOf, Record, Text, Type

CASES = json.loads(Path(__file__).with_name("conformance.json").read_text("utf-8"))["cases"]
STRICTER = {
    "comparisons/eq_literal/not_eq_list_false_vs_types": "a list holds one type",
    "comparisons/in_list_literal/elem_in_mixed_type_list": "a list holds one type",
    "conversions/int/string": "there is no int(string)",
    "conversions/identity/duration": "there is no duration(duration)",
    "macros/exists/list_elem_type_shortcircuit": "a list holds one type",
    "macros/exists/list_elem_type_exhaustive": "a list holds one type",
    "macros/exists/list_empty": "the list is always empty",
    "macros/all/list_elem_type_shortcircuit": "a list holds one type",
    "macros/all/list_elem_type_exhaustive": "a list holds one type",
    "macros/all/list_empty": "the list is always empty",
    "macros/exists_one/list_empty": "the list is always empty",
    "macros/map/list_empty": "the list is always empty",
    "macros/filter/list_empty": "the list is always empty",
    "timestamps/timestamp_selectors_tz/getDate": "there are no named zones",
    "timestamps/timestamp_selectors_tz/getDayOfMonth_name_pos": "there are no named zones",
    "timestamps/timestamp_selectors_tz/getDayOfMonth_name_neg": "there are no named zones",
    "timestamps/timestamp_selectors_tz/getDayOfYear": "there are no named zones",
    "timestamps/timestamp_selectors_tz/getMinutes": "there are no named zones",
    "timestamps/timestamp_range/from_string_under": "out of range",
    "timestamps/timestamp_range/from_string_over": "expected a moment",
    "timestamps/duration_range/from_string_under": "out of range",
    "timestamps/duration_range/from_string_over": "out of range",
    "timestamps/duration_range/add_under": "out of range",
    "timestamps/duration_range/add_over": "out of range",
    "timestamps/duration_range/sub_under": "out of range",
    "timestamps/duration_range/sub_over": "out of range",
}
"""Cases that the profile refuses before anything is signed, with the reason it gives."""

CLAIM = Record(
    "Claim",
    {"amount_minor": INT, "kinds": ListOf(Text(12), 8), "note": Text(40)},
    frozenset({"note"}),
)
NAMES: dict[str, Type] = {"claim": CLAIM, "limit_minor": INT, "now": TIMESTAMP}


def values(**claim):
    filled = {"amount_minor": 100, "kinds": ("invoice", "receipt"), **claim}
    return {"claim": filled, "limit_minor": 500, "now": 0}


def listed(value):
    return [listed(item) for item in value] if isinstance(value, tuple) else value


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_the_published_cases_of_the_language_hold(case):
    if case["name"] in STRICTER:
        with pytest.raises(ConditionRefused) as refused:
            compile_expression(case["expr"], {})
        assert STRICTER[case["name"]] in str(refused.value)
        return
    expression = compile_expression(case["expr"], {})
    if case.get("fails"):
        with pytest.raises(EvaluationFailed):
            expression.evaluate({})
        return
    result = listed(expression.evaluate({}))
    assert (type(result), result) == (type(case["value"]), case["value"])


def test_most_of_the_published_cases_are_in_the_profile():
    assert len(CASES) == 420
    assert len(STRICTER) == 26


@pytest.mark.parametrize(
    ("text", "holds"),
    [
        ("claim.amount_minor <= limit_minor", True),
        ("claim.amount_minor > limit_minor", False),
        ('claim.kinds.exists(kind, kind == "receipt")', True),
        ('["invoice", "receipt"].all(needed, needed in claim.kinds)', True),
        ('has(claim.note) && claim.note == "x"', False),
        ('now >= timestamp("1970-01-01T08:00:00+08:00") + duration("1h")', False),
    ],
)
def test_a_condition_holds_or_not(text, holds):
    assert compile_condition(text, NAMES).decide(values()).holds is holds


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("limit_minor / (claim.amount_minor - 100) > 0", "division by zero"),
        ("limit_minor % (claim.amount_minor - 100) == 0", "modulus by zero"),
        ("9223372036854775807 + limit_minor > 0", "overflows"),
        ('claim.kinds[2] == "invoice"', "index"),
        ('claim.note == "x"', "absent"),
        ('now + duration("292y") > now'.replace("292y", "2562047h"), ""),
    ],
)
def test_what_has_no_result_never_holds(text, why):
    decision = compile_condition(text, NAMES).decide(values())
    if why:
        assert not decision.holds
        assert why in decision.failure
    else:
        assert decision.holds


def test_a_side_that_decides_hides_the_failure_of_the_other():
    fails = "1 / (claim.amount_minor - 100) > 0"
    for text, holds in (
        (f"{fails} || true", True),
        (f"true || {fails}", True),
        (f"{fails} && false", False),
        (f"!({fails} && false)", True),
    ):
        decision = compile_condition(text, NAMES).decide(values())
        assert (decision.holds, decision.failure) == (holds, "")
    assert compile_condition(f"{fails} || false", NAMES).decide(values()).failure


def test_only_a_bool_is_a_condition():
    with pytest.raises(TypesDisagree, match="true or false"):
        compile_condition("limit_minor", NAMES)


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"amount_minor": True}, "claim.amount_minor: expected a int"),
        ({"amount_minor": 2**63}, "claim.amount_minor: expected a int"),
        ({"kinds": ["invoice"]}, "claim.kinds: expected a list"),
        ({"kinds": ("x",) * 9}, "claim.kinds: expected a list of at most 8"),
        ({"kinds": ("x" * 13,)}, r"claim.kinds\[0\]: expected a string of at most 12"),
        ({"surplus": 1}, "claim.surplus: there is no such field"),
    ],
)
def test_values_must_fit_what_was_declared(change, problem):
    condition = compile_condition("claim.amount_minor <= limit_minor", NAMES)
    with pytest.raises(ValueUnfit, match=problem):
        condition.decide(values(**change))


def test_every_declared_name_needs_its_value():
    condition = compile_condition("limit_minor > 0", NAMES)
    with pytest.raises(ValueUnfit, match="now has no value"):
        condition.decide({"claim": values()["claim"], "limit_minor": 1})
    incomplete = {"amount_minor": 1}
    with pytest.raises(ValueUnfit, match=r"claim\.kinds: is missing"):
        condition.decide({"claim": incomplete, "limit_minor": 1, "now": 0})


def test_what_people_sign_has_one_spelling():
    loose = "claim.amount_minor<=limit_minor   // within the limit\n && ( has(claim.note) )"
    assert compile_condition(loose, NAMES).text == (
        "claim.amount_minor <= limit_minor && has(claim.note)"
    )


def test_letters_that_look_alike_are_not_two_texts():
    with pytest.raises(NotInProfile, match="normal form"):
        compile_condition('claim.note == "e\u0301"', NAMES)
