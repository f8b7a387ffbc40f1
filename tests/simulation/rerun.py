"""Run one seed of the simulator and show what it did: ``python tests/simulation/rerun.py 17``."""

import argparse
from collections.abc import Sequence

from xinlian.ledger.application import FinalizedBlock
from xinlian.testing.simulator import STEPS_DEFAULT, Simulation
from xinlian.testing.simulator.records import Sent
from xinlian.testing.trade import reference_of


class Narrated(Simulation):
    """Says what each block did before it is checked."""

    def _acknowledge(self, finalized: FinalizedBlock, batch: Sequence[Sent]) -> None:
        outcome = finalized.outcome
        print(f"height {outcome.height}, time {outcome.time_ms}")  # noqa: T201 - what it is for
        for sent, result in zip(batch, outcome.results, strict=True):
            names = [self.world.names.get(party, party.hex()) for party, _ in sent.calls]
            messages = [message for _, message in sent.calls]
            print(f"  {reference_of(result)}, {sent.condition}:")  # noqa: T201
            for name, message in zip(names, messages, strict=True):
                print(f"    {name}: {message}")  # noqa: T201
        for group in outcome.event_groups:
            for event in self._events(group):
                print(f"    -> {event}")  # noqa: T201
        super()._acknowledge(finalized, batch)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("seed", type=int)
    parser.add_argument("--steps", type=int, default=STEPS_DEFAULT)
    arguments = parser.parse_args()
    print(Narrated(arguments.seed).run(arguments.steps))  # noqa: T201
