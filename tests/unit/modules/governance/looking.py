"""Running governance's own functions on a copy of a council's state, at a chosen moment."""

import contextlib
from collections.abc import Iterator

from support.council import Council
from xinlian.bootstrap import build_registry
from xinlian.contracts.context import SCHEDULE_PARTY, Context
from xinlian.ledger.overlay import Overlay


@contextlib.contextmanager
def context_at(council: Council, time_ms: int) -> Iterator[Context]:
    """Give a context of the schedule on a throw-away copy of the committed state."""
    with council.c.engine.application.store.snapshot() as snapshot:
        yield Context(
            state=Overlay(snapshot),
            chain_id=council.c.chain_id,
            height=council.c.engine.height() + 1,
            time_ms=time_ms,
            acting_for=SCHEDULE_PARTY,
            payer=SCHEDULE_PARTY,
            signers=(),
            idempotency_key=b"",
            call_index=0,
            work_left=1_000,
            ports=build_registry().ports,
        )
