"""Time stamps of heads by an authority (RFC 3161): asked for, and judged without a network.

What is stamped is the header's hash: it is the SHA-256 of a documented string of bytes, so any tool
that knows RFC 3161 checks a token against it.

Rules this file keeps:
 1. An authority is asked once: no redirect, no proxy of the environment, a bounded answer and wait;
    its answer counts only for the nonce and the hash that were sent.
 2. A token is judged as of its own time, against certificates that the user gives, and no others.
 3. The library that reads tokens is optional; where it is missing, the error says what to install.
"""

import importlib
from types import ModuleType
from typing import Any, Final, Protocol
from urllib.parse import urlsplit

import httpx
from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID

from xinlian.crypto.hashing import Domain, tagged_hash
from xinlian.crypto.receipt_format import TIME_STAMP_BYTES_MAX
from xinlian.verifier import CheckTimeStamp, VerificationFailed

EXTRA: Final = "xinlian[timestamps]"
CERTIFICATES_BYTES_MAX: Final = 1 << 20
_TIMEOUT_SECONDS: Final = 30.0
_QUERY_TYPE: Final = "application/timestamp-query"
_REPLY_TYPE: Final = "application/timestamp-reply"
_SHA256: Final = "2.16.840.1.101.3.4.2.1"
_LENGTH_BYTES: Final = 4
_STEP: Final = "time stamp"


class TimeStampRefused(Exception):  # noqa: N818 - names what happened to the token
    """No time stamp was got, or it is not of what was asked; ``reference`` is stable."""

    def __init__(self, reference: str, text: str) -> None:
        super().__init__(text)
        self.reference = reference


class _Request(Protocol):
    """A request of the library."""

    @property
    def nonce(self) -> int | None:
        """What the answer must repeat."""

    def as_bytes(self) -> bytes:
        """Return its DER encoding."""


def build_request(encoded_header: bytes) -> tuple[bytes, int]:
    """Return a request for a header, and its nonce; raises TimeStampRefused."""
    size = len(encoded_header).to_bytes(_LENGTH_BYTES, "big")
    stamped = bytes((Domain.HEADER,)) + size + encoded_header
    builder = _library().TimestampRequestBuilder().data(stamped)
    request: _Request = builder.hash_algorithm(_library().HashAlgorithm.SHA256).build()
    return request.as_bytes(), request.nonce or 0


def ask_authority(
    url: str,
    encoded_header: bytes,
    transport: httpx.BaseTransport | None = None,
) -> bytes:
    """Return an authority's token of a header, of the nonce and hash that were sent.

    Args:
        url: of the authority, http or https; what it signs is checked against its certificate,
            not against the connection.
        encoded_header: the header.
        transport: how it is reached, for tests.

    Raises:
        TimeStampRefused: no answer, another answer, or no token in it.
    """
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname or "@" in parts.netloc:
        raise TimeStampRefused("client/not_an_address", "an authority is http(s)://host[:port]/…")
    request, nonce = build_request(encoded_header)
    token = _post(url, request, transport)
    check_token(token, tagged_hash(Domain.HEADER, encoded_header), nonce)
    return token


def check_token(token: bytes, hashed_header: bytes, nonce: int | None = None) -> None:
    """Refuse a token that is of another hash or nonce; its signature is not judged here.

    Raises:
        TimeStampRefused: with what is wrong.
    """
    library = _library()
    if len(token) > TIME_STAMP_BYTES_MAX:
        raise TimeStampRefused("client/not_a_time_stamp", "a token above 64 KiB")
    try:
        response = library.decode_timestamp_response(token)
        if response.status != library.PKIStatus.GRANTED:
            raise TimeStampRefused("client/time_stamp_not_granted", "the authority gave no token")
        info = response.tst_info
        imprint = info.message_imprint
    except ValueError as error:
        raise TimeStampRefused("client/not_a_time_stamp", str(error)[:200]) from None
    is_sha256 = imprint.hash_algorithm.dotted_string == _SHA256
    if not is_sha256 or imprint.message != hashed_header:
        raise TimeStampRefused("client/time_stamp_of_another", "the token is of another hash")
    if nonce is not None and info.nonce != nonce:
        raise TimeStampRefused("client/time_stamp_of_another", "the token is of another request")


