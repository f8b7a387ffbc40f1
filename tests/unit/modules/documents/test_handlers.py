import pytest

from unit.apps.supply_chain.looking import try_out
from xinlian.modules.documents.messages import CountersignDocument, RegisterDocument
from xinlian.modules.documents.types import COUNTERSIGNERS_MAX, DOCUMENTS
from xinlian.testing import Consortium
from xinlian.testing.trade import SUCCEEDED, Trade

ROOT = b"r" * 32


@pytest.fixture
def c():
    consortium = Consortium()
    Trade(consortium).step("supplier1", RegisterDocument(ROOT, "contract", 1))
    yield consortium
    consortium.close()


def test_a_root_is_registered_once_whoever_tries(c):
    for name in ("supplier1", "core"):
        tried = try_out(c, name, RegisterDocument(ROOT, "order", 2))
        assert tried.reference == "documents/document_exists"
        assert tried.changes_nothing


def test_every_other_party_countersigns_once(c):
    assert try_out(c, "core", CountersignDocument(bytes(32))).reference == (
        "documents/unknown_document"
    )
    assert try_out(c, "supplier1", CountersignDocument(ROOT)).reference == (
        "documents/already_signed"
    )
    for name in ("core", "bank"):
        Trade(c).step(name, CountersignDocument(ROOT))
        again = try_out(c, name, CountersignDocument(ROOT))
        assert again.reference == "documents/already_signed"
    with c.engine.application.store.snapshot() as snapshot:
        found = DOCUMENTS.require(snapshot, ROOT)
    assert found.owner == c["supplier1"].party
    assert found.countersigners == (c["core"].party, c["bank"].party)


def test_countersigners_are_bounded(c, monkeypatch):
    monkeypatch.setattr("xinlian.modules.documents.handlers.COUNTERSIGNERS_MAX", 1)
    assert COUNTERSIGNERS_MAX == 8
    Trade(c).step("core", CountersignDocument(ROOT))
    assert try_out(c, "bank", CountersignDocument(ROOT)).reference == "documents/too_many_signers"
    assert try_out(c, "bank", RegisterDocument(b"s" * 32, "order", 1)).reference == SUCCEEDED
