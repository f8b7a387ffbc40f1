"""A party's own documents: what they state, their salts and their source files, in one folder.

::

    FOLDER/records/ROOT.json     schema, version, salt and fields; ROOT commits to them
    FOLDER/sources/SHA256        the file that the fields were read from, byte for byte
    FOLDER/index                 schema and source of each record; rebuilt where it is not whole

Rules this file keeps:
 1. A document is known by its salted field-tree root, which is recomputed whenever it is read:
    a record or a source that was changed is refused, and the file is named.
 2. A document added gets a new salt of 32 random bytes.  The salt is in the record and in what
    ``share`` returns, never in a text, a repr or an error.
 3. Files are written whole or not at all, mode 0600 in folders of mode 0700; a symbolic link is
    followed nowhere.
 4. A shared package is hostile until its fields fit their schema, its source has the hash that the
    fields name, and the root follows from both.

Bodies are not encrypted yet: who can read the folder can read the documents.  Encryption and
erasure come with the confidential documents of the ledger.
"""

import dataclasses
import hashlib
import os
import re
import secrets
import stat
from pathlib import Path
from typing import ClassVar, Final, TypeVar

import msgspec

from xinlian.client.document_index import DocumentIndex, Entry
from xinlian.client.files import PRIVATE_FOLDER_MODE, private_folder, write_private
from xinlian.client.invoice_index import InvoiceIndex
from xinlian.crypto.field_tree import RECORD_SALT_BYTES, FieldTreeError, document_root
from xinlian.modules.evidence.statements import (
    SCHEMAS,
    STATEMENT_VERSION,
    Statement,
    fields_of,
    schema_of,
)

SOURCE_BYTES_MAX: Final = 5 << 20
RECORD_BYTES_MAX: Final = 32 << 20
PACKAGE_BYTES_MAX: Final = RECORD_BYTES_MAX + SOURCE_BYTES_MAX
DOCUMENTS_MAX: Final = 100_000
RECORD_FORMAT: Final = "xinlian-document-1"
PACKAGE_FORMAT: Final = "xinlian-shared-document-1"
INVOICE_SCHEMA: Final = "invoice"
_RECORD_NAME: Final = re.compile(r"([0-9a-f]{64})\.json")
_SOURCE_HASH: Final = re.compile(r"[0-9a-f]{64}")

S = TypeVar("S", bound=Statement)


class DocumentError(Exception):
    """A document cannot be kept, found or trusted; nothing was changed."""

    name: ClassVar[str] = "error"

    @property
    def reference(self) -> str:
        """The stable public name, for example ``document_store/damaged``."""
        return f"document_store/{self.name}"


class DocumentUnknown(DocumentError):  # noqa: N818 - names the state of the document
    """No document with this root is in the store."""

    name: ClassVar[str] = "unknown"

    def __init__(self, root: bytes) -> None:
        super().__init__(f"no document {root.hex()[:12]}… here: import it, or ask a party to share")
        self.root = root


class DocumentDamaged(DocumentError):  # noqa: N818 - see DocumentUnknown
    """A file of the store is not what it was when it was written."""

    name: ClassVar[str] = "damaged"

    def __init__(self, path: Path, what: str) -> None:
        super().__init__(f"{path}: {what}. Restore it from a backup, or have it shared again")
        self.path = path


class DocumentUnfit(DocumentError):  # noqa: N818 - see DocumentUnknown
    """A statement or its source cannot be kept: too large, or they do not belong together."""

    name: ClassVar[str] = "unfit"


class PackageInvalid(DocumentError):  # noqa: N818 - see DocumentUnknown
    """A shared package is malformed, or its parts do not belong together."""

    name: ClassVar[str] = "package_invalid"


class FolderUnusable(DocumentError):  # noqa: N818 - see DocumentUnknown
    """The store's folder is a link, no folder, or holds too much."""

    name: ClassVar[str] = "folder_unusable"


