"""Strengthening files that exist already: a head's time stamp, and what came after a receipt.

Rules this file keeps:
 1. Nothing that a file proves changes: only who stands behind its headers, and for how long.
 2. What is put in is what file, node and anchors carry together, in the one order of the format;
    whoever gets the file verifies all of it.
"""

from collections.abc import Sequence
from typing import NamedTuple, Protocol

import msgspec

from xinlian.client.heads import PAGE_HEADERS, HeadRefused, signed_header_of
from xinlian.client.wire import HeadersAnswer
from xinlian.crypto.codec import CodecError, Value, decode, encode
from xinlian.crypto.receipt_format import (
    CHECKPOINT_FORMAT,
    EQUIVOCATION_FORMAT,
    LATER_HEADERS_MAX,
    RECEIPT_FORMAT,
    RECEIPT_FORMAT_1,
    SIGNATURES_MAX,
)
from xinlian.ledger.header import Header, SignedHeader, decode_head

_HEIGHT_FIELD = 2


class AttestationSource(Protocol):
    """What strengthening asks of a node."""

    def headers(self, first: int, limit: int) -> HeadersAnswer:
        """Return a page of headers, ascending."""

    def attested_header(self, height: int | None = None) -> bytes:
        """Return a header with who countersigned it or a later one."""


class _Attested(NamedTuple):
    """An attested header, taken apart."""

    header: Value
    signatures: Value
    entries: frozenset[tuple[int, bytes, bytes]]
    stamps: frozenset[tuple[int, bytes]]

    @property
    def height(self) -> int:
        """The height of its header."""
        fields = self.header if isinstance(self.header, tuple) else ()
        height = fields[_HEIGHT_FIELD] if len(fields) > _HEIGHT_FIELD else None
        if not isinstance(height, int):
            raise HeadRefused("client/not_a_header", "the file has no header")
        return height


def stamped(checkpoint: bytes, token: bytes) -> bytes:
    """Return a checkpoint with a time stamp of its head; raises HeadRefused."""
    fields = _fields(checkpoint)
    if fields[0] != CHECKPOINT_FORMAT:
        raise HeadRefused("client/not_a_checkpoint", "a head that was saved is stamped")
    head = fields[-1]
    if not isinstance(head, tuple):
        raise HeadRefused("client/not_a_checkpoint", "the file has no head")
    own = _taken_apart(head)
    stamps = sorted({*own.stamps, (own.height, token)})
    return encode((*fields[:-1], (*head[:4], tuple(stamps))))


def head_of_checkpoint(checkpoint: bytes) -> tuple[int, bytes]:
    """Return (height, encoded header) of a checkpoint's head; raises HeadRefused."""
    own = _taken_apart(_fields(checkpoint)[-1])
    return own.height, encode(own.header)


def attach(receipt: bytes, anchors: Sequence[bytes], node: AttestationSource) -> bytes:
    """Return a receipt with the countersignatures of a node and the anchors.

    Args:
        receipt: the file.
        anchors: checkpoints, stamped or countersigned, of heights not far after the receipt's.
        node: where later headers and countersignatures come from.

    Raises:
        HeadRefused: a file is not of its format.
    """
    fields = _fields(receipt)
    if fields[0] not in (RECEIPT_FORMAT, RECEIPT_FORMAT_1):
        raise HeadRefused("client/not_a_receipt", "only a receipt can be strengthened")
    heads = [_taken_apart(_fields(anchor)[-1]) for anchor in anchors]
    parts: list[Value] = []
    for part in fields[3:]:
        if part is None:
            parts.append(None)
            continue
        if not isinstance(part, tuple) or not part:
            raise HeadRefused("client/not_a_receipt", "a part of the receipt is missing")
        parts.append((_strengthened(_taken_apart(part[0]), heads, node), *part[1:]))
    return encode((RECEIPT_FORMAT, *fields[1:3], *parts))


def _strengthened(
    own: _Attested, anchors: Sequence[_Attested], node: AttestationSource
) -> tuple[Value, ...]:
    """Return an attested header with everything that is known of it and of what came after."""
    first, last_possible = own.height, own.height + LATER_HEADERS_MAX
    sources = [own, _taken_apart(_decoded(node.attested_header(first))), *anchors]
    found = frozenset().union(*(source.entries for source in sources))
    added = sorted(entry for entry in found - own.entries if first <= entry[0] <= last_possible)
    # What the file has stays; what a node shows is added as far as the format has room.
    room = max(SIGNATURES_MAX - len(own.entries), 0)
    entries = sorted([*own.entries, *added[:room]])
    stamps = sorted(
        stamp
        for stamp in frozenset().union(*(source.stamps for source in sources))
        if first <= stamp[0] <= last_possible
    )
    last = max([first, *(entry[0] for entry in entries), *(stamp[0] for stamp in stamps)])
    later = _later_headers(first, last, node)
    return own.header, own.signatures, later, tuple(entries), tuple(stamps)


def _later_headers(first: int, last: int, node: AttestationSource) -> tuple[bytes, ...]:
    found: list[Header] = []
    while first + len(found) < last:
        page = node.headers(first + len(found) + 1, PAGE_HEADERS).items
        if not page:
            raise HeadRefused("client/header_missing", "the node does not show every header")
        found += [signed_header_of(answer).header for answer in page]
    return tuple(msgspec.msgpack.encode(header) for header in found[: last - first])


def _taken_apart(value: Value) -> _Attested:
    """Return a signed or attested header's parts; raises HeadRefused."""
    if not isinstance(value, tuple) or len(value) not in (2, 5):
        raise HeadRefused("client/not_a_header", "the file has no header")
    entries, stamps = value[3:] if len(value) > 2 else ((), ())  # noqa: PLR2004 - signed only
    try:
        return _Attested(
            value[0],
            value[1],
            frozenset(msgspec.convert(entries, tuple[tuple[int, bytes, bytes], ...])),
            frozenset(msgspec.convert(stamps, tuple[tuple[int, bytes], ...])),
        )
    except msgspec.ValidationError as error:
        raise HeadRefused("client/not_a_header", str(error)) from None


def _fields(data: bytes) -> tuple[Value, ...]:
    fields = _decoded(data)
    if not isinstance(fields, tuple) or len(fields) < 5:  # noqa: PLR2004 - of every format
        raise HeadRefused("client/not_a_receipt", "the file is of no format that is known here")
    return fields


def _decoded(data: bytes) -> Value:
    try:
        return decode(data)
    except CodecError as error:
        raise HeadRefused("client/not_a_receipt", f"the file is not canonical: {error}") from None


def signed_headers(data: bytes) -> tuple[SignedHeader, ...]:
    """Return the signed headers that a file of any format carries; raises HeadRefused."""
    fields = _fields(data)
    if fields[0] == CHECKPOINT_FORMAT:
        values = [fields[-1]]
    elif fields[0] == EQUIVOCATION_FORMAT:
        values = list(fields[3:])
    else:
        values = [part[0] for part in fields[3:] if isinstance(part, tuple) and part]
    if not values:
        raise HeadRefused("client/not_a_header", "the file has no header")
    parts = [_taken_apart(value) for value in values]
    return tuple(_signed_header(encode((part.header, part.signatures))) for part in parts)


def _signed_header(data: bytes) -> SignedHeader:
    try:
        return decode_head(data)
    except msgspec.DecodeError as error:
        raise HeadRefused("client/not_a_header", str(error)) from None
