"""The messages of ABCI 2.0 as the engine of version 0.38 speaks it: field numbers and types.

Only what is used has a field here; everything else of a message is passed over when it is read.
Which number has which request and response is in ``kinds.py``.
Source: the engine's published interface definition, ``tendermint.abci``.
"""

import enum
from typing import ClassVar, Final

from xinlian.engines.cometbft.wire import Field, Kind, Message

CODE_OK: Final = 0


class CheckKind(enum.IntEnum):
    """Why a transaction is checked."""

    NEW = 0
    RECHECK = 1


class ProposalStatus(enum.IntEnum):
    """What a validator thinks of a proposal."""

    ACCEPT = 1
    REJECT = 2


class OfferAnswer(enum.IntEnum):
    """What becomes of an offered snapshot."""

    ACCEPT = 1
    ABORT = 2
    REJECT = 3
    REJECT_FORMAT = 4


class ChunkAnswer(enum.IntEnum):
    """What becomes of a part of a snapshot."""

    ACCEPT = 1
    ABORT = 2
    RETRY = 3
    RETRY_SNAPSHOT = 4
    REJECT_SNAPSHOT = 5


class Snapshot(Message, frozen=True):
    """A snapshot as one node tells of it to another; ``metadata`` is its manifest."""

    height: int = 0
    format: int = 0
    chunks: int = 0
    hash: bytes = b""
    metadata: bytes = b""

    FIELDS: ClassVar = (
        Field(1, "height", Kind.UNSIGNED),
        Field(2, "format", Kind.UNSIGNED),
        Field(3, "chunks", Kind.UNSIGNED),
        Field(4, "hash", Kind.BYTES),
        Field(5, "metadata", Kind.BYTES),
    )


class Timestamp(Message, frozen=True):
    """A moment: seconds since the Unix epoch and nanoseconds of the second."""

    seconds: int = 0
    nanos: int = 0

    FIELDS: ClassVar = (Field(1, "seconds", Kind.SIGNED), Field(2, "nanos", Kind.SIGNED))

    @property
    def ms(self) -> int:
        """The moment in milliseconds since the Unix epoch."""
        return self.seconds * 1_000 + self.nanos // 1_000_000


class PublicKey(Message, frozen=True):
    """A validator's key."""

    ed25519: bytes = b""

    FIELDS: ClassVar = (Field(1, "ed25519", Kind.BYTES),)


class ValidatorUpdate(Message, frozen=True):
    """A validator and its power; power 0 takes it out."""

    pub_key: PublicKey = PublicKey()
    power: int = 0

    FIELDS: ClassVar = (
        Field(1, "pub_key", Kind.MESSAGE, PublicKey),
        Field(2, "power", Kind.SIGNED),
    )


class Offender(Message, frozen=True):
    """A validator as the engine names it: by its address."""

    address: bytes = b""

    FIELDS: ClassVar = (Field(1, "address", Kind.BYTES),)


class Misbehavior(Message, frozen=True):
    """What a validator did, of which the engine has a proof; ``kind`` 1 and 2 are known."""

    kind: int = 0
    validator: Offender = Offender()
    height: int = 0

    FIELDS: ClassVar = (
        Field(1, "kind", Kind.UNSIGNED),
        Field(2, "validator", Kind.MESSAGE, Offender),
        Field(3, "height", Kind.SIGNED),
    )


class RequestEcho(Message, frozen=True):
    """Say the same again."""

    message: str = ""

    FIELDS: ClassVar = (Field(1, "message", Kind.TEXT),)


class RequestFlush(Message, frozen=True):
    """Send what was answered."""


class RequestInfo(Message, frozen=True):
    """Where does the application stand?"""

    version: str = ""
    abci_version: str = ""

    FIELDS: ClassVar = (Field(1, "version", Kind.TEXT), Field(4, "abci_version", Kind.TEXT))


class RequestInitChain(Message, frozen=True):
    """The chain begins."""

    time: Timestamp = Timestamp()
    chain_id: str = ""
    validators: tuple[ValidatorUpdate, ...] = ()
    app_state_bytes: bytes = b""
    initial_height: int = 0

    FIELDS: ClassVar = (
        Field(1, "time", Kind.MESSAGE, Timestamp),
        Field(2, "chain_id", Kind.TEXT),
        Field(4, "validators", Kind.MESSAGE, ValidatorUpdate, is_repeated=True),
        Field(5, "app_state_bytes", Kind.BYTES),
        Field(6, "initial_height", Kind.SIGNED),
    )


