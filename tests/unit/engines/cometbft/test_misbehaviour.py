"""What the engine shows of validators is in the block, bound by it, and has consequences."""

import msgspec
import pytest

from support.validators import ValidatedChain, public
from unit.ledger.test_replay import Changed
from xinlian.bootstrap import (
    GenesisState,
    broken_invariants,
    build_contracts,
    build_registry,
    open_read_model,
)
from xinlian.contracts.message import Event
from xinlian.engines.cometbft import abci
from xinlian.engines.cometbft.home import address_of
from xinlian.engines.cometbft.misbehaviour import SHOWN_MAX, fault_of, misbehaviours_of
from xinlian.ledger.application import Application, decode_outcome
from xinlian.ledger.block import Misbehaviour, MisbehaviourKind
from xinlian.ledger.header import decode_block, encode_block
from xinlian.ledger.replay import replay
from xinlian.modules.validators.events import DoubleSigned, MisbehaviourShown, VotesSuspended
from xinlian.modules.validators.types import FREEZES
from xinlian.storage import MemoryStore

TWICE, FALSE_HEADER = MisbehaviourKind.DOUBLE_VOTE, MisbehaviourKind.FALSE_HEADER


def twice(number: int | str, height: int = 1, kind: int = 1) -> abci.Misbehavior:
    """Return what the engine says of a validator."""
    return abci.Misbehavior(kind, abci.Offender(address_of(public(number))), height)


def begun(count: int) -> ValidatedChain:
    chain = ValidatedChain(count)
    chain.driven.block()
    return chain


def blocks_of(chain: ValidatedChain, height: int):
    store = chain.driven.store
    return decode_block(store.block(height) or b""), decode_outcome(store.outcome(height) or b"")


def told_by(chain: ValidatedChain, height: int) -> list[Event]:
    """Return the events outside the transactions of a height."""
    _, outcome = blocks_of(chain, height)
    known = build_registry().events
    found = []
    for record in outcome.event_groups[0].events:
        kind = known[msgspec.msgpack.decode(record.event)[0]]
        found.append(msgspec.msgpack.decode(record.event, type=kind))
    return found


def replayed(chain: ValidatedChain, changed: dict[int, bytes]) -> list[str]:
    """Return what differs when a chain with other blocks is computed again."""
    genesis, contracts = chain.driven.genesis, build_contracts()
    scratch = Application(MemoryStore(), contracts)
    store = Changed(chain.driven.store, blocks=changed)
    load = GenesisState(genesis, contracts)
    return [
        difference.what
        for found in replay(store, scratch, chain.driven.genesis_bytes, load)
        for difference in found.differences
    ]


@pytest.fixture(scope="module")
def punished() -> ValidatedChain:
    """Five validators: one votes twice, is removed, and is shown once more; at heights 2 and 3."""
    chain = begun(5)
    chain.driven.block(chain.driven.pay(), shown=(twice(2), twice(2, kind=2)))
    chain.driven.block(shown=(twice(2, kind=2),))
    chain.driven.block(chain.driven.pay())
    return chain


def test_of_five_the_one_that_was_shown_loses_its_power_and_the_engine_is_told():
    chain = begun(5)
    answer = chain.driven.block(shown=(twice(2),))
    assert [(u.pub_key.ed25519, u.power) for u in answer.validator_updates] == [(public(2), 0)]
    assert chain.validators()[public(2)].double_signed


def test_of_four_the_one_that_was_shown_stays_and_its_member_has_no_vote():
    chain = begun(4)
    answer = chain.driven.block(shown=(twice(2),))
    assert answer.validator_updates == ()
    party = chain.validators()[public(2)].party
    assert chain.read(FREEZES, party) is not None
    assert told_by(chain, 2)[-1] == VotesSuspended(party, public(2))


def test_the_block_says_what_was_shown_before_anything_else_of_it(punished):
    block, _ = blocks_of(punished, 2)
    assert block.misbehaviours == (Misbehaviour(public(2), TWICE, 1),)
    party = punished.validators()[public(2)].party
    assert told_by(punished, 2)[:2] == [
        MisbehaviourShown(public(2), party, TWICE, 1),
        DoubleSigned(public(2), party, 1, is_removed=True),
    ]


def test_what_is_shown_of_a_punished_key_is_recorded_and_changes_nothing(punished):
    party = punished.validators()[public(2)].party
    assert told_by(punished, 3) == [MisbehaviourShown(public(2), party, FALSE_HEADER, 1)]


def test_the_verdict_survives_a_replay_from_genesis(punished):
    assert replayed(punished, {}) == []
    with punished.driven.store.snapshot() as snapshot:
        assert broken_invariants(snapshot) == []


@pytest.mark.parametrize("height", [2, 3])
def test_a_store_that_hides_what_was_shown_is_found_out(punished, height):
    block, _ = blocks_of(punished, height)
    hidden = encode_block(msgspec.structs.replace(block, misbehaviours=()))
    assert "events_root" in replayed(punished, {height: hidden})


@pytest.mark.parametrize("number", [2, 3, "stranger"])
def test_a_store_that_adds_to_what_was_shown_is_found_out(punished, number):
    block, _ = blocks_of(punished, 4)
    added = Misbehaviour(public(number), TWICE, 1)
    forged = encode_block(msgspec.structs.replace(block, misbehaviours=(added,)))
    assert "events_root" in replayed(punished, {4: forged})


def test_a_block_that_shows_nothing_has_the_bytes_that_it_always_had(punished):
    raw = punished.driven.store.block(4) or b""
    assert len(msgspec.msgpack.decode(raw)) == 3
    assert encode_block(decode_block(raw)) == raw


def test_the_read_model_shows_who_signed_twice(punished, tmp_path):
    model = open_read_model(tmp_path, punished.driven.genesis_bytes)
    model.project(punished.driven.store)
    rows = model.validators(punished.c["supplier1"].party).rows
    assert [row.public_key for row in rows if row.double_signed] == [public(2).hex()]
    model.close()


def test_each_key_is_told_once_in_the_engines_order_and_nobodys_left_out(punished):
    shown = (
        twice(3, 2),
        twice("stranger"),
        twice(1, kind=3),
        twice(1, kind=2),
        twice(3, 1),
    )
    with punished.driven.store.snapshot() as snapshot:
        assert misbehaviours_of(shown, snapshot) == (
            Misbehaviour(public(3), TWICE, 2),
            Misbehaviour(public(1), FALSE_HEADER, 1),
        )


@pytest.mark.parametrize(
    ("shown", "fault"),
    [
        ((), ""),
        ((twice(1, 9),), ""),
        ((twice(1, 10),), "misbehaviour at height 10"),
        ((twice(1, 0),), "misbehaviour at height 0"),
        ((twice(1, -1),), "misbehaviour at height -1"),
        ((abci.Misbehavior(1, abci.Offender(b"short"), 1),), "misbehaviour of no address"),
        ((twice(1),) * SHOWN_MAX, ""),
        ((twice(1),) * (SHOWN_MAX + 1), "too much misbehaviour"),
    ],
)
def test_what_no_engine_says_is_a_fault(shown, fault):
    assert fault_of(shown, 10) == fault
