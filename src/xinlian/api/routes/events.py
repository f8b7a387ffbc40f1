"""The event stream: what happened to what the reader may read, as it happens.

Rules this file keeps:
 1. An event's id is ``height.position``; a stream that resumes behind it gives each event once.
 2. A stream ends with what its reader signed in by; the client comes back with the last id.
 3. A quiet stream says so by comments, so that a dead connection is noticed.

Source: HTML Living Standard, section 9.2 (server-sent events).
"""

import functools
import re
from collections.abc import AsyncIterator
from typing import Annotated, Final

import msgspec
from fastapi import APIRouter, Header
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from xinlian.api import problems
from xinlian.api.authentication import CurrentReader, Reader
from xinlian.api.encoding import to_json
from xinlian.api.problems import ApiProblem
from xinlian.api.schemas import EVENT_STREAM, file_answer
from xinlian.api.services import Services
from xinlian.api.streams import Streams
from xinlian.primitives import AMOUNT_MINOR_MAX
from xinlian.readmodels.rows import EventRow

HEARTBEAT_SECONDS: Final = 15.0
PAGE_LIMIT: Final = 200
_HEARTBEAT: Final = b": still here\n\n"
_EVENT_ID: Final = re.compile(r"(0|[1-9][0-9]{0,17})\.(0|[1-9][0-9]{0,8})")

Position = tuple[int, int]
LastEventId = Annotated[
    str | None,
    Header(description="the id of the last event seen: the stream goes on behind it"),
]


def router(services: Services, streams: Streams) -> APIRouter:
    """Return the route of the event stream."""
    routes = APIRouter(prefix="/v1", tags=["events"])

    @routes.get(
        "/events",
        responses=file_answer(EVENT_STREAM, "events: id, type and data as JSON (EventRow)"),
    )
    async def events(
        request: Request, reader: CurrentReader, last_event_id: LastEventId = None
    ) -> Response:
        """Stream events from the beginning, or from behind ``Last-Event-ID``."""
        await request.body()  # one that comes unasked is refused while that can still be said
        after = None if last_event_id is None else parse_event_id(last_event_id)
        streams.enter(reader.party)
        return _EventStream(_events(services, streams, reader, after), streams, reader)

    return routes


def parse_event_id(text: str) -> Position:
    """Return (height, position) of an event's id; raises ApiProblem."""
    found = _EVENT_ID.fullmatch(text)
    if found is None:
        raise ApiProblem(problems.EVENT_ID, "expected height.position, for example 12.3")
    return int(found[1]), int(found[2])


class _EventStream(StreamingResponse):
    """A response that is counted while it lasts."""

    media_type = EVENT_STREAM

    def __init__(self, content: AsyncIterator[bytes], streams: Streams, reader: Reader) -> None:
        super().__init__(content, headers={"X-Accel-Buffering": "no"})
        self._streams = streams
        self._party = reader.party

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await super().__call__(scope, receive, send)
        finally:
            self._streams.leave(self._party)


async def _events(
    services: Services,
    streams: Streams,
    reader: Reader,
    after: Position | None,
) -> AsyncIterator[bytes]:
    """Yield the frames of a stream until its reader's time is up or the server stops."""
    yield _HEARTBEAT
    while not streams.is_closed:
        if not await run_in_threadpool(services.authenticator.is_active, reader):
            return
        question = functools.partial(
            services.queries.events,
            reader.party,
            after=after,
            limit=PAGE_LIMIT,
        )
        page = await streams.ask(question)
        for row in page.rows:
            yield _frame(row)
        if page.next_cursor is not None:
            after = (page.rows[-1].height, page.rows[-1].position)
            continue
        after = (page.height, AMOUNT_MINOR_MAX)
        is_news = await streams.wait_above(page.height, HEARTBEAT_SECONDS)
        if not is_news and not streams.is_closed:
            yield _HEARTBEAT


def _frame(row: EventRow) -> bytes:
    data = msgspec.json.encode(to_json(row)).decode()
    return f"id: {row.height}.{row.position}\nevent: {row.event_type}\ndata: {data}\n\n".encode()
