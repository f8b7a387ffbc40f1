"""The state machine: previous state and a block give writes, results and events.

Steps, in this order and no other:
 1. consensus time advances; at its height a planned version begins, and migrates;
 2. markers past their retention are dropped;
 3. what the engine showed of validators has its consequences;
 4. due items of the schedule are performed, within half of the block's work;
 5. each transaction is applied whole or not at all, and gets a result.

Rules this file keeps:
 1. Nothing is read but the state, the block and the executor's pure functions.
 2. A transaction whose envelope verifies consumes its key whatever its code, and is charged to its
    payer's quotas; what it would have added to the state is charged only if it applied.
 3. A message that breaks an invariant holds its sender back from repeating it (``Quotas``).
 4. Unexpected deterministic exceptions of a message become ``internal/*`` results and change
    nothing; failures of the machine (memory, recursion, operating system, store) pass through and
    stop the node.
"""

import dataclasses
from collections.abc import Sequence
from typing import Final

from xinlian.crypto.ed25519 import verify_signature
from xinlian.ledger import limits
from xinlian.ledger.admission import SignatureCheck, check_envelope
from xinlian.ledger.block import (
    Block,
    BlockOutcome,
    EventGroup,
    Misbehaviour,
    TransactionResult,
)
from xinlian.ledger.clock import META, advance_clock, chain_meta
from xinlian.ledger.errors import (
    INTERNAL_CODESPACE,
    INTERNAL_ERROR_CODE,
    INTERNAL_INVARIANT_CODE,
    BlockFull,
)
from xinlian.ledger.executor import (
    BlockEnvironment,
    CallRefused,
    Charge,
    Execution,
    Executor,
    Quotas,
)
from xinlian.ledger.outcomes import Marker, drop_old_markers, write_marker
from xinlian.ledger.overlay import Overlay
from xinlian.ledger.ports import StateView, StoreError
from xinlian.ledger.transaction import Transaction, decode_transaction, transaction_id_of
from xinlian.ledger.upgrade import begin_version, migrate_on, rules_at, version_at
from xinlian.primitives import InvariantViolation, LedgerError

NO_CALL: Final = -1
HALTING_ERRORS: Final = (MemoryError, RecursionError, OSError, StoreError)
"""Failures of this machine, not of the transaction: they must never become a result."""


@dataclasses.dataclass(slots=True)
class _Progress:
    """What applying a block has gathered so far."""

    overlay: Overlay
    environment: BlockEnvironment
    executor: Executor
    quotas: Quotas
    signature_check: SignatureCheck
    work_left: int
    alarms: list[str]


def apply_block(
    state: StateView,
    block: Block,
    executor: Executor,
    signature_check: SignatureCheck = verify_signature,
) -> BlockOutcome:
    """Return everything that the block changes; the state itself is left as it is.

    Args:
        state: the committed state of the height before.
        block: its height must be that height + 1.
        executor: the contracts.
        signature_check: may remember which bytes verified under which key, nothing else.

    Raises:
        InvariantViolation: the block does not follow the state; the node must stop.
        UpgradeRequired: the block is of a version that the executor lacks; the node must stop.
    """
    overlay = Overlay(state)
    before = chain_meta(state)
    if block.height != before.height + 1:
        raise InvariantViolation("block_follows", f"{block.height} after {before.height}")
    app_version = version_at(state, before, block.height)
    executor = rules_at(executor, app_version, block.height)
    meta = advance_clock(before, block.engine_time_ms, executor.next_due_at_ms(state))
    META.put(overlay, meta)
    meta = begin_version(overlay, meta, app_version)
    environment = BlockEnvironment(meta.chain_id, meta.height, meta.time_ms, meta.app_version)
    migrate_on(overlay, environment, executor)
    quotas = executor.quotas_at(overlay, environment)
    quotas.drop_ended_holds(overlay)
    for payer, count in drop_old_markers(overlay, meta.time_ms).items():
        quotas.release_markers(overlay, payer, count)
    unasked, alarms = _do_unasked(overlay, environment, executor, block.misbehaviours)
    progress = _Progress(
        overlay,
        environment,
        executor,
        quotas,
        signature_check,
        limits.BLOCK_WORK_MAX - unasked.work,
        alarms,
    )
    results: list[TransactionResult] = []
    groups = [EventGroup(unasked.events)]
    for index, raw in enumerate(block.transactions):
        result, group = _apply_transaction(progress, index, raw)
        results.append(result)
        groups.append(group)
    return BlockOutcome(
        height=block.height,
        time_ms=meta.time_ms,
        writes=overlay.writes(),
        results=tuple(results),
        event_groups=tuple(groups),
        alarms=tuple(progress.alarms),
    )


