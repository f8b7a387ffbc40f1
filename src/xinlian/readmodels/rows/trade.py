"""Rows of a trade: documents, facts and verdicts about them, invoices."""

from xinlian.readmodels.rows.base import ChangingRow


class DocumentRow(ChangingRow, frozen=True, kw_only=True):
    """A registered document: its commitment, never its contents."""

    root: str
    owner: str
    schema: str
    schema_version: int
    countersigners: tuple[str, ...]


class FactRow(ChangingRow, frozen=True, kw_only=True):
    """A graded fact about a subject; its grade rises when a further signer is found."""

    fact_id: str
    subject: str
    document_root: str
    kind: str
    flow: str
    grade: str
    signer: str


class VerdictRow(ChangingRow, frozen=True, kw_only=True):
    """The latest verdict of a party about a subject."""

    verdict_id: str
    subject: str
    party: str
    outcome: str
    failures: tuple[str, ...]
    document_roots: tuple[str, ...]
    checks_version: int
    given_at_ms: int
    expires_at_ms: int


class InvoiceRow(ChangingRow, frozen=True, kw_only=True):
    """A registered invoice and how much of it is spoken for."""

    root: str
    seller: str
    buyer: str
    currency: str
    gross_minor: int
    occupied_minor: int
    paid_minor: int
    """What its seller declared as paid before it was registered, and what was paid since; a copy
    under another root repeats the declaration, which by itself proves no payment."""
    lowered_minor: int = 0
    """What credit notes and payments outside the ledger took off it since."""
    over_minor: int = 0
    """How much more is occupied and paid than is left of it: above 0 it is over-occupied."""

    @property
    def free_minor(self) -> int:
        """What may still be certified."""
        return max(self._left_minor, 0)

    @property
    def over_now_minor(self) -> int:
        """What ``over_minor`` is by the other fields."""
        return max(-self._left_minor, 0)

    @property
    def _left_minor(self) -> int:
        return self.gross_minor - self.lowered_minor - self.occupied_minor - self.paid_minor
