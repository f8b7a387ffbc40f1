"""Every decoder of outside bytes: how it is run, and which errors are its answer to bad bytes.

Rules this file keeps:
 1. A target lets only what is not declared escape: whatever comes out of it is a defect.
 2. Where bytes are accepted, something that must then be true of them is checked.
"""

import contextlib
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import msgspec

from fuzz.samples import (
    CURSOR_LIST,
    CURSOR_TYPES,
    PASSPHRASE,
    RECORD,
    RECORD_SALT,
    Samples,
)
from golden import derive_receipts
from xinlian.api.problems import ApiProblem
from xinlian.api.routes.events import parse_event_id
from xinlian.bootstrap import build_contracts, check_genesis
from xinlian.client import keyring
from xinlian.client.attaching import signed_headers
from xinlian.client.connection import parse_events
from xinlian.client.document_store import DocumentStore, PackageInvalid
from xinlian.client.genesis_plan import build_genesis, parse_plan
from xinlian.client.heads import HeadRefused
from xinlian.client.profile import ProfileError, load_profile
from xinlian.connectors import DocumentError, read_document
from xinlian.crypto import codec
from xinlian.crypto.field_proof import DisclosureError, decode_disclosure, verify_disclosure
from xinlian.crypto.field_tree import document_root
from xinlian.crypto.http_signature import (
    SignatureHeaders,
    SignatureRefused,
    SignedRequest,
    check_content_digest,
    check_time,
    parse_signature,
    signed_bytes,
)
from xinlian.crypto.state_proof import ProofError, verify_state_proof
from xinlian.engines.cometbft.frames import decode_request, next_frame
from xinlian.engines.cometbft.wire import WireError
from xinlian.ledger.countersignature import (
    CountersignatureMalformed,
    decode_countersignature,
    encode_countersignature,
)
from xinlian.ledger.genesis import GenesisInvalid
from xinlian.ledger.snapshot import SnapshotInvalid, decode_manifest, encode_manifest
from xinlian.ledger.transaction import decode_transaction
from xinlian.modules.conditions.errors import ConditionRefused
from xinlian.modules.conditions.language.parser import parse
from xinlian.modules.conditions.language.syntax import spelled
from xinlian.primitives import InvalidTransaction
from xinlian.readmodels.cursors import decode_cursor
from xinlian.readmodels.errors import CursorInvalid
from xinlian.verifier import (
    VerificationFailed,
    root_of_genesis,
    verify_checkpoint,
    verify_file,
    verify_receipt,
)

PROOF_ROOT = root_of_genesis(derive_receipts.genesis())


class Target(NamedTuple):
    """A decoder: ``run`` returns whether it accepted the bytes."""

    run: Callable[[bytes], bool]
    runs: int
    """How many mutations are tried in the reduced profile."""


