"""Rows of leaves that are pledged, go to another financier, or go back: SC-T7 to T21."""

from xinlian.apps.supply_chain import events
from xinlian.apps.supply_chain.types import Finance, Life
from xinlian.readmodels.projection.writer import Cause, Writer
from xinlian.readmodels.rows import LeafRow
from xinlian.readmodels.text import enum_text, id_text

_FREE = {"finance": enum_text(Finance.NONE), "financier": ""}


def leaf_pledged(writer: Writer, event: events.LeafPledged, cause: Cause) -> None:
    """SC-T7: the leaf secures a loan; its holder stays."""
    del cause
    writer.change(
        _leaf(writer, event.leaf),
        finance=enum_text(Finance.PLEDGED),
        financier=id_text("party", event.financier),
        lock_expires_at_ms=0,
    )


def pledge_released(writer: Writer, event: events.PledgeReleased, cause: Cause) -> None:
    """SC-T20: the leaf is free."""
    del cause
    writer.change(_leaf(writer, event.leaf), **_FREE)


def leaf_reassigned(writer: Writer, event: events.LeafReassigned, cause: Cause) -> None:
    """SC-T9: another financier holds the leaf."""
    del cause
    financier = id_text("party", event.financier)
    writer.change(_leaf(writer, event.leaf), holder=financier, financier=financier)


def leaf_bought_back(writer: Writer, event: events.LeafBoughtBack, cause: Cause) -> None:
    """SC-T21: who sold the leaf holds it again."""
    del cause
    writer.change(_leaf(writer, event.leaf), holder=id_text("party", event.holder), **_FREE)


def recourse_started(writer: Writer, event: events.RecourseStarted, cause: Cause) -> None:
    """SC-T15: the seller is asked for the advance."""
    del cause
    writer.change(_leaf(writer, event.leaf), life=enum_text(Life.RECOURSE))


def recourse_ended(writer: Writer, event: events.RecourseEnded, cause: Cause) -> None:
    """SC-T14, T15a, T15b: the leaf is overdue as before, or is discharged."""
    del cause
    leaf = _leaf(writer, event.leaf)
    is_open = leaf.life == enum_text(Life.RECOURSE)
    writer.change(
        leaf,
        holder=id_text("party", event.holder),
        life=enum_text(Life.OVERDUE) if is_open else leaf.life,
        **(_FREE if event.finance == Finance.NONE else {}),
    )


def _leaf(writer: Writer, leaf: bytes) -> LeafRow:
    return writer.require(LeafRow, id_text("leaf", leaf))
