"""Receipts of a real network: they prove what they say, and no changed byte passes."""

import dataclasses
import hashlib
import json
import random

import pytest

from engines.cometbft_network import driven_by, engine_missing, make_network
from xinlian.crypto.codec import decode, encode
from xinlian.engines.cometbft import CometNode
from xinlian.engines.cometbft.commits import moment_of
from xinlian.engines.cometbft.receipts import block_path, provable_height
from xinlian.ledger.node import NoReceipt
from xinlian.ledger.outcomes import MARKERS
from xinlian.modules.accounts.messages import Transfer
from xinlian.modules.accounts.types import ACCOUNTS
from xinlian.primitives.time import MS_PER_HOUR
from xinlian.testing import Consortium
from xinlian.verifier import VerificationFailed, root_of_genesis, verify_receipt
from xinlian.verifier.cometbft import check_in_block, tree_root

pytestmark = pytest.mark.skipif(
    bool(engine_missing()), reason=f"needs the engine: {engine_missing()}"
)
COUNT = 4


class Four:
    """Four validators in this process, driven by the parties of a consortium."""

    def __init__(self, folder) -> None:
        self.c = Consortium()
        self.network = make_network(folder, self.c, COUNT)
        self.engines = [self.network.open(number) for number in range(COUNT)]
        driven_by(self.c, self.engines[0], self.network.genesis_bytes)

    def pay(self, amount_minor: int = 1) -> Transfer:
        return Transfer(self.c.account("core"), self.c.account("bank"), amount_minor)

    def verified(self, file: bytes):
        return verify_receipt(file, self.network.genesis_bytes, allow_simulated=True)

    def close(self) -> None:
        for engine in self.engines:
            engine.close()
            engine.application.store.close()


@pytest.fixture(scope="module")
def four(tmp_path_factory):
    found = Four(tmp_path_factory.mktemp("four"))
    yield found
    found.close()


@pytest.fixture(scope="module")
def receipt(four) -> bytes:
    submitted = [four.engines[0].submit(four.c.sign("core", four.pay(n)).raw) for n in range(1, 8)]
    outcomes = [one.result(60) for one in submitted]
    file = four.c.node.receipt(
        outcomes[3].result.transaction_id, [ACCOUNTS.key(four.c.account("bank"))]
    )
    return bytes(file)


def changed(file: bytes, *path: int, to=None) -> bytes:
    """Return a file with one value of its structure replaced."""

    def replaced(value, steps):
        if not steps:
            return to(value) if callable(to) else to
        items = list(value)
        items[steps[0]] = replaced(items[steps[0]], steps[1:])
        return tuple(items)

    return encode(replaced(decode(file), list(path)))


def test_a_receipt_proves_a_payment_and_a_balance_by_the_votes_of_validators(four, receipt):
    report = four.verified(receipt)
    assert (report.engine, report.code, report.call_count) == ("cometbft", 0, 1)
    assert len(report.present_keys) == 1
    for header in report.headers:
        assert len(header.validators) * 3 > COUNT * 2
        assert header.operators == ()
    assert "4 validators" in report.assumption
    assert "4 个验证节点" in report.assumption_zh


def test_every_node_writes_a_receipt_of_the_same_transaction(four, receipt):
    known = four.verified(receipt)
    transaction_id = bytes.fromhex(known.transaction_id)
    height = max(header.height for header in known.headers)
    for engine in four.engines:
        assert engine.wait_above(height, 60) > height
        node = CometNode(engine, four.network.genesis_bytes)
        report = four.verified(node.receipt(transaction_id))
        assert report.transaction_id == transaction_id.hex()


def test_no_changed_byte_passes(four, receipt):
    rng = random.Random(20_261_125)
    positions = rng.sample(range(len(receipt)), 120)
    genuine = four.verified(receipt)
    for position in positions:
        broken = bytearray(receipt)
        broken[position] ^= 1 << rng.randrange(8)
        try:
            found = four.verified(bytes(broken))
        except VerificationFailed:
            continue
        # Neither proven nor reported: the ledger's own root over the transactions, and who came
        # before, are not among what validators signed.
        assert dataclasses.replace(
            found, headers=tuple(dataclasses.replace(h, hash="") for h in found.headers)
        ) == dataclasses.replace(
            genuine, headers=tuple(dataclasses.replace(h, hash="") for h in genuine.headers)
        )


TRANSACTION, HEADER = 3, 0


