"""Why bytes are no message, in words: which field, what was given, what is allowed.

Rules this file keeps:
 1. What is said follows from the message's type and from the bytes, never from a library's text.
 2. What was given is shown only where it is short and plain; of bytes only their number, so that
    nothing that was sent by mistake is repeated.
 3. English first, then the same in Chinese.  None of it enters consensus.
"""

from collections.abc import Sequence
from typing import Annotated, Any, Final, NamedTuple, get_args, get_origin, get_type_hints

import msgspec

from xinlian.contracts.fields import WORDS_KEY
from xinlian.contracts.message import Message

_TEXT_CHARS_MAX: Final = 48
_NATIVE: Final = (bytes,)
"""A text is no bytes here, as it is none in MessagePack."""


class Words(NamedTuple):
    """The same in two languages."""

    en: str
    zh: str

    def __str__(self) -> str:
        """Return both."""
        return f"{self.en} / {self.zh}"


_UNITS: Final = {
    "_minor": Words(" of minor units", "(单位:分)"),
    "_ms": Words(" of milliseconds since 1970", "(自 1970 年起的毫秒数)"),
    "_day": Words(" of days since 1970-01-01", "(自 1970-01-01 起的天数)"),
    "_bps": Words(" of basis points", "(单位:基点)"),
}
_KINDS: Final[dict[type, Words]] = {
    bool: Words("true or false", "是或否(布尔值)"),
    int: Words("a whole number", "整数"),
    float: Words("a number with decimals", "小数"),
    str: Words("a text", "文本"),
    bytes: Words("bytes", "字节串"),
    list: Words("a list", "列表"),
    dict: Words("a map", "映射"),
    type(None): Words("nothing", "空值"),
}
_OTHER: Final = Words("something else", "其他类型")


def explain(message_type: type[Message], raw: bytes) -> Words:
    """Return why bytes that claim to be a message of a type are none.

    >>> from xinlian.modules.accounts.messages import Transfer
    >>> raw = msgspec.msgpack.encode((Transfer.__struct_config__.tag, b"a" * 20, b"b" * 20, 0))
    >>> explain(Transfer, raw).en
    'amount_minor: given 0; allowed is a whole number from 1 to 9223372036854775807 of minor units'
    """
    try:
        given = msgspec.msgpack.decode(raw)
    except (ValueError, TypeError, RecursionError):
        return Words(
            "the bytes are no whole MessagePack array, or more follows: encode the message anew",
            "字节不是完整的 MessagePack 数组,或其后还有多余字节:请重新编码消息",
        )
    if not isinstance(given, list):
        return _given_allowed("message", given, _array_words(message_type))
    fault = _fault_in_fields("", message_type, given[1:])
    return fault or _given_allowed("message", given, _array_words(message_type))


def unknown_number(number: int | None) -> Words:
    """Return what is said of bytes that claim no message of this version."""
    if number is None:
        return Words(
            "the bytes do not begin as a message: an array whose first entry is its number",
            "字节不是以消息开头:应为首项是消息编号的数组",
        )
    return Words(
        f"no message has the number {number}; the reference lists those there are",
        f"没有编号为 {number} 的消息;参考手册列有全部消息",
    )


def _fault_in_fields(
    path: str,
    struct: type[msgspec.Struct],
    values: Sequence[object],
) -> Words | None:
    names = struct.__struct_fields__
    required = len(names) - len(struct.__struct_defaults__)
    if not required <= len(values) <= len(names):
        return _wrong_count(path.rstrip(".") or "message", struct, len(values), required)
    hints = get_type_hints(struct, include_extras=True)
    for name, value in zip(names, values, strict=False):
        fault = _fault(f"{path}{name}", hints[name], value)
        if fault is not None:
            return fault
    return None


def _fault(path: str, hint: object, value: object) -> Words | None:
    """Return what is wrong with a value, as deep inside it as it can be named."""
    if _fits(hint, value):
        return None
    plain = _plain(hint)
    inner: Words | None = None
    if isinstance(value, list) and get_origin(plain) is tuple:
        item_hint = get_args(plain)[0]
        faults = (_fault(f"{path}[{i}]", item_hint, item) for i, item in enumerate(value))
        inner = next(filter(None, faults), None)
    elif isinstance(value, list) and isinstance(plain, type) and issubclass(plain, msgspec.Struct):
        inner = _fault_in_fields(f"{path}.", plain, value)
    return inner or _given_allowed(path, value, allowed(path, hint))


