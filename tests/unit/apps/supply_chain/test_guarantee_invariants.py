"""Each invariant of guarantees sees the damage that it is for: spoiled by hand, it is named."""

from typing import Any

import msgspec
import pytest

from support.guarantor import Guaranteed
from unit.ledger.fakes import TableView
from xinlian.apps.supply_chain.guarantee_records import GUARANTEES, GuaranteeStatus
from xinlian.apps.supply_chain.types import CERTIFICATES, LEAVES, Life
from xinlian.bootstrap import broken_invariants
from xinlian.ledger.overlay import Overlay
from xinlian.ledger.records import Collection, integer_part
from xinlian.modules.obligations.types import OBLIGATIONS


@pytest.fixture(scope="module")
def called():
    """A guarantor that paid 400,000 of 1,000,000 and owes 600,000."""
    guaranteed = Guaranteed()
    certificate, _ = guaranteed.trade.certify()
    guaranteed.give(certificate)
    guaranteed.keep("parent", 400_000_00)
    guaranteed.default()
    yield guaranteed, certificate
    guaranteed.close()


@pytest.mark.parametrize(
    ("where", "changes", "said"),
    [
        ("guarantee", {"cap_minor": 900_000_00}, "called for more than its cap"),
        ("guarantee", {"status": GuaranteeStatus.IN_FORCE}, "owes and is not called"),
        ("certificate", {"life": Life.DISCHARGED}, "outlives its certificate"),
        ("call", {"amount_minor": 1_100_000_00}, "for more than is missing"),
        ("leaf", {"taken_over_minor": 300_000_00}, "owes its guarantor more than it paid"),
        ("leaf", {"taken_over_minor": 500_000_00}, "hold other than what they paid"),
        ("certificate", {"discharged_minor": 700_000_00}, "paid more than was owed"),
    ],
)
def test_damage_is_seen_and_named(called, where, changes, said):
    guaranteed, certificate = called
    places: dict[str, tuple[Collection[Any], tuple[bytes, ...]]] = {
        "guarantee": (GUARANTEES, (certificate, integer_part(1))),
        "certificate": (CERTIFICATES, (certificate,)),
        "call": (OBLIGATIONS, (guaranteed.claim_ids(certificate)[0],)),
        "leaf": (LEAVES, (guaranteed.leaf_of(certificate, "parent"),)),
    }
    with guaranteed.c.engine.application.store.snapshot() as snapshot:
        state = Overlay(TableView(dict(snapshot.scan(b"", b"\xff" * 64))))
    assert broken_invariants(state) == []
    collection, key = places[where]
    record = collection.require(state, *key)
    collection.put(state, msgspec.structs.replace(record, **changes), *key)
    found = broken_invariants(state)
    assert any(said in text for text in found), found
