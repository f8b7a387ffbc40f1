"""From where on something is a signal; an organisation sets its own, these are defaults.

Every default is the project's own choice: none is a rule of law.
"""

import dataclasses


@dataclasses.dataclass(frozen=True, slots=True)
class Thresholds:
    """Windows in days, shares in per cent, lengths in steps."""

    near_amount_percent: int = 1
    """By how much the amounts of near duplicates differ at most."""
    cycle_hops_max: int = 6
    cycle_days_max: int = 60
    cycle_value_percent: int = 10
    """By how much each sale of a circle differs in value from the sale judged, at most."""
    link_hops_max: int = 3
    weak_kinds_min: int = 2
    """So many kinds of weak links between two parties count as a strong one."""
    dependency_percent: int = 80
    dependency_days: int = 180
    dependency_invoices_min: int = 6
    financed_percent_max: int = 90
    """Of what the buyer took in from the seller within the window."""
    financed_days: int = 120
    money_hops_max: int = 5
    money_days_max: int = 30
    money_percent_min: int = 80
    examined_from_minor: int = 1_000_000_00
    """From this amount on a financier examines an invoice by hand."""
    below_percent: int = 10
    """How far below that amount an invoice is suspiciously near."""
    below_days: int = 30
    below_count_min: int = 4
    delivery_days_max: int = 30
    """After so many days goods should have been taken in."""
    term_factor_min: int = 2
    """From so many times the usual term on it is a jump."""
    term_invoices_min: int = 4
    memory_days: int = 400
    """What is older is forgotten."""
    steps_max: int = 5_000
    """How many steps one search may take; then it ends without a signal."""
