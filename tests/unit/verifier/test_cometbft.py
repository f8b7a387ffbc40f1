"""A receipt that four real validators committed, kept as it was written: no engine is needed here.

``cometbft_receipt.bin`` and ``cometbft_genesis.json`` are from one run of the network of
``unit/engines/cometbft/test_receipts.py``; the votes in the file were signed by the engine itself,
over bytes that it encoded, so they are an independent vector of every encoding here.
"""

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from xinlian.crypto.codec import decode, encode
from xinlian.verifier import VerificationFailed, root_of_genesis, verify_receipt
from xinlian.verifier.cometbft import (
    check_in_block,
    read_engine_header,
    require_chain_record,
    tree_root,
    validators_hash,
)

HERE = Path(__file__).parent
RECEIPT = (HERE / "cometbft_receipt.bin").read_bytes()
GENESIS = (HERE / "cometbft_genesis.json").read_bytes()
FIELDS: Any = decode(RECEIPT)
HEADER = FIELDS[3][0]


def test_the_kept_receipt_verifies():
    report = verify_receipt(RECEIPT, GENESIS, allow_simulated=True)
    assert (report.engine, report.trust_root, report.code) == ("cometbft", "genesis", 0)
    assert all(len(header.validators) >= 3 for header in report.headers)


def test_the_strangers_program_verifies_it_alone():
    command = [sys.executable, "-m", "xinlian.verifier", str(HERE / "cometbft_receipt.bin")]
    done = subprocess.run(
        [*command, "--genesis", str(HERE / "cometbft_genesis.json"), "--allow-simulated"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert '"engine": "cometbft"' in done.stdout


def test_the_engines_own_hash_of_its_validators_and_headers_is_found():
    root = root_of_genesis(GENESIS)
    own = read_engine_header(HEADER[3], root.chain_id)
    following = read_engine_header(HEADER[4], root.chain_id)
    assert following.validators_hash == validators_hash(root.validators)
    assert following.last_block_hash == own.hash
    assert following.height == own.height + 1


def test_a_rehearsal_is_refused_unless_it_is_allowed():
    with pytest.raises(VerificationFailed, match="simulated"):
        verify_receipt(RECEIPT, GENESIS)


def test_the_first_leaf_and_the_empty_tree_are_those_of_the_published_tree():
    # RFC 6962: the hash of an empty list, and of a list of one empty leaf.
    assert tree_root([]).hex() == (
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    )
    assert tree_root([b""]).hex() == (
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"
    )


def test_a_tree_of_eight_is_that_of_the_published_vectors():
    # Certificate Transparency's reference vectors (RFC 6962, Merkle tree tests).
    leaves = [
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    ]
    assert tree_root([bytes.fromhex(leaf) for leaf in leaves]).hex() == (
        "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"
    )


def test_power_orders_validators_before_their_address():
    light, heavy = (b"a" * 32, 1), (b"b" * 32, 9)
    assert validators_hash((light, heavy)) == validators_hash((heavy, light))
    assert validators_hash((light, heavy)) != validators_hash(((b"a" * 32, 9), (b"b" * 32, 1)))


@pytest.mark.parametrize("field", range(17))
def test_every_field_of_an_engines_header_is_under_its_hash(field):
    chain_id = root_of_genesis(GENESIS).chain_id
    value = HEADER[4][field]
    other = value + 1 if isinstance(value, int) else bytes((value[0] ^ 1,)) + value[1:]
    changed = (*HEADER[4][:field], other, *HEADER[4][field + 1 :])
    assert (
        read_engine_header(changed, chain_id).hash != read_engine_header(HEADER[4], chain_id).hash
    )
    assert read_engine_header(HEADER[4], "other").hash != read_engine_header(changed, chain_id).hash


@pytest.mark.parametrize("value", [(), 7, (1,) * 17, (b"",) * 17])
def test_what_is_no_header_of_the_engine_is_refused(value):
    with pytest.raises(VerificationFailed):
        read_engine_header(value, "test")


def test_a_place_outside_the_block_is_refused():
    root = tree_root([b"x"])
    for index, count in ((1, 1), (0, 0), (5, 3)):
        with pytest.raises(VerificationFailed):
            check_in_block(b"x", index, count, (), root)


def test_expiry_needs_the_chains_record():
    require_chain_record(HEADER)
    with pytest.raises(VerificationFailed, match="chain record"):
        require_chain_record((HEADER[0], None, None, *HEADER[3:]))


def test_a_receipt_cannot_be_relabelled():
    relabelled = encode((FIELDS[0], "embedded", *FIELDS[2:]))
    with pytest.raises(VerificationFailed):
        verify_receipt(relabelled, GENESIS, allow_simulated=True)
