"""The read model: committed blocks in SQL, exactly once, rebuildable from block 1.

Rules this file keeps:
 1. Rows change only in the SQL transaction that records the height up to which they hold; a crash
    leaves the height before, whole.
 2. A block follows the one projected before it by the hash of its header, or nothing is written.
 3. Where the first blocks are not here, rows begin with the state of the oldest height that is.
 4. The store is read, never written: whatever happens here, the chain goes on.
"""

import threading
from typing import Any, Final

import sqlalchemy as sa

from xinlian.contracts.runtime import Contracts
from xinlian.ledger.application import StoredOutcome, decode_outcome
from xinlian.ledger.clock import chain_meta
from xinlian.ledger.header import StoredBlock, decode_block, decode_head, header_hash
from xinlian.ledger.kept import header_at
from xinlian.ledger.ports import StateView, Store
from xinlian.readmodels.database import Database, hold_lightly
from xinlian.readmodels.errors import BlockMissing, OtherChain
from xinlian.readmodels.memory import Memory
from xinlian.readmodels.projection import BlockProjection, project_genesis
from xinlian.readmodels.projection.beginning import project_state
from xinlian.readmodels.projection.writer import Writer
from xinlian.readmodels.queries import Queries
from xinlian.readmodels.tables import METADATA, PROJECTION

BLOCKS_PER_TRANSACTION: Final = 1_024
"""How many blocks are projected at most before their rows are made durable, when many wait."""
ROWS_PER_TRANSACTION: Final = 60_000
"""After how many new rows no further block is begun in a transaction: it is held in memory."""
_ONLY: Final = 1

Dump = dict[str, list[tuple[Any, ...]]]


