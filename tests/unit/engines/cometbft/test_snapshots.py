"""Telling of snapshots and beginning from one: the same from every node, nothing believed."""

import shutil
from collections.abc import Callable

import msgspec
import pytest

from engines.cometbft_network import Driven, operator_key, seed, with_validators
from xinlian.crypto.ed25519 import SigningKey
from xinlian.engines.cometbft import EngineKeys, abci
from xinlian.engines.cometbft.snapshots import (
    HEIGHTS_ABOVE,
    SnapshotAnswers,
    SnapshotTaker,
    unsigned,
)
from xinlian.engines.cometbft.stand import ANCHOR_HEIGHTS
from xinlian.ledger.genesis import genesis_hash
from xinlian.ledger.header import Header, SignedHeader, decode_head, encode_head
from xinlian.ledger.snapshot import (
    Manifest,
    SnapshotInvalid,
    decode_manifest,
    encode_manifest,
)
from xinlian.storage import LmdbStore, RestoringFolder, SnapshotKeeper
from xinlian.storage.snapshot_shelf import SNAPSHOTS
from xinlian.testing import Consortium

Change = Callable[[Manifest], Manifest]


@pytest.fixture(scope="module")
def taken(tmp_path_factory):
    """A chain with a snapshot of its hundredth height."""
    folder = tmp_path_factory.mktemp("taken")
    c = Consortium()
    keys = [EngineKeys("", SigningKey(seed(f"consensus {n}")).public_key) for n in range(4)]
    driven = Driven(c, with_validators(c, keys))
    keeper = SnapshotKeeper(folder, genesis_hash(driven.genesis_bytes), ANCHOR_HEIGHTS)
    raw = driven.pay()
    driven.check(raw)
    driven.block(raw)
    while driven.next_height <= ANCHOR_HEIGHTS:
        driven.block()
    keeper.start(driven.store)
    keeper.notify(ANCHOR_HEIGHTS - 1)
    keeper.notify(ANCHOR_HEIGHTS)
    while not keeper.manifests():
        keeper._thread.join(0.01)
    yield driven, keeper, folder
    keeper.close()
    c.close()


def told(keeper: SnapshotKeeper, head: int = 1_000) -> tuple[abci.Snapshot, ...]:
    answer = SnapshotAnswers(keeper, lambda: head).listed(abci.RequestListSnapshots())
    assert isinstance(answer, abci.ResponseListSnapshots)
    return answer.snapshots


def taker_of(driven: Driven, folder: RestoringFolder, header: Header, times: int) -> SnapshotTaker:
    return SnapshotTaker(
        driven.genesis_bytes, operator_key(3), folder, lambda _height: [header] * times
    )


@pytest.fixture
def restoring(tmp_path):
    folder = RestoringFolder(tmp_path)
    yield folder
    folder.close()


def test_a_snapshot_is_told_of_once_the_heights_above_it_are_there(taken):
    _, keeper, _ = taken
    assert told(keeper, ANCHOR_HEIGHTS + HEIGHTS_ABOVE - 1) == ()
    (found,) = told(keeper, ANCHOR_HEIGHTS + HEIGHTS_ABOVE)
    assert found.height == ANCHOR_HEIGHTS


def test_every_node_tells_of_the_same_snapshot_whoever_signed_its_header(taken):
    _, keeper, _ = taken
    (manifest,) = keeper.manifests()
    header = decode_head(manifest.head).header
    other = msgspec.structs.replace(
        manifest, head=encode_head(SignedHeader(header, ((b"k" * 32, b"s" * 64),)))
    )
    assert unsigned(manifest) == unsigned(other)
    assert told(keeper)[0].metadata == encode_manifest(unsigned(other))


def test_a_part_that_is_not_there_is_an_empty_answer(taken):
    _, keeper, _ = taken
    answers = SnapshotAnswers(keeper, lambda: 1_000)
    for request in (
        abci.RequestLoadSnapshotChunk(ANCHOR_HEIGHTS, 2, 0),
        abci.RequestLoadSnapshotChunk(ANCHOR_HEIGHTS, 1, 99),
        abci.RequestLoadSnapshotChunk(7, 1, 0),
    ):
        assert answers.chunk(request) == abci.ResponseLoadSnapshotChunk()


def test_a_node_that_has_its_chain_takes_no_snapshot(taken):
    driven, keeper, _ = taken
    (snapshot,) = told(keeper)
    offer = driven.calls.answer(abci.RequestOfferSnapshot(snapshot, b"h" * 32))
    assert offer == abci.ResponseOfferSnapshot(abci.OfferAnswer.ABORT)
    given = driven.calls.answer(abci.RequestApplySnapshotChunk(0, b"", "peer"))
    assert given == abci.ResponseApplySnapshotChunk(abci.ChunkAnswer.ABORT)


def test_a_spoiled_part_is_taken_from_another_and_its_sender_refused(taken, restoring, tmp_path):
    driven, keeper, _ = taken
    (snapshot,) = told(keeper)
    (manifest,) = keeper.manifests()
    taker = taker_of(driven, restoring, decode_head(manifest.head).header, 2)
    assert taker.answer(abci.RequestInfo()) == abci.ResponseInfo()
    offer = taker.answer(abci.RequestOfferSnapshot(snapshot, manifest.app_hash))
    assert offer == abci.ResponseOfferSnapshot(abci.OfferAnswer.ACCEPT)
    part = keeper.chunk(ANCHOR_HEIGHTS, 0)
    assert part is not None
    assert snapshot.chunks == 1
    spoiled = taker.answer(abci.RequestApplySnapshotChunk(0, part[:-1], "traitor"))
    assert spoiled == abci.ResponseApplySnapshotChunk(abci.ChunkAnswer.RETRY, (0,), ("traitor",))
    assert taker.height == 0
    good = taker.answer(abci.RequestApplySnapshotChunk(0, part, "honest"))
    assert good == abci.ResponseApplySnapshotChunk(abci.ChunkAnswer.ACCEPT)
    info = taker.answer(abci.RequestInfo())
    assert info == abci.ResponseInfo(
        last_block_height=ANCHOR_HEIGHTS, last_block_app_hash=manifest.app_hash
    )
    restoring.adopt()
    restoring.close()
    store = LmdbStore(tmp_path)
    with store.snapshot() as here, driven.store.snapshot_at(ANCHOR_HEIGHTS) as there:
        assert list(here.scan(b"", b"\xff" * 200)) == list(there.scan(b"", b"\xff" * 200))
    store.close()


