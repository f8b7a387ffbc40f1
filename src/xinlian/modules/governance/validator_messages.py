"""Messages by which members propose who votes on blocks, with how much power."""

from typing import ClassVar

from xinlian.contracts.fields import Count, Flag, PublicKey, Signature
from xinlian.modules.governance.messages import GovernanceMessage
from xinlian.modules.governance.types import MODULE_NO

_BASE = MODULE_NO * 256


class ProposeValidator(GovernanceMessage, frozen=True, tag=_BASE + 15):
    """A member proposes a validator for which it answers; it gets the power that most have."""

    signs: ClassVar[str] = "the member that answers for the validator"
    remedy: ClassVar[str] = "governance.ProposeValidatorPower with power 0"

    public_key: PublicKey
    """The key that signs its votes on blocks."""
    possession: Signature
    """By that key: see ``members.RegisterKey``; the role is ``validator``."""


class ProposeValidatorPower(GovernanceMessage, frozen=True, tag=_BASE + 16):
    """Propose another power for a validator; 0 removes it."""

    remedy: ClassVar[str] = "governance.ProposeValidatorPower, or ProposeValidator with a new key"

    public_key: PublicKey
    power: Count
    accepts_below_four: Flag
    """True where fewer than four validators may remain, and fewer than there are."""


class ProposeValidatorKey(GovernanceMessage, frozen=True, tag=_BASE + 17):
    """A member proposes another key for its validator; the power stays as it is."""

    signs: ClassVar[str] = "the member that answers for the validator, its votes suspended or not"
    remedy: ClassVar[str] = "governance.ProposeValidatorKey with a further key"

    public_key: PublicKey
    """The one that has the power now."""
    successor: PublicKey
    possession: Signature
    """By the successor."""
