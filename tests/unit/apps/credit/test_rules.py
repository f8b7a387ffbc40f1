"""The authority publishes rules by a date; it touches no record."""

import pytest

from support.bureau import SUBJECT, TODAY
from xinlian.apps.credit.objection_messages import PublishRule
from xinlian.primitives.time import china_midnight_ms

CITED = "上海市社会信用条例第三十六条"


def rule(day, value=5, row="credit.objection_days"):
    return PublishRule(row, value, china_midnight_ms(day), CITED)


def test_a_new_rule_governs_the_objections_that_are_filed_from_its_day_on(fresh):
    before, after = (fresh.publish("court", fresh.enforcement()) for _ in range(2))
    fresh.step("authority", rule(TODAY + 9))
    fresh.to_day(TODAY + 8, minutes=23 * 60)
    early = fresh.object_to(before)
    fresh.to_day(TODAY + 9)
    late = fresh.object_to(after)
    assert fresh.objection(early).due_day == TODAY + 8 + 20
    assert fresh.objection(late).due_day == TODAY + 9 + 5
    fresh.to_day(TODAY + 15)
    assert fresh.objection(early).status == 1  # it keeps the rule under which it was filed
    assert fresh.objection(late).status == 5


@pytest.mark.parametrize("name", ["court", "regulator", "bank", "core", SUBJECT])
def test_nobody_else_publishes_a_rule(bureau, name):
    assert bureau.refused(name, rule(TODAY + 9)) == "members/not_in_role"


@pytest.mark.parametrize(
    ("row", "value", "said"),
    [
        ("credit.objection_days", 21, "credit/rule_unfit"),
        ("credit.objection_days", 0, "credit/rule_unfit"),
        ("credit.adverse_months", 61, "credit/rule_unfit"),
        ("credit.role.loan_account", 0, "credit/rule_unfit"),
        ("consent.days_max", 5, "credit/rule_unfit"),
    ],
)
def test_the_authority_stays_within_its_rows_and_what_the_law_leaves_it(bureau, row, value, said):
    assert bureau.refused("authority", rule(TODAY + 9, value, row)) == said


def test_a_rule_takes_effect_after_its_notice_and_never_in_the_past(bureau):
    assert bureau.refused("authority", rule(TODAY - 1)) == "policy/effect_too_early"
    assert bureau.refused("authority", rule(TODAY + 6)) == "policy/effect_too_early"
