"""A chain with the smallest executor: messages are named programs, keys are given."""

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence

from xinlian.crypto.ed25519 import SUITE_ED25519, SigningKey
from xinlian.ledger.block import Block, BlockOutcome, Misbehaviour
from xinlian.ledger.clock import CLOCK_SIMULATED, META, ChainMeta
from xinlian.ledger.executor import BlockEnvironment, CallRefused, Charge, Execution, SignerKey
from xinlian.ledger.machine import HALTING_ERRORS, apply_block
from xinlian.ledger.overlay import Overlay
from xinlian.ledger.ports import StateView
from xinlian.ledger.transaction import (
    Call,
    Transaction,
    TransactionBody,
    encode_body,
    encode_transaction,
    signing_bytes,
    transaction_id_of,
)
from xinlian.primitives import KeyId, LedgerError, PartyId

CHAIN = "test-chain"
START_MS = 1_800_000_000_000
Program = Callable[[Overlay], None]


class TableView:
    """A state in a dictionary, without a store."""

    def __init__(self, table: Mapping[bytes, bytes] | None = None) -> None:
        self.table = dict(table or {})

    def get(self, key: bytes) -> bytes | None:
        """Return the value of a key, or None."""
        return self.table.get(key)

    def scan(self, start: bytes, end: bytes) -> Iterator[tuple[bytes, bytes]]:
        """Yield the entries of [start, end)."""
        return iter([(key, self.table[key]) for key in sorted(self.table) if start <= key < end])

    def take(self, writes: Mapping[bytes, bytes | None]) -> None:
        """Apply the writes of a block."""
        for key, value in writes.items():
            if value is None:
                self.table.pop(key, None)
            else:
                self.table[key] = value


class Signer:
    """A key of a party."""

    def __init__(self, name: str, party: bytes) -> None:
        self.key = SigningKey(hashlib.sha256(name.encode()).digest())
        self.key_id = KeyId(hashlib.sha256(self.key.public_key).digest()[:20])
        self.party = PartyId(party)


PAYER = PartyId(b"p" * 20)
OTHER = PartyId(b"o" * 20)
PAYER_KEY = Signer("payer", PAYER)
OTHER_KEY = Signer("other", OTHER)
STRANGER_KEY = Signer("stranger", b"s" * 20)


class OpenQuotas:
    """Quotas without bounds that remember what they were told."""

    def __init__(self) -> None:
        self.charges: list[tuple[bytes, Charge]] = []
        self.released: list[tuple[bytes, int]] = []
        self.held: list[tuple[bytes, int]] = []
        self.refusal: LedgerError | None = None
        self.refusal_of_effects: LedgerError | None = None

    def at(self, state: StateView, environment: BlockEnvironment) -> "OpenQuotas":
        """Return themselves: they are the same at every height."""
        del state, environment
        return self

    def check(self, state: StateView, transaction: Transaction) -> None:
        """Raise the refusal that was set."""
        del state, transaction
        if self.refusal is not None:
            raise self.refusal

    def hold_sender(self, state: Overlay, transaction: Transaction, call_index: int) -> None:
        """Remember whose call met a fault."""
        del state
        self.held.append((transaction.payer, call_index))

    def drop_ended_holds(self, state: Overlay) -> None:
        """Nothing is held."""

    def settle(self, state: Overlay, payer: PartyId, charge: Charge) -> None:
        """Raise the refusal of effects that was set, or remember the charge."""
        if self.refusal_of_effects is not None:
            raise self.refusal_of_effects
        self.charge(state, payer, charge)

    def charge(self, state: Overlay, payer: PartyId, charge: Charge) -> None:
        """Remember a charge."""
        del state
        self.charges.append((payer, charge))

    def release_markers(self, state: Overlay, payer: bytes, count: int) -> None:
        """Remember a release."""
        del state
        self.released.append((payer, count))


