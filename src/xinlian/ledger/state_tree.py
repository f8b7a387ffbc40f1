"""The authenticated state tree: updated in place, a batch at a time.

Nodes are stored under their path (one byte a nibble); a node is a kind byte and its content.  See
``crypto/state_proof.py`` for the shape and the hashes.

Rules this file keeps:
 1. The root is a function of the entries alone: a subtree above 64 entries is an inner node, any
    other a page, after deletes as after inserts.
 2. A batch touches each node once; what is not on the way to a changed key is not read.
"""

import dataclasses
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from xinlian.crypto.hashing import HASH_BYTES
from xinlian.crypto.state_proof import (
    EMPTY_CHILD,
    ENTRY_BYTES,
    FAN_OUT,
    NODE_BYTES,
    PAGE_ENTRIES_MAX,
    encode_proof,
    entry_hash,
    key_hash,
    nibble,
    node_hash,
    page_hash,
)
from xinlian.ledger.ports import NodeView, StoreError

_PAGE: Final = b"\x00"
_INNER: Final = b"\x01"
_INNER_KIND: Final = 1
_PAGE_BYTES_MAX: Final = PAGE_ENTRIES_MAX * ENTRY_BYTES
_NIBBLES: Final = tuple(bytes((i,)) for i in range(FAN_OUT))

_Change = tuple[bytes, bytes]
"""(key hash, entry hash, or empty for a removed key)."""


@dataclasses.dataclass(frozen=True, slots=True)
class TreeUpdate:
    """The root after a batch, and the nodes that it changed (None: removed)."""

    root: bytes
    node_writes: dict[bytes, bytes | None]


def update_tree(nodes: NodeView, writes: Mapping[bytes, bytes | None]) -> TreeUpdate:
    """Return the tree after ``writes`` (key → value, or None to remove).

    Raises:
        StoreError: a node that the tree names is not there.
    """
    changes = sorted(
        (key_hash(key), b"" if value is None else entry_hash(key, value))
        for key, value in writes.items()
    )
    update = _Update(nodes)
    child = update.apply(b"", nodes.get_node(b""), changes)
    root = page_hash(b"") if child == EMPTY_CHILD else child
    return TreeUpdate(root, update.node_writes)


def tree_of(entries: Iterable[tuple[bytes, bytes]]) -> TreeUpdate:
    """Return the whole tree of a state's entries, from them alone."""
    changes = sorted((key_hash(key), entry_hash(key, value)) for key, value in entries)
    update = _Update(_NO_NODES)
    child = update.apply(b"", None, changes)
    return TreeUpdate(page_hash(b"") if child == EMPTY_CHILD else child, update.node_writes)


def tree_root(nodes: NodeView) -> bytes:
    """Return the root of the stored tree."""
    node = nodes.get_node(b"")
    return page_hash(b"") if node is None else _hash_of(node)


def prove(nodes: NodeView, key: bytes) -> bytes:
    """Return the proof of a key's presence with its value, or of its absence."""
    hashed_key = key_hash(key)
    inner: list[bytes] = []
    path = b""
    while True:
        node = nodes.get_node(path)
        if node is None:
            return encode_proof(inner, None if inner else b"")
        if node[0] != _INNER_KIND:
            return encode_proof(inner, node[1:])
        path += _NIBBLES[nibble(hashed_key, len(inner))]
        inner.append(node[1:])


def _hash_of(node: bytes) -> bytes:
    return node_hash(node[1:]) if node[0] == _INNER_KIND else page_hash(node[1:])


class _NoNodes:
    """The nodes of an empty tree."""

    def get_node(self, path: bytes) -> bytes | None:
        """Return None: there is none."""
        del path
        return None


_NO_NODES: Final = _NoNodes()


