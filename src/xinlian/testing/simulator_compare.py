"""The reference model against the whole state: what differs, in words."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from typing import Final

from xinlian.apps.supply_chain.types import (
    CERTIFICATES,
    INVOICES,
    LEAVES,
    OFFERS,
    Life,
)
from xinlian.ledger.clock import chain_meta
from xinlian.ledger.outcomes import MARKERS
from xinlian.ledger.ports import StateView
from xinlian.modules.accounts.types import ACCOUNTS, BANK_ENTRIES, AssetKind, account_id, asset_id
from xinlian.modules.documents.types import DOCUMENTS
from xinlian.modules.members.types import KEYS, PARTIES, KeyStatus
from xinlian.modules.schedule.types import PARKED
from xinlian.testing.simulator_model import Model
from xinlian.testing.simulator_rules import SUSPENDED

_STATES: Final = {Life.DRAFT: "draft", Life.OFFERED: "offered", Life.VOID: "void"}


def differences(model: Model, state: StateView) -> list[str]:
    """Return where a state is not what the model says; empty when they agree."""
    return [difference for compare in _COMPARISONS for difference in compare(model, state)]


def _same(what: str, expected: object, found: object) -> Iterator[str]:
    if expected != found:
        yield f"{what}: the model says {expected!r}, the state {found!r}"


def _same_tables(
    what: str,
    expected: Mapping[bytes, object],
    found: Mapping[bytes, object],
) -> Iterator[str]:
    for key in sorted(expected.keys() | found.keys()):
        yield from _same(f"{what} {key.hex()}", expected.get(key), found.get(key))


def _chain(model: Model, state: StateView) -> Iterator[str]:
    meta = chain_meta(state)
    yield from _same("height and time", (model.height, model.time_ms), (meta.height, meta.time_ms))
    yield from _same("parked items", [], [parts for parts, _ in PARKED.scan(state)])


def _markers(model: Model, state: StateView) -> Iterator[str]:
    expected = {
        payer + key: (sent.transaction_id, height, index, code)
        for (payer, key), (sent, height, index, code) in model.consumed.items()
    }
    found = {
        payer + key: (marker.transaction_id, marker.height, marker.index, marker.code)
        for (payer, key), marker in MARKERS.scan(state)
    }
    yield from _same_tables("consumed key", expected, found)


def _directory(model: Model, state: StateView) -> Iterator[str]:
    keys = {
        key_id: key.party for (key_id,), key in KEYS.scan(state) if key.status == KeyStatus.ACTIVE
    }
    yield from _same_tables("key", model.keys, keys)
    parties = {party_id: party.status == SUSPENDED for (party_id,), party in PARTIES.scan(state)}
    expected = {party: party in model.suspended for party in model.parties}
    yield from _same_tables("party", expected, parties)


def _papers(model: Model, state: StateView) -> Iterator[str]:
    documents = {
        root: {document.owner, *document.countersigners}
        for (root,), document in DOCUMENTS.scan(state)
    }
    yield from _same_tables("document", model.documents, documents)
    invoices = {root: (invoice.seller, invoice.buyer) for (root,), invoice in INVOICES.scan(state)}
    expected = {root: invoice[:2] for root, invoice in model.invoices.items()}
    yield from _same_tables("invoice", expected, invoices)
    yield from _same(
        "bank entries",
        sorted(model.entries),
        sorted(identity for (_, identity), _ in BANK_ENTRIES.scan(state)),
    )


def _balances(model: Model, state: StateView) -> Iterator[str]:
    """Deposit by account; claims by what each holder's leaves are still owed."""
    expected: dict[bytes, int] = defaultdict(int, model.balances_minor)
    for certificate_id, certificate in model.certificates.items():
        claim = asset_id(AssetKind.CLAIM, certificate_id, "CNY", 2)
        for _, leaf in model.live_leaves(certificate_id):
            open_minor = leaf.amount_minor - leaf.discharged_minor
            expected[account_id(leaf.holder, claim)] += open_minor
            expected[account_id(certificate.obligor, claim)] -= open_minor
    interest = {
        asset_id(AssetKind.INTEREST, certificate_id, "CNY", 2)
        for certificate_id in model.certificates
    }
    found = {
        account: record.balance_minor
        for (account,), record in ACCOUNTS.scan(state)
        if record.asset not in interest
    }
    nonzero = {account: balance for account, balance in expected.items() if balance}
    yield from _same_tables("balance of", nonzero, {a: b for a, b in found.items() if b})


def _certificates(model: Model, state: StateView) -> Iterator[str]:
    found = {
        certificate_id: (
            certificate.obligor,
            certificate.face_minor,
            _STATES.get(Life(certificate.life), "active"),
            certificate.outstanding_minor if certificate.life not in _STATES else 0,
        )
        for (certificate_id,), certificate in CERTIFICATES.scan(state)
    }
    expected = {
        certificate_id: (
            certificate.obligor,
            certificate.face_minor,
            certificate.state,
            model.outstanding_minor(certificate_id),
        )
        for certificate_id, certificate in model.certificates.items()
    }
    yield from _same_tables("certificate", expected, found)


def _leaves(model: Model, state: StateView) -> Iterator[str]:
    found = {
        leaf_id: (
            leaf.certificate,
            leaf.holder,
            leaf.amount_minor,
            leaf.discharged_minor,
            leaf.life == Life.SPENT,
        )
        for (leaf_id,), leaf in LEAVES.scan(state)
    }
    expected = {
        leaf_id: (
            leaf.certificate,
            leaf.holder,
            leaf.amount_minor,
            leaf.discharged_minor,
            leaf.is_spent,
        )
        for leaf_id, leaf in model.leaves.items()
    }
    yield from _same_tables("leaf", expected, found)
    offers = {offer: (found.leaf, found.to) for (offer,), found in OFFERS.scan(state)}
    yield from _same_tables(
        "offer",
        {offer: (made.leaf, made.to) for offer, made in model.offers.items()},
        offers,
    )


_COMPARISONS: Final[tuple[Callable[[Model, StateView], Iterator[str]], ...]] = (
    _chain,
    _markers,
    _directory,
    _papers,
    _balances,
    _certificates,
    _leaves,
)
