"""Events of social credit."""

from typing import Final

from xinlian.apps.credit.types import MODULE_NO, OptionalName
from xinlian.contracts.fields import (
    AmountMinor,
    Count,
    Day,
    Hash,
    Id,
    Name,
    OptionalId,
    TimeMs,
)
from xinlian.contracts.message import Event

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
    mark: Count
    objection: OptionalId


class RecordEnded(Event, frozen=True, tag=_BASE + 2):
    """A record is no more shown: superseded, withdrawn or expired."""

    credit_record: Id
    record_life: Count
