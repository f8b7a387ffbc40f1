"""State sync: a node gives its snapshots to others, and a new node begins from one.

A node that joins trusts a height and the hash of its block, which its operator got from two members
or more.  From there its engine's light client follows the validators' signatures to the
application hash of a snapshot; everything else of the snapshot must follow from that hash.

Rules this file keeps:
 1. A snapshot is the same, to the byte, on every node that has it: its manifest holds the ledger's
    header without the signature of the node that tells of it.  So its parts come from any of them.
 2. A snapshot is told of only when the engine has the three heights above it: the light client of
    who joins needs two of them.
 3. An offer is accepted when its manifest gives the application hash that validators signed, is of
    this chain, and its header, of which no signature of theirs tells the link to the one before,
    is the one that two of the members asked give as well.
 4. A part that is not the one of the manifest is taken from another node, and nothing more is
    taken from its sender; of a store that is not finished nothing is served.
"""

import hashlib
import threading
from collections.abc import Callable
from typing import Final, Protocol

import msgspec
import structlog

from xinlian.crypto.ed25519 import SigningKey
from xinlian.engines.cometbft import abci
from xinlian.engines.cometbft.wire import Message
from xinlian.engines.sealing import signed_by
from xinlian.ledger.clock import CLOCK_SIMULATED
from xinlian.ledger.genesis import genesis_hash, parse_genesis
from xinlian.ledger.header import HEADER_VERSION, Header, SignedHeader, decode_head, encode_head
from xinlian.ledger.replay import UNREADABLE
from xinlian.ledger.snapshot import (
    SNAPSHOT_FORMAT,
    Manifest,
    SnapshotInvalid,
    decode_manifest,
    encode_manifest,
)

_log = structlog.get_logger(__name__)

HEIGHTS_ABOVE: Final = 3
"""So far below the head a snapshot is before it is told of."""
WITNESSES_MIN: Final = 2
"""How many members must give the same header, as they must the trusted hash."""


class SnapshotShelf(Protocol):
    """The snapshots that a node keeps for others."""

    def manifests(self) -> list[Manifest]:
        """Return those that are whole, the newest first."""

    def chunk(self, height: int, index: int) -> bytes | None:
        """Return a part as it is, or None where it is not here."""


class RestorationFolder(Protocol):
    """The store that is being filled with a snapshot."""

    def begin(self, manifest: Manifest) -> None:
        """Begin anew with a manifest that was checked; raises StoreError."""

    def apply(self, chunk: bytes) -> bool:
        """Take the next part; return whether it was the last.  Raises SnapshotInvalid."""

    def finish(self) -> None:
        """Check the whole and give the store its head; raises SnapshotInvalid, StoreError."""


class EmptyShelf:
    """Of a node that keeps no snapshots."""

    def manifests(self) -> list[Manifest]:
        """Return nothing."""
        return []

    def chunk(self, height: int, index: int) -> bytes | None:
        """Return nothing."""
        del height, index
        return None


def unsigned(manifest: Manifest) -> Manifest:
    """Return a manifest as every node tells of it; raises SnapshotInvalid."""
    header = _header(manifest)
    return msgspec.structs.replace(manifest, head=encode_head(SignedHeader(header, ())))


class SnapshotAnswers:
    """Answers what other nodes ask about snapshots."""

    def __init__(self, shelf: SnapshotShelf, head_height: Callable[[], int]) -> None:
        """Take the shelf, and who knows the height of the head."""
        self._shelf = shelf
        self._head_height = head_height

    def listed(self, _: Message) -> Message:
        """Return the snapshots that a node could begin from now."""
        newest = self._head_height() - HEIGHTS_ABOVE
        return abci.ResponseListSnapshots(
            tuple(_told(found) for found in self._shelf.manifests() if found.height <= newest)
        )

    def chunk(self, request: abci.RequestLoadSnapshotChunk) -> Message:
        """Return a part; empty where it is not here."""
        if request.format != SNAPSHOT_FORMAT:
            return abci.ResponseLoadSnapshotChunk()
        return abci.ResponseLoadSnapshotChunk(
            self._shelf.chunk(request.height, request.chunk) or b""
        )

    def offered(self, _: Message) -> Message:
        """Refuse: this node has its chain already."""
        return abci.ResponseOfferSnapshot(abci.OfferAnswer.ABORT)

    def given(self, _: Message) -> Message:
        """Refuse: this node has its chain already."""
        return abci.ResponseApplySnapshotChunk(abci.ChunkAnswer.ABORT)


