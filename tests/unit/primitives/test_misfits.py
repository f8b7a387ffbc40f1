"""What is wrong with bytes is told in our own words, in both languages, with its place."""

import msgspec
import pytest

from xinlian.primitives.misfits import misfit_words


class Inner(msgspec.Struct, forbid_unknown_fields=True):
    height: int
    name: str = ""


class Outer(msgspec.Struct, forbid_unknown_fields=True):
    rows: list[Inner]


@pytest.mark.parametrize(
    ("data", "english", "chinese"),
    [
        (b'{"rows": [{"height": "x"}]}', "at $.rows[0].height it has str where int", "应为 int"),
        (b'{"rows": [{}]}', "at $.rows[0] it lacks the field height", "缺少字段 height"),
        (b'{"rows": [], "more": 1}', "it has an unknown field more", "含未知字段 more"),
        (b'{"rows": ?}', "it is no JSON from byte 9 on", "自第 9 字节起不是 JSON"),
        (b'{"rows": [', "it ends too early", "内容不完整"),
        (b"[]", "it has array where object belongs", "应为 object"),
    ],
)
def test_the_fault_and_its_place_are_named(data, english, chinese):
    with pytest.raises(msgspec.DecodeError) as refused:
        msgspec.json.decode(data, type=Outer)
    words = misfit_words(refused.value)
    assert english in words
    assert chinese in words


def test_bytes_of_messages_are_told_alike():
    with pytest.raises(msgspec.DecodeError) as refused:
        msgspec.msgpack.decode(b"\xc1", type=int)
    assert "it is no MessagePack from byte 0 on" in misfit_words(refused.value)


@pytest.mark.parametrize("text", ["", "anything <secret>", "Expected"])
def test_what_is_not_recognised_is_never_repeated(text):
    assert misfit_words(ValueError(text)) == "it has a value that does not fit / 有内容不合格式"
