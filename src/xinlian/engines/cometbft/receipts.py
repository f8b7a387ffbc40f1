"""Writing receipt files of a network of validators: the ledger's proofs under committed headers.

What the ledger proves is written as for every engine; headers get the engine's own headers and the
validators' votes, and a transaction its path in the engine's block (``verifier/cometbft.py``).

Rules this file keeps:
 1. State is proven at the last height that did something and whose successor is committed: the
    engine's headers carry the application hash of such heights alone.
 2. A header shows every change of the validators since the genesis file, and none where there was
    none.
"""

import hashlib
from collections.abc import Sequence

from xinlian.crypto.codec import Value, decode, encode
from xinlian.crypto.receipt_format import ENGINE_COMETBFT
from xinlian.engines.cometbft.commits import commit_of, commit_values, header_value
from xinlian.engines.cometbft.rpc import EngineClient
from xinlian.engines.cometbft.set_changes import SetChanges
from xinlian.engines.cometbft.stand import stand_of
from xinlian.ledger.clock import META
from xinlian.ledger.header import SignedHeader, encode_head
from xinlian.ledger.node import NoReceipt
from xinlian.ledger.ports import StateNotKept, Store
from xinlian.ledger.state_tree import prove


class Committer:
    """Turns headers into committed ones, asking one engine."""

    def __init__(self, client: EngineClient, store: Store, changes: SetChanges) -> None:
        self._client = client
        self._store = store
        self._changes = changes

    def attest(self, signed: SignedHeader) -> Value:
        """Return a committed header; raises NoReceipt while the next height is not committed."""
        header = signed.header
        own = commit_of(self._client, header.height)
        following = commit_of(self._client, header.height + 1)
        if following.header.app_hash.upper() != header.app_hash.hex().upper():
            raise NoReceipt(f"height {header.height} did nothing: ask for one that did")
        record, proof = self._chain_record(header.height)
        values = decode(encode_head(signed))
        head: Value = values[0] if isinstance(values, tuple) else None
        committed = (
            head,
            record,
            proof,
            header_value(own.header),
            header_value(following.header),
            *commit_values(following, self._changes.keys()),
        )
        changes = self._changes.before(header.height + 1)
        return (*committed, changes) if changes else committed

    def _chain_record(self, height: int) -> tuple[bytes | None, bytes | None]:
        """Return the chain's record at a height with its proof; neither where it is forgotten."""
        key = META.key()
        try:
            with self._store.snapshot_at(height) as snapshot:
                return snapshot.get(key), prove(snapshot, key)
        except StateNotKept:
            return None, None


def with_block_path(file: bytes, transactions: Sequence[bytes]) -> bytes:
    """Return a receipt file of this engine: its name, and the path in the engine's block."""
    fields = decode(file)
    if not isinstance(fields, tuple):
        raise NoReceipt("not a receipt")
    form, _, suite, part, state = fields
    if isinstance(part, tuple) and isinstance(part[2], int) and transactions:
        path = block_path(transactions, part[2])
        part = (*part[:3], tuple(path), *part[4:])
    return encode((form, ENGINE_COMETBFT, suite, part, state))


def block_path(transactions: Sequence[bytes], index: int) -> list[bytes]:
    """Return the siblings of a transaction in the tree of the engine's block, the lowest first."""
    leaves = [
        hashlib.sha256(b"\x00" + hashlib.sha256(raw).digest()).digest() for raw in transactions
    ]
    path: list[bytes] = []
    while len(leaves) > 1:
        split = 1 << (len(leaves) - 1).bit_length() - 1
        if index < split:
            path.append(_root(leaves[split:]))
            leaves = leaves[:split]
        else:
            path.append(_root(leaves[:split]))
            leaves, index = leaves[split:], index - split
    return path[::-1]


def provable_height(store: Store) -> int:
    """Return the last height that did something, the head's where every one did."""
    with store.snapshot() as snapshot:
        height = snapshot.height
    while height:
        stand = stand_of(store, height)
        if stand.engine_hash == stand.header.app_hash:
            break
        height -= 1
    return height


def _root(leaves: Sequence[bytes]) -> bytes:
    if len(leaves) == 1:
        return leaves[0]
    split = 1 << (len(leaves) - 1).bit_length() - 1
    joined = b"\x01" + _root(leaves[:split]) + _root(leaves[split:])
    return hashlib.sha256(joined).digest()
