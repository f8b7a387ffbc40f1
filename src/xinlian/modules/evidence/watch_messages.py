"""Messages by which devices watch the goods of a subject."""

from typing import ClassVar, Final

from xinlian.contracts.fields import Hash, Id, TimeMs
from xinlian.contracts.message import Message
from xinlian.modules.evidence.types import MODULE_NO

_BASE: Final = MODULE_NO * 256


class WatchSubject(Message, frozen=True, tag=_BASE + 3):
    """A creditor lets a device speak about the goods of its claim, until a moment."""

    moves_value: ClassVar[bool] = False
    signs: ClassVar[str] = "the creditor, whom the device serves"
    observes: ClassVar[str] = "the parties of the subject, and the owner of the device"
    remedy: ClassVar[str] = "evidence.EndWatch"

    subject: Hash
    device: Id
    until_ms: TimeMs


class EndWatch(Message, frozen=True, tag=_BASE + 4):
    """A party of the subject ends a watch; while it warns, whom it warns about may not."""

    moves_value: ClassVar[bool] = False
    signs: ClassVar[str] = (
        "whoever gives verdicts about the subject; while the watch warns, neither the creditor"
        " nor the owner of the device"
    )
    observes: ClassVar[str] = "the parties of the subject, and the owner of the device"
    remedy: ClassVar[str] = "evidence.WatchSubject"

    subject: Hash
    device: Id
