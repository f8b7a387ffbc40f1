"""Rows of guarantees."""

from xinlian.readmodels.rows.base import ChangingRow


class GuaranteeRow(ChangingRow, frozen=True, kw_only=True):
    """What an organisation answers for, if the obligor of a certificate does not pay."""

    guarantee_id: str
    """The certificate's id, a point, the place among its guarantees."""
    certificate_id: str
    guarantor: str
    order_no: int
    """The lowest is called first."""
    cap_minor: int
    account_id: str
    until_ms: int
    deed_root: str
    called_minor: int
    """What it was asked for so far, whatever became of it."""
    paid_minor: int
    status: str
    """``in_force``, ``called``, ``released`` or ``ended``."""
