"""In which order the engine may call the application, checked over what it really called.

Source: the engine's published call grammar of ABCI 2.0, consensus connection: after a clean start
``init_chain``, then for each height any number of rounds (``prepare_proposal``,
``process_proposal``, in either order of rounds), one ``finalize_block``, one ``commit``; after a
recovery the same without ``init_chain``, from the first height that was not committed.
"""

import re
import threading
from collections.abc import Callable
from typing import Final, Self

from xinlian.engines.cometbft import CometEngine, abci
from xinlian.engines.cometbft.wire import Message

_LETTERS: Final[dict[type[Message], str]] = {
    abci.RequestInitChain: "i",
    abci.RequestPrepareProposal: "p",
    abci.RequestProcessProposal: "r",
    abci.RequestFinalizeBlock: "f",
    abci.RequestCommit: "c",
}
_LIFE: Final = re.compile(r"i?(?:[pr]*fc)*[pr]*f?")
"""The calls of one life of an engine; it may end anywhere."""
_START: Final = "s"


class CallRecord:
    """The calls of one node's engine, over its lives."""

    def __init__(self, answer: Callable[[Message], Message], height: int = 0) -> None:
        """Record calls from a committed height on."""
        self._lock = threading.Lock()
        self._calls: list[tuple[str, int]] = []
        self._answer = answer
        self._height = height

    @classmethod
    def over(cls, engine: CometEngine) -> Self:
        """Record what the engine of a node calls from now on."""
        record = cls(engine._calls.answer, engine.height())
        engine._server._handle = record.handle
        return record

    def handle(self, request: Message) -> Message:
        """Note a call and answer it."""
        letter = _START if isinstance(request, abci.RequestInfo) else _LETTERS.get(type(request))
        if letter is not None:
            with self._lock:
                self._calls.append((letter, getattr(request, "height", 0)))
        return self._answer(request)

    def check(self) -> int:
        """Fail where the order was broken; return how many blocks were decided."""
        with self._lock:
            calls = list(self._calls)
        committed, decided, blocks = self._height, 0, 0
        for life in "".join(letter for letter, _ in calls).split(_START):
            assert _LIFE.fullmatch(life), f"the engine called {life[-40:]}"
        for letter, height in calls:
            if letter == "c":
                assert decided == committed + 1 or committed <= 0
                committed, blocks = decided, blocks + 1
            elif letter == "f":
                assert committed <= 0 or height == committed + 1, "a height was applied twice"
                decided = height
            elif letter in "pr":
                assert committed <= 0 or height == committed + 1
        return blocks
