"""HTTP message signatures: the vector of RFC 9421, the digest of RFC 9530, and what is refused."""

import base64
import contextlib
import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xinlian.crypto.ed25519 import SigningKey, verify
from xinlian.crypto.http_signature import (
    HEADER_CHARS_MAX,
    Refusal,
    SignatureHeaders,
    SignatureParameters,
    SignatureRefused,
    SignedRequest,
    check_content_digest,
    check_time,
    content_digest,
    parse_signature,
    sign_request,
    signature_base,
    signed_bytes,
)

# RFC 9421, appendix B.1.4 (test-key-ed25519) and B.2.6.
RFC_PRIVATE_DER = "MC4CAQAwBQYDK2VwBCIEIJ+DYvh6SEqVTm50DFtMDoQikTmiCqirVv9mWG9qfSnF"
RFC_PUBLIC_DER = "MCowBQYDK2VwAyEAJrQLj5P/89iXES9+vFgrIy29clF9CC/oPPsw3c5D0bs="
RFC_PARAMETERS = (
    '("date" "@method" "@path" "@authority" "content-type" "content-length")'
    ';created=1618884473;keyid="test-key-ed25519"'
)
RFC_COMPONENTS = [
    ("date", "Tue, 20 Apr 2021 02:07:55 GMT"),
    ("@method", "POST"),
    ("@path", "/foo"),
    ("@authority", "example.com"),
    ("content-type", "application/json"),
    ("content-length", "18"),
]
RFC_SIGNATURE = (
    "wqcAqbmYJ2ji2glfAMaRy4gruYYnx2nEFN2HN6jrnDnQCK1u02Gb04v9EDgwUPiu4A0w6vuQv5lIp5WPpBKRCw=="
)

KEY = SigningKey(bytes(range(32)))
PARAMETERS = SignatureParameters(1_700_000_000, 1_700_000_060, "nonce-of-sixteen", "key_abc")
REQUEST = SignedRequest("GET", "node.example:8080", "/v1/leaves", "limit=5&life=active")
WITH_BODY = dataclasses.replace(REQUEST, method="POST", content_digest=content_digest(b"body"))


def refusal(headers: SignatureHeaders, request: SignedRequest = REQUEST) -> Refusal:
    """Return why a signature is refused."""
    with pytest.raises(SignatureRefused) as caught:
        signed_bytes(parse_signature(headers), request)
    return caught.value.refusal


def changed(old: str, new: str, headers: SignatureHeaders | None = None) -> SignatureHeaders:
    """Return header fields with a text of their parameters replaced."""
    given = headers or sign_request(REQUEST, KEY, PARAMETERS)
    assert old in given.signature_input
    return dataclasses.replace(given, signature_input=given.signature_input.replace(old, new))


def test_the_published_vector_of_rfc_9421_is_reproduced_and_verifies():
    key = SigningKey(base64.b64decode(RFC_PRIVATE_DER)[-32:])
    base = signature_base(RFC_COMPONENTS, RFC_PARAMETERS)
    assert key.public_key == base64.b64decode(RFC_PUBLIC_DER)[-32:]
    assert base64.b64encode(key.sign(base)).decode() == RFC_SIGNATURE
    assert verify(key.public_key, base, base64.b64decode(RFC_SIGNATURE))


def test_the_signature_base_is_spelt_as_in_rfc_9421():
    expected = (
        '"@method": GET\n"@authority": node.example:8080\n"@path": /v1/leaves\n'
        '"@query": ?limit=5&life=active\n"@signature-params": '
    )
    headers = sign_request(REQUEST, KEY, PARAMETERS)
    received = parse_signature(headers)
    base = signed_bytes(received, REQUEST)
    assert base.decode() == expected + headers.signature_input.removeprefix("xinlian=")


def test_an_empty_query_and_path_have_the_values_of_the_rfc():
    headers = sign_request(SignedRequest("GET", "a", "", ""), KEY, PARAMETERS)
    base = signed_bytes(parse_signature(headers), SignedRequest("GET", "a", "", ""))
    assert b'"@path": /\n"@query": ?\n' in base


def test_the_digest_is_that_of_rfc_9530():
    # RFC 9530, appendix B.1: the body {"hello": "world"} followed by a line feed.
    digest = "sha-256=:RK/0qy18MlBSVnWgjwz6lZEWjP/lF5HF9bvEF8FabDg=:"
    assert content_digest(b'{"hello": "world"}\n') == digest


@pytest.mark.parametrize("request_", [REQUEST, WITH_BODY], ids=["no body", "body"])
def test_what_was_signed_verifies_after_being_written_and_read(request_):
    received = parse_signature(sign_request(request_, KEY, PARAMETERS))
    assert received.parameters == PARAMETERS
    assert verify(KEY.public_key, signed_bytes(received, request_), received.blob)


@pytest.mark.parametrize(
    "other",
    [
        dataclasses.replace(WITH_BODY, method="GET"),
        dataclasses.replace(WITH_BODY, authority="other.example:8080"),
        dataclasses.replace(WITH_BODY, path="/v1/leave"),
        dataclasses.replace(WITH_BODY, query="limit=6&life=active"),
        dataclasses.replace(WITH_BODY, content_digest=content_digest(b"other")),
    ],
    ids=["method", "authority", "path", "query", "digest"],
)
def test_a_signature_does_not_verify_for_another_request(other):
    received = parse_signature(sign_request(WITH_BODY, KEY, PARAMETERS))
    assert not verify(KEY.public_key, signed_bytes(received, other), received.blob)


