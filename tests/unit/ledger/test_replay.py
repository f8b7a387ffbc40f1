"""Replay believes nothing of a block but its transactions and its engine time."""

import msgspec
import pytest

from xinlian.bootstrap import GenesisState, build_contracts
from xinlian.ledger.application import Application, decode_outcome
from xinlian.ledger.genesis import genesis_hash, parse_genesis
from xinlian.ledger.header import decode_block, encode_block
from xinlian.ledger.ports import StoreError
from xinlian.ledger.replay import Difference, link_differences, replay
from xinlian.modules.accounts.messages import Transfer
from xinlian.storage import MemoryStore
from xinlian.testing import Consortium


@pytest.fixture(scope="module")
def chain():
    store = MemoryStore()
    consortium = Consortium(store)
    payment = Transfer(consortium.account("core"), consortium.account("bank"), 5)
    for _ in range(3):
        consortium.send("core", payment)
    consortium.close()
    return store, consortium.genesis_bytes


class Changed:
    """A store of which one block or outcome is another."""

    def __init__(self, store, *, blocks=None, outcomes=None):
        self.store, self.blocks, self.outcomes = store, blocks or {}, outcomes or {}

    def block(self, height):
        return self.blocks.get(height, self.store.block(height))

    def __getattr__(self, name):
        return getattr(self.store, name)

    def outcome(self, height):
        return self.outcomes.get(height, self.store.outcome(height))


def replayed(store, genesis_bytes):
    """Return (last height, what differs there)."""
    contracts = build_contracts()
    load = GenesisState(parse_genesis(genesis_bytes), contracts)
    scratch = Application(MemoryStore(), contracts)
    (*before, last) = replay(store, scratch, genesis_bytes, load)
    assert all(not height.differences for height in before)
    return last.height, [difference.what for difference in last.differences]


def test_an_unchanged_chain_differs_nowhere(chain):
    store, genesis_bytes = chain
    assert replayed(store, genesis_bytes) == (3, [])


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("version", 2),
        ("chain_id", "test-other"),
        ("simulated", False),
        ("previous_hash", bytes(32)),
        ("time_ms", 1),
        ("transaction_count", 2),
        ("transactions_root", bytes(32)),
        ("state_root", bytes(32)),
        ("results_root", bytes(32)),
        ("events_root", bytes(32)),
        ("app_version", 2),
        ("app_hash", bytes(32)),
    ],
)
def test_a_header_that_says_otherwise_is_named_by_field_and_by_signature(chain, field, value):
    store, genesis_bytes = chain
    block = decode_block(store.block(2))
    header = msgspec.structs.replace(block.signed_header.header, **{field: value})
    signed = msgspec.structs.replace(block.signed_header, header=header)
    forged = encode_block(msgspec.structs.replace(block, signed_header=signed))
    height, named = replayed(Changed(store, blocks={2: forged}), genesis_bytes)
    assert height == 2
    assert sorted(named) == sorted([field, "signature"])


def test_a_header_nobody_or_a_stranger_signed_is_named(chain):
    store, genesis_bytes = chain
    block = decode_block(store.block(1))
    (_, signature) = block.signed_header.signatures[0]
    for signatures in ((), ((bytes(32), signature),)):
        signed = msgspec.structs.replace(block.signed_header, signatures=signatures)
        forged = encode_block(msgspec.structs.replace(block, signed_header=signed))
        changed = Changed(store, blocks={1: forged})
        assert replayed(changed, genesis_bytes) == (1, ["signature"])


def test_results_that_the_block_does_not_give_are_named(chain):
    store, genesis_bytes = chain
    outcome = decode_outcome(store.outcome(3))
    result = msgspec.structs.replace(outcome.results[0], code=7)
    forged = msgspec.msgpack.encode(msgspec.structs.replace(outcome, results=(result,)))
    for raw in (forged, b"\xc1"):
        changed = Changed(store, outcomes={3: raw})
        assert replayed(changed, genesis_bytes) == (3, ["outcome"])


def test_a_block_that_cannot_be_decoded_and_a_store_without_a_chain_are_store_errors(chain):
    store, genesis_bytes = chain
    for broken in (Changed(store, blocks={2: b"\xc1"}), MemoryStore()):
        with pytest.raises(StoreError):
            replayed(broken, genesis_bytes)


def restored_at(height, genesis_bytes):
    """Return a store that began from a snapshot of a height of the chain."""
    source, target = MemoryStore(), MemoryStore()
    consortium = Consortium(source)
    for _ in range(height):
        consortium.send("core", Transfer(consortium.account("core"), consortium.account("bank"), 5))
    consortium.close()
    target.stage(dict(source._state), dict(source._nodes))
    target.begin_at(height, source.head() or b"", genesis_hash(genesis_bytes))
    return target


def test_from_a_snapshot_only_what_follows_is_replayed_and_held_against_it(chain):
    store, genesis_bytes = chain
    contracts = build_contracts()
    load = GenesisState(parse_genesis(genesis_bytes), contracts)
    scratch = Application(restored_at(1, genesis_bytes), contracts)
    heights = list(replay(store, scratch, genesis_bytes, load))
    assert [(found.height, found.differences) for found in heights] == [(2, ()), (3, ())]


def test_a_store_without_the_first_bodies_says_from_which_snapshot_it_can_be_replayed(chain):
    _, genesis_bytes = chain
    begun = restored_at(2, genesis_bytes)
    with pytest.raises(StoreError, match="snapshot of height 2 or above"):
        replayed(begun, genesis_bytes)


def test_a_header_with_a_signature_of_one_key_twice_is_told(chain):
    store, genesis_bytes = chain
    signed = decode_block(store.block(2)).signed_header
    genesis = parse_genesis(genesis_bytes)
    previous = signed.header.previous_hash
    assert list(link_differences(signed, genesis, previous, 2)) == []
    twice = msgspec.structs.replace(signed, signatures=signed.signatures * 2)
    assert list(link_differences(twice, genesis, previous, 2)) == [
        Difference("signature", "a key that signed twice", "one signature of each key"),
    ]
