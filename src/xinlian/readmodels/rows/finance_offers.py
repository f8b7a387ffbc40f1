"""Rows of calls for offers and of what banks offer under them."""

from xinlian.readmodels.rows.base import ChangingRow


class FinanceCallRow(ChangingRow, frozen=True, kw_only=True):
    """A holder's call for offers on a leaf."""

    call_id: str
    leaf_id: str
    holder: str
    box_key: str
    """To which offers are sealed."""
    as_pledge: bool
    with_recourse: bool
    keeps_rest: bool
    closes_at_ms: int
    decides_by_ms: int
    pays_by_ms: int
    status: str
    """``open``, ``opened``, ``accepted``, ``lapsed`` or ``withdrawn``."""


class FinanceOfferRow(ChangingRow, frozen=True, kw_only=True):
    """A bank that is invited under a call, and what it offers."""

    finance_offer_id: str
    """The call and the bank, with a dot between."""
    call_id: str
    bank: str
    sealed: str
    """Empty where nothing is sealed."""
    advance_minor: int
    """0 until it is opened, as the two below."""
    discount_minor: int
    fee_minor: int
    status: str
    """``invited``, ``sealed``, ``opened``, ``unreadable``, ``accepted`` or ``ended``."""
