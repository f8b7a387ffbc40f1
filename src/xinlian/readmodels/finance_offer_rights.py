"""Who may read calls for offers and what banks offer; see ``rights.py`` for the whole table."""

from xinlian.readmodels import rows
from xinlian.readmodels.kinds import Kind
from xinlian.readmodels.sharing import counterparties, open_invoice
from xinlian.readmodels.working_set import WorkingSet


def grant_finance_call(state: WorkingSet, row: rows.FinanceCallRow) -> None:
    """Let a holder read its call."""
    state.grant(Kind.CALL, row.call_id, [row.holder])


def grant_finance_offer(state: WorkingSet, row: rows.FinanceOfferRow) -> None:
    """Let an invited bank read the call, its own offer, and the claim that it is to price."""
    call = state.require(rows.FinanceCallRow, row.call_id)
    state.grant(Kind.CALL, row.call_id, [row.bank])
    state.grant(Kind.FINANCE_OFFER, row.finance_offer_id, [call.holder, row.bank])
    leaf = state.require(rows.LeafRow, call.leaf_id)
    certificate = state.require(rows.CertificateRow, leaf.certificate_id)
    state.grant(Kind.LEAF, leaf.leaf_id, [row.bank])
    state.grant(Kind.CERTIFICATE, leaf.certificate_id, [row.bank])
    open_invoice(state, certificate.invoice_root, row.bank)
    counterparties(state, call.holder, row.bank)


def grant_opened_offers(state: WorkingSet, call_id: str) -> None:
    """Let every invited bank read all offers of a call that was opened."""
    offers = state.find(rows.FinanceOfferRow, call_id=call_id)
    for offer in offers:
        invited = [other.bank for other in offers]
        state.grant(Kind.FINANCE_OFFER, offer.finance_offer_id, invited)
