"""Evidence packs: bounded, the same bytes for the same parts, and nothing besides."""

import io
import zipfile

import pytest

from xinlian.client import evidence_pack as packing
from xinlian.client.evidence_pack import PackTooLarge, evidence_pack

RECEIPTS = [(bytes([number]) * 32, b"receipt %d" % number) for number in range(3)]
DOCUMENTS = [(b"d" * 32, b"a document")]


def names(pack: bytes) -> list[str]:
    with zipfile.ZipFile(io.BytesIO(pack)) as archive:
        assert archive.testzip() is None
        return archive.namelist()


def test_the_same_parts_give_the_same_bytes_in_any_order():
    pack = evidence_pack(b"{}", RECEIPTS, DOCUMENTS)
    assert pack == evidence_pack(b"{}", reversed(RECEIPTS), DOCUMENTS)
    assert names(pack) == sorted(names(pack))


def test_a_pack_has_receipts_documents_and_a_verifier_that_imports_nothing_else():
    found = names(evidence_pack(b"{}", RECEIPTS, DOCUMENTS))
    assert [f"receipts/{name.hex()}.receipt" in found for name, _ in RECEIPTS] == [True] * 3
    assert f"documents/{(b'd' * 32).hex()}.document" in found
    assert {"genesis.json", "README.txt", "sums.txt"} < set(found)
    packages = {name.split("/")[2] for name in found if name.startswith("verifier/xinlian/")}
    assert packages == {"__init__.py", "verifier", "crypto"}


@pytest.mark.parametrize(("bound", "value"), [("PARTS_MAX", 30), ("PACK_BYTES_MAX", 4_096)])
def test_a_pack_beyond_its_bounds_is_refused(monkeypatch, bound, value):
    monkeypatch.setattr(packing, bound, value)
    with pytest.raises(PackTooLarge):
        evidence_pack(b"{}", ((bytes([n]) * 32, b"x" * 512) for n in range(200)), ())
