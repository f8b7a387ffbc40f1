"""Questions about consents and the reads under them: what subjects gave, and who read."""

from xinlian.readmodels import lists, rows
from xinlian.readmodels.queries.asking import LIMIT_DEFAULT, Asking
from xinlian.readmodels.rows import Found, Page


class ConsentQueries(Asking):
    """Questions about consents; subject and reader see the same."""

    def consents(
        self,
        reader: bytes,
        *,
        subject: str | None = None,
        consent_reader: str | None = None,
        status: str | None = None,
        cursor: str | None = None,
        limit: int = LIMIT_DEFAULT,
    ) -> Page[rows.ConsentRow]:
        """Return the consents that the reader gave or received; raises ReadRefused."""
        wanted = {"subject": subject, "reader": consent_reader, "status": status}
        return self._page(lists.CONSENTS, reader, cursor, limit, wanted)

    def consent(self, reader: bytes, consent_id: str) -> Found[rows.ConsentRow] | None:
        """Return a consent, or None."""
        return self._find(lists.CONSENTS, reader, consent_id)

    def consent_reads(
        self,
        reader: bytes,
        *,
        subject: str | None = None,
        consent_reader: str | None = None,
        consent_id: str | None = None,
        cursor: str | None = None,
        limit: int = LIMIT_DEFAULT,
    ) -> Page[rows.ConsentReadRow]:
        """Return the recorded reads of the reader's data, or by the reader."""
        wanted = {"subject": subject, "reader": consent_reader, "consent_id": consent_id}
        return self._page(lists.CONSENT_READS, reader, cursor, limit, wanted)
