"""What follows when the engine shows that a validator signed two blocks of one height.

The engine's report comes with a block, before all that is due and all transactions of it.

Rules this file keeps:
 1. The validator loses its power where four others remain; where they do not, its power stays, for
    the network needs it, and its member's votes are suspended until the key has no power.
 2. A key is punished once, whatever else is shown of it; all that is shown is an event, so that
    the report is bound by the block's hash.

Source: docs/concepts/governance.md (double signing).
"""

from xinlian.contracts.context import Context
from xinlian.ledger.block import Misbehaviour
from xinlian.modules.validators import events
from xinlian.modules.validators.keeper import (
    all_validators,
    force_out,
    mark_double_signed,
    pair_of,
    suspend_votes,
)
from xinlian.modules.validators.types import FOUR, POWER_SUM_MIN, VALIDATORS


def report_misbehaviour(context: Context, shown: Misbehaviour) -> None:
    """Record what the engine showed, and do what follows; both kinds are two signed blocks."""
    validator = VALIDATORS.get(context.state, shown.public_key)
    party = b"" if validator is None else validator.party
    context.emit(events.MisbehaviourShown(shown.public_key, party, shown.kind, shown.height))
    report_double_signing(context, shown.public_key, shown.height)


def report_double_signing(context: Context, key: bytes, height: int) -> None:
    """Apply the rules to a validator that signed twice; an unknown key has nobody to answer."""
    state = context.state
    validator = VALIDATORS.get(state, key)
    if validator is None or validator.double_signed:
        return
    leaving = pair_of(state, key)
    others = [found.target for each, found in all_validators(state) if each not in leaving]
    remaining = [power for power in others if power]
    is_enough = len(remaining) >= FOUR and sum(remaining) >= POWER_SUM_MIN
    is_removed = is_enough and bool(validator.power or validator.target)
    mark_double_signed(state, key)
    context.emit(events.DoubleSigned(key, validator.party, height, is_removed))
    if is_removed:
        force_out(context, key)
    elif validator.party and validator.power:
        suspend_votes(context, validator.party, key)
