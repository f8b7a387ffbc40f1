"""``xinlian tx``: one command for every message type, made from the types themselves.

Rules this file keeps:
 1. A command exists for every registered message; its options are the message's fields.
 2. ``--dry-run`` signs and asks the node what would happen; nothing is ordered.
 3. The same intent is submitted with the same idempotency key until its outcome is known.
"""

import contextlib
import functools
import inspect
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Annotated, Any, Final

import msgspec
import typer

from xinlian.bootstrap import build_registry
from xinlian.cli.clock import ARRIVAL_SECONDS_MAX, clock_words
from xinlian.cli.clock_votes import standing_of, vote_words
from xinlian.cli.closed_values import closed_values
from xinlian.cli.documents import document_store
from xinlian.cli.hashes import completed
from xinlian.cli.home import write_private_file
from xinlian.cli.message_fields import (
    HEXADECIMAL,
    FieldRefused,
    field_types,
    notation_of,
    parse_field,
)
from xinlian.cli.message_words import (
    Words,
    field_words,
    message_words,
    module_words,
    notation_words,
)
from xinlian.cli.options import HomeOption, JsonOption, SignOption
from xinlian.cli.output import CommandRefused, show
from xinlian.cli.session import UNREACHABLE, opened
from xinlian.client.session import Session
from xinlian.contracts.errors import MessageMalformed
from xinlian.contracts.malformed import explain
from xinlian.contracts.message import Message, type_name
from xinlian.modules.schedule.messages import AdvanceClock
from xinlian.primitives import LedgerError, format_id

_DEFAULTS: Final = {"prepaid_minor": "0.00"}
"""What a field is when nobody says otherwise."""
_COMMON: Final = ("sign", "dry_run", "home", "as_json", "keep")
_CREATED_KINDS: Final = {
    "supply_chain.ProposeCertificate": ("cert",),
    "supply_chain.AcceptCertificate": ("leaf",),
    "supply_chain.OfferTransfer": ("offer",),
    "supply_chain.AcceptTransfer": ("leaf",),
    "supply_chain.OrderFreeze": ("freeze",),
    "supply_chain.OpenDispute": ("dispute",),
    "supply_chain.CallForOffers": ("call",),
    "consent.GrantConsent": ("consent",),
    "devices.RegisterDevice": ("device",),
    "credit.PublishRecord": ("record",),
    "credit.InquireRecords": ("inquiry",),
    "credit.FileObjection": ("objection",),
    "obligations.ProposeObligation": ("obligation",),
    "accounts.PendTransfer": ("pending",),
}
"""Messages that create an object whose id the sender wants to know."""
DryRunOption = Annotated[
    bool,
    typer.Option("--dry-run", help="只试算,不提交 / say what would happen, submit nothing"),
]


KeepOption = Annotated[
    Path | None,
    typer.Option(
        "--keep",
        help="先将已签字节存入文件 / write the signed bytes to a file before they are sent",
        dir_okay=False,
    ),
]


def transactions_app() -> typer.Typer:
    """Return the commands, grouped by module."""
    app = typer.Typer(no_args_is_help=True, help="发送消息 / send a message")
    groups: dict[str, typer.Typer] = {}
    for message_type in build_registry().messages.values():
        module = type_name(message_type).partition(".")[0].replace("_", "-")
        if module not in groups:
            groups[module] = typer.Typer(no_args_is_help=True)
            help_text = str(module_words(module.replace("-", "_")))
            app.add_typer(groups[module], name=module, help=help_text)
        groups[module].command(
            _command_name(message_type),
            help=_help_of(message_type),
            short_help=str(message_words(message_type)),
        )(_command(message_type))
    return app


def build_message(
    message_type: type[Message],
    texts: dict[str, str],
    chain_id: str,
    now_ms: int,
) -> Message:
    """Return a message of its fields' texts; raises CommandRefused."""
    try:
        values = {
            name: parse_field(name, annotation, texts[name], chain_id, now_ms)
            for name, annotation in field_types(message_type).items()
        }
        message = _decodable(message_type(**values))
        message.validate_basic()
    except FieldRefused as error:
        raise CommandRefused("cli/field_refused", str(error)) from None
    except LedgerError as error:
        raise CommandRefused(error.reference, str(error)) from None
    return message


def _decodable(message: Message) -> Message:
    """Return a message whose fields are within their bounds; raises MessageMalformed."""
    try:
        raw = msgspec.msgpack.encode(message)
    except OverflowError:
        raise MessageMalformed(_too_large(message)) from None
    try:
        return msgspec.msgpack.decode(raw, type=type(message))
    except msgspec.ValidationError:
        raise MessageMalformed(str(explain(type(message), raw))) from None


def _too_large(message: Message) -> str:
    """Say which number of a message no field can hold."""
    fields = (name for name in message.__struct_fields__ if _is_huge(getattr(message, name)))
    return f"{next(fields, 'a number')}: given a number beyond 64 bits / 数字超出 64 位"


def _is_huge(value: object) -> bool:
    return isinstance(value, int) and not -(1 << 63) <= value < 1 << 64


def created_kinds(message_type: type[Message]) -> tuple[str, ...]:
    """Return the kinds of the objects that a message creates and its sender wants to know."""
    name = type_name(message_type)
    if name.startswith("governance.Propose"):
        return ("proposal",)
    return _CREATED_KINDS.get(name, ())


