"""A release that carries one version more: its rules are those of the first, and it migrates.

Version 2 exists in tests alone.  Its migration writes every party's name in another form, two
parties a block.  ``python release_two.py node start …`` is ``xinlian node start`` of that release.
"""

import msgspec

from xinlian import bootstrap
from xinlian.bootstrap import build_contracts, build_registry
from xinlian.cli.app import main
from xinlian.contracts.runtime import Contracts
from xinlian.ledger.executor import BlockEnvironment
from xinlian.ledger.overlay import Overlay
from xinlian.modules.members.keeper import MembersAuthority
from xinlian.modules.members.types import PARTIES
from xinlian.modules.quotas.keeper import QuotaBook
from xinlian.modules.schedule.keeper import ScheduleQueue

PARTIES_PER_BLOCK = 2
MARK = " [2]"


def mark_parties(state: Overlay, environment: BlockEnvironment, cursor: bytes) -> bytes | None:
    """Migrate two parties from the cursor on; return where to go on."""
    del environment
    after = (cursor,) if cursor else ()
    for count, ((party,), record) in enumerate(PARTIES.scan(state, after=after)):
        if count == PARTIES_PER_BLOCK:
            return cursor
        PARTIES.put(state, msgspec.structs.replace(record, name=record.name + MARK), party)
        cursor = party
    return None


def release_two() -> Contracts:
    """Return the rules of a release that carries versions 1 and 2."""
    return Contracts(
        build_registry(),
        MembersAuthority(),
        ScheduleQueue(),
        QuotaBook(),
        app_version=2,
        migration=mark_parties,
        others=[build_contracts()],
    )


if __name__ == "__main__":
    bootstrap.build_contracts = release_two
    main()
