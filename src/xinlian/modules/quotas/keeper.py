"""The only code that writes what a payer used.

Rules this file keeps:
 1. A window is a span of consensus time, the same for everybody: ``time // length``.
 2. Bytes, work and marker of a transaction are charged with its outcome, whatever its code; new
    bytes of state and due work only where it applied, for they roll back with it.
 3. Due work is charged to the party whose message added it, and what it adds itself likewise; a
    quota never stops due work.
 4. Updating a record costs what it grows, removing one gives nothing back within the window.
"""

import functools
from typing import NamedTuple

import msgspec

from xinlian.ledger.executor import BlockEnvironment, Charge
from xinlian.ledger.ports import StateView
from xinlian.ledger.records import WritableState
from xinlian.ledger.transaction import Transaction
from xinlian.modules.policy.dates import happening, version_in_force
from xinlian.modules.policy.types import ROWS, row_part
from xinlian.modules.quotas.errors import (
    BytesUsedUp,
    MarkersFull,
    OpenItemsFull,
    StateUsedUp,
    WorkUsedUp,
)
from xinlian.modules.quotas.holds import drop_ended_holds, hold_sender, require_not_held
from xinlian.modules.quotas.types import (
    CEILINGS,
    OPEN_ITEMS,
    REQUIRED_ROWS,
    USAGE,
    Allowance,
    OpenItems,
    Usage,
)
from xinlian.primitives import PartyId
from xinlian.primitives.time import MS_PER_SECOND

_ROW_KEYS = tuple(ROWS.key(row_part(name)) for name in REQUIRED_ROWS)
_NOTHING = Usage(0, 0, 0, 0, 0)
_NO_ITEMS = OpenItems(0)


class QuotaBook:
    """The quotas as the contract runtime sees them."""

    def at(self, state: StateView, environment: BlockEnvironment) -> "BlockQuotas":
        """Return the quotas at a height; policy does not change within a block."""
        allowed = allowance(state, environment.time_ms)
        window_no = environment.time_ms // allowed.window_ms
        return BlockQuotas(allowed, window_no, environment.height, environment.time_ms)


class BlockQuotas(NamedTuple):
    """The quotas at one height, as the state machine sees them."""

    allowed: Allowance
    window_no: int
    height: int
    time_ms: int

    def check(self, state: StateView, transaction: Transaction) -> None:
        """Refuse a transaction that its payer's quotas have no room for.

        Raises:
            Rejected: the first refusal in the order of ``errors.py``.
        """
        allowed = self.allowed
        used = self._usage(state, transaction.payer)
        if used.markers >= allowed.markers_max:
            raise MarkersFull(allowed.markers_max)
        if used.used_bytes + len(transaction.raw) > allowed.bytes_max:
            raise BytesUsedUp(allowed.bytes_max)
        if used.work + len(transaction.body.calls) > allowed.work_max:
            raise WorkUsedUp(allowed.work_max)
        if used.state_bytes >= allowed.state_bytes_max:
            raise StateUsedUp(allowed.state_bytes_max)
        require_not_held(state, transaction, self.height)

    def settle(self, state: WritableState, payer: PartyId, charge: Charge) -> None:
        """Count what an applied transaction used; raises WorkUsedUp or StateUsedUp."""
        used = self._usage(state, payer)
        if used.work + charge.work > self.allowed.work_max:
            raise WorkUsedUp(self.allowed.work_max)
        if used.state_bytes + charge.state_bytes > self.allowed.state_bytes_max:
            raise StateUsedUp(self.allowed.state_bytes_max)
        USAGE.put(state, _sum(used, charge), payer)

    def charge(self, state: WritableState, payer: PartyId, charge: Charge) -> None:
        """Count what a refused transaction used, even beyond the quotas."""
        USAGE.put(state, _sum(self._usage(state, payer), charge), payer)

    def release_markers(self, state: WritableState, payer: bytes, count: int) -> None:
        """Give room back for markers that were dropped."""
        used = USAGE.require(state, payer)
        left = msgspec.structs.replace(used, markers=used.markers - count)
        USAGE.put(state, left, payer)

    def hold_sender(self, state: WritableState, transaction: Transaction, call_index: int) -> None:
        """Hold the sender of a call that met a fault of ours back from repeating it."""
        hold_sender(state, transaction, call_index, self.height, self.time_ms)

    def drop_ended_holds(self, state: WritableState) -> None:
        """Let go who was held up to an earlier height."""
        drop_ended_holds(state, self.height)

    def _usage(self, state: StateView, payer: bytes) -> Usage:
        """Return what a payer used in this window."""
        used = USAGE.get(state, payer) or _NOTHING
        if used.window_no == self.window_no:
            return used
        return Usage(self.window_no, 0, 0, 0, used.markers)


def _sum(used: Usage, charge: Charge) -> Usage:
    return Usage(
        used.window_no,
        used.used_bytes + charge.transaction_bytes,
        used.work + charge.work,
        used.state_bytes + charge.state_bytes,
        used.markers + 1,
    )


def allowance(state: StateView, time_ms: int) -> Allowance:
    """Return the quotas in force at a moment."""
    return _allowance_of(tuple(state.get(key) for key in _ROW_KEYS), time_ms)


@functools.lru_cache(64)
def _allowance_of(rows: tuple[bytes | None, ...], time_ms: int) -> Allowance:
    """Return the quotas that encoded rows give: a pure function, computed once a block."""
    values = [
        min(_in_force(row, ceiling, time_ms), ceiling)
        for row, ceiling in zip(rows, CEILINGS, strict=True)
    ]
    return Allowance(max(values[0], 1) * MS_PER_SECOND, *values[1:])


def _in_force(row: bytes | None, ceiling: int, time_ms: int) -> int:
    """Return the value of a row at a moment; without one the ceiling alone bounds."""
    versions = () if row is None else ROWS.decode(row).versions
    found = version_in_force(versions, happening(time_ms))
    return ceiling if found is None else max(found.value, 0)


def take_items(state: WritableState, party: bytes, count: int, time_ms: int) -> None:
    """Charge open items that a message of a party added; raises OpenItemsFull."""
    is_full = open_items(state, party) + count > allowance(state, time_ms).open_items_max
    if is_full:
        raise OpenItemsFull(allowance(state, time_ms).open_items_max)
    move_items(state, party, count)


def move_items(state: WritableState, party: bytes, difference: int) -> None:
    """Count items that due work added, or that are done or cancelled, on account of a party."""
    count = open_items(state, party) + difference
    if count:
        OPEN_ITEMS.put(state, OpenItems(count), party)
    else:
        OPEN_ITEMS.delete(state, party)


def open_items(state: StateView, party: bytes) -> int:
    """Return how many items are open on account of a party."""
    return (OPEN_ITEMS.get(state, party) or _NO_ITEMS).count
