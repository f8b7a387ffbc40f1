"""Each version of a row chooses the date of an object that it applies by."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import xinlian
from xinlian.modules.policy.dates import (
    PolicyDates,
    dates_of,
    happening,
    version_in_force,
)
from xinlian.modules.policy.types import AppliesBy, PolicyVersion

SOURCE = Path(xinlian.__file__).parent
MOMENTS = st.integers(0, 50)
DATES = st.tuples(MOMENTS, MOMENTS, MOMENTS).map(lambda each: PolicyDates(*sorted(each)))


def version(from_ms: int, value: int, by: AppliesBy) -> PolicyVersion:
    return PolicyVersion(from_ms, value, by.value, "a law", verified=True)


ROWS = st.lists(
    st.tuples(MOMENTS, st.sampled_from(AppliesBy)),
    max_size=6,
    unique_by=lambda each: each[0],
).map(
    lambda rows: tuple(
        version(from_ms, value, by) for value, (from_ms, by) in enumerate(sorted(rows))
    )
)


@pytest.mark.parametrize(
    ("by", "expected"),
    [(AppliesBy.CONTRACT, 1), (AppliesBy.ISSUE, 1), (AppliesBy.EVENT, 2)],
)
def test_an_object_issued_before_a_change_has_the_old_value_unless_the_event_decides(by, expected):
    rows = (version(0, 1, AppliesBy.EVENT), version(100, 2, by))
    found = version_in_force(rows, dates_of(150, issue_ms=99, contract_ms=50))
    assert found is not None
    assert found.value == expected


@pytest.mark.parametrize(
    ("by", "expected"),
    [(AppliesBy.CONTRACT, 1), (AppliesBy.ISSUE, 2), (AppliesBy.EVENT, 2)],
)
def test_an_earlier_contract_keeps_its_value_only_where_the_contract_decides(by, expected):
    rows = (version(0, 1, AppliesBy.EVENT), version(100, 2, by))
    found = version_in_force(rows, dates_of(150, issue_ms=100, contract_ms=99))
    assert found is not None
    assert found.value == expected


def test_what_has_no_contract_or_issue_of_its_own_has_the_next_later_date():
    assert dates_of(9) == happening(9) == PolicyDates(9, 9, 9)
    assert dates_of(9, issue_ms=5) == PolicyDates(5, 5, 9)
    assert dates_of(9, issue_ms=5, contract_ms=3) == PolicyDates(3, 5, 9)


@given(ROWS, DATES)
def test_before_its_first_version_a_row_has_no_value(versions, dates):
    is_governed = any(dates.by(v.applies_by) >= v.effective_from_ms for v in versions)
    assert (version_in_force(versions, dates) is not None) == is_governed


@given(ROWS, DATES, st.integers(1, 20), st.sampled_from(AppliesBy))
def test_a_change_never_alters_what_an_object_with_an_earlier_date_has(versions, dates, later, by):
    last_ms = versions[-1].effective_from_ms if versions else 0
    change = version(last_ms + later, 99, by)
    before = version_in_force(versions, dates)
    after = version_in_force((*versions, change), dates)
    if dates.by(by) < change.effective_from_ms:
        assert after == before
    else:
        assert after == change


READING = {"policy_value", "policy_value_or", "policy_version", "value_in_unit"}
OF_THE_MOMENT = {
    "apps/credit/records.py ADVERSE_MONTHS": "how long a version is shown is fixed with it",
    "apps/credit/rules.py POLICY_NOTICE_DAYS": "a rule is published with this message",
    "apps/supply_chain/financing.py LOCK_DAYS_MAX": "a request begins with this message",
    "apps/supply_chain/freezes.py FREEZE_MONTHS_MAX": "a freeze begins with this message",
    "apps/supply_chain/offers.py CALL_DAYS_MAX": "a call begins with this message",
    "apps/supply_chain/offers.py LOCK_DAYS_MAX": "a call begins with this message",
    "modules/accounts/pending.py PENDING_DAYS_MAX": "a pending transfer begins with this message",
    "modules/accounts/transfers.py DEPOSIT_CIRCULATES": "a transfer has no earlier date",
    "modules/conditions/handlers.py PACK_DAYS_ROW": "a rule pack begins with this message",
    "modules/consent/handlers.py CONSENT_DAYS_ROW": "a consent begins with this message",
    "modules/devices/handlers.py ALERT_DAYS_MAX": "an alert begins with this message",
    "modules/evidence/verdicts.py VERDICT_ROLES": "a verdict is given with this message",
    "modules/evidence/verdicts.py VERDICT_DAYS_MAX": "a verdict is given with this message",
    "modules/governance/rules.py name": "a proposal is judged as of its publication",
    "modules/obligations/agreement.py PROPOSAL_DAYS": "a promise begins with this message",
    "modules/obligations/agreement.py row": "a promise is agreed now; its default reads again",
    "modules/policy/archive.py name.decode('ascii')": "members keep bodies now",
    "modules/quotas/holds.py HOLD_BLOCKS_ROW": "a fault has no earlier date",
}
"""Who reads a row for what has no earlier date than this moment, and why that is so. Everybody else
hands the dates of an object over."""
MAY_SEE_VERSIONS = {
    "modules/policy/changes.py": "adds them",
    "modules/policy/dates.py": "decides between them",
    "modules/policy/genesis.py": "writes the first ones",
    "modules/policy/keeper.py": "hands them to dates.py",
    "modules/governance/genesis.py": "checks the bounds of the first ones",
    "modules/quotas/keeper.py": "hands them to dates.py, and remembers the answer for a block",
    "readmodels/projection/genesis.py": "lists them",
    "testing/consortium.py": "writes them into a genesis file",
    "testing/simulator/compare.py": "compares them",
}


def _sources() -> Iterator[tuple[str, ast.AST]]:
    for path in sorted(SOURCE.rglob("*.py")):
        yield path.relative_to(SOURCE).as_posix(), ast.parse(path.read_text("utf-8"))


def _readings(tree: ast.AST) -> Iterator[tuple[str, str]]:
    """Yield the row and the dates of every reading of policy in a file."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            name = node.func.id
            if name in READING:
                dates = node.args[3 if name == "value_in_unit" else 2]
                yield ast.unparse(node.args[1]), ast.unparse(dates)


def test_only_what_has_no_earlier_date_is_read_as_of_the_moment():
    found = {
        f"{name} {row}"
        for name, tree in _sources()
        for row, dates in _readings(tree)
        if dates.startswith("happening(")
    }
    unlisted = sorted(found - OF_THE_MOMENT.keys())
    assert unlisted == [], "hand over the dates of the object, or say here why it has no others"


def test_no_reader_of_policy_decides_between_versions_itself():
    seen = {
        name
        for name, tree in _sources()
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and node.attr == "versions"
    }
    assert sorted(seen - MAY_SEE_VERSIONS.keys()) == []
