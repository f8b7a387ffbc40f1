"""Quotas of a payer: refused before ordering and at execution, charged with the outcome."""

from collections.abc import Iterator

import pytest

from unit.apps.supply_chain.looking import try_out
from xinlian.ledger import limits
from xinlian.ledger.block import Block
from xinlian.ledger.genesis import parse_genesis
from xinlian.ledger.ports import StateView
from xinlian.modules.accounts.messages import Transfer
from xinlian.modules.documents.messages import RegisterDocument
from xinlian.modules.quotas.errors import BytesUsedUp, MarkersFull, StateUsedUp, WorkUsedUp
from xinlian.modules.quotas.keeper import allowance, open_items
from xinlian.modules.quotas.types import USAGE, Usage
from xinlian.primitives import LedgerError
from xinlian.primitives.time import MS_PER_DAY, MS_PER_MINUTE
from xinlian.testing import Consortium
from xinlian.testing.consortium import POLICY
from xinlian.testing.trade import SUCCEEDED, Trade, reference_of

MARKERS, BYTES, WORK = "quotas.markers_max", "quotas.bytes_per_window", "quotas.work_per_window"
STATE, ITEMS = "quotas.state_bytes_per_window", "quotas.open_items_max"


@pytest.fixture
def limited(monkeypatch):
    """Return a function that starts a consortium whose quotas are as given, a minute a window."""
    running: list[Consortium] = []

    def start(**values: int) -> Consortium:
        monkeypatch.setitem(POLICY, "quotas.window_seconds", (60, "second"))
        for name, value in values.items():
            row = {"markers": MARKERS, "size": BYTES, "work": WORK, "state": STATE, "items": ITEMS}
            monkeypatch.setitem(POLICY, row[name], (value, "count"))
        running.append(Consortium())
        return running[-1]

    yield start
    for consortium in running:
        consortium.settle_due_work()
        assert consortium.broken_invariants() == []
        consortium.close()


def pay(c: Consortium, amount_minor: int = 1, name: str = "core") -> Transfer:
    other = "bank" if name == "core" else "core"
    return Transfer(c.account(name), c.account(other), amount_minor)


def document(number: int) -> RegisterDocument:
    return RegisterDocument(number.to_bytes(32, "big"), "contract", 1)


def used(c: Consortium, name: str = "core") -> Usage:
    with c.engine.application.store.snapshot() as snapshot:
        return USAGE.require(snapshot, c[name].party)


def refusals(c: Consortium, raw: bytes) -> Iterator[tuple[str, bool]]:
    """Yield (reference, consumed) before ordering and in a block."""
    with pytest.raises(LedgerError) as refused:
        c.engine.application.check_tx(raw)
    yield refused.value.reference, False
    height = c.engine.height() + 1
    start_ms = parse_genesis(c.genesis_bytes).genesis_time_ms
    result = c.engine.application.dry_run(Block(height, start_ms + height, (raw,))).results[0]
    yield reference_of(result), result.consumed


def refused_twice(c: Consortium, raw: bytes) -> str:
    before, inside = refusals(c, raw)
    assert before == inside, "the same refusal in a block, which consumes nothing"
    return before[0]


