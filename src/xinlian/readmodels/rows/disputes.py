"""Rows of disputes of leaves."""

from xinlian.readmodels.rows.base import ChangingRow


class DisputeRow(ChangingRow, frozen=True, kw_only=True):
    """That a side says of a leaf that an amount of it is not owed."""

    dispute_id: str
    leaf_id: str
    certificate_id: str
    raised_by: str
    amount_minor: int
    ground: str
    """``fraud``, ``identity`` or ``court``."""
    grounds_root: str
    ends_at_ms: int
    """Until when the sides or a court may end it; then policy does."""
    status: str
    """``open``, ``withdrawn``, ``agreed``, ``decided`` or ``lapsed``."""
    proposed_by: str
    """Which side has proposed an outcome; empty without one."""
    proposed_minor: int
    proposal_frees_invoice: bool
    upheld_minor: int
    """How much was found not to be owed, when it ended."""
    frees_invoice: bool
    """Whether that may be certified again."""
    ended_by: str
    decision_root: str
