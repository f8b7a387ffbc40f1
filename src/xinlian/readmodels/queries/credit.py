"""Questions about credit records, inquiries and objections."""

import sqlalchemy as sa

from xinlian.readmodels import lists, rows
from xinlian.readmodels.errors import ConsentNotInForce
from xinlian.readmodels.paging import find, read_rows
from xinlian.readmodels.queries.asking import LIMIT_DEFAULT, Asking
from xinlian.readmodels.reading import Reading, open_reading
from xinlian.readmodels.rights import credit_consent_in_force
from xinlian.readmodels.rows import Found, Page
from xinlian.readmodels.tables import TABLE_OF


class CreditQueries(Asking):
    """Questions about credit; provider and subject see records, inquirer and subject inquiries."""

    def credit_records(
        self,
        reader: bytes,
        *,
        subject: str | None = None,
        record_type: str | None = None,
        status: str | None = None,
        cursor: str | None = None,
        limit: int = LIMIT_DEFAULT,
    ) -> Page[rows.CreditRecordRow]:
        """Return the credit records that the reader published, or that are about it."""
        wanted = {"subject": subject, "record_type": record_type, "status": status}
        return self._page(lists.CREDIT_RECORDS, reader, cursor, limit, wanted)

    def credit_record(self, reader: bytes, record_id: str) -> Found[rows.CreditRecordRow] | None:
        """Return a credit record, or None."""
        return self._find(lists.CREDIT_RECORDS, reader, record_id)

    def credit_inquiries(
        self,
        reader: bytes,
        *,
        subject: str | None = None,
        inquirer: str | None = None,
        status: str | None = None,
        cursor: str | None = None,
        limit: int = LIMIT_DEFAULT,
    ) -> Page[rows.CreditInquiryRow]:
        """Return who asked for the reader's records, answered or denied, and what it asked."""
        wanted = {"subject": subject, "inquirer": inquirer, "status": status}
        return self._page(lists.CREDIT_INQUIRIES, reader, cursor, limit, wanted)

    def credit_objections(
        self,
        reader: bytes,
        *,
        record_id: str | None = None,
        status: str | None = None,
        cursor: str | None = None,
        limit: int = LIMIT_DEFAULT,
    ) -> Page[rows.CreditObjectionRow]:
        """Return the objections that the reader filed, or that are to its records."""
        wanted = {"record_id": record_id, "status": status}
        return self._page(lists.CREDIT_OBJECTIONS, reader, cursor, limit, wanted)

    def credit_report(self, reader: bytes, inquiry_id: str) -> rows.CreditReport | None:
        """Return the records that answered an inquiry, as they stand now; None where unknown.

        Raises:
            ConsentNotInForce: the inquirer's consent is revoked or over: it reads no more under it.
        """
        with open_reading(self._database, reader) as reading:
            inquiry = find(reading, lists.CREDIT_INQUIRIES, inquiry_id)
            if inquiry is None:
                return None
            is_inquirer = inquiry.inquirer in reading.names
            if is_inquirer and inquiry.consent_id and not _is_in_force(reading, inquiry):
                raise ConsentNotInForce(inquiry.subject)
            table = TABLE_OF[rows.CreditRecordRow]
            query = sa.select(table).where(table.c.record_id.in_(inquiry.shown))
            found = {row.record_id: row for row in read_rows(reading, rows.CreditRecordRow, query)}
            return rows.CreditReport(
                inquiry_id=inquiry.inquiry_id,
                subject=inquiry.subject,
                records=tuple(found[shown] for shown in inquiry.shown),
                height=reading.height,
                time_ms=reading.time_ms,
            )


def _is_in_force(reading: Reading, inquiry: rows.CreditInquiryRow) -> bool:
    table = TABLE_OF[rows.ConsentRow]
    query = sa.select(table).where(table.c.consent_id == inquiry.consent_id)
    consents = read_rows(reading, rows.ConsentRow, query)
    return any(credit_consent_in_force(consent, reading.time_ms) for consent in consents)
