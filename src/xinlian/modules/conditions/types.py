"""Rule packs, how much was decided under them, and each case's decision.

Who signs, who answers: the principal signs its pack with the keys that its mandate names, and
answers for whatever the ledger performs under it as for a message of its own.

Rules this file keeps:
 1. A principal has at most one pack for a message type; a new one takes the place of the old and
    has the next version.
 2. What was decided for a day is kept for the present China day only; the total belongs to a
    version.
 3. A decision keeps what it was made from: the pack's version, every input, every rule's result.
"""

import enum
from typing import Annotated, Final

import msgspec

from xinlian.contracts.fields import (
    CLASS_KEY,
    WORDS_KEY,
    AmountMinor,
    Count,
    Flag,
    Id,
    Name,
    Number,
    OptionalId,
    TimeMs,
)
from xinlian.ledger.records import Collection, Record
from xinlian.modules.members.types import MESSAGE_TYPE_BYTES
from xinlian.primitives import ID_BYTES

MODULE_NO: Final = 8
PACK_DAYS_ROW: Final = "conditions.pack_days_max"
"""For how many days a pack may be signed."""
REQUIRED_ROWS: Final = (PACK_DAYS_ROW,)
RULES_MAX: Final = 32
TERMS_MAX: Final = 16
INPUTS_MAX: Final = 32
_L: Final = {CLASS_KEY: "L"}

_RULE: Final = {
    **_L,
    WORDS_KEY: (
        "a condition of 1 to 200 characters: names, numbers, operators; no texts, no other letters",
        "1 至 200 个字符的条件:只含名称、数字和运算符",
    ),
}
_RULE_PATTERN: Final = r"^[A-Za-z0-9_ .,:()\[\]\"+\-*/%<>=!&|?]{1,200}$(?!\n)"
RuleText = Annotated[str, msgspec.Meta(pattern=_RULE_PATTERN, extra=_RULE)]
"""A condition of the profile in its one spelling; it holds numbers, names and moments, no text."""


class RuleOutcome(enum.IntEnum):
    """What one rule said of a case."""

    HOLDS = 1
    DOES_NOT_HOLD = 2
    FAILS = 3
    """It has no result: it divides by zero or overflows."""


class Rule(msgspec.Struct, array_like=True, frozen=True, forbid_unknown_fields=True):
    """A named condition; all rules of a pack must hold."""

    name: Name
    text: RuleText


class Term(msgspec.Struct, array_like=True, frozen=True, forbid_unknown_fields=True):
    """A named number of the terms on which the pack performs, in the unit its name ends with."""

    name: Name
    value: Number


class Input(msgspec.Struct, array_like=True, frozen=True, forbid_unknown_fields=True):
    """What a case gave for a name; true is 1, moments are nanoseconds."""

    name: Name
    value: Number


class RuleResult(msgspec.Struct, array_like=True, frozen=True, forbid_unknown_fields=True):
    """What a rule said, by its name."""

    name: Name
    outcome: Count


Rules = Annotated[
    tuple[Rule, ...],
    msgspec.Meta(min_length=1, max_length=RULES_MAX, extra=_L),
]
Terms = Annotated[tuple[Term, ...], msgspec.Meta(max_length=TERMS_MAX, extra=_L)]
Inputs = Annotated[tuple[Input, ...], msgspec.Meta(max_length=INPUTS_MAX, extra=_L)]
RuleResults = Annotated[tuple[RuleResult, ...], msgspec.Meta(max_length=RULES_MAX, extra=_L)]


class RulePack(Record, frozen=True):
    """A principal's rules for one message type, with their limits."""

    version: Count
    rules: Rules
    terms: Terms
    account: OptionalId
    """The account that value is moved from, where value is moved."""
    case_max_minor: AmountMinor
    day_max_minor: AmountMinor
    total_max_minor: AmountMinor
    signed_at_ms: TimeMs
    expires_at_ms: TimeMs
    ended: Flag

    def is_in_force(self, time_ms: int) -> bool:
        """Return whether cases are decided by it now."""
        return not self.ended and time_ms <= self.expires_at_ms


class PackUse(Record, frozen=True):
    """What was performed under the present version of a pack."""

    version: Count
    day: Count
    day_minor: AmountMinor
    total_minor: AmountMinor


class Decision(Record, frozen=True):
    """The latest decision about a case, with what it was made from."""

    principal: Id
    message_type: Count
    pack_version: Count
    amount_minor: AmountMinor
    inputs: Inputs
    results: RuleResults
    reason: Name
    """``approved``, or why the case is referred to people."""
    decided_at_ms: TimeMs


PACKS: Final = Collection(MODULE_NO, 1, RulePack, (ID_BYTES, MESSAGE_TYPE_BYTES))
PACK_USES: Final = Collection(MODULE_NO, 2, PackUse, (ID_BYTES, MESSAGE_TYPE_BYTES))
DECISIONS: Final = Collection(MODULE_NO, 3, Decision, (MESSAGE_TYPE_BYTES, ID_BYTES))
"""By the message that the case asks for, and the id of what it is about."""
