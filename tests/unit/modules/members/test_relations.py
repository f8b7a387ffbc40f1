"""Related organisations: who may say so, who may take it back, and what it does to evidence."""

import pytest

from unit.apps.supply_chain.looking import try_out
from xinlian.modules.documents.messages import RegisterDocument
from xinlian.modules.evidence.corroboration import corroboration_of
from xinlian.modules.evidence.messages import RecordFact
from xinlian.modules.evidence.types import FACTS, Flow
from xinlian.modules.members.messages import EndRelation, RecordRelation
from xinlian.modules.members.relations import are_related
from xinlian.modules.members.types import RelationKind
from xinlian.testing import Consortium
from xinlian.testing.trade import SUCCEEDED, Trade


@pytest.fixture
def trade():
    """A consortium in which the port has an official role of a register."""
    consortium = Consortium(official_roles={"settle": ["register"]})
    yield Trade(consortium)
    consortium.close()


def relation(trade: Trade, party: str, other: str, kind: str = "ownership") -> RecordRelation:
    c = trade.consortium
    return RecordRelation(c[party].party, c[other].party, kind, b"")


def related(trade: Trade, party: str, other: str) -> bool:
    c = trade.consortium
    with c.engine.application.store.snapshot() as snapshot:
        return are_related(snapshot, c[party].party, c[other].party)


def test_one_of_the_two_or_an_official_party_says_so_and_each_takes_back_its_own_word(trade):
    c = trade.consortium
    core, supplier = c["core"].party, c["supplier1"].party
    assert not related(trade, "core", "supplier1")
    trade.step("supplier1", relation(trade, "supplier1", "core"))
    trade.step("settle", relation(trade, "core", "supplier1", "control"))
    assert related(trade, "core", "supplier1")
    assert related(trade, "supplier1", "core")
    trade.step("supplier1", EndRelation(core, supplier))
    assert related(trade, "core", "supplier1"), "the register still says so"
    trade.step("settle", EndRelation(supplier, core))
    assert not related(trade, "core", "supplier1")


def test_a_relation_is_of_two_and_leads_to_no_third(trade):
    trade.step("core", relation(trade, "core", "supplier1"))
    trade.step("core", relation(trade, "core", "supplier2"))
    assert not related(trade, "supplier1", "supplier2")
    assert related(trade, "core", "core")


def test_what_may_not_be_said_is_refused(trade):
    c = trade.consortium
    core, supplier = c["core"].party, c["supplier1"].party
    trade.step("core", relation(trade, "core", "supplier2"))
    rows = [
        ("bank", relation(trade, "core", "supplier1"), "members/not_in_role"),
        ("core", RecordRelation(core, core, "ownership", b""), "members/relation_invalid"),
        ("core", RecordRelation(core, supplier, "friendship", b""), "members/relation_invalid"),
        ("core", RecordRelation(core, b"n" * 20, "ownership", b""), "members/unknown_party"),
        ("core", relation(trade, "core", "supplier2"), "members/relation_recorded"),
        ("core", EndRelation(core, supplier), "members/relation_not_recorded"),
        ("bank", EndRelation(core, c["supplier2"].party), "members/relation_not_recorded"),
        *(("core", relation(trade, "core", "supplier1", kind), SUCCEEDED) for kind in RelationKind),
    ]
    for name, message, expected in rows:
        tried = try_out(c, name, message)
        assert tried.reference == expected, message
        assert tried.changes_nothing == (expected != SUCCEEDED)


def test_so_many_parties_record_one_relation_and_no_more(trade, monkeypatch):
    monkeypatch.setattr("xinlian.modules.members.relations.ATTESTERS_MAX", 1)
    trade.step("core", relation(trade, "core", "supplier1"))
    tried = try_out(trade.consortium, "settle", relation(trade, "core", "supplier1"))
    assert tried.reference == "members/too_many_attesters"


def test_papers_of_two_sides_that_turn_out_to_be_related_corroborate_nothing_but_the_banks_do(
    trade,
):
    c = trade.consortium
    trade.register()

    def corroborated() -> tuple[Flow, ...]:
        with c.engine.application.store.snapshot() as snapshot:
            return corroboration_of(snapshot, trade.root("invoice"), c.now_ms()).corroborated

    assert corroborated() == tuple(Flow)
    trade.step("settle", relation(trade, "core", "supplier1", "family"))
    assert corroborated() == (Flow.MONEY,)
    trade.step("settle", EndRelation(c["core"].party, c["supplier1"].party))
    assert corroborated() == tuple(Flow)


def test_a_bank_that_is_related_to_a_side_is_no_independent_one(trade):
    c = trade.consortium
    trade.step("settle", relation(trade, "settle", "supplier1", "ownership"))
    trade.register()
    trade.step("settle", RegisterDocument(b"r" * 32, "bank_entry", 1))
    trade.step("settle", RecordFact(trade.root("invoice"), b"r" * 32, "bank_entry"))
    with c.engine.application.store.snapshot() as snapshot:
        assert FACTS.require(snapshot, trade.root("invoice"), b"r" * 32).grade == "c"
