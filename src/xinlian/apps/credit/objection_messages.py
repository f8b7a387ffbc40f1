"""The messages about objections, and about the rules that they follow."""

import enum
from typing import ClassVar, Final

from xinlian.apps.credit.errors import AnswerUnfit, RuleUnfit
from xinlian.apps.credit.policy import (
    ADVERSE_MONTHS,
    OBJECTION_DAYS,
    OBJECTION_WORKING_DAYS,
)
from xinlian.apps.credit.types import MODULE_NO
from xinlian.contracts.fields import DirectoryText, Hash, Id, Name, Number, TimeMs
from xinlian.contracts.message import Message

_BASE: Final = MODULE_NO * 256


class Answer(enum.StrEnum):
    """What a provider answers to an objection."""

    CORRECTED = "corrected"
    """It was wrong: a new version stands, or it is withdrawn."""
    REJECTED = "rejected"
    """It is right: the mark goes."""
    UNVERIFIABLE = "unverifiable"
    """It can be neither proven nor disproven: both sides stay recorded."""


AUTHORITY_ROWS: Final = {
    OBJECTION_DAYS: (1, 20),
    OBJECTION_WORKING_DAYS: (0, 20),
    ADVERSE_MONTHS: (12, 60),
}
"""The rows that the credit authority sets alone, with what the law leaves it: it may be shorter
than the statutory 20 days and 5 years, never longer.  Longer is for the members' vote."""


class FileObjection(Message, frozen=True, tag=_BASE + 4):
    """The subject contests a record; the mark is on it from this block, the clock runs."""

    creates_obligation: ClassVar[bool] = False
    moves_value: ClassVar[bool] = False
    signs: ClassVar[str] = "the subject"
    observes: ClassVar[str] = "subject and provider; the mark: whoever is shown the record"
    remedy: ClassVar[str] = "the provider's answer; a complaint to supervisor or court"

    record: Id
    reason_root: Hash
    """What is wrong, and why: a commitment to the subject's letter."""


class AnswerObjection(Message, frozen=True, tag=_BASE + 5):
    """The provider answers an objection in writing; a correction was published before."""

    creates_obligation: ClassVar[bool] = False
    moves_value: ClassVar[bool] = False
    signs: ClassVar[str] = "the provider of the record"
    observes: ClassVar[str] = "subject and provider"
    remedy: ClassVar[str] = "a new version, to which the subject may object again"

    objection: Id
    answer: Name
    answer_root: Hash
    """The written answer."""

    def validate_basic(self) -> None:
        """Refuse an answer that is none of the three."""
        if self.answer not in frozenset(map(str, Answer)):
            raise AnswerUnfit(", ".join(Answer))


class PublishRule(Message, frozen=True, tag=_BASE + 6):
    """The credit authority publishes a dated value of one of its rows; no record is touched."""

    creates_obligation: ClassVar[bool] = False
    moves_value: ClassVar[bool] = False
    is_kept_for: ClassVar[bool] = True
    signs: ClassVar[str] = "the credit authority"
    observes: ClassVar[str] = "every member"
    remedy: ClassVar[str] = "credit.PublishRule of a later value; the members' vote"

    row: Name
    value: Number
    effective_from_ms: TimeMs
    citation: DirectoryText

    def validate_basic(self) -> None:
        """Refuse a row that is not the authority's, and a value beyond what the law leaves it."""
        bounds = AUTHORITY_ROWS.get(self.row)
        if bounds is None:
            raise RuleUnfit(f"its rows are {', '.join(sorted(AUTHORITY_ROWS))}")
        if not bounds[0] <= self.value <= bounds[1]:
            raise RuleUnfit(f"{bounds[0]} to {bounds[1]}")
