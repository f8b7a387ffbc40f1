"""What named other validators is kept, asked of others, and believed only by the votes."""

import contextlib
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from support.validators import ValidatedChain, consensus_key, power, public
from unit.verifier.networks import FIELDS, header_value
from xinlian.crypto.codec import Value, encode
from xinlian.engines import durable
from xinlian.engines.cometbft.light import LightServer
from xinlian.engines.cometbft.set_changes import SetChanges
from xinlian.ledger.node import NoReceipt
from xinlian.verifier import cometbft as engine
from xinlian.verifier import root_of_genesis
from xinlian.verifier.cometbft import follow_changes

PARTS = (1, b"\x07" * 32)
Five = Sequence[int | str]


@pytest.fixture(scope="module")
def chain() -> ValidatedChain:
    """Return a chain that halved the power of one of five validators, and then of another."""
    made = ValidatedChain()
    made.decide("bank", power(0, 5))
    made.decide("bank", power(4, 5))
    for _ in range(3):
        made.driven.block()
    return made


def heights(chain: ValidatedChain) -> list[int]:
    """Return the heights whose headers name other validators."""
    return [height + 1 for height in range(1, chain.driven.next_height) if chain.change_at(height)]


def proof(
    chain: ValidatedChain,
    height: int,
    before: dict[bytes, int],
    after: dict[bytes, int],
    signers: Five = range(5),
) -> bytes:
    """Return what an honest node keeps of a height, signed with the validators' own keys."""
    value = header_value(
        FIELDS[3][0][4],
        height=height,
        validators=engine.validators_hash(tuple(before.items())),
        next_validators=engine.validators_hash(tuple(after.items())),
    )
    header = engine.read_engine_header(value, chain.c.chain_id)
    block_id = engine._block_id(header.hash, *PARTS)
    message = engine._vote_bytes(height, 0, block_id, engine._time(1, 2), chain.c.chain_id)
    votes: tuple[Value, ...] = tuple(
        (public(number), 1, 2, consensus_key(number).sign(message)) for number in signers
    )
    return encode((value, 0, *PARTS, votes))


def proofs(chain: ValidatedChain, signers: Five = range(5)) -> dict[int, bytes]:
    first, second = heights(chain)
    sets = [{public(number): 10 for number in range(5)}]
    sets.append({**sets[0], public(0): 5})
    sets.append({**sets[1], public(4): 5})
    return {
        first: proof(chain, first, sets[0], sets[1], signers),
        second: proof(chain, second, sets[1], sets[2], signers),
    }


@contextlib.contextmanager
def told(folder: Path, change_of: Callable[[int], bytes | None]) -> Iterator[str]:
    server = LightServer("127.0.0.1:0", folder / "none.sock", lambda _: None, change_of)
    server.start()
    try:
        yield f"127.0.0.1:{server.port}"
    finally:
        server.close()


def changes(chain: ValidatedChain, folder: Path, *servers: str) -> SetChanges:
    home = folder / "engine"
    home.mkdir(exist_ok=True)
    return SetChanges(
        home, chain.driven.store, chain.driven.genesis_bytes, lambda: folder / "no.sock", servers
    )


def test_what_others_kept_is_fetched_checked_and_kept(chain, tmp_path):
    honest = proofs(chain)
    with told(tmp_path, honest.get) as server:
        found: Any = changes(chain, tmp_path, server).before(1_000)
    root = root_of_genesis(chain.driven.genesis_bytes)
    assert dict(follow_changes(root, found, 1_000)) == chain.powers()
    again = changes(chain, tmp_path)  # nobody is asked any more
    assert again.before(1_000) == found
    assert again.proof(heights(chain)[0]) == honest[heights(chain)[0]]


def test_what_is_kept_is_on_the_disk_when_it_is_told(chain, tmp_path, monkeypatch):
    synced: list[str] = []
    monkeypatch.setattr(
        "xinlian.engines.cometbft.set_changes.sync_folder", lambda at: synced.append(at.name)
    )
    write = durable.write_durably

    def written(path: Path, content: bytes) -> None:
        write(path, content)
        synced.append(path.name)

    monkeypatch.setattr("xinlian.engines.cometbft.set_changes.write_durably", written)
    with told(tmp_path, proofs(chain).get) as server:
        changes(chain, tmp_path, server).before(1_000)
    assert synced == ["engine", *(f"{height}.bin" for height in heights(chain))]


@pytest.mark.parametrize("damage", [b"", b"garbage", encode((1, 2))])
def test_what_is_kept_and_damaged_is_fetched_again(chain, tmp_path, damage):
    first = heights(chain)[0]
    with told(tmp_path, proofs(chain).get) as server:
        kept = changes(chain, tmp_path, server)
        whole = kept.before(1_000)
        (tmp_path / "engine/set_changes" / f"{first}.bin").write_bytes(damage)
        assert kept.before(1_000) == whole
    assert kept.proof(first) == proofs(chain)[first]


def test_a_header_shows_the_changes_below_it_alone(chain, tmp_path):
    first, second = heights(chain)
    with told(tmp_path, proofs(chain).get) as server:
        kept = changes(chain, tmp_path, server)
        assert [len(kept.before(at)) for at in (first, first + 1, second, second + 1)] == [
            0,
            1,
            1,
            2,
        ]


def test_without_two_thirds_of_the_votes_another_is_asked(chain, tmp_path):
    too_few = proofs(chain, signers=(0, 1, 2))
    with told(tmp_path, too_few.get) as liar, told(tmp_path, proofs(chain).get) as honest:
        assert len(changes(chain, tmp_path, liar, honest).before(1_000)) == 2


@pytest.mark.parametrize("content", [b"", b"garbage", encode((1, 2)), None])
def test_what_is_no_proof_gives_no_receipt_and_is_not_kept(chain, tmp_path, content):
    with told(tmp_path, lambda _: content) as server:
        kept = changes(chain, tmp_path, server)
        with pytest.raises(NoReceipt, match="network sync"):
            kept.before(1_000)
    assert kept.proof(heights(chain)[0]) is None


def test_every_validator_that_there_ever_was_is_known_by_its_address(chain, tmp_path):
    known = changes(chain, tmp_path).keys()
    assert set(known.values()) == set(chain.validators())
