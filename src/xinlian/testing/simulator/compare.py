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
from xinlian.ledger.upgrade import planned_upgrade
from xinlian.modules.accounts.types import (
    ACCOUNTS,
    BANK_ENTRIES,
    BOUNDS,
    DIFFERENCES,
    PERIODS,
    AssetKind,
    account_id,
    asset_id,
)
from xinlian.modules.documents.types import DOCUMENTS
from xinlian.modules.governance.types import PROPOSALS
from xinlian.modules.members.membership import ELECTORS
from xinlian.modules.members.restraint import RESTRAINTS
from xinlian.modules.members.types import KEYS, PARTIES, KeyStatus
from xinlian.modules.obligations.life import BINDING, LATE
from xinlian.modules.obligations.types import OBLIGATIONS, TERMS, ObligationStatus
from xinlian.modules.policy.types import CALENDAR, ROWS
from xinlian.modules.schedule.types import PARKED
from xinlian.testing.simulator.member_rules import SUSPENDED
from xinlian.testing.simulator.model import Model

_STATES: Final = {Life.DRAFT: "draft", Life.OFFERED: "offered", Life.VOID: "void"}
_PROPOSAL_STAGES: Final = {"open": 1, "passed": 2, "enacted": 3, "expired": 4, "lapsed": 5}
"""The published numbers of where a proposal stands."""


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
    if expected == found:
        return
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


def _set_aside(model: Model, state: StateView) -> Iterator[str]:
    accounts = model.beginning.owners
    expected = {account: model.reserved_minor(account) for account in accounts}
    found = {
        account: record.reserved_minor
        for (account,), record in ACCOUNTS.scan(state)
        if account in accounts
    }
    yield from _same_tables("set aside on", expected, found)
    unbooked = {
        account: (record.unbooked_in_minor, record.unbooked_out_minor)
        for (account,), record in ACCOUNTS.scan(state)
        if record.mirrored
    }
    awaited = {
        account: tuple(model.unbooked_minor[account, is_credit] for is_credit in (True, False))
        for account in unbooked
    }
    yield from _same_tables("unbooked on", awaited, unbooked)
    bounds = {account: (b.lower_minor, b.upper_minor) for (account,), b in BOUNDS.scan(state)}
    yield from _same_tables("bounds of", model.bounds, bounds)
    differing = {
        account: (found.statement_day, found.closing_minor)
        for (_, account), found in DIFFERENCES.scan(state)
    }
    yield from _same_tables("difference of", model.disputed_balances, differing)
    closed = {party: int.from_bytes(period, "big") for (party, period), _ in PERIODS.scan(state)}
    yield from _same_tables("closed month of", model.closed_periods, closed)


def _promises(model: Model, state: StateView) -> Iterator[str]:
    obligations = {obligation_id: found for (obligation_id,), found in OBLIGATIONS.scan(state)}
    found = {
        obligation_id: (
            obligations[obligation_id].debtor,
            terms.creditor,
            obligations[obligation_id].amount_minor,
            obligations[obligation_id].performed_minor,
            obligations[obligation_id].released_minor,
            obligations[obligation_id].awaiting_minor,
            obligations[obligation_id].disputed_minor,
            terms.late_base_minor,
            terms.ledger_paid_minor,
            terms.surplus_minor,
            _stage_of(obligations[obligation_id].status),
        )
        for (obligation_id,), terms in TERMS.scan(state)
    }
    expected = {
        promise_id: (
            promise.debtor,
            promise.creditor,
            promise.amount_minor,
            promise.performed_minor,
            promise.released_minor,
            promise.awaiting_minor,
            promise.disputed_minor,
            promise.late_base_minor,
            promise.ledger_paid_minor,
            promise.surplus_minor,
            promise.ended_as or promise.stage,
        )
        for promise_id, promise in model.promises.items()
    }
    yield from _same_tables("obligation", expected, found)


def _stage_of(status: int) -> str | int:
    if status == ObligationStatus.PROPOSED:
        return "proposed"
    if status in LATE:
        return "late"
    return "open" if status in BINDING else status


def _decisions(model: Model, state: StateView) -> Iterator[str]:
    found = {
        proposal_id: (proposal.status, proposal.round_no, proposal.expires_at_ms)
        for (proposal_id,), proposal in PROPOSALS.scan(state)
    }
    expected = {
        proposal_id: (_PROPOSAL_STAGES[proposal.stage], proposal.round_no, proposal.expires_at_ms)
        for proposal_id, proposal in model.proposals.items()
    }
    yield from _same_tables("proposal", expected, found)
    rows = {
        part.rstrip(b"\0"): [(v.effective_from_ms, v.value, v.applies_by) for v in row.versions]
        for (part,), row in ROWS.scan(state)
    }
    known = {name.encode(): versions for name, versions in model.policy.items()}
    yield from _same_tables("policy row", known, rows)
    years = {
        int.from_bytes(year, "big"): {day.day: day.is_working for day in found_year.exceptions}
        for (year,), found_year in CALENDAR.scan(state)
    }
    yield from _same("published years", model.calendar, years)
    planned = planned_upgrade(state)
    plan = None if planned is None else (planned.app_version, planned.height)
    yield from _same("planned upgrade", model.planned_upgrade, plan)


def _groups(model: Model, state: StateView) -> Iterator[str]:
    electors = {member: found.head for (member,), found in ELECTORS.scan(state)}
    expected = {member: model.heads.get(member, b"") for member in model.members}
    yield from _same_tables("elector", expected, electors)
    sponsors = {p: found.sponsor for (p,), found in PARTIES.scan(state) if found.sponsor}
    yield from _same_tables("sponsor of", model.sponsors, sponsors)
    frozen = {p: found.frozen_by for (p,), found in RESTRAINTS.scan(state) if found.frozen_by}
    yield from _same_tables("frozen for", model.frozen, frozen)


_COMPARISONS: Final[tuple[Callable[[Model, StateView], Iterator[str]], ...]] = (
    _chain,
    _markers,
    _directory,
    _papers,
    _balances,
    _certificates,
    _leaves,
    _set_aside,
    _promises,
    _decisions,
    _groups,
)
