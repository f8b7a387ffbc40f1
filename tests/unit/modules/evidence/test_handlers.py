"""Facts: who may record them, what they are worth, what is refused."""

import msgspec
import pytest

from unit.apps.supply_chain.looking import try_out
from xinlian.apps.supply_chain.messages import RegisterInvoice
from xinlian.modules.documents.messages import CountersignDocument, RegisterDocument
from xinlian.modules.evidence.corroboration import corroboration_of
from xinlian.modules.evidence.messages import RecordFact
from xinlian.modules.evidence.types import FACTS, Flow
from xinlian.modules.members.messages import DeclareGroup
from xinlian.testing import Consortium
from xinlian.testing.trade import GROSS_MINOR, SUCCEEDED, Trade

replace = msgspec.structs.replace


@pytest.fixture
def trade():
    """A trade whose invoice and contract are registered, without facts."""
    consortium = Consortium()
    begun = Trade(consortium)
    kinds = ("invoice", "contract")
    begun.step("supplier1", *(RegisterDocument(begun.root(kind), kind, 1) for kind in kinds))
    buyer = consortium["core"].party
    begun.step("supplier1", RegisterInvoice(begun.root("invoice"), buyer, "CNY", GROSS_MINOR, 0))
    yield begun
    consortium.close()


def fact(trade: Trade, kind: str) -> RecordFact:
    return RecordFact(trade.root("invoice"), trade.root(kind), kind)


def grade(trade: Trade, kind: str) -> str:
    with trade.consortium.engine.application.store.snapshot() as snapshot:
        return FACTS.require(snapshot, trade.root("invoice"), trade.root(kind)).grade


def test_a_fact_is_checked_in_its_order(trade):
    c = trade.consortium
    good = fact(trade, "contract")
    for name in ("supplier2", "bank"):
        trade.step(name, RegisterDocument(trade.root(name), "contract", 1))
    rows = [
        ("bank", replace(good, subject=bytes(32)), "evidence/unknown_subject"),
        ("bank", replace(good, document_root=bytes(32)), "documents/unknown_document"),
        ("core", replace(good, kind="gossip"), "evidence/not_signer"),
        ("supplier1", replace(good, kind="gossip"), "evidence/unknown_fact_kind"),
        ("supplier1", replace(good, kind="order"), "evidence/wrong_schema"),
        ("supplier1", good, SUCCEEDED),
    ]
    for name, message, expected in rows:
        tried = try_out(c, name, message)
        assert tried.reference == expected, message
        assert tried.changes_nothing == (expected != SUCCEEDED)
    stranger = RecordFact(trade.root("invoice"), trade.root("supplier2"), "contract")
    assert try_out(c, "supplier2", stranger).reference == "evidence/not_entitled"


def test_a_fact_counts_again_only_when_its_grade_has_risen(trade):
    c = trade.consortium
    trade.step("supplier1", fact(trade, "contract"))
    assert grade(trade, "contract") == "c"
    again = try_out(c, "supplier1", fact(trade, "contract"))
    assert again.reference == "evidence/fact_exists"
    trade.step("core", CountersignDocument(trade.root("contract")))
    trade.step("supplier1", fact(trade, "contract"))
    assert grade(trade, "contract") == "b"
    assert try_out(c, "core", fact(trade, "contract")).reference == "evidence/fact_exists"


@pytest.mark.parametrize("is_group", [False, True], ids=["strangers", "one group"])
def test_who_is_of_one_group_is_neither_a_second_side_nor_against_its_interest(is_group):
    """The bank sells to the core enterprise; whether they are one group decides what is worth."""
    c = Consortium()
    trade = Trade(c)
    if is_group:
        trade.step("core", DeclareGroup(c["bank"].party))
    kinds = ("invoice", "contract", "goods_receipt")
    trade.step("bank", *(RegisterDocument(trade.root(kind), kind, 1) for kind in kinds))
    core = c["core"].party
    trade.step("bank", RegisterInvoice(trade.root("invoice"), core, "CNY", GROSS_MINOR, 0))
    trade.step("core", *(CountersignDocument(trade.root(kind)) for kind in kinds))
    trade.step("bank", *(fact(trade, kind) for kind in kinds))
    found = [grade(trade, kind) for kind in kinds]
    assert found == (["c", "c", "c"] if is_group else ["a", "b", "a"])
    c.close()


@pytest.mark.parametrize("is_group", [False, True], ids=["strangers", "one group"])
def test_a_bank_of_a_sides_group_is_no_independent_one(trade, is_group):
    if is_group:
        trade.step("core", DeclareGroup(trade.consortium["settle"].party))
    trade.step("settle", RegisterDocument(trade.root("bank_entry"), "bank_entry", 1))
    trade.step("settle", fact(trade, "bank_entry"))
    assert grade(trade, "bank_entry") == ("c" if is_group else "a")


def test_facts_about_one_subject_are_bounded(trade, monkeypatch):
    monkeypatch.setattr("xinlian.modules.evidence.handlers.FACTS_PER_SUBJECT_MAX", 1)
    trade.step("supplier1", fact(trade, "contract"))
    tried = try_out(trade.consortium, "supplier1", fact(trade, "invoice"))
    assert tried.reference == "evidence/too_many_facts"


def test_the_whole_trade_corroborates_every_flow_and_what_is_missing_is_said(trade):
    c = trade.consortium
    with c.engine.application.store.snapshot() as snapshot:
        assert corroboration_of(snapshot, trade.root("invoice"), 0).missing == tuple(Flow)
    whole = Trade(c, "whole")
    whole.register()
    with c.engine.application.store.snapshot() as snapshot:
        found = corroboration_of(snapshot, whole.root("invoice"), 0)
    assert found.is_complete
    assert found.corroborated == tuple(Flow)
