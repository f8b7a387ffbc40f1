"""All checks of a trade file, run in one order that does not matter.

Rules this file keeps:
 1. A check reads the file and the tolerances, nothing else, and yields what it found.
 2. Checks do not know one another: each runs whatever the others found.
 3. ``CHECKS_VERSION`` grows whenever any file may be judged differently.
"""

from collections.abc import Callable, Iterator
from typing import Final

from xinlian.apps.supply_chain.checks.amounts import (
    check_clause,
    check_contract_amount,
    check_credit_notes,
    check_line_amounts,
    check_prices,
    check_sums,
    check_tax,
)
from xinlian.apps.supply_chain.checks.copies import check_copies
from xinlian.apps.supply_chain.checks.dates import (
    check_date_order,
    check_invoice_window,
    check_term,
)
from xinlian.apps.supply_chain.checks.goods import (
    check_goods_events,
    check_invoiced,
    check_items,
    check_received,
)
from xinlian.apps.supply_chain.checks.links import (
    check_invoice_links,
    check_links,
    check_present,
)
from xinlian.apps.supply_chain.checks.money import (
    check_money,
    check_money_amount,
    check_payer_and_payee,
)
from xinlian.apps.supply_chain.checks.parties import check_currency, check_parties, check_payee
from xinlian.apps.supply_chain.checks.plausible import (
    check_capacity,
    check_handling_units,
    check_price_median,
    check_vehicles,
)
from xinlian.apps.supply_chain.checks.registered import check_registered
from xinlian.apps.supply_chain.checks.report import CheckFailure, CheckReport, report_of
from xinlian.apps.supply_chain.checks.tolerances import DEFAULT_TOLERANCES, Tolerances
from xinlian.apps.supply_chain.checks.trade_file import TradeFile

CHECKS_VERSION: Final = 2
CheckFunction = Callable[[TradeFile, Tolerances], Iterator[CheckFailure]]
CHECKS: Final[tuple[CheckFunction, ...]] = (
    check_present,
    check_links,
    check_invoice_links,
    check_parties,
    check_payee,
    check_currency,
    check_registered,
    check_clause,
    check_sums,
    check_line_amounts,
    check_tax,
    check_prices,
    check_price_median,
    check_contract_amount,
    check_credit_notes,
    check_items,
    check_handling_units,
    check_vehicles,
    check_capacity,
    check_received,
    check_invoiced,
    check_goods_events,
    check_money,
    check_payer_and_payee,
    check_money_amount,
    check_date_order,
    check_invoice_window,
    check_term,
    check_copies,
)


def check_trade(file: TradeFile, tolerances: Tolerances = DEFAULT_TOLERANCES) -> CheckReport:
    """Return what the three flows of a trade file come to."""
    findings = (finding for check in CHECKS for finding in check(file, tolerances))
    return report_of(findings, file.roots, CHECKS_VERSION)
