"""One connection to one node: signs or carries a token, bounds and decodes what comes back.

Rules this file keeps:
 1. A token is got with a signature and renewed before it ends; a node that gives none gets a
    signature on every request.
 2. Answers are bounded in size, redirects are not followed, the environment's proxies not used.
 3. Reads follow one's own writes: they name the height of the last outcome that was seen.
 4. What cannot be read as an answer counts as no answer.
"""

import dataclasses
import secrets
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final, NamedTuple, TypeVar
from urllib.parse import urlsplit

import httpx
import msgspec

from xinlian.client.errors import ApiError, NodeUnreachable
from xinlian.client.wire import (
    MIN_HEIGHT_HEADER,
    LedgerEvent,
    OutcomeAnswer,
    Problem,
    TokenAnswer,
)
from xinlian.crypto.ed25519 import SigningKey
from xinlian.crypto.http_signature import (
    LIFETIME_SECONDS_MAX,
    SignatureParameters,
    SignedRequest,
    content_digest,
    sign_request,
)
from xinlian.modules.members.types import key_id_of
from xinlian.primitives import format_id

ANSWER_BYTES_MAX: Final = 16 << 20
WAIT_SECONDS_MAX: Final = 30
CONNECT_TIMEOUT_SECONDS: Final = 5.0
READ_TIMEOUT_SECONDS: Final = 30.0
SILENCE_SECONDS_MAX: Final = 60.0
"""An event stream that says nothing for this long, not even a comment, is taken for dead."""
TOKEN_RENEWAL_SECONDS: Final = 60
"""A token is renewed this long before it ends."""

_OPEN_PATHS: Final = ("/v1/health/", "/v1/genesis", "/v1/headers", "/v1/verify")
_AUTHORISING_FIELDS: Final = ("Authorization", "Signature", "Signature-Input", "Content-Digest")
_SIGN_WITHOUT_TOKEN: Final = frozenset({404, 405, 501})

AnswerT = TypeVar("AnswerT")
Parameters = Mapping[str, str | int | Sequence[str]]


class Answer(NamedTuple):
    """What a node answered."""

    status: int
    content: bytes


@dataclasses.dataclass(slots=True)
class Seen:
    """The highest height at which an outcome was seen: later reads are not from before it."""

    height: int = 0