def _submit(
    session: Session, message: Message, roles: list[str], keep: Path | None
) -> dict[str, object]:
    keep_bytes = None if keep is None else functools.partial(write_private_file, keep)
    submitted = session.submit(message, roles=roles, keep=keep_bytes)
    created = {
        kind: format_id(kind, submitted.created_id(kind)) for kind in created_kinds(type(message))
    }
    result: dict[str, object] = {
        "transaction": submitted.signed.transaction_id.hex(),
        "height": submitted.outcome.height,
        "time": submitted.outcome.time,
        **created,
    }
    if isinstance(message, AdvanceClock):
        transaction = submitted.signed.transaction_id.hex()
        standing = standing_of(session.node, transaction, submitted.outcome.height)
        if standing is not None:
            result |= vote_words(standing)
            if standing.is_open:
                return result
        now = session.node.wait_for_time(message.target_ms, ARRIVAL_SECONDS_MAX)
        before_ms = submitted.outcome.time_ms
        result |= clock_words(before_ms, now.time_ms, now.height, message.target_ms)
    return result


@contextlib.contextmanager
def _keeping(keep: Path | None, *, dry_run: bool) -> Iterator[None]:
    """Refuse a file that cannot be meant; of a node out of reach, say whether it was written."""
    if keep is None:
        yield
        return
    if dry_run:
        raise CommandRefused(
            "cli/options_conflict",
            "--dry-run sends nothing, so --keep has nothing to keep",
            "leave one of them out",
        )
    if keep.exists():
        raise CommandRefused(
            "cli/file_exists", f"{keep} exists", "name a new file: nothing is written over"
        )
    try:
        yield
    except CommandRefused as refused:
        if refused.reference != UNREACHABLE:
            raise
        fate = f"the signed bytes are in {keep}" if keep.exists() else "nothing was signed or kept"
        text = f"{refused.text}; {fate}"
        raise CommandRefused(UNREACHABLE, text, refused.next_step) from None


def _dry_run(session: Session, message: Message, roles: list[str]) -> dict[str, object]:
    answer = session.dry_run(message, roles=roles)
    if not answer.succeeded:
        raise CommandRefused(answer.error, f"{answer.title} (dry run)")
    return {"dry_run": True, "would_apply": True, "events": len(answer.events)}


def _completed(session: Session, home: Path, text: str) -> str:
    """Return a field's text, a hash's first digits completed from the documents in sight."""

    def roots() -> Iterator[str]:
        yield from (document.root.hex() for document in document_store(home).all())
        for path in ("/v1/documents", "/v1/invoices"):
            for row in session.node.iterate(path, dict[str, object]):
                yield str(row["root"])

    return completed(text, roots, "xinlian query documents")


def _command_name(message_type: type[Message]) -> str:
    words = "".join(f"-{c.lower()}" if c.isupper() else c for c in message_type.__name__)
    return words.lstrip("-")


def _help_of(message_type: type[Message]) -> str:
    return (
        f"{message_words(message_type)}\n\n签名 signs: {message_type.signs}\n\n"
        f"可见 observes: {message_type.observes}\n\n补救 remedy: {message_type.remedy}"
    )


def _field_help(message_type: type[Message], name: str, annotation: object) -> str:
    """Return what a field is and how it is written, Chinese first."""
    what = field_words(message_type, name)
    how = notation_words(notation_of(name, annotation))
    values = ", ".join(closed_values(message_type, name))
    if values:
        how = Words(f"{how.en}, one of {values}", f"{how.zh},取值 {values}")
    chinese = f"{what.zh}({how.zh})" if what.zh and how.zh else what.zh
    return str(Words(f"{what.en}: {how.en}" if what.en else how.en, chinese))


def _command(message_type: type[Message]) -> Callable[..., None]:
    """Return a function whose signature has one option a field."""

    def send(**options: Any) -> None:  # noqa: ANN401 - typer fills it by the signature below
        sign, dry_run, home, as_json, keep = (options.pop(name) for name in _COMMON)
        with _keeping(keep, dry_run=dry_run), opened(home) as session:
            chain_id, now_ms = session.organisation.chain_id, session.now_ms()
            types = field_types(message_type)
            texts = {
                name: _completed(session, home, text)
                if notation_of(name, types[name]) == HEXADECIMAL
                else text
                for name, text in options.items()
            }
            message = build_message(message_type, texts, chain_id, now_ms)
            if dry_run:
                show(_dry_run(session, message, sign), as_json=as_json)
            else:
                show(_submit(session, message, sign, keep), as_json=as_json)

    options = [
        inspect.Parameter(
            name,
            inspect.Parameter.KEYWORD_ONLY,
            annotation=Annotated[
                str,
                typer.Option(
                    f"--{name.replace('_', '-')}", help=_field_help(message_type, name, annotation)
                ),
            ],
            default=_DEFAULTS.get(name, inspect.Parameter.empty),
        )
        for name, annotation in field_types(message_type).items()
    ]
    common = [
        inspect.Parameter("sign", inspect.Parameter.KEYWORD_ONLY, annotation=SignOption),
        inspect.Parameter(
            "dry_run",
            inspect.Parameter.KEYWORD_ONLY,
            annotation=DryRunOption,
            default=False,
        ),
        inspect.Parameter(
            "home",
            inspect.Parameter.KEYWORD_ONLY,
            annotation=HomeOption,
            default=Path(),
        ),
        inspect.Parameter(
            "keep",
            inspect.Parameter.KEYWORD_ONLY,
            annotation=KeepOption,
            default=None,
        ),
        inspect.Parameter(
            "as_json",
            inspect.Parameter.KEYWORD_ONLY,
            annotation=JsonOption,
            default=False,
        ),
    ]
    parameters = [*options, *common]
    send.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]  # read by typer
    send.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
    return send
