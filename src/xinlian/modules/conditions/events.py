"""Events of the conditions module."""

from typing import Final

from xinlian.contracts.fields import AmountMinor, Count, Id, Name, TimeMs
from xinlian.contracts.message import Event
from xinlian.modules.conditions.types import MODULE_NO, Inputs, RuleResults, Rules, Terms

_BASE: Final = MODULE_NO * 256


class RulePackSigned(Event, frozen=True, tag=_BASE + 1):
    """A principal's rules for a message type are in force."""

    principal: Id
    message_type: Count
    version: Count
    rules: Rules
    terms: Terms
    case_max_minor: AmountMinor
    day_max_minor: AmountMinor
    total_max_minor: AmountMinor
    expires_at_ms: TimeMs


class RulePackEnded(Event, frozen=True, tag=_BASE + 2):
    """A principal ended its rules."""

    principal: Id
    message_type: Count
    version: Count


class CaseDecided(Event, frozen=True, tag=_BASE + 3):
    """A case was decided by its principal's rules: performed, or referred with the reason."""

    principal: Id
    message_type: Count
    case: Id
    pack_version: Count
    amount_minor: AmountMinor
    inputs: Inputs
    results: RuleResults
    reason: Name
