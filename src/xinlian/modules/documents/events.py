"""Events of the documents module."""

from xinlian.contracts.fields import Count, Hash, Id, Name
from xinlian.contracts.message import Event
from xinlian.modules.documents.types import MODULE_NO

_BASE = MODULE_NO * 256


class DocumentRegistered(Event, frozen=True, tag=_BASE + 1):
    """A root is on the ledger."""

    root: Hash
    owner: Id
    schema: Name
    schema_version: Count


class DocumentCountersigned(Event, frozen=True, tag=_BASE + 2):
    """A further party signed the document."""

    root: Hash
    party: Id
