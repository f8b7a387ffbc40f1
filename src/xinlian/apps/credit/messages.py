"""The messages about credit records."""

from typing import ClassVar, Final

from xinlian.apps.credit.errors import (
    AmountUnfit,
    BasisUnfit,
    ForbiddenKind,
    PolarityUnfit,
    SchemaUnknown,
    TypeUnknown,
    WarnedKind,
)
from xinlian.apps.credit.record_types import (
    FORBIDDEN_KINDS,
    TYPE_RULES,
    WARNED_KINDS,
    LegalBasis,
)
from xinlian.apps.credit.types import MODULE_NO
from xinlian.contracts.fields import (
    AmountMinor,
    Count,
    Day,
    Hash,
    Id,
    Name,
    OptionalId,
    OptionalName,
)
from xinlian.contracts.message import Message
from xinlian.primitives import ID_BYTES

_BASE: Final = MODULE_NO * 256


def check_kind(record_type: str) -> None:
    """Refuse data that the law forbids to collect.

    Raises:
        ForbiddenKind: never to be collected.
        WarnedKind: of a person only, after a warning and with written consent.

    Source: 征信业管理条例 article 14.
    """
    if record_type in FORBIDDEN_KINDS:
        raise ForbiddenKind(f"{record_type}: article 14, first paragraph")
    if record_type in WARNED_KINDS:
        raise WarnedKind(f"{record_type}: article 14, second paragraph")


class PublishRecord(Message, frozen=True, tag=_BASE + 1):
    """A provider publishes what it knows of a subject, or a new version of it."""

    moves_value: ClassVar[bool] = False
    signs: ClassVar[str] = "the provider, in the official role that policy asks of the type"
    observes: ClassVar[str] = "provider and subject; whoever inquires under consent or law"
    remedy: ClassVar[str] = "credit.PublishRecord of a new version, credit.WithdrawRecord"

    subject: Id
    record_type: Name
    schema_version: Count
    polarity: Name
    event_day: Day
    end_day: Day
    """0 while the event has not ended: then the time of being shown does not begin to run."""
    as_of_day: Day
    amount_minor: AmountMinor
    legal_basis: Name
    consent: OptionalId
    law: OptionalName
    document_root: Hash
    """The field-tree root of the record's document, which the provider registered."""
    previous: OptionalId
    """The version that this one takes the place of; empty for a first one."""

    def validate_basic(self) -> None:
        """Refuse what the table of types forbids, in the order of the errors' codes."""
        check_kind(self.record_type)
        rule = TYPE_RULES.get(self.record_type)
        if rule is None:
            raise TypeUnknown(f"types are {', '.join(map(str, TYPE_RULES))}")
        if self.schema_version != rule.schema_version:
            raise SchemaUnknown(f"version {rule.schema_version}")
        if self.polarity not in rule.polarities:
            raise PolarityUnfit(", ".join(sorted(rule.polarities)))
        if self.amount_minor and not rule.may_have_amount:
            raise AmountUnfit(self.record_type)
        if self.legal_basis not in rule.bases:
            raise BasisUnfit(f"one of {', '.join(sorted(rule.bases))}")
        self._check_basis()

    def _check_basis(self) -> None:
        needs_consent = self.legal_basis == LegalBasis.CONSENT
        if len(self.consent) != (ID_BYTES if needs_consent else 0):
            raise BasisUnfit("name the consent exactly where it is the basis")
        if bool(self.law) != (self.legal_basis == LegalBasis.PUBLIC_BY_LAW):
            raise BasisUnfit("name the article exactly where the record is public by law")
        if len(self.previous) not in (0, ID_BYTES):
            raise BasisUnfit("an id has 20 bytes")


class WithdrawRecord(Message, frozen=True, tag=_BASE + 2):
    """A provider takes a record back; from this block on it is no more shown."""

    creates_obligation: ClassVar[bool] = False
    moves_value: ClassVar[bool] = False
    signs: ClassVar[str] = "the provider"
    observes: ClassVar[str] = "provider and subject"
    remedy: ClassVar[str] = "credit.PublishRecord anew"

    record: Id
