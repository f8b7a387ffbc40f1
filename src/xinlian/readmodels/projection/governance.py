"""Rows of governance: proposals, votes, and what was enacted."""

import msgspec

from xinlian.contracts.message import Message
from xinlian.modules.governance import events
from xinlian.modules.governance.types import ProposalKind, ProposalStatus
from xinlian.modules.members.types import KeyStatus, PartyKind, PartyStatus
from xinlian.primitives import InvariantViolation
from xinlian.readmodels.projection.writer import Cause, Writer
from xinlian.readmodels.rows import KeyRow, PartyRow, PolicyVersionRow, ProposalRow, VoteRow
from xinlian.readmodels.text import FIELD_KINDS, HEX, enum_text, id_text

FIRST_ROUND = 1


def proposal_published(writer: Writer, event: events.ProposalPublished, cause: Cause) -> None:
    """A proposal is open; what it asks for is in the message that published it."""
    if cause.message is None:
        raise InvariantViolation("proposal_has_its_message", event.proposal.hex())
    writer.add(
        ProposalRow(
            **writer.born_changing(),
            proposal_id=id_text("proposal", event.proposal),
            kind=enum_text(ProposalKind(event.kind)),
            status=enum_text(ProposalStatus.OPEN),
            proposer=id_text("party", event.proposer),
            party=id_text("party", event.party),
            content_json=content_json(cause.message),
            expires_at_ms=event.expires_at_ms,
            enact_at_ms=0,
            round_no=FIRST_ROUND,
            evidence="",
            refusal="",
        ),
    )


def vote_cast(writer: Writer, event: events.VoteCast, cause: Cause) -> None:
    """A member voted."""
    del cause
    writer.log(
        VoteRow(
            **writer.born(),
            proposal_id=id_text("proposal", event.proposal),
            round_no=event.round_no,
            member=id_text("party", event.member),
            in_favour=event.in_favour,
        ),
    )


def proposal_passed(writer: Writer, event: events.ProposalPassed, cause: Cause) -> None:
    """The votes are enough."""
    del cause
    passed = enum_text(ProposalStatus.PASSED)
    writer.change(_row(writer, event.proposal), status=passed, enact_at_ms=event.enact_at_ms)


def proposal_enacted(writer: Writer, event: events.ProposalEnacted, cause: Cause) -> None:
    """What was proposed has happened."""
    del cause
    writer.change(_row(writer, event.proposal), status=enum_text(ProposalStatus.ENACTED))


def proposal_expired(writer: Writer, event: events.ProposalExpired, cause: Cause) -> None:
    """The voting time ended without enough votes."""
    del cause
    writer.change(_row(writer, event.proposal), status=enum_text(ProposalStatus.EXPIRED))


def proposal_lapsed(writer: Writer, event: events.ProposalLapsed, cause: Cause) -> None:
    """It passed and could not be enacted."""
    del cause
    writer.change(
        _row(writer, event.proposal),
        status=enum_text(ProposalStatus.LAPSED),
        refusal=f"{event.codespace}/{event.code}",
    )


def recovery_vetoed(writer: Writer, event: events.RecoveryVetoed, cause: Cause) -> None:
    """A live key disputes a recovery; the second round is open."""
    del cause
    writer.change(
        _row(writer, event.proposal),
        status=enum_text(ProposalStatus.OPEN),
        round_no=event.round_no,
        expires_at_ms=event.expires_at_ms,
        enact_at_ms=0,
    )


def evidence_filed(writer: Writer, event: events.IdentityEvidenceFiled, cause: Cause) -> None:
    """Evidence of identity was committed to."""
    del cause
    writer.change(_row(writer, event.proposal), evidence=event.commitment.hex())


def policy_changed(writer: Writer, event: events.PolicyChanged, cause: Cause) -> None:
    """A row of policy has another dated value."""
    del cause
    writer.log(
        PolicyVersionRow(
            **writer.born(),
            name=event.row,
            effective_from_ms=event.effective_from_ms,
            unit=event.unit,
            value=event.value,
            applies_by=event.applies_by,
            citation=event.citation,
            verified=event.verified,
        ),
    )


def member_admitted(writer: Writer, event: events.MemberAdmitted, cause: Cause) -> None:
    """An organisation became a member, with its first key."""
    del cause
    party_id = id_text("party", event.party)
    writer.add(
        PartyRow(
            **writer.born_changing(),
            party_id=party_id,
            kind=enum_text(PartyKind.MEMBER),
            status=enum_text(PartyStatus.ACTIVE),
            sponsor="",
            uscc=event.uscc,
            name=event.name,
        ),
    )
    writer.add(
        KeyRow(
            **writer.born_changing(),
            key_id=id_text("key", event.key_id),
            party_id=party_id,
            suite=event.suite,
            public_key=event.public_key.hex(),
            role=event.role,
            status=enum_text(KeyStatus.ACTIVE),
        ),
    )


def content_json(message: Message) -> str:
    """Return the fields of a proposing message for people, as JSON in their order."""
    content = {name: _text(name, getattr(message, name)) for name in message.__struct_fields__}
    return msgspec.json.encode(content).decode("utf-8")


def _text(name: str, value: object) -> object:
    if isinstance(value, bytes):
        kind = FIELD_KINDS.get(name, HEX)
        return value.hex() if kind == HEX else id_text(kind, value)
    if name == "lost_keys" and isinstance(value, tuple):
        return [id_text("key", key_id) for key_id in value]
    return value


def _row(writer: Writer, proposal: bytes) -> ProposalRow:
    return writer.require(ProposalRow, id_text("proposal", proposal))
