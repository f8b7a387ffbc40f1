"""`make bench`: the embedded rows of the specification's table, on this machine.

    python bench/run.py                 reduced sizes, under five minutes
    python bench/run.py --full          the sizes of the table, about an hour of machine time
    python bench/run.py --save          also write bench/results/latest.json and the profiles

Figures are medians over rounds; comparisons are medians of ratios, pair by pair.
"""

import argparse
import dataclasses
import json
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Final

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from bench import certificates, floor, profiles, receipts, replay
from bench.figures import Row, median_ratio
from bench.hardware import describe
from bench.setting import (
    TransferSource,
    World,
    close_engine,
    copy_store,
    create_store,
    new_world,
    open_engine,
)
from bench.transfers import (
    Rounds,
    Unauthenticated,
    cost_row,
    require_conserved,
    run_application,
    run_engine,
)
from xinlian.engines.collector import settle_collector
from xinlian.engines.embedded import EmbeddedEngine
from xinlian.modules.accounts.types import ACCOUNTS

RESULTS: Final = Path(__file__).resolve().parent / "results"
VAR: Final = RESULTS.parent.parent / "var"
"""On the disk of the working tree: a temporary folder in memory would sync nothing."""
MANY: Final = 100
"""Transfers of one signed transaction in the rows that batch them."""


@dataclasses.dataclass(frozen=True, slots=True)
class Sizes:
    """How much is measured."""

    accounts: tuple[int, ...]
    """Worlds of the transfer rows, ascending; the last one is also the large state."""
    large_state: int
    rounds: int
    batch: int
    """Transactions of 100 transfers a round."""
    singles: int
    lives: int


REDUCED: Final = Sizes((10_000, 200_000), 200_000, 5, 100, 1_500, 50)
FULL: Final = Sizes((10_000, 1_000_000), 10_000_000, 9, 400, 10_000, 200)


