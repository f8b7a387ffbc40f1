"""Rows of who is on the ledger and how it is governed."""

from xinlian.readmodels.rows.base import ChangingRow, Row


class PartyRow(ChangingRow, frozen=True, kw_only=True):
    """An entry of the directory."""

    party_id: str
    kind: str
    status: str
    sponsor: str
    uscc: str
    name: str


class KeyRow(ChangingRow, frozen=True, kw_only=True):
    """A role key of a party."""

    key_id: str
    party_id: str
    suite: str
    public_key: str
    role: str
    status: str


class OfficialRoleRow(ChangingRow, frozen=True, kw_only=True):
    """What an organisation is, or was, for the consortium."""

    official_role: str
    party_id: str
    status: str
    """``held`` or ``withdrawn``."""
    given_at_ms: int
    withdrawn_at_ms: int
    """0 while it is held."""


class ProposalRow(ChangingRow, frozen=True, kw_only=True):
    """A proposal of governance and where it stands."""

    proposal_id: str
    kind: str
    status: str
    proposer: str
    party: str
    """Whom it is about; empty where it is about no organisation of the directory."""
    content_json: str
    """The fields of the message that published it."""
    expires_at_ms: int
    enact_at_ms: int
    """0 until it passes."""
    round_no: int
    evidence: str
    refusal: str
    """Why it lapsed, as codespace and code; else empty."""


class VoteRow(Row, frozen=True, kw_only=True):
    """The vote of a member in a round of a proposal."""

    proposal_id: str
    round_no: int
    member: str
    in_favour: bool


class PolicyVersionRow(Row, frozen=True, kw_only=True):
    """One dated value of a policy row."""

    name: str
    effective_from_ms: int
    unit: str
    value: int
    applies_by: str
    citation: str
    verified: bool
