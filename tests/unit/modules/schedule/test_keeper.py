import pytest
from hypothesis import given
from hypothesis import strategies as st

from unit.ledger.fakes import TableView
from xinlian.ledger.limits import QUOTA_OPEN_ITEMS_MAX
from xinlian.ledger.overlay import Overlay
from xinlian.modules.quotas.errors import OpenItemsFull
from xinlian.modules.quotas.keeper import move_items, open_items
from xinlian.modules.schedule.keeper import ScheduleQueue, add_item, cancel_item
from xinlian.modules.schedule.types import PARKED, ScheduledItem
from xinlian.primitives import PartyId

QUEUE = ScheduleQueue()
PARTY = PartyId(b"p" * 20)


def subject(number: int) -> bytes:
    return number.to_bytes(20, "big")


@given(st.lists(st.integers(0, 20), max_size=30), st.integers(0, 20), st.data())
def test_items_are_taken_by_due_time_then_in_the_order_they_came(due_times, now_ms, data):
    state = Overlay(TableView())
    slots = [add_item(state, due, 1, subject(number)) for number, due in enumerate(due_times)]
    cancelled = set()
    if slots:
        cancelled = data.draw(st.sets(st.sampled_from(range(len(slots))), max_size=3))
    for number in cancelled:
        cancel_item(state, slots[number])
    left = [(due, n) for n, due in enumerate(due_times) if n not in cancelled]
    assert QUEUE.next_due_at_ms(state) == min((due for due, _ in left), default=None)
    due_work = QUEUE.due_work(state, now_ms)
    taken = []
    while (item := due_work.take()) is not None:
        taken.append(int.from_bytes(item.subject, "big"))
    assert taken == [number for due, number in sorted(left) if due <= now_ms]


@given(
    st.lists(st.integers(0, 20), max_size=10),
    st.lists(st.lists(st.integers(0, 20), max_size=3), max_size=30),
    st.booleans(),
)
def test_what_due_work_adds_is_taken_in_its_turn_even_before_what_waited_longer(
    stored, added, is_charged
):
    below = Overlay(TableView())
    for due in stored:
        add_item(below, due, 1, subject(due))
    state = Overlay(TableView({key: value for key, value in below.writes().items() if value}))
    queued = [(due, number) for number, due in enumerate(stored, 1)]
    due_work = QUEUE.due_work(state, 12)
    number = len(stored)
    for dues in added:
        item = due_work.take()
        left = [slot for slot in sorted(queued) if slot[0] <= 12]
        assert (item is None) == (not left)
        if item is None:
            break
        queued.remove(left[0])
        assert item.subject == subject(left[0][0])
        if is_charged:
            item = ScheduledItem(item.handler_no, item.subject, PARTY)
        since = QUEUE.position(state)
        for due in dues:
            add_item(state, due, 1, subject(due))
            number += 1
            queued.append((due, number))
        due_work.inherit_added(since, item)


def test_a_long_queue_is_walked_once():
    walked = []

    class Watched(TableView):
        def scan(self, start, end):
            for key, value in super().scan(start, end):
                walked.append(key)
                yield key, value

    below = Overlay(TableView())
    for number in range(500):
        add_item(below, number, 1, subject(number))
    state = Overlay(Watched({key: value for key, value in below.writes().items() if value}))
    due_work = QUEUE.due_work(state, 600)
    count = 0
    while (item := due_work.take()) is not None:
        since = QUEUE.position(state)
        if count < 500:
            add_item(state, 600, 1, subject(0))
        due_work.inherit_added(since, item)
        count += 1
    assert (count, len(walked)) == (1_000, 500)


def test_a_parked_item_is_kept_and_never_taken_again():
    state = Overlay(TableView())
    add_item(state, 5, 7, subject(1))
    item = QUEUE.due_work(state, 5).take()
    assert item is not None
    QUEUE.park(state, item)
    assert QUEUE.due_work(state, 10**9).take() is None
    ((_, parked),) = PARKED.scan(state)
    assert (parked.handler_no, parked.subject) == (7, subject(1))


def test_an_open_item_is_charged_inherited_and_given_back():
    state = Overlay(TableView())
    add_item(state, 1, 7, subject(0))
    since = QUEUE.position(state)
    add_item(state, 2, 7, subject(1))
    slot = add_item(state, 3, 7, subject(2))
    since = QUEUE.charge_added(state, since, PARTY, 0)
    assert open_items(state, PARTY) == 2
    assert QUEUE.charge_added(state, since, PARTY, 0) == since
    assert open_items(state, PARTY) == 2
    cancel_item(state, slot)
    cancel_item(state, slot)
    assert open_items(state, PARTY) == 1
    due_work = QUEUE.due_work(state, 2)
    nobodys, partys = due_work.take(), due_work.take()
    assert nobodys is not None
    assert partys is not None
    assert (nobodys.charged_to, partys.charged_to, open_items(state, PARTY)) == (b"", PARTY, 0)
    for item in (nobodys, partys):
        since = QUEUE.position(state)
        add_item(state, 9, 7, subject(3))
        due_work.inherit_added(since, item)
    assert open_items(state, PARTY) == 1


def test_nobody_has_more_open_items_than_the_ceiling():
    state = Overlay(TableView())
    move_items(state, PARTY, QUOTA_OPEN_ITEMS_MAX - 1)
    since = QUEUE.position(state)
    add_item(state, 2, 7, subject(1))
    since = QUEUE.charge_added(state, since, PARTY, 0)
    add_item(state, 2, 7, subject(1))
    with pytest.raises(OpenItemsFull):
        QUEUE.charge_added(state, since, PARTY, 0)
    assert open_items(state, PARTY) == QUOTA_OPEN_ITEMS_MAX == 100_000
