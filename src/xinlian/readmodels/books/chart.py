"""The chart of accounts: which code each kind of entry of the ledger is booked under.

Rules this file keeps:
 1. Codes and names are data with citations; what could not be checked says so.
 2. Code names an account by its slot alone, so that another template is another file.
"""

import enum
import functools
from importlib import resources

import msgspec


class Slot(enum.StrEnum):
    """What an entry is about, whatever code a template gives it."""

    CASH = "cash"
    CASH_OUTSIDE = "cash_outside"
    RECEIVABLE_INVOICE = "receivable_invoice"
    RECEIVABLE_CERTIFICATE = "receivable_certificate"
    INTEREST_RECEIVABLE = "interest_receivable"
    RETAINED_RECEIVABLE = "retained_receivable"
    SUSPENSE_RECEIVABLE = "suspense_receivable"
    FACTORED_RECEIVABLE = "factored_receivable"
    OTHER_ASSET = "other_asset"
    CUSTOMER_DEPOSITS = "customer_deposits"
    PAYABLE_INVOICE = "payable_invoice"
    PAYABLE_CERTIFICATE = "payable_certificate"
    INTEREST_PAYABLE = "interest_payable"
    RETAINED_PAYABLE = "retained_payable"
    SUSPENSE_PAYABLE = "suspense_payable"
    CLEARING = "clearing"
    OPENING = "opening"
    INTEREST_INCOME = "interest_income"
    FINANCE_COST = "finance_cost"


class ChartAccount(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An account of a template."""

    slot: Slot
    code: str
    zh: str
    en: str
    verified: bool
    citation: str


class Chart(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A template: its accounts, ascending by code."""

    name: str
    citation: str
    accounts: tuple[ChartAccount, ...]

    def of(self, slot: Slot) -> ChartAccount:
        """Return the account of a slot."""
        return next(account for account in self.accounts if account.slot is slot)

    def named(self, code: str) -> ChartAccount:
        """Return the account of a code."""
        return next(account for account in self.accounts if account.code == code)


@functools.cache
def enterprise_chart() -> Chart:
    """Return the template for enterprises and banks that the package ships.

    Source: Accounting Standards for Business Enterprises, application guide (unverified).
    """
    source = resources.files("xinlian.readmodels.books") / "chart_cn.json"
    return msgspec.json.decode(source.read_bytes(), type=Chart)
