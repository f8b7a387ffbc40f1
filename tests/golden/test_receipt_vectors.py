"""The verifier against ``docs/reference/receipt-vectors.json``, which was derived without it."""

import json
import os

import pytest

from golden import derive_receipts
from xinlian.verifier import (
    Equivocation,
    Report,
    VerificationFailed,
    root_of_genesis,
    verify_checkpoint,
    verify_file,
)
from xinlian.verifier.words import common_countersigners

VECTORS = json.loads(derive_receipts.FILE.read_text("utf-8"))
ROOT = root_of_genesis(bytes.fromhex(VECTORS["genesis"]))
VALID = {row["name"]: bytes.fromhex(row["file"]) for row in VECTORS["valid"]}
IS_SOAK = os.environ.get("XINLIAN_TEST_PROFILE") == "soak"
CHANGES = 1_200
"""Changed bytes that are tried of all files together; every byte in the soak profile."""
STEPS = {
    "format",
    "genesis",
    "clock",
    "header",
    "header signature",
    "application hash",
    "later header",
    "countersignature",
    "transaction",
    "result",
    "events",
    "state",
    "state proof",
    "expiry",
    "checkpoint",
    "equivocation",
}


def by_name(rows):
    return pytest.mark.parametrize("row", rows, ids=[row["name"] for row in rows])


def test_the_file_is_what_its_derivation_gives():
    assert json.loads(json.dumps(derive_receipts.vectors())) == VECTORS


@by_name(VECTORS["valid"])
def test_a_valid_file_proves_what_the_vectors_say(row):
    report = verify_file(bytes.fromhex(row["file"]), ROOT)
    proves = row["proves"]
    assert list(report.heights) == proves["heights"]
    if isinstance(report, Equivocation):
        return
    assert report.transaction_id == proves.get("transaction_id", "")
    assert report.code == proves.get("code", 0)
    assert report.expired_transaction_id == proves.get("expired", "")
    assert list(report.present_keys) == proves.get("present", [])
    assert list(report.absent_keys) == proves.get("absent", [])
    signers = [signer.code for signer in common_countersigners(report.headers)]
    assert signers == proves.get("countersigners", [])


@by_name(VECTORS["invalid"])
def test_an_invalid_file_is_refused_at_the_step_that_the_vectors_name(row):
    with pytest.raises(VerificationFailed) as refused:
        verify_file(bytes.fromhex(row["file"]), ROOT)
    assert refused.value.step == row["step"]


@pytest.mark.parametrize("row", VECTORS["changed"], ids=lambda row: f"{row['of']}@{row['at']}")
def test_a_changed_byte_is_refused_at_the_step_that_the_vectors_name(row):
    with pytest.raises(VerificationFailed) as refused:
        verify_file(with_changed_byte(VALID[row["of"]], row["at"], 1), ROOT)
    assert refused.value.step == row["step"]


def test_any_changed_byte_of_any_vector_is_refused_with_a_name():
    places = [(data, at) for data in VALID.values() for at in range(len(data))]
    step = 1 if IS_SOAK else len(places) // CHANGES
    for number, (data, at) in enumerate(places[::step]):
        if is_of_an_expired_transaction(data, at):
            continue
        with pytest.raises(VerificationFailed) as refused:
            verify_file(with_changed_byte(data, at, number % 255 + 1), ROOT)
        assert refused.value.step in STEPS, (refused.value.step, at)


def test_a_checkpoint_takes_the_place_of_the_genesis_file():
    root, report = verify_checkpoint(VALID["checkpoint"])
    assert (root.height, report.heights) == (3, (3,))
    assert root.parties == ROOT.parties
    for name, data in VALID.items():
        found, expected = verify_file(data, root), verify_file(data, ROOT)
        assert found.heights == expected.heights, name
        if not isinstance(found, Equivocation):
            assert "checkpoint of height 3" in found.assumption


def is_of_an_expired_transaction(data: bytes, at: int) -> bool:
    """What was never ordered is in no header: another transaction of the same key expired too."""
    begins = data.find(derive_receipts.RAW)
    is_expiry = data in (VALID["expiry, first moment"], VALID["expiry, last moment"])
    return is_expiry and begins <= at < begins + len(derive_receipts.RAW)


def test_a_changed_transaction_is_never_the_one_that_was_shown_to_have_expired():
    data = VALID["expiry, first moment"]
    begins = data.find(derive_receipts.RAW)
    signatures = begins + len(derive_receipts.RAW) - 64
    expired = derive_receipts.valid()["expiry, first moment"][1]["expired"]
    for at in range(begins, signatures, 3):
        try:
            report = verify_file(with_changed_byte(data, at, 1), ROOT)
        except VerificationFailed:
            continue
        assert isinstance(report, Report)
        assert report.expired_transaction_id != expired


def with_changed_byte(data: bytes, at: int, by: int) -> bytes:
    return data[:at] + bytes(((data[at] + by) % 256,)) + data[at + 1 :]
