"""What the ledger says of the invoice is what the opened invoice says.

Amounts on the ledger are the seller's word until a verifier has compared them with the document.
"""

from collections.abc import Iterator

from xinlian.apps.supply_chain.checks.codes import Check
from xinlian.apps.supply_chain.checks.report import CheckFailure
from xinlian.apps.supply_chain.checks.tolerances import Tolerances
from xinlian.apps.supply_chain.checks.trade_file import TradeFile
from xinlian.modules.evidence.statements import InvoiceStatement


def check_registered(file: TradeFile, tolerances: Tolerances) -> Iterator[CheckFailure]:
    """The registered gross and currency are the document's; no prepayment is left out [ours]."""
    del tolerances
    registered = file.registered
    if registered is None:
        return
    for invoice in file.of(InvoiceStatement):
        if invoice.root != registered.root:
            continue
        says = invoice.says
        if (registered.gross_minor, registered.currency) != (says.gross_minor, says.currency):
            found = (
                f"registered {registered.gross_minor} {registered.currency}, "
                f"the document says {says.gross_minor} {says.currency} (minor units)"
            )
            yield Check.REGISTERED_DIFFERS.failed([invoice.root], found)
        if registered.paid_minor < says.prepaid_minor:
            found = (
                f"registered as paid {registered.paid_minor}, "
                f"prepaid by the document {says.prepaid_minor} (minor units)"
            )
            yield Check.PREPAYMENT_HIDDEN.failed([invoice.root], found)
