"""Books over HTTP: each caller its own, strangers nothing that is another's."""

import httpx
import pytest

PATHS = (
    "/v1/books/trial-balance?period=2026-11",
    "/v1/books/vouchers?period=2026-11",
    "/v1/books/ageing?period=2026-11",
    "/v1/books/closes",
    "/v1/pending-transfers",
    "/v1/bank-statements",
)


@pytest.mark.parametrize("path", PATHS)
def test_books_need_a_sign_in(served, path):
    assert httpx.get(served.server.url + path).status_code == 401


def test_a_party_reads_its_own_trial_balance(served):
    core, bank = served.caller("core"), served.caller("bank")
    found = core.get("/v1/books/trial-balance?period=2026-11").json()
    assert found["party_id"] == served.told.party_text("core")
    assert sum(int(line["closing_minor"]) for line in found["lines"]) == 0
    other = bank.get("/v1/books/trial-balance?period=2026-11").json()
    assert other["party_id"] == served.told.party_text("bank")
    detailed = core.get("/v1/books/trial-balance?period=2026-11&by_sub=true").json()
    assert any(line["sub"] for line in detailed["lines"])


def test_no_parameter_names_another_party(served):
    party = served.told.party_text("core")
    answer = served.caller("bank").get(f"/v1/books/vouchers?period=2026-11&party={party}")
    assert answer.status_code == 422


def test_vouchers_are_read_page_by_page(served):
    core = served.caller("core")
    first = core.get("/v1/books/vouchers?period=2026-11&limit=1").json()
    assert [item["step"] for item in first["items"]] == ["opening"]
    cursor = first["next_cursor"]
    second = core.get(f"/v1/books/vouchers?period=2026-11&limit=1&cursor={cursor}").json()
    assert second["items"][0]["transaction_id"] != ""
    assert second["items"][0]["lines"][0]["debit_minor"] == "0"


@pytest.mark.parametrize("period", ["", "2026", "2026-13", "2026-12-01"])
def test_a_malformed_period_is_named(served, period):
    answer = served.caller("core").get(f"/v1/books/ageing?period={period}")
    assert answer.status_code == 422


def test_a_party_without_movements_has_empty_books(served):
    found = served.caller("newcomer").get("/v1/books/trial-balance?period=2026-11")
    assert found.status_code == 200
    assert found.json()["lines"] == []
