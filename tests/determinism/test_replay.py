"""The same chains, the same application hashes at each height: whatever the machine is set to.

They are recorded from the simulator, so that they have valid and invalid messages of every
module, garbled bytes, due work and lateness in them.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from determinism.replay import RecordedBlock, RecordedChain, replayed
from xinlian.ledger.header import decode_block
from xinlian.testing.simulator import Report, Simulation
from xinlian.testing.simulator.rules import MESSAGE_RULES
from xinlian.testing.virtual_disk import CrashPoint

SCRIPT = Path(__file__).with_name("replay.py")
SOURCE = Path(__file__).parents[2] / "src"
STEPS = 80
SEEDS = (0, 2, 5, 13, 14, 19, 23, 37, 46, 51)
"""Each records a chain; together they hold nearly every message that the reference model knows:
seeds that did when they were chosen, and some more."""
MISSING_MAX = 3
HAPPENED = {
    "ObligationDefaulted",
    "ObligationPerformed",
    "PeriodClosed",
    "StatementBooked",
    "CalendarPublished",
    "ProposalEnacted",
    "KeyRecovered",
    "CertificateDue",
}
"""Due work, votes, books and keys: what no message says."""
OVER_QUOTA = ("quotas", 2)
NEVER = CrashPoint(1 << 60)

ENVIRONMENTS = {
    "hash seed 0": ({"PYTHONHASHSEED": "0"}, []),
    "hash seed 1, New York": ({"PYTHONHASHSEED": "1", "TZ": "America/New_York"}, []),
    "hash seed 4242, Shanghai, Chinese": (
        {"PYTHONHASHSEED": "4242", "TZ": "Asia/Shanghai", "LC_ALL": "zh_CN.UTF-8"},
        [],
    ),
    "random hashes, Turkish": (
        {"PYTHONHASHSEED": "random", "LC_ALL": "tr_TR.UTF-8", "TZ": "Pacific/Kiritimati"},
        [],
    ),
    "C locale, no UTF-8 mode": ({"LC_ALL": "C", "PYTHONUTF8": "0"}, []),
    "without assertions": ({}, ["-O"]),
    "without docstrings": ({}, ["-OO"]),
    "on development mode": ({}, ["-X", "dev"]),
}
OTHER_PYTHONS = ("python3.12", "python3.13")
NEEDED = "import cryptography, ed25519_zebra, fastapi, lmdb, lxml, msgspec, sqlalchemy, structlog"


def record(seed: int) -> tuple[RecordedChain, Report]:
    """Return the chain of a simulated life, and what happened in it."""
    simulation = Simulation(seed, crash=NEVER)
    report = simulation.run(STEPS)
    blocks = []
    for height in range(simulation.store.height + 1):
        stored = decode_block(simulation.store.block(height) or b"")
        header = stored.signed_header.header
        blocks.append(RecordedBlock(stored.engine_time_ms, stored.transactions, header.app_hash))
    return RecordedChain(simulation.world.genesis_bytes, tuple(blocks)), report


@pytest.fixture(scope="module")
def chains() -> tuple[RecordedChain, ...]:
    """Chains; nearly every known message applied in one of them."""
    recorded = [record(seed) for seed in SEEDS]
    applied = set().union(*(report.message_types for _, report in recorded))
    missing = {message_type.__name__ for message_type in MESSAGE_RULES} - applied
    assert len(missing) <= MISSING_MAX, missing
    assert set().union(*(report.events for _, report in recorded)) >= HAPPENED
    assert any(OVER_QUOTA in report.refusals for _, report in recorded)
    return tuple(chain for chain, _ in recorded)


@pytest.fixture(scope="module")
def path(chains, tmp_path_factory) -> Path:
    """The file that they are in."""
    file: Path = tmp_path_factory.mktemp("chains") / "chains"
    file.write_bytes(msgspec.msgpack.encode(chains))
    return file


def hashes_of(
    python: str, options: list[str], environment: dict[str, str], path: Path
) -> list[str]:
    finished = subprocess.run(
        [python, *options, str(SCRIPT), str(path)],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "PYTHONPATH": str(SOURCE), **environment},
        timeout=120,
    )
    return finished.stdout.split()


def recorded(chains: tuple[RecordedChain, ...]) -> list[str]:
    return [block.app_hash.hex() for chain in chains for block in chain.blocks]


def test_replaying_in_this_process_gives_the_recorded_hashes(chains):
    found = [hashed.hex() for chain in chains for hashed in replayed(chain)]
    assert found == recorded(chains)
    assert len(found) == len(SEEDS) * (STEPS + 1)


@pytest.mark.parametrize("name", ENVIRONMENTS)
def test_no_setting_of_the_machine_changes_a_hash(chains, path, name):
    environment, options = ENVIRONMENTS[name]
    assert hashes_of(sys.executable, options, environment, path) == recorded(chains)


@pytest.mark.parametrize("python", OTHER_PYTHONS)
def test_another_python_gives_the_same_hashes(chains, path, python):
    found = shutil.which(python)
    if found is None:
        pytest.skip(f"{python} is not installed here")
    asked = subprocess.run([found, "-c", NEEDED], capture_output=True, text=True, check=False)
    if asked.returncode:
        lines = [line for line in asked.stderr.splitlines() if "Error" in line]
        reason = lines[-1] if lines else "it does not start"
        pytest.skip(f"{python} has not the packages of requirements/runtime.txt: {reason}")
    assert hashes_of(found, [], {}, path) == recorded(chains)
