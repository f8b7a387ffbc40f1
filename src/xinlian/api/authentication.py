"""Who asks: the one place where a request is given a reader.

Rules this file keeps:
 1. Deny by default: an operation that is not in ``OPEN_OPERATIONS`` has a signed-in reader, or is
    not reached.
 2. A reader is the party of an active key of the state, looked up at every request: a revoked key
    ends its tokens too.
 3. A signature is for this node, of this minute, over the body too, and used once.
 4. A suspended party reads as before.
"""

import dataclasses
from collections.abc import Awaitable, Callable, Collection
from typing import Annotated, Final

from fastapi import Depends, Request
from starlette.concurrency import run_in_threadpool
from starlette.types import Scope

from xinlian.api import problems
from xinlian.api.problems import ApiProblem
from xinlian.api.replay import TOKEN_LIFE_SECONDS, NonceMemory, Session, TokenMemory
from xinlian.crypto.ed25519 import verify_signature
from xinlian.crypto.http_signature import (
    SignatureHeaders,
    SignatureRefused,
    SignedRequest,
    check_content_digest,
    check_time,
    parse_signature,
    signed_bytes,
)
from xinlian.ledger.node import Node
from xinlian.modules.members.types import KEYS, Key, KeyStatus
from xinlian.primitives import KeyId, MalformedId, PartyId, parse_id

OPEN_OPERATIONS: Final = frozenset(
    {
        ("GET", "/v1/openapi.json"),
        ("GET", "/v1/health/live"),
        ("GET", "/v1/health/ready"),
        ("GET", "/v1/genesis"),
        ("GET", "/v1/headers"),
        ("GET", "/v1/headers/{height}"),
        ("POST", "/v1/verify"),
        ("POST", "/v1/transactions"),
    },
)
"""What needs no sign-in: what everybody may know, and transactions, which are signed themselves."""

_BEARER: Final = "Bearer "
_DEFAULT_PORTS: Final = {"http": 80, "https": 443}
_LOOPBACK: Final = ("127.0.0.1", "::1", "localhost")


@dataclasses.dataclass(frozen=True, slots=True)
class Reader:
    """In whose name a request reads, and until when without signing in anew."""

    party: PartyId
    key_id: KeyId
    ends_at_seconds: int
    has_signed: bool
    """True when this very request is signed, False when it came with a token."""


