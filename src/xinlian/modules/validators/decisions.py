"""What may be decided about validators: asked when it is proposed, and again when it is enacted.

Rules this file keeps:
 1. Decisions are held against what was decided before, not against what is in force yet.
 2. The set is never empty; it gets below four validators, and smaller there, only by a proposal
    that says so.
 3. No decision lets an organisation with its declared group have a third of the power or more;
    with fewer than four validators, where that cannot be, none may get more than another has.
    A group that was declared later stands above the bound, and may only fall.
 4. A new validator has the power that most have.
 5. A key votes for one member and once: it never comes back.

Source: docs/concepts/governance.md (validators).
"""

from collections import Counter
from collections.abc import Mapping

from xinlian.contracts.context import Context
from xinlian.crypto.ed25519 import SUITE_ED25519, InvalidPublicKey, check_public_key
from xinlian.ledger.ports import StateView
from xinlian.modules.members.errors import KeyInvalid
from xinlian.modules.members.membership import vote_holder
from xinlian.modules.members.types import KEYS, key_id_of
from xinlian.modules.validators.errors import (
    BelowFour,
    EmptySet,
    NotAValidator,
    NotItsOperator,
    NoValidators,
    PowerInvalid,
    PowersTooSmall,
    StillMoving,
    ThirdOfPower,
    TooManyValidators,
    ValidatorExists,
)
from xinlian.modules.validators.keeper import all_validators
from xinlian.modules.validators.types import (
    FOUR,
    POWER_MAX,
    POWER_SUM_MIN,
    VALIDATORS,
    VALIDATORS_MAX,
    Validator,
)

_Decided = Mapping[bytes, Validator]
"""The validators that have power, or are to get it, by key."""
_MOVABLE_SUM_MIN = 4


def check_addition(context: Context, party: bytes, key: bytes) -> int:
    """Return the power of a new validator; raises LedgerError why there is to be none."""
    state = context.state
    before = _decided(state)
    _check_new_key(state, key)
    power = usual_power(before)
    _check_change(state, before, {**before, key: Validator(party, 0, power, 0)})
    return power


def check_power(context: Context, key: bytes, power: int, *, accepts_below_four: bool) -> bytes:
    """Return who answers for a validator that may get another power; raises LedgerError."""
    state = context.state
    before = _decided(state)
    validator = _require_settled(state, before, key)
    if power == validator.target or power > POWER_MAX:
        raise PowerInvalid(str(power))
    after = {**before, key: Validator(validator.party, validator.power, power, 0)}
    if not power:
        del after[key]
    _check_change(state, before, after, accepts_below_four=accepts_below_four)
    return validator.party


def check_succession(context: Context, party: bytes, key: bytes, successor: bytes) -> None:
    """Refuse another key for a validator that is not the party's own; raises LedgerError."""
    state = context.state
    before = _decided(state)
    validator = _require_settled(state, before, key)
    _check_new_key(state, successor)
    if not party or validator.party != party:
        raise NotItsOperator(key.hex())
    _check_sums(before, before)


def usual_power(decided: _Decided) -> int:
    """Return the power that most validators have; the smallest of those that equally many have."""
    counted = Counter(validator.target for validator in decided.values())
    return min(counted, key=lambda power: (-counted[power], power))


def _decided(state: StateView) -> _Decided:
    """Return the validators as decided; raises NoValidators."""
    found = {key: validator for key, validator in all_validators(state) if validator.target}
    if not found:
        raise NoValidators
    return found


def _require_settled(state: StateView, before: _Decided, key: bytes) -> Validator:
    validator = before.get(key) or VALIDATORS.get(state, key)
    if validator is None or not (validator.target or validator.order_no):
        raise NotAValidator(key.hex())
    if validator.order_no:
        raise StillMoving(key.hex())
    return validator


def _check_new_key(state: StateView, key: bytes) -> None:
    try:
        check_public_key(SUITE_ED25519, key)
    except InvalidPublicKey as error:
        raise KeyInvalid(str(error)) from None
    is_role_key = KEYS.get(state, key_id_of(SUITE_ED25519, key)) is not None
    if is_role_key or VALIDATORS.get(state, key) is not None:
        raise ValidatorExists(key.hex())


def _check_change(
    state: StateView,
    before: _Decided,
    after: _Decided,
    *,
    accepts_below_four: bool = False,
) -> None:
    if not after:
        raise EmptySet
    if len(after) > VALIDATORS_MAX:
        raise TooManyValidators(f"at most {VALIDATORS_MAX}")
    if len(after) < min(FOUR, len(before)) and not accepts_below_four:
        raise BelowFour(f"{len(after)} would remain")
    _check_shares(state, before, after)
    _check_sums(before, after)


def _check_shares(state: StateView, before: _Decided, after: _Decided) -> None:
    """Refuse a share that grows beyond its bound; raises ThirdOfPower."""
    old, new = _by_group(state, before), _by_group(state, after)
    old_sum, new_sum = sum(old.values()), sum(new.values())
    for group, power in new.items():
        has_grown = power * old_sum > old.get(group, 0) * new_sum
        others = [other for name, other in new.items() if name != group]
        if len(after) >= FOUR:
            is_too_large = 3 * power >= new_sum
        else:
            is_too_large = bool(others) and power > max(others)
        if has_grown and is_too_large:
            raise ThirdOfPower(f"{power} of {new_sum}")


def _check_sums(before: _Decided, after: _Decided) -> None:
    """Refuse powers of which less than a third is nothing; raises PowersTooSmall."""
    old_sum = sum(validator.target for validator in before.values())
    new_sum = sum(validator.target for validator in after.values())
    if old_sum < _MOVABLE_SUM_MIN or new_sum < POWER_SUM_MIN:
        raise PowersTooSmall(f"{new_sum} in all")


def _by_group(state: StateView, decided: _Decided) -> dict[bytes, int]:
    """Return the power of each organisation with its group; a validator of nobody is one alone."""
    powers: dict[bytes, int] = {}
    for key, validator in decided.items():
        group = vote_holder(state, validator.party) if validator.party else key
        powers[group] = powers.get(group, 0) + validator.target
    return powers
