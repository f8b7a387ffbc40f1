"""Rows that guarantees of certificates change: SC-T10.

Rules this file keeps:
 1. A guarantor reads the certificate that it guarantees; holders read what guarantors owe them.
 2. What a guarantor paid for is a leaf of its own, or the same leaf where it paid all of it.
"""

import msgspec

from xinlian.apps.supply_chain import guarantee_events as events
from xinlian.apps.supply_chain.guarantee_records import GUARANTEES, GuaranteeStatus, calls_of
from xinlian.apps.supply_chain.types import Finance, Life
from xinlian.ledger.ports import StateView
from xinlian.modules.obligations.types import ObligationStatus
from xinlian.readmodels.projection.certificates import require_certificate
from xinlian.readmodels.projection.writer import Cause, Writer
from xinlian.readmodels.rights import grant_obligation
from xinlian.readmodels.rows import (
    CertificateRow,
    EncumbranceRow,
    GuaranteeRow,
    LeafRow,
    ObligationRow,
)
from xinlian.readmodels.subjects import guarantee_id, obligation_of
from xinlian.readmodels.text import enum_text, id_text

_LIVE = frozenset(enum_text(life) for life in (Life.ACTIVE, Life.DUE, Life.OVERDUE, Life.RECOURSE))


def guarantee_given(writer: Writer, event: events.GuaranteeGiven, cause: Cause) -> None:
    """A guarantor answers for a certificate, and reads it."""
    del cause
    certificate_id = id_text("cert", event.certificate)
    writer.add(
        GuaranteeRow(
            **writer.born_changing(),
            guarantee_id=guarantee_id(certificate_id, event.order_no),
            certificate_id=certificate_id,
            guarantor=id_text("party", event.guarantor),
            order_no=event.order_no,
            cap_minor=event.cap_minor,
            account_id=id_text("account", event.account),
            until_ms=event.until_ms,
            deed_root=event.deed_root.hex(),
            called_minor=0,
            paid_minor=0,
            status=enum_text(GuaranteeStatus.IN_FORCE),
        ),
    )


def guarantee_ended(writer: Writer, event: events.GuaranteeEnded, cause: Cause) -> None:
    """Everybody released it, or its certificate is over."""
    del cause
    row = _guarantee(writer, event.certificate, event.order_no)
    writer.change(row, status=enum_text(GuaranteeStatus(event.status)))


def guarantee_called(writer: Writer, event: events.GuaranteeCalled, cause: Cause) -> None:
    """The obligor is in default; a guarantor owes, and who is owed reads it."""
    del cause
    row = _guarantee(writer, event.certificate, event.order_no)
    called_minor = row.called_minor + event.amount_minor
    writer.change(row, called_minor=called_minor, status=enum_text(GuaranteeStatus.CALLED))
    promise = writer.require(ObligationRow, obligation_of(row.certificate_id))
    writer.change(promise, status=enum_text(ObligationStatus.CALLED))
    _grant_call(writer, row, id_text("obligation", event.claim))


def call_raised(writer: Writer, event: events.CallRaised, cause: Cause) -> None:
    """A guarantor owes more on the call that stands."""
    del cause
    row = _guarantee(writer, event.certificate, event.order_no)
    writer.change(row, called_minor=row.called_minor + event.amount_minor)
    claim = writer.require(ObligationRow, id_text("obligation", event.claim))
    writer.change(
        claim,
        amount_minor=claim.amount_minor + event.amount_minor,
        open_minor=claim.open_minor + event.amount_minor,
        authority_cap_minor=claim.authority_cap_minor + event.amount_minor,
    )


def leaf_taken_over(writer: Writer, event: events.LeafTakenOver, cause: Cause) -> None:
    """A guarantor paid a holder and holds what it paid for."""
    del cause
    guarantee = _guarantee(writer, event.certificate, event.order_no)
    writer.change(guarantee, paid_minor=guarantee.paid_minor + event.amount_minor)
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


def project_guarantees(writer: Writer, state: StateView) -> None:
    """Write the rows of a state whose earlier blocks are not here."""
    for (certificate, order), found in GUARANTEES.scan(state):
        order_no = int.from_bytes(order, "big")
        certificate_id = id_text("cert", certificate)
        calls = [call for call in calls_of(state, certificate) if call[0] == order_no]
        row = GuaranteeRow(
            **writer.born_changing(),
            guarantee_id=guarantee_id(certificate_id, order_no),
            certificate_id=certificate_id,
            guarantor=id_text("party", found.guarantor),
            order_no=order_no,
            cap_minor=found.cap_minor,
            account_id=id_text("account", found.account),
            until_ms=found.until_ms,
            deed_root=found.deed_root.hex(),
            called_minor=sum(claim.amount_minor for _, _, claim in calls),
            paid_minor=sum(claim.performed_minor for _, _, claim in calls),
            status=enum_text(GuaranteeStatus(found.status)),
        )
        writer.add(row)
        for _, claim_id, _ in calls:
            _grant_call(writer, row, id_text("obligation", claim_id))


def _guarantee(writer: Writer, certificate: bytes, order_no: int) -> GuaranteeRow:
    return writer.require(GuaranteeRow, guarantee_id(id_text("cert", certificate), order_no))


def _grant_call(writer: Writer, row: GuaranteeRow, claim: str) -> None:
    """Let who is owed, and the obligor, read what a guarantor owes."""
    leaves = writer.find(LeafRow, certificate_id=row.certificate_id)
    holders = sorted({leaf.holder for leaf in leaves if leaf.life in _LIVE} - {row.guarantor})
    obligor = writer.require(CertificateRow, row.certificate_id).obligor
    grant_obligation(writer, claim, [row.guarantor, obligor, *holders])
