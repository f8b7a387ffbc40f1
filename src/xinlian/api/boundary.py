"""The outermost layer of the API: how large a request may be, what every response forbids.

Rules this file keeps:
 1. No body is read beyond its ceiling, whatever its headers claim; an address without a ceiling of
    its own takes no body.
 2. Every response forbids guessing its type, framing it, and sending referrers; there is no CORS.
"""

from collections.abc import Callable, Mapping, MutableMapping
from typing import Any, Final

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

SECURITY_HEADERS: Final[Mapping[str, str]] = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}
TRANSPORT_SECURITY: Final = "max-age=31536000"


class BodyTooLarge(Exception):  # noqa: N818 - names the state of the body
    """More bytes came than the address takes."""

    def __init__(self, limit_bytes: int) -> None:
        super().__init__(f"at most {limit_bytes} bytes are taken here")
        self.limit_bytes = limit_bytes


class Boundary:
    """Bounds request bodies and completes response headers."""

    def __init__(
        self,
        app: ASGIApp,
        limits_bytes: Mapping[str, int],
        too_large: Callable[[int], ASGIApp],
    ) -> None:
        self._app = app
        self._limits_bytes = limits_bytes
        self._too_large = too_large

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        limit_bytes = self._limits_bytes.get(scope["path"], 0)
        completed = _Completed(send, is_secure=scope["scheme"] == "https")
        is_large = _declared_bytes(scope) > limit_bytes
        app = self._too_large(limit_bytes) if is_large else self._app
        await app(scope, _Bounded(receive, limit_bytes).receive, completed.send)


class _Completed:
    """Completes the headers of a response."""

    def __init__(self, send: Send, *, is_secure: bool) -> None:
        self._send = send
        self._is_secure = is_secure

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=_headers(message))
            for name, value in SECURITY_HEADERS.items():
                headers.setdefault(name, value)
            if self._is_secure:
                headers.setdefault("Strict-Transport-Security", TRANSPORT_SECURITY)
        await self._send(message)


class _Bounded:
    """Counts what is received."""

    def __init__(self, receive: Receive, limit_bytes: int) -> None:
        self._receive = receive
        self._limit_bytes = limit_bytes
        self._received_bytes = 0

    async def receive(self) -> Message:
        message = await self._receive()
        if message["type"] == "http.request":
            self._received_bytes += len(message.get("body", b""))
            if self._received_bytes > self._limit_bytes:
                raise BodyTooLarge(self._limit_bytes)
        return message


def _headers(message: Message) -> MutableMapping[str, Any]:
    message.setdefault("headers", [])
    return message


def _declared_bytes(scope: Scope) -> int:
    """Return the Content-Length, or 0 where the body says for itself."""
    for name, value in scope["headers"]:
        if name == b"content-length":
            return int(value) if value.isdigit() and len(value) < len(str(1 << 62)) else 1 << 62
    return 0
