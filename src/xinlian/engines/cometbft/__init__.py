"""The CometBFT engine: equal validators order and finalise, this process applies (ABCI 2.0)."""

from xinlian.engines.cometbft.engine import CometEngine, EngineSettings
from xinlian.engines.cometbft.home import EngineKeys, Tuning, create_keys, read_keys
from xinlian.engines.cometbft.network import (
    GenesisValidator,
    ValidatorsSection,
    engine_genesis,
    validators_of,
)
from xinlian.engines.cometbft.node import CometNode
from xinlian.engines.cometbft.process import EngineMissing, find_program
from xinlian.engines.cometbft.rpc import EngineUnreachable

__all__ = [
    "CometEngine",
    "CometNode",
    "EngineKeys",
    "EngineMissing",
    "EngineSettings",
    "EngineUnreachable",
    "GenesisValidator",
    "Tuning",
    "ValidatorsSection",
    "create_keys",
    "engine_genesis",
    "find_program",
    "read_keys",
    "validators_of",
]
