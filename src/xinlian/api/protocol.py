"""HTTP/1.1 as the server speaks it: what never becomes a request is answered as a problem too.

Rules this file keeps:
 1. Bytes that are no HTTP are answered ``api/bad_request``, and the connection is closed; nothing
    of them is repeated.
 2. Beyond the limit of connections a request is answered ``api/too_many_connections`` before
    anything of the application sees it.
"""

import asyncio
from collections.abc import Sized
from typing import Any, Final

import h11
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.config import Config
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.server import ServerState

from xinlian.api.problems import (
    BAD_REQUEST,
    TOO_MANY_CONNECTIONS,
    problem_of_kind,
    problem_response,
)

_NO_HTTP: Final = "not HTTP/1.1, or a line that is too long / 不是 HTTP/1.1,或单行过长"
_FULL: Final = "too many connections at once; try again in a second / 连接过多,请稍后再试"


class HttpProtocol(H11Protocol):
    """One connection; its refusals are those of the API."""

    def __init__(
        self,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        limit, self.limit_concurrency = self.limit_concurrency, None  # its answer is plain text
        if limit is not None:
            self.app = _Limited(self.app, limit, self.connections, self.tasks)

    def send_400_response(self, msg: str) -> None:
        """Answer bytes that are no request, and close."""
        del msg  # the library's own words
        response = problem_response(problem_of_kind(BAD_REQUEST, _NO_HTTP))
        headers = [*response.raw_headers, (b"connection", b"close")]
        answer = (
            h11.Response(status_code=response.status_code, headers=headers, reason=b"Bad Request"),
            h11.Data(data=bytes(response.body)),
            h11.EndOfMessage(),
        )
        for event in answer:
            self.transport.write(self.conn.send(event) or b"")
        self.transport.close()


class _Limited:
    """Refuses what comes while the server has its fill of connections or requests."""

    def __init__(self, app: ASGIApp, limit: int, connections: Sized, tasks: Sized) -> None:
        self._app = app
        self._limit = limit
        self._connections = connections
        self._tasks = tasks

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        app = _full() if self._is_full() else self._app
        await app(scope, receive, send)

    def _is_full(self) -> bool:
        # This request is a task already, and its connection one of those that are counted.
        return len(self._connections) >= self._limit or len(self._tasks) > self._limit


def _full() -> Response:
    return problem_response(problem_of_kind(TOO_MANY_CONNECTIONS, _FULL))
