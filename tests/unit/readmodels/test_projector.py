"""The projecting thread: it keeps up, tells of failures, and tries again."""

import pytest
import structlog

from unit.readmodels.stories import open_model, sqlite_address
from xinlian.modules.accounts.messages import Transfer
from xinlian.readmodels import DatabaseFailed, Projector, ReadModel, projector
from xinlian.testing import Consortium

WAIT = 30.0


@pytest.fixture
def consortium():
    consortium = Consortium()
    yield consortium
    consortium.close()


@pytest.fixture
def model(consortium, tmp_path):
    model = open_model(sqlite_address(tmp_path), consortium)
    yield model
    model.close()


def pay(consortium):
    accounts = consortium.account("core"), consortium.account("bank")
    _, committed = consortium.send("core", Transfer(*accounts, 1))
    return committed.height


def test_it_begins_with_what_is_missing(consortium, model):
    height = pay(consortium)
    running = Projector(model, consortium.engine.application.store)
    assert running.wait_for(height, WAIT)
    assert running.height == model.height == height
    assert running.failure == ""
    running.close()


def test_after_a_restart_it_goes_on_where_it_stopped_before_anybody_tells_it(consortium, model):
    model.project(consortium.engine.application.store)
    height = pay(consortium)
    running = Projector(model, consortium.engine.application.store)
    assert running.wait_for(height, WAIT)
    running.close()


def test_it_follows_what_it_is_told(consortium, model):
    running = Projector(model, consortium.engine.application.store)
    consortium.engine.on_commit(running.notify)
    for _ in range(3):
        assert running.wait_for(pay(consortium), WAIT)
    assert running.wait_above(1, WAIT) == 3
    running.close()


def test_waiting_for_a_block_that_does_not_come_ends_in_time(consortium, model):
    running = Projector(model, consortium.engine.application.store)
    assert running.wait_for(0, WAIT)
    assert not running.wait_for(99, 0.01)
    assert running.wait_above(0, 0.01) == 0
    running.close()
    assert running.wait_above(0, WAIT) == 0, "nobody waits for a closed projector"


class Failing(ReadModel):
    """A read model whose database fails for a while."""

    failures_left = 2
    failure: Exception = DatabaseFailed("OperationalError")

    def project(self, store, up_to=None):
        if self.failures_left:
            type(self).failures_left -= 1
            raise self.failure
        return super().project(store, up_to)


@pytest.mark.parametrize(
    ("failure", "name"),
    [
        (DatabaseFailed("OperationalError"), "readmodels/database_failed"),
        (KeyError("a bug of ours"), "readmodels/internal"),
    ],
)
def test_a_failure_is_told_tried_again_and_never_reaches_the_chain(
    consortium, model, monkeypatch, failure, name
):
    monkeypatch.setattr(projector, "RETRY_SECONDS", 0.01)
    monkeypatch.setattr(Failing, "failures_left", 2)
    monkeypatch.setattr(Failing, "failure", failure)
    model.__class__ = Failing
    structlog.reset_defaults()  # whatever another test set up
    with structlog.testing.capture_logs() as logs:
        running = Projector(model, consortium.engine.application.store)
        consortium.engine.on_commit(running.notify)
        height = pay(consortium)
        assert running.wait_for(height, WAIT)
        running.close()
    assert running.failure == ""
    told = [entry["reference"] for entry in logs if entry["event"] == "projection_failed"]
    assert told == [name, name]
    assert "projection_resumed" in [entry["event"] for entry in logs]


def test_while_it_fails_readiness_can_see_why(consortium, model, monkeypatch):
    monkeypatch.setattr(Failing, "failures_left", 1)
    monkeypatch.setattr(Failing, "failure", DatabaseFailed("OperationalError"))
    model.__class__ = Failing
    running = Projector(model, consortium.engine.application.store)
    assert not running.wait_for(0, 0.5)
    assert running.failure == "readmodels/database_failed"
    assert running.height == -1
    running.close()
