"""A bank is served what the firm let it read, and told what is missing where nothing is served."""

import pytest

from unit.api.callers import refused
from unit.api.conftest import let_in
from xinlian.modules.consent.messages import RecordRead, RevokeConsent

FACTS = "/facts?figure="


@pytest.fixture
def portrait(served):
    return f"/v1/portraits/{served.told.party_text('core')}"


def test_the_bank_gets_the_kinds_and_the_height_of_its_read(served, portrait):
    seen = served.caller("bank").get(portrait).json()
    own = served.caller("core").get(portrait).json()
    assert seen["data_kinds"] == ["own_promises"]
    assert seen["read_id"] == f"{served.told.text('consent', 'consent')}.0"
    assert {figure["data_kind"] for figure in seen["figures"]} == {"own_promises"}
    assert len(own["data_kinds"]) == 4
    at_that_height = (
        served.caller("core").get(f"{portrait}?as_of_height={seen['as_of_height']}").json()
    )
    assert [f for f in at_that_height["figures"] if f["data_kind"] == "own_promises"] == (
        seen["figures"]
    )


def test_every_fact_of_a_figure_is_listed(served, portrait):
    figures = {f["name"]: f for f in served.caller("bank").get(portrait).json()["figures"]}
    listed = served.caller("bank").items(f"{portrait}{FACTS}own_promises")
    assert [fact["fact_id"] for fact in listed] == figures["own_promises"]["fact_ids"]
    assert len(listed) == int(figures["own_promises"]["value"]) > 0


def test_what_the_consent_does_not_cover_is_no_figure_of_it(served, portrait):
    response = served.caller("bank").request("GET", f"{portrait}{FACTS}buyers")
    assert (response.status_code, refused(response)) == (422, "readmodels/figure_unknown")


def test_the_firm_sees_who_read_what_and_why(served):
    (read,) = served.caller("core").items("/v1/consent-reads")
    assert (read["reader"], read["purpose"]) == (served.told.party_text("bank"), "post_loan")
    assert read["data_kinds"] == ["own_promises"]
    assert read["request_root"] == bytes(32).hex()


def test_without_a_recorded_read_or_a_live_consent_the_reader_is_told_what_is_missing(fresh):
    told = fresh.told
    let_in(told)
    fresh.catch_up()
    address = f"/v1/portraits/{told.party_text('core')}"
    bank = fresh.caller("bank")
    assert bank.request("GET", address).status_code == 200
    told.send("core", RevokeConsent(told.ids["consent"]))
    fresh.catch_up()
    response = bank.request("GET", address)
    assert (response.status_code, refused(response)) == (403, "readmodels/consent_not_in_force")
    told.send(
        "bank", RecordRead(told.ids["consent"], "post_loan", ("own_promises",), bytes(32)), code=6
    )
