"""Rows of consents and reads."""

from xinlian.ledger.ports import StateView
from xinlian.modules.consent import events
from xinlian.modules.consent.types import CONSENTS, READS, ConsentStatus
from xinlian.readmodels.projection.writer import Cause, Writer
from xinlian.readmodels.rows import ConsentReadRow, ConsentRow
from xinlian.readmodels.text import enum_text, id_text


def consent_given(writer: Writer, event: events.ConsentGiven, cause: Cause) -> None:
    """A subject lets a reader read."""
    del cause
    writer.add(
        ConsentRow(
            **writer.born_changing(),
            consent_id=id_text("consent", event.consent),
            subject=id_text("party", event.data_subject),
            reader=id_text("party", event.reader),
            purpose=event.reading_purpose,
            data_kinds=event.data_kinds,
            from_ms=event.from_ms,
            until_ms=event.until_ms,
            reads_max=event.reads_max,
            period_days=event.period_days,
            terms_root=event.terms_root.hex(),
            status=enum_text(ConsentStatus.GIVEN),
            ended_at_ms=0,
            read_count=0,
        ),
    )


def consent_taken_back(writer: Writer, event: events.ConsentTakenBack, cause: Cause) -> None:
    """The subject revoked it."""
    del cause
    _end(writer, event.consent, ConsentStatus.REVOKED)


def consent_ended(writer: Writer, event: events.ConsentEnded, cause: Cause) -> None:
    """Its time is over."""
    del cause
    _end(writer, event.consent, ConsentStatus.ENDED)


def read_recorded(writer: Writer, event: events.ReadRecorded, cause: Cause) -> None:
    """A reader reads; the subject sees it."""
    del cause
    consent = writer.require(ConsentRow, id_text("consent", event.consent))
    writer.change(consent, read_count=event.read_no + 1)
    writer.add(
        ConsentReadRow(
            **writer.born(),
            consent_id=consent.consent_id,
            read_no=event.read_no,
            subject=consent.subject,
            reader=consent.reader,
            purpose=event.reading_purpose,
            data_kinds=event.data_kinds,
            request_root=event.request_root.hex(),
        ),
    )


def project_consents(writer: Writer, state: StateView) -> None:
    """Write the rows of a state whose earlier blocks are not here."""
    for (consent_id,), consent in CONSENTS.scan(state):
        writer.add(
            ConsentRow(
                **writer.born_changing(),
                consent_id=id_text("consent", consent_id),
                subject=id_text("party", consent.subject),
                reader=id_text("party", consent.reader),
                purpose=consent.purpose,
                data_kinds=consent.data_kinds,
                from_ms=consent.from_ms,
                until_ms=consent.until_ms,
                reads_max=consent.reads_max,
                period_days=consent.period_days,
                terms_root=consent.terms_root.hex(),
                status=enum_text(ConsentStatus(consent.status)),
                ended_at_ms=consent.ended_at_ms,
                read_count=consent.read_count,
            ),
        )
    for (consent_id, number), read in READS.scan(state):
        writer.add(
            ConsentReadRow(
                **writer.born(),
                consent_id=id_text("consent", consent_id),
                read_no=int.from_bytes(number, "big"),
                subject=id_text("party", read.subject),
                reader=id_text("party", read.reader),
                purpose=read.purpose,
                data_kinds=read.data_kinds,
                request_root=read.request_root.hex(),
            ),
        )


def _end(writer: Writer, consent: bytes, status: ConsentStatus) -> None:
    row = writer.require(ConsentRow, id_text("consent", consent))
    writer.change(row, status=enum_text(status), ended_at_ms=writer.time_ms)