@dataclasses.dataclass(frozen=True, slots=True)
class StoredDocument:
    """A document whose root was recomputed from its fields and salt."""

    root: bytes
    schema: str
    version: int
    statement: Statement

    @property
    def source_hash(self) -> str:
        """SHA-256 of the file that it was read from, hexadecimal."""
        return self.statement.source_hash


class _Record(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What ROOT.json holds."""

    format: str
    schema: str
    version: int
    salt: str
    fields: msgspec.Raw

    def __repr__(self) -> str:
        return f"_Record({self.schema})"


class _Package(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What ``share`` returns, as MessagePack."""

    format: str
    root: bytes
    schema: str
    version: int
    salt: bytes
    fields: msgspec.Raw
    source: bytes

    def __repr__(self) -> str:
        return f"_Package({self.schema})"


class DocumentStore:
    """The documents of one party, in one folder of its machine."""

    def __init__(self, folder: Path) -> None:
        self._records = _safe_folder(folder, "records")
        self._index = DocumentIndex(folder / "index")
        self._sources = _safe_folder(folder, "sources")
        self._seen: list[bytes] = []
        """Roots of the records, in the order in which this process learned of them."""
        self._is_seen: set[bytes] = set()
        self.invoices = InvoiceIndex(self._new_invoices, self._statement)
        """Which invoices can matter to a trade file; looking one up raises as ``all``."""

    def add(self, statement: Statement, source: bytes) -> StoredDocument:
        """Keep a statement and the file it was read from, under a new salt.

        Raises:
            DocumentUnfit: the source is too large or another, or the fields have no root.
            FolderUnusable: the store is full.
        """
        return self._keep(statement, source, secrets.token_bytes(RECORD_SALT_BYTES))

    def get(self, root: bytes) -> StoredDocument:
        """Return a document.

        Raises:
            DocumentUnknown: it is not here.
            DocumentDamaged: its record does not lead to its root.
        """
        return self._read(root)[0]

    def source(self, root: bytes) -> bytes:
        """Return the file that a document was read from, byte for byte; raises as ``get``."""
        document = self.get(root)
        path = self._source_path(document.source_hash)
        source = _read_file(path, SOURCE_BYTES_MAX)
        if source is None:
            raise DocumentDamaged(path, "the source file is missing")
        if hashlib.sha256(source).hexdigest() != document.source_hash:
            raise DocumentDamaged(path, "the source file was changed")
        return source

    def all(self, schema: str | None = None) -> tuple[StoredDocument, ...]:
        """Return the documents of a schema, or all, by root; only those are read.

        Raises:
            DocumentDamaged: a record does not lead to its root.
            FolderUnusable: there are more than 100 000.
        """
        if schema is None:
            return tuple(self.get(root) for root in self._roots())
        return tuple(self.get(root) for root, entry in self._entries() if entry.schema == schema)

    def from_source(self, source_hash: str) -> tuple[StoredDocument, ...]:
        """Return the documents that were read from a file, by root; raises as ``all``.

        Args:
            source_hash: SHA-256 of the file, hexadecimal.
        """
        return tuple(
            self.get(root) for root, entry in self._entries() if entry.source_hash == source_hash
        )

    def statements(self, kind: type[S]) -> tuple[tuple[bytes, S], ...]:
        """Return (root, statement) of the documents of a kind, by root; raises as ``all``."""
        schemas = {name for name, statement in SCHEMAS.items() if issubclass(statement, kind)}
        documents = (self.get(root) for root, entry in self._entries() if entry.schema in schemas)
        return tuple(
            (document.root, document.statement)
            for document in documents
            if isinstance(document.statement, kind)
        )

    def share(self, root: bytes) -> bytes:
        """Return a package with which another party can keep and open the whole document.

        It holds the salt: who has it can read and prove every field.  Raises as ``get``.
        """
        document, salt = self._read(root)
        package = _Package(
            format=PACKAGE_FORMAT,
            root=root,
            schema=document.schema,
            version=document.version,
            salt=salt,
            fields=msgspec.Raw(msgspec.msgpack.encode(document.statement)),
            source=self.source(root),
        )
        return msgspec.msgpack.encode(package)

    def import_shared(self, package: bytes) -> StoredDocument:
        """Keep a document that another party shared.

        Raises:
            PackageInvalid: it is malformed, or root, fields, salt and source do not fit together.
            FolderUnusable: the store is full.
        """
        opened, statement = _open_package(package)
        try:
            root = _root_of(statement, opened.salt)
            _check_source(statement, opened.source)
        except DocumentUnfit as unfit:
            raise PackageInvalid(str(unfit)) from None
        if root != opened.root:
            raise PackageInvalid("the fields do not lead to the root: ask for it again")
        return self._keep(statement, opened.source, opened.salt)

    def _keep(self, statement: Statement, source: bytes, salt: bytes) -> StoredDocument:
        _check_source(statement, source)
        root = _root_of(statement, salt)
        schema = schema_of(statement)
        record = msgspec.json.encode(
            _Record(
                format=RECORD_FORMAT,
                schema=schema,
                version=STATEMENT_VERSION,
                salt=salt.hex(),
                fields=msgspec.Raw(msgspec.json.encode(statement)),
            )
        )
        if len(record) > RECORD_BYTES_MAX:
            raise DocumentUnfit(f"its fields take more than {RECORD_BYTES_MAX} bytes: split it")
        if len(self._followed()) >= DOCUMENTS_MAX:
            raise FolderUnusable(f"a store keeps {DOCUMENTS_MAX} documents: use another folder")
        write_private(self._source_path(statement.source_hash), source)
        write_private(self._record_path(root), record)
        self._index.note(root, Entry(schema, statement.source_hash))
        return StoredDocument(root, schema, STATEMENT_VERSION, statement)

    def _read(self, root: bytes) -> tuple[StoredDocument, bytes]:
        """Return a document and its salt."""
        path = self._record_path(root)
        content = _read_file(path, RECORD_BYTES_MAX)
        if content is None:
            raise DocumentUnknown(root)
        record, statement, salt = _open_record(path, content)
        try:
            computed = _root_of(statement, salt)
        except DocumentUnfit:
            raise DocumentDamaged(path, "the record was changed") from None
        if computed != root:
            raise DocumentDamaged(path, "the record was changed")
        return StoredDocument(root, record.schema, record.version, statement), salt

    def _entries(self) -> list[tuple[bytes, Entry]]:
        """Return what is remembered of every record, by root."""
        return list(self._index.entries(self._roots(), self._entry_of).items())

    def _followed(self) -> list[bytes]:
        """Return the roots of all records, without listing them again where that is known."""
        news = self._index.follow()
        new = [
            root for root in (self._roots() if news is None else news) if root not in self._is_seen
        ]
        self._seen += new
        self._is_seen.update(new)
        return self._seen

    def _new_invoices(self, since: int) -> tuple[int, list[bytes]]:
        """Return how many records there are, and which are invoices of those beyond so many."""
        new = self._followed()[since:]
        entries = self._index.entries(new, self._entry_of)
        found = [root for root, entry in entries.items() if entry.schema == INVOICE_SCHEMA]
        return since + len(new), found

    def _statement(self, root: bytes) -> Statement | None:
        """Return what a record states; None where somebody took it away."""
        try:
            return self.get(root).statement
        except DocumentUnknown:
            return None

    def _entry_of(self, root: bytes) -> Entry:
        document = self.get(root)
        return Entry(document.schema, document.source_hash)

    def _roots(self) -> list[bytes]:
        """Return the roots of all records; drafts that a crash left are passed over."""
        with os.scandir(self._records) as entries:
            names = [match[1] for e in entries if (match := _RECORD_NAME.fullmatch(e.name))]
        if len(names) > DOCUMENTS_MAX:
            raise FolderUnusable(f"a store keeps {DOCUMENTS_MAX} documents: use another folder")
        return [bytes.fromhex(name) for name in sorted(names)]

    def _record_path(self, root: bytes) -> Path:
        return self._records / f"{root.hex()}.json"

    def _source_path(self, source_hash: str) -> Path:
        return self._sources / source_hash


def _root_of(statement: Statement, salt: bytes) -> bytes:
    try:
        return document_root(schema_of(statement), STATEMENT_VERSION, fields_of(statement), salt)
    except FieldTreeError as error:
        raise DocumentUnfit(f"its fields have no root: {error.reason}") from None


def _check_source(statement: Statement, source: bytes) -> None:
    if len(source) > SOURCE_BYTES_MAX:
        raise DocumentUnfit(f"the source file has more than {SOURCE_BYTES_MAX} bytes: split it")
    is_hash = _SOURCE_HASH.fullmatch(statement.source_hash)
    if not is_hash or hashlib.sha256(source).hexdigest() != statement.source_hash:
        raise DocumentUnfit("the statement was read from another file: read this one")


def _open_record(path: Path, content: bytes) -> tuple[_Record, Statement, bytes]:
    try:
        record = msgspec.json.decode(content, type=_Record)
        statement = msgspec.json.decode(record.fields, type=SCHEMAS[record.schema])
        salt = bytes.fromhex(record.salt)
    except (msgspec.MsgspecError, KeyError, ValueError, RecursionError):
        raise DocumentDamaged(path, "the record cannot be read") from None
    is_known = record.format == RECORD_FORMAT and record.version == STATEMENT_VERSION
    if not is_known or len(salt) != RECORD_SALT_BYTES:
        raise DocumentDamaged(path, "the record is of a format that is not read here")
    return record, statement, salt


def _open_package(package: bytes) -> tuple[_Package, Statement]:
    if len(package) > PACKAGE_BYTES_MAX:
        raise PackageInvalid(f"it has more than {PACKAGE_BYTES_MAX} bytes")
    try:
        opened = msgspec.msgpack.decode(package, type=_Package)
        statement = msgspec.msgpack.decode(opened.fields, type=SCHEMAS[opened.schema])
    except (msgspec.MsgspecError, KeyError, ValueError, RecursionError):
        raise PackageInvalid("it is no shared document of a known schema: ask again") from None
    if opened.format != PACKAGE_FORMAT or opened.version != STATEMENT_VERSION:
        raise PackageInvalid("it is of a format or version that is not read here: update")
    if len(opened.salt) != RECORD_SALT_BYTES:
        raise PackageInvalid("it has no salt of 32 bytes: ask again")
    return opened, statement


def _safe_folder(folder: Path, name: str) -> Path:
    """Return a subfolder that only its owner may enter; a link in its place is refused."""
    for path in (folder, folder / name):
        if path.is_symlink() or (path.exists() and not path.is_dir()):
            raise FolderUnusable(f"{path} is a link or no folder: name a folder of your own")
        private_folder(path).chmod(PRIVATE_FOLDER_MODE)
    return folder / name


def _read_file(path: Path, bytes_max: int) -> bytes | None:
    """Return a file's content, None if there is none; only a regular file is read."""
    flags = os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK
    try:
        handle = os.open(path, flags)
    except FileNotFoundError:
        return None
    except OSError as error:  # a link, or not ours to read
        raise DocumentDamaged(path, error.strerror or "it cannot be opened") from None
    with os.fdopen(handle, "rb") as stream:
        status = os.fstat(stream.fileno())
        if not stat.S_ISREG(status.st_mode) or status.st_size > bytes_max:
            raise DocumentDamaged(path, "it is no file of a size that is kept here")
        return stream.read(bytes_max)
