"""The issue lines of the genesis file."""

import msgspec

from xinlian.apps.supply_chain.types import LINES, IssueLine
from xinlian.ledger.genesis import GenesisInvalid, amount_minor_of
from xinlian.ledger.records import WritableState
from xinlian.modules.members.types import PARTIES, organisation_id


class GenesisLine(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How much an obligor may have promised at one time."""

    obligor_uscc: str
    limit_minor: str


class SupplyChainSection(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The section ``supply_chain``."""

    lines: tuple[GenesisLine, ...]


def load(state: WritableState, supply_chain: SupplyChainSection, chain_id: str) -> None:
    """Write the issue lines; raises GenesisInvalid."""
    for line in supply_chain.lines:
        obligor = organisation_id(chain_id, line.obligor_uscc)
        if PARTIES.get(state, obligor) is None:
            raise GenesisInvalid(f"issue line of an unknown obligor {line.obligor_uscc}")
        limit_minor = amount_minor_of(line.limit_minor, f"issue line of {line.obligor_uscc}")
        LINES.put(state, IssueLine(limit_minor, 0, 0), obligor)
