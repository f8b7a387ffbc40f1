"""Questions about portraits: to the organisation itself, to another for a recorded read."""

from collections.abc import Sequence
from typing import Final

import sqlalchemy as sa

from xinlian.primitives.time import china_day
from xinlian.readmodels.cursors import check_limit, decode_cursor, encode_cursor
from xinlian.readmodels.errors import CursorInvalid, FigureUnknown, HeightUnknown, HistoryMissing
from xinlian.readmodels.portrait import Dealing, Dealings, span_of
from xinlian.readmodels.portrait_figures import FIGURE_OF, FIGURES, Fact, FigureKind
from xinlian.readmodels.portrait_sources import CURRENCY, read_dealings
from xinlian.readmodels.queries.asking import LIMIT_DEFAULT, Asking
from xinlian.readmodels.reading import Reading, open_reading, since_height
from xinlian.readmodels.rights import PortraitRight, portrait_right
from xinlian.readmodels.rows import (
    BlockRow,
    ConsentReadRow,
    ConsentRow,
    Figure,
    Page,
    Portrait,
    PortraitFactRow,
)
from xinlian.readmodels.tables import TABLE_OF

FACTS_SHOWN_MAX: Final = 20
"""How many facts stand beside a figure; the others are paged."""
CONSENTS_ASKED_MAX: Final = 100
"""How many consents between two parties are looked at, the newest."""
_FACTS: Final = "portrait-facts"


class PortraitQueries(Asking):
    """Questions about portraits."""

    def portrait(
        self,
        reader: bytes,
        subject: str,
        *,
        as_of_height: int | None = None,
    ) -> Portrait | None:
        """Return the portrait of an organisation; None where the reader may not know of it.

        Args:
            reader: who asks.
            subject: whose portrait it is.
            as_of_height: of which height; for a recorded read that of the read, for the
                organisation itself the newest without one.

        Raises:
            ReadNotRecorded, ConsentNotInForce: what the reader lacks.
            HeightUnknown: there is no such height, or another than that of the recorded read.
            HistoryMissing: this node lacks its first blocks.
        """
        with open_reading(self._database, reader) as reading:
            right = _right(reading, subject)
            if right is None:
                return None
            height = _height(reading, right, as_of_height)
            dealings, left_out, as_of_ms = _dealings(reading, subject, height)
            kinds = [kind for kind in FIGURES if kind.data_kind in right.data_kinds]
            return Portrait(
                subject=subject,
                as_of_height=height,
                as_of_ms=as_of_ms,
                from_day=dealings.span.from_day,
                currency=CURRENCY,
                data_kinds=tuple(sorted(right.data_kinds)),
                read_id=right.read_id,
                figures=tuple(_figure(kind, dealings) for kind in kinds),
                left_out=left_out,
                height=reading.height,
                time_ms=reading.time_ms,
            )

    def portrait_facts(
        self,
        reader: bytes,
        subject: str,
        figure: str,
        *,
        as_of_height: int | None = None,
        cursor: str | None = None,
        limit: int = LIMIT_DEFAULT,
    ) -> Page[PortraitFactRow] | None:
        """Return all facts of a figure, by where they arose; None as for ``portrait``.

        Raises:
            FigureUnknown: no figure of the portrait has this name.
            ReadRefused: as for ``portrait``, or the cursor or limit is malformed.
        """
        check_limit(limit)
        start = decode_cursor(_FACTS, [str, int, str], cursor)
        with open_reading(self._database, reader) as reading:
            right = _right(reading, subject)
            if right is None:
                return None
            kind = FIGURE_OF.get(figure)
            if kind is None or kind.data_kind not in right.data_kinds:
                raise FigureUnknown(figure[:48])
            height = _height(reading, right, as_of_height)
            dealings, _, _ = _dealings(reading, subject, height)
            _, facts = kind.compute(dealings)
            if start is not None and start[0] != figure:
                raise CursorInvalid(f"not a cursor of the figure {figure}")
            placed = sorted(facts, key=lambda fact: (fact.height, fact.fact_id))
            behind = [
                fact
                for fact in placed
                if start is None or (figure, fact.height, fact.fact_id) > start
            ]
            return _page_of_facts(reading, figure, behind, limit)


