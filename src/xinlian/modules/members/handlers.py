"""Handlers of the members module."""

import msgspec

from xinlian.contracts.context import Context
from xinlian.contracts.registry import Registry
from xinlian.ledger.ports import StateView
from xinlian.modules.members import events
from xinlian.modules.members.errors import (
    AlreadySo,
    MandateInvalid,
    NotItsSponsor,
    PartyExists,
    SponsorNotMember,
    UnknownKey,
)
from xinlian.modules.members.keeper import register_key, require_party
from xinlian.modules.members.messages import (
    AdmitParticipant,
    RegisterKey,
    ReinstateParticipant,
    RevokeKey,
    SetMandate,
    SuspendParticipant,
)
from xinlian.modules.members.types import (
    DAILY_USE,
    KEYS,
    MANDATES,
    PARTIES,
    Key,
    KeyStatus,
    MandateRule,
    Mandates,
    Party,
    PartyKind,
    PartyStatus,
    message_type_part,
    organisation_id,
)
from xinlian.primitives import AMOUNT_MINOR_MAX

FIRST_KEY_MESSAGE_TYPES = (2, 3, 4)
"""What the first key of a participant may do: manage its own keys and mandates."""


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
    rule = MandateRule((key_id,), 1, AMOUNT_MINOR_MAX, 0)
    for number in FIRST_KEY_MESSAGE_TYPES:
        part = message_type_part(256 + number)
        MANDATES.put(context.state, Mandates((rule,)), party, part)
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


def register(registry: Registry) -> None:
    """Add the module to the registry."""
    registry.add_collections(PARTIES, KEYS, MANDATES, DAILY_USE)
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
    PARTIES.put(context.state, msgspec.structs.replace(party, status=status), party_id)
    # EMIT
    context.emit(events.PartyStatusChanged(party_id, status))


def _own_active_key(state: StateView, party: bytes, key_id: bytes) -> Key:
    key = KEYS.get(state, key_id)
    if key is None or key.party != party or key.status != KeyStatus.ACTIVE:
        raise UnknownKey(key_id.hex())
    return key
