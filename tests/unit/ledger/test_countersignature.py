"""Countersignatures: one spelling, one a height and key, bytes of a domain of their own."""

import pytest

from golden.derive import tagged
from xinlian.crypto.codec import encode
from xinlian.ledger.countersignature import (
    Countersignature,
    CountersignatureMalformed,
    MemoryCountersignatures,
    countersigning_bytes,
    decode_countersignature,
    encode_countersignature,
)

ENTRY = Countersignature(7, bytes(range(32)), bytes(range(64)))


def test_what_is_signed_is_the_headers_hash_under_its_own_domain():
    assert countersigning_bytes(bytes(32)) == tagged(0x07, bytes(32))


def test_bytes_are_read_back_as_they_were_written():
    data = encode_countersignature(ENTRY)
    assert decode_countersignature(data) == ENTRY
    assert data == encode((7, bytes(range(32)), bytes(range(64))))


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\xc1",
        encode((7, bytes(32))),
        encode((7, bytes(32), bytes(64), 0)),
        encode((-1, bytes(32), bytes(64))),
        encode((7, bytes(31), bytes(64))),
        encode((7, bytes(32), bytes(65))),
        encode(("7", bytes(32), bytes(64))),
        b"\xdc\x00\x03" + encode_countersignature(ENTRY)[1:],
        encode_countersignature(ENTRY) + b"\x00",
        bytes(300),
    ],
)
def test_other_bytes_are_no_countersignature(data):
    with pytest.raises(CountersignatureMalformed):
        decode_countersignature(data)


def test_memory_keeps_the_first_of_a_height_and_key_in_order():
    kept = MemoryCountersignatures()
    second = Countersignature(7, bytes(range(32)), bytes(64))
    lower = Countersignature(3, bytes([9]) * 32, bytes(64))
    for entry in (ENTRY, second, lower):
        kept.add(entry)
    assert kept.between(0, 9, 10) == [lower, ENTRY]
    assert kept.between(0, 9, 1) == [lower]
    assert kept.between(4, 9, 10) == [ENTRY]
    assert kept.between(8, 9, 10) == []
    kept.close()
