"""Valid inputs of every decoder, made by the code that writes them: where mutation starts.

``inputs_of(name)`` gives them beside what earlier runs found worth keeping (``corpus/NAME``).
"""

import functools
import json
import random
from pathlib import Path

import msgspec

from golden import derive_receipts
from unit.client.test_genesis_plan import a_plan
from unit.connectors import samples as documents
from xinlian.apps.supply_chain.types import LEAVES
from xinlian.client.document_store import DocumentStore
from xinlian.client.keyring import create_keys
from xinlian.client.profile import FORMAT, Profile
from xinlian.connectors import read_document
from xinlian.crypto.codec import encode
from xinlian.crypto.ed25519 import SigningKey
from xinlian.crypto.field_tree import disclose, encode_disclosure
from xinlian.crypto.http_signature import (
    SignatureParameters,
    SignedRequest,
    content_digest,
    sign_request,
)
from xinlian.engines.embedded.receipts import build_receipt
from xinlian.ledger.genesis import genesis_hash
from xinlian.ledger.kept import header_at
from xinlian.ledger.ports import Snapshot, Store
from xinlian.ledger.snapshot import ManifestDraft, chunks, encode_manifest
from xinlian.ledger.state_tree import prove, tree_root
from xinlian.modules.accounts.messages import Transfer
from xinlian.readmodels.cursors import encode_cursor
from xinlian.testing import Consortium
from xinlian.testing.simulator.random_messages import RandomMessages
from xinlian.testing.simulator.world import world_of
from xinlian.testing.trade import Trade

CORPUS = Path(__file__).with_name("corpus")
UNIT = Path(__file__).parents[1] / "unit"
PASSPHRASE = "correct horse battery"
RECORD_SALT = bytes(range(32))
RECORD = {"number": "FP-1", "amount": 113, "lines": [{"item": "pump"}, {"item": "valve"}]}
RECORD_PATHS = (("number",), ("lines", 1, "item"))
CURSOR_LIST = "leaves"
CURSOR_TYPES = (int, str)
ROOT = bytes(range(32))
REQUESTS = json.loads((UNIT / "engines/cometbft/abci_vectors.json").read_text("utf-8"))["requests"]
CONDITIONS = (
    "claim.amount <= 100 && has(claim.note)",
    "[1, 2].exists(x, x > 1) ? 'yes' : \"no\"",
    "size([1]) == 1 || !(true in [false])",
    "timestamp('2026-11-30T00:00:00Z') + duration('1h') < now",
)
EVENTS = b': hello\n\nid: 12.3\nevent: trade\ndata: {"a": 1}\ndata: 2\n\nid: 12.4\ndata:3\n\n'


class Samples:
    """One small chain and what it can show to a stranger."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        consortium = Consortium()
        trade = Trade(consortium)
        trade.register()
        _, self.leaf = trade.certify()
        payment = Transfer(consortium.account("core"), consortium.account("bank"), 5)
        signed, _ = consortium.send("core", payment)
        batch = consortium.sign("core", *[payment] * 4)
        consortium.close()
        store = consortium.engine.application.store
        self.genesis_bytes = consortium.genesis_bytes
        self.transactions = [signed.raw, batch.raw]
        keys = [LEAVES.key(self.leaf), LEAVES.key(bytes(20))]
        self.receipts = [
            build_receipt(store, signed.transaction_id),
            build_receipt(store, None, keys),
            build_receipt(store, signed.transaction_id, keys),
        ]
        with store.snapshot() as snapshot:
            self.state_root = tree_root(snapshot)
            self.proofs = [prove(snapshot, key) for key in keys]
            self.proven = (keys[0], snapshot.get(keys[0]))
            self.manifest = self._manifest_of(store, snapshot)

    def all(self) -> dict[str, list[bytes]]:
        """Return the valid inputs by the name of their decoder."""
        return {
            "transaction": self.transactions,
            "message": self._messages(),
            "codec": [encode((1, -1, "text", b"bytes", (None, True, 2**64 - 1), ()))],
            "state_proof": self.proofs,
            "receipt": self.receipts,
            "proof_file": [data for data, _ in derive_receipts.valid().values()],
            "countersignature": [encode((7, bytes(32), bytes(64)))],
            "genesis": [self.genesis_bytes],
            "plan": [msgspec.json.encode(a_plan())],
            "disclosure": [encode_disclosure(disclose("s", 1, RECORD, RECORD_SALT, RECORD_PATHS))],
            "document": list(documents.ALL.values()),
            "package": self._packages(),
            "keyring": [self._keyring()],
            "profile": [self._profile()],
            "cursor": [encode_cursor(CURSOR_LIST, (7, "leaf_1")).encode()],
            "signature": [self._signature()],
            "manifest": [self.manifest],
            "checkpoint": [derive_receipts.valid()["checkpoint"][0]],
            "condition": [text.encode() for text in CONDITIONS],
            "abci": [bytes.fromhex(frame) for frame in REQUESTS.values()],
            "event_id": [b"12.3"],
            "event_stream": [EVENTS],
        }

    def _manifest_of(self, store: Store, view: Snapshot) -> bytes:
        """Return the manifest of a snapshot of the chain's head."""
        draft = ManifestDraft()
        for chunk, count in chunks(view):
            draft.add(chunk, count)
        head = header_at(store, view.height)
        assert head is not None
        return encode_manifest(draft.finish(head, genesis_hash(self.genesis_bytes)))

    def _messages(self) -> list[bytes]:
        world = world_of(is_simulated=True)
        draws = RandomMessages(random.Random("samples"), world.fields, world.beginning.time_ms)
        return [msgspec.msgpack.encode(draws.message(kind)) for kind in world.message_types]

    def _packages(self) -> list[bytes]:
        store = DocumentStore(self.folder / "documents")
        return [
            store.share(store.add(read_document(source), source).root)
            for source in list(documents.ALL.values())[:3]
        ]

    def _keyring(self) -> bytes:
        path = self.folder / "keyring.json"
        create_keys(path, ("finance-1", "finance-2"), PASSPHRASE)
        return path.read_bytes()

    def _profile(self) -> bytes:
        chain_hash = genesis_hash(self.genesis_bytes).hex()
        profile = Profile(FORMAT, "test-consortium", chain_hash, "9199", "name", ("http://a",))
        return msgspec.json.encode(profile)

    def _signature(self) -> bytes:
        """Three header fields and what they sign, a line each."""
        digest = content_digest(b"body")
        headers = sign_request(
            SignedRequest("POST", "node.example", "/v1/leaves", "limit=5", digest),
            SigningKey(bytes(range(32))),
            SignatureParameters(1_700_000_000, 1_700_000_060, "nonce-of-sixteen", "key_abc"),
        )
        return f"{headers.signature_input}\n{headers.signature}\n{digest}".encode()


@functools.cache
def kept(name: str) -> tuple[bytes, ...]:
    """Return what earlier runs found worth keeping for a decoder."""
    return tuple(path.read_bytes() for path in sorted((CORPUS / name).glob("*")))