class Targets:
    """The decoders, with what they need beside the bytes."""

    def __init__(self, samples: Samples, folder: Path) -> None:
        self._samples = samples
        self._folder = folder
        self._contracts = build_contracts()
        self._documents = DocumentStore(folder / "documents")

    def all(self) -> dict[str, Target]:
        """Return the decoders by name."""
        return {
            "transaction": Target(self._transaction, 2_000),
            "message": Target(self._message, 3_000),
            "codec": Target(self._codec, 3_000),
            "state_proof": Target(self._state_proof, 1_000),
            "receipt": Target(self._receipt, 400),
            "proof_file": Target(self._proof_file, 400),
            "genesis": Target(self._genesis, 400),
            "plan": Target(self._plan, 400),
            "disclosure": Target(self._disclosure, 700),
            "document": Target(self._document, 1_200),
            "package": Target(self._package, 400),
            "keyring": Target(self._keyring, 800),
            "profile": Target(self._profile, 1_500),
            "cursor": Target(self._cursor, 3_000),
            "signature": Target(self._signature, 3_000),
            "manifest": Target(self._manifest, 1_000),
            "countersignature": Target(self._countersignature, 2_000),
            "checkpoint": Target(self._checkpoint, 600),
            "condition": Target(self._condition, 1_000),
            "abci": Target(self._abci, 2_000),
            "event_id": Target(self._event_id, 2_000),
            "event_stream": Target(self._event_stream, 1_000),
        }

    def _transaction(self, data: bytes) -> bool:
        try:
            transaction = decode_transaction(data)
        except InvalidTransaction:
            return False
        # What the node accepts, the verifier's own decoder reads, and there is one spelling of it.
        assert codec.encode(codec.decode(data)) == data
        assert transaction.raw == data
        return True

    def _message(self, data: bytes) -> bool:
        try:
            message = self._contracts.decode(data)
            message.validate_basic()
        except InvalidTransaction:
            return False
        assert msgspec.msgpack.encode(message) == data == codec.encode(codec.decode(data))
        assert message.capped_amount_minor() >= 0
        return True

    def _codec(self, data: bytes) -> bool:
        try:
            value = codec.decode(data)
        except codec.CodecError:
            return False
        assert codec.encode(value) == data
        return True

    def _state_proof(self, data: bytes) -> bool:
        key, value = self._samples.proven
        try:
            verify_state_proof(self._samples.state_root, key, value, data)
        except ProofError:
            return False
        assert data == self._samples.proofs[0], "there is one proof of a key"
        return True

    def _receipt(self, data: bytes) -> bool:
        try:
            verify_receipt(data, self._samples.genesis_bytes, allow_simulated=True)
        except VerificationFailed:
            return False
        return True

    def _proof_file(self, data: bytes) -> bool:
        with contextlib.suppress(HeadRefused):
            signed_headers(data)
        try:
            verify_file(data, PROOF_ROOT)
        except VerificationFailed:
            return False
        return True

    def _countersignature(self, data: bytes) -> bool:
        try:
            entry = decode_countersignature(data)
        except CountersignatureMalformed:
            return False
        assert encode_countersignature(entry) == data == codec.encode(codec.decode(data))
        return True

    def _genesis(self, data: bytes) -> bool:
        accepted = True
        try:
            check_genesis(data)
        except GenesisInvalid:
            accepted = False
        try:
            verify_receipt(self._samples.receipts[0], data, allow_simulated=True)
        except VerificationFailed:
            return accepted
        assert data == self._samples.genesis_bytes, "a receipt verifies against its genesis alone"
        return accepted

    def _plan(self, data: bytes) -> bool:
        try:
            check_genesis(build_genesis(parse_plan(data)))
        except GenesisInvalid:
            return False
        return True

    def _disclosure(self, data: bytes) -> bool:
        root = document_root("s", 1, RECORD, RECORD_SALT)
        try:
            opened = verify_disclosure(root, decode_disclosure(data))
        except DisclosureError:
            return False
        for path, value in opened.values.items():
            assert value == _value_at(RECORD, path), "only what the record says is proven"
        return True

    def _document(self, data: bytes) -> bool:
        try:
            read_document(data)
        except DocumentError:
            return False
        return True

    def _package(self, data: bytes) -> bool:
        try:
            self._documents.import_shared(data)
        except PackageInvalid:
            return False
        return True

    def _keyring(self, data: bytes) -> bool:
        path = self._folder / "keyring.json"
        path.write_bytes(data)
        try:
            keyring.open_keyring(path, PASSPHRASE)
        except keyring.KeyringError:
            return False
        return True

    def _profile(self, data: bytes) -> bool:
        (self._folder / "profile.json").write_bytes(data)
        try:
            load_profile(self._folder)
        except ProfileError:
            return False
        return True

    def _cursor(self, data: bytes) -> bool:
        try:
            decode_cursor(CURSOR_LIST, CURSOR_TYPES, data.decode("latin-1"))
        except CursorInvalid:
            return False
        return True

    def _signature(self, data: bytes) -> bool:
        lines = data.decode("latin-1").split("\n")
        given, signature, digest = (*lines, "", "", "")[:3]
        try:
            received = parse_signature(SignatureHeaders(given, signature))
            request = SignedRequest("POST", "node.example", "/v1/leaves", "limit=5", digest)
            signed_bytes(received, request)
            check_time(received.parameters, 1_700_000_030)
            check_content_digest(digest, b"body")
        except SignatureRefused:
            return False
        return True

    def _manifest(self, data: bytes) -> bool:
        try:
            manifest = decode_manifest(data)
        except SnapshotInvalid:
            return False
        assert encode_manifest(manifest) == data
        return True

    def _checkpoint(self, data: bytes) -> bool:
        try:
            verify_checkpoint(data)
        except VerificationFailed:
            return False
        return True

    def _condition(self, data: bytes) -> bool:
        try:
            tree = parse(data.decode("latin-1"))
        except ConditionRefused:
            return False
        assert spelled(parse(spelled(tree))) == spelled(tree), "it has one spelling"
        return True

    def _abci(self, data: bytes) -> bool:
        try:
            found = next_frame(bytearray(data), 0)
            return found is not None and bool(decode_request(found[0]))
        except WireError:
            return False

    def _event_id(self, data: bytes) -> bool:
        try:
            height, position = parse_event_id(data.decode("latin-1"))
        except ApiProblem:
            return False
        assert f"{height}.{position}".encode() == data, "it has one spelling"
        return True

    def _event_stream(self, data: bytes) -> bool:
        found = list(parse_events(iter(data.decode("utf-8", "replace").splitlines())))
        assert len(found) <= data.count(b"data")
        return bool(found)


def _value_at(record: object, path: tuple[str | int, ...]) -> object:
    """Return what a record has at a path, None where it has nothing."""
    for step in path:
        match record:
            case dict() if step in record:
                record = record[step]
            case list() if isinstance(step, int) and step < len(record):
                record = record[step]
            case _:
                return None
    return record
