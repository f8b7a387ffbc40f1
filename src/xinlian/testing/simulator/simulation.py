"""A simulator that tries to break the ledger: seeded, in one thread, with a disk that fails.

::

    report = run_seed(17)            # raises SimulationFailed, which names seed and step

Each step: somebody sends something, perhaps wrong, twice, late or garbled; time passes; a block is
made of what has arrived; the power may be lost at any call of the disk.  Then the state must hold
its invariants, agree with the reference model, and keep everything that was acknowledged.

Rules this file keeps:
 1. Everything follows from the seed: a failing seed fails again, at the same step, the same way.
 2. A block is acknowledged when ``commit`` returns; one that the power cut is there whole or not
    at all, and what was not acknowledged is sent again.
 3. The engine is not here: ``check_tx``, ``finalize_block`` and ``commit`` are called as it would.
"""

import dataclasses
import functools
import hashlib
import random
from collections.abc import Callable, Sequence
from typing import Final

from xinlian.bootstrap import broken_invariants
from xinlian.client import Intent
from xinlian.contracts.message import Event
from xinlian.ledger.application import Application, FinalizedBlock, decode_outcome
from xinlian.ledger.block import Block, EventGroup
from xinlian.ledger.state_tree import tree_root, update_tree
from xinlian.modules.members.types import key_id_of
from xinlian.primitives import LedgerError, PartyId
from xinlian.primitives.time import MS_PER_DAY, MS_PER_HOUR
from xinlian.storage import MemoryStore
from xinlian.testing.consortium import GENESIS_TIME_MS
from xinlian.testing.simulator.compare import differences
from xinlian.testing.simulator.messages import Senders, keys_for
from xinlian.testing.simulator.model import Disagreement, Model
from xinlian.testing.simulator.records import BAD_SIGNATURE, GARBLED, WHOLE, Sent
from xinlian.testing.simulator.rules import RULES
from xinlian.testing.simulator.scene import Calls
from xinlian.testing.simulator.world import World, commit, world_of
from xinlian.testing.virtual_disk import CrashPoint, PowerLost
from xinlian.testing.virtual_disk_store import VirtualDiskStore

STEPS_DEFAULT: Final = 50
_CALLS_OF_A_STEP: Final = 8
"""About how many disk calls a step makes: crash points are drawn among them."""
_LIVE_LEAPS_MS: Final = (-MS_PER_HOUR, 1, 1_000, 60_000, MS_PER_HOUR, MS_PER_DAY, 8 * MS_PER_DAY)
_LIVE_LEAP_WEIGHTS: Final = (2, 4, 45, 25, 8, 8, 5)


class SimulationFailed(Exception):  # noqa: N818 - names what happened
    """A rule was broken; run the seed again to see it again."""

    def __init__(self, seed: int, step: int, problem: str) -> None:
        super().__init__(f"seed {seed}, step {step}: {problem}; again with run_seed({seed})")
        self.seed = seed
        self.step = step


@dataclasses.dataclass(slots=True)
class Report:
    """What a seed did; ``digest`` is equal for two runs that did the same."""

    seed: int
    steps: int = 0
    transactions: int = 0
    applied: int = 0
    crashes: int = 0
    reopened_at_old_height: int = 0
    reopened_at_new_height: int = 0
    refusals: set[tuple[str, int]] = dataclasses.field(default_factory=set)
    message_types: set[str] = dataclasses.field(default_factory=set)
    events: set[str] = dataclasses.field(default_factory=set)
    digest: bytes = b""