class _Update:
    """One batch on its way through the tree."""

    def __init__(self, nodes: NodeView) -> None:
        self._nodes = nodes
        self.node_writes: dict[bytes, bytes | None] = {}

    def apply(self, path: bytes, node: bytes | None, changes: Sequence[_Change]) -> bytes:
        """Apply sorted changes to the subtree of ``node``; return its hash or EMPTY_CHILD."""
        if node is not None and node[0] == _INNER_KIND:
            return self._apply_to_inner(path, node, changes)
        entries = _spliced(b"" if node is None else node[1:], changes)
        if not entries:
            if node is not None:
                self.node_writes[path] = None
            return EMPTY_CHILD
        return self._build(path, entries)

    def _apply_to_inner(self, path: bytes, node: bytes, changes: Sequence[_Change]) -> bytes:
        depth = len(path)
        children = bytearray(node[1:])
        start = 0
        count = len(changes)
        removed = False
        while start < count:
            child = nibble(changes[start][0], depth)
            end = start
            while end < count and nibble(changes[end][0], depth) == child:
                removed = removed or not changes[end][1]
                end += 1
            at = child * HASH_BYTES
            child_path = path + _NIBBLES[child]
            is_there = children[at : at + HASH_BYTES] != EMPTY_CHILD
            below = self._current(child_path) if is_there else None
            children[at : at + HASH_BYTES] = self.apply(child_path, below, changes[start:end])
            start = end
        if removed:
            entries = self._entries_if_page(path, children)
            if entries is not None:
                return self._collapse(path, entries)
        content = bytes(children)
        self.node_writes[path] = _INNER + content
        return node_hash(content)

    def _build(self, path: bytes, entries: bytes) -> bytes:
        """Write the subtree of sorted entries; return its hash."""
        if len(entries) <= _PAGE_BYTES_MAX:
            self.node_writes[path] = _PAGE + entries
            return page_hash(entries)
        depth = len(path)
        groups: list[list[bytes]] = [[] for _ in range(FAN_OUT)]
        for at in range(0, len(entries), ENTRY_BYTES):
            entry = entries[at : at + ENTRY_BYTES]
            groups[nibble(entry, depth)].append(entry)
        content = b"".join(
            self._build(path + _NIBBLES[child], b"".join(group)) if group else EMPTY_CHILD
            for child, group in enumerate(groups)
        )
        self.node_writes[path] = _INNER + content
        return node_hash(content)

    def _entries_if_page(self, path: bytes, children: bytes | bytearray) -> bytes | None:
        """Return the entries below an inner node if they now fit one page, else None."""
        pages: list[bytes] = []
        size = 0
        for child in range(FAN_OUT):
            at = child * HASH_BYTES
            if children[at : at + HASH_BYTES] == EMPTY_CHILD:
                continue
            node = self._current(path + _NIBBLES[child])
            if node[0] == _INNER_KIND:
                return None
            pages.append(node[1:])
            size += len(node) - 1
            if size > _PAGE_BYTES_MAX:
                return None
        return b"".join(pages)

    def _collapse(self, path: bytes, entries: bytes) -> bytes:
        """Replace an inner node and its pages by one page, or by nothing."""
        for child in range(FAN_OUT):
            child_path = path + _NIBBLES[child]
            if self._current_or_none(child_path) is not None:
                self.node_writes[child_path] = None
        if not entries:
            self.node_writes[path] = None
            return EMPTY_CHILD
        self.node_writes[path] = _PAGE + entries
        return page_hash(entries)

    def _current_or_none(self, path: bytes) -> bytes | None:
        if path in self.node_writes:
            return self.node_writes[path]
        return self._nodes.get_node(path)

    def _current(self, path: bytes) -> bytes:
        node = self._current_or_none(path)
        if node is None or len(node) > 1 + max(_PAGE_BYTES_MAX, NODE_BYTES):
            raise StoreError(f"the tree lacks its node at {path.hex()}: the store is damaged")
        return node


def _spliced(entries: bytes, changes: Sequence[_Change]) -> bytes:
    """Return a page's entries after sorted changes."""
    parts: list[bytes] = []
    copied = 0
    for hashed_key, hashed_entry in changes:
        at, present = _position(entries, hashed_key, copied)
        parts.append(entries[copied:at])
        if hashed_entry:
            parts.append(hashed_key + hashed_entry)
        copied = at + ENTRY_BYTES if present else at
    parts.append(entries[copied:])
    return b"".join(parts)


def _position(entries: bytes, hashed_key: bytes, start: int) -> tuple[int, bool]:
    """Return where a key hash is, or belongs, at or behind ``start``, and whether it is there."""
    low = start // ENTRY_BYTES
    high = len(entries) // ENTRY_BYTES
    while low < high:
        middle = (low + high) >> 1
        at = middle * ENTRY_BYTES
        if entries[at : at + HASH_BYTES] < hashed_key:
            low = middle + 1
        else:
            high = middle
    at = low * ENTRY_BYTES
    return at, entries[at : at + HASH_BYTES] == hashed_key
