"""Validators that change: each change is named by more than two thirds of those before."""

from typing import Any

import pytest

from unit.verifier.networks import FIELDS, Signer, change, receipt_by, root_of
from xinlian.client.heads import HeadRefused, checkpoint_of_receipt
from xinlian.crypto.codec import decode, encode
from xinlian.verifier import VerificationFailed, verify_checkpoint, verify_file, verify_receipt

A, B, C, D, E, F = (Signer(number) for number in range(1, 7))
FIRST, SECOND, THIRD = (A, B, C, D), (A, B, C, E), (F, B, C, E)
HEIGHT = FIELDS[3][0][4][2]
ROOT = root_of(*FIRST)


def verified(file, root=ROOT):
    return verify_receipt(file, root, allow_simulated=True)


def test_a_receipt_follows_two_changes_from_the_genesis_file():
    changes = (change(0, FIRST, SECOND), change(1, SECOND, THIRD))
    report = verified(receipt_by(THIRD, changes))
    assert report.headers[0].set_changes == 2
    assert set(report.headers[0].validators) == {each.public.hex() for each in THIRD}
    assert "2 changes since" in report.assumption
    assert "2 次变更" in report.assumption_zh


def test_without_the_change_or_with_another_the_votes_are_refused():
    for changes in ((), (change(1, FIRST, FIRST),), (change(1, FIRST, THIRD),)):
        with pytest.raises(VerificationFailed, match="a change is left out"):
            verified(receipt_by(SECOND, changes))


def test_a_change_needs_more_than_two_thirds_of_the_validators_before_it():
    verified(receipt_by(SECOND, (change(1, FIRST, SECOND, signed_by=(A, B, C)),)))
    for too_few in ((A, B), (A,), ()):
        with pytest.raises(VerificationFailed, match="two thirds"):
            verified(receipt_by(SECOND, (change(1, FIRST, SECOND, signed_by=too_few),)))
    with pytest.raises(VerificationFailed, match="by no validator"):
        verified(receipt_by(SECOND, (change(1, FIRST, SECOND, signed_by=(A, B, C, E)),)))
    with pytest.raises(VerificationFailed, match="by no validator"):
        verified(receipt_by(SECOND, (change(1, FIRST, SECOND, signed_by=(A, B, B)),)))


def test_the_list_of_new_validators_is_the_one_that_the_header_names():
    *rest, _ = change(1, FIRST, SECOND)
    for listed in (
        tuple((each.public, 10) for each in THIRD),
        tuple((each.public, 11) for each in SECOND),
    ):
        with pytest.raises(VerificationFailed, match="names other validators"):
            verified(receipt_by(SECOND, ((*rest, listed),)))
    unlisted: Any
    for unlisted in ((), ((A.public, 0),), ((A.public, 1), (A.public, 1)), ((b"short", 1),), 7):
        with pytest.raises(VerificationFailed, match="validator change"):
            verified(receipt_by(SECOND, ((*rest, unlisted),)))


def test_changes_ascend_from_the_root_and_stay_below_the_header():
    with pytest.raises(VerificationFailed, match="out of order"):
        verified(receipt_by(THIRD, (change(1, FIRST, SECOND), change(0, SECOND, THIRD))))
    with pytest.raises(VerificationFailed, match="out of order"):
        verified(receipt_by(SECOND, (change(HEIGHT, FIRST, SECOND),)))


def test_changes_behind_a_checkpoint_are_passed_over():
    changes = (change(0, FIRST, SECOND), change(1, SECOND, THIRD))
    own = bytes.fromhex(verified(receipt_by(THIRD, changes)).headers[0].hash)
    for height, those in ((0, SECOND), (1, THIRD)):
        root = root_of(*those, height=height, header_hash=own)
        report = verified(receipt_by(THIRD, changes), root)
        assert report.headers[0].set_changes == 1 - height
    with pytest.raises(VerificationFailed, match="a change is left out"):
        verified(receipt_by(THIRD, changes), root_of(*SECOND, height=1, header_hash=own))


@pytest.mark.parametrize("changes", [7, b"", (7,), ((),), ((1, 2, 3, 4, 5, 6),)])
def test_what_is_no_list_of_changes_is_refused(changes):
    fields: Any = decode(receipt_by(FIRST))
    part = ((*fields[3][0], changes), *fields[3][1:])
    with pytest.raises(VerificationFailed):
        verified(encode((*fields[:3], part, None)))


def test_a_checkpoint_saves_the_changes_before_it():
    receipt = receipt_by(SECOND, (change(1, FIRST, SECOND),))
    checkpoint = checkpoint_of_receipt(receipt, ROOT)
    root, report = verify_checkpoint(checkpoint, allow_simulated=True)
    assert dict(root.validators) == {each.public: 10 for each in SECOND}
    assert (root.height, root.kind) == (HEIGHT - 1, "checkpoint")
    assert root.time_ms == report.time_ms
    found = verified(receipt_by(SECOND), root)
    assert found.headers[0].is_checkpoint
    assert "checkpoint of height" in found.assumption
    with pytest.raises(VerificationFailed):
        verified(receipt_by(FIRST), root)


def test_a_checkpoint_of_a_network_is_held_against_its_genesis_file():
    checkpoint = checkpoint_of_receipt(receipt_by(FIRST), ROOT)
    report: Any = verify_file(checkpoint, ROOT, allow_simulated=True)
    assert report.engine == "cometbft"
    with pytest.raises(VerificationFailed, match="not of the genesis"):
        verify_file(checkpoint, root_of(*FIRST, genesis_hash=bytes(32)), allow_simulated=True)
    with pytest.raises(VerificationFailed, match="network's headers"):
        verify_file(checkpoint, root_of(), allow_simulated=True)


def test_a_checkpoint_whose_own_validators_did_not_commit_it_is_refused():
    fields: Any = decode(checkpoint_of_receipt(receipt_by(FIRST), ROOT))
    others = tuple((each.public, 10) for each in SECOND)
    for validators in (others, (), fields[5][:1]):
        with pytest.raises(VerificationFailed):
            verify_checkpoint(encode((*fields[:5], validators, *fields[6:])), allow_simulated=True)


def test_another_header_at_the_checkpoints_height_is_a_second_history():
    root, _ = verify_checkpoint(
        checkpoint_of_receipt(receipt_by(FIRST), ROOT), allow_simulated=True
    )
    other = root_of(*FIRST, kind="checkpoint", height=root.height, header_hash=bytes(32))
    with pytest.raises(VerificationFailed, match="second history"):
        verified(receipt_by(FIRST), other)


def test_an_embedded_chain_gives_no_checkpoint_by_receipt():
    with pytest.raises((HeadRefused, VerificationFailed)):
        checkpoint_of_receipt(receipt_by(FIRST), root_of())
