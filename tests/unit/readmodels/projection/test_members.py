"""The directory equals the state's: parties with their status, keys with theirs."""

from support.council import FIVE, Council
from unit.readmodels.stories import NEWCOMER
from xinlian.bootstrap import open_read_model
from xinlian.modules.governance.messages import ProposeRole, ProposeRoleWithdrawal
from xinlian.modules.members.types import KEYS, PARTIES, KeyStatus, PartyKind, PartyStatus
from xinlian.primitives import format_id
from xinlian.readmodels import Projector
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


def wait_for_head(projector: Projector, council: Council) -> None:
    height = council.c.engine.height()
    projector.notify(height)
    assert projector.wait_for(height, 60)


def test_official_roles_are_read_by_every_party_while_held_and_after(tmp_path):
    council = Council(*FIVE)
    bank, supplier = council.c["bank"].party, council.c["supplier1"].party
    folder = tmp_path / "node"
    folder.mkdir()
    model = open_read_model(folder, council.c.genesis_bytes)
    projector = Projector(model, council.c.engine.application.store)
    try:
        electors = ("core", "settle", "mill", "port")
        council.decide(ProposeRole(bank, "court"), *electors, days=7)
        council.decide(ProposeRole(bank, "register"), *electors, days=7)
        council.decide(ProposeRoleWithdrawal(bank, "court"), *electors)
        wait_for_head(projector, council)
        listed = model.official_roles(supplier).rows
        assert [(row.official_role, row.status) for row in listed] == [
            ("court", "withdrawn"),
            ("register", "held"),
        ]
        assert 0 < listed[0].given_at_ms < listed[0].withdrawn_at_ms
        council.decide(ProposeRole(bank, "court"), *electors, days=7)
        wait_for_head(projector, council)
        again = model.official_roles(supplier).rows[0]
        assert (again.status, again.withdrawn_at_ms) == ("held", 0)
        assert again.given_at_ms > listed[0].withdrawn_at_ms
    finally:
        projector.close()
        model.close()
        council.c.close()