class RequestQuery(Message, frozen=True):
    """Read something."""

    data: bytes = b""
    path: str = ""
    height: int = 0
    prove: bool = False

    FIELDS: ClassVar = (
        Field(1, "data", Kind.BYTES),
        Field(2, "path", Kind.TEXT),
        Field(3, "height", Kind.SIGNED),
        Field(4, "prove", Kind.FLAG),
    )


class RequestCheckTx(Message, frozen=True):
    """May this transaction wait for a block?"""

    tx: bytes = b""
    kind: int = 0

    FIELDS: ClassVar = (Field(1, "tx", Kind.BYTES), Field(2, "kind", Kind.UNSIGNED))


class RequestCommit(Message, frozen=True):
    """Make the finalized block durable."""


class RequestListSnapshots(Message, frozen=True):
    """Which snapshots are there?"""


class RequestOfferSnapshot(Message, frozen=True):
    """Begin with this snapshot?  The application hash is the one that validators signed."""

    snapshot: Snapshot = Snapshot()
    app_hash: bytes = b""

    FIELDS: ClassVar = (
        Field(1, "snapshot", Kind.MESSAGE, Snapshot),
        Field(2, "app_hash", Kind.BYTES),
    )


class RequestLoadSnapshotChunk(Message, frozen=True):
    """A part of a snapshot."""

    height: int = 0
    format: int = 0
    chunk: int = 0

    FIELDS: ClassVar = (
        Field(1, "height", Kind.UNSIGNED),
        Field(2, "format", Kind.UNSIGNED),
        Field(3, "chunk", Kind.UNSIGNED),
    )


class RequestApplySnapshotChunk(Message, frozen=True):
    """Take in a part of a snapshot, that a peer sent."""

    index: int = 0
    chunk: bytes = b""
    sender: str = ""

    FIELDS: ClassVar = (
        Field(1, "index", Kind.UNSIGNED),
        Field(2, "chunk", Kind.BYTES),
        Field(3, "sender", Kind.TEXT),
    )


class RequestPrepareProposal(Message, frozen=True):
    """What should the next block be?"""

    max_tx_bytes: int = 0
    txs: tuple[bytes, ...] = ()
    height: int = 0
    time: Timestamp = Timestamp()

    FIELDS: ClassVar = (
        Field(1, "max_tx_bytes", Kind.SIGNED),
        Field(2, "txs", Kind.BYTES, is_repeated=True),
        Field(5, "height", Kind.SIGNED),
        Field(6, "time", Kind.MESSAGE, Timestamp),
    )


class RequestProcessProposal(Message, frozen=True):
    """Is this a block that may be voted for?"""

    txs: tuple[bytes, ...] = ()
    height: int = 0
    time: Timestamp = Timestamp()
    misbehavior: tuple[Misbehavior, ...] = ()

    FIELDS: ClassVar = (
        Field(1, "txs", Kind.BYTES, is_repeated=True),
        Field(3, "misbehavior", Kind.MESSAGE, Misbehavior, is_repeated=True),
        Field(5, "height", Kind.SIGNED),
        Field(6, "time", Kind.MESSAGE, Timestamp),
    )


class RequestExtendVote(Message, frozen=True):
    """Anything to add to the vote?"""


class RequestVerifyVoteExtension(Message, frozen=True):
    """Is what another added to its vote acceptable?"""

    vote_extension: bytes = b""

    FIELDS: ClassVar = (Field(4, "vote_extension", Kind.BYTES),)


class RequestFinalizeBlock(Message, frozen=True):
    """A block was decided: apply it."""

    txs: tuple[bytes, ...] = ()
    height: int = 0
    time: Timestamp = Timestamp()
    misbehavior: tuple[Misbehavior, ...] = ()

    FIELDS: ClassVar = (
        Field(1, "txs", Kind.BYTES, is_repeated=True),
        Field(3, "misbehavior", Kind.MESSAGE, Misbehavior, is_repeated=True),
        Field(5, "height", Kind.SIGNED),
        Field(6, "time", Kind.MESSAGE, Timestamp),
    )


class ResponseException(Message, frozen=True):
    """The application cannot go on; the engine stops."""

    error: str = ""

    FIELDS: ClassVar = (Field(1, "error", Kind.TEXT),)


class ResponseEcho(Message, frozen=True):
    """The same again."""

    message: str = ""

    FIELDS: ClassVar = (Field(1, "message", Kind.TEXT),)


class ResponseFlush(Message, frozen=True):
    """Everything before this was sent."""


