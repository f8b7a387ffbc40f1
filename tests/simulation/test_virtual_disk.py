"""The reference store on a disk that fails: the old height or the new one, and damage by name."""

import pytest

from unit.storage.batches import batch
from xinlian.ledger.ports import StoreError
from xinlian.testing.virtual_disk import CrashPoint, PowerLost, VirtualDisk
from xinlian.testing.virtual_disk_store import LOG_OFFSET, VirtualDiskStore

HEIGHTS = 4
SLOTS_END = 192
"""Where the used part of the format page ends."""


def commit_heights(store: VirtualDiskStore, heights: int, acknowledged: list[int]) -> None:
    """Commit what is missing up to a height; say which were acknowledged."""
    for height in range(store.height + 1, heights):
        writes = {b"key": b"value %d" % height, b"only %d" % height: b"x"}
        store.commit(batch(height, writes, {b"": b"root %d" % height}))
        acknowledged.append(height)


def everything_in(store: VirtualDiskStore) -> list[object]:
    with store.snapshot() as snapshot:
        state = list(snapshot.scan(b"", b"\xff"))
        nodes = snapshot.get_node(b"")
    heights = range(store.height + 1)
    return [
        store.head(),
        state,
        nodes,
        [(store.block(height), store.outcome(height)) for height in heights],
        [store.locate(b"transaction %d" % height) for height in heights],
    ]


def whole(heights: int) -> list[object]:
    """Return what a store with so many heights holds, when nothing ever failed."""
    store = VirtualDiskStore(VirtualDisk())
    commit_heights(store, heights, [])
    return everything_in(store)


def committed_disk(heights: int = HEIGHTS) -> VirtualDisk:
    disk = VirtualDisk()
    commit_heights(VirtualDiskStore(disk), heights, [])
    return disk


def reopened(disk: VirtualDisk) -> VirtualDiskStore:
    disk.restore_power()
    return VirtualDiskStore(disk)


def test_a_disk_keeps_what_was_synced_and_any_part_of_the_rest():
    seen = set()
    for seed in range(400):
        disk = VirtualDisk(seed)
        disk.write(0, b"old!")
        disk.sync()
        disk.write(0, b"NEW!")
        disk.lose_power()
        with pytest.raises(PowerLost):
            disk.read(0, 4)
        disk.restore_power()
        seen.add(disk.read(0, 4))
    assert seen == {
        b"old!",
        *(b"NEW!"[:cut] + b"old!"[cut:] for cut in range(1, 5)),
        *(b"old!"[:cut] + b"NEW!"[cut:] for cut in range(1, 4)),
    }


def test_the_same_seed_loses_the_same_bytes():
    found = []
    for _ in range(2):
        disk = VirtualDisk(seed=7)
        for number in range(20):
            disk.write(number * 3, bytes((number,)) * 10)
        disk.lose_power()
        disk.restore_power()
        found.append(disk.read(0, 100))
    assert found[0] == found[1]


def test_a_copy_has_what_is_durable_and_a_life_of_its_own():
    disk = VirtualDisk()
    disk.write(0, b"durable")
    disk.sync()
    disk.write(0, b"unsynced")
    other = disk.copy()
    assert other.read(0, 100) == b"durable"
    other.write(0, b"elsewhere")
    assert disk.read(0, 100) == b"unsynced"


def calls_of_a_life() -> int:
    disk = VirtualDisk()
    store = VirtualDiskStore(disk)
    commit_heights(store, HEIGHTS, [])
    everything_in(store)
    return disk.calls


@pytest.mark.parametrize("is_after", [False, True])
def test_power_lost_at_every_call_leaves_the_old_height_or_the_new(is_after):
    expected = [whole(heights) for heights in range(HEIGHTS + 1)]
    found_heights = set()
    for call in range(calls_of_a_life()):
        for seed in range(8):
            disk = VirtualDisk(seed)
            disk.crash = CrashPoint(call, is_after)
            acknowledged: list[int] = []
            with pytest.raises(PowerLost):
                live(disk, acknowledged)
            store = reopened(disk)
            assert store.height + 1 in (len(acknowledged), len(acknowledged) + 1)
            assert everything_in(store) == expected[store.height + 1]
            found_heights.add(store.height - len(acknowledged))
            commit_heights(store, HEIGHTS, [])
            disk.lose_power()
            assert everything_in(reopened(disk)) == expected[HEIGHTS]
    assert found_heights == {-1, 0}, "some were lost whole, some were there whole"


def live(disk: VirtualDisk, acknowledged: list[int]) -> None:
    store = VirtualDiskStore(disk)
    commit_heights(store, HEIGHTS, acknowledged)
    everything_in(store)


