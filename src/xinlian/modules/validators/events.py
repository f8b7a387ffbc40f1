"""Events of the validators module."""

from xinlian.contracts.fields import Count, Flag, Id, OptionalId, PublicKey
from xinlian.contracts.message import Event
from xinlian.modules.validators.types import MODULE_NO

_BASE = MODULE_NO * 256


class ValidatorDecided(Event, frozen=True, tag=_BASE + 1):
    """What power a validator is to have; 0 removes it."""

    public_key: PublicKey
    party: OptionalId
    target: Count


class ValidatorKeyDecided(Event, frozen=True, tag=_BASE + 2):
    """Another key takes a validator's power over."""

    public_key: PublicKey
    successor: PublicKey
    party: OptionalId
    target: Count


class PowerSet(Event, frozen=True, tag=_BASE + 3):
    """The engine was told this power; it counts from the height after the next one."""

    public_key: PublicKey
    power: Count


class DoubleSigned(Event, frozen=True, tag=_BASE + 4):
    """The engine showed that a validator voted for two blocks of one height."""

    public_key: PublicKey
    party: OptionalId
    height: Count
    is_removed: Flag
    """False where it had no power any more, or has to stay: fewer than four would have remained."""


class VotesSuspended(Event, frozen=True, tag=_BASE + 5):
    """A member has no vote until the validator's key that signed twice has no power."""

    party: Id
    public_key: PublicKey


class VotesRestored(Event, frozen=True, tag=_BASE + 6):
    """The key that signed twice has no power any more; the member votes again."""

    party: Id
    public_key: PublicKey


class MisbehaviourShown(Event, frozen=True, tag=_BASE + 7):
    """The engine proved that a validator signed what it may not; what follows is told apart."""

    public_key: PublicKey
    party: OptionalId
    kind: Count
    """A ``MisbehaviourKind``: two votes, or a false header."""
    height: Count
