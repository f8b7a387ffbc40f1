"""RFC 3161 time stamps of heads, against a local authority that openssl runs."""

import subprocess
import time

import httpx
import pytest

from golden import derive_receipts as derived
from golden.derive import Raw, pack
from support.authority import REPLY_TYPE, Authority, needs_openssl, served
from xinlian.client.time_stamps import (
    TimeStampRefused,
    ask_authority,
    build_request,
    check_token,
    judge,
)
from xinlian.verifier import VerificationFailed, root_of_genesis, verify_checkpoint

pytestmark = needs_openssl
HEADER = derived.FIRST


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="module")
def token(authority):
    with served(authority) as url:
        return ask_authority(url, HEADER.encoded)


def refused(reference, work, *arguments):
    with pytest.raises(TimeStampRefused) as failure:
        work(*arguments)
    assert failure.value.reference == reference, failure.value


def answered_by(status=200, content=b"", headers=None):
    headers = {"Content-Type": REPLY_TYPE, **(headers or {})}
    return httpx.MockTransport(
        lambda _: httpx.Response(status, content=content, headers=headers),
    )


def test_the_authority_stamps_the_headers_hash_and_openssl_agrees(authority, token):
    time_ms, name = judge(authority.root.read_bytes())(token, HEADER.hash)
    assert abs(time_ms - time.time() * 1_000) < 3_600_000
    assert name == "CN=Test Authority"
    assert authority.verifies(token, HEADER.hash)
    assert not authority.verifies(token, derived.SECOND.hash)


def test_a_token_that_was_got_with_openssl_alone_is_judged_too(authority):
    by_hand = authority.stamp_digest(HEADER.hash, "-no_nonce")  # without certificates in it
    certificates = authority.root.read_bytes() + (authority.folder / "authority.pem").read_bytes()
    check_token(by_hand, HEADER.hash)
    assert judge(certificates)(by_hand, HEADER.hash)[1] == "CN=Test Authority"
    with pytest.raises(VerificationFailed):
        judge(authority.root.read_bytes())(by_hand, HEADER.hash)


def test_another_authoritys_certificate_does_not_verify_it(token, tmp_path):
    stranger = Authority(tmp_path / "stranger")
    with pytest.raises(VerificationFailed, match="time stamp"):
        judge(stranger.root.read_bytes())(token, HEADER.hash)


def test_a_certificate_that_may_not_stamp_time_stamps_none(token, tmp_path):
    authority = Authority(tmp_path / "weak")
    config = authority.folder / "openssl.cnf"
    config.write_text(config.read_text().replace("critical,timeStamping", "clientAuth"))
    authority._run(
        *("x509", "-req", "-in", "authority.csr", "-CA", "ca.pem", "-CAkey", "ca.key"),
        *("-CAcreateserial", "-out", "authority.pem", "-days", "30"),
        *("-extfile", str(config), "-extensions", "authority"),
    )
    with pytest.raises(subprocess.CalledProcessError):  # openssl itself does not stamp with it
        authority.stamp_digest(HEADER.hash, "-cert")


def test_any_changed_byte_is_refused_or_changes_nothing_that_is_proven(authority, token):
    check = judge(authority.root.read_bytes())
    expected = check(token, HEADER.hash)
    refusals = 0
    for at in range(0, len(token), 7):
        changed = token[:at] + bytes((token[at] ^ 1,)) + token[at + 1 :]
        try:
            assert check(changed, HEADER.hash) == expected
        except VerificationFailed:
            refusals += 1
    assert refusals > len(range(0, len(token), 7)) * 9 // 10


def test_in_a_checkpoint_it_is_checked_with_the_certificate_and_told_without(authority, token):
    head = Raw(derived.FIRST.attested().content[:-1] + b"\x91" + stamp_of(token))
    data = derived.checkpoint(head)
    root = root_of_genesis(derived.genesis())
    told = verify_checkpoint(data, root)[1]
    assert "1 time stamps were not checked" in told.assumption
    check = judge(authority.root.read_bytes())
    checked = verify_checkpoint(data, root, check_time_stamp=check)[1]
    assert "time stamps of CN=Test Authority" in checked.assumption
    assert checked.headers[0].time_stamps[0].is_checked


def stamp_of(token: bytes) -> bytes:
    return pack((1, token))


def test_an_answer_to_another_request_is_refused(authority, token):
    other, nonce = build_request(derived.SECOND.encoded)
    assert nonce > 0
    for content in (token, authority.stamp(other)):
        transport = answered_by(content=content)
        refused(
            "client/time_stamp_of_another",
            ask_authority,
            "http://authority.example/",
            HEADER.encoded,
            transport,
        )


@pytest.mark.parametrize(
    ("transport", "reference"),
    [
        (answered_by(301, headers={"Location": "http://elsewhere/"}), "client/authority_refused"),
        (answered_by(500), "client/authority_refused"),
        (answered_by(headers={"Content-Type": "text/html"}), "client/authority_refused"),
        (answered_by(content=b"no token"), "client/not_a_time_stamp"),
        (answered_by(content=bytes(70_000)), "client/not_a_time_stamp"),
    ],
)
def test_an_authority_that_answers_something_else_is_refused(transport, reference):
    refused(reference, ask_authority, "http://authority.example/", HEADER.encoded, transport)


def test_nobody_is_asked_at_what_is_no_address():
    for url in ("file:///etc/passwd", "ftp://host/", "http://user:secret@host/", "host"):
        refused("client/not_an_address", ask_authority, url, HEADER.encoded)
    refused("client/authority_unreachable", ask_authority, "http://127.0.0.1:1/", HEADER.encoded)


def test_what_is_no_certificate_judges_nothing():
    for data in (b"", b"nonsense", bytes(2 << 20)):
        refused("client/not_certificates", judge, data)


def test_without_the_library_it_is_said_what_to_install(monkeypatch):
    def missing(name: str):
        raise ModuleNotFoundError(name)

    monkeypatch.setattr("importlib.import_module", missing)
    with pytest.raises(TimeStampRefused, match=r"pip install 'xinlian\[timestamps\]'"):
        judge(b"")
