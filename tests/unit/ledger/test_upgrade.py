"""A planned version begins at its height, migrates in parts, and stops nodes that lack it."""

import pytest

from unit.ledger.fakes import Chain, ScriptedExecutor
from xinlian.ledger.clock import chain_meta
from xinlian.ledger.overlay import Overlay
from xinlian.ledger.upgrade import (
    UpgradeRequired,
    cancel_upgrade,
    is_migrating,
    plan_upgrade,
    planned_upgrade,
    version_at,
)

CELLS = b"\x00\x99\x01"
CELL_COUNT = 7
CELLS_PER_BLOCK = 3


class VersionTwo(ScriptedExecutor):
    """Rules under which every cell holds an upper-case text; the old ones held lower case."""

    def migrate(self, state, environment, cursor):
        """Rewrite a bounded number of cells; the cursor is the last cell that was rewritten."""
        del environment
        left = CELLS_PER_BLOCK
        for key, value in list(state.scan(cursor + b"\0" if cursor else CELLS, CELLS + b"\xff")):
            if left == 0:
                return cursor
            state.put(key, value.upper())
            cursor = key
            left -= 1
        return None


class Release(ScriptedExecutor):
    """A release that carries versions 1 and 2."""

    def at_version(self, app_version):
        """Return the rules of 1 or 2."""
        return {1: self, 2: VersionTwo(self.programs)}.get(app_version)


def change(chain, write):
    overlay = Overlay(chain.state)
    write(overlay)
    chain.state.take(overlay.writes())


@pytest.fixture
def chain():
    made = Chain()
    made.executor = Release({b"ok": lambda _: None})
    for number in range(CELL_COUNT):
        made.state.table[CELLS + bytes((number,))] = b"old"
    return made


def cells(chain):
    return [chain.state.table[CELLS + bytes((number,))] for number in range(CELL_COUNT)]


def test_a_version_begins_at_its_height_and_not_before(chain):
    change(chain, lambda state: plan_upgrade(state, 2, 3))
    versions = []
    for _ in range(4):
        versions.append(version_at(chain.state, chain_meta(chain.state), chain.height + 1))
        chain.apply()
        assert chain_meta(chain.state).app_version == versions[-1]
    assert versions == [1, 1, 2, 2]
    assert planned_upgrade(chain.state) is None


def test_a_migration_is_bounded_a_block_and_goes_on_where_it_stopped(chain):
    change(chain, lambda state: plan_upgrade(state, 2, 1))
    done = []
    for _ in range(4):
        chain.apply()
        done.append((cells(chain).count(b"OLD"), is_migrating(chain.state)))
    assert done == [(3, True), (6, True), (7, False), (7, False)]


def test_a_release_without_the_version_stops_before_its_height_and_names_it(chain):
    chain.executor = ScriptedExecutor({b"ok": lambda _: None})
    change(chain, lambda state: plan_upgrade(state, 2, 2))
    chain.apply()
    before = dict(chain.state.table)
    with pytest.raises(UpgradeRequired) as refused:
        chain.apply()
    assert (refused.value.height, refused.value.app_version) == (2, 2)
    assert (chain.height, chain.state.table) == (1, before)
    assert "height 2 needs application version 2" in str(refused.value)


def test_the_newer_release_goes_on_from_where_the_older_one_stopped(chain):
    old = Chain()
    old.state.table = dict(chain.state.table)
    for each in (chain, old):
        change(each, lambda state: plan_upgrade(state, 2, 2))
        each.apply()
    with pytest.raises(UpgradeRequired):
        old.apply()
    old.executor = chain.executor
    for each in (chain, old):
        each.apply()
    assert old.state.table == chain.state.table


def test_a_plan_that_is_taken_back_changes_nothing(chain):
    change(chain, lambda state: plan_upgrade(state, 2, 2))
    chain.apply()
    change(chain, cancel_upgrade)
    chain.apply()
    assert chain_meta(chain.state).app_version == 1
    assert cells(chain) == [b"old"] * CELL_COUNT
