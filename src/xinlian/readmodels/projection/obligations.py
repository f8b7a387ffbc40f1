"""Rows of promises to pay."""

from xinlian.modules.obligations import events
from xinlian.modules.obligations.types import ObligationStatus, SourceKind
from xinlian.readmodels.projection.writer import Cause, Writer
from xinlian.readmodels.rows import ObligationRow
from xinlian.readmodels.text import enum_text, id_text


def obligation_opened(writer: Writer, event: events.ObligationOpened, cause: Cause) -> None:
    """A promise binds its debtor."""
    del cause
    writer.add(
        ObligationRow(
            **writer.born_changing(),
            obligation_id=id_text("obligation", event.obligation),
            debtor=id_text("party", event.debtor),
            asset_id=id_text("asset", event.asset),
            amount_minor=event.amount_minor,
            performed_minor=0,
            released_minor=0,
            open_minor=event.amount_minor,
            awaiting_minor=0,
            due_day=event.due_day,
            due_at_ms=event.due_at_ms,
            cutoff_at_ms=event.cutoff_at_ms,
            status=enum_text(ObligationStatus(event.status)),
            source_kind=enum_text(SourceKind(event.source_kind)),
            account_id=id_text("account", event.account),
            authority_cap_minor=event.authority_cap_minor,
            authority_until_ms=event.authority_until_ms,
        ),
    )


def obligation_due(writer: Writer, event: events.ObligationDue, cause: Cause) -> None:
    """The due banking day has opened."""
    del cause
    obligation = writer.require(ObligationRow, id_text("obligation", event.obligation))
    writer.change(obligation, status=enum_text(ObligationStatus.DUE))


def obligation_performed(writer: Writer, event: events.ObligationPerformed, cause: Cause) -> None:
    """A part or the whole was paid."""
    del cause
    obligation = writer.require(ObligationRow, id_text("obligation", event.obligation))
    writer.change(
        obligation,
        performed_minor=obligation.performed_minor + event.amount_minor,
        open_minor=event.open_minor,
    )


def obligation_defaulted(writer: Writer, event: events.ObligationDefaulted, cause: Cause) -> None:
    """The cut-off passed with an open amount."""
    del cause
    obligation = writer.require(ObligationRow, id_text("obligation", event.obligation))
    writer.change(obligation, status=enum_text(ObligationStatus.DEFAULTED))


def obligation_ended(writer: Writer, event: events.ObligationEnded, cause: Cause) -> None:
    """Nothing is open any more; a promise that never bound anybody has no row to end."""
    del cause
    obligation = writer.get(ObligationRow, id_text("obligation", event.obligation))
    if obligation is None:
        return
    writer.change(
        obligation,
        status=enum_text(ObligationStatus(event.status)),
        released_minor=obligation.released_minor + obligation.open_minor,
        open_minor=0,
    )