class ResponseInfo(Message, frozen=True):
    """Where the application stands."""

    data: str = ""
    version: str = ""
    app_version: int = 0
    last_block_height: int = 0
    last_block_app_hash: bytes = b""

    FIELDS: ClassVar = (
        Field(1, "data", Kind.TEXT),
        Field(2, "version", Kind.TEXT),
        Field(3, "app_version", Kind.UNSIGNED),
        Field(4, "last_block_height", Kind.SIGNED),
        Field(5, "last_block_app_hash", Kind.BYTES),
    )


class ResponseInitChain(Message, frozen=True):
    """The hash of the first state."""

    app_hash: bytes = b""

    FIELDS: ClassVar = (Field(3, "app_hash", Kind.BYTES),)


class ResponseQuery(Message, frozen=True):
    """What was read."""

    code: int = 0
    log: str = ""
    key: bytes = b""
    value: bytes = b""
    height: int = 0
    codespace: str = ""

    FIELDS: ClassVar = (
        Field(1, "code", Kind.UNSIGNED),
        Field(3, "log", Kind.TEXT),
        Field(6, "key", Kind.BYTES),
        Field(7, "value", Kind.BYTES),
        Field(9, "height", Kind.SIGNED),
        Field(10, "codespace", Kind.TEXT),
    )


class ResponseCheckTx(Message, frozen=True):
    """Whether a transaction may wait; advice."""

    code: int = 0
    log: str = ""
    codespace: str = ""

    FIELDS: ClassVar = (
        Field(1, "code", Kind.UNSIGNED),
        Field(3, "log", Kind.TEXT),
        Field(8, "codespace", Kind.TEXT),
    )


class ResponseCommit(Message, frozen=True):
    """The block is durable; blocks below ``retain_height`` may go."""

    retain_height: int = 0

    FIELDS: ClassVar = (Field(3, "retain_height", Kind.SIGNED),)


class ResponseListSnapshots(Message, frozen=True):
    """The snapshots of this node."""

    snapshots: tuple[Snapshot, ...] = ()

    FIELDS: ClassVar = (Field(1, "snapshots", Kind.MESSAGE, Snapshot, is_repeated=True),)


class ResponseOfferSnapshot(Message, frozen=True):
    """What becomes of the offered snapshot."""

    result: int = 0

    FIELDS: ClassVar = (Field(1, "result", Kind.UNSIGNED),)


class ResponseLoadSnapshotChunk(Message, frozen=True):
    """A part of a snapshot; empty when it is not there."""

    chunk: bytes = b""

    FIELDS: ClassVar = (Field(1, "chunk", Kind.BYTES),)


class ResponseApplySnapshotChunk(Message, frozen=True):
    """What becomes of a part of a snapshot, and from whom nothing more is taken."""

    result: int = 0
    refetch_chunks: tuple[int, ...] = ()
    reject_senders: tuple[str, ...] = ()

    FIELDS: ClassVar = (
        Field(1, "result", Kind.UNSIGNED),
        Field(2, "refetch_chunks", Kind.UNSIGNED, is_repeated=True),
        Field(3, "reject_senders", Kind.TEXT, is_repeated=True),
    )


class ResponsePrepareProposal(Message, frozen=True):
    """The transactions of the proposal, in order."""

    txs: tuple[bytes, ...] = ()

    FIELDS: ClassVar = (Field(1, "txs", Kind.BYTES, is_repeated=True),)


class ResponseProcessProposal(Message, frozen=True):
    """Whether the proposal may be voted for."""

    status: int = 0

    FIELDS: ClassVar = (Field(1, "status", Kind.UNSIGNED),)


class ResponseExtendVote(Message, frozen=True):
    """Nothing is added to votes."""


class ResponseVerifyVoteExtension(Message, frozen=True):
    """Whether what another added to its vote is acceptable."""

    status: int = 0

    FIELDS: ClassVar = (Field(1, "status", Kind.UNSIGNED),)


class ExecTxResult(Message, frozen=True):
    """One transaction's result; code, data and work are in the engine's next header."""

    code: int = 0
    gas_used: int = 0
    codespace: str = ""

    FIELDS: ClassVar = (
        Field(1, "code", Kind.UNSIGNED),
        Field(6, "gas_used", Kind.SIGNED),
        Field(8, "codespace", Kind.TEXT),
    )


class ResponseFinalizeBlock(Message, frozen=True):
    """What applying the block gave."""

    tx_results: tuple[ExecTxResult, ...] = ()
    validator_updates: tuple[ValidatorUpdate, ...] = ()
    app_hash: bytes = b""

    FIELDS: ClassVar = (
        Field(2, "tx_results", Kind.MESSAGE, ExecTxResult, is_repeated=True),
        Field(3, "validator_updates", Kind.MESSAGE, ValidatorUpdate, is_repeated=True),
        Field(5, "app_hash", Kind.BYTES),
    )
