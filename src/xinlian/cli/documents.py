"""``xinlian document``: read files, keep them, commit to them, check the three flows.

Rules this file keeps:
 1. Importing means reading, validating and keeping; it never makes anything financeable.
 2. A body and its salt leave this machine only by ``share``, as a file the user hands over.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Final

import typer

from xinlian.apps.supply_chain.checks import CheckReport
from xinlian.cli.hashes import completed
from xinlian.cli.home import read_file, write_private_file
from xinlian.cli.options import HomeOption, JsonOption, SignOption
from xinlian.cli.output import CommandRefused, show, show_list
from xinlian.cli.session import opened
from xinlian.client.document_store import DocumentStore, StoredDocument
from xinlian.client.trade import Trade, verdict_of
from xinlian.connectors import read_document
from xinlian.modules.documents.messages import CountersignDocument, RegisterDocument
from xinlian.modules.evidence.messages import RecordFact
from xinlian.modules.evidence.statements import fields_of, schema_of

documents_app = typer.Typer(no_args_is_help=True)
RootArgument = Annotated[str, typer.Argument(help="文档根,十六进制 / document root, hexadecimal")]
FileArgument = Annotated[Path, typer.Argument(help="文件 / file", dir_okay=False)]
_ROOT_BYTES: Final = 32


@documents_app.command("read", help="读取并显示,不保存 / read a file and show what it states")
def read(file: FileArgument, as_json: JsonOption = True) -> None:
    """Print a file's statement, always as JSON."""
    del as_json
    statement = read_document(read_file(file))
    show({"schema": schema_of(statement), **fields_of(statement)}, as_json=True)


@documents_app.command("import", help="读取并保存到本机 / read a file and keep it on this machine")
def import_file(file: FileArgument, home: HomeOption, as_json: JsonOption = False) -> None:
    """Keep a file in the document store and print its root."""
    source = read_file(file)
    document = keep_once(document_store(home), source)
    show({"root": document.root.hex(), "schema": document.schema}, as_json=as_json)


@documents_app.command("list", help="列出本机单据 / list the documents on this machine")
def list_documents(home: HomeOption, as_json: JsonOption = False) -> None:
    """Print roots, kinds and numbers."""
    rows = [
        {
            "root": document.root.hex(),
            "schema": document.schema,
            "number": getattr(document.statement, "number", ""),
            "format": document.statement.source_format,
        }
        for document in document_store(home).all()
    ]
    show_list(rows, as_json=as_json)


@documents_app.command("register", help="在账本登记文档根 / commit to a document on the ledger")
def register(
    root: RootArgument,
    sign: SignOption,
    home: HomeOption,
    as_json: JsonOption = False,
) -> None:
    """Register the root of a document that this machine holds."""
    document = document_store(home).get(root_of(root, home))
    message = RegisterDocument(document.root, document.schema, document.version)
    with opened(home) as session:
        submitted = session.submit(message, roles=sign)
    show({"registered": root, "height": submitted.outcome.height}, as_json=as_json)


@documents_app.command("countersign", help="会签对方登记的单据 / countersign another's document")
def countersign(
    root: RootArgument,
    sign: SignOption,
    home: HomeOption,
    as_json: JsonOption = False,
) -> None:
    """Countersign a document of which this machine holds its own copy."""
    document = document_store(home).get(root_of(root, home))
    with opened(home) as session:
        submitted = session.submit(CountersignDocument(document.root), roles=sign)
    show({"countersigned": root, "height": submitted.outcome.height}, as_json=as_json)


@documents_app.command("fact", help="作为某发票的证据 / offer a document as evidence of an invoice")
def fact(
    root: RootArgument,
    subject: Annotated[str, typer.Option(help="发票的文档根 / root of the invoice")],
    sign: SignOption,
    home: HomeOption,
    as_json: JsonOption = False,
) -> None:
    """Record a fact; its grade follows from who signed the document."""
    document = document_store(home).get(root_of(root, home))
    message = RecordFact(root_of(subject, home), document.root, document.schema)
    with opened(home) as session:
        submitted = session.submit(message, roles=sign)
    show({"recorded": root, "height": submitted.outcome.height}, as_json=as_json)


@documents_app.command("share", help="导出给对方 / write a document and its salt for another party")
def share(
    root: RootArgument,
    output: Annotated[Path, typer.Option("--output", "-o", help="写到 / where to write it")],
    home: HomeOption,
    as_json: JsonOption = False,
) -> None:
    """Write a package; whoever has it can read and prove the whole document."""
    write_private_file(output, document_store(home).share(root_of(root, home)))
    show({"written": str(output)}, as_json=as_json)


@documents_app.command("receive", help="导入对方的文件 / keep a document that another party shared")
def receive(file: FileArgument, home: HomeOption, as_json: JsonOption = False) -> None:
    """Keep a shared document after its root was recomputed."""
    document = document_store(home).import_shared(read_file(file))
    show({"root": document.root.hex(), "schema": document.schema}, as_json=as_json)


@documents_app.command("check", help="三流核验 / check the three flows of an invoice")
def check(
    invoice: RootArgument,
    home: HomeOption,
    sign: Annotated[
        list[str] | None,
        typer.Option("--sign", help="以此角色提交结论 / submit the verdict, signed by this role"),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Run the checks over the documents held here; with --sign submit the verdict."""
    root = root_of(invoice, home)
    with opened(home) as session:
        report = Trade(session, document_store(home)).check(root)
        if sign:
            session.submit(verdict_of(report, root, session.now_ms()), roles=sign)
    _show_report(report, was_submitted=bool(sign), as_json=as_json)


def document_store(home: Path) -> DocumentStore:
    """Return the documents of a home folder."""
    return DocumentStore(home / "documents")


def keep_once(store: DocumentStore, source: bytes) -> StoredDocument:
    """Keep a file; the same file again is the document that is there already."""
    statement = read_document(source)
    for document in store.from_source(statement.source_hash):
        if document.schema == schema_of(statement):
            return document
    return store.add(statement, source)


def root_of(text: str, home: Path) -> bytes:
    """Return a document root by its digits, or the first of a kept one's; raises CommandRefused."""

    def roots() -> Iterator[str]:
        return (document.root.hex() for document in document_store(home).all())

    try:
        root = bytes.fromhex(completed(text, roots, "xinlian document list"))
    except ValueError:
        root = b""
    if len(root) != _ROOT_BYTES:
        raise CommandRefused(
            "cli/not_a_root",
            f"{text[:80]!r} is not 64 hexadecimal digits",
            "`xinlian document list` shows the roots on this machine",
        )
    return root


def _show_report(report: CheckReport, *, was_submitted: bool, as_json: bool) -> None:
    findings = [
        {
            "code": failure.code,
            "severity": failure.severity.name.lower(),
            "flow": failure.flow.value,
            "what": f"{failure.what_zh} / {failure.what_en}",
            "found": failure.found,
            "cure": f"{failure.cure_zh} / {failure.cure_en}",
        }
        for failure in report.failures
    ]
    outcome = report.outcome.name.lower()
    if as_json:
        show(
            {"outcome": outcome, "submitted": was_submitted, "findings": findings},
            as_json=True,
        )
        return
    show({"outcome": outcome, "submitted": was_submitted}, as_json=False)
    if findings:
        show_list(findings, as_json=False)
