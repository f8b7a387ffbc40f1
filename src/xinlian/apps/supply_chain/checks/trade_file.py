"""A trade file: the opened documents of one claim, and who the ledger says its parties are.

Rules this file keeps:
 1. A file is bounded: at most 32 documents, each root once.
 2. The order in which documents are given means nothing: they are kept by root.
 3. The buyer and the seller come from the ledger, never from the documents.
"""

import dataclasses
import enum
from typing import Final, Generic, TypeVar

from xinlian.modules.evidence.statements import (
    InvoiceStatement,
    Statement,
)
from xinlian.modules.evidence.types import VERDICT_ROOTS_MAX

ROOT_BYTES: Final = 32
EARLIER_INVOICES_MAX: Final = 100_000

S = TypeVar("S", bound=Statement)


class TradeFileInvalid(ValueError):  # noqa: N818 - a refusal, named like the ledger's
    """The documents do not make a trade file; ``reason`` is a stable name.

    Reasons: ``no_documents``, ``too_many_documents``, ``root_twice``, ``malformed_root``.
    """

    def __init__(self, reason: str, advice: str) -> None:
        super().__init__(f"checks/{reason}: {advice}")
        self.reason = reason

    @property
    def reference(self) -> str:
        """The stable public name."""
        return f"checks/{self.reason}"


class Purpose(enum.Enum):
    """What the file is to support; it decides which documents must be there."""

    FINANCE = "finance"
    """A certificate on the invoice, or its financing: all three flows."""
    TRANSFER = "transfer"
    """Trade evidence of a transfer between holders: information and goods."""


@dataclasses.dataclass(frozen=True, slots=True)
class LedgerParties:
    """Buyer and seller as the ledger knows them; account numbers where the checker knows them."""

    buyer_uscc: str
    seller_uscc: str
    buyer_accounts: tuple[str, ...] = ()
    seller_accounts: tuple[str, ...] = ()


@dataclasses.dataclass(frozen=True, slots=True)
class RegisteredInvoice:
    """What the ledger says of the claim's invoice; its amounts are what certificates rest on."""

    root: bytes
    currency: str
    gross_minor: int
    paid_minor: int


@dataclasses.dataclass(frozen=True, slots=True)
class OpenedDocument:
    """A document whose root was recomputed from what it states."""

    root: bytes
    statement: Statement


@dataclasses.dataclass(frozen=True, slots=True)
class Opened(Generic[S]):
    """A document of a known kind."""

    root: bytes
    says: S


@dataclasses.dataclass(frozen=True, slots=True)
class TradeFile:
    """The opened documents of one claim.

    ``earlier_invoices`` are those of the same parties that the checker's own store holds; roots
    that are in ``documents`` too are left out of account.

    Raises:
        TradeFileInvalid: no document, too many, or a root that is malformed or there twice.
    """

    parties: LedgerParties
    documents: tuple[OpenedDocument, ...]
    earlier_invoices: tuple[OpenedDocument, ...] = ()
    purpose: Purpose = Purpose.FINANCE
    due_day: int | None = None
    """The due day that a certificate is to have, where it is known."""
    registered: RegisteredInvoice | None = None
    """The registered invoice, where the ledger was asked."""

    def __post_init__(self) -> None:
        """Refuse what is out of bounds, and sort by root."""
        _check_bounds(self.documents, self.earlier_invoices)
        object.__setattr__(self, "documents", _by_root(self.documents))
        own = {document.root for document in self.documents}
        earlier = (document for document in self.earlier_invoices if document.root not in own)
        object.__setattr__(self, "earlier_invoices", _by_root(tuple(earlier)))

    @property
    def roots(self) -> tuple[bytes, ...]:
        """The roots of all documents, ascending."""
        return tuple(document.root for document in self.documents)

    def of(self, kind: type[S]) -> tuple[Opened[S], ...]:
        """Return the documents of a kind, by root."""
        return _of(kind, self.documents)

    def earlier(self) -> tuple[Opened[InvoiceStatement], ...]:
        """Return the earlier invoices, by root."""
        return _of(InvoiceStatement, self.earlier_invoices)


def _of(kind: type[S], documents: tuple[OpenedDocument, ...]) -> tuple[Opened[S], ...]:
    return tuple(
        Opened(document.root, document.statement)
        for document in documents
        if isinstance(document.statement, kind)
    )


def _by_root(documents: tuple[OpenedDocument, ...]) -> tuple[OpenedDocument, ...]:
    return tuple(sorted(documents, key=lambda document: document.root))


def _check_bounds(
    documents: tuple[OpenedDocument, ...], earlier_invoices: tuple[OpenedDocument, ...]
) -> None:
    if not documents:
        raise TradeFileInvalid("no_documents", "give the documents of the trade")
    if len(documents) > VERDICT_ROOTS_MAX or len(earlier_invoices) > EARLIER_INVOICES_MAX:
        raise TradeFileInvalid(
            "too_many_documents", f"a file has at most {VERDICT_ROOTS_MAX}: split the trade"
        )
    roots = [document.root for document in documents]
    if any(len(root) != ROOT_BYTES for root in roots):
        raise TradeFileInvalid("malformed_root", f"a root has {ROOT_BYTES} bytes")
    if len(set(roots)) != len(roots):
        raise TradeFileInvalid("root_twice", "give each document once")
