"""Upgrades: from a planned height on, the rules of another version apply.

Rules this file keeps:
 1. One release carries the rules of every version since genesis; which applies follows from the
    height and the state alone.
 2. A node without the rules of a version stops before the first block of it, and names it.
 3. Until its height is reached, a plan can be taken back; afterwards it cannot.
 4. A migration runs in the first block of its version, and goes on in the next ones from where it
    stopped: what it does in one block is bounded by its version.

Source: docs/concepts/governance.md (upgrades).
"""

from typing import Final

import msgspec

from xinlian.ledger.clock import META, ChainMeta
from xinlian.ledger.executor import BlockEnvironment, Executor
from xinlian.ledger.outcomes import LEDGER_MODULE_NO
from xinlian.ledger.overlay import Overlay
from xinlian.ledger.ports import StateView
from xinlian.ledger.records import Collection, Record, WritableState


class PlannedUpgrade(Record, frozen=True):
    """From which height on another version applies."""

    app_version: int
    height: int


class Migration(Record, frozen=True):
    """How far the migration to the present version has come."""

    cursor: bytes
    """What the version's own migration left off with; empty at its beginning."""


PLANNED: Final = Collection(LEDGER_MODULE_NO, 16, PlannedUpgrade, ())
MIGRATION: Final = Collection(LEDGER_MODULE_NO, 17, Migration, ())


class UpgradeRequired(Exception):  # noqa: N818 - says what the operator must do
    """This release lacks the rules of a version that applies from a height on."""

    def __init__(self, app_version: int, height: int) -> None:
        super().__init__(
            f"height {height} needs application version {app_version}, which this release lacks: "
            f"install a release that has it / 高度 {height} 起适用版本 {app_version},请升级程序",
        )
        self.app_version = app_version
        self.height = height


def planned_upgrade(state: StateView) -> PlannedUpgrade | None:
    """Return the upgrade that was decided and not reached yet, or None."""
    return PLANNED.get(state)


def plan_upgrade(state: WritableState, app_version: int, height: int) -> None:
    """Decide that a version applies from a height on; the caller checked who asks."""
    PLANNED.put(state, PlannedUpgrade(app_version, height))


def cancel_upgrade(state: WritableState) -> None:
    """Take the planned upgrade back; the caller checked who asks."""
    PLANNED.delete(state)


def is_migrating(state: StateView) -> bool:
    """Return whether a migration has more to do in the next block."""
    return MIGRATION.get(state) is not None


def version_at(state: StateView, meta: ChainMeta, height: int) -> int:
    """Return which version's rules apply to the next block, at ``height``."""
    planned = PLANNED.get(state)
    is_reached = planned is not None and height >= planned.height
    return planned.app_version if planned is not None and is_reached else meta.app_version


def rules_at(executor: Executor, app_version: int, height: int) -> Executor:
    """Return the rules of a version; raises UpgradeRequired when this release lacks them."""
    rules = executor.at_version(app_version)
    if rules is None:
        raise UpgradeRequired(app_version, height)
    return rules


def begin_version(state: Overlay, meta: ChainMeta, app_version: int) -> ChainMeta:
    """Enter a version in its first block; return the record of the chain."""
    if app_version == meta.app_version:
        return meta
    PLANNED.delete(state)
    MIGRATION.put(state, Migration(b""))
    changed = msgspec.structs.replace(meta, app_version=app_version)
    META.put(state, changed)
    return changed


def migrate_on(state: Overlay, environment: BlockEnvironment, rules: Executor) -> None:
    """Do this block's part of the migration to the present version, if there is one."""
    migration = MIGRATION.get(state)
    if migration is None:
        return
    cursor = rules.migrate(state, environment, migration.cursor)
    if cursor is None:
        MIGRATION.delete(state)
    else:
        MIGRATION.put(state, Migration(cursor))
