"""What a message costs inside a batch: the same transfers, one to a thousand a transaction.

    python -m bench.batches

Processor time of applying a block in memory, without the state tree; signatures are checked before,
as they are for a block that this node admitted.  Prints JSON; the best of several rounds, because
whatever else runs on the machine only adds.
"""

import json
import time
from typing import Final

from bench.hardware import describe
from xinlian.ledger.block import Block
from xinlian.ledger.genesis import parse_genesis
from xinlian.modules.accounts.messages import Transfer
from xinlian.testing import Consortium

SIZES: Final = (1, 10, 100, 1_000)
MESSAGES: Final = 2_000
ROUNDS: Final = 7


def microseconds_each(consortium: Consortium, batch: int) -> float:
    """Return what one message costs in batches of a size, in microseconds."""
    application = consortium.engine.application
    start_ms = parse_genesis(consortium.genesis_bytes).genesis_time_ms
    payment = Transfer(consortium.account("core"), consortium.account("bank"), 1)
    raws = tuple(
        consortium.sign("core", *[payment] * batch, roles=("finance-1",)).raw
        for _ in range(MESSAGES // batch)
    )
    for raw in raws:
        application.check_tx(raw)
    seconds: list[float] = []
    for _ in range(ROUNDS):
        begun = time.process_time()
        outcome = application.dry_run(Block(1, start_ms + 1, raws))
        seconds.append(time.process_time() - begun)
        if not all(result.succeeded for result in outcome.results):
            raise RuntimeError("a batch was refused")
    return round(min(seconds) / MESSAGES * 1e6, 1)


def main() -> None:
    """Measure and print."""
    consortium = Consortium()
    consortium.close()
    found = {str(batch): microseconds_each(consortium, batch) for batch in SIZES}
    print(json.dumps({"hardware": describe(), "microseconds_per_message": found}, indent=1))


if __name__ == "__main__":
    main()
