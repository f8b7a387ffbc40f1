"""The process that verifies signatures: ``python -m xinlian.engines.signature_worker``.

It reads requests from standard input and answers on standard output until its input ends, which is
also what it sees when the node dies::

    request   4-byte big-endian count ‖ count x (public key 32 ‖ message 32 ‖ signature 64)
    answer    count bytes, each 01 (verifies) or 00; before the first one a single 01: it is ready

Rules this file keeps:
 1. It holds nothing: no key, no state; the same request gives the same answer for ever.
 2. A request that breaks the format ends it; the node then verifies by itself.
"""

import sys
from typing import BinaryIO, Final

from xinlian.crypto.ed25519 import PUBLIC_KEY_BYTES, SIGNATURE_BYTES, verify

MESSAGE_BYTES: Final = 32
FACT_BYTES: Final = PUBLIC_KEY_BYTES + MESSAGE_BYTES + SIGNATURE_BYTES
COUNT_BYTES: Final = 4
FACTS_MAX: Final = 4_096
"""How many facts one request may have."""
READY: Final = b"\x01"


def verdicts(facts: bytes) -> bytes:
    """Return one byte a fact: 01 where its signature verifies."""
    return bytes(_verifies(facts[at : at + FACT_BYTES]) for at in range(0, len(facts), FACT_BYTES))


def _verifies(fact: bytes) -> bool:
    message_at = PUBLIC_KEY_BYTES
    signature_at = PUBLIC_KEY_BYTES + MESSAGE_BYTES
    return verify(fact[:message_at], fact[message_at:signature_at], fact[signature_at:])


def serve(requests: BinaryIO, answers: BinaryIO) -> None:
    """Answer requests until they end, or one of them breaks the format."""
    answers.write(READY)
    answers.flush()
    while len(head := requests.read(COUNT_BYTES)) == COUNT_BYTES:
        count = int.from_bytes(head, "big")
        if count > FACTS_MAX:
            return
        facts = requests.read(count * FACT_BYTES)
        if len(facts) != count * FACT_BYTES:
            return
        answers.write(verdicts(facts))
        answers.flush()


if __name__ == "__main__":
    serve(sys.stdin.buffer, sys.stdout.buffer)
