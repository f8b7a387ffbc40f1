"""Committed blocks in SQL: lists, histories and balances for those who may read them."""

from xinlian.readmodels.errors import (
    AddressInvalid,
    BlockMissing,
    CursorInvalid,
    DatabaseFailed,
    HeightUnknown,
    LimitInvalid,
    OtherChain,
    ReadModelBroken,
    ReadModelError,
    ReadRefused,
    SchemaUnknown,
)
from xinlian.readmodels.model import ReadModel
from xinlian.readmodels.projector import Projector
from xinlian.readmodels.queries import Queries
from xinlian.readmodels.rows import Found, Page

__all__ = [
    "AddressInvalid",
    "BlockMissing",
    "CursorInvalid",
    "DatabaseFailed",
    "Found",
    "HeightUnknown",
    "LimitInvalid",
    "OtherChain",
    "Page",
    "Projector",
    "Queries",
    "ReadModel",
    "ReadModelBroken",
    "ReadModelError",
    "ReadRefused",
    "SchemaUnknown",
]
