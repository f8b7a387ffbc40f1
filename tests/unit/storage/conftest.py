import pytest

from unit.storage.batches import STORES


@pytest.fixture(params=STORES, ids=["memory", "lmdb", "virtual disk"])
def store(request, tmp_path):
    opened = request.param(tmp_path)
    yield opened
    opened.close()