def judge(certificates: bytes) -> CheckTimeStamp:
    """Return what judges tokens against certificates.

    Args:
        certificates: PEM: the root of the authority's chain, and whatever of the chain the tokens
            do not carry, the authority's own certificate among it.

    Raises:
        TimeStampRefused: they are no certificates, or the library is missing.
    """
    library = _library()
    if len(certificates) > CERTIFICATES_BYTES_MAX:
        raise TimeStampRefused("client/not_certificates", "more than 1 MiB of certificates")
    try:
        given = x509.load_pem_x509_certificates(certificates)
    except ValueError as error:
        raise TimeStampRefused("client/not_certificates", str(error)[:200]) from None
    own = [certificate for certificate in given if _stamps(certificate)]

    def check(token: bytes, hashed_header: bytes) -> tuple[int, str]:
        try:
            check_token(token, hashed_header)
            response = library.decode_timestamp_response(token)
            verifier = library.VerifierBuilder(
                tsa_certificate=own[0] if len(own) == 1 else None,
                roots=given,
            ).build()
            verifier.verify(response, hashed_header)
        except (TimeStampRefused, library.VerificationError, ValueError) as error:
            raise VerificationFailed(_STEP, str(error)[:200]) from None
        return round(response.tst_info.gen_time.timestamp() * 1_000), _authority(response, own)

    return check


def _post(url: str, request: bytes, transport: httpx.BaseTransport | None) -> bytes:
    client = httpx.Client(
        transport=transport,
        follow_redirects=False,
        trust_env=False,
        timeout=_TIMEOUT_SECONDS,
    )
    headers = {"Content-Type": _QUERY_TYPE, "Accept": _REPLY_TYPE}
    try:
        with client, client.stream("POST", url, content=request, headers=headers) as response:
            kind = response.headers.get("Content-Type", "").partition(";")[0].strip().lower()
            if response.status_code != httpx.codes.OK or kind != _REPLY_TYPE:
                raise TimeStampRefused(
                    "client/authority_refused",
                    f"the authority answered {response.status_code} {kind}"[:200],
                )
            token = b""
            for chunk in response.iter_bytes():
                token += chunk
                if len(token) > TIME_STAMP_BYTES_MAX:
                    raise TimeStampRefused("client/not_a_time_stamp", "an answer above 64 KiB")
            return token
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise TimeStampRefused("client/authority_unreachable", type(error).__name__) from None


def _stamps(certificate: x509.Certificate) -> bool:
    """Return whether a certificate is a time-stamp authority's own."""
    try:
        use = certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage)
    except (x509.ExtensionNotFound, ValueError):
        return False
    return ExtendedKeyUsageOID.TIME_STAMPING in use.value


def _authority(response: Any, own: list[x509.Certificate]) -> str:  # noqa: ANN401 - untyped library
    """Return who signed a token that was judged good: the subject of its certificate."""
    signed_data = response.signed_data
    signer = next(iter(signed_data.signer_infos))
    carried = [x509.load_der_x509_certificate(der) for der in signed_data.certificates]
    for certificate in (*carried, *own):
        named = (certificate.issuer, certificate.serial_number)
        if named == (signer.issuer, signer.serial_number):
            return certificate.subject.rfc4514_string()
    return "?"


def _library() -> ModuleType:
    try:
        return importlib.import_module("rfc3161_client")
    except ModuleNotFoundError:
        raise TimeStampRefused(
            "client/library_missing",
            f"time stamps need an optional library: pip install '{EXTRA}'",
        ) from None
