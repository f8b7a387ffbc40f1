"""Rows of credit records, of inquiries about them, and of objections to them."""

import msgspec

from xinlian.readmodels.rows.base import ChangingRow


class CreditRecordRow(ChangingRow, frozen=True, kw_only=True):
    """What a provider says of a subject."""

    record_id: str
    provider: str
    subject: str
    record_type: str
    schema_version: int
    polarity: str
    event_day: int
    end_day: int
    """0 while the event has not ended."""
    as_of_day: int
    amount_minor: int
    legal_basis: str
    consent_id: str
    law: str
    document_root: str
    previous: str
    is_official: bool
    """Published in an official role."""
    expires_at_ms: int
    """From when on it is no more shown; 0 while no clock runs."""
    status: str
    """``current``, ``superseded``, ``withdrawn`` or ``expired``."""
    mark: str
    """``none``, ``marked``, ``unverifiable`` or ``suppressed``."""
    objection_id: str


class CreditInquiryRow(ChangingRow, frozen=True, kw_only=True):
    """What somebody asked of a subject's records, answered or denied, and its score."""

    inquiry_id: str
    inquirer: str
    subject: str
    purpose: str
    record_types: tuple[str, ...]
    consent_id: str
    law: str
    request_root: str
    status: str
    """``answered`` or ``denied``."""
    denied_as: str
    """Why the consent did not allow it; empty where it was answered."""
    shown: tuple[str, ...]
    marked: tuple[str, ...]
    counted: tuple[str, ...]
    hard_queries: int
    score: str
    """``scored``, ``insufficient``, or empty where none was given."""
    points: int
    points_uncontested: int
    reasons: tuple[str, ...]
    model_root: str
    feature_root: str


class CreditObjectionRow(ChangingRow, frozen=True, kw_only=True):
    """That a subject contests a record, and what its provider answered."""

    objection_id: str
    record_id: str
    """The version that bears the mark."""
    subject: str
    provider: str
    reason_root: str
    due_day: int
    status: str
    """``marked``, ``corrected``, ``rejected``, ``unverifiable`` or ``suppressed``."""
    answer_root: str


class CreditReport(msgspec.Struct, frozen=True, kw_only=True):
    """The records that answered an inquiry, as they stand now."""

    inquiry_id: str
    subject: str
    records: tuple[CreditRecordRow, ...]
    height: int
    time_ms: int
