"""The CometBFT engine as a node: as any other but for its receipts."""

from collections.abc import Sequence

from xinlian.engines.embedded import EmbeddedNode
from xinlian.ledger.node import NoReceipt


class CometNode(EmbeddedNode):
    """One engine with what interfaces ask of it."""

    def receipt(
        self,
        transaction_id: bytes | None,
        state_keys: Sequence[bytes] = (),
        at_height: int | None = None,
    ) -> bytes:
        """Return a receipt file; raises NoReceipt."""
        del transaction_id, state_keys, at_height
        raise NoReceipt("receipts of a network of validators are not written yet")

    def expiry_proof(self, raw: bytes) -> bytes:
        """Return a receipt file that a transaction has expired; raises NoReceipt."""
        del raw
        raise NoReceipt("receipts of a network of validators are not written yet")
