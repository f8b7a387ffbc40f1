"""Events of social credit."""

from typing import Final

from xinlian.apps.credit.types import MODULE_NO, Reasons, RecordIds
from xinlian.contracts.fields import (
    AmountMinor,
    Count,
    Day,
    DirectoryText,
    Flag,
    Hash,
    Id,
    Name,
    Number,
    OptionalId,
    OptionalName,
    TimeMs,
)
from xinlian.contracts.message import Event
from xinlian.modules.consent.types import DataKinds

_BASE: Final = MODULE_NO * 256


class RecordPublished(Event, frozen=True, tag=_BASE + 1):
    """A provider published a record, or a new version of one."""

    credit_record: Id
    provider: Id
    data_subject: Id
    record_type: Name
    schema_version: Count
    polarity: Name
    event_day: Day
    end_day: Day
    as_of_day: Day
    amount_minor: AmountMinor
    legal_basis: Name
    consent: OptionalId
    law: OptionalName
    document_root: Hash
    previous: OptionalId
    expires_at_ms: TimeMs
    is_official: Flag
    mark: Count
    objection: OptionalId


class RecordEnded(Event, frozen=True, tag=_BASE + 2):
    """A record is no more shown: superseded, withdrawn or expired."""

    credit_record: Id
    record_life: Count


class InquiryAnswered(Event, frozen=True, tag=_BASE + 3):
    """Somebody was shown a subject's records."""

    inquiry: Id
    inquirer: Id
    data_subject: Id
    inquiry_purpose: Name
    record_types: DataKinds
    consent: OptionalId
    law: OptionalName
    request_root: Hash
    shown: RecordIds
    marked: RecordIds
    counted: RecordIds
    hard_queries: Count


class InquiryDenied(Event, frozen=True, tag=_BASE + 4):
    """Somebody asked for a subject's records and was shown nothing."""

    inquiry: Id
    inquirer: Id
    data_subject: Id
    inquiry_purpose: Name
    record_types: DataKinds
    consent: OptionalId
    request_root: Hash
    denied_as: Name
    """The refusal of the consent: ``revoked``, ``over``, ``purpose_outside`` and so on."""


class ObjectionFiled(Event, frozen=True, tag=_BASE + 5):
    """A subject contests a record; it bears the mark from now on."""

    objection: Id
    credit_record: Id
    data_subject: Id
    provider: Id
    reason_root: Hash
    due_day: Day


class ObjectionAnswered(Event, frozen=True, tag=_BASE + 6):
    """The provider answered."""

    objection: Id
    credit_record: Id
    objection_status: Count
    answer_root: Hash


class ObjectionTimedOut(Event, frozen=True, tag=_BASE + 7):
    """The provider did not answer in time: the record is no more shown."""

    objection: Id
    credit_record: Id
    provider: Id


class RulePublished(Event, frozen=True, tag=_BASE + 8):
    """The credit authority published a dated value of a policy row."""

    authority: Id
    row: Name
    unit: Name
    effective_from_ms: TimeMs
    value: Number
    applies_by: Name
    citation: DirectoryText
    verified: Flag


class ScoreGiven(Event, frozen=True, tag=_BASE + 9):
    """An inquirer signed what its scorecard said of the subject."""

    inquiry: Id
    inquirer: Id
    data_subject: Id
    model_root: Hash
    is_sufficient: Flag
    points: Count
    points_uncontested: Count
    reasons: Reasons
    features_present: Count
    feature_root: Hash
