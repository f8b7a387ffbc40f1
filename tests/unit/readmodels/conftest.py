"""Two told ledgers with their read models on SQLite, shared by the tests of this folder."""

import dataclasses
from collections.abc import Iterator

import pytest

from unit.readmodels.stories import Told, open_model, sqlite_address, tell_late, tell_paid
from xinlian.readmodels import ReadModel
from xinlian.readmodels.rows import RowT


@dataclasses.dataclass
class Projected:
    """A told ledger beside its read model."""

    told: Told
    model: ReadModel

    def rows(self, row_type: type[RowT]) -> list[RowT]:
        """Return all rows of a table, whoever may read them, ascending by key."""
        from xinlian.readmodels.working_set import WorkingSet

        with self.model._database.reading() as connection:
            return WorkingSet(connection).find(row_type)


@pytest.fixture(scope="session")
def paid(tmp_path_factory) -> Iterator[Projected]:
    yield from _project(tell_paid(), sqlite_address(tmp_path_factory.mktemp("paid")))


@pytest.fixture(scope="session")
def late(tmp_path_factory) -> Iterator[Projected]:
    yield from _project(tell_late(), sqlite_address(tmp_path_factory.mktemp("late")))


@pytest.fixture(params=["paid", "late"])
def projected(request) -> Projected:
    """Both ledgers, one after the other."""
    found: Projected = request.getfixturevalue(request.param)
    return found


def _project(told: Told, address: str) -> Iterator[Projected]:
    model = open_model(address, told.consortium)
    model.project(told.store)
    yield Projected(told, model)
    model.close()
    told.consortium.close()
