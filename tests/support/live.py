"""A consortium on the machine's clock, with its read model, served over HTTP on loopback."""

import contextlib
from collections.abc import Iterator
from pathlib import Path

from unit.readmodels.stories import open_model, sqlite_address
from xinlian.api import BackgroundServer, create_app
from xinlian.engines.embedded import WatchedClock
from xinlian.engines.embedded.clock import wall_clock_ms
from xinlian.readmodels import Projector
from xinlian.testing import Consortium


@contextlib.contextmanager
def live_ledger(folder: Path) -> Iterator[tuple[Consortium, str]]:
    """Give a consortium and the address of its node."""
    genesis_time_ms = wall_clock_ms() - 60_000
    consortium = Consortium(clock=WatchedClock(None), genesis_time_ms=genesis_time_ms)
    model = open_model(sqlite_address(folder), consortium)
    projector = Projector(model, consortium.engine.application.store)
    consortium.engine.on_commit(projector.notify)
    projector.notify(consortium.node.head().header.height)
    with BackgroundServer(create_app(consortium.node, model, projector)) as server:
        yield consortium, server.url
    projector.close()
    model.close()
    assert consortium.broken_invariants() == []
    consortium.close()
