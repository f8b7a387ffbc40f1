"""The floor: what a transfer cannot do without, counted, and what each of it costs by itself.

Rules this file keeps:
 1. Counts come from a run of their own, never from a timed one.
 2. Unit costs are measured in the same process: a floor from another machine is no floor.
"""

import contextlib
import hashlib
import os
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, Final

import msgspec

from bench.transfers import Rounds, run_application
from xinlian.client import SignedTransaction
from xinlian.crypto import hashing
from xinlian.crypto.ed25519 import SigningKey, verify_signature
from xinlian.ledger import application as application_module
from xinlian.ledger.application import Application
from xinlian.modules.accounts.events import TransferPosted
from xinlian.modules.accounts.keeper import new_account
from xinlian.modules.accounts.messages import Transfer
from xinlian.modules.accounts.types import Account, AccountClass
from xinlian.primitives import ID_BYTES

_REPEATS: Final = 2_000
_SYNCS: Final = 30
_PAGE_BYTES: Final = 4096


class _CountingHashlib:
    """Stands in for the module ``hashlib`` where the ledger takes its hashes from."""

    def __init__(self) -> None:
        self.hashes = 0
        self.hashed_bytes = 0

    def sha256(self, data: bytes) -> Any:  # noqa: ANN401 - the type of a hash object is private
        self.hashes += 1
        self.hashed_bytes += len(data)
        return hashlib.sha256(data)


def count(
    application: Application,
    batch: Sequence[SignedTransaction],
    transfers_each: int,
) -> dict[str, float]:
    """Return what one block of a batch does, a transfer."""
    transfers = len(batch) * transfers_each
    with counted_hashes() as counts, _counted_signatures() as signatures:
        written_before = _disk_bytes()
        run_application(application, batch, transfers_each, Rounds())
        written = _disk_bytes() - written_before
    return {
        "transaction_bytes": sum(len(signed.raw) for signed in batch) / transfers,
        "signatures": len(signatures) / transfers,
        "hashes": counts.hashes / transfers,
        "hashed_bytes": counts.hashed_bytes / transfers,
        "syncs": 1 / transfers,
        "disk_bytes": written / transfers,
    }


def unit_costs(folder: Path) -> dict[str, float]:
    """Return the microseconds of one signature check, one hash, one sync, one transfer's codec."""
    key = SigningKey(bytes(32))
    signature = key.sign(bytes(32))
    return {
        "codec_of_a_transfer": _codec_microseconds(),
        "signature": _microseconds(
            lambda: verify_signature(key.suite, key.public_key, bytes(32), signature),
        ),
        "hash_of_256_bytes": _microseconds(lambda: hashlib.sha256(bytes(256)).digest()),
        "sync_of_a_page": _sync_microseconds(folder),
    }


def floor_rate(counts: dict[str, float], costs: dict[str, float]) -> float:
    """Return the transfers a second if codec, signatures, hashes and syncs were all there is."""
    microseconds = (
        costs["codec_of_a_transfer"]
        + counts["signatures"] * costs["signature"]
        + counts["hashes"] * costs["hash_of_256_bytes"]
        + counts["syncs"] * costs["sync_of_a_page"]
    )
    return 1e6 / microseconds


@contextlib.contextmanager
def counted_hashes() -> Iterator[_CountingHashlib]:
    """Count the hashes that the ledger takes meanwhile."""
    counting = _CountingHashlib()
    vars(hashing)["hashlib"] = counting
    try:
        yield counting
    finally:
        vars(hashing)["hashlib"] = hashlib


@contextlib.contextmanager
def _counted_signatures() -> Iterator[list[bytes]]:
    checked: list[bytes] = []

    def counting(suite: str, public_key: bytes, message: bytes, blob: bytes) -> bool:
        checked.append(blob)
        return verify_signature(suite, public_key, message, blob)

    vars(application_module)["verify_signature"] = counting
    try:
        yield checked
    finally:
        vars(application_module)["verify_signature"] = verify_signature


def _disk_bytes() -> int:
    """Return what this process has had written to disk so far, where the system says."""
    counters = Path("/proc/self/io")
    if not counters.exists():
        return 0
    fields = dict(line.split(": ") for line in counters.read_text(encoding="ascii").splitlines())
    return int(fields["write_bytes"])


def _codec_microseconds() -> float:
    """Return what the bytes of a transfer cost: message, two accounts read and written, event."""
    name = bytes(ID_BYTES)
    message = msgspec.msgpack.encode(Transfer(name, name, 1))
    account = new_account(name, name, AccountClass.HOLDER, mirrored=True, bank_account=bytes(32))
    record = msgspec.msgpack.encode(account)
    event = TransferPosted(name, name, name, 1, name, b"")
    decode_message = msgspec.msgpack.Decoder(Transfer).decode
    decode_record = msgspec.msgpack.Decoder(Account).decode
    encode = msgspec.msgpack.Encoder().encode

    def transfer() -> None:
        encode(decode_message(message))
        for _ in range(2):
            encode(decode_record(record))
        encode(event)

    return _microseconds(transfer)


def _microseconds(action: Callable[[], object]) -> float:
    begin = time.process_time()
    for _ in range(_REPEATS):
        action()
    return (time.process_time() - begin) / _REPEATS * 1e6


def _sync_microseconds(folder: Path) -> float:
    with tempfile.NamedTemporaryFile(dir=folder) as file:
        begin = time.perf_counter()
        for _ in range(_SYNCS):
            file.write(bytes(_PAGE_BYTES))
            file.flush()
            os.fdatasync(file.fileno())
        return (time.perf_counter() - begin) / _SYNCS * 1e6
