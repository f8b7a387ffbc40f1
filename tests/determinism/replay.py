"""Replay recorded chains and print the application hash of each height: run by the test.

``python replay.py CHAINS`` under whatever environment its caller chose.
"""

import sys
from pathlib import Path

import msgspec

from xinlian.bootstrap import GenesisState, build_contracts
from xinlian.ledger.application import Application
from xinlian.ledger.block import Block
from xinlian.ledger.genesis import parse_genesis
from xinlian.storage import MemoryStore


class RecordedBlock(msgspec.Struct, array_like=True, frozen=True):
    """A block as its engine handed it over, and the hash that it led to."""

    engine_time_ms: int
    transactions: tuple[bytes, ...]
    app_hash: bytes


class RecordedChain(msgspec.Struct, array_like=True, frozen=True):
    """A chain from genesis on; ``blocks[0]`` is height 0."""

    genesis_bytes: bytes
    blocks: tuple[RecordedBlock, ...]


def replayed(chain: RecordedChain) -> list[bytes]:
    """Return the application hash of every height."""
    genesis = parse_genesis(chain.genesis_bytes)
    contracts = build_contracts()
    application = Application(MemoryStore(), contracts)
    finalized = application.init_chain(GenesisState(genesis, contracts), genesis.app_version)
    hashes = [finalized.app_hash]
    application.commit(finalized, b"", b"")
    for height, block in enumerate(chain.blocks[1:], 1):
        finalized = application.finalize_block(
            Block(height, block.engine_time_ms, block.transactions)
        )
        hashes.append(finalized.app_hash)
        application.commit(finalized, b"", b"")
    return hashes


if __name__ == "__main__":
    recorded = msgspec.msgpack.decode(
        Path(sys.argv[1]).read_bytes(), type=tuple[RecordedChain, ...]
    )
    found = (hashed.hex() for chain in recorded for hashed in replayed(chain))
    print(*found, sep="\n")  # noqa: T201 - its answer
