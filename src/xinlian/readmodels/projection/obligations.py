"""Rows of promises to pay."""

from xinlian.modules.obligations import events
from xinlian.modules.obligations.types import NOTHING, ObligationStatus, SourceKind
from xinlian.readmodels.projection.writer import Cause, Writer
from xinlian.readmodels.rights import grant_agreed, grant_obligation, grant_subject
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
            creditor=id_text("party", event.creditor),
            asset_id=id_text("asset", event.asset),
            amount_minor=event.amount_minor,
            performed_minor=0,
            released_minor=0,
            open_minor=event.amount_minor,
            awaiting_minor=0,
            disputed_minor=0,
            due_day=event.due_day,
            due_at_ms=event.due_at_ms,
            cutoff_at_ms=event.cutoff_at_ms,
            status=enum_text(ObligationStatus(event.status)),
            source_kind=enum_text(SourceKind(event.source_kind)),
            account_id=id_text("account", event.account),
            authority_cap_minor=event.authority_cap_minor,
            authority_until_ms=event.authority_until_ms,
            enforced_minor=0,
            enforced_by="",
            enforceable_minor=0,
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
        disputed_minor=min(obligation.disputed_minor, event.open_minor),
        status=enum_text(ObligationStatus(event.status)),
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
        disputed_minor=0,
    )


def obligation_proposed(writer: Writer, event: events.ObligationProposed, cause: Cause) -> None:
    """Both sides read a proposal, and the facts that it may come to wait for."""
    del cause
    sides = [id_text("party", event.debtor), id_text("party", event.creditor)]
    grant_agreed(writer, id_text("obligation", event.obligation), sides)
    if event.condition_kind != NOTHING:
        grant_subject(writer, event.condition_subject.hex(), sides)


def guarantor_named(writer: Writer, event: events.GuarantorNamed, cause: Cause) -> None:
    """A guarantor reads what it is asked to answer for."""
    del cause
    guarantor = id_text("party", event.guarantor)
    grant_agreed(writer, id_text("obligation", event.obligation), [guarantor])


def condition_met(writer: Writer, event: events.ConditionMet, cause: Cause) -> None:
    """The promise has its due day."""
    del cause
    writer.change(
        writer.require(ObligationRow, id_text("obligation", event.obligation)),
        due_day=event.due_day,
        due_at_ms=event.due_at_ms,
        cutoff_at_ms=event.cutoff_at_ms,
    )


def banking_day_moved(writer: Writer, event: events.BankingDayMoved, cause: Cause) -> None:
    """A published calendar moved the banking day; the due day stays."""
    del cause
    writer.change(
        writer.require(ObligationRow, id_text("obligation", event.obligation)),
        due_at_ms=event.due_at_ms,
        cutoff_at_ms=event.cutoff_at_ms,
    )


def obligation_released(writer: Writer, event: events.ObligationReleased, cause: Cause) -> None:
    """An amount is owed no more."""
    del cause
    obligation = writer.require(ObligationRow, id_text("obligation", event.obligation))
    writer.change(
        obligation,
        released_minor=obligation.released_minor + event.amount_minor,
        open_minor=event.open_minor,
        disputed_minor=event.disputed_minor,
        status=enum_text(ObligationStatus(event.status)),
    )


def dispute_changed(writer: Writer, event: events.DisputeChanged, cause: Cause) -> None:
    """More or less of it is disputed."""
    del cause
    writer.change(
        writer.require(ObligationRow, id_text("obligation", event.obligation)),
        disputed_minor=event.disputed_minor,
        cutoff_at_ms=event.cutoff_at_ms,
        status=enum_text(ObligationStatus(event.status)),
    )


def dispute_decided(writer: Writer, event: events.DisputeDecided, cause: Cause) -> None:
    """A court decided; it reads what became of it."""
    del cause
    court = id_text("party", event.court)
    grant_obligation(writer, id_text("obligation", event.obligation), [court])


def enforcement_ordered(writer: Writer, event: events.EnforcementOrdered, cause: Cause) -> None:
    """A court ordered that it be executed, and reads what becomes of it."""
    del cause
    obligation = writer.require(ObligationRow, id_text("obligation", event.obligation))
    court = id_text("party", event.court)
    writer.change(obligation, enforced_by=court, enforceable_minor=event.amount_minor)
    grant_obligation(writer, obligation.obligation_id, [court])


def enforcement_executed(writer: Writer, event: events.EnforcementExecuted, cause: Cause) -> None:
    """The order moved money; one that was lifted while a bank executed it moves nothing more."""
    del cause
    obligation = writer.require(ObligationRow, id_text("obligation", event.obligation))
    writer.change(
        obligation,
        enforced_minor=obligation.enforced_minor + event.amount_minor,
        enforceable_minor=event.left_minor if obligation.enforced_by else 0,
    )


def enforcement_ended(writer: Writer, event: events.EnforcementEnded, cause: Cause) -> None:
    """No order executes it any more."""
    del cause
    obligation = writer.require(ObligationRow, id_text("obligation", event.obligation))
    writer.change(obligation, enforced_by="", enforceable_minor=0)


def guarantor_called(writer: Writer, event: events.GuarantorCalled, cause: Cause) -> None:
    """The debtor is in default and its guarantors owe."""
    del cause
    obligation = writer.require(ObligationRow, id_text("obligation", event.obligation))
    writer.change(obligation, status=enum_text(ObligationStatus.CALLED))


def authority_ended(writer: Writer, event: events.AuthorityEnded, cause: Cause) -> None:
    """The creditor let the authority go."""
    del cause
    obligation = writer.require(ObligationRow, id_text("obligation", event.obligation))
    writer.change(obligation, authority_until_ms=0)


def obligation_ordered(writer: Writer, event: events.ObligationOrdered, cause: Cause) -> None:
    """A bank is asked to pay; it reads what for."""
    del cause
    obligation = writer.require(ObligationRow, id_text("obligation", event.obligation))
    writer.change(obligation, awaiting_minor=obligation.awaiting_minor + event.amount_minor)
    grant_obligation(writer, obligation.obligation_id, [id_text("party", event.bank)])


def obligation_order_ended(
    writer: Writer,
    event: events.ObligationOrderEnded,
    cause: Cause,
) -> None:
    """The bank paid, or did not."""
    del cause
    obligation = writer.require(ObligationRow, id_text("obligation", event.obligation))
    writer.change(obligation, awaiting_minor=obligation.awaiting_minor - event.amount_minor)