class Connection:
    """One node, as one key sees it; thread-safe."""

    def __init__(
        self,
        base_url: str,
        key: SigningKey,
        transport: httpx.BaseTransport | None,
        clock: Callable[[], float],
        seen: Seen,
    ) -> None:
        parts = urlsplit(base_url)
        if parts.scheme not in ("http", "https") or not parts.hostname or "@" in parts.netloc:
            raise ValueError("a node's address is http(s)://host:port, without a user or password")
        self.base_url = base_url
        self._key = key
        self._key_id = format_id("key", key_id_of(key.suite, key.public_key))
        self._clock = clock
        self._seen = seen
        self._http = httpx.Client(
            base_url=base_url,
            transport=transport,
            follow_redirects=False,
            trust_env=False,
            timeout=_timeout(READ_TIMEOUT_SECONDS),
        )
        self._token = ""
        self._token_ends_at = 0.0
        self._has_tokens = True
        self._lock = threading.Lock()

    def close(self) -> None:
        """Close the connection."""
        self._http.close()

    def submit(self, raw: bytes, wait_seconds: float) -> OutcomeAnswer:
        """Submit signed bytes; needs no sign-in."""
        parameters = {"wait_seconds": f"{wait_seconds:.3f}"} if wait_seconds else {}
        path = "/v1/transactions"
        outcome = self.post_as(OutcomeAnswer, path, raw, parameters, is_open=True)
        if outcome.committed is not None:
            self._seen.height = max(self._seen.height, outcome.committed.height)
        return outcome

    def post_as(
        self,
        answer_type: type[AnswerT],
        path: str,
        body: bytes,
        parameters: Parameters | None = None,
        *,
        is_open: bool = False,
    ) -> AnswerT:
        """Post bytes and return the JSON answer."""
        request = self._post(path, body, parameters)
        return _decoded(answer_type, self._checked(self._ask(request, is_open=is_open)))

    def post_bytes(self, path: str, body: bytes) -> bytes:
        """Post bytes and return the binary answer."""
        return self._checked(self._ask(self._post(path, body, None))).content

    def _post(self, path: str, body: bytes, parameters: Parameters | None) -> httpx.Request:
        return self._http.build_request(
            "POST",
            path,
            params=_query(parameters),
            content=body,
            headers={"Content-Type": "application/octet-stream"},
            timeout=_timeout(READ_TIMEOUT_SECONDS + WAIT_SECONDS_MAX),
        )

    def get_as(
        self,
        answer_type: type[AnswerT],
        path: str,
        parameters: Parameters,
        *,
        also: int = 200,
    ) -> AnswerT:
        """Return the JSON answer of a path; ``also`` is a status that is an answer too."""
        answer = self._ask(self._get(path, parameters))
        return _decoded(answer_type, answer if answer.status == also else self._checked(answer))

    def get_bytes(self, path: str, parameters: Parameters) -> bytes:
        """Return the binary answer of a path."""
        return self._checked(self._ask(self._get(path, parameters))).content

    def stream(self, after: str | None) -> Iterator[LedgerEvent]:
        """Yield events until the stream ends; raises NodeUnreachable or ApiError."""
        request = self._get("/v1/events", {})
        request.headers["Accept"] = "text/event-stream"
        request.extensions["timeout"] = _timeout(SILENCE_SECONDS_MAX).as_dict()
        if after is not None:
            request.headers["Last-Event-ID"] = after
        response = self._send_signed_in(request)
        try:
            if not response.is_success:
                self._checked(_read(response))
            yield from parse_events(response.iter_lines())
        except (httpx.HTTPError, httpx.StreamError) as error:
            raise NodeUnreachable(f"{self.base_url}: {type(error).__name__}") from None
        finally:
            response.close()

    def _get(self, path: str, parameters: Parameters) -> httpx.Request:
        return self._http.build_request("GET", path, params=_query(parameters))

    def _ask(self, request: httpx.Request, *, is_open: bool = False) -> Answer:
        try:
            if is_open or request.url.path.startswith(_OPEN_PATHS):
                return _read(self._send(request))
            return _read(self._send_signed_in(request))
        except httpx.HTTPError as error:
            raise NodeUnreachable(f"{self.base_url}: {type(error).__name__}") from None

    def _send_signed_in(self, request: httpx.Request) -> httpx.Response:
        """Send a request signed in; once more where the token was not good any more."""
        if self._seen.height:
            request.headers[MIN_HEIGHT_HEADER] = str(self._seen.height)
        token = self._authorise(request)
        response = self._send(request)
        if not token or response.status_code != httpx.codes.UNAUTHORIZED:
            return response
        response.close()
        self._forget(token)
        self._authorise(request)
        return self._send(request)

    def _send(self, request: httpx.Request) -> httpx.Response:
        try:
            return self._http.send(request, stream=True)
        except (httpx.HTTPError, RuntimeError) as error:  # RuntimeError: the client is closed
            raise NodeUnreachable(f"{self.base_url}: {type(error).__name__}") from None

    def _authorise(self, request: httpx.Request) -> str:
        """Put a token or a signature on a request; return the token, empty where signed."""
        for field in _AUTHORISING_FIELDS:
            request.headers.pop(field, None)
        token = self._current_token()
        if token:
            request.headers["Authorization"] = f"Bearer {token}"
        else:
            self._sign(request)
        return token

    def _sign(self, request: httpx.Request) -> None:
        created_seconds = int(self._clock())
        path, _, query = request.url.raw_path.partition(b"?")
        digest = content_digest(request.content) if request.content else ""
        headers = sign_request(
            SignedRequest(
                request.method,
                request.headers["Host"].lower(),
                path.decode("ascii"),
                query.decode("ascii"),
                digest,
            ),
            self._key,
            SignatureParameters(
                created_seconds,
                created_seconds + LIFETIME_SECONDS_MAX,
                secrets.token_urlsafe(16),
                self._key_id,
            ),
        )
        if digest:
            request.headers["Content-Digest"] = digest
        request.headers["Signature-Input"] = headers.signature_input
        request.headers["Signature"] = headers.signature

    def _current_token(self) -> str:
        """Return a token that is good for a while, or nothing where the node gives none."""
        with self._lock:
            if not self._has_tokens or time.monotonic() < self._token_ends_at:
                return self._token
            request = self._http.build_request("POST", "/v1/tokens")
            self._sign(request)
            answer = _read(self._send(request))
            if answer.status in _SIGN_WITHOUT_TOKEN:
                self._has_tokens = False
                return ""
            token = _decoded(TokenAnswer, self._checked(answer))
            seconds = max(token.expires_in_seconds - TOKEN_RENEWAL_SECONDS, 1)
            self._token, self._token_ends_at = token.token, time.monotonic() + seconds
            return self._token

    def _forget(self, token: str) -> None:
        with self._lock:
            if self._token == token:
                self._token, self._token_ends_at = "", 0.0

    def _checked(self, answer: Answer) -> Answer:
        """Return a successful answer; raises ApiError."""
        if httpx.codes.is_success(answer.status):
            return answer
        try:
            problem = msgspec.json.decode(answer.content, type=Problem)
        except msgspec.DecodeError:
            problem = Problem(
                type="about:blank",
                title="the node answered without problem details / 节点未给出错误说明",
                status=answer.status,
                detail=f"HTTP {answer.status} from {self.base_url}",
                codespace="http",
                name=f"status_{answer.status}",
                code=answer.status,
                transient=httpx.codes.is_server_error(answer.status),
            )
        raise ApiError(problem)


