"""Rows of the directory: parties and their keys."""

from xinlian.modules.members import events
from xinlian.modules.members.messages import AdmitParticipant, RegisterKey
from xinlian.modules.members.roles import OfficialRole
from xinlian.modules.members.types import KeyStatus, PartyKind, PartyStatus
from xinlian.primitives import InvariantViolation
from xinlian.readmodels.projection.writer import Cause, Writer
from xinlian.readmodels.rows import KeyRow, OfficialRoleRow, PartyRow
from xinlian.readmodels.text import enum_text, id_text

ROLE_HELD = "held"
ROLE_WITHDRAWN = "withdrawn"


def party_admitted(writer: Writer, event: events.PartyAdmitted, cause: Cause) -> None:
    """An organisation entered the directory; its name is in the message."""
    message = cause.message
    if not isinstance(message, AdmitParticipant):
        raise InvariantViolation("admission_has_its_message", event.party.hex())
    writer.add(
        PartyRow(
            **writer.born_changing(),
            party_id=id_text("party", event.party),
            kind=enum_text(PartyKind(event.kind)),
            status=enum_text(PartyStatus.ACTIVE),
            sponsor=id_text("party", event.sponsor),
            uscc=message.uscc,
            name=message.name,
        ),
    )


def key_registered(writer: Writer, event: events.KeyRegistered, cause: Cause) -> None:
    """A key may sign; its bytes are in the message that brought it."""
    message = cause.message
    if not isinstance(message, AdmitParticipant | RegisterKey):
        raise InvariantViolation("key_has_its_message", event.key_id.hex())
    writer.add(
        KeyRow(
            **writer.born_changing(),
            key_id=id_text("key", event.key_id),
            party_id=id_text("party", event.party),
            suite=message.suite,
            public_key=message.public_key.hex(),
            role=event.role,
            status=enum_text(KeyStatus.ACTIVE),
        ),
    )


def key_revoked(writer: Writer, event: events.KeyRevoked, cause: Cause) -> None:
    """A key may not sign any more."""
    del cause
    key = writer.require(KeyRow, id_text("key", event.key_id))
    writer.change(key, status=enum_text(KeyStatus.REVOKED))


def party_status_changed(writer: Writer, event: events.PartyStatusChanged, cause: Cause) -> None:
    """A party was suspended or reinstated."""
    del cause
    party = writer.require(PartyRow, id_text("party", event.party))
    writer.change(party, status=enum_text(PartyStatus(event.status)))


def sponsor_changed(writer: Writer, event: events.SponsorChanged, cause: Cause) -> None:
    """Another member answers for a participant, and may read its entry."""
    del cause
    party = writer.require(PartyRow, id_text("party", event.party))
    writer.change(party, sponsor=id_text("party", event.sponsor))


def key_recovered(writer: Writer, event: events.KeyRecovered, cause: Cause) -> None:
    """A key replaces lost ones; their own events say that they were revoked."""
    del cause
    writer.add(
        KeyRow(
            **writer.born_changing(),
            key_id=id_text("key", event.key_id),
            party_id=id_text("party", event.party),
            suite=event.suite,
            public_key=event.public_key.hex(),
            role=event.role,
            status=enum_text(KeyStatus.ACTIVE),
        ),
    )


def role_given(writer: Writer, event: events.RoleGiven, cause: Cause) -> None:
    """An organisation holds an official role, for the first time or again."""
    del cause
    role, party_id = enum_text(OfficialRole(event.official_role)), id_text("party", event.party)
    row = writer.get(OfficialRoleRow, role, party_id)
    if row is not None:
        now = writer.time_ms
        writer.change(row, status=ROLE_HELD, given_at_ms=now, withdrawn_at_ms=0)
        return
    writer.add(
        OfficialRoleRow(
            **writer.born_changing(),
            official_role=role,
            party_id=party_id,
            status=ROLE_HELD,
            given_at_ms=writer.time_ms,
            withdrawn_at_ms=0,
        ),
    )


def role_withdrawn(writer: Writer, event: events.RoleWithdrawn, cause: Cause) -> None:
    """An organisation holds an official role no longer."""
    del cause
    role, party_id = enum_text(OfficialRole(event.official_role)), id_text("party", event.party)
    row = writer.require(OfficialRoleRow, role, party_id)
    writer.change(row, status=ROLE_WITHDRAWN, withdrawn_at_ms=writer.time_ms)
