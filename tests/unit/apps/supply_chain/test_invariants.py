"""Each invariant sees the damage that it is for: a state is spoiled by hand, and it is named."""

from typing import Any

import msgspec
import pytest

from unit.ledger.fakes import TableView
from xinlian.apps.supply_chain.keeper import claim_account
from xinlian.apps.supply_chain.types import (
    CERTIFICATES,
    INVOICES,
    LEAVES,
    LINES,
    STOP_FLAGS,
    Finance,
    Life,
    StopFlag,
)
from xinlian.bootstrap import broken_invariants
from xinlian.ledger.overlay import Overlay
from xinlian.ledger.records import Collection
from xinlian.modules.accounts.types import ACCOUNTS, RESERVATIONS, Reservation
from xinlian.modules.obligations.types import OBLIGATIONS, ObligationStatus


def spoiled(trade, collection: Collection[Any], key: bytes, **changes: object) -> list[str]:
    with trade.consortium.engine.application.store.snapshot() as snapshot:
        state = Overlay(TableView(dict(snapshot.scan(b"", b"\xff" * 64))))
    assert broken_invariants(state) == []
    record = collection.require(state, key)
    collection.put(state, msgspec.structs.replace(record, **changes), key)
    return broken_invariants(state)


@pytest.mark.parametrize(
    ("where", "changes", "said"),
    [
        ("certificate", {"outstanding_minor": 1}, "SC-I1"),
        ("certificate", {"discharged_minor": 1}, "differs from its certificate"),
        ("leaf", {"amount_minor": 1}, "SC-I16"),
        ("leaf", {"awaiting_minor": 10**12}, "awaits and disputes more"),
        ("leaf", {"life": Life.DISCHARGED}, "discharged with an open amount"),
        ("leaf", {"life": Life.DUE, "finance": Finance.LOCKED}, "locked and not active"),
        ("invoice", {"paid_minor": 10**9}, "SC-I3"),
        ("line", {"used_minor": 1}, "SC-I7"),
        ("line", {"overdue_certificates": 1}, "SC-R6"),
        ("claim", {"credits_minor": 1}, "sums to"),
        ("core", {"reserved_minor": 5}, "reserves"),
        ("core", {"credits_minor": 10**12}, "available"),
        ("obligation", {"released_minor": 10**12}, "does not add up"),
        ("obligation", {"status": ObligationStatus.PERFORMED}, "ended with an open amount"),
        ("obligation", {"performed_minor": 5, "authority_cap_minor": 4}, "beyond its authority"),
    ],
)
def test_damage_is_seen_and_named(trade, where, changes, said):
    c = trade.consortium
    certificate, leaf = trade.certify()
    places: dict[str, tuple[Collection[Any], bytes]] = {
        "certificate": (CERTIFICATES, certificate),
        "leaf": (LEAVES, leaf),
        "invoice": (INVOICES, trade.root("invoice")),
        "line": (LINES, c["core"].party),
        "claim": (ACCOUNTS, claim_account(certificate, c["supplier1"].party)),
        "core": (ACCOUNTS, c.account("core")),
        "obligation": (OBLIGATIONS, certificate),
    }
    found = spoiled(trade, *places[where], **changes)
    assert any(said in text for text in found), found


def test_a_stop_flag_that_stands_without_a_reason_is_seen(trade):
    c = trade.consortium
    with c.engine.application.store.snapshot() as snapshot:
        state = Overlay(TableView(dict(snapshot.scan(b"", b"\xff" * 64))))
    STOP_FLAGS.put(state, StopFlag(1, 0), c["core"].party)
    assert any("SC-R6: the stop flag" in text for text in broken_invariants(state))


def test_a_reservation_that_no_account_counts_is_seen(trade):
    c = trade.consortium
    with c.engine.application.store.snapshot() as snapshot:
        state = Overlay(TableView(dict(snapshot.scan(b"", b"\xff" * 64))))
    RESERVATIONS.put(state, Reservation(c.account("core"), 5, bytes(20)), bytes(20))
    assert any("reserves" in text for text in broken_invariants(state))
