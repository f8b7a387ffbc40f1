"""Who keeps all bodies is a matter of policy, by rows that name organisations."""

import pytest

from xinlian.ledger.overlay import Overlay
from xinlian.modules.policy.archive import archive_members, archive_row
from xinlian.modules.policy.types import ROWS, PolicyRow, PolicyVersion, row_part
from xinlian.testing import Consortium
from xinlian.testing.consortium import GENESIS_TIME_MS, demo_uscc


@pytest.fixture(scope="module")
def consortium():
    running = Consortium(suspended=("supplier1",))
    yield running
    running.close()


def named(consortium, *rows):
    """Return the archive members after rows of (code, [(from, value)]) were added."""
    with consortium.engine.application.store.snapshot() as snapshot:
        state = Overlay(snapshot)
        for uscc, values in rows:
            versions = tuple(
                PolicyVersion(moment, value, "event", "test", verified=False)
                for moment, value in values
            )
            ROWS.put(state, PolicyRow("flag", versions), row_part(archive_row(uscc)))
        return [party.uscc for party in archive_members(state)]


def test_without_a_row_there_is_none(consortium):
    assert named(consortium) == []


def test_rows_in_force_name_them(consortium):
    core, bank = demo_uscc(1), demo_uscc(2)
    assert named(consortium, (core, [(0, 1)]), (bank, [(0, 1)])) == sorted([core, bank])


def test_a_row_that_ended_has_not_begun_or_names_nobody_live_counts_for_nothing(consortium):
    assert named(consortium, (demo_uscc(1), [(0, 1), (GENESIS_TIME_MS, 0)])) == []
    assert named(consortium, (demo_uscc(1), [(GENESIS_TIME_MS + 1, 1)])) == []
    assert named(consortium, (demo_uscc(99), [(0, 1)])) == []
    assert named(consortium, (demo_uscc(4), [(0, 1)])) == [], "suspended"


def test_the_name_of_a_row_fits_the_names_of_policy():
    assert len(archive_row(demo_uscc(1))) <= 48
    assert archive_row(demo_uscc(1)).islower()