class Simulation:
    """One seed: a chain, its disk, its senders and its model."""

    def __init__(self, seed: int, *, crash: CrashPoint | None = None) -> None:
        """Begin from genesis; even seeds have a simulated clock, odd ones a live one.

        Args:
            seed: everything follows from it.
            crash: the only loss of power; without it there are some, drawn from the seed.
        """
        self.report = Report(seed)
        self.world: World = world_of(is_simulated=seed % 2 == 0)
        self.disk = self.world.disk.copy(seed)
        self._crash = crash
        self._faults = random.Random(f"xinlian faults {seed}")  # noqa: S311 - must repeat
        self.model = Model(self.world.beginning, RULES)
        self.chance = random.Random(f"xinlian simulation {seed}")  # noqa: S311 - must repeat
        self.senders = Senders(self.chance, self.world, self.model, seed // 2)
        self._clock_ms = GENESIS_TIME_MS
        self._on_the_way: list[tuple[int, Sent]] = []
        self._earlier: list[Sent] = []
        self._trace = hashlib.sha256()
        self._open()

    def run(self, steps: int = STEPS_DEFAULT) -> Report:
        """Take steps; raises SimulationFailed."""
        for step in range(steps):
            self._named(step, functools.partial(self.step, step))
            self.report.steps += 1
        self._named(steps, self.check_whole)
        self.report.digest = self._trace.digest()
        return self.report

    def _named(self, step: int, action: Callable[[], None]) -> None:
        """Do something; whatever goes wrong names its seed and step."""
        try:
            action()
        except Exception as problem:
            text = f"{type(problem).__name__}: {problem}"
            raise SimulationFailed(self.report.seed, step, text) from problem

    def step(self, step: int) -> None:
        """Send, let time pass, make one block, and check everything; raises Disagreement."""
        for _ in range(self.chance.choice((0, 1, 1, 2, 2))):
            self._send(step)
        self._plan_crash()
        arrived = [sent for due, sent in self._on_the_way if due <= step]
        self._on_the_way = [(due, sent) for due, sent in self._on_the_way if due > step]
        self.chance.shuffle(arrived)
        self.make_block(self._admitted(arrived))
        self.check()

    def _plan_crash(self) -> None:
        if self._crash is not None:
            self.disk.crash = self._crash
        elif self._faults.random() < 0.12:  # noqa: PLR2004 - one step in eight goes dark
            call = self.disk.calls + self._faults.randrange(_CALLS_OF_A_STEP)
            self.disk.crash = CrashPoint(call, is_after=self._faults.randrange(2) == 0)

    def make_block(self, batch: Sequence[Sent]) -> None:
        """Apply a batch and commit it, through as many losses of power as there are."""
        block = Block(
            self.model.height + 1,
            self._engine_time_ms(),
            tuple(sent.raw for sent in batch),
        )
        while True:
            finalized = self.application.finalize_block(block)
            try:
                commit(
                    self.application,
                    finalized,
                    block,
                    self.world.beginning.chain_id,
                    self.world.genesis_hash,
                )
            except PowerLost:
                self._reopen()
                if self.store.height == self.model.height:
                    self.report.reopened_at_old_height += 1
                    continue
                self.report.reopened_at_new_height += 1
            break
        self._acknowledge(finalized, batch)

    def check(self) -> None:
        """Compare the state with the invariants and with the model; raises Disagreement."""
        with self.store.snapshot() as snapshot:
            broken = broken_invariants(snapshot) or differences(self.model, snapshot)
        if broken:
            raise Disagreement("; ".join(broken))

    def check_whole(self) -> None:
        """Check that nothing acknowledged was lost, and that the tree is that of the state."""
        self._survive(self._check_outcomes)
        with self.store.snapshot() as snapshot, MemoryStore().snapshot() as empty:
            entries: dict[bytes, bytes | None] = dict(snapshot.scan(b"", b"\xff" * 64))
            whole = update_tree(empty, entries).root
            self.model.require(whole == tree_root(snapshot), "the tree is that of the state")

    def _check_outcomes(self) -> None:
        for transaction_id, (height, index, codespace, code) in self.model.outcomes.items():
            found = self.store.locate(transaction_id)
            self.model.require(found == (height, index), "an acknowledged transaction is found")
            result = decode_outcome(self.store.outcome(height) or b"").results[index]
            self.model.require(
                (result.codespace, result.code) == (codespace, code),
                "an outcome never changes",
            )

    def _survive(self, action: Callable[[], None]) -> None:
        """Do something that reads the disk, again after each loss of power."""
        while True:
            try:
                action()
            except PowerLost:
                self._reopen()
            else:
                return

    def _open(self) -> None:
        self.store = VirtualDiskStore(self.disk)
        self.application = Application(self.store, self.world.contracts)

    def _reopen(self) -> None:
        """Restore the power until the store opens; the power may be lost again meanwhile."""
        while True:
            self.report.crashes += 1
            self.disk.restore_power()
            if self._crash is None and self._faults.random() < 0.2:  # noqa: PLR2004 - and again
                self.disk.crash = CrashPoint(self.disk.calls + self._faults.randrange(4))
            try:
                self._open()
            except PowerLost:
                continue
            self.model.require(
                self.store.height in (self.model.height, self.model.height + 1),
                f"height {self.store.height} after {self.model.height} was acknowledged",
            )
            return

    def _acknowledge(self, finalized: FinalizedBlock, batch: Sequence[Sent]) -> None:
        outcome = finalized.outcome
        groups = [self._events(group) for group in outcome.event_groups]
        self.model.require(not outcome.alarms, f"an alarm: {outcome.alarms}")
        self.model.apply(outcome.height, outcome.time_ms, batch, outcome.results, groups)
        self._trace.update(finalized.app_hash)
        for sent, result in zip(batch, outcome.results, strict=True):
            self.report.transactions += 1
            self.report.applied += result.succeeded
            self.report.refusals.add((result.codespace, result.code))
            if result.succeeded:
                self.report.message_types |= {type(message).__name__ for _, message in sent.calls}
        for group in groups:
            for event in group:
                self.senders.random.note_event(event)
                self.report.events.add(type(event).__name__)

    def _events(self, group: EventGroup) -> list[Event]:
        return [self.world.decode_event(bytes(record.event)) for record in group.events]

    def _engine_time_ms(self) -> int:
        if self.world.is_simulated:
            return GENESIS_TIME_MS + self.model.height + 1
        self._clock_ms += self.chance.choices(_LIVE_LEAPS_MS, _LIVE_LEAP_WEIGHTS)[0]
        return self._clock_ms

    def _admitted(self, arrived: Sequence[Sent]) -> list[Sent]:
        """Return what goes into the block: mostly what CheckTx lets through."""
        batch = []
        for sent in arrived:
            is_asked = self.chance.random() < 0.7  # noqa: PLR2004 - the rest a proposer slips in
            if is_asked and not self._is_admitted(sent):
                continue
            batch.append(sent)
        return batch

    def _is_admitted(self, sent: Sent) -> bool:
        """Ask CheckTx, which must refuse what the model knows to be garbled or forged."""
        try:
            self.application.check_tx(sent.raw)
        except LedgerError:
            return False
        self.model.require(sent.condition == WHOLE, f"CheckTx admitted a {sent.condition}")
        return True

    def _send(self, step: int) -> None:
        """Put something on the way: new, or the same bytes again; now and then twice, or late."""
        if self._earlier and self.chance.random() < 0.08:  # noqa: PLR2004 - a retry
            sent = self.chance.choice(self._earlier)
        else:
            sent = self._compose(step)
            self._earlier.append(sent)
        for _ in range(self.chance.choice((1, 1, 1, 1, 1, 1, 2))):
            delay = self.chance.choice((0, 0, 0, 0, 0, 1, 2, 7))
            self._on_the_way.append((step + delay, sent))

    def _compose(self, step: int) -> Sent:
        """Return a new transaction, one in ten with something wrong about its envelope."""
        calls = self.senders.next_calls(step)
        payer: bytes = self.world.organisations[calls[0][0]].party
        idempotency_key = self.chance.randbytes(16)
        chain_id = self.world.beginning.chain_id
        valid_until_ms = self.model.time_ms + self.chance.choice((600_000, MS_PER_DAY, MS_PER_DAY))
        fault = self.chance.random()
        if fault < 0.02 and self._earlier:  # noqa: PLR2004 - somebody else's, or an old key
            idempotency_key = self.chance.choice(self._earlier).idempotency_key
        elif fault < 0.03:  # noqa: PLR2004 - another chain
            chain_id = f"{chain_id}-2"
        elif fault < 0.05:  # noqa: PLR2004 - too long, too late, or just in time
            valid_until_ms = self.model.time_ms + self.chance.choice((-1, 0, 2 * MS_PER_DAY))
        elif fault < 0.06:  # noqa: PLR2004 - paid by somebody who does not sign
            payer = self.world.party_of("nobody")
        sent = self._signed(calls, payer, idempotency_key, chain_id, max(valid_until_ms, 1))
        if 0.06 <= fault < 0.08:  # noqa: PLR2004 - forged
            return self._forged(sent)
        if 0.08 <= fault < 0.1:  # noqa: PLR2004 - garbled on the way
            return self._garbled(sent)
        return sent

    def _signed(
        self,
        calls: Calls,
        payer: bytes,
        idempotency_key: bytes,
        chain_id: str,
        valid_until_ms: int,
    ) -> Sent:
        keys = list(keys_for(self.senders, self.world, calls))
        named = tuple((self.world.organisations[name].party, message) for name, message in calls)
        intent = Intent(chain_id, PartyId(payer), named, valid_until_ms, idempotency_key)
        signed = intent.sign(keys)
        signers = tuple(sorted(key_id_of(key.suite, key.public_key) for key in keys))
        return Sent(
            raw=signed.raw,
            transaction_id=signed.transaction_id,
            chain_id=chain_id,
            payer=payer,
            idempotency_key=idempotency_key,
            valid_until_ms=valid_until_ms,
            signers=signers,
            calls=named,
        )

    def _forged(self, sent: Sent) -> Sent:
        """Change one bit of the last signature: the bytes decode, the signature does not verify."""
        raw = bytearray(sent.raw)
        raw[-1 - self.chance.randrange(64)] ^= 1 << self.chance.randrange(8)
        return dataclasses.replace(sent, raw=bytes(raw), condition=BAD_SIGNATURE)

    def _garbled(self, sent: Sent) -> Sent:
        """Flip, cut or add bytes anywhere but in the signatures alone."""
        raw = bytearray(sent.raw)
        kind = self.chance.randrange(3)
        if kind == 0:
            raw[self.chance.randrange(len(raw) // 2)] ^= 1 << self.chance.randrange(8)
        elif kind == 1:
            del raw[self.chance.randrange(len(raw)) :]
        else:
            raw += self.chance.randbytes(self.chance.randint(1, 9))
        return dataclasses.replace(sent, raw=bytes(raw), condition=GARBLED)


def run_seed(seed: int, steps: int = STEPS_DEFAULT) -> Report:
    """Run one seed from genesis; raises SimulationFailed with seed and step."""
    return Simulation(seed).run(steps)
