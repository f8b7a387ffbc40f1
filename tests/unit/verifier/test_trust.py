"""Roots of trust: whose keys count, and what is no root at all."""

import json

import pytest

from golden import derive_receipts as derived
from xinlian.crypto.codec import decode, encode
from xinlian.verifier import VerificationFailed, root_of_genesis
from xinlian.verifier.trust import checkpoint_rows, read_checkpoint

GENESIS = derived.genesis()
CHECKPOINT = derived.valid()["checkpoint"][0]


def changed_genesis(**changes):
    return json.dumps({**json.loads(GENESIS), **changes}).encode()


def changed_checkpoint(at, value):
    fields = decode(CHECKPOINT)
    assert isinstance(fields, tuple)
    return encode((*fields[:at], value, *fields[at + 1 :]))


def test_a_genesis_file_names_operators_and_the_parties_of_each_key():
    root = root_of_genesis(GENESIS)
    assert root.operators == {derived.public_key(derived.OPERATOR_SEED)}
    named = {(party.code, party.name, party.kind) for party in root.parties.values()}
    assert named == {(party.code, party.name, party.kind) for party in derived.PARTIES}
    assert not any(party.is_operator for party in root.parties.values())


def test_a_party_that_has_an_operators_key_is_known_for_it():
    chain = json.loads(GENESIS)
    operator = derived.public_key(derived.OPERATOR_SEED).hex()
    chain["sections"]["members"]["parties"][0]["keys"].append(
        {"role": "operator", "suite": "ed25519", "public_key": operator},
    )
    root = root_of_genesis(json.dumps(chain).encode())
    by_code = {party.code: party.is_operator for party in root.parties.values()}
    assert by_code == {derived.PARTIES[0].code: True, derived.PARTIES[1].code: False}


@pytest.mark.parametrize(
    "genesis",
    [
        b"",
        b"[]",
        b"{",
        b"[" * 100_000,
        changed_genesis(operators=[]),
        changed_genesis(operators=[{"public_key": "zz"}]),
        changed_genesis(clock="sundial"),
        changed_genesis(chain_id=7),
        changed_genesis(sections={"members": {"parties": [{"uscc": 1}]}}),
        changed_genesis(sections=[]),
    ],
)
def test_what_is_no_genesis_file_is_no_root(genesis):
    with pytest.raises(VerificationFailed, match="genesis"):
        root_of_genesis(genesis)


def test_one_key_of_two_parties_is_refused():
    chain = json.loads(GENESIS)
    parties = chain["sections"]["members"]["parties"]
    parties[1]["keys"] = parties[0]["keys"]
    with pytest.raises(VerificationFailed, match="two parties"):
        root_of_genesis(json.dumps(chain).encode())


def test_a_checkpoint_names_what_its_genesis_file_names():
    root = root_of_genesis(GENESIS)
    checkpoint = read_checkpoint(CHECKPOINT)
    assert checkpoint.root.parties == root.parties
    assert checkpoint.root.operators == root.operators
    assert checkpoint.root.genesis_hash == root.genesis_hash
    assert changed_checkpoint(6, checkpoint_rows(root)) == CHECKPOINT


@pytest.mark.parametrize(
    "data",
    [
        b"",
        encode(()),
        changed_checkpoint(0, "xinlian-checkpoint-9"),
        changed_checkpoint(1, "abacus"),
        changed_checkpoint(2, "md5"),
        changed_checkpoint(3, bytes(31)),
        changed_checkpoint(4, "sundial"),
        changed_checkpoint(5, (b"short",)),
        changed_checkpoint(6, (("code", "name", "club", ()),)),
        changed_checkpoint(6, (("code", "name", "member", ("text",)),)),
        changed_checkpoint(7, (None, (), (), (), ())),
        bytes(5 << 20),
    ],
)
def test_what_is_no_checkpoint_is_no_root(data):
    with pytest.raises(VerificationFailed, match="checkpoint"):
        read_checkpoint(data)
