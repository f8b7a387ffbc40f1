"""Whatever a stranger sends to the API, the answer is an answer: never a fault of the server."""

import contextlib
import json

import pytest

from conftest import PROFILE
from fuzz.mutation import Mutator
from fuzz.requests import AUTHORITY, Browser, request_samples
from fuzz.samples import kept
from unit.api.callers import Clock
from unit.readmodels.stories import open_model, sqlite_address
from xinlian.api import create_app
from xinlian.readmodels import Projector
from xinlian.testing import Consortium

RUNS = 100_000 if PROFILE == "soak" else 1_000
PROBLEM = b"application/problem+json"
SERVER_FAULT = 500
NOT_READY = 503


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    """A browser and good requests to all addresses."""
    with contextlib.ExitStack() as undo:
        consortium = Consortium()
        undo.callback(consortium.close)
        model = open_model(sqlite_address(tmp_path_factory.mktemp("api")), consortium)
        undo.callback(model.close)
        projector = Projector(model, consortium.engine.application.store)
        undo.callback(projector.close)
        consortium.engine.on_commit(projector.notify)
        clock = Clock()
        app = create_app(
            consortium.node, model, projector, clock=clock, public_authorities=[AUTHORITY]
        )
        samples = request_samples(app, consortium)
        assert projector.wait_for(consortium.node.head().header.height, 30)
        browser = Browser(app, consortium, clock)
        undo.callback(browser.close)
        yield browser, samples


def check(browser: Browser, data: bytes) -> int:
    """Send a request; return the answer's status, which must be one that a client can act on."""
    answer = browser.ask(data)
    assert answer.status < SERVER_FAULT or answer.status == NOT_READY, (data, answer)
    if answer.status >= 400:
        assert answer.headers[b"content-type"] == PROBLEM, data
        problem = json.loads(answer.body)
        assert problem["status"] == answer.status
        assert problem["type"].startswith("urn:xinlian:error:"), data
    assert answer.headers[b"x-content-type-options"] == b"nosniff"
    return answer.status


def test_good_requests_reach_every_address(served):
    browser, samples = served
    statuses = [check(browser, data) for data in samples]
    assert len(samples) > 60
    assert sum(status < 300 for status in statuses) > len(samples) // 2


def test_what_was_found_before_is_answered(served):
    browser, _ = served
    assert kept("request")
    for data in kept("request"):
        check(browser, data)


@pytest.mark.timeout(3_600)
def test_mutated_requests_are_answered(served):
    browser, samples = served
    mutator = Mutator("requests")
    pool = [*samples, *kept("request")]
    for _ in range(RUNS):
        check(browser, mutator.mutated(pool))
