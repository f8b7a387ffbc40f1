"""``xinlian bank``: booked entries in, payment orders out."""

from pathlib import Path
from typing import Annotated

import typer

from xinlian.cli.documents import document_store, keep_once
from xinlian.cli.home import read_file, write_file
from xinlian.cli.options import HomeOption, JsonOption, SignOption
from xinlian.cli.output import CommandRefused, show, show_list
from xinlian.cli.session import opened
from xinlian.client.bank import NotBookable, book_entries, end_to_end_id_of
from xinlian.client.document_store import StoredDocument
from xinlian.client.errors import ApiError
from xinlian.client.session import Session
from xinlian.connectors import PaymentInstruction, write_payment_order
from xinlian.modules.documents.messages import RegisterDocument
from xinlian.modules.evidence.statements import BankEntryStatement
from xinlian.primitives.ids import MalformedId, parse_id
from xinlian.primitives.time import china_day

bank_app = typer.Typer(no_args_is_help=True)


@bank_app.command("book", help="录入 camt.053/054 / enter the booked entries of a report")
def book(
    file: Annotated[Path, typer.Argument(help="camt.053 / camt.054", dir_okay=False)],
    sign: SignOption,
    home: HomeOption,
    paper_sign: Annotated[
        list[str] | None,
        typer.Option(help="登记回单的角色,默认同上 / role that registers the report; repeatable"),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Keep the report, commit to it, and enter each entry once."""
    source = read_file(file)
    document = keep_once(document_store(home), source)
    statement = document.statement
    if not isinstance(statement, BankEntryStatement):
        raise CommandRefused("cli/not_a_bank_report", f"{file} is no camt.053 or camt.054")
    with opened(home) as session:
        bank = session.organisation.party
        try:
            entries = book_entries(bank, statement, document.root, open_orders(session))
        except NotBookable as error:
            raise CommandRefused("client/not_bookable", str(error)) from None
        _register_once(session, document, paper_sign or sign)
        submitted = session.submit(*entries, roles=sign)
    rows = [{"amount_minor": entry.amount_minor, "is_credit": entry.is_credit} for entry in entries]
    show_list(rows, as_json=as_json, note=f"height {submitted.outcome.height}")


@bank_app.command("order", help="导出付款指令 pain.001 / write a payment order for the bank")
def order(
    order_id: Annotated[str, typer.Argument(help="order_…")],
    output: Annotated[Path, typer.Option("--output", "-o", help="写到 / where to write it")],
    account: Annotated[str, typer.Option(help="付款账号 / own account number")],
    bank: Annotated[str, typer.Option(help="付款行名称 / name of the settlement bank")],
    creditor: Annotated[str, typer.Option(help="收款人 / name of the payee")],
    creditor_account: Annotated[str, typer.Option(help="收款账号 / account of the payee")],
    home: HomeOption,
    creditor_bank: Annotated[
        str | None,
        typer.Option(help="收款行,默认同付款行 / bank of the payee; by default the same"),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Write pain.001 for a payment order of which this party is the obligor."""
    try:
        order_bytes = parse_id("order", order_id)
    except MalformedId as error:
        raise CommandRefused("cli/not_an_order", str(error)) from None
    with opened(home) as session:
        found = [
            row
            for row in session.node.iterate("/v1/payment-orders", dict[str, object])
            if row["order_id"] == order_id
        ]
        now_ms = session.now_ms()
        debtor = session.organisation.name
    if not found:
        raise CommandRefused("cli/unknown_order", f"{order_id} is not among your payment orders")
    instruction = PaymentInstruction(
        message_id=end_to_end_id_of(order_bytes),
        created_at_ms=now_ms,
        requested_day=china_day(now_ms),
        debtor_name=debtor,
        debtor_account=account,
        debtor_bank_name=bank,
        creditor_name=creditor,
        creditor_account=creditor_account,
        creditor_bank_name=creditor_bank or bank,
        end_to_end_id=end_to_end_id_of(order_bytes),
        amount_minor=int(str(found[0]["amount_minor"])),
        currency="CNY",
        remittance_text=f"{found[0]['certificate_id']}",
    )
    write_file(output, write_payment_order(instruction))
    show({"written": str(output), "amount_minor": instruction.amount_minor}, as_json=as_json)


def _register_once(session: Session, document: StoredDocument, roles: list[str]) -> None:
    """Commit to a report unless the ledger has it."""
    try:
        session.node.get(f"/v1/documents/{document.root.hex()}")
    except ApiError as error:
        if not error.is_not_found:
            raise
        message = RegisterDocument(document.root, document.schema, document.version)
        session.submit(message, roles=roles)


def open_orders(session: Session) -> list[bytes]:
    """Return the ids of the open payment orders that a party may see."""
    return [
        parse_id("order", str(row["order_id"]))
        for row in session.node.iterate("/v1/payment-orders", dict[str, object])
        if row["status"] == "open"
    ]
