"""The CometBFT engine: equal validators order and finalise, this process applies (ABCI 2.0)."""

from xinlian.engines.cometbft.engine import CometEngine, EngineSettings
from xinlian.engines.cometbft.home import EngineKeys, Tuning, create_keys, read_keys
from xinlian.engines.cometbft.joining import JoiningFailed, join
from xinlian.engines.cometbft.last_vote import LastVoteUnknown, raise_last_vote
from xinlian.engines.cometbft.light import SyncFrom, TrustedBlock, newest_height, trusted_block
from xinlian.engines.cometbft.network import (
    GenesisValidator,
    ValidatorsSection,
    engine_genesis,
    validators_of,
)
from xinlian.engines.cometbft.node import CometNode
from xinlian.engines.cometbft.process import EngineMissing, find_program
from xinlian.engines.cometbft.rpc import EngineUnreachable
from xinlian.engines.cometbft.snapshots import SnapshotShelf

__all__ = [
    "CometEngine",
    "CometNode",
    "EngineKeys",
    "EngineMissing",
    "EngineSettings",
    "EngineUnreachable",
    "GenesisValidator",
    "JoiningFailed",
    "LastVoteUnknown",
    "SnapshotShelf",
    "SyncFrom",
    "TrustedBlock",
    "Tuning",
    "ValidatorsSection",
    "create_keys",
    "engine_genesis",
    "find_program",
    "join",
    "newest_height",
    "raise_last_vote",
    "read_keys",
    "trusted_block",
    "validators_of",
]
