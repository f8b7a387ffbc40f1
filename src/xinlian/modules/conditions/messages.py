"""Messages of the conditions module."""

from typing import ClassVar, Final

from xinlian.contracts.fields import Count, OptionalId, PositiveMinor, TimeMs
from xinlian.contracts.message import Message
from xinlian.modules.conditions.errors import PackMalformed
from xinlian.modules.conditions.types import MODULE_NO, Rules, Terms

_BASE: Final = MODULE_NO * 256
_MESSAGE_TYPE_MAX: Final = 2**16 - 1


class SignRulePack(Message, frozen=True, tag=_BASE + 1):
    """A party signs the rules by which the ledger decides, and performs, its cases."""

    signs: ClassVar[str] = "the principal, by its mandate for this message"
    observes: ClassVar[str] = "the principal; of a case's decision, its parties"
    remedy: ClassVar[str] = "conditions.SignRulePack again, or conditions.EndRulePack"

    message_type: Count
    """The message that the ledger may perform in the principal's name."""
    rules: Rules
    terms: Terms
    account: OptionalId
    case_max_minor: PositiveMinor
    day_max_minor: PositiveMinor
    total_max_minor: PositiveMinor
    expires_at_ms: TimeMs

    def validate_basic(self) -> None:
        """Refuse names that stand twice, and limits that contradict one another."""
        for names in ([rule.name for rule in self.rules], [term.name for term in self.terms]):
            if len(set(names)) != len(names):
                raise PackMalformed("a name stands twice")
        if self.message_type > _MESSAGE_TYPE_MAX:
            raise PackMalformed(f"message types are numbered up to {_MESSAGE_TYPE_MAX}")
        if not self.case_max_minor <= self.day_max_minor <= self.total_max_minor:
            raise PackMalformed(
                "a case's limit is within the day's, and the day's within the total"
            )

    def capped_amount_minor(self) -> int:
        """Return all that the pack may move: its signers' mandate must go that far."""
        return self.total_max_minor


class EndRulePack(Message, frozen=True, tag=_BASE + 2):
    """A party ends its rules for a message type; open cases go to people."""

    moves_value: ClassVar[bool] = False
    creates_obligation: ClassVar[bool] = False
    signs: ClassVar[str] = "the principal"
    observes: ClassVar[str] = "the principal"
    remedy: ClassVar[str] = "conditions.SignRulePack"

    message_type: Count

    def validate_basic(self) -> None:
        """Refuse a number that is no message type."""
        if self.message_type > _MESSAGE_TYPE_MAX:
            raise PackMalformed(f"message types are numbered up to {_MESSAGE_TYPE_MAX}")