class Authenticator:
    """Turns signatures and tokens into readers."""

    def __init__(
        self,
        node: Node,
        clock: Callable[[], float],
        public_authorities: Collection[str],
    ) -> None:
        self._node = node
        self._clock = clock
        self._public_authorities = frozenset(name.lower() for name in public_authorities)
        self._nonces = NonceMemory()
        self._tokens = TokenMemory()

    def now_seconds(self) -> int:
        """Return this machine's time."""
        return int(self._clock())

    def issue_token(self, reader: Reader) -> str:
        """Return a token of a reader that signed its request."""
        return self._tokens.issue(reader.party, reader.key_id, self.now_seconds())

    async def reader_of(self, request: Request) -> Reader:
        """Return who asks.

        Raises:
            ApiProblem: nobody that this node knows, with why.
        """
        authorization = request.headers.get("authorization")
        if authorization is not None:
            return await run_in_threadpool(self._reader_of_token, authorization)
        if "signature" not in request.headers:
            raise ApiProblem(
                problems.NOT_SIGNED_IN,
                "sign the request (RFC 9421), or bring a token of POST /v1/tokens",
            )
        body = await request.body()
        return await run_in_threadpool(self._reader_of_signature, request, body)

    def is_active(self, reader: Reader) -> bool:
        """Return whether a reader may still read: its time is not up, its key not revoked."""
        if self.now_seconds() >= reader.ends_at_seconds:
            return False
        return self._active_key(reader.key_id) is not None

    def _reader_of_token(self, authorization: str) -> Reader:
        session: Session | None = None
        if authorization.startswith(_BEARER):
            session = self._tokens.find(authorization[len(_BEARER) :], self.now_seconds())
        if session is None:
            raise ApiProblem(problems.TOKEN_INVALID, "get a new one: POST /v1/tokens")
        self._require_key(session.key_id)
        return Reader(
            PartyId(session.party), KeyId(session.key_id), session.ends_at_seconds, has_signed=False
        )

    def _reader_of_signature(self, request: Request, body: bytes) -> Reader:
        now_seconds = self.now_seconds()
        try:
            received = parse_signature(_signature_headers(request))
            signed = _signed_request(request, body)
            message = signed_bytes(received, signed)
            check_time(received.parameters, now_seconds)
            key_id = parse_id("key", received.parameters.key_id)
        except SignatureRefused as refused:
            raise ApiProblem(
                problems.SIGNATURE_REFUSED,
                str(refused),
                name=refused.refusal.value,
            ) from None
        except MalformedId:
            raise ApiProblem(problems.KEY_NOT_ACTIVE, "keyid is not the id of a key") from None
        self._require_authority(request.scope, signed.authority)
        key = self._require_key(key_id)
        if not verify_signature(key.suite, key.public_key, message, received.blob):
            raise ApiProblem(problems.SIGNATURE_WRONG, "another key, or another request was signed")
        self._use_nonce(key_id, received.parameters.nonce, received.parameters.expires_seconds)
        ends_at_seconds = now_seconds + TOKEN_LIFE_SECONDS
        return Reader(PartyId(key.party), KeyId(key_id), ends_at_seconds, has_signed=True)

    def _use_nonce(self, key_id: bytes, nonce: str, expires_seconds: int) -> None:
        try:
            is_new = self._nonces.use(key_id, nonce, expires_seconds, self.now_seconds())
        except OverflowError:
            raise ApiProblem(problems.TOO_MANY, "use a token instead of signing each") from None
        if not is_new:
            raise ApiProblem(problems.REPLAYED, "sign again, with a nonce of its own")

    def _require_authority(self, scope: Scope, authority: str) -> None:
        """Refuse a signature that was made for another node and passed on to this one."""
        if authority in self._public_authorities or authority in _own_authorities(scope):
            return
        raise ApiProblem(problems.AUTHORITY_WRONG, "sign for the address that you ask")

    def _require_key(self, key_id: bytes) -> Key:
        key = self._active_key(key_id)
        if key is None:
            raise ApiProblem(problems.KEY_NOT_ACTIVE, "use an active key of your organisation")
        return key

    def _active_key(self, key_id: bytes) -> Key | None:
        with self._node.store.snapshot() as snapshot:
            key = KEYS.get(snapshot, key_id)
        return key if key is not None and key.status == KeyStatus.ACTIVE else None


def require_reader(authenticator: Authenticator) -> Callable[[Request], Awaitable[None]]:
    """Return the dependency of the whole application that signs requests in."""

    async def sign_in(request: Request) -> None:
        route = request.scope["route"]
        if (request.method, route.path) not in OPEN_OPERATIONS:
            request.state.reader = await authenticator.reader_of(request)

    return sign_in


async def _current_reader(request: Request) -> Reader:
    """Return who asks; there is nobody on an open operation, which is then our own bug."""
    reader: Reader = request.state.reader
    return reader


CurrentReader = Annotated[Reader, Depends(_current_reader)]
"""The argument of a route that reads in somebody's name."""


def _signature_headers(request: Request) -> SignatureHeaders:
    """Return the two header fields; a field that comes twice is no single signature."""
    inputs = request.headers.getlist("signature-input")
    signatures = request.headers.getlist("signature")
    return SignatureHeaders(", ".join(inputs), ", ".join(signatures))


def _signed_request(request: Request, body: bytes) -> SignedRequest:
    digest = request.headers.get("content-digest", "")
    if body or digest:
        check_content_digest(digest, body)
    return SignedRequest(
        method=request.method,
        authority=request.headers.get("host", "").lower(),
        path=request.scope["raw_path"].decode("latin-1"),
        query=request.scope["query_string"].decode("latin-1"),
        content_digest=digest,
    )


def _own_authorities(scope: Scope) -> frozenset[str]:
    """Return the names of the socket that the request came in by."""
    server = scope.get("server")
    if server is None:
        return frozenset()
    host, port = server
    hosts = _LOOPBACK if host in _LOOPBACK else (host,)
    suffix = "" if port in (None, _DEFAULT_PORTS.get(scope["scheme"])) else f":{port}"
    return frozenset(f"{f'[{name}]' if ':' in name else name}{suffix}" for name in hosts)
