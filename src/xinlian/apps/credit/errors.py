"""Refusals of social credit.

Order of precedence within each message, by code; other modules' codes carry their name::

    PublishRecord    1, 2, 3, 4, 5, 6, 7 (by itself), 8, members/not_in_role, 16, 9, 17,
                     documents/2, 10, 11, a first version: consent/5 to 10, 15; a later one: 12,
                     13; then 14
    WithdrawRecord   16, 9, 17
    InquireRecords   1, 2, 18 (by itself), 8, 19, members/not_in_role, 20; what a consent refuses is
                     no refusal of the message but a denial, see ``inquiries``
    FileObjection    16, 19, 23, 17, 22
    AnswerObjection  24 (by itself), 21, 9, 25, 26
    PublishRule      27 (by itself), members/not_in_role, policy/ as a vote for a row
    GiveScore        28 (by itself), 29, 30, 31, documents/2, 32, 28
"""

from typing import ClassVar, Final

from xinlian.primitives import InvalidTransaction, Rejected, Unauthorised

CODESPACE: Final = "credit"


class ForbiddenKind(InvalidTransaction):
    """The law forbids to collect data of this kind; leave it out of the record altogether."""

    codespace: ClassVar[str] = CODESPACE
    code: ClassVar[int] = 1
    name: ClassVar[str] = "forbidden_kind"


class WarnedKind(InvalidTransaction):
    """Of a person only, after a warning and with written consent; no person is a subject yet."""

    codespace: ClassVar[str] = CODESPACE
    code: ClassVar[int] = 2
    name: ClassVar[str] = "warned_kind"


class TypeUnknown(InvalidTransaction):
    """The type is not in the closed list, or arises on the ledger by itself."""

    codespace: ClassVar[str] = CODESPACE
    code: ClassVar[int] = 3
    name: ClassVar[str] = "type_unknown"


class SchemaUnknown(InvalidTransaction):
    """The schema version of this type is another one."""

    codespace: ClassVar[str] = CODESPACE
    code: ClassVar[int] = 4
    name: ClassVar[str] = "schema_unknown"


class PolarityUnfit(InvalidTransaction):
    """Records of this type do not speak this way of the subject."""

    codespace: ClassVar[str] = CODESPACE
    code: ClassVar[int] = 5
    name: ClassVar[str] = "polarity_unfit"


class AmountUnfit(InvalidTransaction):
    """Records of this type carry no amount; leave it at 0."""

    codespace: ClassVar[str] = CODESPACE
    code: ClassVar[int] = 6
    name: ClassVar[str] = "amount_unfit"


class BasisUnfit(InvalidTransaction):
    """The legal basis is not one of this type, or names both or neither of consent and article."""

    codespace: ClassVar[str] = CODESPACE
    code: ClassVar[int] = 7
    name: ClassVar[str] = "basis_unfit"


class SubjectUnfit(Rejected):
    """A record is about another organisation of the directory; a statement about oneself."""

    codespace: ClassVar[str] = CODESPACE
    code: ClassVar[int] = 8
    name: ClassVar[str] = "subject_unfit"


class NotProvider(Unauthorised):
    """Only the provider of a record changes, answers for or withdraws it."""

    codespace: ClassVar[str] = CODESPACE
    code: ClassVar[int] = 9
    name: ClassVar[str] = "not_provider"


class DocumentUnfit(Rejected):
    """The record's document is another party's, of another schema, or of another record already."""

    codespace: ClassVar[str] = CODESPACE
    code: ClassVar[int] = 10
    name: ClassVar[str] = "document_unfit"


class DaysUnfit(Rejected):
    """The days contradict one another, or lie in the future."""

    codespace: ClassVar[str] = CODESPACE
    code: ClassVar[int] = 11
    name: ClassVar[str] = "days_unfit"


class NotSupersedable(Rejected):
    """The version before is no current record of this type about this subject."""

    codespace: ClassVar[str] = CODESPACE
    code: ClassVar[int] = 12
    name: ClassVar[str] = "not_supersedable"


class EndMoved(Rejected):
    """An end that was published is not taken back or moved later: the clock does not run back."""

    codespace: ClassVar[str] = CODESPACE
    code: ClassVar[int] = 13
    name: ClassVar[str] = "end_moved"


class PastRetention(Rejected):
    """The event ended so long ago that the record may not be shown any more."""

    codespace: ClassVar[str] = CODESPACE
    code: ClassVar[int] = 14
    name: ClassVar[str] = "past_retention"


