"""Who is a member with a vote, and who sponsors whom.

Rules this file keeps:
 1. Every member has an entry among the electors; nobody else has one.
 2. A declared group has one vote: it is its head's.  A member that declares a group gives up its
    own vote, and a declaration is never taken back by the member alone.
 3. A sponsor answers for a number of participants that policy caps; it is counted, not scanned.
 4. A participant changes its sponsor when both agree; nothing else of it changes.

Source: docs/concepts/governance.md (electorates), docs/concepts/parties.md (participant).
"""

from typing import Final

import msgspec

from xinlian.contracts.context import Context
from xinlian.contracts.fields import Count, Id, OptionalId, TimeMs
from xinlian.ledger.ports import StateView
from xinlian.ledger.records import Collection, Record, WritableState
from xinlian.modules.members.errors import SponsorFull, TooManyMembers
from xinlian.modules.members.ports import ONLY, MemberLimits
from xinlian.modules.members.types import MODULE_NO, PARTIES, Party, PartyStatus
from xinlian.primitives import ID_BYTES

MEMBERS_MAX: Final = 1_000
"""So that counting all votes of a proposal is bounded."""


class Elector(Record, frozen=True):
    """A member as a voter."""

    admitted_at_ms: TimeMs
    head: OptionalId
    """The member that holds the vote of its group; empty where it votes for itself."""


class Sponsorship(Record, frozen=True):
    """How many participants a member sponsors."""

    participants: Count


class SponsorRequest(Record, frozen=True):
    """Whom a participant asked to become its sponsor."""

    sponsor: Id


ELECTORS: Final = Collection(MODULE_NO, 8, Elector, (ID_BYTES,))
SPONSORSHIPS: Final = Collection(MODULE_NO, 9, Sponsorship, (ID_BYTES,))
SPONSOR_REQUESTS: Final = Collection(MODULE_NO, 10, SponsorRequest, (ID_BYTES,))
_NOBODY: Final = Sponsorship(0)


def add_member(state: WritableState, party: bytes, member: Party) -> None:
    """Write a member that was admitted, and its vote; raises TooManyMembers."""
    PARTIES.put(state, member, party)
    add_elector(state, party, member.admitted_at_ms)


def add_elector(state: WritableState, member: bytes, admitted_at_ms: int) -> None:
    """Give a member its entry; raises TooManyMembers."""
    if sum(1 for _ in ELECTORS.scan(state)) >= MEMBERS_MAX:
        raise TooManyMembers(f"at most {MEMBERS_MAX}")
    ELECTORS.put(state, Elector(admitted_at_ms, b""), member)


def vote_holder(state: StateView, party: bytes) -> bytes:
    """Return the member whose vote speaks for a party's group: its head, or itself."""
    elector = ELECTORS.get(state, party)
    return party if elector is None or not elector.head else elector.head


def is_head(state: StateView, member: bytes) -> bool:
    """Return whether another member declared this one the head of its group."""
    return any(elector.head == member for _, elector in ELECTORS.scan(state))


def sponsored(state: StateView, sponsor: bytes) -> int:
    """Return how many participants a member sponsors."""
    return (SPONSORSHIPS.get(state, sponsor) or _NOBODY).participants


def count_sponsored(state: WritableState, sponsor: bytes, change: int) -> None:
    """Count participants that come to a sponsor or leave it."""
    SPONSORSHIPS.put(state, Sponsorship(sponsored(state, sponsor) + change), sponsor)


def require_room(context: Context, sponsor: bytes) -> None:
    """Refuse one more participant than policy lets a sponsor have; raises SponsorFull."""
    limits = context.ports.require(MemberLimits, ONLY)
    participants_max = limits.participants_max(context.state, context.time_ms)
    if sponsored(context.state, sponsor) >= participants_max:
        raise SponsorFull(participants_max)


def set_status(state: WritableState, party_id: bytes, status: PartyStatus) -> None:
    """Suspend or reinstate a party; the caller checked who asks."""
    party: Party = PARTIES.require(state, party_id)
    PARTIES.put(state, msgspec.structs.replace(party, status=status), party_id)
