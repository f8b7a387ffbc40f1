"""Handlers of the documents module."""

import msgspec

from xinlian.contracts.context import Context
from xinlian.contracts.registry import Registry
from xinlian.ledger.ports import StateView
from xinlian.modules.documents import events
from xinlian.modules.documents.errors import (
    AlreadySigned,
    DocumentExists,
    TooManySigners,
    UnknownDocument,
)
from xinlian.modules.documents.messages import CountersignDocument, RegisterDocument
from xinlian.modules.documents.types import COUNTERSIGNERS_MAX, DOCUMENTS, Document


def require_document(state: StateView, root: bytes) -> Document:
    """Return a registered document; raises UnknownDocument."""
    found = DOCUMENTS.get(state, root)
    if found is None:
        raise UnknownDocument(root.hex())
    return found


def register_document(context: Context, message: RegisterDocument) -> None:
    """Write a root with its owner."""
    # VALIDATE
    if DOCUMENTS.get(context.state, message.root) is not None:
        raise DocumentExists(message.root.hex())
    # WRITE
    DOCUMENTS.put(
        context.state,
        Document(
            owner=context.acting_for,
            schema=message.schema,
            schema_version=message.schema_version,
            registered_at_ms=context.time_ms,
            countersigners=(),
        ),
        message.root,
    )
    # EMIT
    context.emit(
        events.DocumentRegistered(
            message.root,
            context.acting_for,
            message.schema,
            message.schema_version,
        ),
    )


def countersign_document(context: Context, message: CountersignDocument) -> None:
    """Add a countersigner."""
    # VALIDATE
    found = require_document(context.state, message.root)
    if context.acting_for == found.owner or context.acting_for in found.countersigners:
        raise AlreadySigned(message.root.hex())
    if len(found.countersigners) == COUNTERSIGNERS_MAX:
        raise TooManySigners(message.root.hex())
    # WRITE
    signers = (*found.countersigners, context.acting_for)
    DOCUMENTS.put(
        context.state,
        msgspec.structs.replace(found, countersigners=signers),
        message.root,
    )
    # EMIT
    context.emit(events.DocumentCountersigned(message.root, context.acting_for))


def register(registry: Registry) -> None:
    """Add the module to the registry."""
    registry.add_collections(DOCUMENTS)
    registry.add_message(RegisterDocument, register_document)
    registry.add_message(CountersignDocument, countersign_document)
    registry.add_events(events.DocumentRegistered, events.DocumentCountersigned)
