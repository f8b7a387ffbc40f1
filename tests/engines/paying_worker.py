"""The process that is killed: pays without pause and says which payments were acknowledged.

``python paying_worker.py FOLDER`` prints ``opening``, then one line per acknowledged transaction:
its id, codespace and code.  It never ends by itself.
"""

import sys
from collections import deque
from concurrent.futures import Future
from pathlib import Path

from xinlian.ledger.node import Committed
from xinlian.modules.accounts.messages import Transfer
from xinlian.storage import LmdbStore
from xinlian.testing import Consortium

IN_FLIGHT = 60
"""Enough that signatures are verified in batches, by the process that this one starts."""


def main(folder: Path) -> None:
    """Pay from core to bank; every fifth payment asks for more than there is."""
    say("opening")
    consortium = Consortium(LmdbStore(folder))
    waiting: deque[tuple[bytes, Future[Committed]]] = deque()
    number = 0
    while True:
        amount_minor = 10**10 if number % 5 == 4 else 1 + number % 3
        signed = consortium.sign(
            "core",
            Transfer(consortium.account("core"), consortium.account("bank"), amount_minor),
        )
        waiting.append((signed.transaction_id, consortium.engine.submit(signed.raw)))
        number += 1
        if len(waiting) == IN_FLIGHT:
            transaction_id, outcome = waiting.popleft()
            result = outcome.result().result
            say(f"{transaction_id.hex()} {result.codespace or '-'} {result.code}")


def say(line: str) -> None:
    """Print a line at once."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
