"""The section of validators, and the engine's genesis document that follows from it."""

import datetime as dt
import json

import msgspec
import pytest

from engines.cometbft_network import operator_key, seed
from xinlian.crypto.ed25519 import SUITE_ED25519, SigningKey
from xinlian.engines.cometbft.network import (
    EngineTime,
    GenesisValidator,
    ValidatorsSection,
    app_state,
    engine_genesis,
    require_validators,
    rfc3339,
    validator_updates,
    validators_of,
)
from xinlian.ledger.genesis import (
    GENESIS_FORMAT,
    Genesis,
    GenesisInvalid,
    Operator,
    encode_genesis,
    genesis_hash,
)

BEGINS_MS = 1_764_000_000_123


def validator(number: int, power: int = 10) -> GenesisValidator:
    key = SigningKey(seed(f"consensus {number}"))
    return GenesisValidator(operator_key(number).public_key.hex(), key.public_key.hex(), power)


def genesis(
    *validators: GenesisValidator, clock: str = "simulated", begins_at_ms: int = BEGINS_MS
) -> Genesis:
    section = ValidatorsSection(begins_at_ms, validators)
    return Genesis(
        format=GENESIS_FORMAT,
        chain_id="test-net" if clock == "simulated" else "net",
        clock=clock,
        genesis_time_ms=1_700_000_000_000,
        app_version=1,
        operators=tuple(
            Operator(SUITE_ED25519, operator_key(number).public_key.hex()) for number in range(4)
        ),
        sections={"validators": msgspec.Raw(msgspec.json.encode(section))},
    )


FOUR = tuple(validator(number) for number in range(4))


def test_a_chain_without_the_section_has_no_validators():
    alone = msgspec.structs.replace(genesis(*FOUR), sections={})
    assert validators_of(alone) is None
    with pytest.raises(GenesisInvalid, match="no validators"):
        require_validators(alone)


def test_four_equal_validators_are_a_network():
    assert require_validators(genesis(*FOUR)).validators == FOUR


@pytest.mark.parametrize(
    ("broken", "rule"),
    [
        (genesis(), "there are 1"),
        (genesis(validator(0, power=0)), "power"),
        (genesis(validator(0), validator(0)), "stands twice"),
        (genesis(validator(9)), "operator"),
        (genesis(*FOUR[:3], validator(3, power=15)), "third"),
        (genesis(*FOUR, clock="live"), "begins once"),
        (genesis(*FOUR, begins_at_ms=0), "out of range"),
        (
            genesis(msgspec.structs.replace(validator(0), public_key="AA")),
            "not one",
        ),
        (
            genesis(
                msgspec.structs.replace(validator(0), public_key=operator_key(0).public_key.hex())
            ),
            "stands twice",
        ),
    ],
    ids=["none", "no power", "twice", "stranger", "uneven", "live", "time", "key", "one key"],
)
def test_a_section_that_breaks_a_rule_is_refused(broken, rule):
    with pytest.raises(GenesisInvalid, match=rule):
        validators_of(broken)


def test_three_validators_may_have_a_third_each():
    assert validators_of(genesis(*FOUR[:3])) is not None


def test_the_engines_document_follows_from_the_file():
    file_bytes = encode_genesis(genesis(*FOUR))
    document = json.loads(engine_genesis(file_bytes))
    assert document["chain_id"] == "test-net"
    moment = dt.datetime.fromisoformat(document["genesis_time"])
    assert moment == dt.datetime.fromtimestamp(BEGINS_MS // 1000, dt.UTC).replace(
        microsecond=123_000
    )
    assert document["app_state"] == genesis_hash(file_bytes).hex()
    assert json.loads(app_state(file_bytes)) == document["app_state"]
    assert [entry["power"] for entry in document["validators"]] == ["10"] * 4
    shuffled = encode_genesis(genesis(*reversed(FOUR)))
    assert json.loads(engine_genesis(shuffled))["validators"] == document["validators"]


def test_the_engine_is_told_of_validators_in_one_order():
    told = validator_updates(require_validators(genesis(*FOUR)))
    assert told == validator_updates(require_validators(genesis(*reversed(FOUR))))
    assert sorted(update.pub_key.ed25519 for update in told) == [
        update.pub_key.ed25519 for update in told
    ]


def test_a_moment_is_written_with_its_milliseconds():
    assert rfc3339(1_764_000_000_007) == "2025-11-24T16:00:00.007Z"


def test_a_simulated_chain_begins_at_its_genesis_time_and_a_live_one_takes_the_clock():
    chain = genesis(*FOUR)
    assert EngineTime(chain, BEGINS_MS).of(BEGINS_MS + 5) == chain.genesis_time_ms + 5
    live = genesis(*FOUR, clock="live", begins_at_ms=1_700_000_000_000)
    assert validators_of(live) is not None
    assert EngineTime(live, 1_700_000_000_000).of(1_700_000_000_009) == 1_700_000_000_009
