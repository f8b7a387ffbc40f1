"""The message by which somebody asks for a subject's credit records."""

import enum
from typing import ClassVar, Final

from xinlian.apps.credit.errors import InquiryMalformed
from xinlian.apps.credit.messages import check_kind
from xinlian.apps.credit.record_types import INQUIRABLE
from xinlian.apps.credit.types import MODULE_NO
from xinlian.contracts.fields import Hash, Id, Name, OptionalId, OptionalName
from xinlian.contracts.message import Message
from xinlian.modules.consent.types import DataKinds, Purpose
from xinlian.primitives import ID_BYTES

_BASE: Final = MODULE_NO * 256


class InquiryPurpose(enum.StrEnum):
    """What records may be asked for, beside the purposes of consents."""

    SELF = "self"
    """By the subject itself."""
    SUPERVISION = "supervision"
    """By a supervisory authority, on the article that it names."""
    JUDICIAL = "judicial"
    """By a court, on the article that it names."""


CONSENTED: Final = frozenset(map(str, Purpose)) - {str(Purpose.CREDIT_REPORTING)}
OFFICIAL: Final = frozenset({str(InquiryPurpose.SUPERVISION), str(InquiryPurpose.JUDICIAL)})
INQUIRY_PURPOSES: Final = CONSENTED | frozenset(map(str, InquiryPurpose))
HARD: Final = frozenset({str(Purpose.LOAN_APPROVAL), str(Purpose.CARD_APPROVAL)})
"""Inquiries of lenders about new credit; others do not count in scores."""


class InquireRecords(Message, frozen=True, tag=_BASE + 3):
    """Somebody asks for a subject's records; the subject sees it, answered or denied."""

    creates_obligation: ClassVar[bool] = False
    moves_value: ClassVar[bool] = False
    signs: ClassVar[str] = "who asks: the reader of a consent, an official body, the subject"
    observes: ClassVar[str] = "who asks and the subject"
    remedy: ClassVar[str] = "none: what was asked stays recorded"

    subject: Id
    inquiry_purpose: Name
    record_types: DataKinds
    """The types that are asked for, ascending."""
    consent: OptionalId
    law: OptionalName
    request_root: Hash

    def validate_basic(self) -> None:
        """Refuse what is in no list, and a basis that is not the purpose's."""
        for kind in self.record_types:
            check_kind(kind)
        if self.inquiry_purpose not in INQUIRY_PURPOSES:
            raise InquiryMalformed(f"purposes are {', '.join(sorted(INQUIRY_PURPOSES))}")
        if not INQUIRABLE.issuperset(self.record_types):
            raise InquiryMalformed(f"types are {', '.join(sorted(INQUIRABLE))}")
        if list(self.record_types) != sorted(set(self.record_types)):
            raise InquiryMalformed("types are listed ascending, none twice")
        if len(self.consent) != (ID_BYTES if self.inquiry_purpose in CONSENTED else 0):
            raise InquiryMalformed("name a consent exactly where the purpose needs one")
        if bool(self.law) != (self.inquiry_purpose in OFFICIAL):
            raise InquiryMalformed("name an article exactly for supervision and courts")
