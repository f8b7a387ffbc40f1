"""One of four validators proposes what it must not: the others vote it down, and go on."""

from pathlib import Path

import pytest

from engines.cometbft_network import driven_by, engine_missing, make_network
from engines.replay import check_whole
from unit.engines.cometbft.test_calls import badly_signed
from xinlian.engines.cometbft import CometEngine, abci
from xinlian.engines.cometbft.wire import Message
from xinlian.ledger.header import decode_block
from xinlian.modules.accounts.messages import Transfer
from xinlian.testing import Consortium

pytestmark = pytest.mark.skipif(
    bool(engine_missing()), reason=f"needs the engine: {engine_missing()}"
)
COUNT = 4
TRAITOR = 3
NONSENSE = b"\x00not a transaction"


class Traitor:
    """Proposes nonsense, repetitions and bad signatures instead of what waits."""

    def __init__(self, engine: CometEngine) -> None:
        self.proposed = 0
        self._answers = engine._calls._answers
        self._honest = self._answers[abci.RequestPrepareProposal]
        self._answers[abci.RequestPrepareProposal] = self.propose
        self._answers[abci.RequestProcessProposal] = lambda _: abci.ResponseProcessProposal(
            abci.ProposalStatus.ACCEPT
        )

    def propose(self, request: abci.RequestPrepareProposal) -> Message:
        honest = self._honest(request)
        assert isinstance(honest, abci.ResponsePrepareProposal)
        self.proposed += 1
        if not honest.txs:
            return abci.ResponsePrepareProposal((NONSENSE,))
        kinds = (
            (*honest.txs, NONSENSE),
            (*honest.txs, honest.txs[0]),
            (badly_signed(honest.txs[0]), *honest.txs[1:]),
        )
        return abci.ResponsePrepareProposal(kinds[self.proposed % len(kinds)])


def test_what_a_traitor_proposes_is_never_decided_and_payments_go_on(tmp_path: Path):
    c = Consortium()
    network = make_network(tmp_path, c, COUNT)
    engines = [network.open(number) for number in range(COUNT)]
    traitor = Traitor(engines[TRAITOR])
    driven_by(c, engines[0], network.genesis_bytes)
    try:
        paid = 0
        while traitor.proposed < 3:  # proposers take turns: its own comes every fourth block
            paid += 1
            assert paid < 60
            transfer = Transfer(c.account("core"), c.account("bank"), 1)
            _, outcome = c.send("core", transfer)
            assert outcome.result.succeeded
        height = engines[0].height()
        for engine in engines:
            engine.wait_above(height - 1, 60)
    finally:
        for engine in engines:
            engine.close()
    stores = [engine.application.store for engine in engines]
    assert min(check_whole(store) for store in stores) >= height
    for store in stores:
        for block in (decode_block(store.block(h) or b"") for h in range(height + 1)):
            assert NONSENSE not in block.transactions
            assert len(set(block.transactions)) == len(block.transactions)
        store.close()