@pytest.mark.parametrize("is_after", [False, True])
def test_power_lost_again_at_every_call_of_the_recovery_changes_nothing(is_after):
    for seed in range(60):
        disk = committed_disk(2)
        disk = disk.copy(seed)
        # The last commit is written and not acknowledged: its first sync has just returned.
        disk.crash = CrashPoint(disk.calls + 6, is_after=True)
        with pytest.raises(PowerLost):
            commit_heights(VirtualDiskStore(disk), 3, [])
        heights = set()
        for call in range(12):
            disk.restore_power()
            disk.crash = CrashPoint(disk.calls + call, is_after)
            try:
                heights.add(VirtualDiskStore(disk).height)
            except PowerLost:
                continue
        disk.lose_power()
        store = reopened(disk)
        assert heights == {store.height}
        assert everything_in(store) == whole(store.height + 1)


def test_every_flipped_bit_is_named_or_harmless():
    """No bit of it may turn over and something else be read, or an acknowledged height be gone."""
    expected = whole(HEIGHTS)
    size = committed_disk().size_bytes
    harmless = 0
    named = []
    for bit in [*range(SLOTS_END * 8), *range(LOG_OFFSET * 8, size * 8)]:
        disk = DISK.copy()
        disk.flip_bit(bit)
        try:
            store = VirtualDiskStore(disk)
        except StoreError as error:
            named.append(str(error))
            continue
        assert everything_in(store) == expected
        harmless += 1
    assert len(named) >= (size - LOG_OFFSET) * 8, "every bit of every record counts"
    assert all("damaged" in name for name in named)
    assert harmless, "a damaged head slot is repaired from the record behind it"


DISK = committed_disk()


def test_a_file_cut_anywhere_behind_its_heads_is_named():
    for size in range(SLOTS_END, DISK.size_bytes):
        disk = DISK.copy()
        disk.truncate(size)
        with pytest.raises(StoreError, match="damaged"):
            VirtualDiskStore(disk)


def test_damage_under_an_open_store_is_never_served():
    disk = DISK.copy()
    store = VirtualDiskStore(disk)
    for bit in range(LOG_OFFSET * 8, disk.size_bytes * 8, 61):
        disk.flip_bit(bit)
        served = 0
        refused = []
        for height in range(HEIGHTS):
            try:
                assert store.block(height) == b"block %d" % height
                assert store.outcome(height) == b"outcome %d" % height
                served += 1
            except StoreError as error:
                refused.append(str(error))
        # A bit of a record's header is found at the next opening: the body is what it was.
        assert (served, len(refused)) in ((HEIGHTS - 1, 1), (HEIGHTS, 0))
        assert all("is damaged" in name for name in refused)
        disk.flip_bit(bit)
    assert everything_in(store) == whole(HEIGHTS)


def test_a_full_disk_refuses_a_height_whole_and_goes_on_when_there_is_room():
    disk = committed_disk(2)
    store = VirtualDiskStore(disk)
    disk.capacity_bytes = disk.size_bytes + 10
    with pytest.raises(StoreError, match="no space left"):
        commit_heights(store, 3, [])
    assert everything_in(store) == whole(2)
    disk.capacity_bytes *= 2
    commit_heights(store, HEIGHTS, [])
    assert everything_in(store) == everything_in(VirtualDiskStore(disk)) == whole(HEIGHTS)


@pytest.mark.parametrize("call", [0, 1, 2, 3])
def test_after_a_failed_call_the_store_is_at_one_height_or_takes_no_more(call):
    disk = committed_disk(2)
    store = VirtualDiskStore(disk)
    disk.fail = disk.calls + call
    with pytest.raises(StoreError, match="input/output error"):
        commit_heights(store, 3, [])
    assert everything_in(store) == whole(2)
    if call:
        with pytest.raises(StoreError, match="open the store again"):
            commit_heights(store, 3, [])
        store = VirtualDiskStore(disk)
    commit_heights(store, HEIGHTS, [])
    assert everything_in(VirtualDiskStore(disk)) == whole(HEIGHTS)


def test_a_failed_read_is_named():
    disk = DISK.copy()
    store = VirtualDiskStore(disk)
    disk.fail = disk.calls
    with pytest.raises(StoreError, match="cannot be read"):
        store.block(0)
    disk.fail = disk.calls
    with pytest.raises(StoreError, match="cannot be opened"):
        VirtualDiskStore(disk)


def test_another_program_s_file_is_not_written_over():
    disk = VirtualDisk()
    disk.write(0, b"a spreadsheet" * 1_000)
    disk.sync()
    with pytest.raises(StoreError, match="another program"):
        VirtualDiskStore(disk)
    assert disk.read(0, 13) == b"a spreadsheet"
