"""The salted field tree: one root commits to a record; single fields are opened with a proof.

The hashes are those of ``field_proof``.

Rules this file keeps:
 1. Leaves are a record's scalar fields under typed paths: a path is a tuple of field names and list
    indexes, sorted by type, then value, so the order of a dictionary's keys never matters.
 2. An absent optional field (None) and an empty record are leaves: absence can be shown.
 3. A list is a tree of its own, whose length is committed and shown with any of its items.
 4. Every tree is padded to a power of two; padding is salted, so that it looks like a field.
 5. The salts of a record follow from one secret by HKDF and the path: destroying it is erasure,
    and the salt of an opened field says nothing about another's.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Final, NamedTuple

from xinlian.crypto.codec import CodecError, Value, encode
from xinlian.crypto.field_proof import (
    EMPTY_RECORD,
    LEAVES_MAX,
    PATH_STEPS_MAX,
    Disclosure,
    DisclosureError,
    Leaf,
    OpenedFields,
    Path,
    Step,
    decode_disclosure,
    encode_disclosure,
    format_path,
    hash_of_document,
    leaf_hash,
    list_hash,
    node_hash,
    padding_hash,
    verify_disclosure,
)
from xinlian.crypto.hashing import HASH_BYTES
from xinlian.crypto.hkdf import expand, extract

__all__ = [
    "LEAVES_MAX",
    "PATH_STEPS_MAX",
    "RECORD_SALT_BYTES",
    "Disclosure",
    "DisclosureError",
    "FieldTreeError",
    "Leaf",
    "OpenedFields",
    "Path",
    "decode_disclosure",
    "disclose",
    "document_root",
    "encode_disclosure",
    "format_path",
    "verify_disclosure",
]

RECORD_SALT_BYTES: Final = 32
_SALT_INFO: Final = "xinlian-field-salt-1"
_PAD_INFO: Final = "xinlian-pad-salt-1"


class FieldTreeError(ValueError):
    """A record has no field tree, or none of its fields is so named; ``reason`` is a stable name.

    Reasons: ``salt_size``, ``schema``, ``not_a_record``, ``unsupported_type``, ``too_deep``,
    ``too_many_fields``, ``no_encoding``, ``unknown_path``.
    """

    def __init__(self, reason: str, path: Path = ()) -> None:
        super().__init__(f"{reason} at {format_path(path)}" if path else reason)
        self.reason = reason
        self.path = path


class _Field(NamedTuple):
    path: Path
    value: Leaf


class _List(NamedTuple):
    path: Path
    length: int
    nodes: tuple["_Field | _List", ...]


_Node = _Field | _List


class _Tree(NamedTuple):
    """A padded tree: its nodes, the trees of those that are lists, hashes from the leaves up."""

    nodes: tuple[_Node, ...]
    subtrees: tuple["_Tree | None", ...]
    levels: tuple[tuple[bytes, ...], ...]

    @property
    def root(self) -> bytes:
        return self.levels[-1][0]


def document_root(
    schema: str, version: int, fields: Mapping[str, object], record_salt: bytes
) -> bytes:
    """Return the 32-byte root that commits to a record.

    Args:
        schema: the name of the record's schema, 1…64 bytes of UTF-8.
        version: the schema's version, 0…2³²−1.
        fields: dictionaries with text keys, lists, text, integers, booleans and None.
        record_salt: the record's secret of 32 bytes.

    Raises:
        FieldTreeError: the record is beyond the bounds, or holds something else.
    """
    root = hash_of_document(schema, version, _build(fields, record_salt).root)
    if root is None:
        raise FieldTreeError("schema")
    return root


def disclose(
    schema: str,
    version: int,
    fields: Mapping[str, object],
    record_salt: bytes,
    paths: Iterable[Path],
) -> Disclosure:
    """Return the proof of the named fields; a path to a record or a list names all below it.

    Raises:
        FieldTreeError: as for ``document_root``, or ``unknown_path``.
    """
    tree = _build(fields, record_salt)
    if hash_of_document(schema, version, tree.root) is None:
        raise FieldTreeError("schema")
    opening = _Opening(paths, _prk(record_salt))
    tokens = opening.tokens(tree)
    opening.require_all_found()
    return Disclosure(schema, version, tuple(tokens))


# Building a tree


def _build(fields: Mapping[str, object], record_salt: bytes) -> _Tree:
    if not isinstance(fields, Mapping):
        raise FieldTreeError("not_a_record")
    prk = _prk(record_salt)
    _check_bounds(fields)
    return _tree((), tuple(_nodes((), fields)), prk)


def _check_bounds(fields: Mapping[str, object]) -> None:
    """Refuse what is too deep or has too many fields before anything recurses into it."""
    pending: list[tuple[Path, object]] = [((), fields)]
    count = 0
    while pending:
        path, value = pending.pop()
        if len(path) > PATH_STEPS_MAX:
            raise FieldTreeError("too_deep", path)
        children: Collection[tuple[Step, object]] = ()
        if isinstance(value, Mapping):
            children = value.items()
        elif isinstance(value, (list, tuple)):
            children = list(enumerate(value))
        is_leaf = not isinstance(value, Mapping) or not value
        count += is_leaf
        if count + len(pending) + len(children) > 2 * LEAVES_MAX or count > LEAVES_MAX:
            raise FieldTreeError("too_many_fields", path)
        pending.extend(((*path, step), child) for step, child in children)


def _nodes(path: Path, value: object) -> Iterator[_Node]:
    """Yield the leaves and lists below a path, in the order of their paths."""
    if isinstance(value, Mapping):
        if not value:
            yield _Field(path, EMPTY_RECORD)
        for name in sorted(_names(path, value)):
            yield from _nodes((*path, name), value[name])
    elif isinstance(value, (list, tuple)):
        items = (_nodes((*path, index), item) for index, item in enumerate(value))
        yield _List(path, len(value), tuple(node for item in items for node in item))
    elif value is None or isinstance(value, (bool, int, str)):
        yield _Field(path, value)
    else:
        raise FieldTreeError("unsupported_type", path)


def _names(path: Path, record: Mapping[object, object]) -> list[str]:
    names = [name for name in record if isinstance(name, str)]
    if len(names) != len(record):
        raise FieldTreeError("unsupported_type", path)
    return names


def _tree(path: Path, nodes: tuple[_Node, ...], prk: bytes) -> _Tree:
    subtrees = tuple(
        _tree(node.path, node.nodes, prk) if isinstance(node, _List) else None for node in nodes
    )
    hashes = [_hash_of(node, subtree, prk) for node, subtree in zip(nodes, subtrees, strict=True)]
    size = 1 << max(len(nodes) - 1, 0).bit_length()
    hashes += [
        padding_hash(_salt(prk, _PAD_INFO, (*path, index))) for index in range(len(nodes), size)
    ]
    levels = [tuple(hashes)]
    while len(levels[-1]) > 1:
        level = levels[-1]
        levels.append(
            tuple(node_hash(level[i], level[i + 1]) for i in range(0, len(level), 2)),
        )
    return _Tree(nodes, subtrees, tuple(levels))


def _hash_of(node: _Node, subtree: _Tree | None, prk: bytes) -> bytes:
    try:
        salt = _salt(prk, _SALT_INFO, node.path)
        if isinstance(node, _List):
            root = b"" if subtree is None else subtree.root
            return list_hash(node.path, salt, node.length, root)
        return leaf_hash(node.path, salt, node.value)
    except CodecError:
        raise FieldTreeError("no_encoding", node.path) from None


# Opening


class _Opening:
    """The tokens of a disclosure for a selection of paths."""

    def __init__(self, paths: Iterable[Path], prk: bytes) -> None:
        self._wanted = {tuple(path): False for path in paths}
        self._prk = prk

    def tokens(self, tree: _Tree) -> list[Value]:
        """Return the tokens of a tree, a single hash where nothing in it is wanted."""
        opened = [
            self._open(node, subtree)
            for node, subtree in zip(tree.nodes, tree.subtrees, strict=True)
        ]
        level: list[list[Value]] = [
            tokens if tokens is not None else [hidden]
            for tokens, hidden in zip(
                opened + [None] * (len(tree.levels[0]) - len(opened)), tree.levels[0], strict=True
            )
        ]
        for hashes in tree.levels[1:]:
            level = [
                _joined(level[2 * i], level[2 * i + 1], hidden) for i, hidden in enumerate(hashes)
            ]
        return level[0]

    def require_all_found(self) -> None:
        """Refuse a path that names nothing in the record."""
        for path, found in self._wanted.items():
            if not found:
                raise FieldTreeError("unknown_path", path)

    def _open(self, node: _Node, subtree: _Tree | None) -> list[Value] | None:
        """Return the tokens of a leaf or a list, None where it stays hidden."""
        is_named = self._is_named(node.path)
        salt = _salt(self._prk, _SALT_INFO, node.path)
        if isinstance(node, _Field):
            return [(node.path, salt, node.value)] if is_named else None
        if subtree is None:
            return None
        below = self.tokens(subtree)
        if not is_named and _is_hidden(below):
            return None
        return [(node.path, salt, node.length, None), *below]

    def _is_named(self, path: Path) -> bool:
        prefixes = [path[:steps] for steps in range(len(path) + 1)]
        named = [prefix for prefix in prefixes if prefix in self._wanted]
        for prefix in named:
            self._wanted[prefix] = True
        return bool(named)


def _joined(left: list[Value], right: list[Value], hidden: bytes) -> list[Value]:
    if _is_hidden(left) and _is_hidden(right):
        return [hidden]
    return [None, *left, *right]


def _is_hidden(tokens: list[Value]) -> bool:
    return len(tokens) == 1 and isinstance(tokens[0], bytes)


# Salts


def _prk(record_salt: bytes) -> bytes:
    if len(record_salt) != RECORD_SALT_BYTES:
        raise FieldTreeError("salt_size")
    return extract(record_salt, b"")


def _salt(prk: bytes, purpose: str, path: Path) -> bytes:
    return expand(prk, encode((purpose, path)), HASH_BYTES)
