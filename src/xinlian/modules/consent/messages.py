"""Messages of the consent module."""

from typing import ClassVar, Final

from xinlian.contracts.fields import Hash, Id, Name, OptionalHash, TimeMs
from xinlian.contracts.message import Message
from xinlian.modules.consent.errors import ConsentMalformed
from xinlian.modules.consent.types import (
    DATA_KINDS,
    MODULE_NO,
    PURPOSES,
    DataKinds,
    PeriodDays,
    ReadsMax,
)

_BASE: Final = MODULE_NO * 256


def _check_lists(purpose: str, data_kinds: tuple[str, ...]) -> None:
    if purpose not in PURPOSES:
        raise ConsentMalformed(f"purposes are {', '.join(sorted(PURPOSES))}")
    if not DATA_KINDS.issuperset(data_kinds):
        raise ConsentMalformed(f"kinds of data are {', '.join(sorted(DATA_KINDS))}")
    if list(data_kinds) != sorted(set(data_kinds)):
        raise ConsentMalformed("kinds of data are listed ascending, none twice")


class GrantConsent(Message, frozen=True, tag=_BASE + 1):
    """A subject lets a reader read kinds of its data, for a purpose and a time."""

    creates_obligation: ClassVar[bool] = False
    # It moves nothing, yet stays with what held keys may not do: whoever took over the keys of a
    # firm would else open its data before the firm can object.
    moves_value: ClassVar[bool] = True
    signs: ClassVar[str] = "the subject, by its mandate for this message"
    observes: ClassVar[str] = "the subject and the reader"
    remedy: ClassVar[str] = "consent.RevokeConsent"

    reader: Id
    purpose: Name
    data_kinds: DataKinds
    from_ms: TimeMs
    """Where it is past, or 0, the consent begins in its own block."""
    until_ms: TimeMs
    reads_max: ReadsMax
    period_days: PeriodDays
    terms_root: OptionalHash

    def validate_basic(self) -> None:
        """Refuse names outside the closed lists, and a time that ends before it begins."""
        _check_lists(self.purpose, self.data_kinds)
        if self.until_ms <= self.from_ms:
            raise ConsentMalformed("it ends before it begins")
        if len(self.terms_root) not in (0, 32):
            raise ConsentMalformed("a root has 32 bytes")


class RevokeConsent(Message, frozen=True, tag=_BASE + 2):
    """A subject takes a consent back; from this block on nothing is read under it."""

    creates_obligation: ClassVar[bool] = False
    moves_value: ClassVar[bool] = False
    signs: ClassVar[str] = "the subject"
    observes: ClassVar[str] = "the subject and the reader"
    remedy: ClassVar[str] = "consent.GrantConsent anew; what was read stays recorded"

    consent: Id


class RecordRead(Message, frozen=True, tag=_BASE + 3):
    """A reader records that it reads now, for what and why; then it may ask for the data."""

    moves_value: ClassVar[bool] = False
    signs: ClassVar[str] = "the reader"
    observes: ClassVar[str] = "the subject and the reader"
    remedy: ClassVar[str] = "none: a read that was recorded counts, whether or not it was made"

    consent: Id
    purpose: Name
    data_kinds: DataKinds
    request_root: Hash

    def validate_basic(self) -> None:
        """Refuse names outside the closed lists."""
        _check_lists(self.purpose, self.data_kinds)
