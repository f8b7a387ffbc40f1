"""Signatures of stored blocks are known before their turn, and change nothing but when."""

from collections.abc import Sequence

import pytest

from unit.ledger.test_replay import Changed
from xinlian.bootstrap import GenesisState, build_contracts
from xinlian.crypto.ed25519 import verify_signature
from xinlian.ledger import application as application_module
from xinlian.ledger import read_ahead
from xinlian.ledger.admission import SignatureFact
from xinlian.ledger.application import Application
from xinlian.ledger.genesis import parse_genesis
from xinlian.ledger.read_ahead import ReadAhead, Verifying
from xinlian.ledger.replay import ReplayedHeight, replay
from xinlian.modules.accounts.messages import Transfer
from xinlian.storage import MemoryStore
from xinlian.testing import Consortium

PAYMENTS = 12


class Elsewhere:
    """Verifies in this process, and remembers how many facts came together."""

    def __init__(self) -> None:
        self.lists: list[int] = []
        self._true: list[SignatureFact] = []

    def request(self, facts: Sequence[SignatureFact]) -> None:
        """Verify at once."""
        self.lists.append(len(facts))
        self._true = [fact for fact in facts if verify_signature(*fact)]

    def collect(self) -> list[SignatureFact]:
        """Return what verified."""
        true, self._true = self._true, []
        return true


@pytest.fixture(scope="module")
def chain():
    store = MemoryStore()
    c = Consortium(store)
    for number in range(PAYMENTS):
        c.send("core", Transfer(c.account("core"), c.account("bank"), 1 + number))
    c.close()
    return store, c.genesis_bytes


def last_replayed(
    chain: tuple[MemoryStore, bytes], verifying: Verifying | None = None
) -> ReplayedHeight:
    """Return the last height that was reached, and what differs there."""
    store, genesis_bytes = chain
    contracts = build_contracts()
    load = GenesisState(parse_genesis(genesis_bytes), contracts)
    scratch = Application(MemoryStore(), contracts)
    before = None if verifying is None else ReadAhead(store, scratch, verifying).before
    (*_, last) = replay(store, scratch, genesis_bytes, load, before)
    return last


def test_every_signature_is_known_before_its_block_is_applied(chain, monkeypatch):
    verified_late = []

    def noting(*fact):
        verified_late.append(fact)
        return verify_signature(*fact)

    monkeypatch.setattr(read_ahead, "WINDOW_TRANSACTIONS", 5)
    monkeypatch.setattr(application_module, "verify_signature", noting)
    elsewhere = Elsewhere()
    assert last_replayed(chain, elsewhere) == (PAYMENTS, ())
    assert verified_late == []
    assert len(elsewhere.lists) > 2
    assert max(elsewhere.lists) <= 5 * 2, "a payment of the core enterprise has two signatures"


def test_a_verifier_that_says_nothing_changes_no_result(chain):
    class Silent(Elsewhere):
        """Knows nothing."""

        def collect(self) -> list[SignatureFact]:
            """Return nothing."""
            return []

    assert last_replayed(chain, Silent()) == last_replayed(chain)


def test_a_block_that_cannot_be_read_is_told_at_its_own_turn(chain):
    store, genesis_bytes = chain
    broken = Changed(store, blocks={7: b"\xc1"})
    contracts = build_contracts()
    load = GenesisState(parse_genesis(genesis_bytes), contracts)
    scratch = Application(MemoryStore(), contracts)
    before = ReadAhead(broken, scratch, Elsewhere()).before
    with pytest.raises(Exception, match="height 7"):
        list(replay(broken, scratch, genesis_bytes, load, before))