class Bench:
    """One run: worlds on disk, rows as they come."""

    def __init__(self, sizes: Sizes, seed: int, folder: Path) -> None:
        self._sizes = sizes
        self._seed = seed
        self._folder = folder
        self.floor: dict[str, object] = {}
        self.profiles: dict[str, str] = {}

    def rows(self) -> Iterator[Row]:
        """Measure everything; yield each row when it is known."""
        for accounts in self._sizes.accounts:
            yield from self._transfer_rows(accounts)
        yield from self._state_size_rows()
        life = self._folder / "certificates"
        _say("certificates")
        rows, self.profiles["profile-certificates"] = certificates.measure(
            life,
            self._sizes.lives,
            self._sizes.rounds,
        )
        yield from rows

    def _world(self, accounts: int) -> tuple[World, Path]:
        world = new_world(self._seed, accounts)
        folder = self._folder / f"world-{accounts}"
        if not folder.exists():
            _say(f"writing {accounts:,} accounts")
            create_store(world, folder)
        return world, folder

    def _engine(
        self,
        world: World,
        source: Path,
        name: str,
        application: type[Unauthenticated] | None = None,
    ) -> EmbeddedEngine:
        target = self._folder / name
        shutil.rmtree(target, ignore_errors=True)
        copy_store(source, target)
        return open_engine(world, target, *([application] if application else []))

    def _transfer_rows(self, accounts: int) -> Iterator[Row]:
        world, source = self._world(accounts)
        _say(f"transfers among {accounts:,} accounts")
        engine = self._engine(world, source, "with")
        without = self._engine(world, source, "without", Unauthenticated)
        draws = TransferSource(world, accounts)
        many, bare, alone, bare_alone = Rounds(), Rounds(), Rounds(), Rounds()
        for number in range(self._sizes.rounds):
            batch = draws.take(self._sizes.batch, MANY)
            pair = ((engine, many), (without, bare))
            for each, into in pair if number % 2 else reversed(pair):
                run_engine(each, batch, MANY, into)
        bars = {10_000: ("30 000", "80 000"), 1_000_000: ("15 000", "40 000")}
        bar, stretch = bars.get(accounts, ("", ""))
        among = f"uniformly random among {accounts:,} accounts"
        yield _barred(
            many.row(f"100 transfers a signed transaction, {among}", "transfers/s"),
            bar,
            stretch,
        )
        cost_bar, cost_stretch = {10_000: ("<= 30", "<= 15"), 1_000_000: ("<= 60", "<= 40")}.get(
            accounts,
            ("", ""),
        )
        yield cost_row("cost of authentication, engine", many, bare, cost_bar, cost_stretch)
        if accounts == self._sizes.accounts[0]:
            yield from self._rows_of_small_world(world, source, engine, many)
        close_engine(engine)
        close_engine(without)
        yield from self._application_rows(world, source, alone, bare_alone)

    def _rows_of_small_world(
        self,
        world: World,
        source: Path,
        engine: EmbeddedEngine,
        many: Rounds,
    ) -> Iterator[Row]:
        """Return the rows that are measured on the smallest world only."""
        batched = self._sizes.rounds * self._sizes.batch * MANY
        produced_seconds = sum(self._sizes.batch * MANY / rate for rate in many.rates)
        target = self._folder / "replayed"
        copy_store(source, target)
        _say(f"replay of {batched:,} transfers")
        yield replay.measure(world, engine.application.store, target, produced_seconds)
        singles, hot = Rounds(), Rounds()
        draws = TransferSource(world, world.accounts)
        hot_draws = TransferSource(world, world.accounts, hot=True)
        _say("one signature a transfer; hot accounts")
        for _ in range(self._sizes.rounds):
            run_engine(engine, draws.take(self._sizes.singles, 1), 1, singles)
            run_engine(engine, hot_draws.take(self._sizes.batch, MANY), MANY, hot)
        yield _barred(singles.row("one signature a transfer", "tx/s"), "8 000", "20 000")
        yield hot.row("100 transfers a transaction, 8 hot accounts", "transfers/s")
        require_conserved(engine.application.store)
        keys = [ACCOUNTS.key(world.account(number)) for number in range(10)]
        yield from receipts.measure(engine.application.store, world.genesis_bytes(), keys)

    def _application_rows(
        self,
        world: World,
        source: Path,
        alone: Rounds,
        bare: Rounds,
    ) -> Iterator[Row]:
        """Return the rows of the application without an engine, and count and profile it."""
        engine = self._engine(world, source, "with")
        without = self._engine(world, source, "without", Unauthenticated)
        engine.close()
        without.close()
        draws = TransferSource(world, world.accounts)
        pair = ((engine.application, alone), (without.application, bare))
        for number in range(self._sizes.rounds):
            batch = draws.take(100, MANY)
            for application, into in pair if number % 2 else reversed(pair):
                run_application(application, batch, MANY, into)
        among = f"among {world.accounts:,}"
        yield alone.row(f"application alone, blocks of 10 000 transfers, {among}", "transfers/s")
        yield cost_row("cost of authentication, application alone", alone, bare, "", "")
        self._look_inside(world, engine, draws)
        require_conserved(engine.application.store)
        require_conserved(without.application.store)
        engine.application.store.close()
        without.application.store.close()

    def _look_inside(self, world: World, engine: EmbeddedEngine, draws: TransferSource) -> None:
        costs = floor.unit_costs(self._folder)
        for name, batch, each in (
            ("100 transfers a transaction", draws.take(100, MANY), MANY),
            ("one transfer a transaction", draws.take(1_500, 1), 1),
        ):
            counts = floor.count(engine.application, batch, each)
            spent = profiles.stages(engine.application, draws.take(len(batch), each), each)
            self.floor[f"{name}, {world.accounts:,} accounts"] = {
                "per_transfer": {key: round(value, 3) for key, value in counts.items()},
                "unit_cost_us": {key: round(value, 2) for key, value in costs.items()},
                "processor_us_per_transfer": {key: round(value, 2) for key, value in spent.items()},
                "floor_transfers_per_s": round(floor.floor_rate(counts, costs)),
            }
        for name, count, each in (("batched", 100, MANY), ("single", 1_500, 1)):
            self.profiles[f"profile-{name}-{world.accounts}"] = profiles.profile(
                engine.application,
                draws.take(count, each),
                each,
            )

    def _state_size_rows(self) -> Iterator[Row]:
        """Return how the same few accounts fare in a large state."""
        active = 10_000
        small, small_source = self._world(active)
        large, large_source = self._world(self._sizes.large_state)
        _say(f"{active:,} active accounts in a state of {large.accounts:,}")
        pair = (
            (self._engine(small, small_source, "with"), Rounds(), TransferSource(small, active)),
            (self._engine(large, large_source, "without"), Rounds(), TransferSource(large, active)),
        )
        for number in range(self._sizes.rounds):
            for engine, into, draws in pair if number % 2 else reversed(pair):
                run_engine(engine, draws.take(self._sizes.batch, MANY), MANY, into)
        ratio = median_ratio(pair[1][1].rates, pair[0][1].rates)
        for engine, _, _ in pair:
            close_engine(engine)
        yield Row(
            f"{large.accounts:,} keys in state against {active:,}, {active:,} accounts active",
            ratio * 100,
            "% of the speed",
            ">= 85",
            ">= 95",
        )


