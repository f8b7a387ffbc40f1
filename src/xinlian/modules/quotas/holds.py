"""Who may not send what for a while, because it met a fault of the software.

Rules this file keeps:
 1. A message that ends in ``internal/invariant`` may not be repeated by its payer for a number of
    blocks: the same fault is not met again and again while people look at it.
 2. What is held is the payer, who signed, and one type of message; everything else of both goes
    on.  A party that a call only names as acting is not held: it may not have signed.
 3. A hold ends by itself.  There are at most ``HOLDS_MAX``; the one that ends first makes room.

Source: docs/concepts/outcomes.md (our bugs).
"""

from typing import Final

from xinlian.contracts.message import claimed_no
from xinlian.ledger.ports import StateView
from xinlian.ledger.records import WritableState
from xinlian.ledger.transaction import Transaction
from xinlian.modules.policy.dates import happening
from xinlian.modules.policy.keeper import policy_value_or
from xinlian.modules.quotas.errors import HeldAfterFault
from xinlian.modules.quotas.types import HOLDS, HOLDS_MAX, Hold, Holds

HOLD_BLOCKS_ROW: Final = "quotas.fault_hold_blocks"
HOLD_BLOCKS: Final = 100
"""How long a hold lasts where policy has no row for it."""
HOLD_BLOCKS_MAX: Final = 100_000
_KEY: Final = HOLDS.key()


def require_not_held(state: StateView, transaction: Transaction, height: int) -> None:
    """Refuse a call that its payer may not repeat yet at a height; raises HeldAfterFault."""
    if state.get(_KEY) is None:
        return
    held = {(hold.party, hold.message_no): hold for hold in HOLDS.require(state).holds}
    for call in transaction.body.calls:
        hold = held.get((transaction.body.payer, claimed_no(call.message) or 0))
        if hold is not None and height <= hold.until_height:
            raise HeldAfterFault(hold.message_no, hold.until_height)


def hold_sender(
    state: WritableState,
    transaction: Transaction,
    call_index: int,
    height: int,
    time_ms: int,
) -> None:
    """Hold the payer of a call that met a fault back from sending its like."""
    call = transaction.body.calls[call_index]
    blocks = policy_value_or(state, HOLD_BLOCKS_ROW, happening(time_ms), HOLD_BLOCKS)
    until_height = height + max(0, min(blocks, HOLD_BLOCKS_MAX))
    found = HOLDS.get(state)
    holds = [*(() if found is None else found.holds)]
    holds.append(Hold(transaction.body.payer, claimed_no(call.message) or 0, until_height))
    holds.sort(key=lambda hold: (hold.until_height, hold.party, hold.message_no))
    HOLDS.put(state, Holds(tuple(holds[-HOLDS_MAX:])))


def drop_ended_holds(state: WritableState, height: int) -> None:
    """Forget the holds that have ended before a height."""
    if state.get(_KEY) is None:
        return
    holds = HOLDS.require(state).holds
    left = tuple(hold for hold in holds if hold.until_height >= height)
    if not left:
        HOLDS.delete(state)
    elif left != holds:
        HOLDS.put(state, Holds(left))
