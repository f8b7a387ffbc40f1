"""``xinlian node snapshot|restore|prune|compact``: what an operator does to keep a node going.

Rules this file keeps:
 1. A snapshot is taken beside a running node; everything else needs the node to be stopped.
 2. Nothing is destroyed that others could not give back: without two archive members, or with a
    read model that lacks the blocks, bodies are pruned only when forced.
 3. A slip is refused before anything is made or destroyed: no store, a height above the head.
 4. Each command can be interrupted and run again.
"""

import contextlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Annotated, Final

import typer
from rich.progress import Progress

from xinlian.bootstrap import (
    check_same_genesis,
    open_read_model,
    open_store,
    prunable_before,
)
from xinlian.cli.options import DatabaseOption, DataOption, HomeOption, JsonOption
from xinlian.cli.output import CommandRefused, error_console, show
from xinlian.client.profile import load_genesis
from xinlian.engines.cometbft import validators_of
from xinlian.ledger.genesis import genesis_hash
from xinlian.ledger.ports import StateNotKept, StoreError
from xinlian.ledger.pruning import prune
from xinlian.ledger.snapshot import Manifest, SnapshotInvalid, check_signed
from xinlian.ledger.soundness import require_sound_state
from xinlian.readmodels import ReadModelBroken
from xinlian.storage import (
    LmdbStore,
    compact,
    open_to_read,
    read_manifest,
    restore_snapshot,
    write_snapshot,
)

STORE_FILE: Final = "chain.lmdb"
Step = Callable[[int, int], None]


def snapshot(
    home: HomeOption,
    data: DataOption,
    to: Annotated[Path, typer.Option("--to", help="写入的新文件夹 / a new folder for it")],
    at_height: Annotated[
        int | None,
        typer.Option(min=0, help="高度,默认最新 / of an older height that is kept"),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Write the authenticated state of a height: equal files on every node."""
    genesis_bytes, _ = load_genesis(home)
    with contextlib.closing(open_to_read(data)) as store, _progress(as_json=as_json) as step:
        check_same_genesis(store, genesis_bytes)
        try:
            manifest = write_snapshot(store, to, genesis_hash(genesis_bytes), at_height, step)
        except StateNotKept as refused:
            raise CommandRefused(
                "storage/state_not_kept",
                str(refused),
                "name a height that is kept, or start the node with a larger --history",
            ) from None
    show({"written": str(to), **_described(manifest)}, as_json=as_json)


def restore(
    home: HomeOption,
    data: DataOption,
    source: Annotated[
        Path,
        typer.Option("--from", help="快照文件夹 / folder of the snapshot", file_okay=False),
    ],
    as_json: JsonOption = False,
) -> None:
    """Check every chunk, the state root and the signed header; then the folder can be started."""
    genesis_bytes, genesis = load_genesis(home)
    if validators_of(genesis) is not None:
        raise CommandRefused(
            "storage/network_node",
            "a node of a network begins from a snapshot that validators signed, not from a folder",
            "run `xinlian network sync`, then start the node with an empty folder",
        )
    try:
        manifest = read_manifest(source)
        check_signed(manifest, genesis_bytes)
        with _progress(as_json=as_json) as step:
            restore_snapshot(source, manifest, data, step)
    except SnapshotInvalid as invalid:
        raise CommandRefused(
            "storage/snapshot_invalid",
            str(invalid),
            "take the snapshot again, or from another node",
        ) from None
    with contextlib.closing(LmdbStore(data)) as store:
        require_sound_state(store)
    show({"restored": str(data), **_described(manifest)}, as_json=as_json)


def prune_bodies(
    home: HomeOption,
    data: DataOption,
    before: Annotated[
        int,
        typer.Option("--before", min=0, help="保留此高度起的正文 / first height to keep its body"),
    ],
    database: DatabaseOption = "",
    force: Annotated[
        bool,
        typer.Option("--force", help="即使无人存档 / though nobody else keeps what goes"),
    ] = False,
    no_compact: Annotated[
        bool,
        typer.Option("--no-compact", help="不压缩文件 / leave the file as large as it is"),
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Keep headers and results, forget transactions and events, then compact the file."""
    genesis_bytes, _ = load_genesis(home)
    if not (data / STORE_FILE).exists():  # opening it to write would make one
        raise StoreError(f"{data} holds no store")
    with contextlib.closing(open_store(data)) as store:
        check_same_genesis(store, genesis_bytes)
        _require_up_to_head(store, data, before)
        if not force:
            _require_kept_elsewhere(store, data, genesis_bytes, database, before)
        first = store.extent().bodies_from
        with _progress(as_json=as_json) as step:
            for bodies_from in prune(store, before):
                step(bodies_from - first, max(before - first, 1))
        extent = store.extent()
    result: dict[str, object] = {"bodies_from": extent.bodies_from}
    if not no_compact:
        result |= _compacted(data, as_json=as_json)
    show(result, as_json=as_json)


def compact_file(data: DataOption, as_json: JsonOption = False) -> None:
    """Copy the file without what was freed, check the copy, put it in place."""
    show(_compacted(data, as_json=as_json), as_json=as_json)


def _require_up_to_head(store: LmdbStore, data: Path, before: int) -> None:
    """Refuse a height that is not there yet: likelier a slip than a wish to forget everything."""
    with store.snapshot() as newest:
        height = newest.height
    if height < 0:
        raise StoreError(f"{data} holds no chain")
    if before > height:
        raise CommandRefused(
            "storage/above_head",
            f"--before {before} is above the head, which is at height {height}",
            f"name a height up to {height}; the head always keeps its body",
        )


def _require_kept_elsewhere(
    store: LmdbStore,
    data: Path,
    genesis_bytes: bytes,
    database: str,
    before: int,
) -> None:
    """Refuse to prune what nobody else has, or what the read model has not seen."""
    if not prunable_before(store, before):
        raise CommandRefused(
            "storage/no_archive",
            "policy names fewer than two archive members: nobody could give the bodies back",
            "name them in policy rows archive.member.CODE, or prune with --force",
        )
    try:
        read_model = open_read_model(data, genesis_bytes, database)
        with contextlib.closing(read_model):
            projected = read_model.height
    except ReadModelBroken as error:
        raise CommandRefused("readmodels/broken", str(error)) from None
    if projected < before - 1:
        raise CommandRefused(
            "readmodels/behind",
            f"the read model has blocks up to {projected}: it could not be brought up any more",
            "start the node until it has caught up, or prune with --force",
        )


def _compacted(data: Path, *, as_json: bool) -> dict[str, object]:
    with _progress(as_json=as_json) as step:
        done = compact(data, step)
    return {"bytes_before": done.bytes_before, "bytes_after": done.bytes_after}


def _described(manifest: Manifest) -> dict[str, object]:
    return {
        "chain_id": manifest.chain_id,
        "height": manifest.height,
        "state_root": manifest.state_root.hex(),
        "entries": manifest.entry_count,
        "chunks": len(manifest.chunk_hashes),
    }


@contextlib.contextmanager
def _progress(*, as_json: bool) -> Iterator[Step]:
    """Show a bar on a terminal, nothing elsewhere."""
    is_silent = as_json or not error_console.is_terminal
    with Progress(console=error_console, disable=is_silent, transient=True) as progress:
        task = progress.add_task("进度 progress", total=None)
        yield lambda done, of: progress.update(task, completed=done, total=of or None)
