"""The outermost layer: bodies are bounded whatever the headers claim."""

import asyncio
from typing import Any

import pytest

from xinlian.api.boundary import SECURITY_HEADERS, BodyTooLarge, Boundary

Messages = list[dict[str, Any]]


async def echo(scope: Any, receive: Any, send: Any) -> None:
    """Read the whole body, then answer with its size."""
    size, more = 0, True
    while more:
        message = await receive()
        size += len(message.get("body", b""))
        more = message.get("more_body", False)
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": str(size).encode()})


def too_large(limit_bytes: int) -> Any:
    async def answer(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 413, "headers": []})
        await send({"type": "http.response.body", "body": str(limit_bytes).encode()})

    return answer


def ask(chunks: list[bytes], declared: bytes | None, scheme: str = "http") -> Messages:
    """Return what is answered to a body in chunks at an address that takes ten bytes."""
    headers = [] if declared is None else [(b"content-length", declared)]
    scope = {"type": "http", "path": "/ten", "headers": headers, "scheme": scheme}
    waiting = [
        {"type": "http.request", "body": chunk, "more_body": number < len(chunks) - 1}
        for number, chunk in enumerate(chunks)
    ]
    sent: Messages = []

    async def receive() -> dict[str, Any]:
        return waiting.pop(0)

    async def send(message: Any) -> None:
        sent.append(message)

    asyncio.run(Boundary(echo, {"/ten": 10}, too_large)(scope, receive, send))
    return sent


@pytest.mark.parametrize("chunks", [[b""], [b"x" * 10], [b"x" * 5, b"x" * 5]])
def test_a_body_up_to_its_ceiling_passes(chunks):
    size = sum(map(len, chunks))
    for declared in (None, str(size).encode()):
        assert ask(chunks, declared)[1]["body"] == str(size).encode()


@pytest.mark.parametrize("declared", [b"11", b"9" * 40, b"-1", b"0x5", b"", b"1 1"])
def test_a_body_declared_too_large_or_absurdly_is_not_read(declared):
    sent = ask([b"x"], declared)
    assert (sent[0]["status"], sent[1]["body"]) == (413, b"10")


@pytest.mark.parametrize("chunks", [[b"x" * 11], [b"x" * 5, b"x" * 6], [b"x"] * 11])
def test_a_body_that_grows_beyond_what_it_declared_is_cut_off(chunks):
    for declared in (None, b"3"):
        with pytest.raises(BodyTooLarge):
            ask(chunks, declared)


def test_every_response_gets_the_headers_that_forbid():
    for scheme in ("http", "https"):
        headers = dict(ask([b""], None, scheme)[0]["headers"])
        for name, value in SECURITY_HEADERS.items():
            assert headers[name.lower().encode()] == value.encode()
        assert (b"strict-transport-security" in headers) == (scheme == "https")
