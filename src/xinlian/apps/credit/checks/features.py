"""Features of a subject, from an answered inquiry and the ledger's own facts about it.

Rules this file keeps:
 1. What was shown and what of it counts is fixed in the inquiry: whoever has the ledger computes
    the same, at any later height.
 2. Credit facts count that were written by the moment of the inquiry; for shares and medians those
    of the last twelve months.
 3. A feature has a value only where its source was asked for or exists: nothing unknown is a zero.
 4. What is contested can be left out; what could not be verified never counts.

Source: docs/concepts/credit.md (Score, feature-vector commitment).
"""

from collections.abc import Iterable, Mapping
from typing import Final, NamedTuple

from xinlian.apps.credit.record_types import TYPE_RULES, Polarity, RecordType
from xinlian.apps.credit.types import INQUIRIES, RECORDS, CreditRecord, Inquiry
from xinlian.crypto.field_tree import document_root
from xinlian.ledger.ports import StateView
from xinlian.modules.obligations.types import SourceKind
from xinlian.modules.standing.types import CREDIT_FACTS, CreditFact, CreditFactKind
from xinlian.primitives.time import MS_PER_DAY, china_day

FEATURE_SCHEMA: Final = "credit.features"
FEATURE_VERSION: Final = 1
WINDOW_DAYS: Final = 365
FACTS_MAX: Final = 5_000
"""The oldest so many facts of a party that are looked at."""
_DAYS_PER_MONTH: Final = 30
_BPS: Final = 10_000
_INTEREST: Final = (SourceKind.LATE_INTEREST, SourceKind.AGREED_INTEREST)
_KEPT: Final = (CreditFactKind.ON_TIME, CreditFactKind.UNDONE)


class Opened(NamedTuple):
    """Figures from opened documents, which the ledger does not have; None where there is none."""

    worst_months_overdue: int | None = None
    """In the last 24 months, by the monthly statuses that were shown."""
    concentration_bps: int | None = None
    """The share of the largest buyer, by the portrait."""


class Picture(NamedTuple):
    """Everything that features are computed from."""

    inquiry: Inquiry
    records: tuple[tuple[bytes, CreditRecord], ...]
    """What was shown and counts, by id."""
    facts: tuple[CreditFact, ...]
    """Written by the moment of the inquiry."""
    opened: Opened


def picture_of(state: StateView, inquiry_id: bytes, opened: Opened = Opened()) -> Picture:  # noqa: B008 - it is immutable
    """Return the picture of an inquiry's subject at the moment when it was asked."""
    inquiry = INQUIRIES.require(state, inquiry_id)
    records = tuple((found, RECORDS.require(state, found)) for found in inquiry.counted)
    facts = (fact for _, fact in CREDIT_FACTS.scan(state, inquiry.subject))
    written = tuple(_until(facts, inquiry.asked_at_ms))
    return Picture(inquiry, records, written, opened)


def features_of(picture: Picture, *, with_contested: bool = True) -> dict[str, int]:
    """Return the value of each feature that has one."""
    contested = frozenset() if with_contested else frozenset(picture.inquiry.marked)
    counted = [record for found, record in picture.records if found not in contested]
    values: dict[str, int] = {}
    _add_facts(values, picture)
    _add_records(values, picture.inquiry, counted)
    if str(RecordType.QUERY) in picture.inquiry.record_types:
        values["hard_queries"] = picture.inquiry.hard_queries
    opened = picture.opened._asdict().items()
    return values | {name: value for name, value in opened if value is not None}


def feature_root(values: Mapping[str, int], record_salt: bytes) -> bytes:
    """Return the commitment to features: each can be shown alone, to the subject or a court."""
    return document_root(FEATURE_SCHEMA, FEATURE_VERSION, dict(values), record_salt)


def _until(facts: Iterable[CreditFact], moment_ms: int) -> Iterable[CreditFact]:
    for count, fact in enumerate(facts):
        if count == FACTS_MAX or fact.recorded_at_ms > moment_ms:
            return
        yield fact


def _add_facts(values: dict[str, int], picture: Picture) -> None:
    """Add what the ledger's own facts tell of kept and broken promises."""
    asked_ms = picture.inquiry.asked_at_ms
    promises = [fact for fact in picture.facts if _is_of_promise(fact)]
    if not promises:
        return
    first_day = china_day(promises[0].recorded_at_ms)
    values["activity_months"] = (china_day(asked_ms) - first_day) // _DAYS_PER_MONTH
    since_ms = asked_ms - WINDOW_DAYS * MS_PER_DAY
    recent = [fact for fact in promises if fact.recorded_at_ms > since_ms]
    kept = sum(fact.kind in _KEPT for fact in recent)
    undone = sum(fact.kind == CreditFactKind.UNDONE for fact in recent)
    late = max(sum(fact.kind == CreditFactKind.DEFAULTED for fact in recent) - undone, 0)
    if kept + late:
        values["late_share_bps"] = late * _BPS // (kept + late)
        days = sorted(fact.days_late for fact in recent if fact.kind in (*_KEPT, _CURED))
        values["median_days_late"] = days[(len(days) - 1) // 2] if days else 0


_CURED: Final = CreditFactKind.CURED


def _is_of_promise(fact: CreditFact) -> bool:
    """Return whether a fact is of a promise: to pay the interest of a default keeps none."""
    is_of_duty = fact.kind == CreditFactKind.DUTY_MISSED
    return not is_of_duty and fact.source_kind not in _INTEREST


def _add_records(
    values: dict[str, int],
    inquiry: Inquiry,
    counted: Iterable[CreditRecord],
) -> None:
    """Add counts of the types that were asked for."""
    records = list(counted)
    asked = set(inquiry.record_types)
    if asked & set(TYPE_RULES):
        adverse = [record for record in records if record.polarity == Polarity.ADVERSE]
        values["open_adverse"] = sum(not record.end_day for record in adverse)
        values["ended_adverse"] = sum(bool(record.end_day) for record in adverse)
    for name, record_type in _COUNTED.items():
        if record_type in asked:
            values[name] = sum(record.record_type == record_type for record in records)


_COUNTED: Final[Mapping[str, str]] = {
    "court_listings": str(RecordType.COURT_ENFORCEMENT),
    "positive_conduct": str(RecordType.POSITIVE_CONDUCT),
    "utility_arrears": str(RecordType.UTILITY_ARREARS),
}
