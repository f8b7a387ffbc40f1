"""The rules of the one place that gives rights; the matrix of all parties is in interfaces."""

import pytest

from unit.readmodels.stories import NEWCOMER, root_of
from xinlian.bootstrap import build_registry
from xinlian.contracts.message import type_name
from xinlian.modules.accounts.events import BankEntryAccepted, PeriodClosed, TransferPosted
from xinlian.modules.evidence.events import FactRecorded, VerdictGiven, VerdictsDisagree
from xinlian.primitives import format_id
from xinlian.readmodels.kinds import Kind
from xinlian.readmodels.rights import _ABOUT, about, obligation_of
from xinlian.readmodels.rows import ReaderRow
from xinlian.readmodels.tables import TABLE_OF

EVENTS = build_registry().events.values()
SPECIAL = (
    TransferPosted,
    BankEntryAccepted,
    PeriodClosed,
    FactRecorded,
    VerdictGiven,
    VerdictsDisagree,
)
"""About objects whose ids are made of more than one field."""


@pytest.mark.parametrize("event_type", EVENTS, ids=type_name)
def test_every_event_of_the_ledger_is_about_an_object(event_type):
    assert event_type in _ABOUT or event_type in SPECIAL
    rule = _ABOUT.get(event_type)
    if rule is not None and rule.kind is not Kind.CLOCK:
        assert rule.field in event_type.__struct_fields__


def test_a_transfer_is_named_by_its_place():
    a, b, c = (bytes([n]) * 20 for n in (1, 2, 3))
    assert about(TransferPosted(a, b, c, 1, b, b""), 7, 3) == ("transfer", "7.3")


def test_two_banks_may_give_their_entries_the_same_identity():
    entry, banks = b"e" * 32, [bytes([n]) * 20 for n in (1, 2)]
    named = [about(BankEntryAccepted(entry, bank, b"", 5, True, 1, 1, b""), 7, 3) for bank in banks]
    assert {kind for kind, _ in named} == {"bank_entry"}
    assert named[0] != named[1]


def test_the_obligation_of_a_certificate_has_its_id():
    raw = bytes(range(20))
    assert obligation_of(format_id("cert", raw)) == format_id("obligation", raw)


def readers_of(projected, kind, object_id):
    rows = projected.model.dump()["readers"]
    keys = list(TABLE_OF[ReaderRow].c.keys())
    found = [dict(zip(keys, row, strict=True)) for row in rows]
    return {
        row["party_id"]: row["height"]
        for row in found
        if (row["object_kind"], row["object_id"]) == (kind, object_id)
    }


def test_rights_are_given_only_to_parties_of_the_directory_and_to_groups(projected):
    parties = {row[0] for row in projected.model.dump()["parties"]}
    dump = projected.model.dump()
    granted = {row[0] for name in ("readers", "entry_readers") for row in dump[name]}
    assert granted <= parties | {"members", "every-party"}


def test_a_financier_reads_the_trade_from_the_moment_it_is_asked(paid):
    bank, settle = paid.told.party_text("bank"), paid.told.party_text("settle")
    invoice = readers_of(paid, "invoice", root_of("invoice").hex())
    assert invoice[settle] < invoice[bank], "settle was asked first"
    for document in ("contract", "order", "invoice", "despatch", "receipt"):
        assert readers_of(paid, "document", root_of(document).hex())[bank] == invoice[bank]


def test_a_participant_without_dealings_is_seen_by_its_sponsor_and_the_members(paid):
    newcomer = paid.told.party_text(NEWCOMER)
    readers = readers_of(paid, "party", newcomer)
    assert set(readers) == {newcomer, paid.told.party_text("bank"), "members"}


def test_naming_a_document_of_another_gives_no_right_to_it(paid):
    """The evidence of an offer is shown by its owner, off the ledger; its root opens nothing."""
    assert set(readers_of(paid, "document", root_of("invoice2").hex())) == {
        paid.told.party_text("supplier1"),
    }
