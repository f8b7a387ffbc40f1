"""Where the dealings of an organisation come from: the events about its obligations and invoices.

Rules this file keeps:
 1. A past height is told by the events up to it, never by what stands now.
 2. Only an organisation's own dealings are read: those it owes, and those first owed to it.
 3. The work is bounded: the newest dealings are looked at, and how many were left out is said.
 4. Amounts are of one currency; an obligation in another one is no part of the portrait.
"""

import dataclasses
import itertools
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final, NamedTuple

import msgspec
import sqlalchemy as sa

from xinlian.contracts.message import Event, type_name
from xinlian.modules.evidence import events as evidence
from xinlian.modules.evidence.corroboration import corroborate
from xinlian.modules.evidence.types import Fact, VerdictOutcome
from xinlian.modules.obligations import events as obligations
from xinlian.primitives.time import china_day, day_of_iso
from xinlian.readmodels.kinds import Kind
from xinlian.readmodels.portrait import CorroboratedInvoice, Dealing, Dealings, Span
from xinlian.readmodels.reading import Reading
from xinlian.readmodels.rows import (
    AssetRow,
    CertificateRow,
    EventRow,
    FactRow,
    InvoiceRow,
    ObligationRow,
    VerdictRow,
)
from xinlian.readmodels.tables import NOT_OF_TRANSFERS, READERS, TABLE_OF

CURRENCY: Final = "CNY"
DEALINGS_MAX: Final = 5_000
"""How many obligations, and how many invoices, are looked at; the newest."""
_IDS_AT_ONCE: Final = 400
_AGREED: Final = "agreed"
_CERTIFICATE: Final = "certificate"
_COURSE: Final[tuple[type[Event], ...]] = (
    obligations.ObligationOpened,
    obligations.ConditionMet,
    obligations.ObligationPerformed,
    obligations.ObligationReleased,
    obligations.ObligationDefaulted,
    obligations.ObligationEnded,
)


class Told(NamedTuple):
    """An event as it is kept."""

    object_id: str
    height: int
    position: int
    time_ms: int
    event_type: str
    data_json: str

    def field(self, name: str) -> str:
        """Return a field of the event."""
        return str(msgspec.json.decode(self.data_json)[name])


def read_dealings(
    reading: Reading,
    subject: str,
    as_of_height: int,
    span: Span,
) -> tuple[Dealings, int]:
    """Return the dealings of an organisation as of a height, and how many were left out."""
    promised = _obligations(reading, subject, as_of_height)
    invoices = _invoices(reading, subject, as_of_height)
    looked_at = promised[:DEALINGS_MAX]
    first_holders = _first_holders(reading, looked_at)
    by_id = _told(reading, [row.obligation_id for row in looked_at], as_of_height, _COURSE)
    received, owed = [], []
    for row in reversed(looked_at):
        if row.debtor == subject:
            owed.append(_dealing(row, first_holders.get(row.obligation_id, row.creditor), by_id))
        elif _is_to(subject, row, first_holders):
            received.append(_dealing(row, row.debtor, by_id))
    corroborated = _corroborated(reading, invoices[:DEALINGS_MAX], as_of_height, span)
    left_out = max(len(promised), len(invoices)) - DEALINGS_MAX
    dealings = Dealings(span, tuple(received), tuple(owed), tuple(corroborated))
    return dealings, max(left_out, 0)


def _is_to(subject: str, row: ObligationRow, first_holders: dict[str, str]) -> bool:
    """Return whether an obligation was first owed to the subject, for what it sold or agreed."""
    if row.source_kind == _CERTIFICATE:
        return first_holders.get(row.obligation_id) == subject
    return row.source_kind == _AGREED and row.creditor == subject


def _obligations(reading: Reading, subject: str, as_of_height: int) -> list[ObligationRow]:
    """Return the obligations that the subject reads as a side of them, the newest first."""
    r, t, assets = READERS, TABLE_OF[ObligationRow], TABLE_OF[AssetRow]
    query = (
        sa.select(t)
        .join(r, r.c.object_id == t.c.obligation_id)
        .join(assets, assets.c.asset_id == t.c.asset_id)
        .where(
            r.c.party_id == subject,
            r.c.object_kind == Kind.OBLIGATION,
            r.c.born_height.between(0, as_of_height),
            assets.c.currency == CURRENCY,
        )
        .order_by(r.c.born_height.desc(), r.c.object_id.desc())
        .limit(2 * DEALINGS_MAX)
    )
    return [ObligationRow(**row) for row in reading.connection.execute(query).mappings()]


def _first_holders(reading: Reading, rows: Sequence[ObligationRow]) -> dict[str, str]:
    """Return to whom certificates were first owed, by the id of their obligation."""
    t = TABLE_OF[CertificateRow]
    certificates = {
        row.obligation_id.replace("obligation_", "cert_", 1): row.obligation_id
        for row in rows
        if row.source_kind == _CERTIFICATE
    }
    found = _chosen(
        reading, sa.select(t.c.certificate_id, t.c.first_holder), t.c.certificate_id, certificates
    )
    return {certificates[certificate_id]: holder for certificate_id, holder in found}


def _dealing(row: ObligationRow, other: str, by_id: dict[str, list[Told]]) -> Dealing:
    """Return an obligation as the events about it left it."""
    found = Dealing(
        fact_id=row.obligation_id,
        height=row.height,
        other=other,
        amount_minor=row.amount_minor,
        opened_day=china_day(row.time_ms),
        due_day=0,
        open_minor=row.amount_minor,
    )
    for told in by_id.get(row.obligation_id, []):
        found = dataclasses.replace(found, **_changes(told))
    return found


