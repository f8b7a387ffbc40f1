"""Rows of documents, of the facts they support, and of verdicts on them."""

from xinlian.modules.documents import events as documents
from xinlian.modules.evidence import events
from xinlian.modules.evidence.messages import SubmitVerdict
from xinlian.modules.evidence.types import VerdictOutcome
from xinlian.primitives import InvariantViolation
from xinlian.readmodels.projection.writer import Cause, Writer
from xinlian.readmodels.rows import DocumentRow, FactRow, VerdictRow
from xinlian.readmodels.subjects import fact_id, verdict_id
from xinlian.readmodels.text import enum_text, id_text


def document_registered(
    writer: Writer,
    event: documents.DocumentRegistered,
    cause: Cause,
) -> None:
    """A root is on the ledger."""
    del cause
    writer.add(
        DocumentRow(
            **writer.born_changing(),
            root=event.root.hex(),
            owner=id_text("party", event.owner),
            schema=event.schema,
            schema_version=event.schema_version,
            countersigners=(),
        ),
    )


def document_countersigned(
    writer: Writer,
    event: documents.DocumentCountersigned,
    cause: Cause,
) -> None:
    """A further party signed the document."""
    del cause
    document = writer.require(DocumentRow, event.root.hex())
    signers = (*document.countersigners, id_text("party", event.party))
    writer.change(document, countersigners=signers)


def fact_recorded(writer: Writer, event: events.FactRecorded, cause: Cause) -> None:
    """A graded fact was added to a subject, or its grade has risen."""
    del cause
    subject, root = event.subject.hex(), event.document_root.hex()
    fact = FactRow(
        **writer.born_changing(),
        fact_id=fact_id(subject, root),
        subject=subject,
        document_root=root,
        kind=event.kind,
        flow=event.flow,
        grade=event.grade,
        signer=id_text("party", event.signer),
    )
    before = writer.get(FactRow, fact.fact_id)
    if before is None:
        writer.add(fact)
    else:
        writer.change(before, grade=fact.grade, signer=fact.signer)


def verdict_given(writer: Writer, event: events.VerdictGiven, cause: Cause) -> None:
    """A verdict took the place of the party's earlier one; its grounds are in the message."""
    message = cause.message
    if not isinstance(message, SubmitVerdict):
        raise InvariantViolation("verdict_has_its_message", event.subject.hex())
    subject, party = event.subject.hex(), id_text("party", event.party)
    given = VerdictRow(
        **writer.born_changing(),
        verdict_id=verdict_id(subject, party),
        subject=subject,
        party=party,
        outcome=enum_text(VerdictOutcome(event.outcome)),
        failures=message.failures,
        document_roots=tuple(root.hex() for root in message.document_roots),
        checks_version=message.checks_version,
        given_at_ms=writer.time_ms,
        expires_at_ms=message.expires_at_ms,
    )
    before = writer.get(VerdictRow, given.verdict_id)
    if before is None:
        writer.add(given)
        return
    writer.change(
        before,
        outcome=given.outcome,
        failures=given.failures,
        document_roots=given.document_roots,
        checks_version=given.checks_version,
        given_at_ms=given.given_at_ms,
        expires_at_ms=given.expires_at_ms,
    )
