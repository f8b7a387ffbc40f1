"""The process that is killed while a transaction waits: its block is made and never durable.

``python waiting_worker.py FOLDER`` prints ``committed`` and the bytes of a payment that is durable,
then ``pending`` and the bytes of one that waits for a commit which never ends.
"""

import sys
import threading
from pathlib import Path

from xinlian.ledger.node import OutcomeStatus
from xinlian.ledger.ports import CommitBatch
from xinlian.modules.accounts.messages import Transfer
from xinlian.storage import LmdbStore
from xinlian.testing import Consortium


class HeldStore(LmdbStore):
    """A store whose commits wait for ever once it is held."""

    is_held = False
    reached = threading.Event()

    def commit(self, batch: CommitBatch) -> None:
        """Commit, or never return."""
        if self.is_held:
            self.reached.set()
            threading.Event().wait()
        super().commit(batch)


def main(folder: Path) -> None:
    """Pay once, hold the store, pay again, wait to be killed."""
    store = HeldStore(folder)
    consortium = Consortium(store)
    payment = Transfer(consortium.account("core"), consortium.account("bank"), 1)
    signed, _ = consortium.send("core", payment)
    say(f"committed {signed.raw.hex()}")
    store.is_held = True
    waiting = consortium.sign("core", payment)
    consortium.engine.submit(waiting.raw)
    store.reached.wait()
    outcome = consortium.node.outcome(waiting.transaction_id)
    if outcome.status == OutcomeStatus.PENDING:
        say(f"pending {waiting.raw.hex()}")
    threading.Event().wait()


def say(line: str) -> None:
    """Print a line at once."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
