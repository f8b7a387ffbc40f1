"""Reading one's own writes: a request may ask for a height that the read model is yet to reach.

Rules this file keeps:
 1. Who knows of a height asks by ``Xinlian-Min-Height``; it is waited for a moment, holding no
    thread, then refused as transient rather than answered from the past.
"""

from collections.abc import Awaitable, Callable
from typing import Annotated, Final

from fastapi import Header

from xinlian.api import problems
from xinlian.api.problems import ApiProblem
from xinlian.api.services import Projection
from xinlian.api.streams import Streams
from xinlian.client.wire import MIN_HEIGHT_HEADER
from xinlian.primitives import AMOUNT_MINOR_MAX

WAIT_SECONDS: Final = 3.0

MinHeight = Annotated[
    int | None,
    Header(
        alias=MIN_HEIGHT_HEADER,
        ge=0,
        le=AMOUNT_MINOR_MAX,
        description="answer from this height on, or not at all",
    ),
]


def await_height(
    projection: Projection,
    streams: Streams,
) -> Callable[[int | None], Awaitable[None]]:
    """Return the dependency of the whole application that waits for the height asked for."""

    async def wait(min_height: MinHeight = None) -> None:
        if min_height is None or projection.height >= min_height:
            return
        if not await streams.wait_above(min_height - 1, WAIT_SECONDS):
            raise ApiProblem(problems.BEHIND, f"the read model is at height {projection.height}")

    return wait
