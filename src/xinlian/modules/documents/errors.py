"""Refusals of the documents module, in order of precedence."""

from typing import ClassVar, Final

from xinlian.primitives import Rejected

CODESPACE: Final = "documents"


class DocumentExists(Rejected):
    """The root is registered already."""

    codespace: ClassVar[str] = CODESPACE
    code: ClassVar[int] = 1
    name: ClassVar[str] = "document_exists"


class UnknownDocument(Rejected):
    """No document has this root."""

    codespace: ClassVar[str] = CODESPACE
    code: ClassVar[int] = 2
    name: ClassVar[str] = "unknown_document"


class AlreadySigned(Rejected):
    """The party signed the document already."""

    codespace: ClassVar[str] = CODESPACE
    code: ClassVar[int] = 3
    name: ClassVar[str] = "already_signed"


class TooManySigners(Rejected):
    """The document has as many countersigners as it may."""

    codespace: ClassVar[str] = CODESPACE
    code: ClassVar[int] = 4
    name: ClassVar[str] = "too_many_signers"
