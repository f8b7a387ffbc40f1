"""Rows of who votes on blocks."""

from xinlian.readmodels.rows.base import ChangingRow


class ValidatorRow(ChangingRow, frozen=True, kw_only=True):
    """A key that votes on blocks, or did."""

    public_key: str
    """Hexadecimal."""
    party_id: str
    """The member that answers for it; empty where a network for trial names nobody."""
    status: str
    """``active`` with power, ``joining`` before it gets any, ``removed`` after it lost it."""
    power: int
    """What the engine was told last."""
    target_power: int
    """What was decided; where it differs the power is on its way."""
    successor: str
    """The key that takes its power over; empty without one."""
    double_signed: bool
    suspends_votes: bool
    """True while its member has no vote because of it."""
