"""Strengthening a receipt with what came after it; nothing that it proves changes."""

import dataclasses

import pytest

from support.heads import Heads, pay
from xinlian.client.attaching import attach, head_of_checkpoint, signed_headers, stamped
from xinlian.client.countersigning import CountersignLog, countersign
from xinlian.client.heads import HeadRefused, checkpoint_file
from xinlian.crypto.codec import decode, encode
from xinlian.engines.embedded import build_receipt
from xinlian.modules.accounts.types import ACCOUNTS
from xinlian.testing import Consortium
from xinlian.verifier import root_of_genesis, verify_checkpoint, verify_receipt


@pytest.fixture
def c():
    consortium = Consortium()
    yield consortium
    consortium.close()


@pytest.fixture
def root(c):
    return root_of_genesis(c.genesis_bytes)


def saved(c, root, height=None) -> bytes:
    return checkpoint_file(root, decode(Heads(c).attested_header(height)))


def verified(receipt, root):
    return verify_receipt(receipt, root, allow_simulated=True)


def test_a_receipt_takes_up_what_was_countersigned_after_it_was_exported(c, root, tmp_path):
    transaction_id = pay(c, 2)
    keys = [ACCOUNTS.key(c.account("core"))]
    receipt = build_receipt(c.engine.application.store, transaction_id, keys)
    pay(c, 2)
    key = c["bank"].keys["finance-1"]
    countersign(Heads(c), key, root, CountersignLog(tmp_path / "log.json", root))
    stronger = attach(receipt, [], Heads(c))
    before, after = verified(receipt, root), verified(stronger, root)
    assert "演示融资银行" not in before.assumption
    assert "演示融资银行" in after.assumption
    same = {"assumption", "assumption_zh", "headers"}
    for field in dataclasses.fields(before):
        if field.name not in same:
            assert getattr(before, field.name) == getattr(after, field.name)


def test_a_receipt_of_the_first_format_becomes_one_of_the_second(c, root):
    receipt = decode(build_receipt(c.engine.application.store, pay(c)))
    assert isinstance(receipt, tuple)
    part = receipt[3]
    assert isinstance(part, tuple)
    header = part[0]
    assert isinstance(header, tuple)
    old = encode(("xinlian-receipt-1", *receipt[1:3], (header[:2], *part[1:]), None))
    assert verified(attach(old, [], Heads(c)), root).heights == verified(old, root).heights


def test_a_stamped_head_dates_the_receipts_before_it(c, root):
    transaction_id = pay(c)
    receipt = build_receipt(c.engine.application.store, transaction_id)
    pay(c, 3)
    anchor = stamped(saved(c, root), b"token")
    verify_checkpoint(anchor, root, allow_simulated=True)
    seen = []

    def check(token: bytes, hashed: bytes) -> tuple[int, str]:
        seen.append((token, hashed.hex()))
        return 1_800_000_000_000, "TSA"

    stronger = attach(receipt, [anchor], Heads(c))
    report = verify_receipt(stronger, root, allow_simulated=True, check_time_stamp=check)
    (stamp,) = report.headers[0].time_stamps
    assert (stamp.height, stamp.authority) == (4, "TSA")
    assert seen == [(b"token", Heads(c).head().hash)]


def test_a_head_before_the_receipt_says_nothing_of_it(c, root):
    pay(c)
    anchor = stamped(saved(c, root), b"token")
    receipt = build_receipt(c.engine.application.store, pay(c))
    assert attach(receipt, [anchor], Heads(c)) == receipt


def test_the_head_of_a_checkpoint_is_what_is_stamped(c, root):
    pay(c, 2)
    height, encoded = head_of_checkpoint(saved(c, root, 1))
    assert height == 1
    assert decode(encoded)[2] == 1  # type: ignore[index]  # a header is an array


def test_signed_headers_are_read_from_every_format(c, root):
    transaction_id = pay(c)
    receipt = build_receipt(c.engine.application.store, transaction_id)
    for data in (saved(c, root), receipt):
        assert signed_headers(data) == (c.node.head(),)


@pytest.mark.parametrize("data", [b"", b"\xc0", encode((1, 2)), encode(("x", 1, 2, None, None))])
def test_a_file_of_no_format_is_told(c, data):
    for work in (
        lambda: attach(data, [], Heads(c)),
        lambda: stamped(data, b"token"),
        lambda: head_of_checkpoint(data),
        lambda: signed_headers(data),
    ):
        with pytest.raises(HeadRefused):
            work()