def _changes(told: Told) -> dict[str, Any]:
    """Return what an event changes of a dealing."""
    day = china_day(told.time_ms)
    match told.event_type.partition(".")[2]:
        case "ObligationOpened" | "ConditionMet":
            return {"due_day": day_of_iso(told.field("due_day"))}
        case "ObligationDefaulted":
            return {"defaulted_day": day}
        case "ObligationEnded":
            return {"open_minor": 0, "ended_day": day, "ended_as": told.field("status")}
    return {"open_minor": int(told.field("open_minor"))}


def _invoices(reading: Reading, subject: str, as_of_height: int) -> list[InvoiceRow]:
    t = TABLE_OF[InvoiceRow]
    query = (
        sa.select(t)
        .where(t.c.seller == subject, t.c.height <= as_of_height)
        .order_by(t.c.height.desc(), t.c.root.desc())
        .limit(2 * DEALINGS_MAX)
    )
    return [InvoiceRow(**row) for row in reading.connection.execute(query).mappings()]


def _corroborated(
    reading: Reading,
    rows: Sequence[InvoiceRow],
    as_of_height: int,
    span: Span,
) -> list[CorroboratedInvoice]:
    """Return the invoices of the months that all three flows supported at the height.

    None is among them whose last verdict by any verifier blocks it, as that of a copy does.
    """
    asked = {
        row.root: row
        for row in reversed(rows)
        if row.currency == CURRENCY and china_day(row.time_ms) >= span.from_day
    }
    facts = _facts(reading, list(asked), as_of_height)
    verdicts = _verdicts(reading, list(asked))
    doubted = _opposed(reading, verdicts, as_of_height) | _blocked(reading, verdicts, as_of_height)
    return [
        CorroboratedInvoice(root, row.height, row.gross_minor, china_day(row.time_ms))
        for root, row in asked.items()
        if root not in doubted and corroborate(facts[root]).is_complete
    ]


def _facts(reading: Reading, roots: list[str], as_of_height: int) -> dict[str, list[Fact]]:
    """Return the facts about invoices, each with the grade that it had at the height."""
    t = TABLE_OF[FactRow]
    subjects = dict(_chosen(reading, sa.select(t.c.fact_id, t.c.subject), t.c.subject, roots))
    told = _told(reading, list(subjects), as_of_height, (evidence.FactRecorded,))
    found: defaultdict[str, list[Fact]] = defaultdict(list)
    for fact_id, events in told.items():
        last = events[-1]
        kind, flow, grade = (last.field(name) for name in ("kind", "flow", "grade"))
        found[subjects[fact_id]].append(Fact(kind, flow, grade, b"", last.time_ms))
    return found


def _blocked(reading: Reading, subjects: dict[str, str], as_of_height: int) -> set[str]:
    """Return the invoices that a verifier's last verdict blocked at the height."""
    given = _told(reading, list(subjects), as_of_height, (evidence.VerdictGiven,))
    blocks = VerdictOutcome.BLOCK.name.lower()
    return {
        subjects[verdict_id]
        for verdict_id, events in given.items()
        if events[-1].field("outcome") == blocks
    }


def _verdicts(reading: Reading, roots: list[str]) -> dict[str, str]:
    """Return the ids of all verdicts about invoices, each with its invoice."""
    t = TABLE_OF[VerdictRow]
    return dict(_chosen(reading, sa.select(t.c.verdict_id, t.c.subject), t.c.subject, roots))


def _opposed(reading: Reading, subjects: dict[str, str], as_of_height: int) -> set[str]:
    """Return the invoices about which verifiers contradicted one another at the height."""
    begun = _told(reading, list(subjects), as_of_height, (evidence.VerdictsDisagree,))
    ended = _told(reading, [*{*subjects.values()}], as_of_height, (evidence.ContradictionEnded,))
    found = set()
    for verdict_id, events in begun.items():
        last, over = events[-1], ended.get(subjects[verdict_id])
        if over is None or (over[-1].height, over[-1].position) < (last.height, last.position):
            found.add(subjects[verdict_id])
    return found


def _told(
    reading: Reading,
    ids: Sequence[str],
    as_of_height: int,
    event_types: Sequence[type[Event]],
) -> dict[str, list[Told]]:
    """Return the events of some types about objects, up to a height, in their order."""
    t = TABLE_OF[EventRow]
    columns = [t.c[name] for name in Told._fields]
    query = sa.select(*columns).where(
        NOT_OF_TRANSFERS,
        t.c.height <= as_of_height,
        t.c.event_type.in_([type_name(event_type) for event_type in event_types]),
    )
    found: defaultdict[str, list[Told]] = defaultdict(list)
    for record in sorted(
        itertools.starmap(Told, _chosen(reading, query, t.c.object_id, ids)),
        key=lambda told: (told.height, told.position),
    ):
        found[record.object_id].append(record)
    return dict(found)


def _chosen(
    reading: Reading,
    query: sa.Select[Any],
    column: sa.ColumnElement[str],
    ids: Iterable[str],
) -> Iterator[tuple[Any, ...]]:
    """Yield the records of a query whose column has one of the ids, some at a time."""
    wanted = list(ids)
    for first in range(0, len(wanted), _IDS_AT_ONCE):
        some = column.in_(wanted[first : first + _IDS_AT_ONCE])
        yield from (tuple(record) for record in reading.connection.execute(query.where(some)))