def next_window(c: Consortium) -> None:
    c.advance_to((c.now_ms() // MS_PER_MINUTE + 1) * MS_PER_MINUTE)


def test_bytes_of_a_window_are_refused_beyond_the_quota_and_free_again_in_the_next(limited):
    c = limited(size=2_000)
    size = len(c.sign("core", pay(c)).raw)
    for _ in range(2_000 // size):
        c.send("core", pay(c))
    assert refused_twice(c, c.sign("core", pay(c)).raw) == "quotas/bytes_used_up"
    assert try_out(c, "bank", pay(c, name="bank")).reference == SUCCEEDED
    assert used(c).used_bytes == size * (2_000 // size)
    with pytest.raises(BytesUsedUp):
        c.send("core", pay(c))
    c.send("bank", pay(c, name="bank"))


def test_a_new_window_begins_for_everybody_at_the_same_moment(limited):
    c = limited(work=3)
    for _ in range(2):
        c.send("core", pay(c))
    window_no = used(c).window_no
    assert window_no == c.now_ms() // MS_PER_MINUTE
    next_window(c)
    assert used(c).window_no == window_no, "nothing is written until the payer sends"
    c.send("core", pay(c))
    assert (used(c).window_no, used(c).work, used(c).markers) == (window_no + 1, 1, 4)


def test_work_counts_messages_and_more_than_is_left_is_not_even_tried(limited):
    c = limited(work=5)
    c.send("core", *(pay(c) for _ in range(3)))
    raw = c.sign("core", *(pay(c) for _ in range(3))).raw
    assert refused_twice(c, raw) == "quotas/work_used_up"
    assert try_out(c, "core", pay(c), pay(c)).reference == SUCCEEDED
    assert WorkUsedUp.transient


def test_a_refused_transaction_is_charged_bytes_work_and_marker_but_no_state(limited):
    c = limited()
    signed, outcome = c.send("core", document(1), pay(c, 10**15))
    assert not outcome.result.succeeded
    assert used(c) == Usage(c.now_ms() // MS_PER_MINUTE, len(signed.raw), outcome.result.work, 0, 1)


def test_new_bytes_of_state_beyond_the_quota_roll_the_transaction_back(limited):
    c = limited(state=600)
    tried = try_out(c, "core", *(document(number) for number in range(20)))
    assert tried.reference == "quotas/state_used_up"
    assert tried.changes_nothing
    _, outcome = c.send("core", *(document(number) for number in range(20)))
    assert (outcome.result.consumed, outcome.result.failed_call) == (True, -1)
    assert used(c).state_bytes == 0
    c.send("core", document(1))
    assert 0 < used(c).state_bytes <= 600


def test_a_state_quota_that_is_used_up_admits_nothing_more(limited):
    c = limited(state=0)
    assert refused_twice(c, c.sign("core", pay(c)).raw) == "quotas/state_used_up"
    with pytest.raises(StateUsedUp):
        c.send("core", pay(c))


def test_a_payer_whose_markers_are_full_waits_until_old_ones_are_dropped(limited):
    c = limited(markers=2)
    c.send("bank", pay(c, name="bank"))
    c.send("bank", pay(c, name="bank"))
    full = c.sign("bank", pay(c, name="bank")).raw
    assert refused_twice(c, full) == "quotas/markers_full"
    with pytest.raises(MarkersFull):
        c.engine.submit(full)
    assert used(c, "bank").markers == 2
    c.advance_to(c.now_ms() + 600_000 + MS_PER_DAY + 1)
    assert used(c, "bank").markers == 0
    assert c.send("bank", pay(c, name="bank"))[1].result.succeeded


def test_due_work_is_charged_to_the_party_whose_message_added_it(limited):
    c = limited(items=3)

    def counts() -> dict[str, int]:
        with c.engine.application.store.snapshot() as snapshot:
            found = {name: open_items(snapshot, c[name].party) for name in c.organisations}
        return {name: count for name, count in found.items() if count}

    trade = Trade(c)
    trade.register()
    certificate = trade.propose()
    assert counts() == {"core": 1}
    trade.issue(certificate)
    trade.accept(certificate)
    held = counts()
    assert sum(held.values()) >= 2
    trade.to_due_day()
    c.advance_to(c.now_ms() + 30 * MS_PER_DAY)
    c.settle_due_work()
    assert counts() == {}, "what is done is given back, also what due work added"


def test_beyond_the_open_items_of_a_party_its_message_is_refused_and_another_partys_is_not(limited):
    c = limited(items=0)
    trade = Trade(c)
    trade.register()
    tried = try_out(c, "core", pay(c), trade.proposal())
    assert tried.reference == "quotas/open_items_full"
    assert tried.changes_nothing
    assert try_out(c, "core", pay(c)).reference == SUCCEEDED


def test_without_rows_the_ceilings_bound():
    class Nothing:
        def get(self, key):
            del key

        def scan(self, start, end):
            del start, end
            return iter(())

    empty: StateView = Nothing()
    found = allowance(empty, 0)
    assert found.open_items_max == limits.QUOTA_OPEN_ITEMS_MAX == 100_000
    assert found.markers_max == limits.QUOTA_MARKERS_MAX


@pytest.mark.parametrize("row", [MARKERS, BYTES, WORK, STATE, ITEMS])
def test_policy_sets_lower_values_never_higher_ones(row, monkeypatch):
    monkeypatch.setitem(POLICY, row, (1 << 62, "count"))
    c = Consortium()
    with c.engine.application.store.snapshot() as snapshot:
        found = allowance(snapshot, c.now_ms())
    c.close()
    assert max(found[1:]) == 1 << 32
    assert found.open_items_max == 100_000
