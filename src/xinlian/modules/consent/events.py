"""Events of the consent module."""

from typing import Final

from xinlian.contracts.fields import Count, Hash, Id, Name, OptionalHash, TimeMs
from xinlian.contracts.message import Event
from xinlian.modules.consent.types import MODULE_NO, DataKinds, PeriodDays, ReadsMax

_BASE: Final = MODULE_NO * 256


class ConsentGiven(Event, frozen=True, tag=_BASE + 1):
    """A subject lets a reader read."""

    consent: Id
    data_subject: Id
    reader: Id
    reading_purpose: Name
    data_kinds: DataKinds
    from_ms: TimeMs
    until_ms: TimeMs
    reads_max: ReadsMax
    period_days: PeriodDays
    terms_root: OptionalHash


class ConsentTakenBack(Event, frozen=True, tag=_BASE + 2):
    """The subject revoked it."""

    consent: Id


class ConsentEnded(Event, frozen=True, tag=_BASE + 3):
    """Its time is over."""

    consent: Id


class ReadRecorded(Event, frozen=True, tag=_BASE + 4):
    """A reader reads under a consent."""

    consent: Id
    read_no: Count
    data_subject: Id
    reader: Id
    reading_purpose: Name
    data_kinds: DataKinds
    request_root: Hash