class TooManyRecords(Rejected):
    """As many current records of this type as one subject may have; supersede one of them."""

    codespace: ClassVar[str] = CODESPACE
    code: ClassVar[int] = 15
    name: ClassVar[str] = "too_many_records"


class NoRecord(Rejected):
    """There is no record of this id."""

    codespace: ClassVar[str] = CODESPACE
    code: ClassVar[int] = 16
    name: ClassVar[str] = "no_record"


class NotCurrent(Rejected):
    """The record was superseded, withdrawn or has expired."""

    codespace: ClassVar[str] = CODESPACE
    code: ClassVar[int] = 17
    name: ClassVar[str] = "not_current"


class InquiryMalformed(InvalidTransaction):
    """The purpose or a type is not in the closed lists, or the basis is not that of the purpose."""

    codespace: ClassVar[str] = CODESPACE
    code: ClassVar[int] = 18
    name: ClassVar[str] = "inquiry_malformed"


class NotSubject(Unauthorised):
    """Only the subject itself asks for itself, and objects to records about it."""

    codespace: ClassVar[str] = CODESPACE
    code: ClassVar[int] = 19
    name: ClassVar[str] = "not_subject"


class TooManyShown(Rejected):
    """More records would answer than one inquiry shows; ask for fewer types at once."""

    codespace: ClassVar[str] = CODESPACE
    code: ClassVar[int] = 20
    name: ClassVar[str] = "too_many_shown"


class NoObjection(Rejected):
    """There is no objection of this id."""

    codespace: ClassVar[str] = CODESPACE
    code: ClassVar[int] = 21
    name: ClassVar[str] = "no_objection"


class ObjectedAlready(Rejected):
    """This version was objected to already; a complaint goes to the supervisor or the court."""

    codespace: ClassVar[str] = CODESPACE
    code: ClassVar[int] = 22
    name: ClassVar[str] = "objected_already"


class NotObjectable(Rejected):
    """A statement of one's own is not objected to; withdraw it, or publish a new version."""

    codespace: ClassVar[str] = CODESPACE
    code: ClassVar[int] = 23
    name: ClassVar[str] = "not_objectable"


class AnswerUnfit(InvalidTransaction):
    """An answer is corrected, rejected or unverifiable."""

    codespace: ClassVar[str] = CODESPACE
    code: ClassVar[int] = 24
    name: ClassVar[str] = "answer_unfit"


class ObjectionClosed(Rejected):
    """The objection was answered, or its time is over: then only a correction is heard."""

    codespace: ClassVar[str] = CODESPACE
    code: ClassVar[int] = 25
    name: ClassVar[str] = "objection_closed"


class NothingCorrected(Rejected):
    """No later version was published, and the record was not withdrawn, since it was contested."""

    codespace: ClassVar[str] = CODESPACE
    code: ClassVar[int] = 26
    name: ClassVar[str] = "nothing_corrected"


class RuleUnfit(InvalidTransaction):
    """The credit authority sets rows of its own list alone, within what the law leaves it."""

    codespace: ClassVar[str] = CODESPACE
    code: ClassVar[int] = 27
    name: ClassVar[str] = "rule_unfit"


class ScoreMalformed(InvalidTransaction):
    """Points, reasons and features of the score contradict one another."""

    codespace: ClassVar[str] = CODESPACE
    code: ClassVar[int] = 28
    name: ClassVar[str] = "score_malformed"


class NoInquiry(Rejected):
    """The party made no inquiry of this id that was answered."""

    codespace: ClassVar[str] = CODESPACE
    code: ClassVar[int] = 29
    name: ClassVar[str] = "no_inquiry"


class ScoredAlready(Rejected):
    """An inquiry is scored once; make a new one."""

    codespace: ClassVar[str] = CODESPACE
    code: ClassVar[int] = 30
    name: ClassVar[str] = "scored_already"


class ScoreTooLate(Rejected):
    """The inquiry is too old to score; make a new one."""

    codespace: ClassVar[str] = CODESPACE
    code: ClassVar[int] = 31
    name: ClassVar[str] = "score_too_late"


class ModelUnfit(Rejected):
    """The model is no scorecard that the inquirer or the credit authority registered."""

    codespace: ClassVar[str] = CODESPACE
    code: ClassVar[int] = 32
    name: ClassVar[str] = "model_unfit"
