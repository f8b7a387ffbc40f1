"""Which devices watch the goods of which subject."""

from typing import Final

from xinlian.contracts.fields import Hash, Id, TimeMs
from xinlian.crypto.hashing import HASH_BYTES
from xinlian.ledger.records import Collection, Record
from xinlian.modules.evidence.types import MODULE_NO
from xinlian.primitives import ID_BYTES

WATCHES_PER_SUBJECT_MAX: Final = 8
WATCHES_PER_DEVICE_MAX: Final = 64


class Watch(Record, frozen=True):
    """A device speaks about the goods of a subject, until a moment."""

    by: Id
    """The creditor that let it."""
    begun_at_ms: TimeMs
    until_ms: TimeMs


class WatchOfDevice(Record, frozen=True):
    """The same, from the side of the device."""


class Look(Record, frozen=True):
    """At which subject due work looks again, because a device that watches it changed."""

    subject: Hash


WATCHES: Final = Collection(MODULE_NO, 6, Watch, (HASH_BYTES, ID_BYTES))
WATCHES_OF: Final = Collection(MODULE_NO, 7, WatchOfDevice, (ID_BYTES, HASH_BYTES))
LOOKS: Final = Collection(MODULE_NO, 8, Look, (ID_BYTES,))
