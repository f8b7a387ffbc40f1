"""In whose name a question reads."""

from unit.readmodels.stories import NEWCOMER
from xinlian.readmodels.reading import open_reading
from xinlian.readmodels.rights import EVERY_PARTY, MEMBERS


def names_of(projected, reader):
    with open_reading(projected.model._database, reader) as reading:
        assert reading.height == projected.model.height
        return reading.names


def test_a_member_reads_for_itself_and_for_the_groups_it_belongs_to(paid):
    expected = (paid.told.party_text("core"), EVERY_PARTY, MEMBERS)
    assert names_of(paid, paid.told.party("core")) == expected


def test_a_participant_does_not_read_for_the_members(paid):
    expected = (paid.told.party_text("supplier1"), EVERY_PARTY)
    assert names_of(paid, paid.told.party("supplier1")) == expected


def test_suspension_changes_nothing(paid):
    assert names_of(paid, paid.told.party(NEWCOMER)) == (
        paid.told.party_text(NEWCOMER),
        EVERY_PARTY,
    )


def test_nobody_and_strangers_read_for_no_one(paid):
    for reader in (None, b"", bytes(20), b"x" * 19, b"members", b"y" * 400):
        assert names_of(paid, reader) == ()
