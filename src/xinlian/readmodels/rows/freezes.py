"""Rows of freeze orders."""

from xinlian.readmodels.rows.base import ChangingRow


class FreezeRow(ChangingRow, frozen=True, kw_only=True):
    """A court's order to hold a leaf, or what a holder has of a certificate."""

    freeze_id: str
    certificate_id: str
    leaf_id: str
    """Empty where all leaves of a holder are held."""
    holder: str
    """Empty where one leaf is held."""
    authority: str
    confirmed_by: str
    """Empty until it is confirmed: it holds nothing before."""
    case_root: str
    order_root: str
    account_id: str
    """Where payments go while it is in force."""
    received_minor: int
    """What was paid there because of it."""
    expires_at_ms: int
    status: str
    """``ordered``, ``in_force``, ``lifted`` or ``expired``."""
