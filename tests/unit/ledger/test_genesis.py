"""The genesis file: whatever is wrong with it is said, and never a traceback."""

import json

import msgspec
import pytest

from golden.vectors import load
from xinlian.ledger.genesis import (
    GENESIS_BYTES_MAX,
    GenesisInvalid,
    amount_minor_of,
    encode_genesis,
    genesis_hash,
    parse_genesis,
    section,
    unknown_sections,
)

GOOD = json.loads(bytes.fromhex(load("ledger")["genesis"]))
KEY = GOOD["operators"][0]["public_key"]


class Section(msgspec.Struct, forbid_unknown_fields=True):
    """A section of the tests."""

    limit: int


def written(**changes: object) -> bytes:
    return json.dumps(GOOD | changes).encode()


def test_a_file_is_parsed_and_written_again_with_the_same_content():
    genesis = parse_genesis(written(sections={"tests": {"limit": 3}}))
    again = parse_genesis(encode_genesis(genesis))
    assert encode_genesis(again) == encode_genesis(genesis)
    assert section(again, "tests", Section).limit == 3
    assert unknown_sections(genesis, {}) == ["tests"]


def test_the_hash_covers_every_byte_of_the_file():
    assert genesis_hash(written()) != genesis_hash(written() + b" ")


@pytest.mark.parametrize(
    "changes",
    [
        {"format": "xinlian-genesis-2"},
        {"chain_id": ""},
        {"chain_id": "test-" + "c" * 48},
        {"clock": "sundial"},
        {"clock": "live"},
        {"chain_id": "golden"},
        {"genesis_time_ms": 0},
        {"genesis_time_ms": -1},
        {"genesis_time_ms": 2**60},
        {"operators": []},
        {"operators": [{"suite": "ed25519", "public_key": "not hex"}]},
        {"operators": [{"suite": "ed25519", "public_key": KEY[:-2]}]},
        {"operators": [{"suite": "ed25519", "public_key": KEY.upper()}]},
        {"operators": [{"suite": "ed25519", "public_key": "00" * 32}]},
        {"operators": [{"suite": "sm2", "public_key": KEY}]},
        {"app_version": "1"},
        {"surprise": 1},
        {"sections": []},
    ],
)
def test_a_rule_that_is_broken_is_named(changes):
    with pytest.raises(GenesisInvalid):
        parse_genesis(written(**changes))


@pytest.mark.parametrize(
    "data",
    [b"", b"{", b"[]", b"\xff", b"null", b"[" * 100_000, bytes(GENESIS_BYTES_MAX + 1)],
    ids=["empty", "cut", "array", "binary", "null", "deep", "large"],
)
def test_other_bytes_are_refused(data):
    with pytest.raises(GenesisInvalid):
        parse_genesis(data)


@pytest.mark.parametrize("content", [None, {}, {"limit": "x"}, {"limit": 1, "more": 2}])
def test_a_section_is_there_and_typed(content):
    sections = {} if content is None else {"tests": content}
    genesis = parse_genesis(written(sections=sections))
    with pytest.raises(GenesisInvalid, match="section tests"):
        section(genesis, "tests", Section)


def test_amounts_are_plain_decimal_digits_within_range():
    assert amount_minor_of("0", "cap") == 0
    assert amount_minor_of(str(2**63 - 1), "cap") == 2**63 - 1
    for text in ("", "-1", "+1", "1.0", "1_000", " 1", "1\n", "１", "x", str(2**63), "9" * 5_000):
        with pytest.raises(GenesisInvalid, match="cap"):
            amount_minor_of(text, "cap")
