"""Every error is problem details, and nothing of the inside is told."""

import msgspec
import pytest
from fastapi import FastAPI

from unit.api.callers import problem_of, refused
from xinlian.api import problems
from xinlian.api.boundary import BodyTooLarge
from xinlian.api.problems import KINDS, problem_of_refusal, refusal_named
from xinlian.api.server import BackgroundServer
from xinlian.api.streams import Streams
from xinlian.apps.supply_chain.errors import Occupied
from xinlian.ledger.errors import Duplicate, Expired, Overloaded, UnknownSigner
from xinlian.ledger.node import NodeStopped
from xinlian.primitives import LedgerError
from xinlian.readmodels import CursorInvalid, DatabaseFailed


def test_numbers_and_names_of_the_table_are_used_once():
    assert [kind.code for kind in KINDS] == list(range(1, len(KINDS) + 1))
    assert len({kind.name for kind in KINDS}) == len(KINDS)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_people_read_it_in_both_languages(kind):
    english, chinese = kind.title.split(" / ")
    assert english.isascii()
    assert not chinese.isascii()


@pytest.mark.parametrize(
    ("error", "status", "transient"),
    [
        (Expired(1, 2), 422, False),
        (UnknownSigner("00"), 403, False),
        (Duplicate(), 409, False),
        (Overloaded(), 503, True),
        (Occupied(), 409, False),
    ],
)
def test_a_refusal_before_ordering_keeps_the_ledgers_name(error, status, transient):
    problem = problem_of_refusal(error)
    assert problem.type == f"urn:xinlian:error:{error.reference}"
    assert (problem.codespace, problem.name) == (error.codespace, error.name)
    assert (problem.code, problem.status) == (error.code, status)
    assert problem.transient is transient
    assert problem.not_admitted is True


def test_every_refusal_of_the_ledger_is_known_by_its_code():
    assert refusal_named("supply_chain", 17)[0] == "supply_chain/occupied"
    said = ("ledger/expired", "`valid_until` has passed. / 交易已过有效期。")
    assert refusal_named("ledger", 7) == said
    assert refusal_named("internal", 1)[0] == "internal/1"


def failing_app(error: Exception) -> FastAPI:
    """Return an application whose one route fails."""

    class Nothing:
        height = 0

    app = FastAPI()
    problems.install(app)
    app.state.streams = Streams(Nothing())  # type: ignore[arg-type]  # nothing is streamed

    @app.get("/fail")
    def fail() -> None:
        raise error

    return app


@pytest.mark.parametrize(
    ("error", "status", "expected"),
    [
        (RuntimeError("secret of the inside"), 500, "api/internal"),
        (NodeStopped("secret of the inside"), 503, "api/node_stopped"),
        (DatabaseFailed("secret of the inside"), 503, "readmodels/database_failed"),
        (CursorInvalid("not a cursor"), 422, "readmodels/cursor_invalid"),
        (BodyTooLarge(5), 413, "api/body_too_large"),
        (LedgerError("odd"), 409, "ledger/error"),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else "",
)
def test_whatever_fails_is_answered_without_the_inside(error, status, expected):
    import httpx

    with BackgroundServer(failing_app(error)) as server:
        response = httpx.get(f"{server.url}/fail", trust_env=False)
    assert response.status_code == status
    assert refused(response) == expected
    assert "secret" not in response.text
    assert "Traceback" not in response.text
    assert response.headers["x-content-type-options"] == "nosniff"
    assert ("retry-after" in response.headers) == problem_of(response).transient


def test_a_problem_is_json_of_its_own_media_type():
    kind = problems.NOT_SIGNED_IN
    response = problems.problem_response(problems.problem_of_kind(kind, "detail" * 200))
    answer = msgspec.json.decode(response.body)
    assert response.media_type == "application/problem+json"
    assert response.headers["www-authenticate"] == 'Bearer realm="xinlian"'
    assert len(answer["detail"]) == 500
