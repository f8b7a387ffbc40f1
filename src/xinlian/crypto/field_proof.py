"""Disclosures: single fields of a record, proven against its document root.

This is all that a stranger's verifier needs; ``field_tree`` builds what is read here.  Hashes
(``‖`` as in ``hashing.py``)::

    leaf     = H(FIELD_LEAF ‖ path ‖ salt ‖ value)
    list     = H(FIELD_LIST ‖ path ‖ salt ‖ length ‖ root of the list's own tree)
    padding  = H(FIELD_PAD ‖ salt)
    node     = H(FIELD_NODE ‖ left ‖ right)
    doc root = H(DOCUMENT_ROOT ‖ schema id ‖ version (4 bytes) ‖ root of the record's tree)

Rules this file keeps:
 1. A disclosure is a list of tokens, read without recursion and within bounds.
 2. Opened paths ascend strictly, each stands in the tree of its own list and below its length,
    and none is below another leaf: one disclosure never contradicts itself.
 3. Whoever holds the whole record recomputes the root, and who countersigns does so on the whole
    record: a root built by hand could hide a second leaf of one path from partial views.
"""

import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from xinlian.crypto.codec import CodecError, Value, decode, encode
from xinlian.crypto.hashing import HASH_BYTES, Domain, tagged_hash

PATH_STEPS_MAX: Final = 32
LEAVES_MAX: Final = 100_000
"""Fields and lists of one record, padding not counted."""
TOKENS_MAX: Final = 4 * LEAVES_MAX
DISCLOSURE_BYTES_MAX: Final = 32 << 20
SCHEMA_BYTES_MAX: Final = 64
VERSION_MAX: Final = 2**32 - 1

Step = str | int
Path = tuple[Step, ...]
Leaf = None | bool | int | str | tuple[()]
"""What a leaf holds: a scalar, or the empty tuple for a record without fields."""
EMPTY_RECORD: Final[tuple[()]] = ()


class DisclosureError(ValueError):
    """A disclosure proves nothing; ``reason`` is a stable name.

    Reasons: ``malformed``, ``too_large``, ``not_sorted``, ``misplaced``, ``outside_list``,
    ``contradiction``, ``wrong_root``.
    """

    def __init__(self, reason: str, path: Path = ()) -> None:
        super().__init__(f"{reason} at {format_path(path)}" if path else reason)
        self.reason = reason
        self.path = path


@dataclass(frozen=True, slots=True)
class Disclosure:
    """Opened fields of one record with what proves them: the tree's nodes in pre-order.

    A token is nil (a node, whose two children follow), 32 bytes (a hidden subtree), a leaf
    ``(path, salt, value)``, or a list ``(path, salt, length, nil)`` whose own tree follows.
    """

    schema: str
    version: int
    tokens: tuple[Value, ...]


class OpenedFields(NamedTuple):
    """What a disclosure proves about the record behind a root."""

    schema: str
    version: int
    values: dict[Path, Leaf]
    """Opened leaves; None is a field that the record does not have, () a record without fields."""
    list_lengths: dict[Path, int]
    """Of every list on the way to an opened field, or opened itself."""


def verify_disclosure(root: bytes, disclosure: Disclosure) -> OpenedFields:
    """Return what a disclosure proves about the record behind a document root.

    Raises:
        DisclosureError: it is malformed, contradicts itself, or belongs to another root.
    """
    if len(disclosure.tokens) > TOKENS_MAX:
        raise DisclosureError("too_large")
    opened = _Reading(disclosure).opened()
    try:
        tree_root = _tree_root(disclosure.tokens)
    except CodecError:
        raise DisclosureError("malformed") from None
    computed = hash_of_document(disclosure.schema, disclosure.version, tree_root)
    if computed is None:
        raise DisclosureError("malformed")
    if not hmac.compare_digest(computed, root):
        raise DisclosureError("wrong_root")
    return opened


def encode_disclosure(disclosure: Disclosure) -> bytes:
    """Return the canonical bytes of a disclosure."""
    return encode((disclosure.schema, disclosure.version, disclosure.tokens))


def decode_disclosure(data: bytes) -> Disclosure:
    """Return the disclosure of canonical bytes, not yet verified.

    Raises:
        DisclosureError: ``malformed`` or ``too_large``.
    """
    if len(data) > DISCLOSURE_BYTES_MAX:
        raise DisclosureError("too_large")
    try:
        value = decode(data)
    except CodecError:
        raise DisclosureError("malformed") from None
    match value:
        case (str(schema), int(version), tuple(tokens)) if not isinstance(version, bool):
            return Disclosure(schema, version, tokens)
        case _:
            raise DisclosureError("malformed")


def format_path(path: Path) -> str:
    """Return a path for people.

    >>> format_path(("lines", 0, "net_minor"))
    'lines[0].net_minor'
    """
    parts = [f"[{step}]" if isinstance(step, int) else f".{step}" for step in path]
    return "".join(parts).removeprefix(".")