def test_a_signature_without_the_digest_does_not_cover_a_body():
    assert refusal(sign_request(REQUEST, KEY, PARAMETERS), WITH_BODY) == Refusal.COMPONENTS


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('"@query"', '"date"'),
        (' "@query"', ""),
        ('"@query"', '"@query" "@query"'),
        ('"@query"', '"@query" "content-digest"'),
    ],
    ids=["unknown", "missing", "twice", "digest without a body"],
)
def test_exactly_the_components_of_the_profile_are_accepted(old, new):
    assert refusal(changed(old, new)) == Refusal.COMPONENTS


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (";created=1700000000", ""),
        (";expires=1700000060", ""),
        (';nonce="nonce-of-sixteen"', ""),
        (';keyid="key_abc"', ""),
        (';tag="xinlian"', ""),
        ('tag="xinlian"', 'tag="other"'),
        ('alg="ed25519"', 'alg="rsa-pss-sha512"'),
        ('nonce="nonce-of-sixteen"', 'nonce="short"'),
        ('nonce="nonce-of-sixteen"', f'nonce="{"n" * 65}"'),
        (";created=1700000000", ";created=1700000000;created=1700000000"),
        ("created=1700000000", 'created="1700000000"'),
        (';alg="ed25519"', ";more=1"),
    ],
)
def test_parameters_are_complete_known_and_single(old, new):
    assert refusal(changed(old, new)) == Refusal.PARAMETERS


def test_the_algorithm_may_be_left_to_the_key():
    parse_signature(changed(';alg="ed25519"', ""))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("xinlian=(", "other=("),
        ("xinlian=(", "XINLIAN=("),
        (' "@query"', '  "@query"'),
        (";created=1700000000", "; created=1700000000"),
        (";created=1700000000", ";created=-1"),
        (";created=1700000000", ";created=1700000000.5"),
        (";created=1700000000", ";created=1" + "0" * 15),
        ('keyid="key_abc"', 'keyid="key\\"abc"'),
        ('keyid="key_abc"', 'keyid="钥匙"'),
        ('tag="xinlian"', 'tag="xinlian", second=("@method")'),
    ],
)
def test_another_spelling_is_refused(old, new):
    assert refusal(changed(old, new)) == Refusal.MALFORMED


@pytest.mark.parametrize(
    "signature",
    [
        "",
        "xinlian=::",
        "xinlian=:AAAA:",
        f"xinlian=:{base64.b64encode(bytes(65)).decode()}:",
        f"xinlian=:{base64.b64encode(bytes(64)).decode()[:-3]}B==:",
        f"xinlian=:{base64.b64encode(bytes(64)).decode()}:, b=:{RFC_SIGNATURE}:",
        f"xinlian=:{'A' * HEADER_CHARS_MAX}:",
    ],
    ids=["empty", "no bytes", "short", "long", "second spelling", "two", "oversized"],
)
def test_a_signature_is_sixty_four_bytes_in_their_one_spelling(signature):
    given = sign_request(REQUEST, KEY, PARAMETERS)
    assert refusal(dataclasses.replace(given, signature=signature)) == Refusal.MALFORMED


@pytest.mark.parametrize(
    ("now_seconds", "refused"),
    [
        (1_700_000_000, None),
        (1_700_000_060, None),
        (1_699_999_940, None),
        (1_700_000_061, Refusal.TOO_OLD),
        (1_699_999_939, Refusal.TOO_EARLY),
    ],
)
def test_a_signature_is_of_this_minute(now_seconds, refused):
    if refused is None:
        check_time(PARAMETERS, now_seconds)
        return
    with pytest.raises(SignatureRefused) as caught:
        check_time(PARAMETERS, now_seconds)
    assert caught.value.refusal == refused


@pytest.mark.parametrize("expires", [1_699_999_999, 1_700_000_000, 1_700_000_061])
def test_a_signature_lives_no_longer_than_a_minute(expires):
    with pytest.raises(SignatureRefused) as caught:
        check_time(dataclasses.replace(PARAMETERS, expires_seconds=expires), 1_700_000_000)
    assert caught.value.refusal == Refusal.PARAMETERS


@pytest.mark.parametrize("field", ["", "sha-256=:AAAA:", content_digest(b"other"), "钥匙"])
def test_another_digest_than_that_of_the_body_is_refused(field):
    with pytest.raises(SignatureRefused) as caught:
        check_content_digest(field, b"body")
    assert caught.value.refusal == Refusal.DIGEST


def test_a_covered_component_outside_ascii_is_refused():
    request = dataclasses.replace(REQUEST, path="/v1/叶")
    assert refusal(sign_request(REQUEST, KEY, PARAMETERS), request) == Refusal.MALFORMED


@given(st.data())
def test_whatever_is_sent_is_read_or_refused(data):
    given = sign_request(REQUEST, KEY, PARAMETERS)
    at = data.draw(st.integers(0, len(given.signature_input)))
    cut = data.draw(st.integers(0, 3))
    text = data.draw(st.text(max_size=3))
    mutated = given.signature_input[:at] + text + given.signature_input[at + cut :]
    with contextlib.suppress(SignatureRefused):
        parse_signature(SignatureHeaders(mutated, given.signature))


@given(
    st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E), max_size=60),
    st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E), max_size=60),
)
def test_every_path_and_query_of_ascii_can_be_signed(path, query):
    request = SignedRequest("GET", "node.example", f"/{path}", query)
    received = parse_signature(sign_request(request, KEY, PARAMETERS))
    assert verify(KEY.public_key, signed_bytes(received, request), received.blob)
