"""Obligations equal the state's, but for promises that never bound anybody."""

from xinlian.modules.obligations.types import OBLIGATIONS, ObligationStatus, SourceKind
from xinlian.primitives import format_id
from xinlian.readmodels.rows import ObligationRow


def fields_of(obligation_id, obligation):
    return (
        format_id("obligation", obligation_id),
        format_id("party", obligation.debtor),
        format_id("asset", obligation.asset),
        obligation.amount_minor,
        obligation.performed_minor,
        obligation.released_minor,
        obligation.open_minor,
        obligation.awaiting_minor,
        obligation.due_day,
        obligation.due_at_ms,
        obligation.cutoff_at_ms,
        ObligationStatus(obligation.status).name.lower(),
        SourceKind(obligation.source_kind).name.lower(),
        format_id("account", obligation.account) if obligation.account else "",
        obligation.authority_cap_minor,
        obligation.authority_until_ms,
    )


def fields_of_row(row):
    return (
        row.obligation_id,
        row.debtor,
        row.asset_id,
        row.amount_minor,
        row.performed_minor,
        row.released_minor,
        row.open_minor,
        row.awaiting_minor,
        row.due_day,
        row.due_at_ms,
        row.cutoff_at_ms,
        row.status,
        row.source_kind,
        row.account_id,
        row.authority_cap_minor,
        row.authority_until_ms,
    )


def test_obligations_equal_those_of_the_state(projected):
    with projected.told.state() as state:
        expected = sorted(
            fields_of(parts[0], obligation)
            for parts, obligation in OBLIGATIONS.scan(state)
            if obligation.status != ObligationStatus.CANCELLED
        )
    assert expected
    assert [fields_of_row(row) for row in projected.rows(ObligationRow)] == expected


def test_a_promise_that_was_declined_has_no_row(paid):
    declined = paid.told.ids["declined"]
    with paid.told.state() as state:
        assert OBLIGATIONS.require(state, declined).status == ObligationStatus.CANCELLED
    ids = [row.obligation_id for row in paid.rows(ObligationRow)]
    assert format_id("obligation", declined) not in ids


def test_a_debt_that_was_paid_late_is_cured_and_its_interest_owed(late):
    statuses = {row.source_kind: row.status for row in late.rows(ObligationRow)}
    assert statuses["certificate"] == "cured"
    assert len([row for row in late.rows(ObligationRow) if row.source_kind == "late_interest"]) == 2
