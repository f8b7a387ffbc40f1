"""HTTP message signatures of requests: what is covered, how it is written, read and checked.

One profile of RFC 9421: one signature a request, Ed25519, over the method, the authority, the
path, the query and, where there is a body, its digest (RFC 9530, SHA-256).

Rules this file keeps:
 1. Exactly the components of the profile are covered: nothing of a request that decides what is
    answered can be changed under a signature.
 2. Only the one canonical spelling of the two header fields is read, so the text that was received
    is the text that was signed; sizes are bounded before anything is parsed.
 3. A signature says when it was made and when it ends; it lives a minute and has a nonce, which
    the server remembers for that long.
 4. Nothing here reads a clock or draws a nonce: both come from the caller.

Source: RFC 9421 sections 2.2, 2.3, 2.5, 3.3.6; RFC 9530 section 2; RFC 8941 section 3.
"""

import base64
import binascii
import dataclasses
import enum
import hashlib
import hmac
import re
from collections.abc import Sequence
from typing import Final

from xinlian.crypto.ed25519 import SIGNATURE_BYTES, SigningKey

ALGORITHM: Final = "ed25519"
TAG: Final = "xinlian"
LABEL: Final = "xinlian"
LIFETIME_SECONDS_MAX: Final = 60
"""How long a signature is good for, and how far the two clocks may be apart."""
HEADER_CHARS_MAX: Final = 1_024
NONCE_CHARS_MIN: Final = 16
NONCE_CHARS_MAX: Final = 64

_COVERED: Final = ("@method", "@authority", "@path", "@query")
_DIGEST: Final = "content-digest"
_STRING: Final = r'"[\x20-\x21\x23-\x5b\x5d-\x7e]*"'
_INPUT: Final = re.compile(
    rf"(?P<label>[a-z][a-z0-9_-]{{0,31}})="
    rf"(?P<parameters>\((?P<components>{_STRING}(?: {_STRING})*)\)"
    rf"(?P<pairs>(?:;[a-z]+=(?:[0-9]{{1,15}}|{_STRING}))*))",
)
_PAIR: Final = re.compile(rf";([a-z]+)=([0-9]{{1,15}}|{_STRING})")
_SIGNATURE: Final = re.compile(r"(?P<label>[a-z][a-z0-9_-]{0,31})=:(?P<blob>[A-Za-z0-9+/]+={0,2}):")
_INTEGER_PARAMETERS: Final = frozenset({"created", "expires"})
_TEXT_PARAMETERS: Final = frozenset({"nonce", "keyid", "tag", "alg"})
_OPTIONAL_PARAMETERS: Final = frozenset({"alg"})


class Refusal(enum.StrEnum):
    """Why a signature is not accepted; a stable name each."""

    MALFORMED = "signature_malformed"
    COMPONENTS = "signature_components"
    PARAMETERS = "signature_parameters"
    TOO_OLD = "signature_expired"
    TOO_EARLY = "signature_from_the_future"
    DIGEST = "content_digest_wrong"


class SignatureRefused(ValueError):  # noqa: N818 - names what happened
    """A signature is malformed, covers too little or is not of this moment."""

    def __init__(self, refusal: Refusal, detail: str) -> None:
        super().__init__(detail)
        self.refusal = refusal


@dataclasses.dataclass(frozen=True, slots=True)
class SignedRequest:
    """What of a request is signed."""

    method: str
    authority: str
    """Host and, unless it is the scheme's default, port, in lower case."""
    path: str
    """As sent: percent-encoded, without the query."""
    query: str
    """As sent, without the question mark."""
    content_digest: str = ""
    """The header field, empty for a request without a body."""


@dataclasses.dataclass(frozen=True, slots=True)
class SignatureParameters:
    """What a signature says about itself; times in seconds since the Unix epoch."""

    created_seconds: int
    expires_seconds: int
    nonce: str
    key_id: str


@dataclasses.dataclass(frozen=True, slots=True)
class ReceivedSignature:
    """A well-formed signature of this profile, not yet checked against a request."""

    parameters: SignatureParameters
    components: tuple[str, ...]
    parameters_text: str
    blob: bytes


@dataclasses.dataclass(frozen=True, slots=True)
class SignatureHeaders:
    """The two header fields of a signed request."""

    signature_input: str
    signature: str


def content_digest(body: bytes) -> str:
    """Return the Content-Digest field of a body.

    >>> content_digest(b'{"hello": "world"}')
    'sha-256=:X48E9qOokqqrvdts8nOJRJN3OWDUoyWxBf7kbu9DBPE=:'
    """
    return f"sha-256=:{base64.b64encode(hashlib.sha256(body).digest()).decode('ascii')}:"


def check_content_digest(field: str, body: bytes) -> None:
    """Refuse a body that is not the one whose digest was signed; raises SignatureRefused."""
    if not hmac.compare_digest(field.encode("utf-8"), content_digest(body).encode("ascii")):
        raise SignatureRefused(Refusal.DIGEST, "Content-Digest is not that of the body")


def signature_base(components: Sequence[tuple[str, str]], parameters_text: str) -> bytes:
    """Return the bytes that are signed, from component names with values (RFC 9421, 2.5)."""
    lines = [f'"{name}": {value}' for name, value in components]
    return "\n".join([*lines, f'"@signature-params": {parameters_text}']).encode("ascii")


