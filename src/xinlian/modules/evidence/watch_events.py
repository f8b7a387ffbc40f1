"""Events of the watches of devices over subjects."""

from typing import Final

from xinlian.contracts.fields import Hash, Id, TimeMs
from xinlian.contracts.message import Event
from xinlian.modules.evidence.types import MODULE_NO

_BASE: Final = MODULE_NO * 256


class WatchBegun(Event, frozen=True, tag=_BASE + 5):
    """A device speaks about the goods of a subject from now on."""

    subject: Hash
    device: Id
    until_ms: TimeMs


class WatchEnded(Event, frozen=True, tag=_BASE + 6):
    """A device speaks about the goods of a subject no more."""

    subject: Hash
    device: Id
    party: Id
    """Who ended it."""
