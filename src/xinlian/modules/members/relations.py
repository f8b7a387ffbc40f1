"""Which organisations are related, by their own word or by an official one.

Rules this file keeps:
 1. An organisation may say of itself that it is related to another one; a register, a regulator or
    the credit authority may say it of any two.  Nobody takes back what somebody else said.
 2. A relation has no direction, and it is of two: what is related to one is not related through it
    to a third.  Groups are the exception: a declared group is one.
 3. Whoever asks compares at execution, so that a relation counts from the block that records it on.

Source: what a related party is: Accounting Standard for Business Enterprises No. 36 (企业会计准则
第36号——关联方披露), article 3; which of its cases a consortium records is its own decision.
"""

from typing import Final

from xinlian.contracts.context import Context
from xinlian.contracts.fields import Name, OptionalHash, TimeMs
from xinlian.contracts.registry import Registry
from xinlian.ledger.ports import StateView
from xinlian.ledger.records import Collection, Record
from xinlian.modules.members.errors import (
    RelationNotRecorded,
    RelationRecorded,
    TooManyAttesters,
)
from xinlian.modules.members.events import RelationAdded, RelationEnded
from xinlian.modules.members.keeper import require_party
from xinlian.modules.members.membership import vote_holder
from xinlian.modules.members.messages import EndRelation, RecordRelation
from xinlian.modules.members.roles import OfficialRole, require_role
from xinlian.modules.members.types import MODULE_NO
from xinlian.primitives import ID_BYTES

ATTESTING_ROLES: Final = (
    OfficialRole.REGISTER,
    OfficialRole.REGULATOR,
    OfficialRole.CREDIT_AUTHORITY,
)
ATTESTERS_MAX: Final = 8
"""How many parties may record one relation: reading it is bounded."""


class Relation(Record, frozen=True):
    """That two organisations are related, by the word of one party."""

    kind: Name
    document_root: OptionalHash
    recorded_at_ms: TimeMs


RELATIONS: Final = Collection(MODULE_NO, 13, Relation, (ID_BYTES, ID_BYTES, ID_BYTES))
"""By the two organisations, the lower id first, and by who said it."""


def record_relation(context: Context, message: RecordRelation) -> None:
    """Take note that two organisations are related."""
    # AUTHORISE
    if context.acting_for not in (message.party, message.other):
        require_role(context.state, context.acting_for, *ATTESTING_ROLES)
    # VALIDATE
    for party in (message.party, message.other):
        require_party(context.state, party)
    pair = _pair(message.party, message.other)
    if RELATIONS.get(context.state, *pair, context.acting_for) is not None:
        raise RelationRecorded(message.other.hex())
    if sum(1 for _ in RELATIONS.scan(context.state, *pair)) >= ATTESTERS_MAX:
        raise TooManyAttesters(ATTESTERS_MAX)
    # WRITE
    relation = Relation(message.relation, message.document_root, context.time_ms)
    RELATIONS.put(context.state, relation, *pair, context.acting_for)
    # EMIT
    context.emit(RelationAdded(*pair, context.acting_for, message.relation))


def end_relation(context: Context, message: EndRelation) -> None:
    """Take back what the acting party said of two organisations."""
    # VALIDATE
    pair = _pair(message.party, message.other)
    if RELATIONS.get(context.state, *pair, context.acting_for) is None:
        raise RelationNotRecorded(message.other.hex())
    # WRITE
    RELATIONS.delete(context.state, *pair, context.acting_for)
    # EMIT
    context.emit(RelationEnded(*pair, context.acting_for))


def are_related(state: StateView, party: bytes, other: bytes) -> bool:
    """Return whether two parties are one, of one declared group, or related by anybody's word."""
    if vote_holder(state, party) == vote_holder(state, other):
        return True
    return any(True for _ in RELATIONS.scan(state, *_pair(party, other)))


def are_attested(state: StateView, party: bytes, other: bytes) -> bool:
    """Return whether an official party says that two are related: neither of them can say that."""
    pair = _pair(party, other)
    return any(attester not in pair for (_, _, attester), _ in RELATIONS.scan(state, *pair))


def _pair(party: bytes, other: bytes) -> tuple[bytes, bytes]:
    return (party, other) if party < other else (other, party)


def register(registry: Registry) -> None:
    """Add relations to the registry."""
    registry.add_collections(RELATIONS)
    registry.add_message(RecordRelation, record_relation)
    registry.add_message(EndRelation, end_relation)
    registry.add_events(RelationAdded, RelationEnded)