def _right(reading: Reading, subject: str) -> PortraitRight | None:
    """Return what the reader may see of a portrait; raises ReadRefused."""
    if not reading.names:
        return None
    reader = reading.names[0]
    c, r = TABLE_OF[ConsentRow], TABLE_OF[ConsentReadRow]
    newest = (
        sa.select(c)
        .where(c.c.subject == subject, c.c.reader == reader)
        .order_by(c.c.height.desc(), c.c.consent_id.desc())
        .limit(CONSENTS_ASKED_MAX)
    )
    consents = [ConsentRow(**row) for row in reading.connection.execute(newest).mappings()]
    newest_reads = sa.or_(
        sa.false(),
        *(
            sa.and_(r.c.consent_id == consent.consent_id, r.c.read_no == consent.read_count - 1)
            for consent in consents
        ),
    )
    found = reading.connection.execute(sa.select(r).where(newest_reads)).mappings()
    reads = [ConsentReadRow(**row) for row in found]
    return portrait_right(reader, subject, consents, reads, reading.time_ms)


def _height(reading: Reading, right: PortraitRight, asked: int | None) -> int:
    """Return of which height a portrait is given; raises HeightUnknown."""
    given = reading.height if right.as_of_height is None else right.as_of_height
    height = given if asked is None else asked
    if right.as_of_height is not None and height != right.as_of_height:
        raise HeightUnknown(f"the read was recorded at {right.as_of_height}, not {height}")
    if not 0 <= height <= reading.height:
        raise HeightUnknown(f"0 to {reading.height}, not {height}")
    return height


def _dealings(reading: Reading, subject: str, height: int) -> tuple[Dealings, int, int]:
    """Return the dealings as of a height, how many were left out, and the time of the height."""
    since = since_height(reading.connection)
    if since:
        raise HistoryMissing(f"this node begins at height {since}")
    blocks = TABLE_OF[BlockRow]
    query = sa.select(blocks.c.time_ms).where(blocks.c.height == height)
    as_of_ms: int = reading.connection.execute(query).scalar_one()
    found, left_out = read_dealings(reading, subject, height, span_of(china_day(as_of_ms)))
    return found, left_out, as_of_ms


def _figure(kind: FigureKind, dealings: Dealings) -> Figure:
    value, facts = kind.compute(dealings)
    ordered = sorted((fact.height, fact.fact_id) for fact in facts)
    return Figure(
        name=kind.name,
        data_kind=kind.data_kind,
        unit=kind.unit,
        value="" if value is None else str(value),
        english=kind.english,
        chinese=kind.chinese,
        fact_count=len(ordered),
        fact_ids=tuple(fact_id for _, fact_id in ordered[:FACTS_SHOWN_MAX]),
    )


def _page_of_facts(
    reading: Reading, figure: str, behind: Sequence[Fact], limit: int
) -> Page[PortraitFactRow]:
    blocks = TABLE_OF[BlockRow]
    shown = behind[:limit]
    query = sa.select(blocks.c.height, blocks.c.time_ms)
    heights = sorted({fact.height for fact in shown})
    times = dict(
        tuple(row) for row in reading.connection.execute(query.where(blocks.c.height.in_(heights)))
    )
    rows = tuple(
        PortraitFactRow(
            height=fact.height,
            time_ms=times[fact.height],
            fact_kind="obligation" if isinstance(fact, Dealing) else "invoice",
            fact_id=fact.fact_id,
        )
        for fact in shown
    )
    is_last = len(behind) <= limit
    last = None if is_last else (figure, shown[-1].height, shown[-1].fact_id)
    return Page(
        rows=rows,
        next_cursor=None if last is None else encode_cursor(_FACTS, last),
        height=reading.height,
        time_ms=reading.time_ms,
    )