def allowed(name: str, hint: object) -> Words:
    """Return what a field takes; the end of its name says the unit of a number."""
    plain = _plain(hint)
    metas = get_args(hint)[1:] if get_origin(hint) is Annotated else ()
    meta = next((m for m in metas if isinstance(m, msgspec.Meta)), msgspec.Meta())
    if get_origin(plain) is tuple:
        return _sized(Words("a list", "列表"), Words("entries", "项"), meta)
    if isinstance(plain, type) and issubclass(plain, msgspec.Struct):
        return _array_words(plain)
    if plain is int:
        return _number_words(name, meta)
    if meta.extra is not None and WORDS_KEY in meta.extra:
        return Words(*meta.extra[WORDS_KEY])
    return _sized(_kind_words(plain), Words("characters", "个字符"), meta)


def _fits(hint: object, value: object) -> bool:
    try:
        msgspec.convert(value, hint, builtin_types=_NATIVE)
    except (ValueError, TypeError, RecursionError):
        return False
    return True


def _plain(hint: object) -> Any:  # noqa: ANN401 - any type that a field may have
    return get_args(hint)[0] if get_origin(hint) is Annotated else hint


def _given_allowed(path: str, value: object, allowed_words: Words) -> Words:
    given = _given(value)
    return Words(
        f"{path}: given {given.en}; allowed is {allowed_words.en}",
        f"{path}:给出的是{given.zh};应为{allowed_words.zh}",
    )


def _given(value: object) -> Words:
    if isinstance(value, bool) or value is None:
        text = {True: "true", False: "false", None: "nothing"}[value]
        return Words(text, f" {text}")
    if isinstance(value, int):
        return Words(str(value), f" {value}")
    if isinstance(value, str):
        is_shown = len(value) <= _TEXT_CHARS_MAX and value.isprintable()
        shown = f" {value!r}" if is_shown else ""
        return Words(
            f"a text of {len(value)} characters{shown}", f" {len(value)} 个字符的文本{shown}"
        )
    if isinstance(value, bytes):
        return Words(f"{len(value)} bytes", f" {len(value)} 字节")
    if isinstance(value, list):
        return Words(f"a list of {len(value)} entries", f" {len(value)} 项的列表")
    return _kind_words(type(value))


def _kind_words(kind: object) -> Words:
    return _KINDS.get(kind, _OTHER) if isinstance(kind, type) else _OTHER


def _sized(what: Words, unit: Words, meta: msgspec.Meta) -> Words:
    low, high = meta.min_length or 0, meta.max_length
    if high is None:
        return what
    span = (
        Words(str(high), str(high))
        if low == high
        else Words(f"{low} to {high}", f"{low} 至 {high}")
    )
    if what is _KINDS[bytes]:
        return Words(f"{span.en} bytes", f" {span.zh} 字节")
    return Words(f"{what.en} of {span.en} {unit.en}", f" {span.zh} {unit.zh}的{what.zh}")


def _number_words(name: str, meta: msgspec.Meta) -> Words:
    unit = next((words for end, words in _UNITS.items() if name.endswith(end)), Words("", ""))
    return Words(
        f"a whole number from {meta.ge} to {meta.le}{unit.en}",
        f" {meta.ge} 至 {meta.le} 的整数{unit.zh}",
    )


def _array_words(struct: type[msgspec.Struct]) -> Words:
    names = ", ".join(struct.__struct_fields__) or "-"
    return Words(f"an array of the fields {names}", f"由字段 {names} 依次组成的数组")


def _wrong_count(
    path: str,
    struct: type[msgspec.Struct],
    count: int,
    required: int,
) -> Words:
    names = struct.__struct_fields__
    span = str(required) if required == len(names) else f"{required}-{len(names)}"
    listed = ", ".join(names)
    return Words(
        f"{path}: given {count} fields; allowed are {span}: {listed}",
        f"{path}:给出 {count} 个字段;应为 {span} 个:{listed}",
    )
