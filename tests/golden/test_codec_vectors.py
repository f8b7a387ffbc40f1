"""The canonical encoding against bytes written by hand from the MessagePack specification."""

import msgspec
import pytest

from golden.vectors import bytes_of, load, value_of
from xinlian.crypto.codec import CodecError, decode, encode

CODEC = load("codec")


def named(vectors):
    return [pytest.param(vector, id=vector["what"]) for vector in vectors]


@pytest.mark.parametrize("vector", named(CODEC["vectors"]))
def test_both_encoders_write_the_specified_bytes_and_both_decoders_read_them(vector):
    value, data = value_of(vector["value"]), bytes_of(vector)
    assert encode(value) == data
    assert msgspec.msgpack.encode(value) == data
    assert decode(data) == value
    assert type(decode(data)) is type(value)
    assert encode(msgspec.msgpack.decode(data)) == data


@pytest.mark.parametrize("vector", named(CODEC["refused"]))
def test_bytes_that_encoding_would_not_have_written_are_refused_with_a_reason(vector):
    with pytest.raises(CodecError) as refusal:
        decode(bytes_of(vector))
    assert refusal.value.reason == vector["reason"]
