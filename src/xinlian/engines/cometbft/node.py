"""The CometBFT engine as a node: as any other, but that validators stand behind its receipts."""

from collections.abc import Sequence
from typing import cast

from xinlian.crypto.codec import Value
from xinlian.engines.cometbft.engine import CometEngine
from xinlian.engines.cometbft.receipts import Committer, provable_height, with_block_path
from xinlian.engines.cometbft.rpc import EngineClient
from xinlian.engines.embedded import EmbeddedNode
from xinlian.engines.embedded.receipts import build_expiry_proof
from xinlian.ledger.countersignature import CountersignatureStore
from xinlian.ledger.header import SignedHeader, decode_block
from xinlian.ledger.ports import Snapshot, Store

COMMIT_SECONDS_MAX = 3.0
"""How long a receipt waits for the height after its own."""


class _AsOf:
    """A store as it was at an older height."""

    def __init__(self, store: Store, height: int) -> None:
        self._store = store
        self._height = height

    def snapshot(self) -> Snapshot:
        """Return a view of that height."""
        with self._store.snapshot() as newest:
            is_newest = newest.height == self._height
        return self._store.snapshot() if is_newest else self._store.snapshot_at(self._height)

    def __getattr__(self, name: str) -> object:
        return getattr(self._store, name)


class CometNode(EmbeddedNode):
    """One engine with what interfaces ask of it."""

    def __init__(
        self,
        engine: CometEngine,
        genesis_bytes: bytes,
        countersignatures: CountersignatureStore | None = None,
    ) -> None:
        """Take an engine; countersignatures are kept as on any node, receipts rest on votes."""
        super().__init__(engine, genesis_bytes, countersignatures)
        self._comet = engine

    def receipt(
        self,
        transaction_id: bytes | None,
        state_keys: Sequence[bytes] = (),
        at_height: int | None = None,
    ) -> bytes:
        """Return a receipt file; raises NoReceipt, BodyPruned, StateNotKept.

        State is proven at the last height that did something, unless another one is named.
        """
        if state_keys and at_height is None:
            at_height = provable_height(self.store)
        file = super().receipt(transaction_id, state_keys, at_height)
        location = None if transaction_id is None else self.store.locate(transaction_id)
        block = None if location is None else self.store.block(location[0])
        return with_block_path(file, () if block is None else decode_block(block).transactions)

    def expiry_proof(self, raw: bytes) -> bytes:
        """Return a receipt file that a transaction has expired; raises LedgerError, NoReceipt.

        It is proven as of the last height that did something: on a quiet chain only a later
        transaction makes it provable.
        """
        as_of = cast("Store", _AsOf(self.store, provable_height(self.store)))
        return with_block_path(build_expiry_proof(as_of, raw, self._attest), ())

    def _attest(self, signed: SignedHeader) -> Value:
        """Return a header with the votes for it; raises NoReceipt until there are enough."""
        self.wait_above(signed.header.height, COMMIT_SECONDS_MAX)
        client = EngineClient(self._comet.rpc_socket)
        try:
            return Committer(client, self.store, self._comet.set_changes).attest(signed)
        finally:
            client.close()
