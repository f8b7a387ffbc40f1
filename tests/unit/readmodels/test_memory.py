"""What is remembered between blocks is valid for one height, bounded, and never needed."""

from unit.readmodels.stories import open_model, sqlite_address
from xinlian.readmodels import memory as memory_module
from xinlian.readmodels.memory import Memory
from xinlian.readmodels.rows import AssetRow


def filled() -> Memory:
    memory = Memory(height=7)
    memory.rows[AssetRow][("asset_x",)] = None
    memory.readers["party", "party_x"] = {"members": None}
    return memory


def test_at_its_height_it_is_kept_and_at_another_one_forgotten():
    memory = filled()
    memory.stand_at(7)
    assert memory.rows
    memory.stand_at(9)
    assert memory == Memory(height=9)


def test_when_it_is_full_all_is_forgotten_but_the_height(monkeypatch):
    memory = filled()
    memory.forget_when_full()
    assert memory == filled()
    monkeypatch.setattr(memory_module, "ENTRIES_MAX", 1)
    memory.forget_when_full()
    assert memory == Memory(height=7)


def test_a_projector_that_remembers_nothing_writes_the_same_rows(paid, tmp_path, monkeypatch):
    monkeypatch.setattr(memory_module, "ENTRIES_MAX", -1)
    forgetful = open_model(sqlite_address(tmp_path), paid.told.consortium)
    for height in range(paid.model.height + 1):
        forgetful.project(paid.told.store, up_to=height)
    assert forgetful.dump() == paid.model.dump()
    forgetful.close()