class ReadModel(Queries):
    """A projected database: its questions (see ``Queries``) and its upkeep."""

    def __init__(self, address: str, contracts: Contracts, genesis: StateView) -> None:
        """Open a database and bring its schema to that of this release.

        Args:
            address: ``sqlite:///PATH`` or ``postgresql+psycopg://…``.
            contracts: of the chain's application version.
            genesis: the state that the genesis file describes.

        Raises:
            ReadModelBroken: the database cannot be used; the class says why.
        """
        super().__init__(Database(address))
        self._blocks = BlockProjection(contracts)
        self._genesis = genesis
        self._memory = Memory()
        self._projecting = threading.Lock()
        self._chain_id = chain_meta(genesis).chain_id
        try:
            self._database.migrate()
        except BaseException:
            self._database.close()
            raise

    @property
    def height(self) -> int:
        """The last projected height; -1 before genesis."""
        with self._database.reading() as connection:
            found: int | None = connection.scalar(sa.select(PROJECTION.c.height))
        return -1 if found is None else found

    def project(self, store: Store, up_to: int | None = None) -> int:
        """Project what the store has beyond the last projected height; return the new one.

        Args:
            store: of the same chain.
            up_to: the last height to project, by default the store's.

        Raises:
            OtherChain: the rows are of another chain, or of blocks that the store does not have.
            BlockMissing: the store has no body of a height that is needed.
            DatabaseFailed: nothing of the current transaction is there; call again.
        """
        head = head_height(store)
        target = head if up_to is None else min(head, up_to)
        with self._projecting:
            while True:
                height = self._step(store, head, target)
                if height >= target:
                    return height

    def rebuild(self, store: Store) -> int:
        """Forget all rows and project the chain again; return the height."""
        with self._database.writing() as connection:
            for table in reversed(METADATA.sorted_tables):
                connection.execute(sa.delete(table))
        return self.project(store)

    def dump(self) -> Dump:
        """Return all rows of all tables, ordered by key: equal chains give equal dumps."""
        with self._database.reading() as connection:
            return {
                table.name: [
                    tuple(record)
                    for record in connection.execute(
                        sa.select(table).order_by(*table.primary_key.columns),
                    )
                ]
                for table in METADATA.sorted_tables
            }

    def close(self) -> None:
        """Close all connections."""
        self._database.close()

    def _step(self, store: Store, head: int, target: int) -> int:
        """Project the next blocks and make them durable; return the height they reach."""
        try:
            with self._database.writing() as connection:
                height = self._advance(connection, store, head, target)
        except BaseException:
            self._memory.forget()  # it may hold what was not written
            raise
        self._memory.height = height
        self._memory.forget_when_full()
        return height

    def _advance(self, connection: sa.Connection, store: Store, head: int, target: int) -> int:
        """Project the next blocks within one SQL transaction; return the height they reach."""
        position = connection.execute(sa.select(PROJECTION).with_for_update()).one_or_none()
        height = -1 if position is None else position.height
        previous_hash = None if position is None else position.header_hash
        if position is not None and (position.chain_id != self._chain_id or height > head):
            raise OtherChain(f"{position.chain_id} at {height}, not {self._chain_id} at {head}")
        last = min(target, height + BLOCKS_PER_TRANSACTION)
        if last <= height:
            return height
        self._memory.stand_at(height)
        hold_lightly(connection)
        writer = Writer(connection, self._memory)
        begins_at = _begins_at(store) if position is None else None
        if begins_at is not None:
            height, previous_hash = begins_at, self._begin(writer, store, begins_at)
            last = max(last, height)
        for next_height in range(height + 1, last + 1):
            previous_hash = self._apply(writer, store, next_height, previous_hash)
            if writer.added_count > ROWS_PER_TRANSACTION:
                break
        writer.flush()
        _record(connection, writer, self._chain_id, previous_hash, is_first=position is None)
        return writer.height

    def _begin(self, writer: Writer, store: Store, height: int) -> str:
        """Write the rows of a state whose earlier blocks are not here; return its header's hash."""
        signed = header_at(store, height)
        if signed is None:
            raise BlockMissing(f"header of height {height}")
        if signed.header.chain_id != self._chain_id:
            raise OtherChain(f"{signed.header.chain_id}, not {self._chain_id}")
        writer.height, writer.time_ms = height, signed.header.time_ms
        with store.snapshot_at(height) as state:
            project_state(writer, state)
        return header_hash(signed.header).hex()

    def _apply(
        self,
        writer: Writer,
        store: Store,
        height: int,
        previous_hash: str | None,
    ) -> str:
        block, outcome = _stored(store, height)
        header = block.signed_header.header
        follows = previous_hash is None or header.previous_hash.hex() == previous_hash
        if header.chain_id != self._chain_id or not follows:
            raise OtherChain(f"block {height} does not follow what was projected")
        if height == 0:
            writer.height, writer.time_ms = 0, header.time_ms
            project_genesis(writer, self._genesis)
        return self._blocks.apply(writer, block, outcome)


def _begins_at(store: Store) -> int | None:
    """Return at which height rows begin where the first blocks are not here, else None.

    It is the oldest whose state is here and behind which every block is.
    """
    extent = store.extent()
    if not extent.bodies_from:
        return None
    return max(extent.bodies_from - 1, extent.states_from)


def head_height(store: Store) -> int:
    """Return the height of a store's last commit; -1 before genesis."""
    head = store.head()
    return -1 if head is None else decode_head(head).header.height


def _stored(store: Store, height: int) -> tuple[StoredBlock, StoredOutcome]:
    block, outcome = store.block(height), store.outcome(height)
    if block is None or outcome is None:
        raise BlockMissing(f"height {height}")
    return decode_block(block), decode_outcome(outcome)


def _record(
    connection: sa.Connection,
    writer: Writer,
    chain_id: str,
    header_hash: str | None,
    *,
    is_first: bool,
) -> None:
    """Record how far the rows hold, in the one row that a second projector waits for."""
    statement = sa.insert(PROJECTION) if is_first else sa.update(PROJECTION)
    connection.execute(
        statement.values(
            only=_ONLY,
            chain_id=chain_id,
            height=writer.height,
            time_ms=writer.time_ms,
            header_hash=header_hash,
        ),
    )
