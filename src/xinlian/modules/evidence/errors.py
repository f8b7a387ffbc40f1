"""Refusals of the evidence module, in order of precedence."""

from typing import ClassVar, Final

from xinlian.primitives import InvalidTransaction, Rejected, Unauthorised

CODESPACE: Final = "evidence"


class UnknownSubject(Rejected):
    """No evidence is collected about this subject."""

    codespace: ClassVar[str] = CODESPACE
    code: ClassVar[int] = 1
    name: ClassVar[str] = "unknown_subject"


class UnknownFactKind(InvalidTransaction):
    """The kind of fact is not in the list."""

    codespace: ClassVar[str] = CODESPACE
    code: ClassVar[int] = 2
    name: ClassVar[str] = "unknown_fact_kind"


class NotSigner(Unauthorised):
    """A fact is recorded by a signer of its document."""

    codespace: ClassVar[str] = CODESPACE
    code: ClassVar[int] = 3
    name: ClassVar[str] = "not_signer"


class WrongSchema(Rejected):
    """The document is not of the kind that the fact claims."""

    codespace: ClassVar[str] = CODESPACE
    code: ClassVar[int] = 4
    name: ClassVar[str] = "wrong_schema"


class FactExists(Rejected):
    """The document is a fact about this subject already."""

    codespace: ClassVar[str] = CODESPACE
    code: ClassVar[int] = 5
    name: ClassVar[str] = "fact_exists"


class TooManyFacts(Rejected):
    """The subject has as many facts as it may."""

    codespace: ClassVar[str] = CODESPACE
    code: ClassVar[int] = 6
    name: ClassVar[str] = "too_many_facts"


class VerdictMalformed(InvalidTransaction):
    """A verdict's outcome, failures or expiry do not fit together, or it would last too long."""

    codespace: ClassVar[str] = CODESPACE
    code: ClassVar[int] = 7
    name: ClassVar[str] = "verdict_malformed"


class VerdictOnUnknownDocument(Rejected):
    """A verdict names a document that is no fact about its subject."""

    codespace: ClassVar[str] = CODESPACE
    code: ClassVar[int] = 8
    name: ClassVar[str] = "verdict_on_unknown_document"


class NotEntitled(Unauthorised):
    """Facts about a claim come from its two sides and from banks: nobody else fills its list."""

    codespace: ClassVar[str] = CODESPACE
    code: ClassVar[int] = 9
    name: ClassVar[str] = "not_entitled"


class SubjectExists(Rejected):
    """Facts are collected about this subject already, for two sides that do not change."""

    codespace: ClassVar[str] = CODESPACE
    code: ClassVar[int] = 10
    name: ClassVar[str] = "subject_exists"


class NotVerifier(Unauthorised):
    """A side of the claim, a financier asked now, or an official of policy gives a verdict."""

    codespace: ClassVar[str] = CODESPACE
    code: ClassVar[int] = 11
    name: ClassVar[str] = "not_verifier"


class TooManyVerifiers(Rejected):
    """As many parties as may have given a verdict about the subject."""

    codespace: ClassVar[str] = CODESPACE
    code: ClassVar[int] = 12
    name: ClassVar[str] = "too_many_verifiers"


class Contradicted(Rejected):
    """Verifiers contradict one another: let one check again / 核验结论相反: 请一方重新核验."""

    codespace: ClassVar[str] = CODESPACE
    code: ClassVar[int] = 13
    name: ClassVar[str] = "contradicted"
