"""Archive members: who keeps all bodies, so that others may prune them.

Rules this file keeps:
 1. A row ``archive.member.<code>`` with the value 1 makes the organisation with that code, in small
    letters, an archive member; 0 ends it.  So the electorate of policy decides, with its delay.
 2. Only a live entry of the directory counts: nobody is sent to an organisation that is not there.
"""

from collections.abc import Iterator
from typing import Final

from xinlian.ledger.clock import chain_meta
from xinlian.ledger.ports import StateView
from xinlian.modules.members.types import PARTIES, Party, organisation_id
from xinlian.modules.policy.dates import happening
from xinlian.modules.policy.keeper import policy_value_or
from xinlian.modules.policy.types import ROWS

ARCHIVE_PREFIX: Final = "archive.member."
ARCHIVE_UNIT: Final = "flag"
ARCHIVE_MEMBERS_MIN: Final = 2
"""How many must keep all bodies before others prune theirs."""


def archive_row(uscc: str) -> str:
    """Return the name of the policy row that makes an organisation an archive member."""
    return f"{ARCHIVE_PREFIX}{uscc.lower()}"


def archive_members(state: StateView) -> tuple[Party, ...]:
    """Return the archive members in force, ascending by their code."""
    return tuple(_members(state))


def _members(state: StateView) -> Iterator[Party]:
    meta = chain_meta(state)
    prefix = ARCHIVE_PREFIX.encode("ascii")
    for (padded,), _ in ROWS.scan(state):
        name = padded.rstrip(b"\0")
        if not name.startswith(prefix):
            continue
        if policy_value_or(state, name.decode("ascii"), happening(meta.time_ms), 0) != 1:
            continue
        uscc = name[len(prefix) :].decode("ascii").upper()
        party = PARTIES.get(state, organisation_id(meta.chain_id, uscc))
        if party is not None and not party.is_suspended:
            yield party
