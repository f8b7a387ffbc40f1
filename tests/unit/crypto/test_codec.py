"""The encoding by property: two implementations agree, and no second spelling is read."""

import msgspec
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from xinlian.crypto.codec import DEPTH_MAX, SIZE_BYTES_MAX, CodecError, decode, encode
from xinlian.testing.strategies import integers, values


@given(values)
def test_the_fast_library_writes_the_same_bytes_and_decoding_restores_the_value(value):
    data = encode(value)
    assert msgspec.msgpack.encode(value) == data
    assert decode(data) == value


@given(st.binary(max_size=60))
@example(b"\x92\x00\xc1")
def test_whatever_is_decoded_is_encoded_to_the_same_bytes(data):
    try:
        value = decode(data)
    except CodecError:
        return
    assert encode(value) == data
    assert msgspec.msgpack.encode(value) == data


@given(values, st.data())
def test_a_changed_byte_never_gives_the_same_value(value, data):
    encoded = bytearray(encode(value))
    at = data.draw(st.integers(0, len(encoded) - 1))
    encoded[at] ^= data.draw(st.integers(1, 255))
    try:
        changed = decode(bytes(encoded))
    except CodecError:
        return
    assert encode(changed) != encode(value)


@given(values)
def test_every_strict_prefix_is_truncated_and_every_suffix_trails(value):
    encoded = encode(value)
    for cut in {0, len(encoded) // 2, len(encoded) - 1}:
        with pytest.raises(CodecError) as refusal:
            decode(encoded[:cut])
        assert refusal.value.reason in {"truncated", "not_utf8"}
    with pytest.raises(CodecError, match="trailing_bytes"):
        decode(encoded + b"\x00")


@given(integers)
def test_every_longer_spelling_of_an_integer_is_refused(value):
    shortest = encode(value)
    longer = [
        bytes((tag,)) + value.to_bytes(width, "big", signed=signed)
        for tags, signed in (((0xCC, 0xCD, 0xCE, 0xCF), False), ((0xD0, 0xD1, 0xD2, 0xD3), True))
        for tag, width in zip(tags, (1, 2, 4, 8), strict=True)
        if (0 <= value < 1 << 8 * width)
        if not signed or value < 1 << 8 * width - 1
    ]
    for spelling in longer:
        if spelling != shortest:
            with pytest.raises(CodecError, match="not_shortest"):
                decode(spelling)


def nested(depth):
    return b"\x91" * depth + b"\xc0"


def test_depth_is_bounded_in_both_directions():
    assert encode(decode(nested(DEPTH_MAX))) == nested(DEPTH_MAX)
    for depth in (DEPTH_MAX + 1, 100_000):
        with pytest.raises(CodecError, match="too_deep"):
            decode(nested(depth))
    value: tuple[object, ...] | None = None
    for _ in range(DEPTH_MAX + 1):
        value = (value,)
    with pytest.raises(CodecError, match="too_deep"):
        encode(value)  # type: ignore[arg-type]  # nested deeper than the alias says


def test_size_is_bounded():
    with pytest.raises(CodecError, match="too_large"):
        decode(bytes(SIZE_BYTES_MAX + 1))


@pytest.mark.parametrize("value", [2**64, -(2**63) - 1, "\ud800", 1.0, {}, bytearray(b"a"), {1}])
def test_what_has_no_encoding_is_refused(value):
    with pytest.raises(CodecError):
        encode(value)
