"""How far figures may differ before a check fails: the defaults, each with its source.

Rules this file keeps:
 1. Every figure is an integer: minor units, days, or a rate in 1e-9.
 2. A default that no official text gives is marked [ours]; a member's policy may replace it.
"""

import dataclasses
from typing import Final

_PERCENT_E9: Final = 10_000_000
CHINA_VAT_RATES_E9: Final = tuple(percent * _PERCENT_E9 for percent in (0, 1, 3, 6, 9, 13))
"""The rates of the VAT of China: 13, 9, 6, 0 %; levy 3 %, reduced to 1 %.

Source: VAT law of 2024, articles 10 and 11; the 1 % is a dated relief [unverified].
"""
BULK_UNITS: Final = ("GRM", "KGM", "TNE", "LTR", "MLT", "MTQ", "MTR", "MTK")
"""UN/ECE Recommendation 20 codes of goods that are weighed or measured, not counted."""


@dataclasses.dataclass(frozen=True, slots=True)
class Tolerances:
    """The figures of the tolerance table (docs/concepts/three-flows.md)."""

    sum_per_line_minor: int = 1
    """A sum may differ by 0.01 a line … [ours]"""
    sum_per_invoice_minor: int = 100
    """… and by 1.00 an invoice at most [ours; a public demonstration uses 1.00 CNY]."""
    tax_per_line_minor: int = 6
    """Tax may differ from net × rate by 0.06 a line.

    Source: the clearing rule of electronic invoices allows 0.06 a line [unverified].
    """
    tax_rates_e9: tuple[int, ...] | None = CHINA_VAT_RATES_E9
    """The jurisdiction's rates; None: any rate, arithmetic only."""
    contract_excess_minor: int = 0
    """How far invoices may exceed the contract [ours]."""
    bulk_units: tuple[str, ...] = BULK_UNITS
    bulk_quantity_e9: int = 5_000_000
    """Bulk goods may differ by 0.5 %, counted ones by nothing [ours]."""
    price_difference_e9: int = 0
    """How far an invoiced price may be from the ordered one, as a share of it [ours]."""
    median_difference_e9: int = 200_000_000
    """A price may be 20 % from the median of the same item … [ours]"""
    median_days: int = 90
    """… over this long before the invoice … [ours]"""
    median_prices_min: int = 3
    """… where at least so many prices were seen [ours]."""
    vehicle_kg_max: int = 49_000
    """What the heaviest road vehicle may weigh; GB 1589-2016 [unverified]."""
    invoice_before_ship_days: int = 30
    """An invoice may be issued this long before the goods leave … [ours]"""
    invoice_after_receipt_days: int = 60
    """… and this long after they came [ours]."""
    term_days_statutory: int = 60
    """The payment term of a large buyer from delivery, where none is agreed.

    Source: State Council Order 802, article 9 (SC-R3).
    """
    term_days_agreed_max: int = 180
    """A longer agreed term than this is reviewed [ours: the term of a certificate, SC-R1]."""
    copy_amount_e9: int = 10_000_000
    """Two invoices within 1 % may be one and the same (docs/concepts/three-flows.md)."""


DEFAULT_TOLERANCES: Final = Tolerances()