@pytest.mark.parametrize(
    ("path", "to", "step"),
    [
        ((1,), "embedded", "header"),
        ((1,), "raft", "format"),
        ((TRANSACTION, HEADER, 8), (), "votes"),
        ((TRANSACTION, HEADER, 8), lambda votes: votes[:2], "votes"),
        ((TRANSACTION, HEADER, 8), lambda votes: (*votes, votes[0]), "votes"),
        ((TRANSACTION, HEADER, 8, 0, 0), b"k" * 32, "votes"),
        ((TRANSACTION, HEADER, 8, 0, 2), lambda nanos: nanos ^ 1, "votes"),
        ((TRANSACTION, HEADER, 5), lambda number: number + 1, "votes"),
        ((TRANSACTION, HEADER, 6), lambda parts: parts + 1, "votes"),
        ((TRANSACTION, HEADER, 4, 3), lambda seconds: seconds + 1, "votes"),
        ((TRANSACTION, HEADER, 4, 13), b"h" * 32, "engine header"),
        ((TRANSACTION, HEADER, 4, 10), b"h" * 32, "votes"),
        ((TRANSACTION, HEADER, 3, 9), b"h" * 32, "engine header"),
        ((TRANSACTION, HEADER, 3, 2), lambda height: height + 1, "engine header"),
        ((TRANSACTION, HEADER, 0, 3), lambda time_ms: time_ms + 1, "chain record"),
        ((TRANSACTION, HEADER, 1), b"\x90", "chain record"),
        ((TRANSACTION, HEADER, 0, 8), b"s" * 32, "application hash"),
        ((TRANSACTION, 2), lambda index: index + 1, "transaction"),
        ((TRANSACTION, 3), (), "transaction"),
    ],
)
def test_what_is_not_what_validators_signed_is_refused_at_its_step(four, receipt, path, to, step):
    with pytest.raises(VerificationFailed) as refused:
        four.verified(changed(receipt, *path, to=to))
    assert refused.value.step == step


def test_without_the_chains_record_the_engines_time_is_told_and_no_expiry_is_proven(four, receipt):
    without = changed(receipt, TRANSACTION, HEADER, 1, to=None)
    without = changed(without, TRANSACTION, HEADER, 2, to=None)
    assert four.verified(without).transaction_id == four.verified(receipt).transaction_id


def test_other_validators_prove_nothing(four, receipt):
    chain = json.loads(four.network.genesis_bytes)
    chain["sections"]["validators"]["validators"][0]["public_key"] = "ab" * 32
    with pytest.raises(VerificationFailed, match="validators"):
        verify_receipt(receipt, json.dumps(chain).encode(), allow_simulated=True)
    del chain["sections"]["validators"]
    with pytest.raises(VerificationFailed, match="no validators"):
        verify_receipt(receipt, json.dumps(chain).encode(), allow_simulated=True)


@pytest.mark.parametrize(
    "broken",
    [[], [{"public_key": "ab", "power": 1}], [{"public_key": "ab" * 32, "power": 0}], 7],
)
def test_a_genesis_file_with_broken_validators_is_no_root(four, broken):
    chain = json.loads(four.network.genesis_bytes)
    chain["sections"]["validators"]["validators"] = broken
    with pytest.raises(VerificationFailed, match="genesis"):
        root_of_genesis(json.dumps(chain).encode())


def test_an_expired_transaction_is_proven_to_have_expired(four):
    never = four.c.sign("core", four.pay(99))
    with pytest.raises(NoReceipt):
        four.c.node.expiry_proof(never.raw)
    four.c.advance_to(four.c.now_ms() + MS_PER_HOUR)
    four.c.send("core", four.pay(2))
    report = four.verified(four.c.node.expiry_proof(never.raw))
    assert report.expired_transaction_id == never.transaction_id.hex()


def test_absence_is_proven_too(four):
    key = MARKERS.key(four.c["core"].party, b"n" * 16)
    four.c.send("core", four.pay(4))
    assert four.verified(four.c.node.receipt(None, [key])).absent_keys == (key.hex(),)


def test_an_unknown_transaction_has_no_receipt(four):
    with pytest.raises(NoReceipt):
        four.c.node.receipt(b"u" * 32)


def test_state_is_proven_at_the_last_height_that_did_something(four):
    _, committed = four.c.send("core", four.pay(5))
    four.c.node.wait_above(committed.height + 1, 30)  # quiet blocks follow
    assert provable_height(four.c.node.store) == committed.height


@pytest.mark.parametrize("count", [1, 2, 3, 4, 5, 7, 8, 9, 31])
def test_a_path_leads_from_every_transaction_to_the_root_of_the_block(count):
    block = [f"transaction {number}".encode() for number in range(count)]
    root = tree_root([hashlib.sha256(raw).digest() for raw in block])
    for index, raw in enumerate(block):
        path = tuple(block_path(block, index))
        check_in_block(raw, index, count, path, root)
        with pytest.raises(VerificationFailed):
            check_in_block(b"other", index, count, path, root)
        with pytest.raises(VerificationFailed):
            check_in_block(raw, index, count, (*path, b"x" * 32), root)


@pytest.mark.parametrize(
    "text", ["", "yesterday", "2026-13-01T00:00:00Z", "2026-11-25T00:00:00.xZ"]
)
def test_what_is_no_moment_is_refused(text):
    with pytest.raises(NoReceipt):
        moment_of(text)
