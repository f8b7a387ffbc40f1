"""A reading has one form of signed bytes; what else arrives is refused, never a traceback."""

import struct

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from unit.connectors.devices.series import CHAIN, DEVICE, reading
from xinlian.connectors.devices import (
    PAYLOAD_BYTES_MAX,
    Reading,
    ReadingRefused,
    leaf_of,
    payload_of,
    read_payload,
    readings_root,
    sign_reading,
)
from xinlian.connectors.devices.readings import is_signed_by, signed_bytes
from xinlian.crypto.ed25519 import SigningKey
from xinlian.crypto.merkle import merkle_root

KEY = SigningKey(b"k" * 32)
SIGNED = sign_reading(KEY, CHAIN, reading(7, -18_500, place=(312_304_000, 1_214_737_000)))


def test_a_reading_travels_and_comes_back_with_its_signature():
    found = read_payload(payload_of(SIGNED))
    assert found == SIGNED
    assert is_signed_by(KEY.public_key, CHAIN, found)


def test_the_signed_bytes_are_what_the_documentation_says():
    raw = signed_bytes(CHAIN, SIGNED)
    assert len(raw) == 17 + 32 + 20 + 8 + 8 + 8 + 1 + 4 + 4
    assert raw[:17] == b"XINLIAN-READING-1"
    assert raw[49:69] == DEVICE
    numbers = struct.unpack(">QQqBii", raw[69:])
    assert numbers == (7, 7 * 60_000, -18_500, 1, 312_304_000, 1_214_737_000)


@pytest.mark.parametrize(
    "change",
    [{"no": 8}, {"value_e3": 1}, {"taken_at_ms": 1}, {"latitude_e7": 1}, {"device": b"e" * 20}],
)
def test_whatever_is_changed_breaks_the_signature(change):
    forged = msgspec.structs.replace(SIGNED, **change)
    assert not is_signed_by(KEY.public_key, CHAIN, forged)


def test_a_reading_of_another_chain_or_key_is_not_signed():
    assert not is_signed_by(KEY.public_key, "other-chain", SIGNED)
    assert not is_signed_by(SigningKey(b"x" * 32).public_key, CHAIN, SIGNED)


def test_no_position_and_the_position_zero_are_two_things():
    without = sign_reading(KEY, CHAIN, reading(1))
    null_island = sign_reading(KEY, CHAIN, reading(1, place=(0, 0)))
    assert signed_bytes(CHAIN, without) != signed_bytes(CHAIN, null_island)
    assert read_payload(payload_of(null_island)).position == (0, 0)


GOOD = payload_of(SIGNED)


@pytest.mark.parametrize(
    ("payload", "reason"),
    [
        (b"", "malformed"),
        (b"\xff\xfe", "malformed"),
        (b"[" * 900, "malformed"),
        (b"null", "malformed"),
        (GOOD + b" " * PAYLOAD_BYTES_MAX, "too_large"),
        (GOOD.replace(b'"no":7', b'"no":0'), "malformed"),
        (GOOD.replace(b'"no":7', b'"no":7.5'), "malformed"),
        (GOOD.replace(b'"no":7', b'"no":99999999999999999999'), "malformed"),
        (GOOD.replace(b'"no":7', b'"no":7,"colour":"red"'), "malformed"),
        (GOOD.replace(b"device_", b"party_"), "malformed"),
        (GOOD.replace(b'"latitude_e7":312304000,', b""), "malformed"),
        (GOOD.replace(b'"latitude_e7":312304000', b'"latitude_e7":900000001'), "malformed"),
        (GOOD.replace(SIGNED.signature.hex().encode(), b"zz" * 64), "malformed"),
        (GOOD.replace(SIGNED.signature.hex().encode(), b" " * 128), "malformed"),
    ],
)
def test_hostile_payloads_are_refused_with_a_reason_that_quotes_nothing(payload, reason):
    with pytest.raises(ReadingRefused) as refusal:
        read_payload(payload)
    assert refusal.value.reason == str(refusal.value) == reason


@given(st.binary(max_size=2_000))
def test_no_bytes_whatever_raise_anything_else(data):
    try:
        found = read_payload(data)
    except ReadingRefused:
        return
    assert isinstance(found, Reading)


def test_the_root_of_readings_is_over_what_was_signed_and_the_signature():
    other = sign_reading(KEY, CHAIN, reading(8))
    assert leaf_of(CHAIN, other) == signed_bytes(CHAIN, other) + other.signature
    leaves = [leaf_of(CHAIN, one) for one in (SIGNED, other)]
    assert readings_root(CHAIN, [SIGNED, other]) == merkle_root(leaves)
