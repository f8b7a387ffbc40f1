"""Checkpoints as roots of trust, and proof that an operator showed two histories."""

import dataclasses

import pytest

from golden import derive_receipts as derived
from xinlian.verifier import (
    Equivocation,
    VerificationFailed,
    root_of_genesis,
    verify_checkpoint,
    verify_equivocation,
    verify_file,
    verify_receipt,
)

ROOT = root_of_genesis(derived.genesis())
FILES = {name: data for name, (data, _) in derived.valid().items()}
BANK, FIRM = derived.PARTIES
LATER = derived.FIRST.attested(
    (derived.SECOND, derived.THIRD),
    ((derived.THIRD, BANK.seed),),
)


def test_a_receipt_whose_headers_reach_the_checkpoint_rests_on_it():
    root, _ = verify_checkpoint(FILES["checkpoint"])
    report = verify_receipt(derived.receipt(derived.ordered(LATER)), root)
    assert report.headers[0].is_checkpoint
    assert "the very chain" in report.assumption
    lone = verify_receipt(FILES["transaction"], root)
    assert not lone.headers[0].is_checkpoint
    assert "the keys" in lone.assumption


def test_a_receipt_that_passes_the_checkpoint_by_is_refused_as_a_second_history():
    root, _ = verify_checkpoint(FILES["checkpoint"])
    other = derived.link(3, derived.SECOND.hash, time_ms=derived.TIME_MS + 99)
    header = derived.FIRST.attested((derived.SECOND, other), ((other, BANK.seed),))
    forked = derived.receipt(derived.ordered(header))
    verify_receipt(forked, ROOT)
    with pytest.raises(VerificationFailed, match="second history"):
        verify_receipt(forked, root)


def test_a_checkpoint_is_held_against_the_genesis_file_that_it_says_it_is_of():
    verify_checkpoint(FILES["checkpoint"], ROOT)
    other = dataclasses.replace(ROOT, genesis_hash=bytes(32))
    with pytest.raises(VerificationFailed, match="not of the genesis"):
        verify_checkpoint(FILES["checkpoint"], other)


def test_on_a_network_an_operators_head_is_no_checkpoint_and_proves_nothing():
    network = dataclasses.replace(ROOT, validators=((bytes(32), 1),))
    for name in ("checkpoint", "transaction", "equivocation, two headers of one height"):
        with pytest.raises(VerificationFailed, match="network"):
            verify_file(FILES[name], network)


def test_a_rehearsals_files_are_refused_unless_they_are_allowed():
    root = dataclasses.replace(ROOT, is_simulated=True)
    for name in ("transaction", "equivocation, two headers of one height"):
        with pytest.raises(VerificationFailed, match="rehearsal"):
            verify_file(FILES[name], root)
        with pytest.raises(VerificationFailed, match="disagree"):  # its headers say live
            verify_file(FILES[name], root, allow_simulated=True)


def test_two_headers_of_one_height_prove_equivocation_against_any_root():
    data = FILES["equivocation, two headers of one height"]
    found = verify_file(data, ROOT)
    assert isinstance(found, Equivocation)
    assert found.heights == (2, 2)
    assert "two different headers of height 2" in found.statement
    assert "两个不同的区块头" in found.statement_zh
    checkpoint, _ = verify_checkpoint(FILES["checkpoint"])
    assert verify_equivocation(data, checkpoint).hashes == found.hashes


def test_headers_that_no_operator_of_the_root_signed_prove_nothing():
    stranger = dataclasses.replace(
        ROOT, operators=frozenset({derived.public_key(derived.STRANGER_SEED)})
    )
    for name in ("equivocation, two headers of one height", "checkpoint"):
        with pytest.raises(VerificationFailed):
            verify_file(FILES[name], stranger)


def test_a_receipt_is_no_proof_of_equivocation_nor_the_other_way_round():
    with pytest.raises(VerificationFailed, match="unknown format"):
        verify_equivocation(FILES["transaction"], ROOT)
    with pytest.raises(VerificationFailed, match="unknown format"):
        verify_receipt(FILES["equivocation, two headers of one height"], ROOT)
