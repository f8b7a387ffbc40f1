"""Who answers for the validators of the genesis file."""

import msgspec
import pytest

from engines.cometbft_network import operator_key, with_validators
from support.validators import SEVEN, ValidatedChain, public
from xinlian.bootstrap import check_genesis
from xinlian.engines.cometbft import EngineKeys, ValidatorsSection
from xinlian.ledger.genesis import GenesisInvalid, encode_genesis, parse_genesis, section
from xinlian.ledger.overlay import Overlay
from xinlian.modules.validators.genesis import FirstValidator, load
from xinlian.testing import Consortium


def edited(count: int, answering: tuple[str, ...]) -> bytes:
    """Return a genesis file of so many validators, and who answers for the first of them."""
    c = Consortium(more_members=SEVEN[3:])
    c.close()
    keys = [EngineKeys("", public(number)) for number in range(count)]
    return with_validators(c, keys, answering=answering)


def as_live(genesis_bytes: bytes) -> bytes:
    genesis = parse_genesis(genesis_bytes)
    found = section(genesis, "validators", ValidatorsSection)
    begun = msgspec.structs.replace(found, begins_at_ms=genesis.genesis_time_ms)
    sections = {**genesis.sections, "validators": msgspec.Raw(msgspec.json.encode(begun))}
    return encode_genesis(
        msgspec.structs.replace(genesis, clock="live", chain_id="net", sections=sections)
    )


def test_the_member_whose_key_the_operators_is_answers_for_the_validator():
    chain = ValidatedChain(4)
    for number, name in enumerate(SEVEN[:4]):
        assert chain.validators()[public(number)].party == chain.c[name].party


def test_a_live_chain_has_no_validator_of_nobody():
    check_genesis(as_live(edited(4, SEVEN[:4])))
    check_genesis(edited(4, SEVEN[:3]))  # a network for trial may have one
    with pytest.raises(GenesisInvalid, match="no member's"):
        check_genesis(as_live(edited(4, SEVEN[:3])))


def test_a_participant_answers_for_none():
    with pytest.raises(GenesisInvalid, match="no member's"):
        check_genesis(as_live(edited(4, (*SEVEN[:3], "supplier1"))))


def test_no_member_answers_for_a_third_of_the_power_by_several_validators():
    def of(*pairs: tuple[int, int]) -> list[FirstValidator]:
        return [
            FirstValidator(operator_key(operator).public_key, public(number), 10)
            for number, operator in pairs
        ]

    chain = ValidatedChain(4)
    with chain.driven.store.snapshot() as snapshot:
        load(
            Overlay(snapshot),
            of((0, 0), (1, 1), (2, 2), (3, 3), (4, 0), (5, 9), (6, 9)),
            is_live=False,
        )
        with pytest.raises(GenesisInvalid, match="a third"):
            load(Overlay(snapshot), of((0, 0), (1, 1), (2, 2), (3, 3), (4, 0)), is_live=False)
