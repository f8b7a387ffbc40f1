"""Refusals of the validators module.

Order of precedence, for whatever is decided about validators::

    1 NoValidators   2 NotAValidator   3 ValidatorExists   4 NotItsOperator   5 StillMoving
    6 PowerInvalid   7 EmptySet   8 TooManyValidators   9 BelowFour   10 ThirdOfPower
   11 PowersTooSmall
"""

from typing import ClassVar, Final

from xinlian.primitives import Rejected, Unauthorised

CODESPACE: Final = "validators"


class NoValidators(Rejected):
    """This chain has one operator and no validators; nothing can be decided about them."""

    codespace: ClassVar[str] = CODESPACE
    code: ClassVar[int] = 1
    name: ClassVar[str] = "no_validators"


class NotAValidator(Rejected):
    """The key has no power and gets none; ``xinlian query validators`` lists those that do."""

    codespace: ClassVar[str] = CODESPACE
    code: ClassVar[int] = 2
    name: ClassVar[str] = "not_a_validator"


class ValidatorExists(Rejected):
    """The key is a validator's, or was one's; draw another."""

    codespace: ClassVar[str] = CODESPACE
    code: ClassVar[int] = 3
    name: ClassVar[str] = "validator_exists"


class NotItsOperator(Unauthorised):
    """Only the member that answers for a validator proposes it, or another key for it."""

    codespace: ClassVar[str] = CODESPACE
    code: ClassVar[int] = 4
    name: ClassVar[str] = "not_its_operator"


class StillMoving(Rejected):
    """An earlier decision about this validator is still on its way; wait a few blocks."""

    codespace: ClassVar[str] = CODESPACE
    code: ClassVar[int] = 5
    name: ClassVar[str] = "still_moving"


class PowerInvalid(Rejected):
    """The power is the validator's already, or above the largest there is."""

    codespace: ClassVar[str] = CODESPACE
    code: ClassVar[int] = 6
    name: ClassVar[str] = "power_invalid"


class EmptySet(Rejected):
    """The last validator is not removed: the chain would end."""

    codespace: ClassVar[str] = CODESPACE
    code: ClassVar[int] = 7
    name: ClassVar[str] = "empty_set"


class TooManyValidators(Rejected):
    """There are as many validators as the ledger has room for; remove one first."""

    codespace: ClassVar[str] = CODESPACE
    code: ClassVar[int] = 8
    name: ClassVar[str] = "too_many_validators"


class BelowFour(Rejected):
    """Fewer than four validators tolerate no failure; the proposal must say that it accepts it."""

    codespace: ClassVar[str] = CODESPACE
    code: ClassVar[int] = 9
    name: ClassVar[str] = "below_four"


class ThirdOfPower(Rejected):
    """An organisation with its group would come to a third of the power, or further above it."""

    codespace: ClassVar[str] = CODESPACE
    code: ClassVar[int] = 10
    name: ClassVar[str] = "third_of_power"


class PowersTooSmall(Rejected):
    """The powers are too small numbers for less than a third of them to move; raise them first."""

    codespace: ClassVar[str] = CODESPACE
    code: ClassVar[int] = 11
    name: ClassVar[str] = "powers_too_small"


class VotesFrozen(Unauthorised):
    """The member's validator signed twice; its votes count again once that key has no power."""

    codespace: ClassVar[str] = CODESPACE
    code: ClassVar[int] = 12
    name: ClassVar[str] = "votes_frozen"