def _do_unasked(
    overlay: Overlay,
    environment: BlockEnvironment,
    executor: Executor,
    misbehaviours: Sequence[Misbehaviour],
) -> tuple[Execution, list[str]]:
    """Do what no transaction asks for: what the engine showed first, then what is due."""
    reported, alarms = executor.report(overlay, environment, misbehaviours)
    scheduled, more_alarms = executor.run_schedule(
        overlay,
        environment,
        limits.SCHEDULE_WORK_MAX - reported.work,
        len(misbehaviours),
    )
    events = reported.events + scheduled.events
    return Execution(events, reported.work + scheduled.work), [*alarms, *more_alarms]


def _apply_transaction(
    progress: _Progress,
    index: int,
    raw: bytes,
) -> tuple[TransactionResult, EventGroup]:
    """Return the result and events of one transaction of the block."""
    transaction: Transaction | None = None
    try:
        transaction = decode_transaction(raw)
        check_envelope(
            progress.overlay,
            progress.environment,
            transaction,
            progress.executor,
            progress.quotas,
            progress.signature_check,
        )
        if progress.work_left <= 0:
            raise BlockFull
    except LedgerError as refusal:
        result = TransactionResult(
            # Its own id where there is one, so that whoever sent it finds the refusal.
            transaction_id=transaction_id_of(raw)
            if transaction is None
            else transaction.transaction_id,
            codespace=refusal.codespace,
            code=refusal.code,
            failed_call=NO_CALL,
            work=0,
            consumed=False,
        )
        return result, EventGroup(())
    result, events = _execute(progress, transaction)
    progress.work_left -= result.work
    write_marker(
        progress.overlay,
        transaction,
        Marker(
            transaction_id=transaction.transaction_id,
            valid_until_ms=transaction.body.valid_until_ms,
            height=progress.environment.height,
            index=index,
            codespace=result.codespace,
            code=result.code,
        ),
    )
    return result, events


def _execute(progress: _Progress, transaction: Transaction) -> tuple[TransactionResult, EventGroup]:
    """Run the messages of a verified envelope; roll all of them back if one is refused."""
    overlay = progress.overlay
    mark = overlay.mark()
    try:
        execution = progress.executor.execute(
            overlay,
            progress.environment,
            transaction,
            progress.work_left,
        )
        _settle(progress, transaction, execution.work, overlay.bytes_grown_since(mark))
    except CallRefused as refused:
        overlay.rollback(mark)
        used = Charge(len(transaction.raw), refused.work, 0)
        progress.quotas.charge(overlay, transaction.payer, used)
        if isinstance(refused.refusal, InvariantViolation):
            progress.quotas.hold_sender(overlay, transaction, refused.call_index)
        return _refused(progress, transaction, refused), EventGroup(())
    return _succeeded(transaction, execution), EventGroup(execution.events)


def _settle(progress: _Progress, transaction: Transaction, work: int, state_bytes: int) -> None:
    """Charge what applied; beyond the payer's quotas no call of the transaction is to blame."""
    used = Charge(len(transaction.raw), work, state_bytes)
    try:
        progress.quotas.settle(progress.overlay, transaction.payer, used)
    except LedgerError as refusal:
        raise CallRefused(NO_CALL, refusal, work) from refusal


def _succeeded(transaction: Transaction, execution: Execution) -> TransactionResult:
    return TransactionResult(
        transaction_id=transaction.transaction_id,
        codespace="",
        code=0,
        failed_call=NO_CALL,
        work=execution.work,
        consumed=True,
    )


def _refused(
    progress: _Progress,
    transaction: Transaction,
    refused: CallRefused,
) -> TransactionResult:
    """Return the result of a refused transaction; name our own bugs as such."""
    refusal = refused.refusal
    if isinstance(refusal, LedgerError):
        codespace, code = refusal.codespace, refusal.code
    else:
        is_invariant = isinstance(refusal, InvariantViolation)
        codespace = INTERNAL_CODESPACE
        code = INTERNAL_INVARIANT_CODE if is_invariant else INTERNAL_ERROR_CODE
        progress.alarms.append(
            f"transaction {transaction.transaction_id.hex()} call {refused.call_index}: "
            f"{type(refusal).__name__}: {refusal}",
        )
    return TransactionResult(
        transaction_id=transaction.transaction_id,
        codespace=codespace,
        code=code,
        failed_call=refused.call_index,
        work=refused.work,
        consumed=True,
    )
