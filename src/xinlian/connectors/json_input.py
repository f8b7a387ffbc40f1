"""Reading JSON from strangers.

Rules this file keeps:
 1. Size, depth and count are bounded (``limits.py``) before the parser recurses; the encoding is
    UTF-8.
 2. Keys are unique; numbers are finite and exact: integers, or decimals, never binary floats.
"""

import json
import re
from decimal import Decimal
from typing import Final, NoReturn

from xinlian.connectors.errors import (
    DocumentError,
    NotJson,
    TooDeep,
    TooLarge,
    TooManyNodes,
    quoted,
)
from xinlian.connectors.limits import (
    DEPTH_MAX,
    DOCUMENT_BYTES_MAX,
    EXPONENT_MAX,
    NODES_MAX,
    NUMBER_CHARS_MAX,
)

_MARKS: Final = re.compile(rb'"(?:[^"\\]|\\.)*+"?|[\[\]{},]', re.DOTALL)
"""A text, finished or not (one that is not runs to the end, and is read once), or a mark."""

JsonObject = dict[str, object]


def read_json(data: bytes) -> object:
    """Return the value of a JSON text; fractions are ``Decimal``.

    Raises:
        TooLarge, NotJson, TooDeep, TooManyNodes: see the rules of this file.
    """
    if len(data) > DOCUMENT_BYTES_MAX:
        raise TooLarge("", f"{len(data)} bytes")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise NotJson(f"byte {error.start}", "not UTF-8") from None
    _check_shape(data)
    try:
        value: object = json.loads(
            text,
            object_pairs_hook=_unique,
            parse_float=_decimal,
            parse_int=_integer,
            parse_constant=_refuse_constant,
        )
    except DocumentError:
        raise
    except json.JSONDecodeError as error:
        raise NotJson(f"line {error.lineno} column {error.colno}", error.msg) from None
    _require_unicode(value)
    return value


def pointer(*steps: str | int) -> str:
    """Return a JSON pointer.

    Source: RFC 6901.

    >>> pointer("epcisBody", "eventList", 0, "a/b")
    '/epcisBody/eventList/0/a~1b'
    """
    return "".join("/" + str(step).replace("~", "~0").replace("/", "~1") for step in steps)


def _check_shape(data: bytes) -> None:
    """Bound depth and count by brackets and commas outside of strings."""
    depth = count = 0
    for mark in _MARKS.finditer(data):
        byte = mark[0]
        if byte in (b"[", b"{"):
            depth += 1
            count += 1
            if depth > DEPTH_MAX:
                raise TooDeep(f"byte {mark.start()}", f"more than {DEPTH_MAX} levels")
        elif byte in (b"]", b"}"):
            depth -= 1
        elif byte == b",":
            count += 1
        if count > NODES_MAX:
            raise TooManyNodes(f"byte {mark.start()}", f"more than {NODES_MAX} values")


def _unique(pairs: list[tuple[str, object]]) -> JsonObject:
    record: JsonObject = {}
    for name, value in pairs:
        if name in record:
            raise NotJson(pointer(name), "the key occurs twice in one object")
        record[name] = value
    return record


def _decimal(text: str) -> Decimal:
    if len(text) > NUMBER_CHARS_MAX:
        raise NotJson("", f"the number {quoted(text)} is too long")
    number = Decimal(text)
    if number and abs(number.adjusted()) > EXPONENT_MAX:
        raise NotJson("", f"the number {quoted(text)} is out of range")
    return number


def _integer(text: str) -> int:
    if len(text) > NUMBER_CHARS_MAX:
        raise NotJson("", f"the number {quoted(text)} is too long")
    return int(text)


def _refuse_constant(text: str) -> NoReturn:
    raise NotJson("", f"{text} is not a JSON number")


def _require_unicode(value: object) -> None:
    """Refuse text with half a surrogate pair, which JSON can escape but UTF-8 cannot hold."""
    pending = [value]
    while pending:
        part = pending.pop()
        if isinstance(part, dict):
            pending += part.keys()
            pending += part.values()
        elif isinstance(part, list):
            pending += part
        elif isinstance(part, str) and not part.isascii():
            try:
                part.encode("utf-8")
            except UnicodeEncodeError:
                raise NotJson("", "a text has half of a surrogate pair") from None
