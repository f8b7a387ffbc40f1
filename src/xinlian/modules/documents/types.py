"""Registered documents: commitments, never contents.

Rules this file keeps:
 1. A root is the salted field-tree root of a document; it says nothing about its contents.
 2. Who registered it and who countersigned it is recorded; neither makes the contents true.
"""

from typing import Annotated, Final

import msgspec

from xinlian.contracts.fields import CLASS_KEY, Count, Id, Name, TimeMs
from xinlian.crypto.hashing import HASH_BYTES
from xinlian.ledger.records import Collection, Record

MODULE_NO: Final = 6
COUNTERSIGNERS_MAX: Final = 8

Countersigners = Annotated[
    tuple[Id, ...],
    msgspec.Meta(max_length=COUNTERSIGNERS_MAX, extra={CLASS_KEY: "L"}),
]


class Document(Record, frozen=True):
    """A registered document."""

    owner: Id
    schema: Name
    schema_version: Count
    registered_at_ms: TimeMs
    countersigners: Countersigners


DOCUMENTS: Final = Collection(MODULE_NO, 1, Document, (HASH_BYTES,))
