"""Turns in a block: payers share it, and the urgent have their part of it."""

from typing import NamedTuple

from xinlian.engines.turns import KEPT_PERCENT, Lane, Room, cost_bytes, take_block
from xinlian.ledger import limits

TOTAL_BYTES = 200_000


class Item(NamedTuple):
    payer: bytes
    number: int
    size_bytes: int = 1_000

    @property
    def cost_bytes(self) -> int:
        return cost_bytes(self.size_bytes, 1)


def lane(*items: Item) -> Lane[Item]:
    filled = Lane[Item]()
    for item in items:
        filled.add(item)
    return filled


def flood(payer: bytes, count: int) -> list[Item]:
    return [Item(payer, number) for number in range(count)]


def test_a_quiet_payer_has_its_turn_however_many_another_has():
    block = take_block(lane(), lane(*flood(b"flood", 5_000), Item(b"quiet", 0)), TOTAL_BYTES)
    assert Item(b"quiet", 0) in block[:3]
    assert sum(item.size_bytes for item in block) <= TOTAL_BYTES


def test_one_payers_transactions_keep_their_order():
    block = take_block(lane(), lane(*flood(b"a", 50), *flood(b"b", 50)), TOTAL_BYTES)
    for payer in (b"a", b"b"):
        assert [item.number for item in block if item.payer == payer] == list(range(50))


def test_the_urgent_have_their_share_first_and_no_more_while_others_wait():
    urgent = flood(b"governance", 1_000)
    block = take_block(lane(*urgent), lane(*flood(b"trade", 1_000)), TOTAL_BYTES)
    kept = [item for item in block if item.payer == b"governance"]
    assert block[: len(kept)] == kept
    assert len(kept) == TOTAL_BYTES * KEPT_PERCENT // 100 // 1_000
    assert len(block) > 9 * len(kept)


def test_what_the_urgent_leave_is_for_everybody_and_the_other_way_round():
    alone = take_block(lane(), lane(*flood(b"trade", 1_000)), TOTAL_BYTES)
    urgent_alone = take_block(lane(*flood(b"governance", 1_000)), lane(), TOTAL_BYTES)
    assert len(alone) == len(urgent_alone) == TOTAL_BYTES // 1_000


def test_a_first_transaction_larger_than_the_room_is_taken_whole():
    block = take_block(lane(), lane(Item(b"a", 0, TOTAL_BYTES * 2), *flood(b"b", 3)), TOTAL_BYTES)
    assert Item(b"b", 0) in block
    assert Room(1, 10).take(Item(b"a", 0, 1_000))
    assert not Room(0, 10_000).take(Item(b"a", 0, 1_000))


def test_what_is_not_taken_waits_on():
    waiting = lane(*flood(b"a", 400))
    first = take_block(lane(), waiting, TOTAL_BYTES)
    second = take_block(lane(), waiting, TOTAL_BYTES)
    assert [item.number for item in first + second] == list(range(400))
    assert not waiting


def test_work_costs_room_like_bytes():
    assert cost_bytes(10, limits.BLOCK_WORK_MAX) >= limits.BLOCK_BYTES_MAX - limits.BLOCK_WORK_MAX
    assert cost_bytes(10, 0) == 10
