"""Validators, whoever answers for them, and the powers that the engine is told.

Rules this file keeps:
 1. A validator is a key that votes on blocks; its record stays when its power is gone, so that old
    votes and late evidence have somebody who answers for them.
 2. The **power in force** is what the engine was told; the **target** is what was decided.  Where
    they differ the power is on its way, in the order of the decisions.
 3. A height that changed powers has a record of exactly what the engine was told at it.
 4. A chain with one operator has no records of this module.

Source: docs/concepts/governance.md (validators).
"""

from typing import Annotated, Final

import msgspec

from xinlian.contracts.fields import CLASS_KEY, Count, Flag, OptionalId, PublicKey, TimeMs
from xinlian.ledger.records import INTEGER_KEY_BYTES, Collection, Record
from xinlian.primitives import ID_BYTES

MODULE_NO: Final = 11
KEY_BYTES: Final = 32
VALIDATORS_MAX: Final = 64
"""With power or on the way to it."""
POWER_MAX: Final = 1_000_000
FOUR: Final = 4
"""From so many validators on one may fail; the set goes below only by an explicit vote."""
POWER_SUM_MIN: Final = 7
"""Of the powers after a decision: with less a third of them is too small to move any."""
ROLE: Final = "validator"
"""For which a consensus key proves possession; see ``members.possession_bytes``."""

OptionalKey = Annotated[bytes, msgspec.Meta(max_length=KEY_BYTES, extra={CLASS_KEY: "L"})]
"""A key of 32 bytes, or empty where there is none."""


class Validator(Record, frozen=True):
    """A key that votes on blocks, or did."""

    party: OptionalId
    """The member that answers for it; empty where a network for trial names nobody."""
    power: Count
    """In force: what the engine was told."""
    target: Count
    """What was decided."""
    order_no: Count
    """The place of the decision among those on their way; 0 while power and target are equal."""
    successor: OptionalKey = b""
    """The key that takes its power over, in the same steps."""
    double_signed: Flag = False
    """True once it was shown to have signed two blocks of one height; its key is spent."""


class PowerChange(msgspec.Struct, array_like=True, frozen=True, forbid_unknown_fields=True):
    """A power that the engine was told."""

    public_key: PublicKey
    power: Count


PowerChanges = Annotated[
    tuple[PowerChange, ...],
    msgspec.Meta(max_length=2 * VALIDATORS_MAX, extra={CLASS_KEY: "L"}),
]


class SetChange(Record, frozen=True):
    """What the engine was told at a height, by key."""

    total_before: Count
    """The sum of the powers that were in force before."""
    moved: Count
    """The sum of the changes, each without its sign: less than a third of ``total_before``."""
    changes: PowerChanges


class Orders(Record, frozen=True):
    """The number that the next decision gets, and whether a step of due work is queued."""

    next_no: Count
    is_queued: Flag


class Freeze(Record, frozen=True):
    """A member whose votes are suspended, because its validator signed twice and was kept."""

    public_key: PublicKey
    since_ms: TimeMs


VALIDATORS: Final = Collection(MODULE_NO, 1, Validator, (KEY_BYTES,))
SET_CHANGES: Final = Collection(MODULE_NO, 2, SetChange, (INTEGER_KEY_BYTES,))
ORDERS: Final = Collection(MODULE_NO, 3, Orders, ())
FREEZES: Final = Collection(MODULE_NO, 4, Freeze, (ID_BYTES,))
