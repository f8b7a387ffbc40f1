"""Fields of messages that take a value of a closed list, for help texts.

Rules this file keeps:
 1. The values are those of the enumerations themselves, so that a new one is shown at once.
 2. A field that means something else in one message stands under ``module.Message.field``.
"""

import enum
from typing import Final

from xinlian.apps.credit.inquiry_messages import INQUIRY_PURPOSES
from xinlian.apps.credit.objection_messages import AUTHORITY_ROWS, Answer
from xinlian.apps.credit.record_types import INQUIRABLE, TYPE_RULES, LegalBasis, Polarity
from xinlian.contracts.message import Message, type_name
from xinlian.crypto.ed25519 import SUITE_ED25519
from xinlian.modules.consent.types import DataKind, Purpose
from xinlian.modules.evidence.types import FactKind, Grade, VerdictOutcome
from xinlian.modules.members.roles import OfficialRole
from xinlian.modules.members.types import RelationKind
from xinlian.modules.obligations.types import Security
from xinlian.modules.policy.types import AppliesBy

_TEXTS: Final[dict[str, tuple[str, ...]]] = {
    "suite": (SUITE_ED25519,),
    "official_role": tuple(role.name.lower() for role in OfficialRole),
    "relation": tuple(RelationKind),
    "applies_by": tuple(AppliesBy),
    "evidence.RecordFact.kind": tuple(FactKind),
    "obligations.ProposeObligation.condition_kind": ('""', *FactKind),
    "obligations.ProposeObligation.condition_grade": ('""', *Grade),
    "consent.GrantConsent.purpose": tuple(Purpose),
    "consent.RecordRead.purpose": tuple(Purpose),
    "data_kinds": tuple(DataKind),
    "record_type": tuple(TYPE_RULES),
    "record_types": tuple(sorted(INQUIRABLE)),
    "polarity": tuple(Polarity),
    "legal_basis": tuple(LegalBasis),
    "inquiry_purpose": tuple(sorted(INQUIRY_PURPOSES)),
    "credit.AnswerObjection.answer": tuple(Answer),
    "credit.PublishRule.row": tuple(AUTHORITY_ROWS),
}
_NUMBERS: Final[dict[str, type[enum.IntEnum]]] = {
    "evidence.SubmitVerdict.outcome": VerdictOutcome,
    "obligations.ProposeObligation.security": Security,
}


def closed_fields() -> frozenset[str]:
    """Return the names in the tables, as they are written there."""
    return frozenset(_TEXTS) | frozenset(_NUMBERS)


def closed_values(message_type: type[Message], field: str) -> tuple[str, ...]:
    """Return the values that a field takes as they are written; none where it is no closed list."""
    for name in (f"{type_name(message_type)}.{field}", field):
        if name in _TEXTS:
            return tuple(str(value) for value in _TEXTS[name])
        if name in _NUMBERS:
            return tuple(f"{each.value} = {each.name.lower()}" for each in _NUMBERS[name])
    return ()
