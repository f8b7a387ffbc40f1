"""The rules of the one place that gives rights; the matrix of all parties is in interfaces."""

from unit.readmodels.stories import NEWCOMER, root_of
from xinlian.readmodels.rows import ReaderRow
from xinlian.readmodels.tables import TABLE_OF


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