class ScriptedExecutor:
    """Runs the program that a message names; knows the keys of two parties."""

    def __init__(self, programs: Mapping[bytes, Program], work: int = 1) -> None:
        self.programs = dict(programs)
        self.work = work
        self.quotas = OpenQuotas()
        self.keys = {
            signer.key_id: SignerKey(signer.party, SUITE_ED25519, signer.key.public_key)
            for signer in (PAYER_KEY, OTHER_KEY)
        }

    def at_version(self, app_version: int) -> "ScriptedExecutor | None":
        """Return itself: it carries the rules of version 1 only."""
        return self if app_version == 1 else None

    def migrate(self, state: Overlay, environment: BlockEnvironment, cursor: bytes) -> bytes | None:
        """Return None: there is nothing to migrate."""
        del state, environment, cursor
        return None

    def signer_key(self, state: StateView, key_id: KeyId) -> SignerKey | None:
        """Return a known key."""
        del state
        return self.keys.get(key_id)

    def quotas_at(self, state: StateView, environment: BlockEnvironment) -> OpenQuotas:
        """Return quotas without bounds."""
        del state, environment
        return self.quotas

    def is_kept_for(self, transaction: Transaction) -> bool:
        """Return False: nothing is kept for anybody."""
        del transaction
        return False

    def next_due_at_ms(self, state: StateView) -> int | None:
        """Return None: nothing is scheduled."""
        del state
        return None

    def report(
        self,
        state: Overlay,
        environment: BlockEnvironment,
        misbehaviours: Sequence[Misbehaviour],
    ) -> tuple[Execution, Sequence[str]]:
        """Do nothing."""
        del state, environment, misbehaviours
        return Execution((), 0), ()

    def run_schedule(
        self,
        state: Overlay,
        environment: BlockEnvironment,
        work_max: int,
        first_index: int = 0,
    ) -> tuple[Execution, Sequence[str]]:
        """Do nothing."""
        del state, environment, work_max, first_index
        return Execution((), 0), ()

    def execute(
        self,
        state: Overlay,
        environment: BlockEnvironment,
        transaction: Transaction,
        work_max: int,
    ) -> Execution:
        """Run the programs of the calls, one after the other."""
        del environment, work_max
        for index, call in enumerate(transaction.body.calls):
            try:
                self.programs[call.message](state)
            except HALTING_ERRORS:
                raise
            except Exception as refusal:
                raise CallRefused(index, refusal, self.work) from refusal
        return Execution((), self.work)


class Chain:
    """Applies blocks to a table, one after the other."""

    def __init__(self, programs: Mapping[bytes, Program] | None = None, work: int = 1) -> None:
        self.executor = ScriptedExecutor(programs or {b"ok": lambda _: None}, work)
        self.state = TableView()
        overlay = Overlay(self.state)
        META.put(overlay, ChainMeta(CHAIN, CLOCK_SIMULATED, 1, 0, START_MS, 0, 0))
        self.state.take(overlay.writes())
        self.height = 0
        self.time_ms = START_MS

    def apply(self, *transactions: bytes, engine_time_ms: int = 0) -> BlockOutcome:
        """Apply a block and keep what it wrote."""
        block = Block(self.height + 1, engine_time_ms, transactions)
        outcome = apply_block(self.state, block, self.executor)
        self.state.take(outcome.writes)
        self.height, self.time_ms = outcome.height, outcome.time_ms
        return outcome

    def codes(self, *transactions: bytes, engine_time_ms: int = 0) -> list[tuple[str, int, bool]]:
        """Apply a block; return (codespace, code, consumed) of each transaction."""
        outcome = self.apply(*transactions, engine_time_ms=engine_time_ms)
        return [(result.codespace, result.code, result.consumed) for result in outcome.results]


def body(
    *messages: bytes,
    key: bytes = b"k" * 16,
    signers: Sequence[Signer] = (PAYER_KEY,),
    valid_until_ms: int = START_MS + 60_000,
    payer: bytes = PAYER,
    chain_id: str = CHAIN,
    version: int = 1,
) -> TransactionBody:
    """Return a body; every field may be chosen badly."""
    return TransactionBody(
        version=version,
        chain_id=chain_id,
        payer=payer,
        idempotency_key=key,
        valid_until_ms=valid_until_ms,
        signers=tuple(sorted(signer.key_id for signer in signers)),
        calls=tuple(Call(PAYER, message) for message in messages or (b"ok",)),
    )


def signed(written: TransactionBody, signers: Sequence[Signer] = (PAYER_KEY,)) -> bytes:
    """Return the transaction of a body."""
    encoded = encode_body(written)
    message = signing_bytes(transaction_id_of(encoded))
    by_id = sorted(signers, key=lambda signer: signer.key_id)
    return encode_transaction(encoded, tuple(signer.key.sign(message) for signer in by_id))


def badly_signed(written: TransactionBody) -> bytes:
    """Return a transaction whose one signature does not verify."""
    return encode_transaction(encode_body(written), (bytes(64),))
