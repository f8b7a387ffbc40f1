"""A transaction and a header byte by byte, from the golden vectors that were derived by hand.

Rules this file keeps:
 1. The bytes are those of ``tests/golden/ledger.json``; joined again they are the vector, or the
    page is not written.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final, NamedTuple

from docs_tools.markdown import page
from xinlian.contracts.message import type_name
from xinlian.crypto.codec import Value, decode, encode
from xinlian.crypto.receipt_format import HEADER_FIELDS
from xinlian.ledger.block import TransactionResult
from xinlian.modules.accounts.messages import Transfer

VECTORS: Final = Path(__file__).parents[1] / "tests" / "golden" / "ledger.json"
_BYTES_SHOWN: Final = 22
_MEANING_CHARS: Final = 34
_INTRO: Final = """\
The bytes below are the golden vectors of `tests/golden/ledger.json`. They were derived by
`tests/golden/derive.py` from the description of the formats, without the project's code, and a test
holds the file, its derivation and the project against each other. So they are a fair target for an
implementation in another language.

The seed of the key is RFC 8032 section 7.1 test 1, the chain is `test-golden`. Read a listing from
top to bottom: the hexadecimal digits on the right, joined, are the encoding. The rules are in
[encoding](encoding.md), the hashes in [hashing](hashing.md)."""


class _Line(NamedTuple):
    content: bytes
    depth: int
    meaning: str


_MESSAGE: Final = ("message", ("type number", *Transfer.__struct_fields__))
_CALLS: Final = ("calls", (("call 0", ("acting_for", _MESSAGE)),))
_BODY: Final = (
    "body",
    (
        "version",
        "chain_id",
        "payer",
        "idempotency_key",
        "valid_until_ms",
        ("signers", ("signer 0",)),
        _CALLS,
    ),
)


def example_page() -> str:
    """Return the worked example."""
    vectors = json.loads(VECTORS.read_text("utf-8"))
    parts = {name: bytes.fromhex(value) for name, value in vectors["parts"].items()}
    result = bytes.fromhex(vectors["result"])
    return page(
        "Worked example",
        _INTRO,
        f"## A message: {type_name(Transfer)}",
        _listing(parts["message"], _MESSAGE),
        "## A transaction's body",
        "It is signed through its hash, and travels inside the transaction as a byte string.",
        _listing(parts["body"], _BODY),
        "## From body to signature",
        _hashes(parts, vectors),
        "## The transaction",
        _listing(parts["transaction"], ("transaction", ("body", ("signatures", ("signature 0",))))),
        "## Its result in the block",
        _listing(result, ("result", TransactionResult.__struct_fields__)),
        "## The header of the block",
        _listing(parts["header"], ("header", HEADER_FIELDS)),
        "## From header to the operator's signature",
        _pairs(
            ("genesis hash", vectors["genesis_hash"]),
            ("application hash", parts["app_hash"].hex()),
            ("header hash", parts["header_hash"].hex()),
            ("what the operator signs", parts["header_signing_bytes"].hex()),
            ("signature", parts["header_signature"].hex()),
        ),
    )


def _hashes(parts: dict[str, bytes], vectors: dict[str, Any]) -> str:
    return _pairs(
        ("seed (private key)", vectors["seed"]),
        ("transaction id", parts["transaction_id"].hex()),
        ("what the key signs", parts["signing_bytes"].hex()),
        ("signature", parts["signature"].hex()),
    )


def _pairs(*rows: tuple[str, str]) -> str:
    width = max(len(name) for name, _ in rows)
    return "```text\n" + "\n".join(f"{name:{width}}  {value}" for name, value in rows) + "\n```"


def _listing(data: bytes, names: Any) -> str:  # noqa: ANN401 - a name, or (name, names of the items)
    lines = list(_lines(decode(data), names, 0))
    if b"".join(line.content for line in lines) != data:
        raise ValueError("the listing does not join to the vector")
    rows = [row for line in lines for row in _rows(line)]
    return "```text\n" + "\n".join(rows) + "\n```"


def _rows(line: _Line) -> Iterator[str]:
    """Yield the printed rows of a line: what it is, its bytes, and long bytes continued below."""
    meaning = "  " * line.depth + line.meaning
    for at in range(0, len(line.content), _BYTES_SHOWN):
        piece = line.content[at : at + _BYTES_SHOWN].hex(" ")
        yield f"{meaning if at == 0 else '':{_MEANING_CHARS}}  {piece}"


def _lines(value: Value, names: Any, depth: int) -> Iterator[_Line]:  # noqa: ANN401 - as above
    name, items = names if isinstance(names, tuple) else (names, ())
    if not isinstance(value, tuple):
        yield _Line(encode(value), depth, f"{name}{_shown(value)}")
        return
    head = encode(value)[: len(encode(value)) - sum(len(encode(item)) for item in value)]
    yield _Line(head, depth, f"{name}: array of {len(value)}")
    for item, item_names in zip(value, items, strict=True):
        yield from _lines(item, item_names, depth + 1)


def _shown(value: Value) -> str:
    if isinstance(value, bytes):
        return f": {len(value)} bytes"
    return f" = {json.dumps(value)}"
