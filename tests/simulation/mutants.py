"""Put faults into a copy of the consensus code and see who finds each: ``python mutants.py``.

A test that cannot fail is a defect, and so is a simulator.  Each fault changes one place; the
simulator's seeds are run over it until one fails, then, where none does, properties and unit tests.
The result goes to ``bench/results/mutants.json``.  It takes minutes: it is no part of `make test`.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[2]
RESULT = ROOT / "bench" / "results" / "mutants.json"
SEEDS = 240
SUITES = ("tests/properties", "tests/unit/modules", "tests/unit/apps")

SIMULATE = """
import sys
from xinlian.testing.simulator import SimulationFailed, run_seed
for seed in range(int(sys.argv[1])):
    try:
        run_seed(seed)
    except SimulationFailed as failed:
        print(failed)
        sys.exit(3)
"""


class Mutant(NamedTuple):
    """A fault: in which file which words become which."""

    name: str
    file: str
    old: str
    new: str


MUTANTS = (
    Mutant(
        "a posting is skipped on the receiving side",
        "modules/accounts/keeper.py",
        "debits_minor=receiving.debits_minor + amount_minor",
        "debits_minor=receiving.debits_minor",
    ),
    Mutant(
        "set-aside money is given away",
        "modules/accounts/types.py",
        "return self.debits_minor - self.credits_minor - self.reserved_minor",
        "return self.debits_minor - self.credits_minor",
    ),
    Mutant(
        "a lower bound is forgotten",
        "modules/accounts/keeper.py",
        "if lower_minor and giving.available_minor - amount_minor < lower_minor:",
        "if lower_minor < 0:",
    ),
    Mutant(
        "a bank entry counts twice",
        "modules/accounts/reconciliation.py",
        "if BANK_ENTRIES.get(context.state, context.acting_for, message.identity) is not None:",
        "if message.identity == b'':",
    ),
    Mutant(
        "deposit is created while a statement differs",
        "modules/accounts/reconciliation.py",
        "        raise DepositUnreconciled(differing.hex())",
        "        del differing",
    ),
    Mutant(
        "interest is rounded down",
        "primitives/amounts.py",
        "return (2 * numerator + denominator) // (2 * denominator)",
        "return numerator // denominator",
    ),
    Mutant(
        "interest runs a day too long",
        "modules/obligations/performance.py",
        "days = 0 if is_on_time else max(china_day(context.time_ms) - found.due_day, 0)",
        "days = 0 if is_on_time else max(china_day(context.time_ms) - found.due_day + 1, 0)",
    ),
    Mutant(
        "an envelope holds a millisecond too long",
        "ledger/admission.py",
        "    if time_ms > valid_until_ms:",
        "    if time_ms > valid_until_ms + 1:",
    ),
    Mutant(
        "a consumed key is consumed again",
        "ledger/outcomes.py",
        "    raise IdempotencyConflict",
        "    return",
    ),
    Mutant(
        "a refused transaction is not rolled back",
        "ledger/machine.py",
        "        overlay.rollback(mark)\n",
        "",
    ),
    Mutant(
        "the bytes of a payer are not counted",
        "modules/quotas/keeper.py",
        "used.used_bytes + charge.transaction_bytes,",
        "used.used_bytes,",
    ),
    Mutant(
        "the cap of a mandate is missing",
        "modules/members/keeper.py",
        "if amount_minor > rule.cap_minor or 0 < rule.expires_at_ms < context.time_ms:",
        "if 0 < rule.expires_at_ms < context.time_ms:",
    ),
    Mutant(
        "the daily cap counts nothing",
        "modules/members/keeper.py",
        "moved[signers] = moved.get(signers, 0) + amount_minor",
        "moved[signers] = 0",
    ),
    Mutant(
        "a threshold of keys is one too low",
        "modules/members/keeper.py",
        "0 < signed >= rule.threshold",
        "0 < signed >= rule.threshold - 1",
    ),
    Mutant(
        "a recovered key is not held",
        "modules/members/restraint.py",
        "    if context.time_ms >= restraint.held_until_ms:",
        "    if context.time_ms >= restraint.held_since_ms:",
    ),
    Mutant(
        "the subject votes on its own case",
        "modules/governance/electorate.py",
        "return bool(proposal.party) and vote_holder(state, proposal.party) == member",
        "return False",
    ),
    Mutant(
        "abstentions are not counted as no",
        "modules/governance/electorate.py",
        "counted.in_favour * TWELFTHS >= asked * counted.electors",
        "counted.in_favour * TWELFTHS >= asked * counted.cast",
    ),
    Mutant(
        "a decision does not wait for its delay",
        "modules/governance/keeper.py",
        "enact_at_ms = context.time_ms + row.delay_ms",
        "enact_at_ms = context.time_ms",
    ),
    Mutant(
        "a veto freezes nothing",
        "modules/governance/keeper.py",
        "    freeze_value(context.state, proposal.party, proposal_id)\n",
        "",
    ),
    Mutant(
        "an authority outlives its end by a day",
        "modules/obligations/turns.py",
        "if context.time_ms > authority_ends_at_ms(context.state, obligation):",
        "if context.time_ms > authority_ends_at_ms(context.state, obligation) + 86_400_000:",
    ),
    Mutant(
        "the cap of an authority is missing",
        "modules/obligations/turns.py",
        "return max(obligation.authority_cap_minor - used_minor, 0)",
        "return obligation.open_minor",
    ),
    Mutant(
        "a part is paid where parts were not agreed",
        "modules/obligations/turns.py",
        "if not payable_minor or (payable_minor < found.payable_minor and not may_be_part):",
        "if not payable_minor:",
    ),
    Mutant(
        "nobody looks again when money comes",
        "modules/obligations/keeper.py",
        "        for _ in WAITING.scan(context.state, account):\n",
        "        for _ in ():\n",
    ),
    Mutant(
        "what is let go is not tried again",
        "modules/obligations/keeper.py",
        "        if not found.is_locked:\n            # What the account",
        "        if found.is_locked:\n            # What the account",
    ),
    Mutant(
        "three witnesses of one payment count three times",
        "modules/obligations/types.py",
        "return max(self.debited_minor, self.credited_minor, self.receipted_minor)",
        "return self.debited_minor + self.credited_minor + self.receipted_minor",
    ),
    Mutant(
        "a guarantor is called for more than it answers for",
        "modules/obligations/performance.py",
        "called_minor = min(left_minor, guarantee.liability_minor)",
        "called_minor = left_minor",
    ),
    Mutant(
        "a debtor that paid leaves its guarantors owing",
        "modules/obligations/releases.py",
        "        if excess_minor > 0:\n",
        "        if excess_minor < 0:\n",
    ),
    Mutant(
        "money locked for what is let go stays locked",
        "modules/obligations/keeper.py",
        "    if found.is_locked:\n        unlock(context, obligation_id, amount_minor)\n",
        "",
    ),
    Mutant(
        "a default waits for a day that never comes",
        "modules/obligations/keeper.py",
        "    if context.time_ms < found.cutoff_at_ms:\n",
        "    if True:\n",
    ),
    Mutant(
        "a locked leaf is moved",
        "apps/supply_chain/keeper.py",
        "return leaf.finance == Finance.LOCKED and time_ms <= leaf.lock_expires_at_ms",
        "return False",
    ),
    Mutant(
        "a split makes value",
        "apps/supply_chain/transfer.py",
        "    rest_minor = leaf.amount_minor - offer.amount_minor\n",
        "    rest_minor = leaf.amount_minor\n",
    ),
    Mutant(
        "a sync of the virtual disk is lost",
        "testing/virtual_disk_store.py",
        "        try:\n            self._disk.sync()\n            self._write_head",
        "        try:\n            self._write_head",
    ),
)


def mutated_copy(folder: Path, mutant: Mutant) -> None:
    """Copy the source and put the fault into it."""
    shutil.copytree(ROOT / "src", folder / "src")
    path = folder / "src" / "xinlian" / mutant.file
    text = path.read_text("utf-8")
    if text.count(mutant.old) != 1:
        raise SystemExit(f"{mutant.name}: {text.count(mutant.old)} places in {mutant.file}")
    path.write_text(text.replace(mutant.old, mutant.new), "utf-8")


def finder_of(mutant: Mutant, seeds: int) -> str:
    """Return who found the fault and how, empty when nobody did."""
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        mutated_copy(folder, mutant)
        environment = {**os.environ, "PYTHONPATH": str(folder / "src")}
        simulated = subprocess.run(
            [sys.executable, "-c", SIMULATE, str(seeds)],
            capture_output=True,
            text=True,
            check=False,
            env=environment,
        )
        if simulated.returncode:
            said = simulated.stdout or simulated.stderr.strip().rsplit("\n", 1)[-1]
            return f"simulator: {said.strip()[:160]}"
        for suite in SUITES:
            tried = subprocess.run(
                [sys.executable, "-m", "pytest", "-x", "-q", suite],
                capture_output=True,
                text=True,
                check=False,
                env=environment,
                cwd=ROOT,
            )
            if tried.returncode:
                failed = [line for line in tried.stdout.split("\n") if line.startswith("FAILED")]
                return f"{suite}: {failed[0][:160] if failed else 'it does not run'}"
    return ""


def main() -> None:
    """Try every fault; say who found it; exit 1 when one escaped."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=SEEDS)
    parser.add_argument("--only", default="", help="faults whose name has these words")
    arguments = parser.parse_args()
    found = {}
    for mutant in MUTANTS:
        if arguments.only in mutant.name:
            found[mutant.name] = finder_of(mutant, arguments.seeds)
            print(f"{mutant.name}: {found[mutant.name] or 'ESCAPED'}", flush=True)  # noqa: T201
    if not arguments.only:
        result = {"seeds": arguments.seeds, "found": found}
        RESULT.write_text(json.dumps(result, indent=1) + "\n", "utf-8")
    sys.exit(not all(found.values()))


if __name__ == "__main__":
    main()
