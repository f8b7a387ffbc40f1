"""Refusals of social credit.

Order of precedence within each message, by code; other modules' codes carry their name::

    PublishRecord    1, 2, 3, 4, 5, 6, 7 (by itself), 8, members/not_in_role, 16, 9, 17,
                     documents/2, 10, 11, a first version: consent/5 to 10, 15; a later one: 12,
                     13; then 14
    WithdrawRecord   16, 9, 17
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
