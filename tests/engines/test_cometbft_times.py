"""Headers whose time is early, late or equal, as the application sees them: time only goes on."""

import itertools

import pytest

from engines.cometbft_network import Driven, seed, timestamp, with_validators
from xinlian.crypto.ed25519 import SigningKey
from xinlian.engines.cometbft import EngineKeys, abci, validators_of
from xinlian.ledger.clock import chain_meta
from xinlian.testing import Consortium

SECOND = 1_000
DAY = 86_400 * SECOND
ODD_TIMES = {
    "equal": [5 * SECOND, 5 * SECOND, 5 * SECOND],
    "earlier": [5 * SECOND, 4 * SECOND, 1, 6 * SECOND],
    "late": [5 * SECOND, 3 * DAY, 3 * DAY + 1],
    "before the chain began": [0, -DAY, 1],
}


@pytest.fixture
def pair():
    c = Consortium()
    keys = [EngineKeys("", SigningKey(seed(f"consensus {n}")).public_key) for n in range(4)]
    genesis_bytes = with_validators(c, keys)
    yield Driven(c, genesis_bytes), Driven(c, genesis_bytes)
    c.close()


@pytest.mark.parametrize("name", ODD_TIMES)
def test_time_goes_on_by_a_millisecond_at_least_and_alike_on_every_node(pair, name):
    left, right = pair
    section = validators_of(left.genesis)
    assert section is not None
    times = []
    for offset_ms in ODD_TIMES[name]:
        at = timestamp(section.begins_at_ms + offset_ms)
        payment = left.pay()
        assert left.block(payment, at=at) == right.block(payment, at=at)
        with left.store.snapshot() as snapshot:
            times.append(chain_meta(snapshot).time_ms)
    assert all(later > earlier for earlier, later in itertools.pairwise(times))
    assert left.info() == right.info()


def test_a_proposal_so_late_that_its_transaction_has_expired_is_voted_down(pair):
    left, right = pair
    raw = left.pay()
    section = validators_of(left.genesis)
    assert section is not None
    for driven in pair:
        for offset_ms, status in ((SECOND, "ACCEPT"), (2 * DAY, "REJECT")):
            request = abci.RequestProcessProposal(
                (raw,), driven.next_height, timestamp(section.begins_at_ms + offset_ms)
            )
            answer = driven.calls.answer(request)
            assert answer == abci.ResponseProcessProposal(abci.ProposalStatus[status])
    late = timestamp(section.begins_at_ms + 2 * DAY)
    results = [driven.block(raw, at=late) for driven in pair]  # in a block all the same
    assert results[0] == results[1]
    assert results[0].tx_results[0].code != 0
    assert left.info() == right.info()
