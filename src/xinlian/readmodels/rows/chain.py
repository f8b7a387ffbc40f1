"""Rows of the chain itself: blocks, transactions, their calls and events; who may read."""

import msgspec

from xinlian.readmodels.rows.base import Row


class BlockRow(Row, frozen=True, kw_only=True):
    """A block; open to everybody."""

    header_hash: str
    previous_hash: str
    app_hash: str
    state_root: str
    transactions_root: str
    results_root: str
    events_root: str
    app_version: int
    simulated: bool
    transaction_count: int
    event_count: int


class TransactionRow(Row, frozen=True, kw_only=True):
    """A transaction that consumed its idempotency key."""

    transaction_id: str
    transaction_index: int
    payer: str
    first_message: str
    """The public name of its first message's type, empty when it cannot be decoded."""
    call_count: int
    codespace: str
    code: int
    failed_call: int
    """The index of the refused call, or -1."""


class MessageRow(Row, frozen=True, kw_only=True):
    """A run of calls of a transaction that are alike: who is acted for, and the type."""

    transaction_id: str
    call_index: int
    """The first of them."""
    call_count: int
    acting_for: str
    message_type: str
    """Empty when it cannot be decoded."""
    position: int
    """Where among the events of the block theirs begin."""
    event_count: int


class EventRow(Row, frozen=True, kw_only=True):
    """What happened, at its position among the events of its block."""

    position: int
    transaction_id: str
    """Empty for what the schedule did."""
    call_index: int
    event_type: str
    object_kind: str
    """With ``object_id`` what it is about: whoever reads that reads the event."""
    object_id: str
    data_json: str


class ReaderRow(msgspec.Struct, frozen=True, kw_only=True):
    """The right of a party, or of a group of parties, to read an object."""

    party_id: str
    object_kind: str
    born_height: int
    """Where the object's row arose, -1 while it has none: what a party reads is a range."""
    place: int
    """Its place within that height, for objects that are not ordered by their id; else 0."""
    object_id: str
    height: int
    """When the right was given."""


class EntryReaderRow(msgspec.Struct, frozen=True, kw_only=True):
    """The right to read an event, and the transfer that it posts if it does."""

    party_id: str
    is_transfer: bool
    height: int
    position: int
