"""What blocks leave out: counted when they had room and it waited long enough, from here."""

from unit.engines.cometbft.test_pool import filled, transaction
from xinlian.engines.cometbft.omissions import EXAMPLES_MAX, HEIGHTS_KEPT, Omission, Omissions
from xinlian.engines.cometbft.pool import Pool
from xinlian.ledger import limits


def test_what_waits_while_blocks_have_room_is_left_out_and_what_just_came_is_not():
    pool = Pool()
    omissions = Omissions(pool)
    old = [transaction("old", number) for number in range(5)]
    for one in old:
        pool.add(one, is_kept_for=False)
    omissions.committed(1, ())  # they may still be on their way to the proposer
    omissions.committed(2, ())
    assert omissions.newest() == []
    filled(pool, "new", 3)
    omissions.committed(3, ())
    ids = tuple(one.transaction_id for one in old[:EXAMPLES_MAX])
    assert omissions.newest() == [Omission(3, 5, ids)]
    pool.remove([one.raw for one in old])
    omissions.committed(4, [one.raw for one in old])
    assert omissions.newest()[0].height == 3


def test_a_full_block_leaves_nobody_out():
    pool = Pool()
    omissions = Omissions(pool)
    filled(pool, "old", 2)
    for height in (1, 2):
        omissions.committed(height, ())
    omissions.committed(3, [b"x" * limits.BLOCK_BYTES_MAX])
    omissions.committed(4, [b"x"] * limits.BLOCK_TRANSACTIONS_MAX)
    assert omissions.newest() == []


def test_the_newest_heights_alone_are_kept():
    pool = Pool()
    omissions = Omissions(pool)
    filled(pool, "old", 1)
    for height in range(HEIGHTS_KEPT + 10):
        omissions.committed(height, ())
    found = omissions.newest()
    assert len(found) == HEIGHTS_KEPT
    assert found[0].height == HEIGHTS_KEPT + 9
