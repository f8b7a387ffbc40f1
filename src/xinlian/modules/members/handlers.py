"""Handlers of the members module."""

import msgspec

from xinlian.contracts.context import Context
from xinlian.contracts.registry import Registry
from xinlian.ledger.ports import StateView
from xinlian.modules.members import events
from xinlian.modules.members.errors import (
    AlreadySo,
    GroupInvalid,
    LostKeyInvalid,
    MandateInvalid,
    NotAParticipant,
    NotAsked,
    NotItsSponsor,
    PartyExists,
    SponsorNotMember,
    UnknownKey,
)
from xinlian.modules.members.keeper import check_possession, register_key, require_party
from xinlian.modules.members.membership import (
    ELECTORS,
    SPONSOR_REQUESTS,
    SPONSORSHIPS,
    Elector,
    SponsorRequest,
    count_sponsored,
    is_head,
    require_room,
    set_status,
)
from xinlian.modules.members.messages import (
    AcceptParticipant,
    AdmitParticipant,
    AskSponsor,
    DeclareGroup,
    RecoverOwnKeys,
    RegisterKey,
    ReinstateParticipant,
    RevokeKey,
    SetMandate,
    SuspendParticipant,
)
from xinlian.modules.members.recovery import grant_management, recover_keys
from xinlian.modules.members.restraint import RESTRAINTS
from xinlian.modules.members.roles import OFFICIAL_ROLES
from xinlian.modules.members.types import (
    DAILY_USE,
    KEYS,
    MANDATES,
    PARTIES,
    Key,
    KeyStatus,
    Mandates,
    Party,
    PartyKind,
    PartyStatus,
    message_type_part,
    organisation_id,
)


def admit_participant(context: Context, message: AdmitParticipant) -> None:
    """Write the directory entry and its first key, which may manage keys and mandates."""
    # AUTHORISE
    sponsor = require_party(context.state, context.acting_for)
    if sponsor.kind != PartyKind.MEMBER:
        raise SponsorNotMember(context.acting_for.hex())
    # VALIDATE
    party = organisation_id(context.chain_id, message.uscc)
    if PARTIES.get(context.state, party) is not None:
        raise PartyExists(party.hex())
    require_room(context, context.acting_for)
    # COMPUTE
    key = Key(
        party=party,
        suite=message.suite,
        public_key=message.public_key,
        role=message.role,
        status=KeyStatus.ACTIVE,
        registered_at_ms=context.time_ms,
    )
    # WRITE
    key_id = register_key(context.state, party, key, message.possession, context.chain_id)
    PARTIES.put(
        context.state,
        Party(
            kind=PartyKind.PARTICIPANT,
            status=PartyStatus.ACTIVE,
            sponsor=context.acting_for,
            admitted_at_ms=context.time_ms,
            uscc=message.uscc,
            name=message.name,
        ),
        party,
    )
    grant_management(context.state, party, key_id)
    count_sponsored(context.state, context.acting_for, 1)
    # EMIT
    context.emit(events.PartyAdmitted(party, context.acting_for, PartyKind.PARTICIPANT))
    context.emit(events.KeyRegistered(party, key_id, message.role))


def register_own_key(context: Context, message: RegisterKey) -> None:
    """Add a role key of the acting party."""
    # COMPUTE
    key = Key(
        party=context.acting_for,
        suite=message.suite,
        public_key=message.public_key,
        role=message.role,
        status=KeyStatus.ACTIVE,
        registered_at_ms=context.time_ms,
    )
    # WRITE
    key_id = register_key(
        context.state,
        context.acting_for,
        key,
        message.possession,
        context.chain_id,
    )
    # EMIT
    context.emit(events.KeyRegistered(context.acting_for, key_id, message.role))


def revoke_key(context: Context, message: RevokeKey) -> None:
    """End a key of the acting party."""
    # VALIDATE
    key = _own_active_key(context.state, context.acting_for, message.key_id)
    # WRITE
    revoked = msgspec.structs.replace(key, status=KeyStatus.REVOKED)
    KEYS.put(context.state, revoked, message.key_id)
    # EMIT
    context.emit(events.KeyRevoked(context.acting_for, message.key_id))


def set_mandate(context: Context, message: SetMandate) -> None:
    """Replace the mandates of the acting party for one message type."""
    # VALIDATE
    for rule in message.rules:
        for key_id in rule.keys:
            key = KEYS.get(context.state, key_id)
            if key is None or key.party != context.acting_for:
                raise MandateInvalid(f"{key_id.hex()} is not a key of this party")
    # WRITE
    MANDATES.put(
        context.state,
        Mandates(message.rules),
        context.acting_for,
        message_type_part(message.message_type),
    )
    # EMIT
    context.emit(events.MandateSet(context.acting_for, message.message_type))


def suspend_participant(context: Context, message: SuspendParticipant) -> None:
    """Stop new obligations of a participant."""
    _change_status(context, message.party, PartyStatus.SUSPENDED)


def reinstate_participant(context: Context, message: ReinstateParticipant) -> None:
    """Lift a suspension by the sponsor."""
    _change_status(context, message.party, PartyStatus.ACTIVE)


