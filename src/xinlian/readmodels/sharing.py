"""What rights bring with them: the other side's entry, the documents of an invoice, its keeper.

Rules this file keeps:
 1. Whoever deals with a party reads its entry in the directory; members read all entries anyhow.
 2. Whoever reads an invoice reads the facts, documents, verdicts and watches about it.
"""

from typing import Final

from xinlian.readmodels import rows
from xinlian.readmodels.kinds import Kind
from xinlian.readmodels.working_set import WorkingSet

_DEPOSIT: Final = "deposit"
_LOAN: Final = "loan"
_MEMBER: Final = "member"


def open_invoice(state: WorkingSet, root: str, *parties: str) -> None:
    """Let parties read an invoice with the facts, documents and verdicts about it."""
    state.grant(Kind.INVOICE, root, parties)
    for fact in state.find(rows.FactRow, subject=root):
        state.grant(Kind.FACT, fact.fact_id, parties)
        state.grant(Kind.DOCUMENT, fact.document_root, parties)
    for verdict in state.find(rows.VerdictRow, subject=root):
        state.grant(Kind.VERDICT, verdict.verdict_id, parties)
    for watch in state.find(rows.WatchRow, subject=root):
        state.grant(Kind.WATCH, watch.watch_id, parties)
        state.grant(Kind.DEVICE, watch.device_id, parties)


def keeper(state: WorkingSet, account: rows.AccountRow) -> str:
    """Return who keeps an account: the bank of a deposit, the obligor of a claim."""
    if account.asset_kind == _DEPOSIT:
        return account.asset_issuer
    if account.asset_kind == _LOAN:
        return account.owner
    return state.require(rows.CertificateRow, account.asset_issuer).obligor


def counterparties(state: WorkingSet, one: str, other: str) -> None:
    """Let two parties that deal with each other read each other's directory entry."""
    dealings = state.memory.dealings
    if (one, other) in dealings:
        return
    known = [state.get(rows.PartyRow, party_id) for party_id in (one, other)]
    if None not in known:
        dealings.add((one, other))
    for entry, reader in zip((one, other), reversed(known), strict=True):
        if reader is not None and reader.kind != _MEMBER and entry != reader.party_id:
            grant_party(state, entry, [reader.party_id])


def introduce(state: WorkingSet, entry: str, reader_id: str) -> None:
    """Let a party read the directory entry of one that dealt with it, and not the other way."""
    reader = state.get(rows.PartyRow, reader_id)
    if reader is not None and reader.kind != _MEMBER and entry != reader_id:
        grant_party(state, entry, [reader_id])


def grant_party(state: WorkingSet, party_id: str, readers: list[str]) -> None:
    """Let parties read an entry of the directory with its keys."""
    state.grant(Kind.PARTY, party_id, readers)
    for key in state.find(rows.KeyRow, party_id=party_id):
        state.grant(Kind.KEY, key.key_id, readers)