def sign_request(
    request: SignedRequest,
    key: SigningKey,
    parameters: SignatureParameters,
) -> SignatureHeaders:
    """Return the header fields that sign a request."""
    components = _components_of(request)
    names = " ".join(f'"{name}"' for name in components)
    text = (
        f"({names});created={parameters.created_seconds};expires={parameters.expires_seconds}"
        f';nonce="{parameters.nonce}";keyid="{parameters.key_id}";alg="{ALGORITHM}";tag="{TAG}"'
    )
    blob = key.sign(_base_of(request, components, text))
    encoded = base64.b64encode(blob).decode("ascii")
    return SignatureHeaders(f"{LABEL}={text}", f"{LABEL}=:{encoded}:")


def parse_signature(headers: SignatureHeaders) -> ReceivedSignature:
    """Return the signature of a request's header fields.

    Raises:
        SignatureRefused: too long, not canonical, unknown components or parameters.
    """
    if max(len(headers.signature_input), len(headers.signature)) > HEADER_CHARS_MAX:
        raise SignatureRefused(Refusal.MALFORMED, f"longer than {HEADER_CHARS_MAX} characters")
    given = _INPUT.fullmatch(headers.signature_input)
    signature = _SIGNATURE.fullmatch(headers.signature)
    if given is None or signature is None or given["label"] != signature["label"]:
        raise SignatureRefused(
            Refusal.MALFORMED,
            "expected exactly one signature, canonically written, in both header fields",
        )
    return ReceivedSignature(
        parameters=_parameters(given["pairs"]),
        components=tuple(given["components"][1:-1].split('" "')),
        parameters_text=given["parameters"],
        blob=_blob(signature["blob"]),
    )


def signed_bytes(received: ReceivedSignature, request: SignedRequest) -> bytes:
    """Return what the signature must verify over.

    Raises:
        SignatureRefused: it does not cover exactly what this profile asks for.
    """
    expected = _components_of(request)
    if len(received.components) != len(expected) or set(received.components) != set(expected):
        names = " ".join(expected)
        raise SignatureRefused(Refusal.COMPONENTS, f"exactly these are to be covered: {names}")
    return _base_of(request, received.components, received.parameters_text)


def check_time(parameters: SignatureParameters, now_seconds: int) -> None:
    """Refuse a signature that is not of this minute.

    Raises:
        SignatureRefused: it ended, is older than a minute, or its clock is a minute ahead.
    """
    created, expires = parameters.created_seconds, parameters.expires_seconds
    if not created < expires <= created + LIFETIME_SECONDS_MAX:
        raise SignatureRefused(
            Refusal.PARAMETERS,
            f"expires must lie within {LIFETIME_SECONDS_MAX} s after created",
        )
    if created > now_seconds + LIFETIME_SECONDS_MAX:
        raise SignatureRefused(Refusal.TOO_EARLY, "created is ahead of this node's clock")
    if now_seconds > expires:
        raise SignatureRefused(Refusal.TOO_OLD, "the signature has ended; sign again")


def _components_of(request: SignedRequest) -> tuple[str, ...]:
    return (*_COVERED, _DIGEST) if request.content_digest else _COVERED


def _base_of(request: SignedRequest, names: Sequence[str], parameters_text: str) -> bytes:
    values = {
        "@method": request.method,
        "@authority": request.authority,
        "@path": request.path or "/",
        "@query": f"?{request.query}",
        _DIGEST: request.content_digest,
    }
    try:
        return signature_base([(name, values[name]) for name in names], parameters_text)
    except UnicodeEncodeError:
        raise SignatureRefused(Refusal.MALFORMED, "a covered component is not ASCII") from None


def _parameters(pairs: str) -> SignatureParameters:
    found: dict[str, str] = {}
    for name, value in _PAIR.findall(pairs):
        is_text = value.startswith('"')
        known = _TEXT_PARAMETERS if is_text else _INTEGER_PARAMETERS
        if name not in known or name in found:
            raise SignatureRefused(Refusal.PARAMETERS, f"{name} is unknown, twice or mistyped")
        found[name] = value[1:-1] if is_text else value
    required = (_TEXT_PARAMETERS | _INTEGER_PARAMETERS) - _OPTIONAL_PARAMETERS
    missing = sorted(required - set(found))
    if missing:
        raise SignatureRefused(Refusal.PARAMETERS, f"missing: {', '.join(missing)}")
    if found["tag"] != TAG or found.get("alg", ALGORITHM) != ALGORITHM:
        raise SignatureRefused(Refusal.PARAMETERS, f'expected tag="{TAG}" and alg="{ALGORITHM}"')
    if not NONCE_CHARS_MIN <= len(found["nonce"]) <= NONCE_CHARS_MAX:
        raise SignatureRefused(
            Refusal.PARAMETERS,
            f"a nonce has {NONCE_CHARS_MIN} to {NONCE_CHARS_MAX} characters",
        )
    return SignatureParameters(
        created_seconds=int(found["created"]),
        expires_seconds=int(found["expires"]),
        nonce=found["nonce"],
        key_id=found["keyid"],
    )


def _blob(text: str) -> bytes:
    try:
        blob = base64.b64decode(text, validate=True)
    except binascii.Error:
        blob = b""
    if len(blob) != SIGNATURE_BYTES or base64.b64encode(blob).decode("ascii") != text:
        raise SignatureRefused(Refusal.MALFORMED, f"not {SIGNATURE_BYTES} bytes in base64")
    return blob
