"""Countersignatures over HTTP: from members, by their own keys, of this node's own headers."""

import hashlib

import pytest

from unit.api.callers import OCTETS, countersigned, refused
from xinlian.crypto.codec import decode
from xinlian.crypto.ed25519 import SigningKey
from xinlian.ledger.countersignature import decode_countersignature
from xinlian.ledger.node import NoReceipt
from xinlian.verifier import root_of_genesis, verify_receipt
from xinlian.verifier.headers import verify_header

PATH = "/v1/countersignatures"


def post(served, name: str, body: bytes):
    return served.caller(name).request("POST", PATH, body=body, headers=OCTETS)


def test_a_members_countersignature_is_kept_and_in_the_receipts_of_its_head(served):
    node = served.consortium.node
    height = node.outcome(served.told.ids["batch"]).committed.height
    entry = countersigned(node, height, served.key("bank", "finance-1"))
    for _ in range(2):  # a second one changes nothing
        answer = post(served, "bank", entry).json()
        assert answer["height"] == height
    data = served.caller("supplier1").get(f"/v1/receipts/{served.told.ids['batch'].hex()}").content
    report = verify_receipt(data, served.consortium.genesis_bytes, allow_simulated=True)
    (signer,) = report.headers[0].countersigners
    assert (signer.name, signer.height, signer.kind) == ("演示融资银行", height, "member")


def test_a_header_is_given_with_who_countersigned_it_or_a_later_one(served):
    node = served.consortium.node
    post(served, "settle", countersigned(node, 4, served.key("settle", "finance-1")))
    answer = served.caller("core").get("/v1/attested-headers/2")
    root = root_of_genesis(served.consortium.genesis_bytes)
    _, proven = verify_header(decode(answer.content), root)
    assert "演示清算银行" in [signer.name for signer in proven.countersigners]
    assert proven.height == 2
    head = served.caller("core").get("/v1/attested-headers/head").content
    assert verify_header(decode(head), root)[0].height == node.head().header.height
    assert refused(served.caller("core").get("/v1/attested-headers/99999")) == "api/not_found"


@pytest.mark.parametrize(
    ("name", "key_of", "detail"),
    [
        ("supplier1", "supplier1", "members"),
        ("bank", "core", "no active key of yours"),
        ("core", "operator", "operator"),
        ("bank", "stranger", "no active key"),
    ],
)
def test_what_is_not_by_a_members_own_key_is_not_taken(served, name, key_of, detail):
    if key_of == "operator":
        key = served.key("core", "operator")
    elif key_of == "stranger":
        key = SigningKey(hashlib.sha256(b"stranger").digest())
    else:
        key = served.key(key_of, "finance-1")
    response = post(served, name, countersigned(served.consortium.node, 1, key))
    assert refused(response) == "api/countersignature_refused"
    assert detail in response.json()["detail"]


def test_a_signature_of_another_header_or_of_a_height_to_come_is_not_taken(served):
    node = served.consortium.node
    entry = countersigned(node, 1, served.key("bank", "finance-1"))
    assert decode_countersignature(entry).height == 1
    moved = entry.replace(b"\x93\x01", b"\x93\x02", 1)
    far = entry.replace(b"\x93\x01", b"\x93\x7f", 1)
    assert "not of the header" in post(served, "bank", moved).json()["detail"]
    head = node.head().header.height
    assert head < 0x7F
    assert "no such height" in post(served, "bank", far).json()["detail"]


@pytest.mark.parametrize("body", [b"\xc1", b"\x93\x01", bytes(256)])
def test_what_is_no_countersignature_is_told(served, body):
    assert refused(post(served, "bank", body)) == "api/countersignature_refused"


def test_a_larger_body_is_not_read(served):
    assert refused(post(served, "bank", bytes(257))) == "api/body_too_large"


def test_a_height_that_votes_do_not_prove_is_a_clear_problem_and_no_fault(served, monkeypatch):
    def unproven(signed):
        raise NoReceipt(f"the engine has no commit of height {signed.header.height + 1} yet")

    monkeypatch.setattr(served.consortium.node, "attested_header", unproven)
    response = served.caller("core").get("/v1/attested-headers/head")
    assert refused(response) == "api/not_found"
    assert "ask for an earlier one" in response.json()["detail"]