def parse_events(lines: Iterator[str]) -> Iterator[LedgerEvent]:
    """Yield the events of a server-sent stream; comments and what has no id are skipped.

    Source: HTML Living Standard, section 9.2.
    """
    fields: dict[str, list[str]] = {}
    for line in lines:
        if line:
            name, _, value = line.partition(":")
            fields.setdefault(name, []).append(value.removeprefix(" "))
            continue
        if "data" in fields and "id" in fields:
            yield LedgerEvent(
                fields["id"][-1],
                fields.get("event", ["message"])[-1],
                msgspec.Raw("\n".join(fields["data"]).encode()),
            )
        fields = {}


def _timeout(read_seconds: float) -> httpx.Timeout:
    return httpx.Timeout(read_seconds, connect=CONNECT_TIMEOUT_SECONDS)


def _query(parameters: Parameters | None) -> httpx.QueryParams | None:
    if not parameters:
        return None
    values = {
        name: value if isinstance(value, str | int) else list(value)
        for name, value in parameters.items()
    }
    return httpx.QueryParams(values)


def _read(response: httpx.Response) -> Answer:
    """Read an answer into memory up to the ceiling; a larger one counts as none."""
    chunks: list[bytes] = []
    size_bytes = 0
    try:
        for chunk in response.iter_bytes():
            size_bytes += len(chunk)
            if size_bytes > ANSWER_BYTES_MAX:
                raise NodeUnreachable(f"an answer above {ANSWER_BYTES_MAX} bytes")
            chunks.append(chunk)
    finally:
        response.close()
    return Answer(response.status_code, b"".join(chunks))


def _decoded(answer_type: type[AnswerT], answer: Answer) -> AnswerT:
    try:
        return msgspec.json.decode(answer.content, type=answer_type)
    except msgspec.DecodeError as error:
        raise NodeUnreachable(f"not an answer of a node: {error}") from None