class _Reading:
    """One pass over a disclosure's tokens: are they one tree, in order, without contradiction?"""

    def __init__(self, disclosure: Disclosure) -> None:
        self._disclosure = disclosure
        self._values: dict[Path, Leaf] = {}
        self._lengths: dict[Path, int] = {}
        self._last: Path | None = None

    def opened(self) -> OpenedFields:
        """Return the opened fields."""
        awaited: list[Path] = [()]  # the list around each subtree that is still to come
        for token in self._disclosure.tokens:
            if not awaited:
                raise DisclosureError("malformed")
            around = awaited.pop()
            if token is None:
                awaited += (around, around)
            elif isinstance(token, bytes):
                _require_size(token)
            else:
                awaited += self._read(token, around)
        if awaited:
            raise DisclosureError("malformed")
        disclosure = self._disclosure
        return OpenedFields(disclosure.schema, disclosure.version, self._values, self._lengths)

    def _read(self, token: Value, around: Path) -> tuple[Path, ...]:
        """Record a leaf or a list; return the subtree that a list announces."""
        path, length = _path_of(token), _length_of(token)
        self._require_place(path, around)
        self._last = path
        if length is None:
            self._values[path] = _value_of(token)
            return ()
        self._lengths[path] = length
        return (path,)

    def _require_place(self, path: Path, around: Path) -> None:
        if self._last is not None:
            if _order(path) <= _order(self._last):
                raise DisclosureError("not_sorted", path)
            if self._last in self._values and path[: len(self._last)] == self._last:
                raise DisclosureError("contradiction", path)
        indexes = [at for at, step in enumerate(path) if isinstance(step, int)]
        nearest = path[: indexes[-1]] if indexes else ()
        if nearest != around:
            raise DisclosureError("misplaced", path)
        for at in indexes:
            index, length = path[at], self._lengths.get(path[:at], 0)
            if isinstance(index, int) and not 0 <= index < length:
                raise DisclosureError("outside_list", path)


def _tree_root(tokens: Sequence[Value]) -> bytes:
    """Return the root that well-placed tokens hash to, from the last to the first."""
    hashes: list[bytes] = []
    for token in reversed(tokens):
        if token is None:
            hashes.append(node_hash(hashes.pop(), hashes.pop()))
        elif isinstance(token, bytes):
            hashes.append(token)
        else:
            path, salt, length = _path_of(token), _salt_of(token), _length_of(token)
            if length is None:
                hashes.append(leaf_hash(path, salt, _value_of(token)))
            else:
                hashes.append(list_hash(path, salt, length, hashes.pop()))
    return hashes.pop()


def _path_of(token: Value) -> Path:
    match token:
        case (tuple(path), _, _) | (tuple(path), _, _, None) if 0 < len(path) <= PATH_STEPS_MAX:
            return tuple(_checked_step(step) for step in path)
    raise DisclosureError("malformed")


def _salt_of(token: Value) -> bytes:
    match token:
        case (_, bytes(salt), *_):
            _require_size(salt)
            return salt
    raise DisclosureError("malformed")


def _length_of(token: Value) -> int | None:
    """Return the length of a list, None for a leaf."""
    match token:
        case (_, _, _):
            return None
        case (_, _, int(length), None) if not isinstance(length, bool):
            return _checked_length(length)
    raise DisclosureError("malformed")


def _checked_length(length: int) -> int:
    if not 0 <= length <= LEAVES_MAX:
        raise DisclosureError("malformed")
    return length


def _value_of(token: Value) -> Leaf:
    match token:
        case (_, _, (None | bool() | int() | str()) as value):
            return value
        case (_, _, ()):
            return EMPTY_RECORD
    raise DisclosureError("malformed")


def _checked_step(step: Value) -> Step:
    if isinstance(step, str) or (isinstance(step, int) and not isinstance(step, bool)):
        return step
    raise DisclosureError("malformed")


def _require_size(hashed: bytes) -> None:
    if len(hashed) != HASH_BYTES:
        raise DisclosureError("malformed")


def _order(path: Path) -> tuple[tuple[int, int, str], ...]:
    """Return what paths are sorted by: indexes before names, each by value."""
    return tuple((0, step, "") if isinstance(step, int) else (1, 0, step) for step in path)


def hash_of_document(schema: str, version: int, tree_root: bytes) -> bytes | None:
    """Return the document root over a tree's root; None if schema or version is out of range."""
    try:
        name = schema.encode("utf-8")
    except UnicodeEncodeError:
        return None
    if not 0 < len(name) <= SCHEMA_BYTES_MAX or not 0 <= version <= VERSION_MAX:
        return None
    return tagged_hash(Domain.DOCUMENT_ROOT, name, version.to_bytes(4, "big"), tree_root)


def leaf_hash(path: Path, salt: bytes, value: Leaf) -> bytes:
    """Return the hash of a field; raises CodecError for what has no canonical encoding."""
    return tagged_hash(Domain.FIELD_LEAF, encode(path), salt, encode(value))


def list_hash(path: Path, salt: bytes, length: int, root: bytes) -> bytes:
    """Return the hash of a list over the root of its own tree."""
    return tagged_hash(Domain.FIELD_LIST, encode(path), salt, encode(length), root)


def padding_hash(salt: bytes) -> bytes:
    """Return the hash of a leaf that stands for nothing."""
    return tagged_hash(Domain.FIELD_PAD, salt)


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return the hash of two neighbours."""
    return tagged_hash(Domain.FIELD_NODE, left, right)
