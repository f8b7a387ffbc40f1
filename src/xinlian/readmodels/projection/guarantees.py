"""Rows that guarantees of certificates change: SC-T10.

Rules this file keeps:
 1. A guarantor reads the certificate that it guarantees; holders read what guarantors owe them.
 2. What a guarantor paid for is a leaf of its own, or the same leaf where it paid all of it.
"""

import msgspec

from xinlian.apps.supply_chain import guarantee_events as events
from xinlian.apps.supply_chain.types import Finance, Life
from xinlian.modules.obligations.types import ObligationStatus
from xinlian.readmodels.kinds import Kind
from xinlian.readmodels.projection.certificates import require_certificate
from xinlian.readmodels.projection.writer import Cause, Writer
from xinlian.readmodels.rights import grant_agreed
from xinlian.readmodels.rows import EncumbranceRow, LeafRow, ObligationRow
from xinlian.readmodels.subjects import obligation_of
from xinlian.readmodels.text import enum_text, id_text

_LIVE = frozenset(enum_text(life) for life in (Life.ACTIVE, Life.DUE, Life.OVERDUE, Life.RECOURSE))


def guarantee_given(writer: Writer, event: events.GuaranteeGiven, cause: Cause) -> None:
    """A guarantor answers for a certificate, and reads it."""
    del cause
    certificate = require_certificate(writer, event.certificate)
    guarantor = id_text("party", event.guarantor)
    writer.grant(Kind.CERTIFICATE, certificate.certificate_id, [guarantor])
    promise = obligation_of(certificate.certificate_id)
    grant_agreed(writer, promise, [guarantor, certificate.obligor])


def guarantee_called(writer: Writer, event: events.GuaranteeCalled, cause: Cause) -> None:
    """The obligor is in default; a guarantor owes, and who is owed reads it."""
    del cause
    certificate = require_certificate(writer, event.certificate)
    promise = writer.require(ObligationRow, obligation_of(certificate.certificate_id))
    writer.change(promise, status=enum_text(ObligationStatus.CALLED))
    leaves = writer.find(LeafRow, certificate_id=certificate.certificate_id)
    holders = sorted({leaf.holder for leaf in leaves if leaf.life in _LIVE})
    guarantor = id_text("party", event.guarantor)
    claim = id_text("obligation", event.claim)
    for holder in holders:
        if holder != guarantor:
            grant_agreed(writer, claim, [guarantor, holder])
    grant_agreed(writer, claim, [guarantor, certificate.obligor])


def leaf_taken_over(writer: Writer, event: events.LeafTakenOver, cause: Cause) -> None:
    """A guarantor paid a holder and holds what it paid for."""
    del cause
    leaf = writer.require(LeafRow, id_text("leaf", event.leaf))
    taken = {
        "holder": id_text("party", event.guarantor),
        "life": enum_text(Life.OVERDUE),
        "finance": enum_text(Finance.NONE),
        "financier": "",
    }
    if event.taken == event.leaf:
        writer.change(leaf, **taken)
        return
    certificate = require_certificate(writer, event.certificate)
    writer.change(certificate, live_leaves=certificate.live_leaves + bool(event.rest))
    child = msgspec.structs.replace(
        leaf,
        **writer.born_changing(),
        parent=leaf.leaf_id,
        discharged_minor=0,
    )
    spent = {"life": enum_text(Life.SPENT), "outstanding_minor": 0}
    if event.rest:
        spent |= {"finance": enum_text(Finance.NONE), "financier": ""}
    writer.change(leaf, **spent)
    _add(writer, child, event.taken, event.amount_minor, **taken)
    if event.rest:
        _add(writer, child, event.rest, leaf.outstanding_minor - event.amount_minor)
        _pass_on_encumbrance(writer, leaf.leaf_id, id_text("leaf", event.rest))


def _add(writer: Writer, like: LeafRow, leaf: bytes, amount_minor: int, **fields: str) -> None:
    row = msgspec.structs.replace(
        like,
        leaf_id=id_text("leaf", leaf),
        amount_minor=amount_minor,
        outstanding_minor=amount_minor,
        **fields,
    )
    writer.add(row)


def _pass_on_encumbrance(writer: Writer, leaf_id: str, rest_id: str) -> None:
    found = writer.get(EncumbranceRow, leaf_id)
    if found is not None:
        writer.add(msgspec.structs.replace(found, **writer.born(), leaf_id=rest_id))
