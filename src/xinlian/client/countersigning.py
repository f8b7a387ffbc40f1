"""Countersigning heads: a member's own memory of what it signed, and the signing.

Rules this file keeps:
 1. Never two heads of one height, never a shorter chain, never a head that does not extend the last
    one that was countersigned: the log decides, not the node.
 2. A head is in the log, durably, before its signature leaves the machine.
 3. One process at a time works with a log.
 4. The log is bound to a chain; it keeps the last heads with the operator's signatures, so that a
    later contradiction can be shown.
"""

import contextlib
import fcntl
from collections.abc import Iterator
from pathlib import Path
from typing import Final, NamedTuple, Protocol

import msgspec

from xinlian.client.files import private_folder, write_private
from xinlian.client.heads import HeadRefused, follow, signed_header_of
from xinlian.client.wire import CountersignedAnswer, HeaderAnswer, HeadersAnswer
from xinlian.crypto.ed25519 import SigningKey
from xinlian.ledger.countersignature import (
    Countersignature,
    countersigning_bytes,
    encode_countersignature,
)
from xinlian.ledger.header import SignedHeader, decode_head, encode_head, header_hash
from xinlian.verifier import TrustRoot

FORMAT: Final = "xinlian-countersigned-1"
LOG_BYTES_MAX: Final = 1 << 20
HEADS_KEPT: Final = 16


class LogFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The file; ``heads`` are signed headers, hexadecimal, ascending."""

    format: str
    genesis_hash: str
    heads: tuple[str, ...]


class Countersigned(NamedTuple):
    """A head that was countersigned; ``is_new`` is False where it was before."""

    height: int
    hash: bytes
    is_new: bool


class HeadSource(Protocol):
    """What countersigning asks of a node."""

    def head(self) -> HeaderAnswer:
        """Return the last committed header."""

    def headers(self, first: int, limit: int) -> HeadersAnswer:
        """Return a page of headers, ascending."""

    def countersign(self, countersignature: bytes) -> CountersignedAnswer:
        """Hand in a countersignature."""


class CountersignLog:
    """The heads that a member countersigned, in its home folder."""

    def __init__(self, path: Path, root: TrustRoot) -> None:
        self._path = path
        self._genesis_hash = root.genesis_hash.hex()

    def heads(self) -> tuple[SignedHeader, ...]:
        """Return the last heads, ascending; raises HeadRefused where they cannot be read."""
        try:
            if self._path.stat().st_size > LOG_BYTES_MAX:
                raise HeadRefused("client/log_damaged", f"{self._path} is too large to be a log")
            file = msgspec.json.decode(self._path.read_bytes(), type=LogFile)
            heads = tuple(decode_head(bytes.fromhex(head)) for head in file.heads)
        except FileNotFoundError:
            return ()
        except (ValueError, msgspec.DecodeError, OSError) as error:
            raise HeadRefused("client/log_damaged", f"{self._path}: {error}") from None
        if file.format != FORMAT or file.genesis_hash != self._genesis_hash:
            raise HeadRefused("client/log_of_another_chain", f"{self._path} is of another chain")
        return heads

    def append(self, head: SignedHeader) -> None:
        """Put a head on record, durably, above all before; raises HeadRefused if it is not."""
        before = self.heads()
        if before and head.header.height <= before[-1].header.height:
            raise HeadRefused("client/head_is_shorter", "a head of this height is on record")
        kept = (*before, head)[-HEADS_KEPT:]
        texts = tuple(encode_head(entry).hex() for entry in kept)
        file = LogFile(FORMAT, self._genesis_hash, texts)
        write_private(self._path, msgspec.json.format(msgspec.json.encode(file), indent=1))

    @contextlib.contextmanager
    def locked(self) -> Iterator[None]:
        """Keep other processes from the log; raises HeadRefused while one works with it."""
        private_folder(self._path.parent)
        with self._path.with_suffix(".lock").open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise HeadRefused(
                    "client/log_in_use", "another process countersigns from this home"
                ) from None
            yield


def countersign(
    node: HeadSource,
    key: SigningKey,
    root: TrustRoot,
    log: CountersignLog,
    start: SignedHeader | None = None,
) -> Countersigned:
    """Check a node's head, put it on record, sign it and hand the signature in.

    Args:
        node: whose head.
        key: an active key of a member, no operator's.
        root: the genesis file as a root of trust.
        log: what was countersigned before.
        start: a head from which an empty log begins; without it from the genesis file.

    Raises:
        ForkFound: the operator signed two histories.
        HeadRefused: the head is not to be countersigned.
        ApiError: the node does not take the signature.
        NodeUnreachable: no answer; nothing is lost by trying again.
    """
    if key.public_key in root.operators:
        raise HeadRefused("client/operator_key", "an operator's key countersigns nothing")
    with log.locked():
        heads = log.heads()
        last = heads[-1] if heads else start
        head = signed_header_of(node.head())
        follow(head, last, root, node.headers)
        is_new = not heads or head.header.height > heads[-1].header.height
        if is_new:
            log.append(head)
        hashed = header_hash(head.header)
        entry = Countersignature(
            head.header.height,
            key.public_key,
            key.sign(countersigning_bytes(hashed)),
        )
        node.countersign(encode_countersignature(entry))
    return Countersigned(entry.height, hashed, is_new)