class SnapshotTaker:
    """The calls of an engine that begins from a snapshot, until its first block is decided."""

    def __init__(
        self,
        genesis_bytes: bytes,
        operator_key: SigningKey,
        folder: RestorationFolder,
        headers_of: Callable[[int], list[Header]],
    ) -> None:
        """Prepare to begin.

        Args:
            genesis_bytes: the genesis file.
            operator_key: vouches for this node's copy of the header.
            folder: where the store is filled.
            headers_of: returns what the members that can be asked give as header of a height.
        """
        self._genesis_hash = genesis_hash(genesis_bytes)
        genesis = parse_genesis(genesis_bytes)
        self._chain = (genesis.chain_id, genesis.clock == CLOCK_SIMULATED)
        self._operator_key = operator_key
        self._folder = folder
        self._headers_of = headers_of
        self._manifest: Manifest | None = None
        self._is_restored = False
        self.decided: Final = threading.Event()
        """Set when the engine asks for the first block after the snapshot."""
        self._closing = threading.Event()

    @property
    def height(self) -> int:
        """The height of the snapshot that was restored; 0 before."""
        return self._manifest.height if self._manifest is not None and self._is_restored else 0

    def close(self) -> None:
        """Let go of the engine, which waits for its first block."""
        self._closing.set()

    def answer(self, request: Message) -> Message:
        """Return the answer to a call; what it raises ends the attempt."""
        if isinstance(request, abci.RequestInfo):
            return self._info()
        if isinstance(request, abci.RequestOfferSnapshot):
            return self._offered(request)
        if isinstance(request, abci.RequestApplySnapshotChunk):
            return self._given(request)
        return self._other(request)

    def _info(self) -> Message:
        if not self.height or self._manifest is None:
            return abci.ResponseInfo()
        return abci.ResponseInfo(
            last_block_height=self.height, last_block_app_hash=self._manifest.app_hash
        )

    def _other(self, request: Message) -> Message:
        if isinstance(request, abci.RequestEcho):
            return abci.ResponseEcho(request.message)
        if isinstance(request, abci.RequestListSnapshots):
            return abci.ResponseListSnapshots()
        if isinstance(request, abci.RequestLoadSnapshotChunk):
            return abci.ResponseLoadSnapshotChunk()
        if isinstance(request, abci.RequestCheckTx):
            return abci.ResponseCheckTx(1, "this node begins from a snapshot", "abci")
        if isinstance(request, abci.RequestQuery):
            return abci.ResponseQuery(1, "this node begins from a snapshot", codespace="abci")
        # A block, or a vote: the engine has stored the state of the snapshot and a block above it.
        # The node starts again as any other does, and then the engine asks again.
        if not self._is_restored:
            raise SnapshotInvalid("the engine goes on without a snapshot: none could be trusted")
        self.decided.set()
        self._closing.wait()
        raise ConnectionAbortedError("the node starts again from its snapshot")

    def _offered(self, request: abci.RequestOfferSnapshot) -> Message:
        if request.snapshot.format != SNAPSHOT_FORMAT:
            return abci.ResponseOfferSnapshot(abci.OfferAnswer.REJECT_FORMAT)
        self._is_restored, self._manifest = False, None
        try:
            manifest = self._checked(request)
        except SnapshotInvalid as problem:
            _log.warning("snapshot_rejected", height=request.snapshot.height, cause=str(problem))
            return abci.ResponseOfferSnapshot(abci.OfferAnswer.REJECT)
        self._folder.begin(manifest)
        self._manifest = manifest
        _log.info("snapshot_accepted", height=manifest.height, chunks=len(manifest.chunk_hashes))
        return abci.ResponseOfferSnapshot(abci.OfferAnswer.ACCEPT)

    def _checked(self, request: abci.RequestOfferSnapshot) -> Manifest:
        """Return the manifest with the head that this node vouches for; raises SnapshotInvalid."""
        told = request.snapshot
        manifest = decode_manifest(told.metadata)
        header = _header(manifest)
        names = (manifest.chain_id, header.chain_id, header.simulated, header.version)
        for what, holds in (
            ("hash", told.hash == _snapshot_hash(told.metadata)),
            ("height", told.height == manifest.height),
            ("number of parts", told.chunks == len(manifest.chunk_hashes)),
            ("application hash", manifest.app_hash == request.app_hash),
            ("genesis file", manifest.genesis_hash == self._genesis_hash),
            ("chain", names == (self._chain[0], *self._chain, HEADER_VERSION)),
            ("header", _fits(header, manifest)),
        ):
            if not holds:
                raise SnapshotInvalid(f"its {what} is not the one of this chain's height")
        given = self._headers_of(manifest.height)
        if given.count(header) < WITNESSES_MIN or given.count(header) < len(given):
            raise SnapshotInvalid(
                f"its header is given by {given.count(header)} of the {len(given)} that were asked"
            )
        return msgspec.structs.replace(
            manifest, head=encode_head(signed_by(self._operator_key, header))
        )

    def _given(self, request: abci.RequestApplySnapshotChunk) -> Message:
        if self._manifest is None:
            return abci.ResponseApplySnapshotChunk(abci.ChunkAnswer.ABORT)
        try:
            is_last = self._folder.apply(request.chunk)
        except SnapshotInvalid as problem:
            _log.warning("snapshot_part_refused", sender=request.sender[:64], cause=str(problem))
            return abci.ResponseApplySnapshotChunk(
                abci.ChunkAnswer.RETRY, (request.index,), (request.sender,)
            )
        if not is_last:
            return abci.ResponseApplySnapshotChunk(abci.ChunkAnswer.ACCEPT)
        try:
            self._folder.finish()
        except SnapshotInvalid as problem:
            _log.warning("snapshot_rejected", height=self._manifest.height, cause=str(problem))
            return abci.ResponseApplySnapshotChunk(abci.ChunkAnswer.REJECT_SNAPSHOT)
        self._is_restored = True
        return abci.ResponseApplySnapshotChunk(abci.ChunkAnswer.ACCEPT)


def _told(manifest: Manifest) -> abci.Snapshot:
    metadata = encode_manifest(unsigned(manifest))
    return abci.Snapshot(
        height=manifest.height,
        format=manifest.format,
        chunks=len(manifest.chunk_hashes),
        hash=_snapshot_hash(metadata),
        metadata=metadata,
    )


def _snapshot_hash(metadata: bytes) -> bytes:
    return hashlib.sha256(metadata).digest()


def _header(manifest: Manifest) -> Header:
    try:
        signed = decode_head(manifest.head)
    except UNREADABLE as error:
        raise SnapshotInvalid(f"its head cannot be decoded: {error}") from None
    if encode_head(signed) != manifest.head:
        raise SnapshotInvalid("its head is a second spelling of itself")
    return signed.header


def _fits(header: Header, manifest: Manifest) -> bool:
    """Return whether a header says of the state what the manifest says."""
    return (
        header.height,
        header.app_version,
        header.app_hash,
        header.state_root,
        header.results_root,
        header.events_root,
    ) == (
        manifest.height,
        manifest.app_version,
        manifest.app_hash,
        manifest.state_root,
        manifest.results_root,
        manifest.events_root,
    )
