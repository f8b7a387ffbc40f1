"""What must hold at every height for validators; each returns what it found broken, in words."""

from collections.abc import Iterator

from xinlian.ledger.ports import StateView
from xinlian.modules.validators.keeper import all_validators
from xinlian.modules.validators.types import FREEZES, SET_CHANGES


def somebody_validates(state: StateView) -> Iterator[str]:
    """Where there are validators, some have power, now and when all decisions are in force."""
    found = [validator for _, validator in all_validators(state)]
    if found and not (any(v.power for v in found) and any(v.target for v in found)):
        yield "no validator has power"


def powers_are_on_their_way(state: StateView) -> Iterator[str]:
    """A power that differs from what was decided is on its way, and no other is."""
    for key, validator in all_validators(state):
        if bool(validator.order_no) != (validator.power != validator.target):
            yield f"validator {key.hex()} has power {validator.power} of {validator.target}"


def changes_are_bounded(state: StateView) -> Iterator[str]:
    """No height changed a third of the power or more."""
    for (height,), change in SET_CHANGES.scan(state):
        if not 0 < 3 * change.moved < change.total_before:
            yield f"height {int.from_bytes(height, 'big')} moved {change.moved} of power"


def freezes_have_a_cause(state: StateView) -> Iterator[str]:
    """A member's votes are suspended only while a key of its that signed twice has power."""
    powers = dict(all_validators(state))
    for (party,), freeze in FREEZES.scan(state):
        kept = [v for v in powers.values() if v.party == party and v.double_signed and v.power]
        if not kept or freeze.public_key not in powers:
            yield f"member {party.hex()} has no vote without a cause"


INVARIANTS = (
    somebody_validates,
    powers_are_on_their_way,
    changes_are_bounded,
    freezes_have_a_cause,
)
