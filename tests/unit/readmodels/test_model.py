"""Upkeep: exactly once, in order, of one chain; rebuilt as it was."""

import pytest

from unit.readmodels.stories import open_model, sqlite_address, tell_late, tell_paid
from xinlian.modules.accounts.messages import Transfer
from xinlian.readmodels import (
    AddressInvalid,
    BlockMissing,
    DatabaseFailed,
    OtherChain,
    ReadModel,
)
from xinlian.readmodels import model as model_module
from xinlian.testing import Consortium


@pytest.fixture(scope="module")
def told():
    told = tell_paid()
    yield told
    told.consortium.close()


@pytest.fixture
def model(told, tmp_path):
    model = open_model(sqlite_address(tmp_path), told.consortium)
    yield model
    model.close()


class Pruned:
    """A store that lost the bodies of some heights, or its last blocks."""

    def __init__(self, store, missing=(), head=None):
        self._store, self._missing, self._head = store, missing, head

    def head(self):
        return self._store.head() if self._head is None else self._head

    def extent(self):
        return self._store.extent()

    def block(self, height):
        return None if height in self._missing else self._store.block(height)

    def outcome(self, height):
        return self._store.outcome(height)


def test_a_new_database_has_projected_nothing(model):
    assert model.height == -1


def test_projecting_again_changes_nothing(told, model):
    height = model.project(told.store)
    rows = model.dump()
    assert model.project(told.store) == height == model.height
    assert model.dump() == rows


def test_a_rebuild_gives_the_same_rows(told, model):
    height = model.project(told.store)
    rows = model.dump()
    assert model.rebuild(told.store) == height
    assert model.dump() == rows


def test_a_part_of_the_chain_may_be_projected_first(told, model):
    assert model.project(told.store, up_to=5) == 5
    assert [row.height for row in model.blocks().rows] == [0, 1, 2, 3, 4, 5]
    assert model.project(told.store, up_to=3) == 5, "what is there stays"


def test_a_store_without_genesis_gives_nothing(told, model):
    class Empty:
        def head(self):
            return None

    assert model.project(Empty()) == -1


def test_a_missing_body_is_named_and_what_was_projected_before_is_kept(told, model, monkeypatch):
    monkeypatch.setattr(model_module, "BLOCKS_PER_TRANSACTION", 4)
    with pytest.raises(BlockMissing) as missing:
        model.project(Pruned(told.store, missing={10}))
    assert "10" in str(missing.value)
    assert model.height == 7, "two transactions of four blocks"
    assert model.project(told.store) > 10


def test_a_store_that_lost_its_last_blocks_is_told_apart(told, model):
    model.project(told.store)
    short = Consortium()
    with pytest.raises(OtherChain):
        model.project(Pruned(told.store, head=short.engine.application.store.head()))
    short.close()


def test_a_block_of_another_history_is_refused(told, model):
    other = tell_late()
    model.project(told.store, up_to=10)
    rows = model.dump()
    with pytest.raises(OtherChain):
        model.project(other.store)
    assert model.dump() == rows
    other.consortium.close()


def test_a_projection_that_breaks_down_leaves_the_height_before(told, model, monkeypatch):
    model.project(told.store, up_to=5)
    rows = model.dump()
    original = model._blocks.apply

    def break_at_8(writer, block, outcome):
        if block.signed_header.header.height == 8:
            raise ZeroDivisionError
        return original(writer, block, outcome)

    monkeypatch.setattr(model._blocks, "apply", break_at_8)
    with pytest.raises(ZeroDivisionError):
        model.project(told.store)
    assert model.dump() == rows


def test_an_address_that_cannot_be_used_is_refused_at_once(told, tmp_path):
    for address, error in (
        ("sqlite://", AddressInvalid),
        (f"sqlite:///{tmp_path}/no/such/folder/x.db", DatabaseFailed),
    ):
        with pytest.raises(error):
            open_model(address, told.consortium)


def test_readers_of_a_running_projection_see_whole_blocks(told, model):
    """After each height the balances of every asset sum to zero, whoever asks."""
    store = told.store
    settle = told.party("settle")
    for height in range(model_height(store) + 1):
        model.project(store, up_to=height)
        sums: dict[str, int] = {}
        for row in model.balances(settle, height).rows:
            sums[row.asset_id] = sums.get(row.asset_id, 0) + row.balance_minor
        assert set(sums.values()) <= {0}


def model_height(store) -> int:
    return model_module.head_height(store)


def test_a_transaction_ends_early_when_its_rows_are_many(told, model, monkeypatch):
    monkeypatch.setattr(model_module, "ROWS_PER_TRANSACTION", 0)
    commits: list[int] = []
    original = model_module._record

    def counted(connection, writer, *arguments, **options):
        commits.append(writer.height)
        original(connection, writer, *arguments, **options)

    monkeypatch.setattr(model_module, "_record", counted)
    height = model.project(told.store)
    assert commits == list(range(height + 1))


def test_a_batch_of_transfers_is_projected_whole(tmp_path):
    consortium = Consortium()
    accounts = consortium.account("core"), consortium.account("bank")
    consortium.send("core", *(Transfer(*accounts, amount) for amount in range(1, 301)))
    model: ReadModel = open_model(sqlite_address(tmp_path), consortium)
    model.project(consortium.engine.application.store)
    (transaction,) = model.transactions(consortium["core"].party).rows
    assert transaction.call_count == 300
    assert len(model.dump()["transfers"]) == 300
    assert len(model.dump()["messages"]) == 1, "three hundred calls that are alike"
    model.close()
    consortium.close()
