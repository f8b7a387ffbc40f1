"""The application port: what is computed, what is stored, what is mere advice."""

import pytest

from unit.ledger.fakes import CHAIN, START_MS, ScriptedExecutor, body, signed
from xinlian.ledger.application import Application, decode_outcome
from xinlian.ledger.block import Block, app_hash_of
from xinlian.ledger.clock import CLOCK_SIMULATED, META, ChainMeta
from xinlian.ledger.errors import Duplicate, Expired
from xinlian.ledger.overlay import Overlay
from xinlian.ledger.ports import StoreError
from xinlian.ledger.state_tree import tree_root
from xinlian.storage import MemoryStore

KEY = b"\x00\x10\x01" + bytes(20)


def load_genesis(state: Overlay) -> None:
    META.put(state, ChainMeta(CHAIN, CLOCK_SIMULATED, 1, 0, START_MS, 0, 0))


@pytest.fixture
def application():
    programs = {b"ok": lambda _: None, b"write": lambda state: state.put(KEY, b"value")}
    started = Application(MemoryStore(), ScriptedExecutor(programs))
    started.commit(started.init_chain(load_genesis, 1), b"head", b"block")
    return started


def block(*transactions: bytes) -> Block:
    return Block(1, 0, transactions)


def height(application: Application) -> int:
    with application.store.snapshot() as snapshot:
        return snapshot.height


def test_genesis_is_height_zero_with_a_proven_state(application):
    with application.store.snapshot() as snapshot:
        assert snapshot.height == 0
        assert snapshot.get_node(b"") is not None
    environment = application.environment()
    assert environment == (CHAIN, 0, START_MS, 1)


def test_finalizing_stores_nothing_and_gives_the_same_every_time(application):
    raw = signed(body(b"write"))
    first, second = (application.finalize_block(block(raw)) for _ in range(2))
    assert first == second
    assert height(application) == 0
    expected = app_hash_of(first.outcome, first.state_root, first.app_version)
    assert first.app_hash == expected


def test_committing_makes_the_height_whole(application):
    raw = signed(body(b"write"))
    finalized = application.finalize_block(block(raw))
    application.commit(finalized, b"head 1", b"block 1")
    store = application.store
    with store.snapshot() as snapshot:
        assert (snapshot.height, snapshot.get(KEY)) == (1, b"value")
        assert tree_root(snapshot) == finalized.state_root
    assert (store.head(), store.block(1)) == (b"head 1", b"block 1")
    stored = store.outcome(1)
    assert stored is not None
    assert decode_outcome(stored).results == finalized.outcome.results
    assert store.locate(finalized.outcome.results[0].transaction_id) == (1, 0)
    with pytest.raises(StoreError):
        application.commit(finalized, b"head 1", b"block 1")


def test_only_what_consumed_its_key_is_located(application):
    good = signed(body(b"ok"))
    late = signed(body(b"ok", key=b"l" * 16, valid_until_ms=START_MS - 1))
    finalized = application.finalize_block(block(late, good, b"garbage"))
    application.commit(finalized, b"", b"")
    located = [
        application.store.locate(result.transaction_id) for result in finalized.outcome.results
    ]
    assert located == [None, (1, 1), None]


def test_checking_is_advice_against_the_last_height_and_consumes_nothing(application):
    raw = signed(body(b"ok"))
    for _ in range(2):
        assert application.check_tx(raw).raw == raw
    application.commit(application.finalize_block(block(raw)), b"", b"")
    with pytest.raises(Duplicate):
        application.check_tx(raw)


def test_checking_uses_the_time_of_a_block_made_now(application):
    raw = signed(body(b"ok", valid_until_ms=START_MS + 60_000))
    with pytest.raises(Expired):
        application.check_tx(raw, START_MS + 60_001)


def test_a_dry_run_shows_the_outcome_and_keeps_nothing(application):
    outcome = application.dry_run(block(signed(body(b"write"))))
    assert outcome.writes[KEY] == b"value"
    assert height(application) == 0
    with application.store.snapshot() as snapshot:
        assert snapshot.get(KEY) is None
