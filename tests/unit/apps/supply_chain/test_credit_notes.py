"""SC-I3: a credit note is never refused; if too much is occupied then, finance stops."""

import msgspec
import pytest

from unit.apps.supply_chain.looking import leaf_of, try_out
from unit.apps.supply_chain.test_disputes import dispute, refused, settle
from xinlian.apps.supply_chain.credit_note_messages import LowerInvoice, ReverseLowering
from xinlian.apps.supply_chain.credit_note_types import LOWERINGS, LoweringKind
from xinlian.apps.supply_chain.types import INVOICES
from xinlian.modules.documents.messages import RegisterDocument
from xinlian.testing import Consortium
from xinlian.testing.trade import FACE_MINOR, GROSS_MINOR, SUCCEEDED, Trade

FREE_MINOR = GROSS_MINOR - FACE_MINOR
OVER = "supply_chain/over_occupied"


def note(trade, name="note", by="supplier1"):
    root = trade.root(name)
    trade.step(by, RegisterDocument(root, "credit_note", 1))
    return root


def lowering(trade, amount_minor, kind=LoweringKind.CREDIT_NOTE, name="note"):
    return LowerInvoice(trade.root("invoice"), note(trade, name), kind, amount_minor)


def invoice_of(trade):
    with trade.consortium.engine.application.store.snapshot() as snapshot:
        return INVOICES.require(snapshot, trade.root("invoice"))


def reversing(trade, amount_minor, name="note"):
    return ReverseLowering(trade.root("invoice"), trade.root(name), amount_minor)


def test_a_credit_note_takes_from_what_may_still_be_certified(trade):
    trade.certify()
    trade.step("supplier1", lowering(trade, FREE_MINOR))
    found = invoice_of(trade)
    assert (found.lowered_minor, found.free_minor, found.over_minor) == (FREE_MINOR, 0, 0)


@pytest.mark.parametrize("kind", list(LoweringKind))
def test_beyond_that_it_is_recorded_all_the_same_and_finance_stops(trade, kind):
    leaf = trade.certify()[1]
    trade.request(leaf)
    trade.step("bank", trade.verdict())
    assert try_out(trade.consortium, "bank", trade.advance(leaf)).reference == SUCCEEDED
    trade.step("supplier1", lowering(trade, FREE_MINOR + 1, kind))
    assert invoice_of(trade).over_minor == 1
    assert refused(trade, "bank", trade.advance(leaf)) == OVER
    trade.to_due_day()
    assert leaf_of(trade.consortium, leaf).outstanding_minor == 0  # what was promised is paid


def test_claims_that_are_reduced_end_it(trade):
    leaf = trade.certify()[1]
    trade.step("supplier1", lowering(trade, FREE_MINOR + 100_000_00))
    assert invoice_of(trade).over_minor == 100_000_00
    settle(trade, dispute(trade, leaf), 100_000_00, frees_invoice=True)
    found = invoice_of(trade)
    assert (found.over_minor, found.occupied_minor) == (0, FACE_MINOR - 100_000_00)
    trade.request(leaf)
    trade.step("bank", trade.verdict(), trade.advance(leaf))


def test_nothing_new_is_certified_beyond_what_a_credit_note_leaves(trade):
    trade.step("supplier1", lowering(trade, GROSS_MINOR - 1_000_00))
    certificate = trade.propose()
    for name in ("supplier1", "core"):
        trade.step(name, trade.verdict())
    assert refused(trade, "core", trade.promise(certificate)) == "supply_chain/occupied"


def test_the_seller_alone_says_it_once_a_document_and_within_the_invoice(trade):
    plain = lowering(trade, 1)
    assert refused(trade, "core", plain) == "supply_chain/not_supplier"
    foreign = msgspec.structs.replace(plain, document_root=note(trade, "other", "core"))
    assert refused(trade, "supplier1", foreign) == "supply_chain/not_supplier"
    unheard = msgspec.structs.replace(plain, kind=3)
    assert refused(trade, "supplier1", unheard) == "supply_chain/lowering_invalid"
    beyond = msgspec.structs.replace(plain, amount_minor=GROSS_MINOR + 1)
    assert refused(trade, "supplier1", beyond) == "supply_chain/lowering_invalid"
    trade.step("supplier1", plain)
    assert refused(trade, "supplier1", plain) == "supply_chain/lowering_recorded"


@pytest.mark.parametrize(("first", "second"), [("core", "supplier1"), ("supplier1", "core")])
def test_a_mistake_is_taken_back_by_a_further_entry_of_both_sides(trade, first, second):
    trade.certify()
    trade.step("supplier1", lowering(trade, FREE_MINOR + 7))
    back = reversing(trade, FREE_MINOR + 7)
    assert refused(trade, "bank", back) == "supply_chain/parties_invalid"
    other = reversing(trade, 1)
    assert refused(trade, "core", other) == "supply_chain/amount_not_owed"
    trade.step(first, back)
    trade.step(first, back)  # saying it twice is not two signatures
    assert invoice_of(trade).over_minor == 7
    trade.step(second, back)
    found = invoice_of(trade)
    assert (found.lowered_minor, found.over_minor) == (0, 0)
    with trade.consortium.engine.application.store.snapshot() as snapshot:
        kept = LOWERINGS.require(snapshot, trade.root("invoice"), trade.root("note"))
    assert kept.is_reversed  # the record stays
    assert refused(trade, "core", back) == "supply_chain/unknown_lowering"
    again = LowerInvoice(trade.root("invoice"), trade.root("note"), 1, 1)
    assert refused(trade, "supplier1", again) == "supply_chain/lowering_recorded"


def test_policy_may_let_finance_go_on():
    c = Consortium(policy={"supply_chain.over_occupied_stops_finance": 0})
    trade = Trade(c)
    trade.register()
    leaf = trade.certify()[1]
    trade.request(leaf)
    trade.step("supplier1", lowering(trade, FREE_MINOR + 1))
    trade.step("bank", trade.verdict(), trade.advance(leaf))
    c.close()
