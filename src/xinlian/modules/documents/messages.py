"""Messages of the documents module."""

from typing import ClassVar

from xinlian.contracts.fields import Count, Hash, Name
from xinlian.contracts.message import Message
from xinlian.modules.documents.types import MODULE_NO

_BASE = MODULE_NO * 256


class RegisterDocument(Message, frozen=True, tag=_BASE + 1):
    """A party commits to a document that it holds."""

    moves_value: ClassVar[bool] = False
    signs: ClassVar[str] = "the party that holds the document"
    observes: ClassVar[str] = "its signers, and the parties of what it is evidence for"
    remedy: ClassVar[str] = "a corrected document under its own root"

    root: Hash
    schema: Name
    schema_version: Count


class CountersignDocument(Message, frozen=True, tag=_BASE + 2):
    """Another party signs a registered document, having read its own copy."""

    moves_value: ClassVar[bool] = False
    signs: ClassVar[str] = "the other party to the document"
    observes: ClassVar[str] = "its signers, and the parties of what it is evidence for"
    remedy: ClassVar[str] = "a corrected document under its own root"

    root: Hash
