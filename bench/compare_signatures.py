"""Ed25519 libraries against ZIP 215 and the clock: `python -m bench.compare_signatures`."""

import json
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from bench.hardware import describe
from bench.tables import alternating_us, print_table
from xinlian.crypto import ed25519, ed25519_reference

VECTORS: Final = Path(__file__).resolve().parent.parent / "tests" / "golden"
THREAD_CHECKS: Final = 4_000
NEVER_SECONDS: Final = 1_000.0
"""A switch interval at which the interpreter takes the lock from no thread."""


def _openssl(key: bytes, message: bytes, signature: bytes) -> bool:
    try:
        Ed25519PublicKey.from_public_bytes(key).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True


_LIBRARIES: Final = {
    "py-ed25519-zebra-bindings": ed25519.verify,
    "cryptography (OpenSSL)": _openssl,
    "reference, standard library": ed25519_reference.verify,
}


def main() -> None:
    """Print what each library says of the published edge cases, and how long it takes."""
    print(describe(), "\n")
    cases = list(_speccheck())
    small_order = list(_small_order())
    key = ed25519.SigningKey(bytes(32))
    signature = key.sign(bytes(32))
    times_us = alternating_us(
        {
            name: lambda verify=verify: verify(key.public_key, bytes(32), signature)  # type: ignore[misc]  # bound now
            for name, verify in _LIBRARIES.items()
        },
        repeats=20,
    )
    rows = []
    for name, verify in _LIBRARIES.items():
        agree = sum(verify(*case) == expected for case, expected in cases)
        accepted = sum(verify(*case) for case in small_order)
        rows.append(
            (
                name,
                f"{agree} of {len(cases)}",
                f"{accepted} of {len(small_order)}",
                times_us[name],
            ),
        )
    print_table(
        ("library", "agrees with ZIP 215 (speccheck)", "accepts (zip215 small order)", "verify µs"),
        rows,
    )
    print()
    print_table(
        ("library", "releases the interpreter's lock", "1 thread /s", "2 threads /s"),
        [_threads(name, verify) for name, verify in list(_LIBRARIES.items())[:2]],
    )


def _speccheck() -> Iterator[tuple[tuple[bytes, bytes, bytes], bool]]:
    document: dict[str, Any] = json.loads((VECTORS / "ed25519_speccheck.json").read_text("utf-8"))
    for vector in document["vectors"]:
        fields = (bytes.fromhex(vector[name]) for name in ("public_key", "message", "signature"))
        key, message, signature = fields
        yield (key, message, signature), vector["zip215"]


def _small_order() -> Iterator[tuple[bytes, bytes, bytes]]:
    document: dict[str, Any] = json.loads((VECTORS / "zip215_small_order.json").read_text("utf-8"))
    points = [bytes.fromhex(text) for text in document["encodings"]]
    for key in points:
        for r_point in points:
            yield key, document["message"].encode(), r_point + bytes(32)


def _threads(name: str, verify: Callable[[bytes, bytes, bytes], bool]) -> tuple[object, ...]:
    key = ed25519.SigningKey(bytes(32))
    signature = key.sign(bytes(32))

    def work() -> None:
        for _ in range(THREAD_CHECKS):
            verify(key.public_key, bytes(32), signature)

    rates = []
    for count in (1, 2):
        threads = [threading.Thread(target=work) for _ in range(count)]
        begin = time.perf_counter()
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        seconds = time.perf_counter() - begin
        rates.append(count * THREAD_CHECKS / seconds)
    return name, _releases_lock(lambda: verify(key.public_key, bytes(32), signature)), *rates


def _releases_lock(action: Callable[[], object]) -> str:
    """Return whether a second thread gets on while nothing but the action can let it."""
    counted = 0
    stop = False

    def count() -> None:
        nonlocal counted
        while not stop:
            counted += 1
            time.sleep(0)  # gives the lock back at once

    other = threading.Thread(target=count)
    interval_seconds = sys.getswitchinterval()
    other.start()
    sys.setswitchinterval(NEVER_SECONDS)
    try:
        before = counted
        for _ in range(500):
            action()
        got_on = counted > before
    finally:
        sys.setswitchinterval(interval_seconds)
        stop = True
        other.join()
    return "yes" if got_on else "no"


if __name__ == "__main__":
    main()
