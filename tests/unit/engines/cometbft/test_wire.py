"""The wire format never overruns, whatever the bytes are."""

from typing import ClassVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xinlian.engines.cometbft.abci import (
    ExecTxResult,
    RequestFinalizeBlock,
    RequestInitChain,
    RequestPrepareProposal,
    ResponseFinalizeBlock,
    Timestamp,
    ValidatorUpdate,
)
from xinlian.engines.cometbft.wire import (
    Field,
    Kind,
    Message,
    WireError,
    decode,
    encode,
    put_varint,
    read_varint,
)

TYPES = (RequestFinalizeBlock, RequestInitChain, RequestPrepareProposal, ResponseFinalizeBlock)


class Sample(Message, frozen=True):
    unsigned: int = 0
    signed: int = 0
    flag: bool = False
    text: str = ""

    FIELDS: ClassVar = (
        Field(1, "unsigned", Kind.UNSIGNED),
        Field(2, "signed", Kind.SIGNED),
        Field(3, "flag", Kind.FLAG),
        Field(20, "text", Kind.TEXT),
    )


@given(st.integers(0, (1 << 64) - 1))
def test_every_number_of_64_bits_is_read_as_it_was_written(number):
    out = bytearray()
    put_varint(out, number)
    assert read_varint(bytes(out), 0, len(out)) == (number, len(out))


@given(
    st.builds(
        Sample,
        unsigned=st.integers(0, (1 << 64) - 1),
        signed=st.integers(-(1 << 63), (1 << 63) - 1),
        flag=st.booleans(),
        text=st.text(max_size=40),
    ),
)
def test_a_message_is_read_as_it_was_written(message):
    assert decode(encode(message), Sample) == message


@given(
    st.lists(st.builds(ExecTxResult, code=st.integers(0, 2**32 - 1)), max_size=5),
    st.lists(st.builds(ValidatorUpdate, power=st.integers(0, 2**62)), max_size=5),
)
def test_repeated_messages_keep_their_order_and_empty_ones(results, updates):
    message = ResponseFinalizeBlock(tuple(results), tuple(updates), b"hash")
    assert decode(encode(message), ResponseFinalizeBlock) == message


@given(st.binary(max_size=200), st.sampled_from(TYPES))
def test_hostile_bytes_are_a_message_or_refused(data, message_type):
    try:
        found = decode(data, message_type)
    except WireError:
        return
    assert isinstance(found, message_type)


@given(st.integers(0, 60), st.binary(max_size=8), st.sampled_from(TYPES))
def test_a_message_that_is_cut_short_never_reads_beyond_its_end(cut, garbage, message_type):
    whole = encode(
        RequestPrepareProposal(4096, (b"first", b"second" * 5), 7, Timestamp(1_764_000_000, 5)),
    )
    try:
        decode(whole[:cut] + garbage, message_type)
    except WireError as error:
        assert str(error)  # noqa: PT017 - refusing is one of two right answers


def test_unknown_fields_are_passed_over():
    unknown = bytes((9 << 3 | 0, 5, 10 << 3 | 2, 3)) + b"abc"
    unknown += bytes((11 << 3 | 1,)) + b"8bytes.." + bytes((12 << 3 | 5,)) + b"4..."
    assert decode(unknown + encode(Sample(7)), Sample) == Sample(7)


def test_a_known_number_of_another_wire_type_is_unknown():
    assert decode(bytes((1 << 3 | 2, 1, 65)), Sample) == Sample()


@pytest.mark.parametrize(
    "data",
    [
        b"\x08",
        b"\x08" + b"\xff" * 10,
        b"\xa2\x01\x05ab",
        bytes((1 << 3 | 3,)),
        bytes((1 << 3 | 1,)) + b"short",
        b"\xa2\x01\x02\xff\xfe",
    ],
    ids=["cut", "endless", "beyond the end", "group", "cut fixed", "no text"],
)
def test_what_is_no_message_is_refused(data):
    with pytest.raises(WireError):
        decode(data, Sample)


def test_a_negative_number_takes_ten_bytes_and_comes_back():
    data = encode(Sample(signed=-1))
    assert data == b"\x10" + b"\xff" * 9 + b"\x01"
    assert decode(data, Sample).signed == -1
