"""The dates by which policy applies to certificates and verdicts.

Rules this file keeps:
 1. The contract date of a certificate is the moment at which the ledger first saw its contract: a
    contract proves no earlier date. Its issue date is that of SC-T2; a draft is judged as if it
    were issued now.
 2. A verdict is issued when it is given.
"""

from xinlian.apps.supply_chain.types import Certificate
from xinlian.ledger.ports import StateView
from xinlian.modules.documents.handlers import require_document
from xinlian.modules.policy.dates import PolicyDates, dates_of


def contract_at_ms(state: StateView, contract_root: bytes) -> int:
    """Return when a contract was registered; raises UnknownDocument."""
    return require_document(state, contract_root).registered_at_ms


def certificate_dates(state: StateView, certificate: Certificate, at_ms: int) -> PolicyDates:
    """Return the dates of a certificate, of something that happens to it now."""
    return dates_of(
        at_ms,
        issue_ms=certificate.issued_at_ms,
        contract_ms=contract_at_ms(state, certificate.contract_root),
    )
