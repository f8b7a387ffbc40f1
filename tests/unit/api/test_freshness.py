"""Reading one's own writes: an answer is from the height asked for on, or it is not given."""

import pytest

from unit.api.callers import problem_of, refused
from unit.readmodels.stories import root_of
from xinlian.api import freshness
from xinlian.client.wire import MIN_HEIGHT_HEADER
from xinlian.modules.documents.messages import RegisterDocument


def test_a_read_waits_for_the_height_that_it_names(fresh):
    caller = fresh.caller("core")
    for number in range(10):
        fresh.told.send("core", RegisterDocument(root_of(str(number)), "invoice", 1))
        height = fresh.consortium.node.head().header.height
        headers = {MIN_HEIGHT_HEADER: str(height)}
        answer = caller.get(f"/v1/documents/{root_of(str(number)).hex()}", headers=headers)
        assert answer.json()["height"] >= height


def test_a_height_that_does_not_come_is_refused_as_transient(fresh, monkeypatch):
    monkeypatch.setattr(freshness, "WAIT_SECONDS", 0.01)
    headers = {MIN_HEIGHT_HEADER: "1000"}
    response = fresh.caller("core").get("/v1/documents", headers=headers)
    assert response.status_code == 503
    assert refused(response) == "api/behind"
    assert problem_of(response).transient


@pytest.mark.parametrize("value", ["-1", "x", "9" * 30])
def test_what_is_no_height_is_refused(served, value):
    response = served.caller("core").get("/v1/documents", headers={MIN_HEIGHT_HEADER: value})
    assert refused(response) == "api/parameters_invalid"
