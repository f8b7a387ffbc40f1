"""What the conditions module asks of the businesses whose cases it decides."""

from collections.abc import Mapping
from typing import Protocol

from xinlian.contracts.context import Context
from xinlian.modules.conditions.language.types import Type
from xinlian.modules.conditions.types import RulePack


class RuledMessage(Protocol):
    """A message that may be performed by rules; provided under the message's number."""

    def names(self) -> Mapping[str, Type]:
        """Return what the rules may refer to: bools, integers and moments, always the same."""

    def check_pack(self, context: Context, pack: RulePack) -> None:
        """Refuse terms or an account with which nothing could be performed; raises LedgerError."""
