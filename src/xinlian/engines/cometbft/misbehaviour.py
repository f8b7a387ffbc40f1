"""What the engine shows of validators, in the ledger's words.

The engine has checked the proof before it tells of it, on every node, and puts it into the block.

Rules this file keeps:
 1. The engine names a validator by its address, the ledger by its key: every key that ever had
    power has a record, so each address is found; one that is not is nobody's and left out.
 2. Each key is told once a block, the first time it is named, and the order is the engine's.
 3. What no engine of a version that is spoken here says is a fault of the engine: a proposal with
    it is refused, a decided block with it stops the node.

Source: docs/concepts/governance.md; the engine's interface definition, ``Misbehavior``.
"""

from collections.abc import Sequence
from typing import Final

import structlog

from xinlian.engines.cometbft import abci
from xinlian.engines.cometbft.home import ADDRESS_BYTES, address_of
from xinlian.ledger.block import MISBEHAVIOURS_MAX, Misbehaviour, MisbehaviourKind
from xinlian.ledger.ports import StateView
from xinlian.modules.validators.keeper import all_validators

_log = structlog.get_logger(__name__)

SHOWN_MAX: Final = 1_024
"""More than the engine's genesis document lets a block hold, in bytes of proof."""


def fault_of(shown: Sequence[abci.Misbehavior], height: int) -> str:
    """Return what is wrong with what a block of a height shows, or an empty text."""
    if len(shown) > SHOWN_MAX:
        return "too much misbehaviour"
    for entry in shown:
        if len(entry.validator.address) != ADDRESS_BYTES:
            return "misbehaviour of no address"
        if not 0 < entry.height < height:
            return f"misbehaviour at height {entry.height}"
    return ""


def misbehaviours_of(
    shown: Sequence[abci.Misbehavior], state: StateView
) -> tuple[Misbehaviour, ...]:
    """Return what was shown by key, each once; the state is that of the block before."""
    if not shown:
        return ()
    keys = {address_of(key): key for key, _ in all_validators(state)}
    found: dict[bytes, Misbehaviour] = {}
    for entry in shown:
        key = keys.get(entry.validator.address)
        if key is None or entry.kind not in _KINDS:
            _log.error(
                "misbehaviour_left_out",
                address=entry.validator.address.hex(),
                kind=entry.kind,
                height=entry.height,
            )
        elif key not in found and len(found) < MISBEHAVIOURS_MAX:
            found[key] = Misbehaviour(key, MisbehaviourKind(entry.kind), entry.height)
    return tuple(found.values())


_KINDS: Final = frozenset(MisbehaviourKind)