@pytest.mark.parametrize(
    ("change", "witnesses"),
    [
        (lambda m: m, 1),
        (lambda m: m, 0),
        (lambda m: msgspec.structs.replace(m, genesis_hash=b"g" * 32), 2),
        (lambda m: msgspec.structs.replace(m, chain_id="test-other"), 2),
        (lambda m: msgspec.structs.replace(m, head=b"\xc1"), 2),
        (lambda m: msgspec.structs.replace(m, head=_moved(m)), 2),
    ],
    ids=["one witness", "no witness", "other genesis", "other chain", "no head", "other height"],
)
def test_what_does_not_follow_from_the_trusted_hash_is_rejected(
    taken, restoring, change: Change, witnesses
):
    driven, keeper, _ = taken
    (manifest,) = keeper.manifests()
    header = decode_head(manifest.head).header
    taker = taker_of(driven, restoring, header, witnesses)
    offered = _offer(change(unsigned(manifest)))
    answer = taker.answer(abci.RequestOfferSnapshot(offered, manifest.app_hash))
    assert answer == abci.ResponseOfferSnapshot(abci.OfferAnswer.REJECT)
    part = taker.answer(abci.RequestApplySnapshotChunk(0, b"", "peer"))
    assert part == abci.ResponseApplySnapshotChunk(abci.ChunkAnswer.ABORT)


def test_another_application_hash_another_format_and_noise_are_rejected(taken, restoring):
    driven, keeper, _ = taken
    (manifest,) = keeper.manifests()
    taker = taker_of(driven, restoring, decode_head(manifest.head).header, 2)
    good = _offer(unsigned(manifest))
    reject = abci.ResponseOfferSnapshot(abci.OfferAnswer.REJECT)
    assert taker.answer(abci.RequestOfferSnapshot(good, b"x" * 32)) == reject
    for changed in (
        msgspec.structs.replace(good, metadata=b"noise"),
        msgspec.structs.replace(good, hash=b"h" * 32),
        msgspec.structs.replace(good, height=7),
        msgspec.structs.replace(good, chunks=9),
    ):
        assert taker.answer(abci.RequestOfferSnapshot(changed, manifest.app_hash)) == reject
    unknown = msgspec.structs.replace(good, format=9)
    answer = taker.answer(abci.RequestOfferSnapshot(unknown, manifest.app_hash))
    assert answer == abci.ResponseOfferSnapshot(abci.OfferAnswer.REJECT_FORMAT)


def test_an_engine_that_goes_on_without_a_snapshot_is_stopped(taken, restoring):
    driven, keeper, _ = taken
    (manifest,) = keeper.manifests()
    taker = taker_of(driven, restoring, decode_head(manifest.head).header, 2)
    with pytest.raises(SnapshotInvalid, match="none could be trusted"):
        taker.answer(abci.RequestFinalizeBlock())
    assert taker.answer(abci.RequestEcho("a")) == abci.ResponseEcho("a")
    assert taker.answer(abci.RequestCheckTx(b"t")) != abci.ResponseCheckTx()
    assert taker.answer(abci.RequestListSnapshots()) == abci.ResponseListSnapshots()
    assert taker.answer(abci.RequestQuery()) != abci.ResponseQuery()


def test_the_newest_two_are_kept_and_what_is_broken_is_as_if_it_were_not_there(taken, tmp_path):
    driven, keeper, folder = taken
    (manifest,) = keeper.manifests()
    source = folder / SNAPSHOTS / str(ANCHOR_HEIGHTS)
    again = SnapshotKeeper(tmp_path, genesis_hash(driven.genesis_bytes), 1)
    again.start(driven.store)
    for height in ("1", "2", "3"):
        shutil.copytree(source, tmp_path / SNAPSHOTS / height)
    (tmp_path / SNAPSHOTS / "3" / "manifest").write_bytes(b"broken")
    (tmp_path / SNAPSHOTS / "half.partial").mkdir()
    assert again.manifests() == [manifest, manifest]
    again.notify(ANCHOR_HEIGHTS)
    while (tmp_path / SNAPSHOTS / "1").exists() or (tmp_path / SNAPSHOTS / "2").exists():
        again._thread.join(0.01)
    again.close()
    assert again.manifests() == [manifest]


def _offer(manifest: Manifest) -> abci.Snapshot:
    """Return what a peer would tell of a manifest, consistent in itself."""

    class One:
        def manifests(self) -> list[Manifest]:
            return [manifest]

        def chunk(self, _height: int, _index: int) -> bytes | None:
            return None

    try:
        (found,) = told(One())  # type: ignore[arg-type] # a shelf as good as any
    except SnapshotInvalid:  # an honest node cannot even tell of it
        return abci.Snapshot(manifest.height, 1, 1, b"", encode_manifest(manifest))
    assert decode_manifest(found.metadata) == manifest
    return found


def _moved(manifest: Manifest) -> bytes:
    header = decode_head(manifest.head).header
    return encode_head(SignedHeader(msgspec.structs.replace(header, height=7), ()))
