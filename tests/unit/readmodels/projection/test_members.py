"""The directory equals the state's: parties with their status, keys with theirs."""

from unit.readmodels.stories import NEWCOMER
from xinlian.modules.members.types import KEYS, PARTIES, KeyStatus, PartyKind, PartyStatus
from xinlian.primitives import format_id
from xinlian.readmodels.rows import KeyRow, PartyRow


def test_parties_equal_those_of_the_state(projected):
    with projected.told.state() as state:
        expected = sorted(
            (
                format_id("party", party_id),
                PartyKind(party.kind).name.lower(),
                PartyStatus(party.status).name.lower(),
                format_id("party", party.sponsor) if party.sponsor else "",
                party.uscc,
                party.name,
            )
            for (party_id,), party in PARTIES.scan(state)
        )
    assert [
        (row.party_id, row.kind, row.status, row.sponsor, row.uscc, row.name)
        for row in projected.rows(PartyRow)
    ] == expected


def test_keys_equal_those_of_the_state(projected):
    with projected.told.state() as state:
        expected = sorted(
            (
                format_id("key", key_id),
                format_id("party", key.party),
                key.suite,
                key.public_key.hex(),
                key.role,
                KeyStatus(key.status).name.lower(),
            )
            for (key_id,), key in KEYS.scan(state)
        )
    assert [
        (row.key_id, row.party_id, row.suite, row.public_key, row.role, row.status)
        for row in projected.rows(KeyRow)
    ] == expected


def test_an_admitted_party_arises_in_the_block_of_its_admission(paid):
    party = paid.model.party(paid.told.party("bank"), paid.told.party_text(NEWCOMER)).row
    assert party.height > 0
    assert party.changed_height > party.height
    assert party.status == "suspended"


def test_a_revoked_key_is_shown_so(paid):
    keys = paid.model.keys(paid.told.party("bank"), party_id=paid.told.party_text("supplier2"))
    spare = paid.told.text("key", "spare")
    assert [key.status for key in keys.rows if key.key_id == spare] == ["revoked"]
