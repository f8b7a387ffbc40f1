"""Countersignatures in receipts: the earliest of each key, with the shortest chain of headers."""

import hashlib
import itertools

import pytest

from xinlian.crypto.codec import decode
from xinlian.crypto.ed25519 import SigningKey
from xinlian.crypto.receipt_format import LATER_HEADERS_MAX, SIGNATURES_MAX
from xinlian.engines.embedded.attestation import attested, unattested
from xinlian.engines.embedded.receipts import build_receipt
from xinlian.ledger.countersignature import (
    Countersignature,
    MemoryCountersignatures,
    countersigning_bytes,
)
from xinlian.ledger.header import header_hash
from xinlian.modules.accounts.messages import Transfer
from xinlian.testing import Consortium
from xinlian.verifier import root_of_genesis, verify_receipt
from xinlian.verifier.headers import verify_header
from xinlian.verifier.words import common_countersigners


@pytest.fixture
def c():
    consortium = Consortium()
    yield consortium
    consortium.close()


def countersign(c: Consortium, kept: MemoryCountersignatures, name: str, height: int) -> None:
    signed = c.node.header(height)
    assert signed is not None
    key = c[name].keys["finance-1"]
    message = countersigning_bytes(header_hash(signed.header))
    kept.add(Countersignature(height, key.public_key, key.sign(message)))


def pay(c: Consortium):
    return c.send("core", Transfer(c.account("core"), c.account("bank"), 5))


def test_a_receipt_carries_the_countersignatures_of_its_head_and_of_later_ones(c):
    kept = MemoryCountersignatures()
    signed, committed = pay(c)
    for _ in range(3):
        pay(c)
    countersign(c, kept, "bank", committed.height + 2)
    countersign(c, kept, "bank", committed.height + 1)
    countersign(c, kept, "settle", committed.height)
    receipt = build_receipt(
        c.engine.application.store,
        signed.transaction_id,
        (),
        lambda header: attested(header, c.node.header, kept),
    )
    report = verify_receipt(receipt, c.genesis_bytes, allow_simulated=True)
    (header,) = report.headers
    found = {signer.name: signer.height for signer in header.countersigners}
    assert found == {"演示融资银行": committed.height + 1, "演示清算银行": committed.height}
    assert "演示清算银行" in report.assumption
    assert "演示融资银行" in report.assumption_zh
    assert len(common_countersigners(report.headers)) == 2


def test_a_chain_of_headers_that_is_not_here_whole_is_not_made_up(c):
    kept = MemoryCountersignatures()
    _, committed = pay(c)
    for _ in range(3):
        pay(c)
    countersign(c, kept, "settle", committed.height)
    countersign(c, kept, "bank", committed.height + 2)
    signed = c.node.header(committed.height)
    assert signed is not None
    with_gap = attested(
        signed,
        lambda height: None if height == committed.height + 1 else c.node.header(height),
        kept,
    )
    assert isinstance(with_gap, tuple)
    assert with_gap[2] == ()
    assert [entry[0] for entry in with_gap[3]] == [committed.height]


def test_what_lies_beyond_the_formats_bound_is_left_out(c):
    kept = MemoryCountersignatures()
    _, committed = pay(c)
    key = c["bank"].keys["finance-1"]
    beyond = committed.height + LATER_HEADERS_MAX + 1
    kept.add(Countersignature(beyond, key.public_key, bytes(64)))
    signed = c.node.header(committed.height)
    assert signed is not None
    assert attested(signed, c.node.header, kept) == unattested(signed)


def test_foreign_keys_never_take_the_room_of_a_countersigner_that_the_genesis_names(c):
    _, committed = pay(c)
    pay(c)
    signed = c.node.header(committed.height)
    kept = c.node.countersignatures
    honest = c["settle"].keys["finance-1"]
    message = countersigning_bytes(header_hash(signed.header))
    seeds = (hashlib.sha256(number.to_bytes(4, "big")).digest() for number in itertools.count())
    below = (key for key in map(SigningKey, seeds) if key.public_key < honest.public_key)
    for key in itertools.islice(below, SIGNATURES_MAX):
        kept.add(Countersignature(committed.height, key.public_key, key.sign(message)))
    kept.add(Countersignature(committed.height, honest.public_key, honest.sign(message)))
    value = decode(c.node.attested_header(signed))
    assert isinstance(value, tuple)
    entries = value[3]
    assert isinstance(entries, tuple)
    assert len(entries) == SIGNATURES_MAX
    _, proven = verify_header(value, root_of_genesis(c.genesis_bytes))
    assert [signer.name for signer in proven.countersigners] == ["演示清算银行"]
    assert len(proven.unknown_keys) == SIGNATURES_MAX - 1


def test_a_known_countersigner_is_found_behind_more_foreign_ones_than_are_looked_through(
    c, monkeypatch
):
    monkeypatch.setattr("xinlian.engines.embedded.attestation._KEYS_CONSIDERED_MAX", 4)
    kept = MemoryCountersignatures()
    _, committed = pay(c)
    pay(c)
    signed = c.node.header(committed.height)
    for number in range(8):
        foreign = hashlib.sha256(number.to_bytes(4, "big")).digest()
        kept.add(Countersignature(committed.height, foreign, bytes(64)))
    countersign(c, kept, "settle", committed.height + 1)
    honest = c["settle"].keys["finance-1"].public_key
    value = attested(signed, c.node.header, kept, frozenset({honest}))
    assert isinstance(value, tuple)
    entries = value[3]
    assert isinstance(entries, tuple)
    assert (committed.height + 1, honest) in [
        tuple(entry)[:2] for entry in entries if isinstance(entry, tuple)
    ]
