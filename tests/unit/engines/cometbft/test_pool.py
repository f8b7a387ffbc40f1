"""The pool: room for every payer, turns in a proposal, nothing that was ordered or has expired."""

import pytest

from xinlian.engines.cometbft.pool import Pool
from xinlian.ledger.errors import Overloaded
from xinlian.ledger.transaction import (
    Call,
    Transaction,
    TransactionBody,
    decode_transaction,
    encode_body,
    encode_transaction,
)
from xinlian.primitives import ID_BYTES


def transaction(payer: str, number: int, *, valid_until_ms: int = 1_000) -> Transaction:
    body = TransactionBody(
        version=1,
        chain_id="test-pool",
        payer=payer.encode().ljust(ID_BYTES, b"."),
        idempotency_key=number.to_bytes(16, "big"),
        valid_until_ms=valid_until_ms,
        signers=(b"k" * ID_BYTES,),
        calls=(Call(b"a" * ID_BYTES, b"message"),),
    )
    return decode_transaction(encode_transaction(encode_body(body), (b"s" * 64,)))


def filled(pool: Pool, payer: str, count: int) -> list[bytes]:
    added = [transaction(payer, number) for number in range(count)]
    for one in added:
        pool.add(one, is_kept_for=False)
    return [one.raw for one in added]


def test_a_payer_fills_half_of_what_is_free_and_the_next_finds_room():
    pool = Pool(waiting_max=16)
    filled(pool, "flood", 8)
    with pytest.raises(Overloaded):
        pool.add(transaction("flood", 8), is_kept_for=False)
    with pytest.raises(Overloaded):
        pool.require_room(transaction("flood", 8).payer, 1)
    filled(pool, "quiet", 4)
    assert len(pool) == 12


def test_bytes_are_bounded_like_numbers():
    size = len(transaction("a", 0).raw)
    pool = Pool(waiting_bytes_max=size * 2)
    filled(pool, "a", 1)
    with pytest.raises(Overloaded):
        pool.add(transaction("a", 1), is_kept_for=False)
    pool.add(transaction("b", 0), is_kept_for=False)


def test_the_same_transaction_waits_once():
    pool = Pool()
    for _ in range(3):
        pool.add(transaction("a", 0), is_kept_for=False)
    assert len(pool) == 1
    assert transaction("a", 0).raw in pool


def test_another_signature_under_a_transaction_does_not_wait_beside_it():
    pool = Pool()
    first = transaction("a", 1)
    other = decode_transaction(encode_transaction(encode_body(first.body), (b"t" * 64,)))
    pool.add(first, is_kept_for=False)
    pool.add(other, is_kept_for=False)
    assert pool.waiting() == [first.raw]
    pool.remove([other.raw, first.raw])
    pool.add(other, is_kept_for=False)
    assert pool.waiting() == [other.raw]


def test_room_comes_back_when_a_transaction_leaves():
    pool = Pool(waiting_max=4)
    waiting = filled(pool, "a", 2)
    pool.remove([waiting[0], b"never here"])
    assert waiting[0] not in pool
    filled(pool, "a", 2)
    pool.remove(waiting)
    assert len(pool) == 0


def test_what_has_expired_leaves():
    pool = Pool()
    pool.add(transaction("a", 0, valid_until_ms=100), is_kept_for=False)
    pool.add(transaction("a", 1, valid_until_ms=101), is_kept_for=False)
    pool.drop_expired(101)
    assert pool.next_block(1 << 20) == [transaction("a", 1, valid_until_ms=101).raw]


def test_a_block_takes_payers_in_turn_and_removes_nothing():
    pool = Pool()
    filled(pool, "flood", 400)
    quiet = filled(pool, "quiet", 1)
    first = pool.next_block(10_000)
    assert quiet[0] in first
    assert sum(map(len, first)) <= 10_000
    assert pool.next_block(10_000) == first


def test_the_urgent_come_first():
    pool = Pool()
    filled(pool, "a", 50)
    pool.add(transaction("b", 0), is_kept_for=True)
    assert pool.next_block(1 << 20)[0] == transaction("b", 0).raw


def test_a_block_never_exceeds_its_bytes():
    pool = Pool()
    filled(pool, "a", 3)
    size = len(transaction("a", 0).raw)
    assert pool.next_block(size - 1) == []
    assert len(pool.next_block(size)) == 1
