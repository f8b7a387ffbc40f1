"""Rows of freeze orders: SC-T17."""

from xinlian.apps.supply_chain import events
from xinlian.apps.supply_chain.holds import FREEZES, FreezeStatus
from xinlian.ledger.ports import StateView
from xinlian.readmodels.projection.writer import Cause, Writer
from xinlian.readmodels.rows import FreezeRow
from xinlian.readmodels.text import enum_text, id_text


def freeze_ordered(writer: Writer, event: events.FreezeOrdered, cause: Cause) -> None:
    """A court ordered; nothing is held yet."""
    del cause
    writer.add(
        FreezeRow(
            **writer.born_changing(),
            freeze_id=id_text("freeze", event.freeze),
            certificate_id=id_text("cert", event.certificate),
            leaf_id=id_text("leaf", event.leaf),
            holder=id_text("party", event.holder),
            authority=id_text("party", event.authority),
            confirmed_by="",
            case_root=event.case_root.hex(),
            order_root=event.order_root.hex(),
            account_id=id_text("account", event.account),
            received_minor=0,
            expires_at_ms=event.expires_at_ms,
            status=enum_text(FreezeStatus.ORDERED),
        ),
    )


def freeze_confirmed(writer: Writer, event: events.FreezeConfirmed, cause: Cause) -> None:
    """It holds from now on; the parties of the claim see it."""
    del cause
    writer.change(
        _freeze(writer, event.freeze),
        confirmed_by=id_text("party", event.confirmed_by),
        status=enum_text(FreezeStatus.IN_FORCE),
    )


def freeze_ended(writer: Writer, event: events.FreezeEnded, cause: Cause) -> None:
    """The court lifted it, or its time was up."""
    del cause
    row = _freeze(writer, event.freeze)
    writer.change(row, status=enum_text(FreezeStatus(event.status)))


def payment_held(writer: Writer, event: events.PaymentHeld, cause: Cause) -> None:
    """A payment went into the account of the order."""
    del cause
    row = _freeze(writer, event.freeze)
    writer.change(row, received_minor=row.received_minor + event.amount_minor)


def project_freezes(writer: Writer, state: StateView) -> None:
    """Write the rows of a state whose earlier blocks are not here."""
    for (freeze_id,), order in FREEZES.scan(state):
        is_of_holder = order.is_of_holder
        writer.add(
            FreezeRow(
                **writer.born_changing(),
                freeze_id=id_text("freeze", freeze_id),
                certificate_id=id_text("cert", order.certificate),
                leaf_id="" if is_of_holder else id_text("leaf", order.subject),
                holder=id_text("party", order.subject) if is_of_holder else "",
                authority=id_text("party", order.authority),
                confirmed_by=id_text("party", order.confirmed_by),
                case_root=order.case_root.hex(),
                order_root=order.order_root.hex(),
                account_id=id_text("account", order.account),
                received_minor=order.received_minor,
                expires_at_ms=order.expires_at_ms,
                status=enum_text(FreezeStatus(order.status)),
            ),
        )


def _freeze(writer: Writer, freeze: bytes) -> FreezeRow:
    return writer.require(FreezeRow, id_text("freeze", freeze))
