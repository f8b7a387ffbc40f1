"""Who calls the API in tests: signs each request by hand, so that every part can be made wrong."""

import itertools
from collections.abc import Mapping, Sequence
from typing import Any, Final

import httpx
import msgspec

from xinlian.client.wire import Problem
from xinlian.crypto.ed25519 import SigningKey
from xinlian.crypto.http_signature import (
    LIFETIME_SECONDS_MAX,
    SignatureParameters,
    SignedRequest,
    content_digest,
    sign_request,
)
from xinlian.ledger.countersignature import (
    Countersignature,
    countersigning_bytes,
    encode_countersignature,
)
from xinlian.ledger.header import header_hash
from xinlian.ledger.node import Node
from xinlian.modules.members.types import key_id_of
from xinlian.primitives import format_id

NOW_SECONDS: Final = 1_800_000_000
OCTETS: Final = {"Content-Type": "application/octet-stream"}
_nonces = itertools.count()


class Clock:
    """The server's clock, which tests move."""

    def __init__(self) -> None:
        self.seconds = NOW_SECONDS

    def __call__(self) -> float:
        return self.seconds


class Caller:
    """One key of one party."""

    def __init__(self, url: str, party: bytes, key: SigningKey, clock: Clock) -> None:
        self.url = url
        self.party = party
        self.key = key
        self.clock = clock

    def request(
        self,
        method: str,
        path: str,
        *,
        body: bytes = b"",
        headers: Mapping[str, str] | None = None,
        **changes: Any,
    ) -> httpx.Response:
        """Send a signed request; see ``signed_headers`` for what may be changed."""
        signed = self.signed_headers(method, path, body=body, **changes)
        return send(self.url, method, path, body=body, headers={**signed, **(headers or {})})

    def get(self, path: str, **more: Any) -> httpx.Response:
        return self.request("GET", path, **more)

    def items(self, path: str) -> list[dict[str, Any]]:
        """Return the items of a page that is answered."""
        response = self.get(path)
        assert response.status_code == 200, response.text
        items: list[dict[str, Any]] = response.json()["items"]
        return items

    def token(self) -> str:
        """Return a token got with a signature."""
        response = self.request("POST", "/v1/tokens")
        assert response.status_code == 200, response.text
        token: str = response.json()["token"]
        return token

    def signed_headers(
        self,
        method: str,
        path: str,
        *,
        body: bytes = b"",
        digest: str | None = None,
        created: int | None = None,
        lifetime: int = LIFETIME_SECONDS_MAX,
        nonce: str | None = None,
        key_id: str | None = None,
        authority: str | None = None,
    ) -> dict[str, str]:
        """Return the header fields of a signed request; any part may be given otherwise."""
        url = httpx.URL(self.url + path)
        path_only, _, query = url.raw_path.partition(b"?")
        if digest is None:
            digest = content_digest(body) if body else ""
        created = self.clock.seconds if created is None else created
        headers = sign_request(
            SignedRequest(
                method,
                authority or url.netloc.decode(),
                path_only.decode(),
                query.decode(),
                digest,
            ),
            self.key,
            SignatureParameters(
                created,
                created + lifetime,
                nonce or f"test-nonce-{next(_nonces):08}",
                key_id or format_id("key", key_id_of(self.key.suite, self.key.public_key)),
            ),
        )
        found = {"Signature-Input": headers.signature_input, "Signature": headers.signature}
        if digest:
            found["Content-Digest"] = digest
        if body:
            found.update(OCTETS)
        return found


def send(
    url: str,
    method: str,
    path: str,
    *,
    body: bytes = b"",
    headers: Mapping[str, str] | Sequence[tuple[str, str]] = (),
) -> httpx.Response:
    """Send a request as it is, as anybody could."""
    with httpx.Client(base_url=url, trust_env=False, timeout=30) as client:
        return client.request(method, path, content=body or None, headers=headers)


def problem_of(response: httpx.Response) -> Problem:
    """Return the problem details of a response that must be some."""
    assert response.headers["content-type"] == "application/problem+json"
    problem = msgspec.json.decode(response.content, type=Problem)
    assert problem.status == response.status_code
    assert problem.type == f"urn:xinlian:error:{problem.codespace}/{problem.name}"
    assert problem.title
    return problem


def refused(response: httpx.Response) -> str:
    """Return the stable name of a refusal."""
    problem = problem_of(response)
    return f"{problem.codespace}/{problem.name}"


def countersigned(node: Node, height: int, key: SigningKey) -> bytes:
    """Return the countersignature of a node's header as it is posted."""
    signed = node.header(height)
    assert signed is not None
    message = countersigning_bytes(header_hash(signed.header))
    entry = Countersignature(height, key.public_key, key.sign(message))
    return encode_countersignature(entry)