def main() -> None:
    """Run, print the table, and save when asked."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--full", action="store_true", help="the sizes of the table")
    parser.add_argument("--save", action="store_true", help="write bench/results")
    parser.add_argument("--json", action="store_true", help="print JSON instead of the table")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    sizes = FULL if options.full else REDUCED
    hardware = describe()
    settle_collector()  # as the command that runs a node does
    VAR.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="bench-", dir=VAR) as name:
        bench = Bench(sizes, options.seed, Path(name))
        rows = list(bench.rows())
    document = {
        "hardware": hardware,
        "seed": options.seed,
        "sizes": {"full": options.full, **dataclasses.asdict(sizes)},
        "rows": [dataclasses.asdict(row) for row in rows],
        "floor": bench.floor,
    }
    if options.save:
        RESULTS.mkdir(exist_ok=True)
        text = json.dumps(document, indent=1, ensure_ascii=False)
        (RESULTS / "latest.json").write_text(text + "\n", encoding="utf-8")
        for profile_name, profile in bench.profiles.items():
            (RESULTS / f"{profile_name}.txt").write_text(profile, encoding="utf-8")
    if options.json:
        print(json.dumps(document, indent=1, ensure_ascii=False))
    else:
        _print_table(document, rows)


def _print_table(document: dict[str, object], rows: list[Row]) -> None:
    print(json.dumps(document["hardware"], ensure_ascii=False))
    print(f"seed {document['seed']}, sizes {document['sizes']}")
    print(f"{'what':<72}{'median':>12} {'unit':<15}{'p50 ms':>9}{'p99 ms':>9}  bar | stretch")
    for row in rows:
        p50 = "" if row.p50_ms is None else f"{row.p50_ms:.1f}"
        p99 = "" if row.p99_ms is None else f"{row.p99_ms:.1f}"
        print(
            f"{row.name:<72}{row.value:>12,.1f} {row.unit:<15}{p50:>9}{p99:>9}"
            f"  {row.bar} | {row.stretch}",
        )
        for name, note in row.notes.items():
            print(f"    {name}: {note}")
    print("the floor: what a transfer cannot do without")
    print(json.dumps(document["floor"], indent=1))


def _barred(row: Row, bar: str, stretch: str) -> Row:
    return dataclasses.replace(row, bar=bar, stretch=stretch)


def _say(what: str) -> None:
    print(f"... {what}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
