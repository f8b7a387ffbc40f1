"""Refusals of the consent module.

Order of precedence::

    GrantConsent    1 ConsentMalformed   2 SubjectUnfit   3 ReaderUnfit   4 PeriodUnfit
    RevokeConsent   5 NoConsent   6 ConsentRevoked   7 ConsentOver
    RecordRead      1 ConsentMalformed   5 NoConsent   6 ConsentRevoked   7 ConsentOver
                    8 ConsentNotBegun   9 PurposeOutside   10 DataOutside   11 ReadsUsedUp
"""

from typing import ClassVar, Final

from xinlian.primitives import InvalidTransaction, Rejected

CODESPACE: Final = "consent"


class ConsentMalformed(InvalidTransaction):
    """A purpose or kind of data is not in the closed lists, or the time contradicts itself."""

    codespace: ClassVar[str] = CODESPACE
    code: ClassVar[int] = 1
    name: ClassVar[str] = "malformed"


class SubjectUnfit(Rejected):
    """Only organisations give consents in this version."""

    codespace: ClassVar[str] = CODESPACE
    code: ClassVar[int] = 2
    name: ClassVar[str] = "subject_unfit"


class ReaderUnfit(Rejected):
    """The reader is nobody of the directory, suspended, or the subject itself."""

    codespace: ClassVar[str] = CODESPACE
    code: ClassVar[int] = 3
    name: ClassVar[str] = "reader_unfit"


class PeriodUnfit(Rejected):
    """The consent would be over already, or last longer than policy allows."""

    codespace: ClassVar[str] = CODESPACE
    code: ClassVar[int] = 4
    name: ClassVar[str] = "period_unfit"


class NoConsent(Rejected):
    """The party has no consent of this id: neither given nor received."""

    codespace: ClassVar[str] = CODESPACE
    code: ClassVar[int] = 5
    name: ClassVar[str] = "no_consent"


class ConsentRevoked(Rejected):
    """The subject took the consent back; ask it for a new one."""

    codespace: ClassVar[str] = CODESPACE
    code: ClassVar[int] = 6
    name: ClassVar[str] = "revoked"


class ConsentOver(Rejected):
    """The time of the consent is over; ask the subject for a new one."""

    codespace: ClassVar[str] = CODESPACE
    code: ClassVar[int] = 7
    name: ClassVar[str] = "over"


class ConsentNotBegun(Rejected):
    """The time of the consent has not begun."""

    codespace: ClassVar[str] = CODESPACE
    code: ClassVar[int] = 8
    name: ClassVar[str] = "not_begun"
    transient: ClassVar[bool] = True


class PurposeOutside(Rejected):
    """The consent was given for another purpose."""

    codespace: ClassVar[str] = CODESPACE
    code: ClassVar[int] = 9
    name: ClassVar[str] = "purpose_outside"


class DataOutside(Rejected):
    """The consent does not cover all of these kinds of data."""

    codespace: ClassVar[str] = CODESPACE
    code: ClassVar[int] = 10
    name: ClassVar[str] = "data_outside"


class ReadsUsedUp(Rejected):
    """All reads of the present period were made; the next period has new ones."""

    codespace: ClassVar[str] = CODESPACE
    code: ClassVar[int] = 11
    name: ClassVar[str] = "reads_used_up"
    transient: ClassVar[bool] = True
