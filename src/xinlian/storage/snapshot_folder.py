"""Snapshots as folders of files: ``manifest``, then ``chunk-000000`` and the chunks behind it.

Rules this file keeps:
 1. A folder is written beside its place, as ``NAME.partial``, and renamed into it when all of it is
    durable: there is a whole snapshot or none.  What an interruption leaves is told by its name, is
    never read as a snapshot, and is cleared by the next writing of the same name.
 2. A chain is restored into a folder of its own within the node's; its file takes its place by one
    rename, after everything was checked.  What an interruption leaves cannot be opened.
 3. Of outside files no more is read than a snapshot may have.
 4. A snapshot holds the whole state: only its owner may read it, or what was restored.
"""

import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Final

from xinlian.ledger.kept import header_at
from xinlian.ledger.ports import Store, StoreError
from xinlian.ledger.snapshot import (
    CHUNK_BYTES_MAX,
    MANIFEST_BYTES_MAX,
    Manifest,
    ManifestDraft,
    Restoration,
    SnapshotInvalid,
    chunks,
    decode_manifest,
    encode_manifest,
)
from xinlian.storage.lmdb import FILE_MODE, FOLDER_MODE, RESTORING, LmdbStore, claim_folder

MANIFEST_NAME: Final = "manifest"
DRAFT_SUFFIX: Final = ".partial"
STORE_FILE: Final = "chain.lmdb"
Progress = Callable[[int, int], None]
"""Told how many steps are done, of how many; 0 of how many where that is not known."""


def write_snapshot(
    store: Store,
    folder: Path,
    genesis_hash: bytes,
    height: int | None = None,
    progress: Progress = lambda _done, _of: None,
) -> Manifest:
    """Write the state of a height into a new folder; return its manifest.

    Args:
        store: it may be written to meanwhile.
        folder: must not exist.
        genesis_hash: of the chain.
        height: one that is still kept; the head's by default.
        progress: told of each chunk.

    Raises:
        StoreError: the folder exists, or cannot be written, or the store cannot be read.
        StateNotKept: the state of that height is not here.
    """
    if folder.exists():
        raise StoreError(f"{folder} exists already; name a new folder")
    draft = folder.with_name(folder.name + DRAFT_SUFFIX)
    try:
        shutil.rmtree(draft, ignore_errors=True)
        draft.mkdir(parents=True, mode=FOLDER_MODE)
        manifest = _write_files(store, draft, genesis_hash, height, progress)
        sync_folder(draft)
        draft.rename(folder)
        sync_folder(folder.parent)
    except OSError as error:
        raise StoreError(f"the snapshot cannot be written: {error}") from error
    return manifest


def _write_files(
    store: Store,
    draft: Path,
    genesis_hash: bytes,
    height: int | None,
    progress: Progress,
) -> Manifest:
    with store.snapshot() if height is None else store.snapshot_at(height) as snapshot:
        head = header_at(store, snapshot.height)
        if head is None:
            raise StoreError(f"the store has no header of height {snapshot.height}")
        contents = ManifestDraft()
        for index, (chunk, entry_count) in enumerate(chunks(snapshot)):
            _write_file(draft / chunk_name(index), chunk)
            contents.add(chunk, entry_count)
            progress(index + 1, 0)
    manifest = contents.finish(head, genesis_hash)
    _write_file(draft / MANIFEST_NAME, encode_manifest(manifest))
    return manifest


def chunk_name(index: int) -> str:
    """Return the name of a chunk's file."""
    return f"chunk-{index:06d}"


def read_manifest(folder: Path) -> Manifest:
    """Return the manifest of a snapshot's folder; raises SnapshotInvalid."""
    _require_finished(folder)
    return decode_manifest(_read_bounded(folder / MANIFEST_NAME, MANIFEST_BYTES_MAX))


def _require_finished(folder: Path) -> None:
    """Refuse what the interruption of a writing left, by its name."""
    name = folder.name.removesuffix(DRAFT_SUFFIX)
    draft = folder.with_name(name + DRAFT_SUFFIX)
    if (folder == draft or not folder.exists()) and draft.exists():
        raise SnapshotInvalid(
            f"{draft} is an unfinished snapshot: its writing was interrupted, and it is not used; "
            f"write it again to {folder.with_name(name)}, which clears it / "
            "未完成的快照:写入曾中断,不能使用;重新写入同名快照即会清除它",
        )
    if (folder / chunk_name(0)).exists() and not (folder / MANIFEST_NAME).exists():
        raise SnapshotInvalid(
            f"{folder} is an unfinished snapshot: it has chunks and no manifest; remove it and "
            "write it again / 未完成的快照:有分块而无清单;请删除后重新写入",
        )


def read_chunk(folder: Path, index: int) -> bytes:
    """Return the bytes of a chunk as they are; raises SnapshotInvalid."""
    return _read_bounded(folder / chunk_name(index), CHUNK_BYTES_MAX)


def restore_snapshot(
    snapshot: Path,
    manifest: Manifest,
    folder: Path,
    progress: Progress = lambda _done, _of: None,
) -> None:
    """Make a node's folder hold the chain of a snapshot, from its height on.

    Args:
        snapshot: folder of the snapshot.
        manifest: its manifest; the caller has checked who signed it.
        folder: of the node; holds no chain, or what an interrupted restore left.
        progress: told of each chunk.

    Raises:
        SnapshotInvalid: the snapshot is not what its manifest claims; nothing of it is left.
        StoreError: the folder holds a chain, is in use, or cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True, mode=FOLDER_MODE)
    lock_file = claim_folder(folder)
    draft = folder / RESTORING
    try:
        if (folder / STORE_FILE).exists():
            raise StoreError(f"{folder} holds a chain already; restore into an empty folder")
        shutil.rmtree(draft, ignore_errors=True)
        draft.mkdir(mode=FOLDER_MODE)  # from here on the folder says what is going on
        try:
            _restore_into(draft, snapshot, manifest, progress)
        except SnapshotInvalid:
            shutil.rmtree(draft)
            raise
        (draft / STORE_FILE).rename(folder / STORE_FILE)
        sync_folder(folder)
        shutil.rmtree(draft)
    except OSError as error:
        raise StoreError(f"the snapshot cannot be restored: {error}") from error
    finally:
        lock_file.close()


def _restore_into(draft: Path, snapshot: Path, manifest: Manifest, progress: Progress) -> None:
    store = LmdbStore(draft, durable=False)
    try:
        restoration = Restoration(store, manifest)
        count = len(manifest.chunk_hashes)
        for index in range(count):
            restoration.apply(read_chunk(snapshot, index))
            progress(index + 1, count)
        restoration.finish()
    finally:
        store.close()


def _read_bounded(file: Path, bytes_max: int) -> bytes:
    try:
        if not file.is_file():  # a pipe or a device might never end
            raise SnapshotInvalid(f"{file} cannot be read: there is no such file")
        with file.open("rb") as stream:
            data = stream.read(bytes_max + 1)
    except OSError as error:
        raise SnapshotInvalid(f"{file} cannot be read: {error.strerror}") from None
    if len(data) > bytes_max:
        raise SnapshotInvalid(f"{file} has over {bytes_max} bytes")
    return data


def _write_file(file: Path, data: bytes) -> None:
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, FILE_MODE), "wb") as out:
        out.write(data)
        out.flush()
        os.fsync(out.fileno())


def sync_folder(folder: Path) -> None:
    """Make the names in a folder durable."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
