"""Why a file or a message is not of its format, in our own words and both languages.

Rules this file keeps:
 1. What a decoder says is never repeated: its kind of fault is told in words, and the place.
 2. What is not recognised is told without its kind; nothing of the content is shown but the names
    of fields and the place of the fault.
"""

import re
from typing import Final

_PLACE: Final = re.compile(r" - at `([^`]{1,120})`")
_TYPES: Final = r"`([a-z |]{1,40})`"
_FAULTS: Final = (
    (
        re.compile(rf"Expected {_TYPES}, got {_TYPES}"),
        "has {1} where {0} belongs",
        "应为 {0},实为 {1}",
    ),
    (re.compile(r"missing required field `([^`]{1,64})`"), "lacks the field {0}", "缺少字段 {0}"),
    (
        re.compile(r"contains unknown field `([^`]{1,64})`"),
        "has an unknown field {0}",
        "含未知字段 {0}",
    ),
    (
        re.compile(r"JSON is malformed: .*\(byte (\d+)\)"),
        "is no JSON from byte {0} on",
        "自第 {0} 字节起不是 JSON",
    ),
    (
        re.compile(r"MessagePack data is malformed: .*\(byte (\d+)\)"),
        "is no MessagePack from byte {0} on",
        "自第 {0} 字节起不是 MessagePack",
    ),
    (
        re.compile(r"(?:truncated|Extra data|trailing)"),
        "ends too early, or more follows",
        "内容不完整,或其后还有多余内容",
    ),
    (
        re.compile(r"Expected `(?:array|object|str|bytes|int)` (?:of length|<|>)"),
        "has a value outside its bounds",
        "有值超出范围",
    ),
)
_OTHER: Final = ("has a value that does not fit", "有内容不合格式")


def misfit_words(error: Exception) -> str:
    """Return what is wrong with bytes that a decoder refused.

    >>> misfit_words(ValueError("Expected `int`, got `str` - at `$.height`"))
    'at $.height it has str where int belongs / 在 $.height:应为 int,实为 str'
    """
    text = str(error)
    english, chinese = next(
        (
            (en.format(*found.groups()), zh.format(*found.groups()))
            for pattern, en, zh in _FAULTS
            if (found := pattern.search(text)) is not None
        ),
        _OTHER,
    )
    place = _PLACE.search(text)
    if place is None:
        return f"it {english} / {chinese}"
    return f"at {place[1]} it {english} / 在 {place[1]}:{chinese}"