def ask_sponsor(context: Context, message: AskSponsor) -> None:
    """Note whom a participant wants as its sponsor."""
    # AUTHORISE
    party = require_party(context.state, context.acting_for)
    if party.kind != PartyKind.PARTICIPANT:
        raise NotAParticipant(context.acting_for.hex())
    # VALIDATE
    if require_party(context.state, message.sponsor).kind != PartyKind.MEMBER:
        raise SponsorNotMember(message.sponsor.hex())
    if party.sponsor == message.sponsor:
        raise AlreadySo(message.sponsor.hex())
    # WRITE
    SPONSOR_REQUESTS.put(context.state, SponsorRequest(message.sponsor), context.acting_for)
    # EMIT
    context.emit(events.SponsorAsked(context.acting_for, message.sponsor))


def accept_participant(context: Context, message: AcceptParticipant) -> None:
    """Become the sponsor of a participant; its keys, claims and status stay as they are."""
    # AUTHORISE
    request = SPONSOR_REQUESTS.get(context.state, message.party)
    if request is None or request.sponsor != context.acting_for:
        raise NotAsked(message.party.hex())
    # VALIDATE
    require_room(context, context.acting_for)
    # COMPUTE
    party = PARTIES.require(context.state, message.party)
    # WRITE
    changed = msgspec.structs.replace(party, sponsor=context.acting_for)
    PARTIES.put(context.state, changed, message.party)
    SPONSOR_REQUESTS.delete(context.state, message.party)
    count_sponsored(context.state, party.sponsor, -1)
    count_sponsored(context.state, context.acting_for, 1)
    # EMIT
    context.emit(events.SponsorChanged(message.party, context.acting_for))


def declare_group(context: Context, message: DeclareGroup) -> None:
    """Give the acting member's vote to the head of its group."""
    # AUTHORISE
    elector = ELECTORS.get(context.state, context.acting_for)
    head = ELECTORS.get(context.state, message.head)
    # VALIDATE
    if elector is None or head is None or message.head == context.acting_for:
        raise GroupInvalid("a group is a member and another one, its head")
    if elector.head or head.head or is_head(context.state, context.acting_for):
        raise GroupInvalid("groups do not nest")
    # WRITE
    grouped = Elector(elector.admitted_at_ms, message.head)
    ELECTORS.put(context.state, grouped, context.acting_for)
    # EMIT
    context.emit(events.GroupDeclared(context.acting_for, message.head))


def recover_own_keys(context: Context, message: RecoverOwnKeys) -> None:
    """Replace lost keys of the acting party by a new one."""
    # VALIDATE
    for key_id in context.signers:
        if key_id in message.lost_keys:
            raise LostKeyInvalid(key_id.hex())
    # COMPUTE
    key = Key(
        party=context.acting_for,
        suite=message.suite,
        public_key=message.public_key,
        role=message.role,
        status=KeyStatus.ACTIVE,
        registered_at_ms=context.time_ms,
    )
    check_possession(context.acting_for, key, message.possession, context.chain_id)
    # WRITE and EMIT
    recover_keys(context, key, message.lost_keys)


def register(registry: Registry) -> None:
    """Add the module to the registry."""
    registry.add_collections(PARTIES, KEYS, MANDATES, DAILY_USE)
    registry.add_collections(ELECTORS, SPONSORSHIPS, SPONSOR_REQUESTS, RESTRAINTS)
    registry.add_collections(OFFICIAL_ROLES)
    registry.add_message(AskSponsor, ask_sponsor)
    registry.add_message(AcceptParticipant, accept_participant)
    registry.add_message(DeclareGroup, declare_group)
    registry.add_message(RecoverOwnKeys, recover_own_keys)
    registry.add_message(AdmitParticipant, admit_participant)
    registry.add_message(RegisterKey, register_own_key)
    registry.add_message(RevokeKey, revoke_key)
    registry.add_message(SetMandate, set_mandate)
    registry.add_message(SuspendParticipant, suspend_participant)
    registry.add_message(ReinstateParticipant, reinstate_participant)
    registry.add_events(
        events.PartyAdmitted,
        events.KeyRegistered,
        events.KeyRevoked,
        events.MandateSet,
        events.PartyStatusChanged,
        events.SponsorAsked,
        events.SponsorChanged,
        events.GroupDeclared,
        events.KeyRecovered,
        events.RoleGiven,
        events.RoleWithdrawn,
    )


def _change_status(context: Context, party_id: bytes, status: PartyStatus) -> None:
    # AUTHORISE
    party = require_party(context.state, party_id)
    if party.sponsor != context.acting_for:
        raise NotItsSponsor(party_id.hex())
    # VALIDATE
    if party.status == status:
        raise AlreadySo(party_id.hex())
    # WRITE
    set_status(context.state, party_id, status)
    # EMIT
    context.emit(events.PartyStatusChanged(party_id, status))


def _own_active_key(state: StateView, party: bytes, key_id: bytes) -> Key:
    key = KEYS.get(state, key_id)
    if key is None or key.party != party or key.status != KeyStatus.ACTIVE:
        raise UnknownKey(key_id.hex())
    return key
