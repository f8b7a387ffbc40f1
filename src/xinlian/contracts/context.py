"""What a handler may know and do: its environment, the state, events and new ids.

Rules this file keeps:
 1. A handler sees consensus time and height, never a clock.
 2. New ids follow from who asked and under which idempotency key, so a client knows them before
    it signs: ``H(kind ‖ payer ‖ idempotency key ‖ valid_until ‖ call index ‖ ordinal)``, 20 bytes.
    They are never given twice: a key may be used again once its marker is dropped, but not with
    the same ``valid_until``.
 3. Events and work of one message are bounded.
"""

import dataclasses
from typing import Final

import msgspec

from xinlian.contracts.errors import TooManyEvents, WorkExceeded
from xinlian.contracts.message import Event
from xinlian.contracts.ports import Ports
from xinlian.crypto.hashing import Domain, tagged_hash
from xinlian.ledger import limits
from xinlian.ledger.block import EventRecord
from xinlian.ledger.overlay import Overlay
from xinlian.ledger.records import integer_part
from xinlian.primitives import ID_BYTES, KeyId, PartyId

_ENCODE: Final = msgspec.msgpack.Encoder().encode
SCHEDULE_PARTY: Final = PartyId(bytes(ID_BYTES))
"""In whose name the schedule acts: nobody's."""


def lasting_key(idempotency_key: bytes, valid_until_ms: int) -> bytes:
    """Return what tells a transaction of a payer from every other one, for ever."""
    return idempotency_key + integer_part(valid_until_ms)


def object_id(
    kind: str,
    payer: bytes,
    key: bytes,
    call_index: int,
    ordinal: int = 0,
) -> bytes:
    """Return the id of the object that a call creates; clients and handlers agree on it.

    Args:
        kind: what is created.
        payer: of the transaction.
        key: its ``lasting_key``.
        call_index: which call creates it.
        ordinal: which of the objects of this kind that the call creates.
    """
    return tagged_hash(
        Domain.OBJECT_ID,
        kind.encode("ascii"),
        payer,
        key,
        call_index.to_bytes(4, "big"),
        ordinal.to_bytes(4, "big"),
    )[:ID_BYTES]


@dataclasses.dataclass(slots=True)
class Context:
    """What the calls of one transaction, one after the other, or one due item may see and do."""

    state: Overlay
    chain_id: str
    height: int
    time_ms: int
    acting_for: PartyId
    payer: PartyId
    signers: tuple[KeyId, ...]
    idempotency_key: bytes
    """The ``lasting_key`` of the transaction, empty for due work."""
    call_index: int
    work_left: int
    ports: Ports
    events: list[EventRecord] = dataclasses.field(default_factory=list)
    """Of all calls of the transaction so far, or of one due item."""
    events_max: int = limits.EVENTS_PER_CALL_MAX
    """How many there may be when the present call ends."""
    event_bytes: int = 0
    """Of the present call."""

    def begin_call(self, call_index: int, acting_for: PartyId) -> None:
        """Go on to the next call of the transaction; its events and bytes are its own."""
        self.call_index = call_index
        self.acting_for = acting_for
        self.events_max = len(self.events) + limits.EVENTS_PER_CALL_MAX
        self.event_bytes = 0

    def new_id(self, kind: str, ordinal: int = 0) -> bytes:
        """Return the id of the ``ordinal``-th object of a kind that this call creates."""
        return object_id(kind, self.payer, self.idempotency_key, self.call_index, ordinal)

    def derived_id(self, kind: str, subject: bytes) -> bytes:
        """Return the id of an object that a call or due item creates for a subject, once each."""
        return tagged_hash(
            Domain.OBJECT_ID,
            kind.encode("ascii"),
            subject,
            self.payer,
            self.idempotency_key,
            self.height.to_bytes(8, "big"),
            self.call_index.to_bytes(4, "big"),
        )[:ID_BYTES]

    def emit(self, event: Event) -> None:
        """Record an event; raises TooManyEvents beyond the ceilings of one message."""
        encoded = _ENCODE(event)
        self.event_bytes += len(encoded)
        if (
            len(self.events) >= self.events_max
            or self.event_bytes > limits.EVENT_BYTES_PER_CALL_MAX
        ):
            raise TooManyEvents
        self.events.append(EventRecord(self.call_index, msgspec.Raw(encoded)))

    def charge(self, work: int) -> None:
        """Use up work units; raises WorkExceeded when the block has none left."""
        self.work_left -= work
        if self.work_left < 0:
            raise WorkExceeded
