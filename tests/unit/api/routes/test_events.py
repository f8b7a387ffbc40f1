"""The event stream: what a reader may read, each event once, across reconnects."""

import contextlib
from collections.abc import Iterator

import httpx
import msgspec
import pytest

from unit.api.callers import Caller, refused, send
from unit.readmodels.stories import root_of
from xinlian.api.replay import TOKEN_LIFE_SECONDS
from xinlian.api.routes import events as events_module
from xinlian.api.streams import STREAMS_PER_PARTY_MAX
from xinlian.client.connection import parse_events
from xinlian.client.wire import LedgerEvent
from xinlian.modules.documents.messages import RegisterDocument
from xinlian.modules.members.messages import RevokeKey
from xinlian.modules.members.types import key_id_of
from xinlian.readmodels.queries import Queries

PATH = "/v1/events"


@contextlib.contextmanager
def stream(caller: Caller, last: str | None = None) -> Iterator[httpx.Response]:
    """Open a stream; a read that lasts half a minute fails the test."""
    headers = caller.signed_headers("GET", PATH)
    if last is not None:
        headers["Last-Event-ID"] = last
    with (
        httpx.Client(trust_env=False, timeout=30) as client,
        client.stream("GET", caller.url + PATH, headers=headers) as response,
    ):
        assert response.status_code == 200, response.read()
        yield response


def take(caller: Caller, count: int, last: str | None = None) -> list[LedgerEvent]:
    """Return so many events of a new stream."""
    with stream(caller, last) as response:
        events = parse_events(response.iter_lines())
        return [next(events) for _ in range(count)]


def all_ids(served, name: str) -> list[str]:
    """Return the ids of all events of a party, from the read model itself."""
    found: list[str] = []
    cursor = None
    model: Queries = served.model
    while True:
        page = model.events(served.told.party(name), limit=200, cursor=cursor)
        found.extend(f"{row.height}.{row.position}" for row in page.rows)
        if page.next_cursor is None:
            return found
        cursor = page.next_cursor


@pytest.mark.parametrize("name", ["core", "supplier2"])
def test_a_stream_gives_all_events_of_its_reader_in_order(served, name):
    expected = all_ids(served, name)
    assert len(expected) > 5
    assert [event.id for event in take(served.caller(name), len(expected))] == expected


def test_a_stream_resumed_at_any_event_gives_each_event_exactly_once(served):
    caller = served.caller("supplier2")
    expected = all_ids(served, "supplier2")
    for seen in range(0, len(expected) - 1, 4):
        first = [event.id for event in take(caller, seen + 1)]
        rest = take(caller, len(expected) - seen - 1, first[-1])
        assert first + [event.id for event in rest] == expected


def test_events_are_typed_and_carry_their_rows(served):
    event = take(served.caller("core"), 1)[0]
    data = msgspec.json.decode(event.data)
    assert data["event_type"] == event.type
    assert f"{data['height']}.{data['position']}" == event.id
    assert isinstance(data["data"], dict)
    assert data["time"].endswith("+08:00")


def test_an_event_arrives_while_the_stream_is_open(fresh):
    with stream(fresh.caller("core")) as response:
        events = parse_events(response.iter_lines())
        for name in ("a", "b"):
            fresh.told.send("core", RegisterDocument(root_of(name), "invoice", 1))
            event = next(events)
            data = msgspec.json.decode(event.data)["data"]
            assert (event.type, data["root"]) == (
                "documents.DocumentRegistered",
                root_of(name).hex(),
            )


def test_what_others_do_is_not_streamed(fresh):
    with stream(fresh.caller("bank")) as response:
        fresh.told.send("core", RegisterDocument(root_of("a"), "invoice", 1))
        fresh.told.send("bank", RegisterDocument(root_of("b"), "invoice", 1))
        event = next(parse_events(response.iter_lines()))
    assert msgspec.json.decode(event.data)["data"]["root"] == root_of("b").hex()


def test_open_streams_do_not_keep_others_waiting(fresh):
    caller = fresh.caller("core")
    with contextlib.ExitStack() as stack:
        for name in ("core", "bank", "settle", "supplier1", "supplier2"):
            for _ in range(STREAMS_PER_PARTY_MAX):
                stack.enter_context(stream(fresh.caller(name)))
        assert caller.get("/v1/leaves").status_code == 200
        assert caller.request("POST", "/v1/tokens").status_code == 200


def test_a_party_has_so_many_streams_and_gets_one_back_when_it_closes_one(fresh):
    caller = fresh.caller("core")
    with contextlib.ExitStack() as stack:
        for _ in range(STREAMS_PER_PARTY_MAX):
            stack.enter_context(stream(caller))
        response = caller.get(PATH)
        assert response.status_code == 429
        assert refused(response) == "api/too_many"
        stack.enter_context(stream(fresh.caller("bank")))
    streams = fresh.server._server._app.state.streams
    fresh.consortium.engine.wait_until(lambda: streams.open_count() == 0)
    with stream(caller):
        assert streams.open_count() == 1


def test_a_quiet_stream_says_that_it_lives(fresh, monkeypatch):
    monkeypatch.setattr(events_module, "HEARTBEAT_SECONDS", 0.01)
    with stream(fresh.caller("core")) as response:
        lines = response.iter_lines()
        assert [next(lines) for _ in range(6)] == [": still here", ""] * 3


@pytest.mark.parametrize("end", ["time", "revoked"])
def test_a_stream_ends_with_what_its_reader_signed_in_by(fresh, end):
    caller = fresh.caller("core", "operations")
    with stream(caller) as response:
        lines = response.iter_lines()
        assert next(lines) == ": still here"
        if end == "time":
            fresh.clock.seconds += TOKEN_LIFE_SECONDS
        else:
            key_id = key_id_of(caller.key.suite, caller.key.public_key)
            fresh.told.send("core", RevokeKey(key_id))
        fresh.told.send("core", RegisterDocument(root_of("a"), "invoice", 1))
        # Whatever was under way may still come; then the server closes by itself.
        assert list(lines)[-1] == ""


def test_stopping_the_server_ends_its_streams(fresh):
    with stream(fresh.caller("core")) as response:
        lines = response.iter_lines()
        assert next(lines) == ": still here"
        fresh.server.stop()
        assert list(lines) == [""]


@pytest.mark.parametrize("text", ["x", "1", "1.", ".1", "1.2.3", "-1.0", "01.0", "9" * 40])
def test_a_malformed_event_id_is_refused(served, text):
    caller = served.caller("core")
    headers = caller.signed_headers("GET", PATH) | {"Last-Event-ID": text}
    response = send(caller.url, "GET", PATH, headers=headers)
    assert response.status_code == 422
    assert refused(response) == "api/event_id_invalid"


def test_a_body_that_nobody_declared_is_refused_before_the_stream_begins(served):
    caller = served.caller("core")
    headers = {"Authorization": f"Bearer {caller.token()}"}
    chunks = iter([b"unasked"])  # an iterator is sent in chunks, without a Content-Length
    with httpx.Client(trust_env=False, timeout=30) as client:
        response = client.request("GET", caller.url + PATH, headers=headers, content=chunks)
    assert refused(response) == "api/body_too_large"
